//! Straight from device to device: private sessions and files.
//!
//! What is agreed to is decided by `whoelse_model::Peers`; this performs it. A [`PeerNet`] makes links to devices by
//! their keys, over iroh or, for tests, in memory; a [`PeerLink`] carries streams. Only introduced keys are let in.

#[cfg(test)]
mod dying;
mod fetches;
mod files;
mod find;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handshake;
#[cfg(test)]
mod hostile;
mod keeper;
mod link;
#[cfg(test)]
mod memory;
mod quic;
mod relay;
#[cfg(test)]
mod tests;
mod wire;

use std::future::Future;

use tokio::io::{AsyncRead, AsyncWrite};
use whoelse_model::Route;
use whoelse_proto::{Addresses, DeviceKey};

pub(crate) use files::Places;
pub(crate) use keeper::{Keeper, KeeperNews, KeeperWish};
pub(crate) use quic::QuicNet;
pub(crate) use relay::RelayAt;

/// The writing half of a stream. Dropped without a shutdown, the reader sees it break off.
pub(crate) type Sender = Box<dyn AsyncWrite + Send + Unpin>;

/// The reading half of a stream.
pub(crate) type Receiver = Box<dyn AsyncRead + Send + Unpin>;

/// Why something between devices did not work. Its words are for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    /// No way to the device.
    #[error("the device cannot be reached: {0}")]
    Unreachable(String),
    /// The link is gone.
    #[error("the link broke: {0}")]
    Broken(String),
    /// The other end took too long.
    #[error("the other device did not answer in time")]
    TooSlow,
    /// The other end is not who it should be.
    #[error("the other device takes itself or this one for somebody else")]
    Impostor,
    /// The other end belongs to another introduction.
    #[error("the other device speaks of another introduction")]
    Stale,
    /// The other end sent what does not belong there.
    #[error("the other device broke the rules: {0}")]
    Malformed(&'static str),
}

impl From<std::io::Error> for PeerError {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(whoelse_plain::line(&error))
    }
}

/// What a link is for; each has an application protocol name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// A private session.
    Session,
    /// Fetching chunks of a registered file.
    Fetch,
}

/// A device in the network of devices.
pub(crate) trait PeerNet: Clone + Send + Sync + 'static {
    /// What its links are.
    type Link: PeerLink;

    /// Its key.
    fn key(&self) -> DeviceKey;

    /// Where it may be reached.
    fn addresses(&self) -> Addresses;

    /// Waits until it may be reached elsewhere.
    fn moved(&self) -> impl Future<Output = ()> + Send;

    /// Has it reached through this relay too, and through no other.
    fn use_relay(&self, relay: Option<RelayAt>);

    /// Makes a link to the device with this key and no other.
    fn dial(
        &self,
        key: DeviceKey,
        addresses: &Addresses,
        purpose: Use,
    ) -> impl Future<Output = Result<Self::Link, PeerError>> + Send;

    /// Lets links in from this key, for this use, until the guest list entry is dropped. Others are turned away.
    fn admit(&self, key: DeviceKey, purpose: Use) -> Admission<Self::Link>;

    /// Leaves the network.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// A link between two devices, each of which has proved its key.
pub(crate) trait PeerLink: Clone + Send + Sync + 'static {
    /// Opens a stream. The other end sees it once something is written.
    fn open(&self) -> impl Future<Output = Result<(Sender, Receiver), PeerError>> + Send;

    /// Takes the next stream that the other end opens.
    fn accept(&self) -> impl Future<Output = Result<(Sender, Receiver), PeerError>> + Send;

    /// How it goes at this moment.
    fn route(&self) -> Route;

    /// Waits until it is gone.
    fn gone(&self) -> impl Future<Output = Parting> + Send;

    /// Closes it; what was not read is lost.
    fn close(&self);
}

/// How a link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parting {
    /// One of the two programs closed it.
    Closed,
    /// It died: nothing came for too long, or the way between the two is gone. Neither program wanted that.
    Died,
}

/// Closes a link when it is dropped: whoever ends a task ends what it carries.
struct Closes<L: PeerLink>(L);

impl<L: PeerLink> Drop for Closes<L> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Links that come in from one key. Dropped, no further ones do.
pub(crate) struct Admission<L> {
    links: tokio::sync::mpsc::Receiver<L>,
    /// Takes the key off the guest list.
    _guard: Box<dyn Send + Sync>,
}

impl<L> Admission<L> {
    /// The next one; never, once the net is closed.
    async fn next(&mut self) -> L {
        match self.links.recv().await {
            Some(link) => link,
            None => std::future::pending().await,
        }
    }
}

/// Calls back when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// The guest list of a device: who may come in, and where their links go.
#[derive(Debug)]
pub(crate) struct GuestList<L>(std::sync::Arc<std::sync::Mutex<Guests<L>>>);

impl<L> Clone for GuestList<L> {
    fn clone(&self) -> Self {
        Self(std::sync::Arc::clone(&self.0))
    }
}

impl<L> Default for GuestList<L> {
    fn default() -> Self {
        Self(std::sync::Arc::default())
    }
}

#[derive(Debug)]
struct Guests<L> {
    last: u64,
    by_key: std::collections::BTreeMap<(DeviceKey, Use), Vec<Door<L>>>,
}

impl<L> Default for Guests<L> {
    fn default() -> Self {
        Self { last: 0, by_key: std::collections::BTreeMap::new() }
    }
}

/// Where the links of one guest go, by the number of the entry.
type Door<L> = (u64, tokio::sync::mpsc::Sender<L>);

/// Links of one guest that wait to be looked at.
const MAX_AT_THE_DOOR: usize = 4;

impl<L: Clone + Send + Sync + 'static> GuestList<L> {
    fn guard(&self) -> std::sync::MutexGuard<'_, Guests<L>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Puts a key on the list.
    fn admit(&self, key: DeviceKey, purpose: Use) -> Admission<L> {
        let (door, links) = tokio::sync::mpsc::channel(MAX_AT_THE_DOOR);
        let mut guests = self.guard();
        guests.last += 1;
        let number = guests.last;
        guests.by_key.entry((key, purpose)).or_default().push((number, door));
        let list = self.clone();
        let strike = move || {
            let mut guests = list.guard();
            if let Some(doors) = guests.by_key.get_mut(&(key, purpose)) {
                doors.retain(|(other, _)| *other != number);
                if doors.is_empty() {
                    guests.by_key.remove(&(key, purpose));
                }
            }
        };
        Admission { links, _guard: Box::new(OnDrop(strike)) }
    }

    /// Whether a link from this key is wanted by anybody.
    fn expects(&self, key: DeviceKey, purpose: Use) -> bool {
        self.guard().by_key.contains_key(&(key, purpose))
    }

    /// Hands a link to everybody who waits for one from this key; each finds out whether it is theirs. Gives whether
    /// anybody does.
    fn arrived(&self, key: DeviceKey, purpose: Use, link: &L) -> bool {
        let guests = self.guard();
        let Some(doors) = guests.by_key.get(&(key, purpose)) else { return false };
        doors.iter().filter(|(_, door)| door.try_send(link.clone()).is_ok()).count() > 0
    }
}
