//! The line to the server: dialled, secured, pinned, logged in, kept alive.
//!
//! What is said on it from the welcome on is decided by `whoelse_model::Link`; this knows frames, not messages.

mod attempt;
mod backoff;
mod dial;
mod line;
mod login;
mod opaque;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use attempt::{Admitted, Attempt, Change, Ended, Greeting, attempt, change_password};
pub(crate) use backoff::Backoff;
pub(crate) use line::{Interest, Line, LineNews};
pub(crate) use login::{Identity, Proof, Welcome};
