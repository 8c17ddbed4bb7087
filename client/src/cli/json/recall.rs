//! Messages read back, as JSON.

use serde_json::{Value, json};
use whoelse_model::{ChatId, Direction, Message, OutgoingState, Recall};
use whoelse_proto::UserName;

use super::super::times::rfc3339;

pub(super) fn recalled(what: &Recall, messages: &[Message]) -> Value {
    let messages: Vec<Value> = messages.iter().map(message).collect();
    match what {
        Recall::Latest { with, .. } => {
            json!({"event": "history", "user": with.as_ref().map(UserName::as_str), "messages": messages})
        }
        Recall::Search { words } => json!({"event": "search", "words": words, "messages": messages}),
    }
}

fn message(message: &Message) -> Value {
    let message = &message.message;
    let (kind, peer) = match &message.chat {
        ChatId::Everyone => ("broadcast", None),
        ChatId::Direct(name) => ("message", Some(name.as_str())),
        ChatId::Private(name) => ("private", Some(name.as_str())),
    };
    let state = match &message.direction {
        Direction::Incoming { .. } => None,
        Direction::Outgoing(outgoing) => Some(match outgoing.state() {
            OutgoingState::Saved => "saved",
            OutgoingState::Accepted => "accepted",
            OutgoingState::Delivered => "delivered",
            OutgoingState::Read => "read",
            OutgoingState::Refused(_) => "refused",
            OutgoingState::Lost => "lost",
        }),
    };
    json!({
        "id": message.id.to_string(),
        "kind": kind,
        "with": peer,
        "from": message.author.as_str(),
        "text": message.text.as_str(),
        "sent_at": rfc3339(message.at),
        "reply_to": message.reply_to.map(|id| id.to_string()),
        "state": state,
    })
}
