//! Many clients, one hub, a lossy network and disks that crash, all from one seed: what is promised holds at every
//! moment and in the end.
//!
//! Real are [`whoelse_hub::Hub`], [`whoelse_model::Link`] and [`whoelse_model::Model`]; the shells around them, their
//! disks and the network are played by this crate, with a clock of its own. Logins are played without passwords on the
//! wire. Everything random comes from the seed, so that a run can be played again, with a log.
//!
//! The oracle looks on and knows nothing of how hub, link and model do their work.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for tests: where the simulator itself is wrong, it stops"
)]

mod client;
mod disk;
mod faults;
mod finale;
mod net;
mod oracle;
mod peers;
mod person;
mod plant;
mod server;
mod shell;
mod strangers;
mod world;

pub use oracle::Violation;
pub use plant::Plant;
pub use world::{Counts, Options, run};
