//! One thread that writes straight to the other socket.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;

use crate::error::{Doing, Result};
use crate::protocol::raw::{EVERYONE, HEADER, LOGIN, split_frame, write_frame};

/// Bytes read at once, and above which an emptied buffer is given back.
const CHUNK: usize = 64 * 1024;

thread_local! { static RECEIVED: RefCell<Vec<u8>> = RefCell::new(vec![0; CHUNK]); }

type Peers = Rc<RefCell<BTreeMap<u32, Rc<Peer>>>>;

/// A connection.
struct Peer {
    stream: TcpStream,
    id: Cell<u32>,
    unwritten: RefCell<Vec<u8>>,
    /// It was written to and not flushed since.
    is_dirty: Cell<bool>,
    is_flushing: Cell<bool>,
}

impl Peer {
    /// Writes what can be written; tells whether that is all.
    fn flush_now(&self) -> bool {
        let mut unwritten = self.unwritten.borrow_mut();
        while !unwritten.is_empty() {
            match self.stream.try_write(&unwritten) {
                Ok(count) if count > 0 => drop(unwritten.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Ok(_) | Err(_) => unwritten.clear(),
            }
        }
        if unwritten.capacity() > CHUNK {
            *unwritten = Vec::new();
        }
        true
    }

    fn flush(self: &Rc<Self>) {
        self.is_dirty.set(false);
        if self.is_flushing.get() || self.flush_now() {
            return;
        }
        self.is_flushing.set(true);
        let peer = Rc::clone(self);
        spawn_local(async move {
            while peer.stream.writable().await.is_ok() {
                if peer.flush_now() {
                    break;
                }
            }
            peer.is_flushing.set(false);
        });
    }

    fn put(self: &Rc<Self>, from: u32, payload: &[u8], dirty: &mut Vec<Rc<Self>>) {
        write_frame(from, payload, &mut self.unwritten.borrow_mut());
        if !self.is_dirty.replace(true) {
            dirty.push(Rc::clone(self));
        }
    }

    async fn serve(self: Rc<Self>, peers: Peers) {
        let (mut rest, mut dirty) = (Vec::new(), Vec::new());
        while self.stream.readable().await.is_ok() {
            let is_open = RECEIVED.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
                Ok(0) => false,
                Ok(count) => {
                    self.received(buffer.get(..count).unwrap_or_default(), &mut rest, &peers, &mut dirty);
                    true
                }
                Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            });
            dirty.drain(..).for_each(|peer| peer.flush());
            if !is_open {
                break;
            }
        }
        peers.borrow_mut().remove(&self.id.get());
    }

    fn received(self: &Rc<Self>, data: &[u8], rest: &mut Vec<u8>, peers: &Peers, dirty: &mut Vec<Rc<Self>>) {
        let whole: Vec<u8>;
        let mut data = if rest.is_empty() {
            data
        } else {
            rest.extend_from_slice(data);
            whole = std::mem::take(rest);
            &whole
        };
        while data.len() >= HEADER {
            let Some((to, payload, behind)) = split_frame(data) else { break };
            self.pass_on(to, payload, peers, dirty);
            data = behind;
        }
        rest.extend_from_slice(data);
    }

    fn pass_on(self: &Rc<Self>, to: u32, payload: &[u8], peers: &Peers, dirty: &mut Vec<Rc<Self>>) {
        match to {
            LOGIN => {
                self.id.set(payload.first_chunk().map_or(0, |id| u32::from_be_bytes(*id)));
                peers.borrow_mut().insert(self.id.get(), Rc::clone(self));
                self.put(LOGIN, payload, dirty);
            }
            EVERYONE => {
                for peer in peers.borrow().values().filter(|peer| peer.id != self.id) {
                    peer.put(self.id.get(), payload, dirty);
                }
            }
            _ => {
                if let Some(peer) = peers.borrow().get(&to) {
                    peer.put(self.id.get(), payload, dirty);
                }
            }
        }
    }
}

pub(super) async fn serve(port: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.doing("listening")?;
    let peers = Peers::default();
    loop {
        let (stream, _) = listener.accept().await.doing("accepting")?;
        stream.set_nodelay(true).doing("setting up a socket")?;
        let peer = Peer {
            stream,
            id: Cell::default(),
            unwritten: RefCell::default(),
            is_dirty: Cell::default(),
            is_flushing: Cell::default(),
        };
        spawn_local(Rc::new(peer).serve(Rc::clone(&peers)));
    }
}
