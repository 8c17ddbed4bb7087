//! What waits to be shown: one entry a chat, and few of them.

use std::collections::BTreeMap;

use whoelse_model::ChatId;

use super::words::{self, Note, SessionNote, Words};
use crate::platform::settings::Privacy;

/// Chats that are told apart at a time. With more, one notification stands for them all.
const MAX_CHATS: usize = 8;

/// What a notification is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A chat.
    Chat(ChatId),
    /// Chats that are not told apart.
    Several,
    /// The session.
    Session,
}

/// Orders to the screen that nobody has carried out.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    chats: BTreeMap<ChatId, Option<(Note, Privacy)>>,
    /// What is to be said of the session.
    session: Option<SessionNote>,
}

impl Waiting {
    pub(super) fn tell(&mut self, note: Note, privacy: Privacy) {
        self.chats.insert(note.chat.clone(), Some((note, privacy)));
    }

    pub(super) fn withdraw(&mut self, chat: ChatId) {
        self.chats.insert(chat, None);
    }

    /// Of the session the last word counts.
    pub(super) fn tell_session(&mut self, note: SessionNote) {
        self.session = Some(note);
    }

    /// What to show, with `None` for what to take off the screen.
    pub(super) fn into_orders(self) -> Vec<(Key, Option<Words>)> {
        let mut orders = Vec::new();
        let mut together = Vec::new();
        let told = self.chats.values().flatten().count();
        for (chat, entry) in self.chats {
            match entry {
                None => orders.push((Key::Chat(chat), None)),
                Some((note, privacy)) if privacy == Privacy::Count || told > MAX_CHATS => together.push(note),
                Some((note, privacy)) => orders.push((Key::Chat(chat), Some(words::of_chat(&note, privacy)))),
            }
        }
        if !together.is_empty() {
            orders.push((Key::Several, Some(words::of_several(&together))));
        }
        if let Some(note) = self.session {
            orders.push((Key::Session, words::of_session(note)));
        }
        orders
    }
}

#[cfg(test)]
mod tests {
    use whoelse_proto::UserName;

    use super::*;

    fn note(name: &str) -> Note {
        let from = UserName::new(name).unwrap();
        Note { chat: ChatId::Direct(from.clone()), from, text: "hm".to_owned(), unread: 2 }
    }

    fn keys(waiting: Waiting) -> Vec<Key> {
        waiting.into_orders().into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn a_few_chats_are_told_apart_and_many_together() {
        let many = |count: usize| {
            let mut waiting = Waiting::default();
            (0..count).for_each(|n| waiting.tell(note(&format!("user{n}")), Privacy::Name));
            keys(waiting)
        };
        assert_eq!(many(MAX_CHATS).len(), MAX_CHATS);
        assert_eq!(many(MAX_CHATS + 1), [Key::Several]);
    }

    #[test]
    fn nothing_but_a_count_names_no_chat() {
        let mut waiting = Waiting::default();
        waiting.tell(note("yoda"), Privacy::Count);
        assert_eq!(keys(waiting), [Key::Several]);
    }

    #[test]
    fn of_the_session_the_last_word_is_shown_beside_the_chats() {
        let mut waiting = Waiting::default();
        waiting.tell(note("yoda"), Privacy::Name);
        waiting.tell_session(SessionNote::EndsSoon);
        waiting.tell_session(SessionNote::Ended);
        let ended = (Key::Session, words::of_session(SessionNote::Ended));
        assert_eq!(waiting.into_orders().last(), Some(&ended));

        let mut waiting = Waiting::default();
        waiting.tell_session(SessionNote::Nothing);
        assert_eq!(waiting.into_orders(), [(Key::Session, None)]);
    }

    #[test]
    fn a_chat_read_before_it_was_told_is_not_told() {
        let mut waiting = Waiting::default();
        waiting.tell(note("yoda"), Privacy::Name);
        waiting.withdraw(note("yoda").chat);
        assert_eq!(waiting.into_orders(), [(Key::Chat(note("yoda").chat), None)]);
    }
}
