//! The network side of the server: listener, TLS, one task a connection, and the driver that alone owns the hub.
//!
//! Knows no rule of the messenger: who may do what is the hub's to say.

mod admission;
mod bus;
mod clock;
mod conn;
mod driver;
mod encode;
mod listener;
mod outbox;
mod server;
mod tls;

pub use server::{Server, ServerError};
pub(crate) use tls::Identity;
pub use tls::IdentityError;
