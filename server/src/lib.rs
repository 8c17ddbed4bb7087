//! The server: accounts, store, sockets and the driver around the hub.

pub mod accounts;
pub mod admin;
mod config;
pub mod data_dir;
pub mod store;
mod whole_file;

pub use config::{Config, DEFAULT_LOCK_S, DEFAULT_TIMEOUT_S, Listen};
