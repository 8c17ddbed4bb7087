//! What is searched for among messages.

use whoelse_proto::{Timestamp, UserName};

use crate::fold::folded;
use crate::message::{ChatId, Message};

/// What is searched for: messages that fit in every way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchFor {
    /// Words, all of which must occur; any script. May be empty if something else narrows the search.
    pub words: String,
    /// One chat, or all.
    pub chat: Option<ChatId>,
    /// Written by one user, or by anybody.
    pub author: Option<UserName>,
    /// Written at this moment or later.
    pub since: Option<Timestamp>,
    /// Written before this moment.
    pub until: Option<Timestamp>,
}

impl SearchFor {
    /// Words in one chat, or all.
    pub fn words(words: impl Into<String>, chat: Option<ChatId>) -> Self {
        Self { words: words.into(), chat, ..Self::default() }
    }

    /// Whether it says nothing to look for. A chat alone is no search.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.words.trim().is_empty() && !self.narrows()
    }

    /// Whether it asks for an author or a time.
    #[must_use]
    pub const fn narrows(&self) -> bool {
        self.author.is_some() || self.since.is_some() || self.until.is_some()
    }

    /// Whether a message of the chat that is searched fits.
    #[must_use]
    pub fn fits(&self, message: &Message) -> bool {
        let new = &message.message;
        let text = folded(new.text.as_str());
        self.author.as_ref().is_none_or(|author| *author == new.author)
            && self.since.is_none_or(|since| new.at >= since)
            && self.until.is_none_or(|until| new.at < until)
            && self.words.split_whitespace().all(|word| text.contains(&folded(word)))
    }
}
