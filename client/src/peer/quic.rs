//! The network of devices over iroh: QUIC, dialled by public key, without discovery and without any foreign server: the
//! only relay is the one that the server names.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use iroh::endpoint::{
    Connection, ConnectionError, Incoming, NetReportConfig, Path, QuicTransportConfig, RelayStatus, VarInt, presets,
};
use iroh::{Endpoint, EndpointAddr, PublicKey, RelayMap, RelayMode, SecretKey, TransportAddr, Watcher as _};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::timeout;
use whoelse_model::{AddressPolicy, Route};
use whoelse_proto::peer::{FETCH_ALPN, SESSION_ALPN};
use whoelse_proto::{Addresses, DeviceKey, PeerAddress};

use super::relay::{Relay, follow};
use super::{Admission, GuestList, Parting, PeerError, PeerLink, PeerNet, Receiver, RelayAt, Sender, Use};
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
    policy: AddressPolicy,
    /// The relay in use.
    relay: Relay,
    /// The one that is to be used.
    wanted_relay: Arc<watch::Sender<Option<RelayAt>>>,
    /// The addresses told last.
    told: Arc<Mutex<Option<Addresses>>>,
}

/// A link to another device.
#[derive(Clone, Debug)]
pub(crate) struct QuicLink(Connection);

impl QuicNet {
    /// Opens this device's sockets; none, if nobody is to learn its addresses: then there is no way to it but the relay.
    ///
    /// # Errors
    /// [`Error::Devices`].
    pub(crate) async fn open(secret: &[u8; 32], policy: AddressPolicy) -> Result<Self> {
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
        let relay = Relay::default();
        // How far away the relay is must be measured, or it is not used.
        let mut report = NetReportConfig::minimal();
        report.https_probes = true;
        let mut builder = Endpoint::builder(presets::Minimal)
            .secret_key(SecretKey::from_bytes(secret))
            .alpns(vec![SESSION_ALPN.to_vec(), FETCH_ALPN.to_vec()])
            .relay_mode(RelayMode::Custom(RelayMap::empty()))
            .ca_tls_config(relay.trust())
            .net_report_config(report)
            .transport_config(transport);
        if policy == AddressPolicy::ToNobody {
            builder = builder.clear_ip_transports();
        }
        let endpoint = builder.bind().await.map_err(|e| failed(whoelse_plain::without_numbers(&e.to_string())))?;
        let (wanted, follows) = watch::channel(None);
        tokio::spawn(follow(endpoint.clone(), follows, relay.clone()));
        let (guests, wanted_relay) = (GuestList::default(), Arc::new(wanted));
        let net = Self { endpoint, guests, policy, relay, wanted_relay, told: Arc::default() };
        tokio::spawn(let_in(net.endpoint.clone(), net.guests.clone()));
        Ok(net)
    }
}

impl QuicNet {
    /// How an address of another device is used by this one.
    fn way_to(&self, address: &PeerAddress) -> Option<TransportAddr> {
        match (address, self.policy) {
            (PeerAddress::Direct(at), AddressPolicy::ToPeers) => Some(TransportAddr::Ip(*at)),
            (PeerAddress::Direct(_), AddressPolicy::ToNobody) => None,
            (PeerAddress::Relay {}, _) => self.relay.url().map(TransportAddr::Relay),
        }
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
    let connection = incoming.await.map_err(|e| PeerError::Broken(whoelse_plain::without_numbers(&e.to_string())))?;
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
        if self.policy == AddressPolicy::ToNobody {
            return Addresses::new([PeerAddress::Relay {}]);
        }
        let known = self.endpoint.addr();
        let bound = self.endpoint.bound_sockets();
        // Where there is no other network, there is still this computer.
        let here = bound.iter().map(|at| SocketAddr::new(loopback(at.ip()), at.port()));
        let direct: Vec<SocketAddr> = known.ip_addrs().copied().collect();
        let all = if direct.is_empty() { here.collect() } else { direct };
        let is_at_relay = self.endpoint.home_relay_status().get().iter().any(RelayStatus::is_connected);
        let relay = is_at_relay.then_some(PeerAddress::Relay {});
        // First, so that it is never one too many.
        Addresses::new(relay.into_iter().chain(all.into_iter().map(PeerAddress::Direct)))
    }

    fn moved(&self) -> impl Future<Output = ()> + Send {
        let mut watcher = self.endpoint.watch_addr();
        let mut relays = self.endpoint.home_relay_status();
        async move {
            let mut told = self.told.lock().await;
            loop {
                let addresses = self.addresses();
                if told.as_ref() != Some(&addresses) {
                    *told = Some(addresses);
                    return;
                }
                let updated = tokio::select! {
                    updated = watcher.updated() => updated.is_ok(),
                    updated = relays.updated() => updated.is_ok(),
                };
                if !updated {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    fn use_relay(&self, relay: Option<RelayAt>) {
        self.wanted_relay.send_replace(relay);
    }

    async fn dial(&self, key: DeviceKey, addresses: &Addresses, purpose: Use) -> Result<QuicLink, PeerError> {
        let unreachable = |e: String| PeerError::Unreachable(e);
        let id = PublicKey::from_bytes(key.as_bytes())
            .map_err(|e| unreachable(whoelse_plain::without_numbers(&e.to_string())))?;
        let ways: Vec<_> = addresses.iter().filter_map(|address| self.way_to(address)).collect();
        if ways.is_empty() {
            return Err(unreachable("no way to it is known".to_owned()));
        }
        let alpn = match purpose {
            Use::Session => SESSION_ALPN,
            Use::Fetch => FETCH_ALPN,
        };
        let to = EndpointAddr::from_parts(id, ways);
        self.endpoint
            .connect(to, alpn)
            .await
            .map(QuicLink)
            .map_err(|e| unreachable(whoelse_plain::without_numbers(&e.to_string())))
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
        let (sender, receiver) =
            self.0.open_bi().await.map_err(|e| PeerError::Broken(whoelse_plain::without_numbers(&e.to_string())))?;
        Ok((Box::new(sender), Box::new(receiver)))
    }

    async fn accept(&self) -> Result<(Sender, Receiver), PeerError> {
        let (sender, receiver) =
            self.0.accept_bi().await.map_err(|e| PeerError::Broken(whoelse_plain::without_numbers(&e.to_string())))?;
        Ok((Box::new(sender), Box::new(receiver)))
    }

    fn route(&self) -> Route {
        let paths = self.0.paths();
        let path = paths.iter().find(Path::is_selected).or_else(|| paths.iter().next());
        if path.is_some_and(|path| path.is_relay()) { Route::Relayed } else { Route::Direct }
    }

    async fn gone(&self) -> Parting {
        match self.0.closed().await {
            ConnectionError::ApplicationClosed(_) | ConnectionError::LocallyClosed => Parting::Closed,
            // What the stacks find by themselves. One that has given the connection up answers with a reset.
            ConnectionError::TimedOut
            | ConnectionError::Reset
            | ConnectionError::ConnectionClosed(_)
            | ConnectionError::TransportError(_)
            | ConnectionError::VersionMismatch
            | ConnectionError::CidsExhausted => Parting::Died,
        }
    }

    fn close(&self) {
        self.0.close(VarInt::from_u32(0), b"");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long something may take on a busy machine before the test fails.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// Whether a device is let in that dials; if not, what it dialled is closed.
    async fn is_let_in(guest: &QuicNet, host: &QuicNet, purpose: Use) -> bool {
        let mut admission = host.admit(guest.key(), Use::Fetch);
        let Ok(link) = guest.dial(host.key(), &host.addresses(), purpose).await else { return false };
        timeout(PATIENCE, async {
            tokio::select! {
                _ = admission.next() => true,
                _ = link.gone() => false,
            }
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn a_device_that_nobody_introduced_is_turned_away_and_one_that_is_expected_for_files_gets_no_session() {
        let open = async |secret: u8| QuicNet::open(&[secret; 32], AddressPolicy::ToPeers).await.unwrap();
        let (hans, vader, leia) = (open(1).await, open(2).await, open(3).await);
        if let Ok(link) = vader.dial(hans.key(), &hans.addresses(), Use::Session).await {
            assert!(timeout(PATIENCE, link.gone()).await.is_ok(), "nobody expects it");
        }
        assert!(!is_let_in(&leia, &hans, Use::Session).await, "it is expected for files alone");
        assert!(is_let_in(&leia, &hans, Use::Fetch).await);
    }
}
