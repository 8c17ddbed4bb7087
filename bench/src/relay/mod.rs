//! The baseline: takes frames of the raw protocol and passes them on. No checks, no storage, no users.

mod channel;
mod direct;

use clap::{Args, ValueEnum};
use tokio::task::LocalSet;

use crate::error::{Doing, Result};
use crate::tls;

/// How to pass on.
#[derive(Debug, Args)]
pub(crate) struct Relay {
    shape: Shape,
    /// Where to listen on 127.0.0.1
    port: u16,
}

/// What a relay is made of.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shape {
    /// One thread, which writes straight to the other socket, once for each read
    Direct,
    /// The ordinary shape with tokio: two tasks a connection and a channel between them
    Chan,
    /// The same behind TLS
    Tls,
}

/// Relays until it is killed.
///
/// # Errors
/// If it cannot listen.
pub(crate) fn run(relay: &Relay) -> Result<()> {
    match relay.shape {
        Shape::Direct => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            LocalSet::new().block_on(&runtime.doing("starting a runtime")?, direct::serve(relay.port))
        }
        Shape::Chan => channel::serve(relay.port, None),
        Shape::Tls => channel::serve(relay.port, Some(tls::server()?)),
    }
}
