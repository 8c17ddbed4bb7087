//! Words for people: quiet, aligned, and with nothing foreign that could command the terminal.

mod private;
mod recall;

use jiff::tz::TimeZone;
use whoelse_model::command::CommandKind;
use whoelse_model::{ChatId, Direction, Message};
use whoelse_proto::{
    InviteFault, LoginRefusal, MissedTries, Presence, PresenceChange, PresenceReason, Seconds, Seen, SessionEnd,
    Timestamp, UserName,
};

use super::news::{End, Failure, News, Recipient, Sent, SentState};
use super::{safe, table, times};

/// Sessions of one user that are shown.
const MAX_SESSIONS: usize = 3;

/// What stands in front of a private message. No name holds it, so that no name makes a line that looks like one:
/// names are ASCII and have no space.
const PRIVATE: &str = "🔒 ";

/// How to write.
#[derive(Clone, Debug)]
pub(super) struct Human {
    /// The time zone of the reader.
    pub(super) zone: TimeZone,
    /// Whether the terminal takes colours.
    pub(super) style: Style,
}

/// Whether to set what matters less in a fainter colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// No.
    Plain,
    /// Yes, and names in bold.
    Ansi,
}

impl Human {
    /// The lines for a piece of news; `None` where there is nothing to say.
    pub(super) fn lines(&self, news: &News, now: Timestamp) -> Option<String> {
        match news {
            News::LoggedIn { name, missed: None } => Some(self.notice(&format!("You are logged in as {name}."))),
            News::LoggedIn { name, missed: Some(missed) } => {
                let missed = self.wrong_passwords(*missed, now);
                Some(format!("{}\n{missed}", self.notice(&format!("You are logged in as {name}."))))
            }
            News::WrongPasswords(missed) => Some(self.wrong_passwords(*missed, now)),
            News::LoginRefused(refusal) => Some(login_refused(refusal)),
            News::Received(message) => Some(self.received(message, now)),
            News::Sent(sent) => self.sent(sent),
            News::Skipped => Some(self.notice("Sent. Some people online do not get your broadcasts.")),
            News::Presence(change) => Some(self.notice(&presence(change))),
            News::Whoelse(users) => Some(self.whoelse(users, now)),
            News::Whoelsesince(users) => Some(self.whoelsesince(users, now)),
            News::Blocked(names) => Some(blocked(names)),
            News::Done { kind, about } => done(*kind, about.as_ref()).map(|text| self.notice(&text)),
            News::PrivateAsked { by } => Some(private::asked(by)),
            News::PrivateOpened(session) => Some(private::opened(session)),
            News::PrivateInterrupted { peer } => Some(self.notice(&private::interrupted(peer))),
            News::PrivateResumed { peer, route } => Some(self.notice(&private::resumed(peer, *route))),
            News::PrivateRerouted { peer, route } => Some(self.notice(&private::rerouted(peer, *route))),
            News::PrivateClosed { peer, why } => Some(self.notice(&private::closed(peer, *why))),
            News::Transfer(transfer) => private::transfer(transfer).map(|text| self.notice(&text)),
            News::Files(found) => Some(private::files(found)),
            News::Registered { file, known } => Some(self.notice(&private::registered(file, *known))),
            News::Recalled { messages, .. } => Some(recall::lines(messages, now, &self.zone)),
            News::Answer { news, .. } => self.lines(news, now),
            News::Help(text) => Some(text.clone()),
            News::Failed(failure) => Some(failed(failure)),
            News::SessionEnd(end) => Some(self.notice(session_end(*end))),
            News::LineLost { cause, retry_at, now } => Some(self.notice(&line_lost(cause, *retry_at, *now))),
            News::NotConnected { cause } => {
                Some(self.notice(&format!("{} Trying again.", sentence(&safe::line(cause)))))
            }
            News::LineBack(_) => Some(self.notice("The connection is back.")),
            News::PressEnter => Some(self.notice("Press Enter to exit.")),
            News::InactivityWarning(left) => {
                let left = times::length(*left);
                Some(self.notice(&format!(
                    "You are logged out in {left} unless you do something. Type stay to remain logged in."
                )))
            }
        }
    }

    /// Somebody gave wrong passwords, perhaps the user.
    fn wrong_passwords(&self, missed: MissedTries, now: Timestamp) -> String {
        let last = times::moment(missed.last, now, &self.zone);
        let passwords = if missed.count == 1 { "wrong password" } else { "wrong passwords" };
        format!("Since your last login: {} {passwords} for your name, the last at {last}.", missed.count)
    }

    /// What matters less.
    fn notice(&self, text: &str) -> String {
        match self.style {
            Style::Plain => text.to_owned(),
            Style::Ansi => format!("\x1b[2m{text}\x1b[0m"),
        }
    }

    /// Who speaks.
    fn speaker(&self, text: &str) -> String {
        match self.style {
            Style::Plain => text.to_owned(),
            Style::Ansi => format!("\x1b[1m{text}\x1b[0m"),
        }
    }

    fn received(&self, message: &Message, now: Timestamp) -> String {
        let message = &message.message;
        let waited = match message.direction {
            Direction::Incoming { stored: true } => {
                self.notice(&format!("[{}] ", times::moment(message.at, now, &self.zone)))
            }
            Direction::Incoming { stored: false } | Direction::Outgoing(_) => String::new(),
        };
        let to = match message.chat {
            ChatId::Everyone => " (to everyone)",
            ChatId::Direct(_) => "",
            ChatId::Private(_) => "(private)",
        };
        let mark = match message.chat {
            ChatId::Everyone | ChatId::Direct(_) => "",
            ChatId::Private(_) => PRIVATE,
        };
        let speaker = self.speaker(message.author.as_str());
        format!("{waited}{mark}{speaker}{to}: {}", safe::text(message.text.as_str()))
    }

    /// Own messages are told only where they do not do what one expects: arrive at once.
    fn sent(&self, sent: &Sent) -> Option<String> {
        let (state, ChatId::Direct(to)) = (sent.state, &sent.chat) else {
            let saved = sent.state == SentState::Saved;
            return saved.then(|| self.notice("Saved on this computer. It is sent when the connection is back."));
        };
        match (state, sent.recipient) {
            (SentState::Saved, _) => {
                Some(self.notice(&format!("Saved on this computer. It is sent to {to} when the connection is back.")))
            }
            (SentState::Accepted, Recipient::Offline) => {
                Some(self.notice(&format!("Sent. {to} is away and gets it at the next login.")))
            }
            (SentState::Lost, _) => Some(self.notice(&format!(
                "A message to {to} did not arrive and will not: the account was removed. `history {to}` marks which."
            ))),
            (SentState::Accepted, Recipient::Online) | (SentState::Delivered, _) => None,
        }
    }

    fn whoelse(&self, users: &[Seen], now: Timestamp) -> String {
        if users.is_empty() {
            return "Nobody else is online.".to_owned();
        }
        let rows: Vec<[String; 2]> =
            users.iter().map(|seen| [seen.name.to_string(), self.presence(seen.presence, now)]).collect();
        table::lines(&rows).join("\n")
    }

    fn whoelsesince(&self, users: &[Seen], now: Timestamp) -> String {
        if users.is_empty() {
            return "Nobody else was online.".to_owned();
        }
        let rows: Vec<[String; 3]> = users
            .iter()
            .map(|seen| [seen.name.to_string(), self.presence(seen.presence, now), self.sessions(seen, now)])
            .collect();
        table::lines(&rows).join("\n")
    }

    fn presence(&self, presence: Presence, now: Timestamp) -> String {
        match presence {
            Presence::Online { since } => format!("online since {}", times::moment(since, now, &self.zone)),
            Presence::Offline { last_seen: Some(at) } => format!("last seen {}", times::moment(at, now, &self.zone)),
            Presence::Offline { last_seen: None } => "offline".to_owned(),
        }
    }

    /// The latest sessions, oldest first.
    fn sessions(&self, seen: &Seen, now: Timestamp) -> String {
        let left_out = seen.sessions.len().saturating_sub(MAX_SESSIONS);
        let earlier = left_out as u64 + u64::from(seen.earlier);
        let shown = seen.sessions.iter().skip(left_out).map(|span| {
            let end = span.to.map_or_else(|| "now".to_owned(), |to| times::moment(to, now, &self.zone));
            format!("{}–{end}", times::moment(span.from, now, &self.zone))
        });
        let mut shown: Vec<String> = shown.collect();
        if earlier > 0 {
            shown.insert(0, format!("{earlier} earlier"));
        }
        shown.join(", ")
    }
}

/// Why the user is not let in.
pub(super) fn login_refused(refusal: &LoginRefusal) -> String {
    match refusal {
        LoginRefusal::WrongPassword { tries_left: 1 } => "Wrong password. One try is left.".to_owned(),
        LoginRefusal::WrongPassword { tries_left } => format!("Wrong password. {tries_left} tries are left."),
        LoginRefusal::Locked { retry_after } => {
            format!("Too many wrong passwords. This name may try again in {}.", times::length(*retry_after))
        }
        LoginRefusal::AlreadyOnline {} => "This name is already logged in.".to_owned(),
        LoginRefusal::UnknownUser { looks_like: None } => "There is no such user.".to_owned(),
        LoginRefusal::UnknownUser { looks_like: Some(like) } => {
            format!("There is no such user. Did you mean {like}? Names are case-sensitive.")
        }
        LoginRefusal::NameTaken { reserved: true, .. } => {
            "This name cannot be used: it is a word of the program, or reads like one of its lines.".to_owned()
        }
        LoginRefusal::NameTaken { looks_like: Some(like), .. } => {
            format!("This name cannot be used: it looks too much like {like}, who has an account.")
        }
        LoginRefusal::NameTaken { looks_like: None, .. } => "This name is taken.".to_owned(),
        LoginRefusal::RegistrationClosed { retry_after: None, invite: None } => {
            "Nobody can create an account on this server. Ask its administrator.".to_owned()
        }
        LoginRefusal::RegistrationClosed { retry_after: None, invite: Some(fault) } => invite_fault(*fault).to_owned(),
        LoginRefusal::RegistrationClosed { retry_after: Some(wait), invite: Some(_) } => {
            format!("Too many wrong invitations. Try again in {} s.", wait.get())
        }
        LoginRefusal::RegistrationClosed { retry_after: Some(wait), invite: None } => {
            format!("Too many accounts were created lately. Try again in {} s.", wait.get())
        }
        LoginRefusal::TokenInvalid {} => "The saved session has ended. Log in with your password.".to_owned(),
        LoginRefusal::Storage {} => "The server cannot write to its disk. Tell its administrator.".to_owned(),
    }
}

/// What is wrong with an invitation.
const fn invite_fault(fault: InviteFault) -> &'static str {
    match fault {
        InviteFault::Needed => {
            "This server needs an invitation for a new account. Ask for one and pass it with --invite."
        }
        InviteFault::Unknown => "This server does not know the invitation: it is from another server, or was revoked.",
        InviteFault::Expired => "This invitation has expired. Ask for another.",
        InviteFault::UsedUp => "This invitation has been used up. Ask for another.",
    }
}

fn presence(change: &PresenceChange) -> String {
    let name = &change.name;
    match change.reason {
        PresenceReason::Login => format!("{name} logged in"),
        PresenceReason::Logout => format!("{name} logged out"),
        PresenceReason::Timeout => format!("{name} timed out"),
        PresenceReason::Lost => format!("{name} lost the connection"),
    }
}

fn blocked(names: &[UserName]) -> String {
    if names.is_empty() {
        return "You have not blocked anybody.".to_owned();
    }
    let rows: Vec<[String; 1]> = names.iter().map(|name| [name.to_string()]).collect();
    table::lines(&rows).join("\n")
}

/// What a command did.
fn done(kind: CommandKind, about: Option<&UserName>) -> Option<String> {
    match (kind, about) {
        (CommandKind::Block, Some(name)) => Some(format!("{name} can no longer reach or see you.")),
        (CommandKind::Unblock, Some(name)) => Some(format!("{name} can reach and see you again.")),
        (CommandKind::StartPrivate, Some(name)) => Some(format!("{name} is asked for a private session.")),
        (CommandKind::Verify, Some(name)) => Some(format!("{name}'s device is verified.")),
        (CommandKind::Passwd, _) => Some("Your password has been changed.".to_owned()),
        (CommandKind::Stay, _) => Some("You remain logged in.".to_owned()),
        // These have an answer of their own, or the end of the session.
        _ => None,
    }
}

/// What was not done, as a sentence.
fn failed(failure: &Failure) -> String {
    sentence(&safe::line(&failure.text))
}

/// With a capital letter and an end.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

const fn session_end(end: End) -> &'static str {
    match end {
        End::Told(SessionEnd::Logout) => "You are logged out.",
        End::Told(SessionEnd::Timeout) => "You were logged out after too long without activity.",
        End::Told(SessionEnd::ServerStop) => "The server stopped. Trying to connect again.",
        End::Told(SessionEnd::Replaced) => "You were logged out: this name logged in elsewhere.",
        End::Told(SessionEnd::Revoked) => {
            "You were logged out: the administrator ended the session or changed the account."
        }
        End::Told(SessionEnd::TooSlow) | End::Lost => "The connection was lost.",
    }
}

fn line_lost(cause: &str, retry_at: Timestamp, now: Timestamp) -> String {
    let wait = retry_at.seconds_since(now);
    let cause = safe::line(cause);
    if wait <= Seconds::new(1) {
        format!("The connection was lost ({cause}). Trying again.")
    } else {
        format!("The connection was lost ({cause}). Trying again in {}.", times::length(wait))
    }
}

#[cfg(test)]
mod tests {
    use whoelse_model::{NewMessage, RowId};
    use whoelse_proto::{MessageId, Text};

    use whoelse_proto::{Refusal, Span};

    use super::*;

    /// Thursday, 2024-02-01T12:30:00Z.
    const NOON: Timestamp = Timestamp::from_millis(1_706_790_600_000);

    const MINUTE: u64 = 60;

    fn said(news: &News) -> String {
        Human { zone: TimeZone::UTC, style: Style::Plain }.lines(news, NOON).unwrap_or_default()
    }

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    fn ago(minutes: u64) -> Timestamp {
        NOON.minus(Seconds::new(minutes * MINUTE))
    }

    fn received(chat: ChatId, text: &str, direction: Direction) -> News {
        let (id, text) = (MessageId::from_bytes([1; 16]), Text::new(text).unwrap());
        let message = NewMessage { id, chat, author: name("yoda"), text, reply_to: None, at: ago(90), direction };
        News::Received(Message { row: RowId::new(1), message })
    }

    #[test]
    fn a_private_session_that_is_looked_for_says_for_how_long_and_what_waits() {
        let told = said(&News::PrivateInterrupted { peer: name("yoda") });
        assert!(told.contains("yoda") && told.contains("10 seconds") && told.contains("is sent once"), "{told}");
        let resumed = News::PrivateResumed { peer: name("yoda"), route: whoelse_model::Route::Direct };
        assert!(said(&resumed).contains("with yoda goes on, directly"), "{}", said(&resumed));
    }

    #[test]
    fn a_message_names_its_author_and_one_that_waited_its_time() {
        let yoda = ChatId::Direct(name("yoda"));
        let direct = Direction::Incoming { stored: false };
        assert_eq!(said(&received(yoda.clone(), "hi\n\u{1b}[0m", direct.clone())), "yoda: hi\n  ␛[0m");
        assert_eq!(said(&received(ChatId::Everyone, "hi", direct)), "yoda (to everyone): hi");
        assert_eq!(said(&received(yoda, "hi", Direction::Incoming { stored: true })), "[11:00] yoda: hi");
    }

    #[test]
    fn no_name_makes_a_line_that_reads_like_a_private_message() {
        let direct = Direction::Incoming { stored: false };
        let private = said(&received(ChatId::Private(name("yoda")), "hi", direct.clone()));
        assert_eq!(private, "🔒 yoda(private): hi");
        for forged in ["yoda(private)", "yoda(private):", "(private)", "[private]"] {
            for chat in [ChatId::Direct(name(forged)), ChatId::Everyone] {
                let (id, text) = (MessageId::from_bytes([2; 16]), Text::new("hi").unwrap());
                let author = name(forged);
                let direction = direct.clone();
                let message = NewMessage { id, chat, author, text, reply_to: None, at: ago(0), direction };
                let line = said(&News::Received(Message { row: RowId::new(2), message }));
                assert!(line.is_ascii() && line.starts_with(forged), "{line}");
            }
        }
    }

    #[test]
    fn colours_set_names_and_notices_apart() {
        let human = Human { zone: TimeZone::UTC, style: Style::Ansi };
        let direct = received(ChatId::Direct(name("yoda")), "hi", Direction::Incoming { stored: false });
        assert_eq!(human.lines(&direct, NOON).unwrap(), "\x1b[1myoda\x1b[0m: hi");
        assert_eq!(
            human.lines(&News::LoggedIn { name: name("yoda"), missed: None }, NOON).unwrap(),
            "\x1b[2mYou are logged in as yoda.\x1b[0m"
        );
    }

    #[test]
    fn lists_are_tables() {
        let online = Seen {
            name: name("leia"),
            presence: Presence::Online { since: ago(30) },
            sessions: Vec::new(),
            earlier: 0,
        };
        let spans = |n: u64| (0..n).map(|i| Span { from: ago(60 + i), to: Some(ago(50)) }).collect();
        let offline = Presence::Offline { last_seen: Some(ago(24 * 60)) };
        let offline = Seen { name: name("palpatine"), presence: offline, sessions: spans(5), earlier: 0 };
        assert_eq!(said(&News::Whoelse(vec![online.clone()])), "  leia  online since 12:00");
        let lines = said(&News::Whoelsesince(vec![online, offline]));
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                "  leia       online since 12:00",
                "  palpatine  last seen yesterday 12:30  2 earlier, 11:28–11:40, 11:27–11:40, 11:26–11:40"
            ]
        );
        assert_eq!(said(&News::Whoelse(Vec::new())), "Nobody else is online.");
        assert_eq!(said(&News::Blocked(vec![name("vader")])), "  vader");
        assert_eq!(said(&News::Blocked(Vec::new())), "You have not blocked anybody.");
    }

    #[test]
    fn an_own_message_is_silent_unless_it_does_not_arrive_at_once() {
        let sent = |chat: ChatId, state, recipient| {
            said(&News::Sent(Sent { id: MessageId::from_bytes([1; 16]), chat, state, recipient }))
        };
        let yoda = || ChatId::Direct(name("yoda"));
        assert_eq!(sent(yoda(), SentState::Accepted, Recipient::Online), "");
        assert_eq!(sent(yoda(), SentState::Delivered, Recipient::Online), "");
        assert_eq!(sent(ChatId::Everyone, SentState::Accepted, Recipient::Online), "");
        assert_eq!(
            sent(yoda(), SentState::Accepted, Recipient::Offline),
            "Sent. yoda is away and gets it at the next login."
        );
        let kept = "Saved on this computer. It is sent to yoda when the connection is back.";
        assert_eq!(sent(yoda(), SentState::Saved, Recipient::Online), kept);
    }

    #[test]
    fn what_was_not_done_is_a_sentence_without_control_characters() {
        let failure = |text: &str| {
            said(&News::Failed(Failure { command: "x".to_owned(), code: "invalid", text: text.to_owned() }))
        };
        assert_eq!(failure("there is no user \u{1b}[2J"), "There is no user ␛[2J.");
        assert_eq!(failure("did you mean message?"), "Did you mean message?");
    }

    #[test]
    fn a_refused_login_says_what_may_be_done() {
        let refused = |refusal| said(&News::LoginRefused(refusal));
        assert_eq!(refused(LoginRefusal::WrongPassword { tries_left: 2 }), "Wrong password. 2 tries are left.");
        assert_eq!(refused(LoginRefusal::WrongPassword { tries_left: 1 }), "Wrong password. One try is left.");
        let locked = LoginRefusal::Locked { retry_after: Seconds::new(61) };
        assert_eq!(refused(locked), "Too many wrong passwords. This name may try again in 1 min 1 s.");
    }

    #[test]
    fn a_lost_line_says_when_it_is_tried_again() {
        let not_yet = News::NotConnected { cause: "no connection to hoth".to_owned() };
        assert_eq!(said(&not_yet), "No connection to hoth. Trying again.");
        let lost = |wait| News::LineLost { cause: "cut".to_owned(), retry_at: NOON.plus_millis(wait), now: NOON };
        assert_eq!(said(&lost(400)), "The connection was lost (cut). Trying again.");
        assert_eq!(said(&lost(20_000)), "The connection was lost (cut). Trying again in 20 s.");
    }

    #[test]
    fn no_name_is_written_with_a_capital_letter_in_a_refusal() {
        for refusal in [Refusal::Offline, Refusal::RequestPending, Refusal::NoRequest, Refusal::Blocked, Refusal::Full]
        {
            for kind in [CommandKind::Message, CommandKind::StartPrivate, CommandKind::Accept] {
                let failed = said(&News::Failed(Failure::refused(kind, refusal, Some(&name("leia")))));
                assert!(!failed.contains("Leia"), "{failed}");
            }
        }
    }
}
