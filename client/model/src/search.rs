//! What is searched for among messages, and among shared files.

use whoelse_proto::{Chunks, FileName, FilesCommand, Naming, Timestamp, UserName};

use crate::fold::folded;
use crate::message::{ChatId, Message};
use crate::request::Ask;

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

/// What is searched for among the files that users online share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSearch {
    name: FileName,
    any_of: Option<Chunks>,
    names: Naming,
}

impl FileSearch {
    /// Files of this name.
    #[must_use]
    pub const fn named(name: FileName) -> Self {
        Self { name, any_of: None, names: Naming::Whole }
    }

    /// Files whose name holds this part; without one, all.
    #[must_use]
    pub fn listed(part: Option<FileName>) -> Self {
        let names = if part.is_some() { Naming::Part } else { Naming::Any };
        Self { name: part.unwrap_or_else(FileName::of_any), any_of: None, names }
    }

    /// Holders of some of these chunks alone; `None` is any.
    #[must_use]
    pub fn with_chunks(self, any_of: Option<Chunks>) -> Self {
        Self { any_of, ..self }
    }

    /// What the server is asked.
    #[must_use]
    pub fn into_ask(self) -> Ask {
        let Self { name, any_of, names } = self;
        Ask::Files(FilesCommand::Search { name, any_of, names })
    }
}
