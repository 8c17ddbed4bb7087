//! The screen of Windows, which knows the app, its name and its icon by an id in the registry.
//!
//! <https://learn.microsoft.com/windows/apps/develop/notifications/app-notifications/send-local-toast-other-apps>

use std::path::PathBuf;
use std::{fs, process};

use directories::ProjectDirs;
use windows::Data::Xml::Dom::XmlDocument;
use windows::Foundation::TypedEventHandler;
use windows::UI::Notifications::{ToastNotification, ToastNotificationManager, ToastNotifier};
use windows::core::{HSTRING, Result as WindowsResult};
use windows_registry::CURRENT_USER;

use super::waiting::Key;
use super::words::{self, Words};
use super::{Clicked, Show, tag};

/// By this id Windows knows who shows a notification.
const APP_ID: &str = "Whoelse";

/// What it shows beside the name.
const ICON: &[u8] = include_bytes!("../../../assets/icon/icon.png");

/// The screen. Dropped, it takes back what it shows: a click would reach nobody.
pub(super) struct Screen {
    clicked: Clicked,
    /// The notifications of this program, apart from those of another profile's.
    group: HSTRING,
    notifier: Option<ToastNotifier>,
}

impl Screen {
    pub(super) fn new(clicked: Clicked) -> Self {
        Self { clicked, group: HSTRING::from(process::id().to_string()), notifier: None }
    }

    /// Shows a notification, in place of the one of the same name.
    fn toast(&mut self, key: &Key, words: &Words) -> WindowsResult<()> {
        let document = XmlDocument::new()?;
        document.LoadXml(&HSTRING::from(words::toast(words)))?;
        let toast = ToastNotification::CreateToastNotification(&document)?;
        toast.SetTag(&HSTRING::from(tag::of(key)))?;
        toast.SetGroup(&self.group)?;
        let (clicked, of) = (self.clicked.clone(), key.clone());
        toast.Activated(&TypedEventHandler::new(move |_, _| {
            clicked.tell(&of);
            Ok(())
        }))?;
        self.notifier()?.Show(&toast)
    }

    /// What shows notifications in the name of the app, made at the first one.
    fn notifier(&mut self) -> WindowsResult<&ToastNotifier> {
        if self.notifier.is_none() {
            register()?;
        }
        let make = || ToastNotificationManager::CreateToastNotifierWithId(&HSTRING::from(APP_ID));
        let notifier = match self.notifier.take() {
            Some(notifier) => notifier,
            None => make()?,
        };
        Ok(self.notifier.insert(notifier))
    }

    /// Takes the notification of this name back; one that is gone already is no failure.
    fn take_back(&self, key: &Key) -> WindowsResult<()> {
        let name = HSTRING::from(tag::of(key));
        ToastNotificationManager::History()?.RemoveGroupedTagWithId(&name, &self.group, &HSTRING::from(APP_ID))
    }
}

impl Show for Screen {
    fn show(&mut self, key: &Key, words: &Words) -> Result<(), String> {
        self.toast(key, words).map_err(|error| error.to_string())
    }

    fn withdraw(&mut self, key: &Key) -> Result<(), String> {
        if self.notifier.is_some()
            && let Err(error) = self.take_back(key)
        {
            tracing::debug!(%error, "a notification is not taken back");
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.notifier.is_none() {
            return;
        }
        let history = ToastNotificationManager::History();
        let gone = history.and_then(|all| all.RemoveGroupWithId(&self.group, &HSTRING::from(APP_ID)));
        if let Err(error) = gone {
            tracing::debug!(%error, "notifications stay behind");
        }
    }
}

/// Makes the id known, for this user alone.
fn register() -> WindowsResult<()> {
    let known = CURRENT_USER.create(format!(r"Software\Classes\AppUserModelId\{APP_ID}"))?;
    known.set_string("DisplayName", "Whoelse")?;
    match icon() {
        Some(path) => known.set_string("IconUri", path.to_string_lossy()),
        None => Ok(()),
    }
}

/// The icon as a file, which lies in the app's own folder; none where there is no such folder, as for a demo.
fn icon() -> Option<PathBuf> {
    let folders = ProjectDirs::from("", "", "Whoelse")?;
    let folder = folders.data_local_dir();
    let path = folder.is_dir().then(|| folder.join("icon.png"))?;
    match fs::write(&path, ICON) {
        Ok(()) => Some(path),
        Err(error) => {
            tracing::debug!(%error, path = %path.display(), "notifications have no icon");
            None
        }
    }
}
