//! The screen of systems without D-Bus. A click brings the app to the front there by itself.

use super::waiting::Key;
use super::words::Words;
use super::{Clicked, Show};

/// The screen.
pub(super) struct Screen;

impl Screen {
    pub(super) fn new(_: Clicked) -> Self {
        Self
    }
}

impl Show for Screen {
    fn show(&mut self, _: &Key, words: &Words) -> Result<(), String> {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Whoelse").summary(&words.title).body(&words.body);
        notification.show().map(drop).map_err(|error| error.to_string())
    }

    fn withdraw(&mut self, _: &Key) -> Result<(), String> {
        Ok(())
    }
}
