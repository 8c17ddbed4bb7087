//! What the server knows of its relay: how it is named, that devices are let in and shut out, and that it ends. Which relay
//! it is, is chosen by whoever starts the server: a program that starts none does not carry one.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use whoelse_proto::{DeviceKey, Relay};

use super::ServerError;
use crate::data_dir::Paths;

/// Who may use a relay.
pub(crate) trait RelayGuests: fmt::Debug + Send + Sync {
    /// Lets a device in, once more.
    fn open(&self, device: DeviceKey);

    /// Takes that back once; a device that nobody lets in any more is out at once.
    fn shut(&self, device: DeviceKey);
}

/// A relay that listens.
pub(crate) struct OpenedRelay {
    /// Where.
    pub(crate) address: SocketAddr,
    /// What clients are told of it.
    pub(crate) named: Relay,
    /// Who may use it.
    pub(crate) guests: Arc<dyn RelayGuests>,
    /// Open files to count with.
    pub(crate) files: u64,
    /// Serves until the token is cancelled.
    pub(crate) run: RunRelay,
}

/// Serves until the token is cancelled.
pub(crate) type RunRelay = Box<dyn FnOnce(CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Opens a relay whose files lie in these places, in a process that may open so many files. May block.
pub(crate) type OpenRelay = Box<dyn FnOnce(&Paths, u64) -> Result<OpenedRelay, ServerError> + Send>;
