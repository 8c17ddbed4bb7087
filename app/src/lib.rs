//! The desktop app: a window around the messenger.
//!
//! Views are functions from plain state to drawn pixels and a list of what the user asked for. They reach no network,
//! no disk and no clock; `app` joins them to the model and the system.

pub mod app;
pub mod args;
pub mod caps;
pub mod command;
pub mod composer;
pub mod kit;
pub mod platform;
pub mod quiet;
pub mod start;
pub mod theme;
pub mod timeline;
pub mod view;
