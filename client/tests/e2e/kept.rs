//! Private words on the disk: none without the user's word, all with it.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use serde_json::json;
use whoelse_client::{Location, Profile, Runtime, fresh_message_id};
use whoelse_model::{Ask, AskId, ChatId, Credential, Event, Place, PrivateSession, Request, Retention, SignIn};
use whoelse_proto::{Fingerprint, Invitation, Password, PrivateCommand, Text, UserName};

use super::harness::{Client, PATIENCE, Rules, Server, Site, password};

const SAID: &str = "canary-said-and-not-to-be-found";
const HEARD: &str = "canary-heard-and-not-to-be-found";

/// A program with a window, without the window.
struct Window {
    runtime: Runtime,
    woken: Receiver<()>,
    events: VecDeque<Event>,
}

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

impl Window {
    /// Signs hans in.
    fn open(site: &Site, server: &Server) -> Self {
        let profile = Profile::open(&Location::Folder(site.profile("hans"))).unwrap();
        let (wake, woken) = channel();
        let waker = move || {
            // The test may have seen enough.
            let _ = wake.send(());
        };
        let runtime = Runtime::start(profile, waker).unwrap();
        let fingerprint: Fingerprint = server.fingerprint.parse().unwrap();
        let server = Invitation { fingerprint: Some(fingerprint), ..Invitation::at("127.0.0.1".into(), server.port) };
        let credential = Credential::Password(Password::new(password("hans")).unwrap());
        let mut window = Self { runtime, woken, events: VecDeque::new() };
        window.ask(Request::SignIn(SignIn::new(server, name("hans"), credential)));
        window.until(|event| matches!(event, Event::Welcomed(_)));
        window
    }

    fn ask(&self, request: Request) {
        self.runtime.send(request).unwrap();
    }

    /// The next event that fits.
    fn until(&mut self, fits: impl Fn(&Event) -> bool) -> Event {
        loop {
            while let Some(event) = self.events.pop_front() {
                if fits(&event) {
                    return event;
                }
            }
            self.events.extend(self.runtime.drain());
            if self.events.is_empty() {
                assert!(self.woken.recv_timeout(PATIENCE).is_ok(), "nothing happens");
            }
        }
    }

    /// Has a private session with yoda, who agrees to everything, and says and hears something.
    fn talk(&mut self, yoda: &mut Client) {
        for n in 1.. {
            let what = Ask::Private(PrivateCommand::Start { name: name("yoda") });
            self.ask(Request::Ask { ask: AskId::new(n), what });
            let answer = self.until(|event| matches!(event, Event::Answered { .. }));
            // Yoda's program may have just come.
            if matches!(answer, Event::Answered { result: Ok(_), .. }) {
                break;
            }
        }
        self.until(|event| matches!(event, Event::PrivateOpened(PrivateSession { .. })));
        let (id, chat, text) = (fresh_message_id(), ChatId::Private(name("yoda")), Text::new(SAID).unwrap());
        self.ask(Request::Write { id, chat, text, reply_to: None });
        self.until(|event| matches!(event, Event::Progressed { outgoing, .. } if outgoing.delivered_at.is_some()));
        assert_eq!(yoda.until("private")["text"], json!(SAID));
        yoda.line(&format!("private hans {HEARD}"));
        self.until(|event| matches!(event, Event::Received(_)));
        while yoda.until("sent")["state"] != "delivered" {}
    }

    /// What the history has of the session.
    fn history(&mut self) -> Vec<String> {
        self.ask(Request::LoadHistory { chat: ChatId::Private(name("yoda")), place: Place::End, limit: 10 });
        let Event::History(page) = self.until(|event| matches!(event, Event::History(_))) else { unreachable!() };
        page.messages.iter().map(|message| message.message.text.as_str().to_owned()).collect()
    }
}

/// The files in a folder and those below it that hold some words.
fn holding(folder: &Path, words: &str) -> Vec<String> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, words));
        } else {
            let bytes = fs::read(&path).unwrap();
            if bytes.windows(words.len()).any(|window| window == words.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

fn with_yoda(site: &Site) -> (Server, Client) {
    let server = site.serve(Rules::default());
    let mut yoda = site.start(&server, "yoda", password("yoda"), &["--accept-private"]);
    yoda.until("login");
    (server, yoda)
}

#[test]
fn without_the_users_word_no_private_word_touches_the_disk() {
    let site = Site::new();
    let (server, mut yoda) = with_yoda(&site);
    let mut hans = Window::open(&site, &server);
    hans.talk(&mut yoda);
    let nowhere = || {
        for (user, words) in [("hans", SAID), ("hans", HEARD), ("yoda", SAID), ("yoda", HEARD)] {
            assert_eq!(holding(&site.profile(user), words), Vec::<String>::new(), "of {user}");
        }
    };
    // While the files are open, with what has not come into the database yet, and after.
    nowhere();
    assert_eq!(hans.history(), Vec::<String>::new());
    drop(hans);
    nowhere();
    assert_eq!(Window::open(&site, &server).history(), Vec::<String>::new());
    nowhere();
}

#[test]
fn private_words_that_the_user_keeps_come_back_and_later_ones_do_not_once_it_is_off() {
    let site = Site::new();
    let (server, mut yoda) = with_yoda(&site);
    let mut hans = Window::open(&site, &server);
    hans.ask(Request::RetainPrivate(Retention::Keep));
    hans.talk(&mut yoda);
    drop(hans);
    let mut hans = Window::open(&site, &server);
    assert_eq!(hans.history(), [SAID, HEARD]);
    assert_ne!(holding(&site.profile("hans"), HEARD), Vec::<String>::new(), "what is looked for can be found");
    assert_eq!(holding(&site.profile("yoda"), HEARD), Vec::<String>::new(), "one side decides for itself alone");

    hans.ask(Request::ClearHistory { chat: Some(ChatId::Private(name("yoda"))) });
    hans.until(|event| matches!(event, Event::Cleared { .. }));
    hans.ask(Request::RetainPrivate(Retention::OutboxOnly));
    hans.talk(&mut yoda);
    assert_eq!(hans.history(), Vec::<String>::new());
    drop(hans);
    for words in [SAID, HEARD] {
        assert_eq!(holding(&site.profile("hans"), words), Vec::<String>::new());
    }
}
