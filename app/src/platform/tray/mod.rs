//! The icon in the tray: unread messages at a glance, and the way back to a window that was closed.
//!
//! Many desktops have no tray. Then [`Tray::is_there`] says so, and closing the window must end the app.

mod badge;
mod icon;
#[cfg(target_os = "linux")]
mod watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};

use super::Wake;
use super::error::Result;
use crate::quiet::QuietFor;

/// Orders of the user that wait for the window: a person has one pointer.
const ORDERS: usize = 16;

/// What the icon tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Face {
    /// Unread messages.
    pub unread: u32,
    /// While no notification is shown, what stands behind "do not disturb": " until 17:30", or nothing.
    pub quiet: Option<String>,
}

/// What happened at the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayEvent {
    /// The window is wanted.
    Open,
    /// Notifications are to be kept back for so long.
    Quiet(QuietFor),
    /// Notifications are to come again.
    EndQuiet,
    /// The app is to end.
    Quit,
    /// The tray came or went. If it went, a hidden window must come back: nothing else leads to it.
    Changed,
}

/// The icon.
pub struct Tray {
    place: icon::Place,
    there: Arc<AtomicBool>,
    events: Receiver<TrayEvent>,
}

/// The way of the events to the window.
#[derive(Clone)]
struct Teller {
    events: SyncSender<TrayEvent>,
    wake: Wake,
}

impl Teller {
    /// Passes an event on; one too many is dropped.
    fn tell(&self, event: TrayEvent) {
        if self.events.try_send(event).is_ok() {
            (self.wake)();
        }
    }
}

impl Tray {
    /// Puts the icon in the tray. Once a process; to be called on the thread of the window.
    ///
    /// # Errors
    /// [`super::Error::Thread`] or [`super::Error::Tray`]. Where there is no tray, that is no error.
    pub fn start(wake: Wake) -> Result<Self> {
        let (sender, events) = mpsc::sync_channel(ORDERS);
        let teller = Teller { events: sender, wake };
        let there = Arc::new(AtomicBool::new(cfg!(not(target_os = "linux"))));
        icon::follow_clicks(&teller);
        #[cfg(target_os = "linux")]
        watch::start(Arc::clone(&there), teller)?;
        Ok(Self { place: icon::Place::start()?, there, events })
    }

    /// Whether a closed window could be opened again from the tray.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.there.load(Ordering::Acquire)
    }

    /// Has the icon tell this.
    pub fn show(&self, face: Face) {
        self.place.show(face);
    }

    /// What happened since the last time.
    pub fn take_events(&self) -> impl Iterator<Item = TrayEvent> {
        self.events.try_iter()
    }
}

impl std::fmt::Debug for Tray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tray").field("there", &self.is_there()).finish_non_exhaustive()
    }
}
