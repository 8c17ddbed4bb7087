//! The Whoelse server as a library: what the binary, the tests and a desktop app that hosts run.

mod config;
mod net;

pub use config::{Config, DEFAULT_LOCK_S, DEFAULT_TIMEOUT_S, Listen};
pub use net::IdentityError;
