//! The server over real sockets of the loopback.

#![allow(clippy::missing_docs_in_private_items, reason = "test names are sentences")]

mod client;
mod login;
