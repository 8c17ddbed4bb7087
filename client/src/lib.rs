//! The messenger without a window: connection, history, profile and the thread on which they run.
//!
//! [`Runtime`] is what a window or the command line holds: requests in, events out. What is decided lies in
//! `whoelse-model`; this crate performs it with sockets, disk, clock and randomness.

pub mod cli;
mod clock;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod history;
mod link;
mod peer;
mod profile;
mod runtime;
mod sleep;
#[cfg(test)]
mod testing;
mod way;

pub use clock::{fresh_message_id, now};
pub use error::{Error, Result};
pub use profile::{Holder, KnownServer, Location, Profile, ProfileName, files};
pub use runtime::{Busy, Runtime};
