//! The screen of macOS: its notification centre, which shows those of bundled apps alone and asks the user first.

use std::collections::BTreeMap;
use std::process;

use mac_usernotifications::{Action, Notification, NotificationHandle, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::waiting::Key;
use super::words::Words;
use super::{Clicked, MAX_SHOWN, Show, tag};

/// The button that does what a click does. With a button the system tells how a notification ends; without one its
/// end would be looked for twice a second.
const OPEN: &str = "open";

/// The screen. Dropped, it takes back what it shows: a click would reach nobody.
pub(super) struct Screen {
    clicked: Clicked,
    /// Where clicks are waited for, made at the first notification.
    runtime: Option<Runtime>,
    waits: BTreeMap<Key, JoinHandle<()>>,
}

impl Screen {
    pub(super) const fn new(clicked: Clicked) -> Self {
        Self { clicked, runtime: None, waits: BTreeMap::new() }
    }

    /// Waits for the user to click on a notification that is shown, in place of the one that it replaces.
    fn follow(&mut self, key: &Key, shown: NotificationHandle) -> std::io::Result<()> {
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => Builder::new_multi_thread().worker_threads(1).thread_name("notified").build()?,
        };
        let (clicked, of) = (self.clicked.clone(), key.clone());
        let wait = runtime.spawn(async move {
            if let Ok(response) = shown.response().await
                && (response.is_default_action() || response.action_identifier == OPEN)
            {
                clicked.tell(&of);
            }
        });
        self.runtime = Some(runtime);
        if let Some(replaced) = self.waits.insert(key.clone(), wait) {
            replaced.abort();
        }
        while self.waits.len() > MAX_SHOWN {
            if let Some((_, oldest)) = self.waits.pop_first() {
                oldest.abort();
            }
        }
        Ok(())
    }
}

/// The name of a notification, apart from those of another profile's program.
fn id(key: &Key) -> String {
    format!("{} {}", process::id(), tag::of(key))
}

impl Show for Screen {
    fn show(&mut self, key: &Key, words: &Words) -> Result<(), String> {
        // Answered at once but for the very first time, when the user is asked.
        if !blocking::request_auth().map_err(|error| error.to_string())? {
            return Err("the user allows none".to_owned());
        }
        let notification = Notification::new().title(&words.title).message(&words.body).id(&id(key));
        let shown = notification.action(Action::button(OPEN, "Open")).send_blocking();
        let shown = shown.map_err(|error| error.to_string())?;
        self.follow(key, shown).map_err(|error| error.to_string())
    }

    fn withdraw(&mut self, key: &Key) -> Result<(), String> {
        if let Some(wait) = self.waits.remove(key) {
            wait.abort();
            blocking::close_delivered(&id(key));
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for (key, wait) in std::mem::take(&mut self.waits) {
            wait.abort();
            blocking::close_delivered(&id(&key));
        }
    }
}
