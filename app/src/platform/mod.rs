//! Everything the window needs from the system: files, keyring, notifications, tray, browser, a second start.
//!
//! It knows no view and no model. Whatever may wait runs on a thread of its own and answers by a bounded queue; a
//! closure given at the start wakes the window.

pub mod demo;
pub mod display;
mod error;
pub mod host;
pub mod keyring;
mod latest;
pub mod links;
pub mod notify;
pub mod picker;
pub mod picture;
mod punycode;
pub mod settings;
pub mod single;
pub mod surroundings;
#[cfg_attr(not(target_os = "linux"), path = "surroundings_none.rs")]
mod surroundings_bus;
pub mod tray;
pub mod window;

pub use error::{Error, Result};

/// Wakes the window from another thread; may be called often.
pub type Wake = std::sync::Arc<dyn Fn() + Send + Sync>;
