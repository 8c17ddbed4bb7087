//! The network side of the server: listener, TLS, one task a connection, and the driver that alone owns the hub.

mod clock;
mod tls;

pub use tls::IdentityError;
