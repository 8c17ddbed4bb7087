//! The network of devices over iroh: QUIC, dialled by public key, without discovery and without any foreign server.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{Connection, Incoming, QuicTransportConfig, VarInt, presets};
use iroh::{Endpoint, EndpointAddr, PublicKey, RelayMode, SecretKey, TransportAddr, Watcher as _};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;
use whoelse_model::Route;
use whoelse_proto::peer::{FETCH_ALPN, SESSION_ALPN};
use whoelse_proto::{Addresses, DeviceKey, PeerAddress};

use super::{Admission, GuestList, PeerError, PeerLink, PeerNet, Receiver, Sender, Use};
use crate::error::{Error, Result};

/// After this time without a sign of life a link is gone, so that a dead peer is noticed within ten seconds. iroh's own is
/// three times as long.
pub(super) const IDLE: Duration = Duration::from_secs(9);

/// A sign of life is given this often: three may be lost.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(3);

/// Streams that the other end may have open at a time: one for words, eight for pieces, with room.
pub(super) const MAX_STREAMS: u32 = 32;

/// Bytes that may be under way on one stream: a piece, and what is behind it.
const STREAM_WINDOW: u32 = 2 << 20;

/// Bytes that may be under way on a link: what a peer that stops reading may cost.
const LINK_WINDOW: u32 = 8 << 20;

/// Links that may be under way in at a time. Further ones are turned away.
const MAX_COMING_IN: usize = 64;

/// For a handshake that somebody else began.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// For leaving the network.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// A device that listens.
#[derive(Clone, Debug)]
pub(crate) struct QuicNet {
    endpoint: Endpoint,
    guests: GuestList<QuicLink>,
    /// The addresses told last.
    told: Arc<Mutex<Option<Addresses>>>,
}

/// A link to another device.
#[derive(Clone, Debug)]
pub(crate) struct QuicLink(Connection);

impl QuicNet {
    /// Opens this device's sockets.
    ///
    /// # Errors
    /// [`Error::Devices`].
    pub(crate) async fn open(secret: &[u8; 32]) -> Result<Self> {
        let failed = |e: String| Error::Devices(e);
        let transport = QuicTransportConfig::builder()
            .max_idle_timeout(Some(IDLE.try_into().map_err(|_| failed("an idle timeout".to_owned()))?))
            .keep_alive_interval(KEEP_ALIVE)
            .default_path_max_idle_timeout(IDLE)
            .default_path_keep_alive_interval(KEEP_ALIVE)
            .max_concurrent_bidi_streams(MAX_STREAMS.into())
            .max_concurrent_uni_streams(0_u32.into())
            .stream_receive_window(STREAM_WINDOW.into())
            .receive_window(LINK_WINDOW.into())
            .send_window(LINK_WINDOW.into())
            .build();
        let builder = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(secret))
            .alpns(vec![SESSION_ALPN.to_vec(), FETCH_ALPN.to_vec()])
            .relay_mode(RelayMode::Disabled)
            .transport_config(transport);
        let endpoint = builder.bind().await.map_err(|e| failed(e.to_string()))?;
        let net = Self { endpoint, guests: GuestList::default(), told: Arc::default() };
        tokio::spawn(let_in(net.endpoint.clone(), net.guests.clone()));
        Ok(net)
    }
}

/// Lets in whoever is on the guest list, until the endpoint is closed.
async fn let_in(endpoint: Endpoint, guests: GuestList<QuicLink>) {
    let places = Arc::new(Semaphore::new(MAX_COMING_IN));
    while let Some(incoming) = endpoint.accept().await {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        let guests = guests.clone();
        tokio::spawn(async move {
            if let Ok(Err(error)) = timeout(HANDSHAKE, greet(incoming, &guests)).await {
                tracing::debug!(%error, "turned away");
            }
            drop(place);
        });
    }
}

/// Closes a link from a key that nobody introduced.
const NOT_INTRODUCED: u32 = 1;

async fn greet(incoming: Incoming, guests: &GuestList<QuicLink>) -> Result<(), PeerError> {
    let connection = incoming.await.map_err(|e| PeerError::Broken(e.to_string()))?;
    let key = DeviceKey::from_bytes(*connection.remote_id().as_bytes());
    let purpose = if connection.alpn() == FETCH_ALPN { Use::Fetch } else { Use::Session };
    let link = QuicLink(connection);
    if !guests.expects(key, purpose) || !guests.arrived(key, purpose, &link) {
        link.0.close(NOT_INTRODUCED.into(), b"not introduced");
    }
    Ok(())
}

impl PeerNet for QuicNet {
    type Link = QuicLink;

    fn key(&self) -> DeviceKey {
        DeviceKey::from_bytes(*self.endpoint.id().as_bytes())
    }

    fn addresses(&self) -> Addresses {
        let known = self.endpoint.addr();
        let bound = self.endpoint.bound_sockets();
        // Where there is no other network, there is still this computer.
        let here = bound.iter().map(|at| SocketAddr::new(loopback(at.ip()), at.port()));
        let direct: Vec<SocketAddr> = known.ip_addrs().copied().collect();
        let all = if direct.is_empty() { here.collect() } else { direct };
        Addresses::new(all.into_iter().map(PeerAddress::Direct))
    }

    fn moved(&self) -> impl Future<Output = ()> + Send {
        let mut watcher = self.endpoint.watch_addr();
        async move {
            let mut told = self.told.lock().await;
            loop {
                let addresses = self.addresses();
                if told.as_ref() != Some(&addresses) {
                    *told = Some(addresses);
                    return;
                }
                if watcher.updated().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    async fn dial(&self, key: DeviceKey, addresses: &Addresses, purpose: Use) -> Result<QuicLink, PeerError> {
        let unreachable = |e: String| PeerError::Unreachable(e);
        let id = PublicKey::from_bytes(key.as_bytes()).map_err(|e| unreachable(e.to_string()))?;
        let direct = addresses.iter().filter_map(|address| match address {
            PeerAddress::Direct(at) => Some(TransportAddr::Ip(*at)),
            PeerAddress::Relay {} => None,
        });
        let alpn = match purpose {
            Use::Session => SESSION_ALPN,
            Use::Fetch => FETCH_ALPN,
        };
        let to = EndpointAddr::from_parts(id, direct);
        self.endpoint.connect(to, alpn).await.map(QuicLink).map_err(|e| unreachable(e.to_string()))
    }

    fn admit(&self, key: DeviceKey, purpose: Use) -> Admission<QuicLink> {
        self.guests.admit(key, purpose)
    }

    async fn close(&self) {
        if timeout(CLOSE_WITHIN, self.endpoint.close()).await.is_err() {
            tracing::debug!("left the network of devices without a word");
        }
    }
}

/// The loopback address of the same family.
fn loopback(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    }
}

impl PeerLink for QuicLink {
    async fn open(&self) -> Result<(Sender, Receiver), PeerError> {
        let (sender, receiver) = self.0.open_bi().await.map_err(|e| PeerError::Broken(e.to_string()))?;
        Ok((Box::new(sender), Box::new(receiver)))
    }

    async fn accept(&self) -> Result<(Sender, Receiver), PeerError> {
        let (sender, receiver) = self.0.accept_bi().await.map_err(|e| PeerError::Broken(e.to_string()))?;
        Ok((Box::new(sender), Box::new(receiver)))
    }

    fn route(&self) -> Route {
        let paths = self.0.paths();
        let relayed = paths.iter().any(|path| path.is_selected() && !path.is_ip());
        if relayed { Route::Relayed } else { Route::Direct }
    }

    async fn gone(&self) {
        self.0.closed().await;
    }

    fn close(&self) {
        self.0.close(VarInt::from_u32(0), b"");
    }
}
