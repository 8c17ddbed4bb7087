//! The screen of a Linux desktop: the notification daemon on the session bus.
//!
//! One connection for all notifications; the crate that does this elsewhere opens one, with a thread, for each.
//! <https://specifications.freedesktop.org/notification-spec/1.2/>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::Value;

use super::waiting::Key;
use super::words::{Words, escaped};
use super::{Clicked, Show};

/// The daemon answers in milliseconds; one that does not is as good as none.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Let the daemon decide how long a notification stays.
const DAEMONS_CHOICE: i32 = -1;

/// Notifications whose clicks are followed; the daemon shows a handful.
const MAX_SHOWN: usize = 64;

/// What the daemon calls the notification of each key.
type Shown = Arc<Mutex<BTreeMap<Key, u32>>>;

/// The screen; connected at the first notification, and again after a failure.
pub(super) struct Screen {
    clicked: Clicked,
    daemon: Option<Daemon>,
}

/// A connection to the daemon.
struct Daemon {
    proxy: Proxy<'static>,
    /// Whether it reads markup in the body.
    reads_markup: bool,
    shown: Shown,
}

impl Screen {
    pub(super) const fn new(clicked: Clicked) -> Self {
        Self { clicked, daemon: None }
    }

    /// Does something with the daemon; after a failure the connection is made anew.
    fn with_daemon(&mut self, act: impl FnOnce(&Daemon) -> zbus::Result<()>) -> Result<(), String> {
        let daemon = match self.daemon.take() {
            Some(daemon) => daemon,
            None => Daemon::connect(&self.clicked).map_err(|error| error.to_string())?,
        };
        act(&daemon).map_err(|error| error.to_string())?;
        self.daemon = Some(daemon);
        Ok(())
    }
}

impl Show for Screen {
    fn show(&mut self, key: &Key, words: &Words) -> Result<(), String> {
        self.with_daemon(|daemon| daemon.notify(key, words))
    }

    fn withdraw(&mut self, key: &Key) -> Result<(), String> {
        if self.daemon.is_none() {
            return Ok(());
        }
        self.with_daemon(|daemon| daemon.close(key))
    }
}

impl Daemon {
    fn connect(clicked: &Clicked) -> zbus::Result<Self> {
        let connection: Connection = connection::Builder::session()?.method_timeout(ANSWER_WITHIN).build()?;
        let proxy = Proxy::new(
            &connection,
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
        )?;
        let capabilities: Vec<String> = proxy.call("GetCapabilities", &())?;
        let shown = Shown::default();
        follow(&proxy, Arc::clone(&shown), clicked.clone())?;
        let reads_markup = capabilities.iter().any(|capability| capability == "body-markup");
        Ok(Self { proxy, reads_markup, shown })
    }

    fn notify(&self, key: &Key, words: &Words) -> zbus::Result<()> {
        let replaced = guard(&self.shown).get(key).copied().unwrap_or(0);
        let body = if self.reads_markup { escaped(&words.body) } else { words.body.clone() };
        let hints =
            BTreeMap::from([("desktop-entry", Value::from("whoelse")), ("category", Value::from("im.received"))]);
        let actions = ["default", "Open"];
        let content = ("Whoelse", replaced, "whoelse", &words.title, body, &actions[..], hints, DAEMONS_CHOICE);
        let id: u32 = self.proxy.call("Notify", &content)?;
        let mut shown = guard(&self.shown);
        shown.insert(key.clone(), id);
        while shown.len() > MAX_SHOWN {
            shown.pop_first();
        }
        Ok(())
    }

    fn close(&self, key: &Key) -> zbus::Result<()> {
        let id = guard(&self.shown).remove(key);
        match id {
            Some(id) => self.proxy.call("CloseNotification", &id),
            None => Ok(()),
        }
    }
}

/// Follows what the user does with the notifications, until the connection ends.
fn follow(proxy: &Proxy<'static>, shown: Shown, clicked: Clicked) -> zbus::Result<()> {
    let signals = proxy.receive_all_signals()?;
    let work = move || {
        for signal in signals {
            let header = signal.header();
            match header.member().map(zbus::names::MemberName::as_str) {
                Some("ActionInvoked") => {
                    let action = signal.body().deserialize::<(u32, String)>();
                    if let Some(key) = action.ok().and_then(|(id, _)| key_of(&shown, id)) {
                        clicked.tell(&key);
                    }
                }
                Some("NotificationClosed") => {
                    if let Ok((id, _)) = signal.body().deserialize::<(u32, u32)>() {
                        guard(&shown).retain(|_, shown| *shown != id);
                    }
                }
                Some(_) | None => {}
            }
        }
    };
    thread::Builder::new().name("notified".to_owned()).spawn(work)?;
    Ok(())
}

fn key_of(shown: &Shown, id: u32) -> Option<Key> {
    guard(shown).iter().find(|(_, shown)| **shown == id).map(|(key, _)| key.clone())
}

/// The map, which is whole after every change.
fn guard(shown: &Shown) -> MutexGuard<'_, BTreeMap<Key, u32>> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}
