//! What the app asks of the desktop around its window, and what it hears from there.

use std::path::Path;

use whoelse_model::ChatId;
use whoelse_proto::{Invitation, Password};

use crate::platform::keyring::{Keyring, News};
use crate::platform::links::{self, Link};
use crate::platform::notify::{Note, Notifier, SessionNote};
use crate::platform::settings::{Account, Privacy};
use crate::platform::single::Door;
use crate::platform::surroundings::{Said, Surroundings};
use crate::platform::tray::{Face, Tray, TrayEvent};
use crate::platform::{Result, Wake};

/// The desktop. Nothing of it may wait.
pub trait Desktop {
    /// Tells the person who does not look.
    fn notify(&mut self, note: Note, shows: Privacy);

    /// Tells the person who does not look what becomes of the session.
    fn tell_session(&mut self, note: SessionNote);

    /// A chat is read: what was told of it goes.
    fn withdraw(&mut self, chat: &ChatId);

    /// Shows in the tray what there is to know.
    fn show(&mut self, face: Face);

    /// Whether there is a tray, from which the window can be brought back.
    fn has_tray(&self) -> bool;

    /// Whether the desktop may be asked for its dialogs to choose files.
    fn has_dialogs(&self) -> bool;

    /// Opens a link with whatever the system opens links with. Why not, for people.
    ///
    /// # Errors
    /// The system's words.
    fn open_link(&mut self, link: &str) -> Result<()>;

    /// Opens a file with the program made for it.
    ///
    /// # Errors
    /// The system's words.
    fn open_file(&mut self, path: &Path) -> Result<()>;

    /// Shows a folder in the file manager.
    ///
    /// # Errors
    /// The system's words.
    fn open_folder(&mut self, folder: &Path) -> Result<()>;

    /// Looks for the password of an account; the answer is an event.
    fn find_password(&mut self, account: Account);

    /// Keeps the password of an account.
    fn keep_password(&mut self, account: Account, password: Password);

    /// Forgets the password of an account.
    fn forget_password(&mut self, account: Account);

    /// What happened since the last call.
    fn events(&mut self) -> Vec<DesktopEvent>;
}

/// What happened outside the window.
#[derive(Debug, PartialEq)]
pub enum DesktopEvent {
    /// A notification was clicked: its chat is wanted, or just the window.
    Clicked(Option<ChatId>),
    /// The profile was started a second time, perhaps with a server.
    Called(Option<Invitation>),
    /// Something in the tray.
    Tray(TrayEvent),
    /// The keyring answered.
    Keyring(News),
    /// The desktop says how things are to be shown, or that the screen is locked.
    Said(Said),
}

/// The desktop of this computer. What of it cannot be had is left out.
#[derive(Debug)]
pub struct System {
    notifier: Option<Notifier>,
    tray: Option<Tray>,
    keyring: Option<Keyring>,
    door: Option<Door>,
    surroundings: Option<Surroundings>,
}

impl System {
    /// Takes up everything that the desktop has. `wake` is called when there are events.
    #[must_use]
    pub fn new(profile: &Path, wake: &Wake) -> Self {
        Self {
            notifier: had(Notifier::start(wake.clone())),
            tray: had(Tray::start(wake.clone())),
            keyring: had(Keyring::start(wake.clone())),
            door: had(Door::open(profile, wake.clone())),
            surroundings: had(Surroundings::listen(wake.clone())),
        }
    }
}

/// What could be had; what not is noted.
fn had<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(|error| tracing::warn!("{error}")).ok()
}

impl Desktop for System {
    fn notify(&mut self, note: Note, shows: Privacy) {
        if let Some(notifier) = &self.notifier {
            notifier.tell(note, shows);
        }
    }

    fn tell_session(&mut self, note: SessionNote) {
        if let Some(notifier) = &self.notifier {
            notifier.tell_session(note);
        }
    }

    fn withdraw(&mut self, chat: &ChatId) {
        if let Some(notifier) = &self.notifier {
            notifier.withdraw(chat.clone());
        }
    }

    fn show(&mut self, face: Face) {
        if let Some(tray) = &self.tray {
            tray.show(face);
        }
    }

    fn has_tray(&self) -> bool {
        self.tray.as_ref().is_some_and(Tray::is_there)
    }

    fn has_dialogs(&self) -> bool {
        true
    }

    fn open_link(&mut self, link: &str) -> Result<()> {
        Link::new(link).and_then(|link| link.open())
    }

    fn open_file(&mut self, path: &Path) -> Result<()> {
        links::open_file(path)
    }

    fn open_folder(&mut self, folder: &Path) -> Result<()> {
        links::open_folder(folder)
    }

    fn find_password(&mut self, account: Account) {
        if let Some(keyring) = &self.keyring {
            keyring.find(account);
        }
    }

    fn keep_password(&mut self, account: Account, password: Password) {
        if let Some(keyring) = &self.keyring {
            keyring.keep(account, password);
        }
    }

    fn forget_password(&mut self, account: Account) {
        if let Some(keyring) = &self.keyring {
            keyring.forget(account);
        }
    }

    fn events(&mut self) -> Vec<DesktopEvent> {
        let clicks = self.notifier.iter().flat_map(Notifier::take_clicks);
        let mut events: Vec<DesktopEvent> = clicks.map(|click| DesktopEvent::Clicked(click.chat)).collect();
        let calls = self.door.iter().flat_map(Door::take_calls);
        events.extend(calls.map(|call| DesktopEvent::Called(call.invitation)));
        events.extend(self.tray.iter().flat_map(Tray::take_events).map(DesktopEvent::Tray));
        events.extend(self.keyring.iter().flat_map(Keyring::take_news).map(DesktopEvent::Keyring));
        events.extend(self.surroundings.iter().flat_map(Surroundings::take).map(DesktopEvent::Said));
        events
    }
}

/// No desktop: nobody is told anything, and nothing is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDesktop;

impl Desktop for NoDesktop {
    fn notify(&mut self, _: Note, _: Privacy) {}

    fn tell_session(&mut self, _: SessionNote) {}

    fn withdraw(&mut self, _: &ChatId) {}

    fn show(&mut self, _: Face) {}

    fn has_tray(&self) -> bool {
        false
    }

    fn has_dialogs(&self) -> bool {
        false
    }

    fn open_link(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn open_file(&mut self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn open_folder(&mut self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn find_password(&mut self, _: Account) {}

    fn keep_password(&mut self, _: Account, _: Password) {}

    fn forget_password(&mut self, _: Account) {}

    fn events(&mut self) -> Vec<DesktopEvent> {
        Vec::new()
    }
}
