//! Messages read back, in words.

use jiff::tz::TimeZone;
use whoelse_model::{ChatId, Direction, Message, OutgoingState};
use whoelse_proto::Timestamp;

use super::super::{safe, times};

/// A line for each message: its id for `reply`, when, where, who, what.
pub(super) fn lines(messages: &[Message], now: Timestamp, zone: &TimeZone) -> String {
    if messages.is_empty() {
        return "No messages.".to_owned();
    }
    messages.iter().map(|message| line(message, now, zone)).collect::<Vec<_>>().join("\n")
}

fn line(message: &Message, now: Timestamp, zone: &TimeZone) -> String {
    let message = &message.message;
    let at = times::moment(message.at, now, zone);
    let own = matches!(message.direction, Direction::Outgoing(_));
    let to = match &message.chat {
        ChatId::Everyone => " to everyone".to_owned(),
        ChatId::Direct(name) if own => format!(" to {name}"),
        ChatId::Private(name) if own => format!(" to {name}, private"),
        ChatId::Private(_) => ", private".to_owned(),
        ChatId::Direct(_) => String::new(),
    };
    let state = match &message.direction {
        Direction::Outgoing(outgoing) => match outgoing.state() {
            OutgoingState::Saved => " (not sent yet)",
            OutgoingState::Refused(_) => " (not sent)",
            OutgoingState::Lost => " (lost with the account)",
            OutgoingState::Accepted | OutgoingState::Delivered | OutgoingState::Read => "",
        },
        Direction::Incoming { .. } => "",
    };
    format!("{}\n  [{at}] {}{to}{state}: {}", message.id, message.author, safe::text(message.text.as_str()))
}
