//! Everything the server decides: logins, presence, messages, blocks. Commands in, effects out.
//!
//! Pure: no socket, file, clock, randomness or runtime. Time and random bytes are arguments. The hub knows
//! no password and no wire bytes; it refuses to wait.

mod command;
mod effect;
mod store;

pub use command::{Command, ConnId, FreshToken, Record, TokenHash};
pub use effect::{Announcement, Effect, Message, Routed};
pub use store::{AccountSnapshot, Snapshot, StoreFault, StoreOp, Stored, Ticket, TokenFate};
