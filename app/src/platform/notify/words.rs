//! The words of a notification: as much as the user allows, and nothing that the system could take for markup.

use whoelse_model::ChatId;
use whoelse_proto::{UserName, is_invisible, is_joining};

use crate::platform::settings::Privacy;

/// Characters of a message that are shown: two lines on every system.
const MAX_TEXT_CHARS: usize = 160;

/// Characters of a name that are shown.
const MAX_NAME_CHARS: usize = 40;

/// Unread messages of one chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub chat: ChatId,
    /// Who wrote the last one.
    pub from: UserName,
    /// Its text.
    pub text: String,
    /// How many are unread.
    pub unread: u32,
}

/// What becomes of the session of a person who does not look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionNote {
    /// Nothing: what was told of it is taken back.
    #[default]
    Nothing,
    /// It ends soon for want of action.
    EndsSoon,
    /// It has ended for want of action.
    Ended,
}

/// A notification in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The first line.
    pub(super) title: String,
    /// What follows; may be empty.
    pub(super) body: String,
}

/// The words for one chat.
pub(super) fn of_chat(note: &Note, privacy: Privacy) -> Words {
    let from = shortened(note.from.as_str(), MAX_NAME_CHARS);
    let title = match &note.chat {
        ChatId::Everyone => format!("{from} to everyone"),
        ChatId::Direct(_) => from,
        ChatId::Private(_) => format!("{from}, private"),
    };
    let body = match privacy {
        Privacy::NameAndText if note.unread > 1 => {
            format!("{}\n{}", shortened(&note.text, MAX_TEXT_CHARS), messages(note.unread))
        }
        Privacy::NameAndText => shortened(&note.text, MAX_TEXT_CHARS),
        Privacy::Name => messages(note.unread),
        Privacy::Count => return of_several(std::slice::from_ref(note)),
    };
    Words { title, body }
}

/// The words for a session, if there are any.
pub(super) fn of_session(note: SessionNote) -> Option<Words> {
    let (title, body) = match note {
        SessionNote::Nothing => return None,
        SessionNote::EndsSoon => {
            ("You will be signed out soon", "Open Whoelse to stay signed in and to be notified of messages.")
        }
        SessionNote::Ended => {
            ("You were signed out", "You were not active. Messages wait on the server until you sign in again.")
        }
    };
    Some(Words { title: title.to_owned(), body: body.to_owned() })
}

/// The words for chats that are not told apart.
pub(super) fn of_several(notes: &[Note]) -> Words {
    let unread = notes.iter().fold(0_u32, |sum, note| sum.saturating_add(note.unread));
    Words { title: messages(unread), body: String::new() }
}

fn messages(count: u32) -> String {
    if count == 1 { "1 new message".to_owned() } else { format!("{count} new messages") }
}

/// The beginning of a text on one line, without signs that are not seen.
fn shortened(text: &str, limit: usize) -> String {
    let is_seen = |c: &char| !c.is_control() && (!is_invisible(*c) || is_joining(*c));
    let on_one_line = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut seen = on_one_line.filter(is_seen);
    let mut short: String = seen.by_ref().take(limit).collect();
    if seen.next().is_some() {
        short.push('…');
    }
    short
}

/// The text for a screen that reads markup in it (Desktop Notifications Specification 1.2, "Markup").
#[cfg(any(target_os = "linux", windows))]
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The notification as Windows reads it ("Toast schema"), without the two characters that XML 1.0 has no place for.
#[cfg(any(windows, test))]
pub(super) fn toast(words: &Words) -> String {
    let text = |text: &str| escaped(text).replace(['\u{FFFE}', '\u{FFFF}'], "");
    let (title, body) = (text(&words.title), text(&words.body));
    format!(
        "<toast><visual><binding template=\"ToastGeneric\"><text>{title}</text><text>{body}</text></binding></visual></toast>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(chat: ChatId, text: &str, unread: u32) -> Note {
        Note { chat, from: UserName::new("yoda").unwrap(), text: text.to_owned(), unread }
    }

    fn said(chat: ChatId, unread: u32, privacy: Privacy) -> (String, String) {
        let Words { title, body } = of_chat(&note(chat, "Do or do not.", unread), privacy);
        (title, body)
    }

    fn direct() -> ChatId {
        ChatId::Direct(UserName::new("yoda").unwrap())
    }

    #[test]
    fn each_level_of_privacy_says_no_more_than_it_may() {
        let words = |title: &str, body: &str| (title.to_owned(), body.to_owned());
        assert_eq!(said(direct(), 1, Privacy::NameAndText), words("yoda", "Do or do not."));
        assert_eq!(said(direct(), 3, Privacy::NameAndText), words("yoda", "Do or do not.\n3 new messages"));
        assert_eq!(said(direct(), 1, Privacy::Name), words("yoda", "1 new message"));
        assert_eq!(said(direct(), 3, Privacy::Count), words("3 new messages", ""));
    }

    #[test]
    fn the_way_of_the_message_is_told() {
        let private = ChatId::Private(UserName::new("yoda").unwrap());
        assert_eq!(said(ChatId::Everyone, 1, Privacy::Name).0, "yoda to everyone");
        assert_eq!(said(private, 1, Privacy::Name).0, "yoda, private");
    }

    #[test]
    fn a_long_text_is_cut_and_lines_become_one() {
        let words =
            of_chat(&note(direct(), &"a\nb\t\u{1b}[2J\u{202E}\u{200B}\u{3164}".repeat(1000), 1), Privacy::NameAndText);
        assert_eq!(words.body.chars().count(), MAX_TEXT_CHARS + 1);
        assert!(words.body.starts_with("a b [2Ja b ") && words.body.ends_with('…'));
        assert_eq!(shortened(&"字".repeat(4), 4), "字字字字");
    }

    #[test]
    fn markup_in_a_message_is_text() {
        assert_eq!(escaped("<b>a & b</b> &lt;"), "&lt;b&gt;a &amp; b&lt;/b&gt; &amp;lt;");
    }

    #[test]
    fn counts_of_several_chats_add_up() {
        let notes = [note(direct(), "a", 1), note(ChatId::Everyone, "b", u32::MAX)];
        assert_eq!(of_several(&notes).title, format!("{} new messages", u32::MAX));
    }

    #[test]
    fn words_of_others_are_no_part_of_the_markup_of_a_toast() {
        let words = Words { title: "</text><text>".to_owned(), body: "a & b\u{FFFF}".to_owned() };
        let text = "<text>&lt;/text&gt;&lt;text&gt;</text><text>a &amp; b</text>";
        let toast = toast(&words);
        assert!(toast.contains(text), "{toast}");
        assert_eq!(toast.matches("<text>").count(), 2, "{toast}");
    }
}
