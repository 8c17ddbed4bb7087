//! A network of devices in memory, for tests: links are pairs of pipes.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::io::{duplex, split};
use tokio::sync::{mpsc, watch};
use whoelse_model::Route;
use whoelse_proto::{Addresses, DeviceKey};

use super::{Admission, GuestList, Parting, PeerError, PeerLink, PeerNet, Receiver, RelayAt, Sender, Use};

/// Bytes in a pipe.
const PIPE: usize = 64 * 1024;

/// Streams that wait to be taken.
const STREAMS: usize = 32;

/// Every device that can be reached, and every link that was made.
#[derive(Clone, Default)]
pub(crate) struct Ether {
    devices: Arc<Mutex<BTreeMap<DeviceKey, GuestList<MemoryLink>>>>,
    links: Arc<Mutex<Vec<MemoryLink>>>,
}

/// A device.
#[derive(Clone)]
pub(crate) struct MemoryNet {
    key: DeviceKey,
    ether: Ether,
    guests: GuestList<MemoryLink>,
}

impl Ether {
    /// A device with this key.
    pub(crate) fn device(&self, key: u8) -> MemoryNet {
        let key = DeviceKey::from_bytes([key; 32]);
        let guests = GuestList::default();
        self.devices.lock().unwrap().insert(key, guests.clone());
        MemoryNet { key, ether: self.clone(), guests }
    }

    /// The network loses every link.
    pub(crate) fn storm(&self) {
        for link in self.links.lock().unwrap().drain(..) {
            link.die();
        }
    }
}

/// One end of a link.
#[derive(Clone, Debug)]
pub(crate) struct MemoryLink {
    outgoing: mpsc::Sender<tokio::io::DuplexStream>,
    incoming: Arc<tokio::sync::Mutex<mpsc::Receiver<tokio::io::DuplexStream>>>,
    cut: Arc<Cut>,
}

/// How the two ends of a link were parted, once they were.
type Cut = watch::Sender<Option<Parting>>;

impl MemoryLink {
    fn pair() -> (Self, Self) {
        let (to_one, one) = mpsc::channel(STREAMS);
        let (to_other, other) = mpsc::channel(STREAMS);
        let cut = Arc::new(watch::channel(None).0);
        let end = |outgoing, incoming| Self {
            outgoing,
            incoming: Arc::new(tokio::sync::Mutex::new(incoming)),
            cut: Arc::clone(&cut),
        };
        (end(to_other, one), end(to_one, other))
    }

    /// The network loses the link.
    pub(crate) fn die(&self) {
        self.part(Parting::Died);
    }

    fn part(&self, how: Parting) {
        self.cut.send_if_modified(|cut| cut.is_none().then(|| *cut = Some(how)).is_some());
    }
}

fn halves(stream: tokio::io::DuplexStream) -> (Sender, Receiver) {
    let (reader, writer) = split(stream);
    (Box::new(writer), Box::new(reader))
}

impl PeerNet for MemoryNet {
    type Link = MemoryLink;

    fn key(&self) -> DeviceKey {
        self.key
    }

    fn addresses(&self) -> Addresses {
        Addresses::default()
    }

    fn moved(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    fn use_relay(&self, _: Option<RelayAt>) {}

    async fn dial(&self, key: DeviceKey, _: &Addresses, purpose: Use) -> Result<MemoryLink, PeerError> {
        let guests = self.ether.devices.lock().unwrap().get(&key).cloned();
        let (here, there) = MemoryLink::pair();
        match guests {
            Some(guests) if guests.arrived(self.key, purpose, &there) => {
                self.ether.links.lock().unwrap().push(here.clone());
                Ok(here)
            }
            _ => Err(PeerError::Unreachable("nobody expects this device".to_owned())),
        }
    }

    fn admit(&self, key: DeviceKey, purpose: Use) -> Admission<MemoryLink> {
        self.guests.admit(key, purpose)
    }

    async fn close(&self) {
        self.ether.devices.lock().unwrap().remove(&self.key);
    }
}

impl PeerLink for MemoryLink {
    async fn open(&self) -> Result<(Sender, Receiver), PeerError> {
        let (here, there) = duplex(PIPE);
        let broken = || PeerError::Broken("cut".to_owned());
        if self.cut.borrow().is_some() {
            return Err(broken());
        }
        self.outgoing.send(there).await.map_err(|_| broken())?;
        Ok(halves(here))
    }

    async fn accept(&self) -> Result<(Sender, Receiver), PeerError> {
        let mut incoming = self.incoming.lock().await;
        tokio::select! {
            stream = incoming.recv() => {
                stream.map(halves).ok_or_else(|| PeerError::Broken("the other end is gone".to_owned()))
            }
            _ = self.gone() => Err(PeerError::Broken("cut".to_owned())),
        }
    }

    fn route(&self) -> Route {
        Route::Direct
    }

    async fn gone(&self) -> Parting {
        let mut cut = self.cut.subscribe();
        let parted = cut.wait_for(Option::is_some).await;
        parted.ok().and_then(|parting| *parting).unwrap_or(Parting::Closed)
    }

    fn close(&self) {
        self.part(Parting::Closed);
    }
}
