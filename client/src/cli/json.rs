//! One JSON object a line, for programs (`docs/BEHAVIOUR.md`, Output for programs).

mod private;
mod recall;

use std::fmt::Write as _;

use serde_json::{Value, json};
use whoelse_model::{ChatId, Direction, Message};
use whoelse_proto::{
    LoginRefusal, MissedTries, Presence, PresenceChange, PresenceReason, Seen, SessionEnd, UserName, is_invisible,
};

use super::news::{Back, End, Failure, News, Sent, SentState, command_name, login_code};
use super::times::rfc3339;

/// The lines for a piece of news; none where programs are told nothing.
pub(super) fn lines(news: &News) -> Vec<String> {
    let session_lost = (*news == News::LineBack(Back::Anew)).then(|| session_end(End::Lost));
    session_lost.into_iter().chain(value(news)).map(|value| escaped(&value.to_string())).collect()
}

/// JSON in which nothing commands or deceives a terminal that shows it: control characters of the second row (C1), those
/// that turn the direction of writing, separators of lines and all that is not seen are written as `\uXXXX`. They can
/// stand in strings alone, where that means the same (RFC 8259, section 7).
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || is_invisible(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

fn logged_in() -> Value {
    json!({"event": "login", "ok": true})
}

/// With wrong passwords since the last login, if there were any.
fn with_missed(mut value: Value, missed: Option<MissedTries>) -> Value {
    if let (Some(missed), Some(fields)) = (missed, value.as_object_mut()) {
        fields.insert("wrong_passwords".to_owned(), json!(missed.count));
        fields.insert("last_wrong_at".to_owned(), json!(rfc3339(missed.last)));
    }
    value
}

fn value(news: &News) -> Option<Value> {
    match news {
        News::LoggedIn { missed, .. } => Some(with_missed(logged_in(), *missed)),
        News::WrongPasswords(missed) => Some(with_missed(json!({"event": "wrong_passwords"}), Some(*missed))),
        News::LineBack(Back::Anew | Back::Next) => Some(logged_in()),
        News::LoginRefused(refusal) => Some(login_refused(refusal)),
        News::Received(message) => Some(received(message)),
        News::Sent(sent) => self::sent(sent),
        News::Skipped => Some(json!({"event": "skipped"})),
        News::Presence(change) => Some(presence(change)),
        News::Whoelse(users) => Some(json!({"event": "whoelse", "users": users.iter().map(user).collect::<Vec<_>>()})),
        News::Whoelsesince(users) => {
            Some(json!({"event": "whoelsesince", "users": users.iter().map(user_since).collect::<Vec<_>>()}))
        }
        News::Blocked(names) => {
            Some(json!({"event": "blocked", "users": names.iter().map(UserName::as_str).collect::<Vec<_>>()}))
        }
        News::Done { kind, .. } => Some(json!({"event": "ok", "command": command_name(*kind)})),
        News::Recalled { what, messages } => Some(recall::recalled(what, messages)),
        News::Answer { reference, news } => value(news).map(|mut told| {
            if let Some(object) = told.as_object_mut() {
                object.insert("ref".to_owned(), reference.as_str().into());
            }
            told
        }),
        News::Help(text) => Some(json!({"event": "ok", "command": "help", "text": text})),
        News::PrivateAsked { by } => Some(json!({"event": "private_request", "user": by.as_str()})),
        News::PrivateOpened(session) => Some(private::opened(session)),
        News::PrivateInterrupted { peer } => Some(json!({"event": "private_interrupted", "user": peer.as_str()})),
        News::PrivateResumed { peer, route } => Some(private::routed("private_resumed", peer, *route)),
        News::PrivateRerouted { peer, route } => Some(private::routed("private_route", peer, *route)),
        News::PrivateClosed { peer, why } => {
            Some(json!({"event": "private_closed", "user": peer.as_str(), "reason": private::closing(*why)}))
        }
        News::Transfer(transfer) => Some(private::transfer(transfer)),
        News::Files(found) => Some(private::files(found)),
        News::Registered { file, known } => Some(private::registered(file, *known)),
        News::Failed(Failure { command, code, text }) => {
            Some(json!({"event": "error", "command": command, "code": code, "text": text}))
        }
        News::SessionEnd(end) => Some(session_end(*end)),
        News::LineLost { .. }
        | News::NotConnected { .. }
        | News::LineBack(Back::Unnoticed)
        | News::PressEnter
        | News::InactivityWarning(_) => None,
    }
}

fn login_refused(refusal: &LoginRefusal) -> Value {
    let reason = login_code(refusal);
    match refusal {
        LoginRefusal::WrongPassword { tries_left } => {
            json!({"event": "login", "ok": false, "reason": reason, "tries_left": tries_left})
        }
        LoginRefusal::Locked { retry_after }
        | LoginRefusal::RegistrationClosed { retry_after: Some(retry_after), .. } => {
            json!({"event": "login", "ok": false, "reason": reason, "retry_after_s": retry_after.get()})
        }
        LoginRefusal::UnknownUser { looks_like } | LoginRefusal::NameTaken { looks_like, .. } => {
            with_like(json!({"event": "login", "ok": false, "reason": reason}), looks_like.as_ref())
        }
        LoginRefusal::AlreadyOnline {}
        | LoginRefusal::RegistrationClosed { retry_after: None, .. }
        | LoginRefusal::TokenInvalid {}
        | LoginRefusal::Storage {} => json!({"event": "login", "ok": false, "reason": reason}),
    }
}

/// With the name of the account that the name looks like.
fn with_like(mut refused: Value, like: Option<&UserName>) -> Value {
    if let (Some(like), Some(object)) = (like, refused.as_object_mut()) {
        object.insert("looks_like".to_owned(), json!(like.as_str()));
    }
    refused
}

fn received(message: &Message) -> Value {
    let message = &message.message;
    let event = match message.chat {
        ChatId::Everyone => "broadcast",
        ChatId::Direct(_) => "message",
        ChatId::Private(_) => "private",
    };
    let mut told = json!({
        "event": event,
        "id": message.id.to_string(),
        "from": message.author.as_str(),
        "text": message.text.as_str(),
        "sent_at": rfc3339(message.at),
        "stored": message.direction == Direction::Incoming { stored: true },
    });
    if let (Some(answered), Some(object)) = (message.reply_to, told.as_object_mut()) {
        object.insert("reply_to".to_owned(), answered.to_string().into());
    }
    told
}

fn sent(sent: &Sent) -> Option<Value> {
    let state = match sent.state {
        SentState::Saved => return None,
        SentState::Accepted => "accepted",
        SentState::Delivered => "delivered",
        SentState::Lost => "lost",
    };
    let to = match &sent.chat {
        ChatId::Everyone => None,
        ChatId::Direct(name) | ChatId::Private(name) => Some(name.as_str()),
    };
    Some(json!({"event": "sent", "id": sent.id.to_string(), "to": to, "state": state}))
}

fn presence(change: &PresenceChange) -> Value {
    let reason = match change.reason {
        PresenceReason::Login => "login",
        PresenceReason::Logout => "logout",
        PresenceReason::Timeout => "timeout",
        PresenceReason::Lost => "lost",
    };
    let online = change.reason == PresenceReason::Login;
    json!({"event": "presence", "user": change.name.as_str(), "online": online, "reason": reason})
}

fn user(seen: &Seen) -> Value {
    let (online, last_seen) = match seen.presence {
        Presence::Online { .. } => (true, None),
        Presence::Offline { last_seen } => (false, last_seen.map(rfc3339)),
    };
    json!({"name": seen.name.as_str(), "online": online, "last_seen": last_seen})
}

fn user_since(seen: &Seen) -> Value {
    let mut value = user(seen);
    let sessions: Vec<Value> =
        seen.sessions.iter().map(|span| json!({"from": rfc3339(span.from), "to": span.to.map(rfc3339)})).collect();
    if let Some(object) = value.as_object_mut() {
        object.insert("sessions".to_owned(), sessions.into());
        if seen.earlier > 0 {
            object.insert("earlier".to_owned(), seen.earlier.into());
        }
    }
    value
}

fn session_end(end: End) -> Value {
    let reason = match end {
        End::Told(SessionEnd::Logout) => "logout",
        End::Told(SessionEnd::Timeout) => "timeout",
        End::Told(SessionEnd::ServerStop) => "server_stop",
        End::Told(SessionEnd::Replaced) => "replaced",
        End::Told(SessionEnd::Revoked) => "revoked",
        End::Told(SessionEnd::TooSlow) | End::Lost => "lost",
    };
    json!({"event": "session_end", "reason": reason})
}

#[cfg(test)]
mod tests {
    use whoelse_model::command::CommandKind;
    use whoelse_model::{NewMessage, RowId};
    use whoelse_proto::{InviteFault, MessageId, Seconds, Span, Text, Timestamp};

    use super::super::news::Recipient;
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_706_790_600_000);

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    fn one(news: &News) -> String {
        let mut lines = lines(news);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.remove(0)
    }

    #[test]
    fn a_login_is_told_with_what_to_do_next() {
        assert_eq!(one(&News::LoggedIn { name: name("yoda"), missed: None }), r#"{"event":"login","ok":true}"#);
        let missed = Some(MissedTries { count: 2, last: Timestamp::from_millis(1_706_790_600_000) });
        let told: Value = serde_json::from_str(&one(&News::LoggedIn { name: name("yoda"), missed })).unwrap();
        let last_wrong_at = "2024-02-01T12:30:00Z";
        assert_eq!(told, json!({"event": "login", "ok": true, "wrong_passwords": 2, "last_wrong_at": last_wrong_at}));
        assert_eq!(
            one(&News::LoginRefused(LoginRefusal::WrongPassword { tries_left: 2 })),
            r#"{"event":"login","ok":false,"reason":"wrong_password","tries_left":2}"#
        );
        assert_eq!(
            one(&News::LoginRefused(LoginRefusal::Locked { retry_after: Seconds::new(58) })),
            r#"{"event":"login","ok":false,"reason":"locked","retry_after_s":58}"#
        );
        assert_eq!(
            one(&News::LoginRefused(LoginRefusal::NameTaken { looks_like: Some(name("yoda")), reserved: false })),
            r#"{"event":"login","ok":false,"reason":"name_taken","looks_like":"yoda"}"#
        );
        assert_eq!(
            one(&News::LoginRefused(LoginRefusal::closed())),
            r#"{"event":"login","ok":false,"reason":"closed"}"#
        );
        assert_eq!(
            one(&News::LoginRefused(LoginRefusal::invite(InviteFault::UsedUp))),
            r#"{"event":"login","ok":false,"reason":"invite_used_up"}"#
        );
    }

    #[test]
    fn a_message_is_told_as_it_was_written() {
        let message = |chat, stored| {
            let text = Text::new("hi \u{1b}\n").unwrap();
            let (id, direction) = (MessageId::from_bytes([1; 16]), Direction::Incoming { stored });
            let message = NewMessage { id, chat, author: name("yoda"), text, reply_to: None, at: NOON, direction };
            one(&News::Received(Message { row: RowId::new(1), message }))
        };
        assert_eq!(
            message(ChatId::Direct(name("yoda")), true),
            r#"{"event":"message","id":"01010101-0101-0101-0101-010101010101","from":"yoda","text":"hi \u001b\n","sent_at":"2024-02-01T12:30:00Z","stored":true}"#
        );
        assert!(message(ChatId::Everyone, false).starts_with(r#"{"event":"broadcast","id":"#));
    }

    #[test]
    fn a_private_session_that_is_looked_for_and_found_is_told_with_its_way() {
        let interrupted = News::PrivateInterrupted { peer: name("yoda") };
        assert_eq!(one(&interrupted), r#"{"event":"private_interrupted","user":"yoda"}"#);
        let resumed = News::PrivateResumed { peer: name("yoda"), route: whoelse_model::Route::Relayed };
        assert_eq!(one(&resumed), r#"{"event":"private_resumed","user":"yoda","route":"relay"}"#);
    }

    #[test]
    fn nothing_in_a_line_commands_a_terminal_and_its_meaning_stays() {
        let said = "\u{9b}31m \u{202e}txt \u{2028}\u{2029}\u{85}\u{7f} \u{e0041}\u{feff} Grüße 你好 👩\u{200d}🚀";
        let failure = Failure { command: String::new(), code: "invalid", text: said.to_owned() };
        let line = one(&News::Failed(failure));
        assert!(line.chars().all(|c| !c.is_control() && !is_invisible(c)), "{line}");
        assert!(line.contains("\\u009b31m \\u202etxt \\u2028\\u2029\\u0085\\u007f \\udb40\\udc41"), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["text"], said);
    }

    #[test]
    fn an_own_message_is_told_once_the_server_has_it() {
        let sent = |chat, state| {
            lines(&News::Sent(Sent {
                id: MessageId::from_bytes([0x11; 16]),
                chat,
                state,
                recipient: Recipient::Online,
            }))
        };
        let id = "11111111-1111-1111-1111-111111111111";
        assert_eq!(sent(ChatId::Everyone, SentState::Saved), Vec::<String>::new());
        assert_eq!(
            sent(ChatId::Everyone, SentState::Accepted),
            [format!(r#"{{"event":"sent","id":"{id}","to":null,"state":"accepted"}}"#)]
        );
        assert_eq!(
            sent(ChatId::Direct(name("yoda")), SentState::Delivered),
            [format!(r#"{{"event":"sent","id":"{id}","to":"yoda","state":"delivered"}}"#)]
        );
    }

    #[test]
    fn users_are_told_with_presence_and_sessions() {
        let spans = vec![Span { from: NOON, to: Some(NOON) }, Span { from: NOON, to: None }];
        let offline = Presence::Offline { last_seen: Some(NOON) };
        let seen = Seen { name: name("yoda"), presence: offline, sessions: spans, earlier: 7 };
        assert_eq!(
            one(&News::Whoelse(vec![seen.clone()])),
            r#"{"event":"whoelse","users":[{"name":"yoda","online":false,"last_seen":"2024-02-01T12:30:00Z"}]}"#
        );
        assert_eq!(
            one(&News::Whoelsesince(vec![seen])),
            r#"{"event":"whoelsesince","users":[{"name":"yoda","online":false,"last_seen":"2024-02-01T12:30:00Z","sessions":[{"from":"2024-02-01T12:30:00Z","to":"2024-02-01T12:30:00Z"},{"from":"2024-02-01T12:30:00Z","to":null}],"earlier":7}]}"#
        );
    }

    #[test]
    fn outcomes_are_told_with_their_command() {
        let done = News::Done { kind: CommandKind::Block, about: Some(name("yoda")) };
        assert_eq!(one(&done), r#"{"event":"ok","command":"block"}"#);
        let failure = Failure { command: "block".to_owned(), code: "self", text: "that is yourself".to_owned() };
        assert_eq!(
            one(&News::Failed(failure)),
            r#"{"event":"error","command":"block","code":"self","text":"that is yourself"}"#
        );
        assert_eq!(one(&News::Skipped), r#"{"event":"skipped"}"#);
    }

    #[test]
    fn a_line_that_comes_back_is_told_only_where_the_session_changed() {
        let (end, login) = (r#"{"event":"session_end","reason":"lost"}"#, r#"{"event":"login","ok":true}"#);
        assert_eq!(lines(&News::LineBack(Back::Unnoticed)), Vec::<String>::new());
        assert_eq!(lines(&News::LineBack(Back::Next)), [login]);
        assert_eq!(lines(&News::LineBack(Back::Anew)), [end, login]);
    }

    #[test]
    fn a_presence_is_told_with_its_reason() {
        let change = PresenceChange { name: name("yoda"), reason: PresenceReason::Timeout, at: NOON };
        assert_eq!(
            one(&News::Presence(change)),
            r#"{"event":"presence","user":"yoda","online":false,"reason":"timeout"}"#
        );
    }
}
