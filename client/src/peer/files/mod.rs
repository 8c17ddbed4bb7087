//! Files straight from device to device: offered in a private session, or shared with everybody.
//!
//! [`Room`] keeps what is given and what is on its way. It decides nothing about sessions and knows no socket; links
//! come and go through its hands.

mod ask;
mod desk;
mod disk;
mod fetch;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod hashing;
mod library;
mod manifest;
mod name;
mod notes;
mod orders;
mod origin;
mod part;
mod pause;
mod plan;
mod queue;
mod room;
mod sessions;
mod sharing;
#[cfg(test)]
mod tests;
mod trouble;

#[cfg(any(test, fuzzing))]
pub use fuzzing::manifest as fuzz_manifest;
#[cfg(any(test, fuzzing))]
pub(crate) use fuzzing::{name as fuzz_name, pieces as fuzz_pieces};
pub(crate) use library::Serving;
pub(crate) use notes::Places;
pub(crate) use room::{Room, RoomNews, RoomWish};
