//! The Whoelse server as a library: what the binary, the tests and a desktop app that hosts run.

pub mod accounts;
pub mod admin;
mod config;
pub mod data_dir;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod invites;
mod net;
#[cfg(feature = "relay")]
mod relay;
pub mod store;
mod whole_file;

pub use config::{Config, DEFAULT_LOCK_S, DEFAULT_RELAY_PORT, DEFAULT_TIMEOUT_S, Listen};
pub use net::{IdentityError, Server, ServerError};
pub use whoelse_hub::Limits;
