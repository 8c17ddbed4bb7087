//! One JSON object a line, for programs (`docs/BEHAVIOUR.md`, Output for programs).

use serde_json::{Value, json};
use whoelse_model::{ChatId, Direction, Message};
use whoelse_proto::{LoginRefusal, Presence, PresenceChange, PresenceReason, Seen, SessionEnd, UserName};

use super::news::{Back, End, Failure, News, Sent, SentState, command_name};
use super::times::rfc3339;

/// The lines for a piece of news; none where programs are told nothing.
pub(super) fn lines(news: &News) -> Vec<String> {
    let session_lost = (*news == News::LineBack(Back::Anew)).then(|| session_end(End::Lost));
    session_lost.into_iter().chain(value(news)).map(|value| value.to_string()).collect()
}

fn logged_in() -> Value {
    json!({"event": "login", "ok": true})
}

fn value(news: &News) -> Option<Value> {
    match news {
        News::LoggedIn(_) | News::LineBack(Back::Anew | Back::Next) => Some(logged_in()),
        News::LoginRefused(refusal) => Some(login_refused(*refusal)),
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
        News::Help(text) => Some(json!({"event": "ok", "command": "help", "text": text})),
        News::Failed(Failure { command, code, text }) => {
            Some(json!({"event": "error", "command": command, "code": code, "text": text}))
        }
        News::SessionEnd(end) => Some(session_end(*end)),
        News::LineLost { .. } | News::LineBack(Back::Unnoticed) | News::PressEnter | News::InactivityWarning(_) => None,
    }
}

fn login_refused(refusal: LoginRefusal) -> Value {
    let refused = |reason: &str| json!({"event": "login", "ok": false, "reason": reason});
    match refusal {
        LoginRefusal::WrongPassword { tries_left } => {
            json!({"event": "login", "ok": false, "reason": "wrong_password", "tries_left": tries_left})
        }
        LoginRefusal::Locked { retry_after } => {
            json!({"event": "login", "ok": false, "reason": "locked", "retry_after_s": retry_after.get()})
        }
        LoginRefusal::AlreadyOnline {} => refused("already_online"),
        LoginRefusal::UnknownUser {} => refused("unknown_user"),
        LoginRefusal::NameTaken {} => refused("name_taken"),
        LoginRefusal::RegistrationClosed {} => refused("closed"),
        LoginRefusal::TokenInvalid {} => refused("token_invalid"),
        LoginRefusal::Storage {} => refused("storage"),
    }
}

fn received(message: &Message) -> Value {
    let message = &message.message;
    let event = match message.chat {
        ChatId::Everyone => "broadcast",
        ChatId::Direct(_) => "message",
        ChatId::Private(_) => "private",
    };
    json!({
        "event": event,
        "from": message.author.as_str(),
        "text": message.text.as_str(),
        "sent_at": rfc3339(message.at),
        "stored": message.direction == Direction::Incoming { stored: true },
    })
}

fn sent(sent: &Sent) -> Option<Value> {
    let state = match sent.state {
        SentState::Saved => return None,
        SentState::Accepted => "accepted",
        SentState::Delivered => "delivered",
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
