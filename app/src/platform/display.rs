//! Opens the window, or says in words why there is none.
//!
//! Without a screen or without OpenGL the libraries below return errors in their own language, and in places panic.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::{Error, Result};

/// The variables by which a Unix system names its screen.
#[cfg(all(unix, not(target_os = "macos")))]
const SCREENS: [&str; 3] = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];

/// Whether there can be a window at all.
///
/// # Errors
/// [`Error::NoDisplay`].
#[cfg(all(unix, not(target_os = "macos")))]
pub fn check() -> Result<()> {
    let is_named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if SCREENS.iter().any(|name| is_named(name)) { Ok(()) } else { Err(Error::NoDisplay) }
}

/// Whether there can be a window at all: here always.
///
/// # Errors
/// None.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn check() -> Result<()> {
    Ok(())
}

type Hook = Box<dyn Fn(&panic::PanicHookInfo<'_>) + Send + Sync>;

/// Says that the window is open: from here on a panic is a fault of this program.
#[derive(Clone)]
pub struct Opened(Arc<Mutex<Option<Hook>>>);

impl Opened {
    /// The first lines of the program run inside the window. Gives panics their usual words back.
    pub fn mark(&self) {
        if let Some(usual) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            panic::set_hook(usual);
        }
    }

    fn is_marked(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Opened").field(&self.is_marked()).finish()
    }
}

/// Runs the window until it closes. `open` marks [`Opened`] as soon as its own code runs in the window.
///
/// # Errors
/// [`Error::NoDisplay`], [`Error::Display`] or [`Error::NoGraphics`].
pub fn run(open: impl FnOnce(Opened) -> eframe::Result) -> Result<()> {
    check()?;
    let opened = Opened(Arc::new(Mutex::new(Some(panic::take_hook()))));
    panic::set_hook(Box::new(|_| ()));
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| open(opened.clone())));
    let was_open = opened.is_marked();
    opened.mark();
    match outcome {
        Ok(ended) => ended.map_err(|error| worded(&error)),
        Err(payload) if was_open => panic::resume_unwind(payload),
        Err(payload) => Err(Error::NoGraphics(said(payload.as_ref()))),
    }
}

/// What a panic said.
fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("the driver failed").to_owned()
}

/// The same in this program's words.
fn worded(error: &eframe::Error) -> Error {
    use eframe::Error as Fault;
    match error {
        Fault::Glutin(_) | Fault::NoGlutinConfigs(..) | Fault::OpenGL(_) => Error::NoGraphics(error.to_string()),
        Fault::AppCreation(_) | Fault::Winit(_) | Fault::WinitEventLoop(_) => Error::Display(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_driver_says_while_it_fails_is_told() {
        assert_eq!(said(&"no config"), "no config");
        assert_eq!(said(&"no config".to_owned()), "no config");
        assert_eq!(said(&7), "the driver failed");
    }

    #[test]
    fn a_window_that_cannot_be_made_is_told_in_words() {
        let fault = eframe::Error::AppCreation("no".into());
        assert!(matches!(worded(&fault), Error::Display(cause) if cause.contains("no")));
    }
}
