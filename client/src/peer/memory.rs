//! A network of devices in memory, for tests: links are pairs of pipes.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{duplex, split};
use tokio::sync::{Notify, mpsc};
use whoelse_model::Route;
use whoelse_proto::{Addresses, DeviceKey};

use super::{Admission, GuestList, PeerError, PeerLink, PeerNet, Receiver, RelayAt, Sender, Use};

/// Bytes in a pipe.
const PIPE: usize = 64 * 1024;

/// Streams that wait to be taken.
const STREAMS: usize = 32;

/// Every device that can be reached.
#[derive(Clone, Default)]
pub(crate) struct Ether(Arc<Mutex<BTreeMap<DeviceKey, GuestList<MemoryLink>>>>);

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
        self.0.lock().unwrap().insert(key, guests.clone());
        MemoryNet { key, ether: self.clone(), guests }
    }
}

/// One end of a link.
#[derive(Clone, Debug)]
pub(crate) struct MemoryLink {
    outgoing: mpsc::Sender<tokio::io::DuplexStream>,
    incoming: Arc<tokio::sync::Mutex<mpsc::Receiver<tokio::io::DuplexStream>>>,
    cut: Arc<Cut>,
}

#[derive(Debug, Default)]
struct Cut {
    is_cut: AtomicBool,
    told: Notify,
}

impl MemoryLink {
    fn pair() -> (Self, Self) {
        let (to_one, one) = mpsc::channel(STREAMS);
        let (to_other, other) = mpsc::channel(STREAMS);
        let cut = Arc::new(Cut::default());
        let end = |outgoing, incoming| Self {
            outgoing,
            incoming: Arc::new(tokio::sync::Mutex::new(incoming)),
            cut: Arc::clone(&cut),
        };
        (end(to_other, one), end(to_one, other))
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
        let guests = self.ether.0.lock().unwrap().get(&key).cloned();
        let (here, there) = MemoryLink::pair();
        match guests {
            Some(guests) if guests.arrived(self.key, purpose, &there) => Ok(here),
            _ => Err(PeerError::Unreachable("nobody expects this device".to_owned())),
        }
    }

    fn admit(&self, key: DeviceKey, purpose: Use) -> Admission<MemoryLink> {
        self.guests.admit(key, purpose)
    }

    async fn close(&self) {
        self.ether.0.lock().unwrap().remove(&self.key);
    }
}

impl PeerLink for MemoryLink {
    async fn open(&self) -> Result<(Sender, Receiver), PeerError> {
        let (here, there) = duplex(PIPE);
        let broken = || PeerError::Broken("cut".to_owned());
        if self.cut.is_cut.load(Ordering::SeqCst) {
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
            () = self.gone() => Err(PeerError::Broken("cut".to_owned())),
        }
    }

    fn route(&self) -> Route {
        Route::Direct
    }

    async fn gone(&self) {
        loop {
            let told = self.cut.told.notified();
            if self.cut.is_cut.load(Ordering::SeqCst) {
                return;
            }
            told.await;
        }
    }

    fn close(&self) {
        self.cut.is_cut.store(true, Ordering::SeqCst);
        self.cut.told.notify_waiters();
    }
}
