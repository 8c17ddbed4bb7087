//! The conversation of a demonstration: written by both in turn, through the server, each waiting for the other's.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use whoelse_client::{Location, Profile, Runtime, fresh_message_id};
use whoelse_model::{ChatId, Credential, Event, Request, SignIn};
use whoelse_proto::{Invitation, Password, Text, UserName};

use crate::platform::error::{Error, Result};

/// Time for the whole of it: a tenth of that on a slow computer.
const TIME: Duration = Duration::from_mins(1);

/// To whom a line goes.
#[derive(Clone, Copy)]
enum To {
    Everyone,
    TheOther,
}

/// Who says what, by place.
const LINES: [(usize, To, &str); 9] = [
    (0, To::Everyone, "Good morning. The demo is at ten, in the hangar."),
    (0, To::TheOther, "yoda, is the *hyperdrive* branch merged?"),
    (1, To::TheOther, "Merged it is, and green. 💚 The build that failed:"),
    (1, To::TheOther, "```\ntest jump_to_lightspeed ... ok\ntest kessel_run_in_12_parsecs ... ok\n```"),
    (0, To::TheOther, "Only one thing left: `motivator.rs` still says **TODO**."),
    (1, To::TheOther, "Do or do not. There is no TODO."),
    (0, To::TheOther, "😄 Done. What do you call the release?"),
    (1, To::TheOther, "希望, *hope*. Or simply 0.1.0."),
    (0, To::TheOther, "Type something: it goes from one window to the other."),
];

/// Signs both in and has them talk. Afterwards both profiles keep the session and the messages.
pub(super) fn hold(server: &Invitation, places: &[(PathBuf, &str, &str); 2]) -> Result<()> {
    let deadline = Instant::now() + TIME;
    let mut people = Vec::new();
    for (folder, name, password) in places {
        people.push(Person::sign_in(server, folder, name, password, deadline)?);
    }
    for (line, (speaker, to, text)) in LINES.into_iter().enumerate() {
        // The last line is what is new when the windows open.
        let reads = if line + 1 < LINES.len() { Reads::Yes } else { Reads::NotYet };
        say(&mut people, (speaker, to, text), reads, deadline)?;
    }
    Ok(())
}

/// Whether what arrives is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Yes,
    NotYet,
}

/// One writes, and the other gets it.
fn say(people: &mut [Person], (speaker, to, text): (usize, To, &str), reads: Reads, deadline: Instant) -> Result<()> {
    let names: Vec<UserName> = people.iter().map(|person| person.name.clone()).collect();
    let other = names.iter().enumerate().find(|(place, _)| *place != speaker).map(|(_, name)| name.clone());
    let chat = match (to, other) {
        (To::TheOther, Some(other)) => ChatId::Direct(other),
        (To::TheOther | To::Everyone, _) => ChatId::Everyone,
    };
    let text = Text::new(text).map_err(|error| Error::Demo(error.to_string()))?;
    for (place, person) in people.iter_mut().enumerate() {
        if place == speaker {
            person.write(chat.clone(), text.clone(), deadline)?;
        }
    }
    for (place, person) in people.iter_mut().enumerate() {
        if place != speaker {
            let is_it = |event: &Event| matches!(event, Event::Received(_));
            let arrived = person.wait("the message did not arrive", deadline, is_it)?;
            if let (Event::Received(message), Reads::Yes) = (arrived, reads) {
                person.ask(Request::MarkRead { chat: message.message.chat, row: message.row })?;
            }
        }
    }
    Ok(())
}

/// One of the two.
struct Person {
    name: UserName,
    client: Runtime,
    woken: Receiver<()>,
    events: VecDeque<Event>,
}

impl Person {
    fn sign_in(server: &Invitation, folder: &Path, name: &str, password: &str, deadline: Instant) -> Result<Self> {
        let name = UserName::new(name).map_err(|error| Error::Demo(error.to_string()))?;
        let password = Password::new(password).map_err(|error| Error::Demo(error.to_string()))?;
        let profile = Profile::open(&Location::Folder(folder.to_owned()))?;
        let (wake, woken) = mpsc::sync_channel(1);
        let client = Runtime::start(profile, move || {
            // One waking is as good as two.
            let _ = wake.try_send(());
        })?;
        let mut person = Self { name, client, woken, events: VecDeque::new() };
        let (server, name, credential) = (server.clone(), person.name.clone(), Credential::Password(password));
        person.ask(Request::SignIn(SignIn::new(server, name, credential)))?;
        person.wait("signing in failed", deadline, |event| matches!(event, Event::Welcomed(_)))?;
        Ok(person)
    }

    fn write(&mut self, chat: ChatId, text: Text, deadline: Instant) -> Result<()> {
        let id = fresh_message_id();
        self.ask(Request::Write { id, chat, text, reply_to: None })?;
        let is_accepted = |event: &Event| matches!(event, Event::Progressed { id: which, outgoing, .. } if *which == id && outgoing.accepted_at.is_some());
        self.wait("the server did not accept the message", deadline, is_accepted).map(drop)
    }

    fn ask(&self, request: Request) -> Result<()> {
        self.client.send(request).map_err(|busy| Error::Demo(busy.to_string()))
    }

    /// Waits for an event; those before it are of no interest.
    fn wait(&mut self, otherwise: &str, deadline: Instant, is_it: impl Fn(&Event) -> bool) -> Result<Event> {
        loop {
            while let Some(event) = self.events.pop_front() {
                if is_it(&event) {
                    return Ok(event);
                }
            }
            self.events.extend(self.client.drain());
            if self.events.is_empty() {
                let left = deadline.saturating_duration_since(Instant::now());
                self.woken.recv_timeout(left).map_err(|_| Error::Demo(otherwise.to_owned()))?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::demo::Demo;

    /// What the history of a profile has unread, as its window learns at the start.
    fn unread(server: &Invitation, folder: &Path, name: &str) -> Vec<(ChatId, u32)> {
        let profile = Profile::open(&Location::Folder(folder.to_owned())).unwrap();
        let (wake, woken) = mpsc::sync_channel(1);
        let client = Runtime::start(profile, move || wake.try_send(()).unwrap_or_default()).unwrap();
        let name = UserName::new(name).unwrap();
        let mut person = Person { name: name.clone(), client, woken, events: VecDeque::new() };
        person.ask(Request::SignIn(SignIn::new(server.clone(), name, Credential::KeptToken))).unwrap();
        let chats = person.wait("no history", Instant::now() + TIME, |event| matches!(event, Event::Chats(_)));
        let Ok(Event::Chats(chats)) = chats else { panic!("{chats:?}") };
        chats.into_iter().map(|chat| (chat.chat, chat.unread)).filter(|(_, unread)| *unread > 0).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_last_line_is_new_when_the_windows_open() {
        let temporary = tempfile::tempdir().unwrap();
        let demo = Demo::prepare(temporary.path()).await.unwrap();
        let server = demo.server.invitation("127.0.0.1");
        let [hans, yoda] = <[PathBuf; 2]>::try_from(demo.profiles()).unwrap();
        let read =
            tokio::task::spawn_blocking(move || (unread(&server, &hans, "hans"), unread(&server, &yoda, "yoda")));
        let (hans, yoda) = read.await.unwrap();
        assert_eq!(hans, []);
        assert_eq!(yoda, [(ChatId::Direct(UserName::new("hans").unwrap()), 1)]);
        demo.end().await;
    }
}
