//! A connection's bad way: passes bytes on, slowly, in crumbs, spoilt, or not at all.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use crate::error::{Doing, Result};

/// Bytes that are passed on at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// How long a slow way holds each chunk.
const DELAY: Duration = Duration::from_millis(30);

/// What a trickling way passes on at once, a millisecond apart.
const CRUMB_BYTES: usize = 97;

/// What happens to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    /// Passed on.
    Fair,
    /// Passed on later.
    Slow,
    /// Passed on in crumbs.
    Trickle,
    /// One bit of the next chunk is another; then fair.
    Flipped,
    /// The next chunk ends the direction in which it goes; then fair.
    HalfClosed,
    /// Open connections are reset; then fair.
    Reset,
    /// Open connections are closed; then fair.
    Cut,
}

struct State {
    weather: Weather,
    open: Vec<TcpStream>,
}

/// The way of one user to the server.
pub(super) struct Proxy {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens on a free port, for as long as the program runs.
    pub(super) fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing("listening for a client")?;
        let port = listener.local_addr().doing("asking for a port")?.port();
        let state = Arc::new(Mutex::new(State { weather: Weather::Fair, open: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Without a server the client's connection closes as it is dropped.
                let _refused = join(client, SocketAddr::from((Ipv4Addr::LOCALHOST, server)), &shared);
            }
        });
        Ok(Self { port, state })
    }

    /// What happens from here on.
    pub(super) fn turn(&self, weather: Weather) {
        let mut state = lock(&self.state);
        match weather {
            Weather::Reset | Weather::Cut => {
                for stream in state.open.drain(..) {
                    if weather == Weather::Reset {
                        let _best_effort = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                    }
                    let _closed_already = stream.shutdown(Shutdown::Both);
                }
                state.weather = Weather::Fair;
            }
            Weather::Fair | Weather::Slow | Weather::Trickle | Weather::Flipped | Weather::HalfClosed => {
                state.weather = weather;
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join(client: TcpStream, server: SocketAddr, state: &Arc<Mutex<State>>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
        lock(state).open.push(stream.try_clone()?);
    }
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        let state = Arc::clone(state);
        thread::spawn(move || {
            // An end of either side ends both: nothing more can pass.
            let _ended = pass(&from, &to, &state);
            let _closed = to.shutdown(Shutdown::Write);
            let _closed = from.shutdown(Shutdown::Read);
            lock(&state).open.retain(|stream| stream.peer_addr().is_ok());
        });
    }
    Ok(())
}

fn pass(mut from: &TcpStream, mut to: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let count = from.read(&mut chunk)?;
        let Some(bytes) = chunk.get_mut(..count).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        let weather = {
            let mut state = lock(state);
            let weather = state.weather;
            if matches!(weather, Weather::Flipped | Weather::HalfClosed) {
                state.weather = Weather::Fair;
            }
            weather
        };
        match weather {
            Weather::Fair | Weather::Reset | Weather::Cut => to.write_all(bytes)?,
            Weather::Slow => {
                thread::sleep(DELAY);
                to.write_all(bytes)?;
            }
            Weather::Trickle => {
                for crumb in bytes.chunks(CRUMB_BYTES) {
                    to.write_all(crumb)?;
                    thread::sleep(Duration::from_millis(1));
                }
            }
            Weather::Flipped => {
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
                to.write_all(bytes)?;
            }
            Weather::HalfClosed => return Ok(()),
        }
    }
}
