//! A chat as a file, read page by page from the history: lines for people, JSON for programs.

use serde_json::json;
use whoelse_model::{ChatId, Direction, HistoryPage, Message, OutgoingState, Request, RowId};
use whoelse_proto::Timestamp;

use super::clock::Clock;
use super::{App, words};
use crate::view::confirm::ExportForm;

/// An export under way; one at a time.
#[derive(Debug)]
pub(super) struct Export {
    chat: ChatId,
    form: ExportForm,
    text: String,
}

impl App {
    /// Begins to write a chat to a file.
    pub(super) fn export(&mut self, chat: ChatId, form: ExportForm) {
        self.engine.ask(Request::Export { chat: chat.clone(), after: RowId::default() });
        self.export = Some(Export { chat, form, text: String::new() });
    }

    /// Takes in what was read, and asks for more until there is none.
    pub(super) fn take_exported(&mut self) {
        for page in self.engine.exported() {
            let Some(export) = self.export.as_mut().filter(|export| export.chat == page.chat) else { continue };
            export.put(&page, &self.clock);
            let last = page.messages.last().map(|message| message.row).filter(|_| page.more_after);
            if let Some(after) = last {
                self.engine.ask(Request::Export { chat: page.chat, after });
            } else if let Some(done) = self.export.take() {
                let extension = match done.form {
                    ExportForm::Text => "txt",
                    ExportForm::Json => "json",
                };
                let name = words::chat_name(&done.chat).to_owned();
                self.exports.write(&name, extension, done.whole());
            }
        }
    }
}

impl Export {
    fn put(&mut self, page: &HistoryPage, clock: &Clock) {
        for message in &page.messages {
            match self.form {
                ExportForm::Text => self.text.push_str(&line(message, clock)),
                ExportForm::Json => {
                    if !self.text.is_empty() {
                        self.text.push_str(",\n");
                    }
                    self.text.push_str(&object(message).to_string());
                }
            }
        }
    }

    /// The whole file.
    fn whole(self) -> String {
        match self.form {
            ExportForm::Text => self.text,
            ExportForm::Json => format!("[\n{}\n]\n", self.text),
        }
    }
}

/// A message as a person reads it; lines behind the first are set in.
fn line(message: &Message, clock: &Clock) -> String {
    let new = &message.message;
    let at = clock.at(new.at).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let text = new.text.as_str().replace('\n', "\n    ");
    let mark = match state(message) {
        Some(OutgoingState::Refused(_)) => " (not sent)",
        Some(OutgoingState::Lost) => " (did not arrive)",
        Some(OutgoingState::Saved) => " (waits to be sent)",
        Some(OutgoingState::Accepted | OutgoingState::Delivered | OutgoingState::Read) | None => "",
    };
    format!("[{at}] {}{mark}: {text}\n", new.author)
}

/// A message as a program reads it; times are RFC 3339.
fn object(message: &Message) -> serde_json::Value {
    let new = &message.message;
    let state = match state(message) {
        None => "received",
        Some(OutgoingState::Saved) => "saved",
        Some(OutgoingState::Accepted) => "accepted",
        Some(OutgoingState::Delivered) => "delivered",
        Some(OutgoingState::Read) => "read",
        Some(OutgoingState::Refused(_)) => "refused",
        Some(OutgoingState::Lost) => "lost",
    };
    json!({
        "id": new.id.to_string(),
        "author": new.author.as_str(),
        "at": rfc3339(new.at),
        "text": new.text.as_str(),
        "reply_to": new.reply_to.map(|id| id.to_string()),
        "state": state,
    })
}

fn state(message: &Message) -> Option<OutgoingState> {
    match &message.message.direction {
        Direction::Incoming { .. } => None,
        Direction::Outgoing(outgoing) => Some(outgoing.state()),
    }
}

fn rfc3339(at: Timestamp) -> String {
    let millis = i64::try_from(at.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use whoelse_model::NewMessage;
    use whoelse_proto::{MessageId, Text, UserName};

    use super::*;

    fn page(texts: &[&str]) -> HistoryPage {
        let message = |(n, text): (u64, &&str)| Message {
            row: RowId::new(n),
            message: NewMessage {
                id: MessageId::from_bytes([u8::try_from(n).unwrap(); 16]),
                chat: ChatId::Everyone,
                author: UserName::new("yoda").unwrap(),
                text: Text::new(text).unwrap(),
                reply_to: None,
                at: Timestamp::from_millis(1000 * n),
                direction: Direction::Incoming { stored: false },
            },
        };
        let messages = (1..).zip(texts).map(message).collect();
        HistoryPage { chat: ChatId::Everyone, messages, more_before: false, more_after: false }
    }

    fn exported(form: ExportForm, texts: &[&str]) -> String {
        let mut export = Export { chat: ChatId::Everyone, form, text: String::new() };
        export.put(&page(texts), &Clock::of(TimeZone::UTC));
        export.whole()
    }

    #[test]
    fn people_read_a_line_for_each_message() {
        let text = exported(ExportForm::Text, &["one", "two\nlines"]);
        assert_eq!(text, "[1970-01-01 00:00:01] yoda: one\n[1970-01-01 00:00:02] yoda: two\n    lines\n");
    }

    #[test]
    fn programs_read_an_array_with_every_word_as_written() {
        let text = exported(ExportForm::Json, &["\"one\"\n", "明日"]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value[0]["text"], &value[1]["text"]), (&"\"one\"\n".into(), &"明日".into()));
        assert_eq!((&value[0]["at"], &value[0]["state"]), (&"1970-01-01T00:00:01Z".into(), &"received".into()));
        assert_eq!(exported(ExportForm::Json, &[]), "[\n\n]\n");
    }
}
