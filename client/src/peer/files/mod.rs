//! Files straight from device to device: offered in a private session, or shared with everybody.
//!
//! [`Room`] keeps what is given and what is on its way. It decides nothing about sessions and knows no socket; links
//! come and go through its hands.

mod ask;
mod fetch;
mod library;
mod manifest;
mod name;
mod orders;
mod part;
mod plan;
mod room;
mod sessions;
mod sharing;
#[cfg(test)]
mod tests;

pub(crate) use room::{Room, RoomNews, RoomWish};
