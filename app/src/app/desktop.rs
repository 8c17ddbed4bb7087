//! What the app asks of the desktop around its window.

use whoelse_model::Notification;

use crate::platform::settings::Privacy;

/// The desktop. Nothing of it may wait.
pub trait Desktop {
    /// Tells the person who does not look.
    fn notify(&mut self, notification: &Notification, shows: Privacy);

    /// Shows how many messages are unread where there is a tray.
    fn show_unread(&mut self, count: u32);

    /// Opens a link with whatever the system opens links with.
    fn open_link(&mut self, link: &str);
}

/// No desktop: nobody is told anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDesktop;

impl Desktop for NoDesktop {
    fn notify(&mut self, _: &Notification, _: Privacy) {}

    fn show_unread(&mut self, _: u32) {}

    fn open_link(&mut self, _: &str) {}
}
