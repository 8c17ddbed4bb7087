//! All that a window asks of the system, started together. What does not start is missing, and the window works.

use whoelse_client::Profile;

use super::host::Host;
use super::keyring::Keyring;
use super::notify::Notifier;
use super::settings::Keeper;
use super::single::Door;
use super::tray::Tray;
use super::{Result, Wake};

/// The services of one window.
#[derive(Debug)]
pub struct Services {
    /// Keeps the settings on disk.
    pub keeper: Option<Keeper>,
    /// Hears of a second start.
    pub door: Option<Door>,
    /// Keeps passwords.
    pub keyring: Option<Keyring>,
    /// Shows notifications.
    pub notifier: Option<Notifier>,
    /// The icon in the tray.
    pub tray: Option<Tray>,
    /// The server inside the app.
    pub host: Host,
    /// Let go last: whoever opens the profile next finds nothing of these at work.
    _profile: Profile,
}

impl Services {
    /// Starts them for this profile. `wake` is called from other threads whenever one has news.
    #[must_use]
    pub fn start(profile: Profile, wake: &Wake) -> Self {
        let folder = profile.folder();
        Self {
            keeper: noted("keeping the settings", Keeper::start(folder.to_owned())),
            door: noted("hearing of a second start", Door::open(folder, wake.clone())),
            keyring: noted("the keyring", Keyring::start(wake.clone())),
            notifier: noted("notifications", Notifier::start(wake.clone())),
            tray: noted("the tray", Tray::start(wake.clone())),
            host: Host::new(folder, wake.clone()),
            _profile: profile,
        }
    }
}

/// What was started, or a line in the log.
fn noted<T>(what: &str, started: Result<T>) -> Option<T> {
    started.inspect_err(|error| tracing::warn!(%error, "{what} did not start")).ok()
}
