//! Whole apps and a real server in one process, typed and clicked by accessible name. Nothing sleeps: each app is
//! waited for by what wakes its window.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod above;
mod asked;
mod conversation;
mod files;
mod finding;
mod focus;
mod hosting;
mod house;
mod invites;
mod keyboard;
mod list;
mod narrow;
mod overlap;
mod person;
mod private;
mod quiet;
mod reading;
mod walk;
