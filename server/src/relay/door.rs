//! The way in: TLS, a request, the proof of a key. Each newcomer has little time and little room.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use iroh_relay::KeyCache;
use iroh_relay::http::{CLIENT_AUTH_HEADER, ProtocolVersion, RELAY_PATH, RELAY_PROBE_PATH};
use iroh_relay::protos::handshake;
use iroh_relay::server::client::Config;
use iroh_relay::server::clients::Clients;
use iroh_relay::server::streams::RelayedStream;
use iroh_relay::server::{ClientRequest, DynAccessControl, Metrics};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_websockets::{Limits, ServerBuilder};
use whoelse_hub::Origin;

use super::guests::Entrance;
use super::packets::{MAX_MESSAGE_BYTES, Packets, Replayed};
use super::{ENTER_WITHIN, GuestList};
use crate::net::{Full, Leaves, Places};

/// Connections on their way in at a time. A whole team comes back within a second after the server was restarted.
pub(super) const MAX_ENTERING: usize = 256;

/// Bytes of a request up to its empty line: iroh's has some 600.
const MAX_REQUEST_BYTES: usize = 4 * 1024;

/// Keys whose form was checked and is not checked again.
const KEPT_KEYS: usize = 4_096;

/// The answer to who measures how far away the relay is.
const PONG: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Why somebody is turned away.
#[derive(Debug, thiserror::Error)]
pub(super) enum Turned {
    /// The line.
    #[error(transparent)]
    Line(#[from] std::io::Error),
    /// It took too long.
    #[error("took too long")]
    Slow,
    /// It was the oldest of the origin with the most.
    #[error("made room for somebody else")]
    MadeRoom,
    /// The request is no request, or longer than any that means something.
    #[error("no request to a relay")]
    Request,
    /// The WebSocket.
    #[error("no websocket: {0}")]
    WebSocket(#[from] tokio_websockets::Error),
    /// The proof, or the guest list.
    #[error("{0}")]
    Key(#[from] handshake::Error),
    /// The ration cannot be handed out.
    #[error("a ration of nothing")]
    Ration,
}

/// The door of the relay.
pub(super) struct Door {
    tls: TlsAcceptor,
    clients: Clients,
    guests: Arc<GuestList>,
    keys: KeyCache,
    metrics: Arc<Metrics>,
    entering: Arc<Mutex<Entering>>,
}

/// Who is on the way in. When the places run out, the oldest of the origin with the most makes room.
struct Entering {
    places: Places<CancellationToken>,
    last: u64,
}

/// A place at the door, free again when it is dropped.
pub(super) struct Place {
    entering: Arc<Mutex<Entering>>,
    id: u64,
    origin: Origin,
    given_up: CancellationToken,
}

impl Place {
    /// Done once the place is another's.
    pub(super) async fn given_up(&self) {
        self.given_up.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.entering).places.leave(self.id);
    }
}

/// A thread that panics may leave a place taken and nothing worse.
fn lock(entering: &Mutex<Entering>) -> MutexGuard<'_, Entering> {
    entering.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// A door that leads to these clients.
    pub(super) fn new(tls: Arc<ServerConfig>, clients: Clients, guests: Arc<GuestList>) -> Self {
        Self {
            tls: tls.into(),
            clients,
            guests,
            keys: KeyCache::new(KEPT_KEYS),
            metrics: Arc::new(Metrics::default()),
            entering: Arc::new(Mutex::new(Entering {
                places: Places::new(MAX_ENTERING, MAX_ENTERING, Leaves::Oldest),
                last: 0,
            })),
        }
    }

    /// A place for a newcomer; whoever has to make room is turned away.
    ///
    /// # Errors
    /// [`Full`]: all places are taken, and nobody has more of them than the origin of the newcomer.
    pub(super) fn place(&self, from: IpAddr) -> Result<Place, Full> {
        let mut entering = lock(&self.entering);
        entering.last += 1;
        let (id, origin, given_up) = (entering.last, Origin::of(from), CancellationToken::new());
        if let Some(leaver) = entering.places.take(id, origin, given_up.clone())? {
            leaver.cancel();
        }
        Ok(Place { entering: Arc::clone(&self.entering), id, origin, given_up })
    }

    /// Lets somebody in, or not; those who are in are served until they go.
    pub(super) async fn enter(&self, socket: TcpStream, place: Place) -> Result<(), Turned> {
        tokio::select! {
            entered = timeout(ENTER_WITHIN, self.let_in(socket, place.origin)) => entered.map_err(|_elapsed| Turned::Slow)?,
            () = place.given_up() => Err(Turned::MadeRoom),
        }
    }

    /// Waits until the newcomer says something: one that is silent costs no TLS session.
    async fn let_in(&self, socket: TcpStream, origin: Origin) -> Result<(), Turned> {
        socket.peek(&mut [0; 1]).await?;
        Box::pin(self.welcome(socket, origin)).await
    }

    async fn welcome(&self, socket: TcpStream, origin: Origin) -> Result<(), Turned> {
        socket.set_nodelay(true)?;
        let mut stream = self.tls.accept(socket).await?;
        let request = read_request(&mut stream).await?;
        if is_for(&request, RELAY_PROBE_PATH) {
            stream.write_all(PONG).await?;
            return Ok(stream.shutdown().await?);
        }
        if !is_for(&request, RELAY_PATH) {
            return Err(Turned::Request);
        }
        let version = ProtocolVersion::V2;
        let protocol = "sec-websocket-protocol".parse().map_err(|_| Turned::Request)?;
        let (request, line) = ServerBuilder::new()
            .add_header(protocol, version.to_header_value())?
            .limits(Limits::default().max_payload_len(Some(MAX_MESSAGE_BYTES)))
            .accept(Replayed::new(request.freeze(), stream))
            .await?;
        let mut packets = Packets::new(line).ok_or(Turned::Ration)?;
        let proof = request.headers().get(CLIENT_AUTH_HEADER).cloned();
        let proved = handshake::serverside(&mut packets, proof).await?;
        let client = ClientRequest::new(proved.client_key, version, request.into_parts().0);
        let entrance = Arc::new(Entrance::new(Arc::clone(&self.guests), origin));
        let access: Arc<dyn DynAccessControl> = Arc::<Entrance>::clone(&entrance);
        let guard = proved.authorize_with(&client, &access, &mut packets).await?;
        let config = Config::new(guard, RelayedStream::new(packets, self.keys.clone()), version);
        self.clients.register(config, Arc::clone(&self.metrics));
        entrance.look_again();
        Ok(())
    }
}

/// Reads a request up to its empty line.
async fn read_request(stream: &mut TlsStream<TcpStream>) -> Result<BytesMut, Turned> {
    let mut request = BytesMut::with_capacity(MAX_REQUEST_BYTES);
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if request.len() >= MAX_REQUEST_BYTES || stream.read_buf(&mut request).await? == 0 {
            return Err(Turned::Request);
        }
    }
    Ok(request)
}

/// Whether a request asks for this path.
fn is_for(request: &[u8], path: &str) -> bool {
    let rest = request.strip_prefix(b"GET ").and_then(|rest| rest.strip_prefix(path.as_bytes()));
    rest.is_some_and(|rest| rest.starts_with(b" "))
}
