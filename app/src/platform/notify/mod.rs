//! Notifications of the system: one a chat, saying no more than the user allows, and a click opens the chat.
//!
//! Whether a message deserves one is the model's to decide. Here they are worded, coalesced and shown on a thread of
//! their own; where the system shows none, that is noted once.

#[cfg(target_os = "macos")]
mod center;
#[cfg(target_os = "linux")]
mod freedesktop;
#[cfg(any(windows, target_os = "macos", test))]
mod tag;
#[cfg(windows)]
mod toasts;
mod waiting;
mod words;

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use whoelse_model::ChatId;

#[cfg(target_os = "macos")]
use self::center::Screen;
#[cfg(target_os = "linux")]
use self::freedesktop::Screen;
#[cfg(windows)]
use self::toasts::Screen;
use self::waiting::{Key, Waiting};
use self::words::Words;
pub use self::words::{Note, SessionNote};
use super::Wake;
use super::error::{Error, Result};
use super::latest::{self, Newest, Slot};
use super::settings::Privacy;

/// Between two notifications: more often, and they are a flicker. What comes meanwhile is taken together.
const PAUSE: Duration = Duration::from_millis(500);

/// Notifications whose clicks are followed; systems show a handful. Windows follows them by itself.
#[cfg(not(windows))]
const MAX_SHOWN: usize = 64;

/// Clicks that wait for the window: a person has one pointer.
const CLICKS: usize = 16;

/// The user clicked on a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// The chat to open; `None` if the notification did not say, then only the window comes to the front.
    pub chat: Option<ChatId>,
}

/// Where notifications are shown.
trait Show {
    /// Shows one, in place of the one shown for this key.
    fn show(&mut self, key: &Key, words: &Words) -> Result<(), String>;
    /// Takes the one for this key off the screen.
    fn withdraw(&mut self, key: &Key) -> Result<(), String>;
}

/// Shows notifications. Dropped, it shows no more.
#[derive(Debug)]
pub struct Notifier {
    waiting: Slot<Waiting>,
    clicks: Receiver<Click>,
}

impl Notifier {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start(wake: Wake) -> Result<Self> {
        let (clicked, clicks) = mpsc::sync_channel(CLICKS);
        let waiting = Self::on(Screen::new(Clicked { clicked, wake }), PAUSE)?;
        Ok(Self { waiting, clicks })
    }

    fn on(mut screen: impl Show + Send + 'static, pause: Duration) -> Result<Slot<Waiting>> {
        let (slot, newest) = latest::slot();
        // Not joined: a screen that does not answer must not hold the program.
        let thread = thread::Builder::new().name("notifications".to_owned());
        thread.spawn(move || run(&newest, &mut screen, pause)).map_err(Error::Thread)?;
        Ok(slot)
    }

    /// Tells of unread messages of a chat, in place of what was told of it before.
    pub fn tell(&self, note: Note, privacy: Privacy) {
        self.waiting.change(|waiting| waiting.get_or_insert_default().tell(note, privacy));
    }

    /// The chat was read: what was told of it goes.
    pub fn withdraw(&self, chat: ChatId) {
        self.waiting.change(|waiting| waiting.get_or_insert_default().withdraw(chat));
    }

    /// Tells what becomes of the session, in place of what was told before; takes that off the screen for `Nothing`.
    pub fn tell_session(&self, note: SessionNote) {
        self.waiting.change(|waiting| waiting.get_or_insert_default().tell_session(note));
    }

    /// The clicks since the last time.
    pub fn take_clicks(&self) -> impl Iterator<Item = Click> {
        self.clicks.try_iter()
    }
}

/// Shows what waits until the notifier is gone.
fn run(newest: &Newest<Waiting>, screen: &mut impl Show, pause: Duration) {
    let mut is_noted = false;
    while let Some(waiting) = newest.wait() {
        for (key, words) in waiting.into_orders() {
            let shown = match words {
                Some(words) => screen.show(&key, &words),
                None => screen.withdraw(&key),
            };
            if let Err(cause) = shown
                && !is_noted
            {
                is_noted = true;
                tracing::info!(cause, "the system shows no notifications");
            }
        }
        thread::sleep(pause);
    }
}

/// The way of a click to the window.
#[derive(Clone)]
struct Clicked {
    clicked: SyncSender<Click>,
    wake: Wake,
}

impl Clicked {
    /// Passes a click on; one too many is dropped.
    fn tell(&self, key: &Key) {
        let chat = match key {
            Key::Chat(chat) => Some(chat.clone()),
            Key::Several | Key::Session => None,
        };
        if self.clicked.try_send(Click { chat }).is_ok() {
            (self.wake)();
        }
    }
}

#[cfg(test)]
mod tests {
    use whoelse_proto::UserName;

    use super::*;

    /// A screen that hands what it is given to the test.
    struct TestScreen {
        seen: mpsc::SyncSender<(Key, Option<Words>)>,
        refuses: bool,
    }

    impl Show for TestScreen {
        fn show(&mut self, key: &Key, words: &Words) -> Result<(), String> {
            self.seen.send((key.clone(), Some(words.clone()))).map_err(|error| error.to_string())?;
            if self.refuses { Err("no daemon".to_owned()) } else { Ok(()) }
        }
        fn withdraw(&mut self, key: &Key) -> Result<(), String> {
            self.seen.send((key.clone(), None)).map_err(|error| error.to_string())
        }
    }

    fn direct(name: &str) -> ChatId {
        ChatId::Direct(UserName::new(name).unwrap())
    }

    fn note(name: &str, text: &str, unread: u32) -> Note {
        Note { chat: direct(name), from: UserName::new(name).unwrap(), text: text.to_owned(), unread }
    }

    /// A notifier whose screen takes one order at a time, when the test asks for it.
    fn started(refuses: bool) -> (Notifier, Receiver<(Key, Option<Words>)>) {
        let (seen, to_see) = mpsc::sync_channel(0);
        let (_, clicks) = mpsc::sync_channel(0);
        let waiting = Notifier::on(TestScreen { seen, refuses }, Duration::ZERO).unwrap();
        (Notifier { waiting, clicks }, to_see)
    }

    #[test]
    fn a_thousand_messages_of_a_chat_become_few_notifications_and_the_last_word_is_shown() {
        let (notifier, seen) = started(false);
        for unread in 1..=1000 {
            notifier.tell(note("yoda", &format!("number {unread}"), unread), Privacy::NameAndText);
        }
        drop(notifier);
        let bodies: Vec<String> = seen.iter().map(|(_, words)| words.unwrap().body).collect();
        assert!(bodies.len() <= 2, "{bodies:?}");
        assert!(bodies.last().unwrap().contains("number 1000"));
    }

    #[test]
    fn a_chat_that_was_read_is_withdrawn() {
        let (notifier, seen) = started(false);
        notifier.tell(note("yoda", "hm", 1), Privacy::Name);
        let (key, words) = seen.recv().unwrap();
        assert_eq!((&key, words.is_some()), (&Key::Chat(direct("yoda")), true));
        notifier.withdraw(direct("yoda"));
        assert_eq!(seen.recv().unwrap(), (key, None));
    }

    #[test]
    fn a_screen_that_refuses_is_asked_again_for_the_next_message() {
        let (notifier, seen) = started(true);
        notifier.tell(note("yoda", "hm", 1), Privacy::Name);
        seen.recv().unwrap();
        notifier.tell(note("yoda", "hm hm", 2), Privacy::Name);
        seen.recv().unwrap();
    }

    #[test]
    fn a_click_says_its_chat_and_too_many_are_dropped() {
        let (clicked, clicks) = mpsc::sync_channel(1);
        let clicked = Clicked { clicked, wake: std::sync::Arc::new(|| ()) };
        clicked.tell(&Key::Chat(ChatId::Everyone));
        clicked.tell(&Key::Several);
        assert_eq!(clicks.try_iter().collect::<Vec<_>>(), [Click { chat: Some(ChatId::Everyone) }]);
    }
}
