//! What a user wrote and received, on this computer's disk: messages, outbox, drafts, read markers, search.
//!
//! One SQLite database for each account on each server, worked on by one thread and a second for searches. It knows no network: what is to be
//! kept is decided by `whoelse_model::Link`, what is to be read by the window.

mod aside;
mod chats;
mod database;
mod folding;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod incoming;
mod job;
mod outgoing;
mod pages;
mod perform;
mod private;
mod recall;
mod rows;
mod search;
mod settling;
mod thread;

#[cfg(test)]
mod tests;

pub(crate) use aside::set_aside;
#[cfg(any(test, fuzzing))]
pub use fuzzing::history_rows as fuzz_history_rows;
pub(crate) use job::{Done, Job};
pub(crate) use thread::History;
