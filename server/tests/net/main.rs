//! The server over real sockets of the loopback.

mod client;
mod faults;
mod life;
mod login;
