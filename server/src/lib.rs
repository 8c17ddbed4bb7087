//! The server: accounts, store, sockets and the driver around the hub.

pub mod accounts;
pub mod data_dir;
pub mod store;
mod whole_file;
