//! What this user likes, in one small file of the profile.
//!
//! JSON as the other files of a profile: one format, one writer that replaces a file whole or not at all, and still
//! plain to read and to change by hand. Fields that this version does not know stay as they are.

mod choices;
mod keeper;

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use whoelse_client::files;

pub use choices::{
    Account, AccountTabs, CloseButton, Density, Geometry, Hosting, Notifications, Privacy, Reach, SendKey, Tab,
    TextSize, ThemeChoice,
};
pub use keeper::Keeper;

use super::error::{Error, Result};

/// The version of the file that this program writes.
const VERSION: u32 = 1;

/// The file in the profile's folder.
const FILE: &str = "settings.json";

/// Bytes of the file: far more than every field at its longest.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Accounts whose tabs are kept: more than a person has; the one used longest ago goes first.
const MAX_ACCOUNTS: usize = 32;

/// Tabs kept of an account: more than anybody finds again.
const MAX_TABS: usize = 64;

/// People whose files are taken without a question: more than anybody knows.
const MAX_TAKE_FROM: usize = 256;

/// Emoji that are offered again: four rows of the picker.
const MAX_EMOJI: usize = 36;

/// Everything that a user may choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own, as the file spells it")]
pub struct Settings {
    /// Of the file.
    version: u32,
    /// Dark or light.
    pub theme: ThemeChoice,
    /// How large everything is.
    pub text_size: TextSize,
    /// How messages look.
    pub density: Density,
    /// What notifications do.
    pub notifications: Notifications,
    /// What sends a message.
    pub send_key: SendKey,
    /// Whether a shortcode such as `:tada:` becomes its emoji.
    pub emoji_shortcodes: bool,
    /// Emoji that were picked, the last one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recent_emoji: Vec<String>,
    /// What closing the window does where there is a tray.
    pub close_button: CloseButton,
    /// Whether the user was told that the app goes on in the tray.
    pub tray_explained: bool,
    /// Whether messages are kept on this computer.
    pub keep_history: bool,
    /// Whether private messages are kept on this computer too.
    pub keep_private: bool,
    /// Whether others learn what was read here, and the user what they have read.
    pub send_receipts: bool,
    /// Private sessions go through the server's relay alone, so that nobody learns this computer's address.
    pub never_show_address: bool,
    /// Nothing moves by itself.
    pub reduce_motion: bool,
    /// The list of people does not show what was written.
    pub hide_previews: bool,
    /// How wide the list of people is, in points; as at first without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_width: Option<f32>,
    /// Where files go that are fetched; without a word, into the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_folder: Option<PathBuf>,
    /// Whose files are taken without a question, in sessions whose code was compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub take_from: Vec<Account>,
    /// The server on this computer.
    pub hosting: Hosting,
    /// Where the window was.
    pub window: Option<Geometry>,
    /// The open tabs of each account, the one used last first.
    tabs: Vec<AccountTabs>,
    /// What a later version wrote.
    #[serde(flatten)]
    other: serde_json::Map<String, serde_json::Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            theme: ThemeChoice::System,
            text_size: TextSize::Normal,
            density: Density::Compact,
            notifications: Notifications::default(),
            send_key: SendKey::Enter,
            emoji_shortcodes: true,
            recent_emoji: Vec::new(),
            close_button: CloseButton::Tray,
            tray_explained: false,
            keep_history: true,
            keep_private: false,
            send_receipts: true,
            never_show_address: false,
            reduce_motion: false,
            hide_previews: false,
            list_width: None,
            download_folder: None,
            take_from: Vec::new(),
            hosting: Hosting::default(),
            window: None,
            tabs: Vec::new(),
            other: serde_json::Map::new(),
        }
    }
}

/// Settings as they were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What applies.
    pub settings: Settings,
    /// What the user should be told.
    pub notice: Option<Notice>,
}

/// Why the settings are the defaults although there was a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The file holds something else; it was kept under another name.
    #[error("The settings could not be read, so everything is as at first. The old file is kept as {}.", kept_as.display())]
    SetAside {
        /// Where it is.
        kept_as: PathBuf,
    },
    /// The file cannot be read, or not be set aside; it will be written over.
    #[error("The settings could not be read, so everything is as at first: {0}.")]
    Unreadable(String),
}

impl Settings {
    /// Reads the settings of a profile. Whatever is wrong with the file, there are settings.
    #[must_use]
    pub fn load(folder: &Path) -> Loaded {
        let path = folder.join(FILE);
        match read(&path) {
            Ok(settings) => Loaded { settings: settings.unwrap_or_default(), notice: None },
            Err(Unread::Damaged) => Loaded { settings: Self::default(), notice: Some(set_aside(&path)) },
            Err(Unread::File(cause)) => Loaded { settings: Self::default(), notice: Some(Notice::Unreadable(cause)) },
        }
    }

    /// Writes the settings of a profile, whole or not at all. Waits for the disk: see [`Keeper`].
    ///
    /// # Errors
    /// [`Error::Client`].
    pub fn save(&self, folder: &Path) -> Result<()> {
        files::replace(&folder.join(FILE), self).map_err(Error::Client)
    }

    /// Notes an emoji as the one picked last.
    pub fn note_emoji(&mut self, emoji: String) {
        self.recent_emoji.retain(|other| *other != emoji);
        self.recent_emoji.insert(0, emoji);
        self.recent_emoji.truncate(MAX_EMOJI);
    }

    /// Files of somebody are taken without a question from here on.
    pub fn always_take_from(&mut self, somebody: Account) {
        self.ask_about_files_of(&somebody);
        self.take_from.insert(0, somebody);
        self.take_from.truncate(MAX_TAKE_FROM);
    }

    /// The user is asked about files of somebody from here on.
    pub fn ask_about_files_of(&mut self, somebody: &Account) {
        self.take_from.retain(|other| other != somebody);
    }

    /// The tabs that this account had open.
    #[must_use]
    pub fn tabs(&self, account: &Account) -> Option<&AccountTabs> {
        self.tabs.iter().find(|tabs| tabs.account == *account)
    }

    /// Notes the tabs of an account; at most the first 64.
    pub fn set_tabs(&mut self, mut tabs: AccountTabs) {
        self.tabs.retain(|other| other.account != tabs.account);
        tabs.open.truncate(MAX_TABS);
        self.tabs.insert(0, tabs);
        self.tabs.truncate(MAX_ACCOUNTS);
    }
}

/// Why there are no settings to be had from a file.
enum Unread {
    Damaged,
    File(String),
}

/// Reads the file; a missing one is no fault.
fn read(path: &Path) -> Result<Option<Settings>, Unread> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unread::File(whoelse_plain::file(&error))),
    };
    let mut bytes = Vec::new();
    let read = file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Unread::File(whoelse_plain::file(&error)))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Unread::Damaged);
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|_| Unread::Damaged)
}

/// Gives a damaged file another name, so that nothing in it is lost.
fn set_aside(path: &Path) -> Notice {
    let kept_as = path.with_extension("damaged.json");
    match fs::rename(path, &kept_as) {
        Ok(()) => Notice::SetAside { kept_as },
        Err(error) => Notice::Unreadable(whoelse_plain::file(&error)),
    }
}

#[cfg(test)]
mod tests {
    use whoelse_model::Mute;
    use whoelse_proto::{Fingerprint, Timestamp, UserName};

    use super::*;

    fn hans_on(server: u8) -> Account {
        Account { server: Fingerprint::from_bytes([server; 32]), name: UserName::new("hans").unwrap() }
    }

    fn written(text: &str) -> (tempfile::TempDir, Loaded) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        let loaded = Settings::load(folder.path());
        (folder, loaded)
    }

    #[test]
    fn without_a_file_there_are_the_defaults_and_no_notice() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::load(folder.path()), Loaded { settings: Settings::default(), notice: None });
    }

    #[test]
    fn every_choice_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            theme: ThemeChoice::Dark,
            text_size: TextSize::Largest,
            density: Density::Bubbles,
            download_folder: Some(PathBuf::from("/srv/files")),
            send_key: SendKey::CtrlEnter,
            close_button: CloseButton::Quit,
            tray_explained: true,
            keep_history: false,
            keep_private: true,
            never_show_address: true,
            reduce_motion: true,
            window: Some(Geometry { position: Some([-8.0, 4.5]), size: [900.0, 700.0], maximized: true }),
            ..Settings::default()
        };
        let yoda = Tab::Chat(UserName::new("{}\"yoda").unwrap());
        let open = vec![Tab::Everyone, yoda, Tab::WhoWasOnline, Tab::SharedFiles];
        settings.set_tabs(AccountTabs { account: hans_on(1), open, active: 1 });
        settings.notifications.shows = Privacy::Count;
        settings.hosting.reach = Reach::ThisComputer;
        settings.notifications.set_mute(Mute::Until(Timestamp::from_millis(1_795_167_600_000)));

        settings.save(folder.path()).unwrap();

        assert_eq!(Settings::load(folder.path()), Loaded { settings, notice: None });
    }

    #[test]
    fn notifications_that_an_earlier_version_switched_off_stay_off_without_an_end() {
        let (_folder, loaded) = written(r#"{ "notifications": { "shows": "name", "muted": true } }"#);
        let mut notifications = loaded.settings.notifications;
        assert_eq!((notifications.shows, notifications.mute()), (Privacy::Name, Mute::Always));
        notifications.set_mute(Mute::No);
        assert_eq!((notifications.shows, notifications.mute()), (Privacy::Name, Mute::No));
    }

    #[test]
    fn a_field_of_a_later_version_survives_this_one() {
        let (folder, loaded) = written(r#"{ "version": 7, "theme": "light", "sounds": { "volume": 3 } }"#);
        assert_eq!((loaded.settings.theme, loaded.notice), (ThemeChoice::Light, None));

        loaded.settings.save(folder.path()).unwrap();

        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["version"], &value["sounds"]["volume"]), (&7.into(), &3.into()));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_told() {
        let too_long = format!("\"{}\"", "x".repeat(1024 * 1024));
        for text in ["", "{ \"theme\": ", "[]", r#"{ "theme": "purple" }"#, "\u{0}", &too_long] {
            let (folder, loaded) = written(text);
            let kept_as = folder.path().join("settings.damaged.json");
            assert_eq!(loaded.settings, Settings::default());
            assert_eq!(loaded.notice, Some(Notice::SetAside { kept_as: kept_as.clone() }));
            assert_eq!(fs::read_to_string(kept_as).unwrap(), text);
            assert_eq!(Settings::load(folder.path()).notice, None);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_leaves_the_defaults_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(FILE)).unwrap();
        let loaded = Settings::load(folder.path());
        assert_eq!(loaded.settings, Settings::default());
        assert!(matches!(loaded.notice, Some(Notice::Unreadable(_))));
    }

    #[test]
    fn tabs_are_kept_per_account_and_the_list_does_not_grow_for_ever() {
        let mut settings = Settings::default();
        for server in 0..200 {
            let open = vec![Tab::Everyone; 1000];
            settings.set_tabs(AccountTabs { account: hans_on(server), open, active: 0 });
        }
        settings.set_tabs(AccountTabs { account: hans_on(199), open: vec![Tab::WhoWasOnline], active: 0 });
        assert_eq!(settings.tabs.len(), MAX_ACCOUNTS);
        assert_eq!(settings.tabs(&hans_on(199)).unwrap().open, [Tab::WhoWasOnline]);
        assert_eq!(settings.tabs(&hans_on(198)).unwrap().open.len(), MAX_TABS);
        assert_eq!(settings.tabs(&hans_on(0)), None);
    }
}
