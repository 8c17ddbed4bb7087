//! The hub's rules, row by row of `docs/BEHAVIOUR.md`, and its invariants under random commands.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and looks at what it is about"
)]

mod accounts;
mod blocks;
mod fair;
mod files;
mod house;
mod invariants;
mod invites;
mod login;
mod login_commands;
mod messages;
mod paging;
mod password;
mod presence;
mod private;
mod relay;
mod sessions;
