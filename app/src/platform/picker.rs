//! Choosing files and folders with the system's own dialog, on a thread that may wait for the person.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::Wake;

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Files that exist.
    Files,
    /// A folder.
    Folder,
}

/// What came of a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// These; none if the person chose nothing.
    Paths(Vec<PathBuf>),
    /// The system has no such dialog.
    NoDialog,
}

/// Dialogs that are open. A person has one at a time; what answers later than the next question is dropped.
pub struct Picker {
    sender: Sender<(u64, Picked)>,
    picked: Receiver<(u64, Picked)>,
    asked: u64,
    wake: Wake,
}

impl Picker {
    /// `wake` is called when something was chosen.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        let (sender, picked) = mpsc::channel();
        Self { sender, picked, asked: 0, wake }
    }

    /// Opens the dialog.
    pub fn ask(&mut self, pick: Pick, title: &str) {
        self.asked += 1;
        let (number, sender, wake, title) = (self.asked, self.sender.clone(), self.wake.clone(), title.to_owned());
        let work = move || {
            let picked = if has_dialog() { Picked::Paths(picked(pick, title)) } else { Picked::NoDialog };
            // Whoever asked may be gone.
            let _ = sender.send((number, picked));
            wake();
        };
        if let Err(error) = thread::Builder::new().name("picker".to_owned()).spawn(work) {
            tracing::warn!("{error}: no dialog");
        }
    }

    /// What came of the last dialog since the last call.
    #[must_use]
    pub fn take(&self) -> Option<Picked> {
        self.picked.try_iter().find_map(|(number, picked)| (number == self.asked).then_some(picked))
    }
}

fn picked(pick: Pick, title: String) -> Vec<PathBuf> {
    let dialog = rfd::FileDialog::new().set_title(title);
    let picked = match pick {
        Pick::Files => dialog.pick_files(),
        Pick::Folder => dialog.pick_folder().map(|folder| vec![folder]),
    };
    picked.unwrap_or_default()
}

/// On Linux, the portal of the desktop or the program that stands in for it.
#[cfg(target_os = "linux")]
fn has_dialog() -> bool {
    let zenity = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("zenity").is_file()));
    zenity || has_portal().unwrap_or(false)
}

#[cfg(target_os = "linux")]
fn has_portal() -> zbus::Result<bool> {
    let bus = zbus::blocking::Connection::session()?;
    let names = zbus::blocking::fdo::DBusProxy::new(&bus)?;
    let portal = "org.freedesktop.portal.Desktop";
    let there = names.name_has_owner(portal.try_into()?)?;
    Ok(there || names.list_activatable_names()?.iter().any(|name| name.as_str() == portal))
}

#[cfg(not(target_os = "linux"))]
const fn has_dialog() -> bool {
    true
}
