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
use super::{Clicked, MAX_SHOWN, Show};

/// The daemon answers in milliseconds; one that does not is as good as none.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Let the daemon decide how long a notification stays.
const DAEMONS_CHOICE: i32 = -1;

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
            None => session().and_then(|bus| Daemon::on(&bus, &self.clicked)).map_err(|error| error.to_string())?,
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

/// The bus of this user's session.
fn session() -> zbus::Result<Connection> {
    connection::Builder::session()?.method_timeout(ANSWER_WITHIN).build()
}

impl Daemon {
    fn on(bus: &Connection, clicked: &Clicked) -> zbus::Result<Self> {
        let proxy = Proxy::new(
            bus,
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

#[cfg(test)]
mod tests {
    #![allow(clippy::used_underscore_binding, reason = "zbus names every argument")]

    use std::os::unix::net::UnixStream;
    use std::sync::mpsc::{self, Receiver, Sender};

    use whoelse_model::ChatId;
    use zbus::{Guid, interface, object_server::SignalEmitter, zvariant::OwnedValue};

    use super::*;
    use crate::platform::notify::Click;

    /// What the daemon was asked.
    #[derive(Debug, PartialEq)]
    enum Asked {
        Notify { replaces: u32, title: String, body: String, actions: Vec<String> },
        Close(u32),
    }

    /// A daemon that hands what it is asked to the test, and numbers notifications from 7 on.
    struct TestDaemon {
        asked: Sender<Asked>,
        capabilities: Vec<String>,
        last: u32,
    }

    #[interface(name = "org.freedesktop.Notifications")]
    impl TestDaemon {
        fn get_capabilities(&self) -> Vec<String> {
            self.capabilities.clone()
        }

        #[expect(clippy::too_many_arguments, reason = "the specification says so")]
        fn notify(
            &mut self,
            _app: String,
            replaces: u32,
            _icon: String,
            title: String,
            body: String,
            actions: Vec<String>,
            _hints: BTreeMap<String, OwnedValue>,
            _timeout: i32,
        ) -> u32 {
            self.asked.send(Asked::Notify { replaces, title, body, actions }).unwrap();
            if replaces == 0 {
                self.last += 1;
                return self.last;
            }
            replaces
        }

        fn close_notification(&self, id: u32) {
            self.asked.send(Asked::Close(id)).unwrap();
        }

        #[zbus(signal)]
        async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

        #[zbus(signal)]
        async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
    }

    struct Scene {
        screen: Screen,
        daemon: Connection,
        asked: Receiver<Asked>,
        clicks: Receiver<Click>,
    }

    const PATH: &str = "/org/freedesktop/Notifications";

    /// A screen and a daemon at the two ends of a line.
    fn scene(capabilities: &[&str]) -> Scene {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (sender, asked) = mpsc::channel();
        let capabilities = capabilities.iter().map(ToString::to_string).collect();
        let daemon = TestDaemon { asked: sender, capabilities, last: 6 };
        let serving = thread::spawn(move || {
            let builder = connection::Builder::async_io_unix_stream(theirs).server(Guid::generate()).unwrap().p2p();
            builder.serve_at(PATH, daemon).unwrap().build().unwrap()
        });
        let bus = connection::Builder::async_io_unix_stream(ours).p2p().build().unwrap();
        let daemon = serving.join().unwrap();
        let (clicked, clicks) = mpsc::sync_channel(4);
        let clicked = Clicked { clicked, wake: Arc::new(|| ()) };
        let screen = Screen { daemon: Some(Daemon::on(&bus, &clicked).unwrap()), clicked };
        Scene { screen, daemon, asked, clicks }
    }

    fn words(body: &str) -> Words {
        Words { title: "a < b".to_owned(), body: body.to_owned() }
    }

    fn everyone() -> Key {
        Key::Chat(ChatId::Everyone)
    }

    fn notified(replaces: u32, body: &str) -> Asked {
        let actions = vec!["default".to_owned(), "Open".to_owned()];
        Asked::Notify { replaces, title: "a < b".to_owned(), body: body.to_owned(), actions }
    }

    #[test]
    fn a_chat_has_one_notification_that_is_replaced_and_withdrawn() {
        let mut scene = scene(&["body"]);
        scene.screen.show(&everyone(), &words("one")).unwrap();
        assert_eq!(scene.asked.recv().unwrap(), notified(0, "one"));
        scene.screen.show(&everyone(), &words("two")).unwrap();
        assert_eq!(scene.asked.recv().unwrap(), notified(7, "two"));
        scene.screen.show(&Key::Several, &words("three")).unwrap();
        assert_eq!(scene.asked.recv().unwrap(), notified(0, "three"));
        scene.screen.withdraw(&everyone()).unwrap();
        assert_eq!(scene.asked.recv().unwrap(), Asked::Close(7));
        scene.screen.withdraw(&everyone()).unwrap();
        assert!(scene.asked.try_recv().is_err());
    }

    #[test]
    fn a_body_is_escaped_for_a_daemon_that_reads_markup_and_for_no_other() {
        for (capabilities, body) in [(&["body", "body-markup"][..], "&lt;b&gt;"), (&["body"], "<b>")] {
            let mut scene = scene(capabilities);
            scene.screen.show(&everyone(), &words("<b>")).unwrap();
            assert_eq!(scene.asked.recv().unwrap(), notified(0, body));
        }
    }

    #[test]
    fn a_click_on_a_notification_opens_its_chat_and_on_another_programs_nothing() {
        let mut scene = scene(&[]);
        scene.screen.show(&everyone(), &words("one")).unwrap();
        let emitter = SignalEmitter::new(scene.daemon.inner(), PATH).unwrap();
        zbus::block_on(TestDaemon::action_invoked(&emitter, 99, "default")).unwrap();
        zbus::block_on(TestDaemon::action_invoked(&emitter, 7, "default")).unwrap();
        assert_eq!(scene.clicks.recv().unwrap(), Click { chat: Some(ChatId::Everyone) });
        assert!(scene.clicks.try_recv().is_err());
    }

    #[test]
    fn a_daemon_that_is_gone_is_a_failure_and_no_panic() {
        let Scene { mut screen, daemon, .. } = scene(&[]);
        daemon.close().unwrap();
        assert!(screen.show(&everyone(), &words("one")).is_err());
        assert!(screen.daemon.is_none());
    }
}
