//! What arrives in the chat that is shown, for a screen reader.

use super::entry::{Entry, EntryKind, Feed, Key};

/// The message that arrived last, in words, once one did since the chat was opened.
#[derive(Debug, Default)]
pub(super) struct News {
    /// The newest message of another, and whether it was the newest of all that there is.
    heard: Option<(Key, Reach)>,
    words: String,
}

/// Whether the entries end with the newest message there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Newest,
    Older,
}

impl News {
    /// Takes in the entries of a frame; the words of what arrived last.
    pub(super) fn follow(&mut self, feed: &Feed<'_>, spoken: impl Fn(&Entry) -> String) -> &str {
        let reach = if feed.more_after { Reach::Older } else { Reach::Newest };
        let last = feed.entries.iter().rev().find(|entry| is_of_another(entry));
        let key = last.map_or(Key::default(), |entry| entry.key);
        let is_news =
            self.heard.is_some_and(|(heard, was)| key > heard && was == Reach::Newest && reach == Reach::Newest);
        if let Some(last) = last.filter(|_| is_news) {
            let mut words = spoken(last);
            if words == self.words {
                // The same words again are news all the same.
                words.push(' ');
            }
            self.words = words;
        }
        self.heard = Some((key, reach));
        &self.words
    }
}

fn is_of_another(entry: &Entry) -> bool {
    match &entry.kind {
        EntryKind::Message(written) => !written.own,
        EntryKind::Notice(_) => true,
    }
}
