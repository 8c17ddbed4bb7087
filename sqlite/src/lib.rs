//! A database file that is opened with care: on a disk that is full, on one that may not be written, on a file system
//! without shared memory, beside a log whose database is gone, and when it is removed while it is open.
//!
//! It knows SQLite's files and no table. What to tell people is for the caller to say.

mod check;
mod found;
mod log;
mod open;
mod reserve;
mod watched;

pub use check::{Checked, check};
pub use found::{Found, application_id, found, log_of};
pub use log::{LogDamage, inspect_log};
pub use open::{Access, Opened, create, is_damage, is_full, open};
pub use reserve::{Release, Reserve, available};
pub use watched::{Fate, Watched};
