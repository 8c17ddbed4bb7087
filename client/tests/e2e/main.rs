//! Conversations between the real programs: a server and clients on the command line, checked line by line.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "the helpers of the tests, which clippy does not take for tests"
)]

mod blocks;
mod capture;
mod classics;
mod crashes;
mod files;
mod harness;
mod invites;
mod kept;
mod login;
mod messages;
mod orders;
mod plain;
mod presence;
mod private;
mod program;
mod relay;
mod restored;
mod terminal;
mod truth;
