//! The network side of the server: listener, TLS, one task a connection, and the driver that alone owns the hub.
//!
//! Knows no rule of the messenger: who may do what is the hub's to say.

mod admission;
mod bus;
mod clock;
mod conn;
mod driver;
mod encode;
mod failures;
mod listener;
mod outbox;
mod places;
mod relay;
mod server;
mod tls;

#[cfg(feature = "relay")]
pub(crate) use listener::{ACCEPT_PAUSE, bind};
#[cfg(feature = "relay")]
pub(crate) use places::{Full, Leaves, Places};
#[cfg(feature = "relay")]
pub(crate) use relay::{OpenRelay, OpenedRelay, RelayGuests};
pub use server::{Server, ServerError};
pub(crate) use tls::Identity;
pub use tls::IdentityError;
#[cfg(feature = "relay")]
pub(crate) use tls::RelayIdentity;
