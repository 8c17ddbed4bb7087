//! The server over real sockets of the loopback.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it is about"
)]

mod client;
mod faults;
mod fuzz;
mod life;
mod login;
#[cfg(feature = "relay")]
mod relay;
