//! The messages of a chat as the timeline shows them, made anew only where they have changed.

use std::sync::Arc;

use whoelse_model::{self as model, Chat, ChatId, Direction, Message, Outgoing, OutgoingState, RowId};
use whoelse_proto::{MessageId, Timestamp};

use super::clock::Clock;
use super::words;
use crate::timeline::{Entry, EntryKind, Key, Mark, Quote, Retry, Trouble, Written};

/// Keys from here on are those of messages that are not on disk; no history has as many rows.
const UNSAVED: u64 = 1 << 62;

/// The entries of one chat.
#[derive(Debug, Default)]
pub(super) struct Entries {
    list: Vec<Arc<Entry>>,
    /// Of each entry of the history, the revision of the timeline at its last change.
    changed: Vec<u64>,
    taken: Option<Taken>,
    revision: u64,
}

/// What the entries were made of.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    timeline: u64,
    day: jiff::civil::Date,
    /// Messages that are not on disk, and whether that failed.
    unsaved: Vec<(MessageId, bool)>,
}

/// The surroundings in which messages become entries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) clock: &'a Clock,
    pub(super) now: Timestamp,
    /// The user's name.
    pub(super) me: &'a str,
}

/// The key of a row.
pub(super) const fn key(row: RowId) -> Key {
    Key(row.get())
}

/// The row of a key, unless it is that of a message that is not on disk.
pub(super) fn row(key: Key) -> Option<RowId> {
    (key.0 < UNSAVED).then(|| RowId::new(key.0))
}

impl Entries {
    /// The entries, oldest first.
    pub(super) fn list(&self) -> &[Arc<Entry>] {
        &self.list
    }

    /// Changes with the entries.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// The message of a key.
    pub(super) fn message(chat: &Chat, key: Key) -> Option<MessageId> {
        match row(key) {
            Some(row) => {
                let index = chat.timeline().position(row)?;
                chat.timeline().get(index).map(|entry| entry.message.message.id)
            }
            None => chat.unsaved().get(usize::try_from(key.0 - UNSAVED).ok()?).map(|unsaved| unsaved.id),
        }
    }

    /// Takes in what has changed in the chat.
    pub(super) fn sync(&mut self, chat: &Chat, scope: Scope<'_>) {
        let unsaved = chat.unsaved().iter().map(|unsaved| (unsaved.id, unsaved.failure.is_some())).collect();
        let next = Taken { timeline: chat.timeline().revision(), day: scope.clock.day(scope.now), unsaved };
        if self.taken.as_ref() == Some(&next) {
            return;
        }
        if self.taken.as_ref().is_some_and(|taken| taken.day != next.day) {
            // The steps of a message say the day that is not today.
            self.changed.clear();
            self.list.clear();
        }
        self.taken = Some(next);
        self.revision += 1;
        self.take(chat, scope);
    }

    fn take(&mut self, chat: &Chat, scope: Scope<'_>) {
        let old = std::mem::take(&mut self.list);
        let mut known = old.into_iter().zip(std::mem::take(&mut self.changed)).peekable();
        for entry in chat.timeline().iter() {
            let key = key(entry.message.row);
            while known.next_if(|(have, _)| have.key < key).is_some() {}
            let same = known.next_if(|(have, changed)| {
                have.key == key && *changed == entry.changed && !is_now_found(chat, have, &entry.message)
            });
            let taken = same.map_or_else(|| Arc::new(made(chat, &entry.message, scope)), |(have, _)| have);
            self.list.push(taken);
            self.changed.push(entry.changed);
        }
        for (index, unsaved) in (0_u64..).zip(chat.unsaved()) {
            self.list.push(Arc::new(made_unsaved(chat, unsaved, Key(UNSAVED + index), scope)));
        }
    }
}

/// Whether an entry stands there without the message it answers, which is loaded by now.
fn is_now_found(chat: &Chat, have: &Entry, message: &Message) -> bool {
    let EntryKind::Message(Written { quote: Some(Quote { key: None, .. }), .. }) = &have.kind else { return false };
    message.message.reply_to.is_some_and(|id| chat.timeline().find(id).is_some())
}

fn made(chat: &Chat, message: &Message, scope: Scope<'_>) -> Entry {
    let new = &message.message;
    let mut written = Written {
        author: new.author.as_str().into(),
        own: false,
        quote: new.reply_to.map(|id| quote(chat, id, scope)),
        mark: None,
        steps: Vec::new(),
        trouble: None,
    };
    if let Direction::Outgoing(outgoing) = &new.direction {
        written.own = true;
        written.mark = Some(mark(outgoing));
        written.steps = steps(new.at, outgoing, scope);
        written.trouble = trouble(&new.chat, outgoing);
    }
    Entry {
        key: key(message.row),
        kind: EntryKind::Message(written),
        text: new.text.as_str().to_owned(),
        at: scope.clock.at(new.at),
    }
}

fn made_unsaved(chat: &Chat, unsaved: &model::Unsaved, key: Key, scope: Scope<'_>) -> Entry {
    let trouble = unsaved.failure.as_deref().map(|cause| Trouble {
        text: words::not_saved(cause),
        retry: Retry::Possible,
        failed: true,
    });
    let written = Written {
        author: scope.me.into(),
        own: true,
        quote: unsaved.reply_to.map(|id| quote(chat, id, scope)),
        mark: Some(if trouble.is_some() { Mark::Failed } else { Mark::Saved }),
        steps: Vec::new(),
        trouble,
    };
    let text = unsaved.text.as_str().to_owned();
    Entry { key, kind: EntryKind::Message(written), text, at: scope.clock.at(scope.now) }
}

/// The message that is answered, as far as it is loaded.
fn quote(chat: &Chat, id: MessageId, scope: Scope<'_>) -> Quote {
    match chat.timeline().find(id) {
        Some(found) => {
            let answered = &found.message.message;
            let own = answered.author.as_str() == scope.me;
            Quote {
                key: Some(key(found.message.row)),
                author: if own { "You".into() } else { answered.author.as_str().into() },
                text: first_line(answered.text.as_str()).to_owned(),
            }
        }
        None => Quote { key: None, author: words::chat_name(chat.id()).into(), text: "An earlier message".to_owned() },
    }
}

/// The first line of a text that is not blank.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// How far an own message has come.
pub(super) fn mark(outgoing: &Outgoing) -> Mark {
    match outgoing.state() {
        OutgoingState::Saved => Mark::Saved,
        OutgoingState::Accepted => Mark::Accepted,
        OutgoingState::Delivered => Mark::Delivered,
        OutgoingState::Read => Mark::Read,
        OutgoingState::Refused(_) => Mark::Failed,
    }
}

fn steps(saved_at: Timestamp, outgoing: &Outgoing, scope: Scope<'_>) -> Vec<(Mark, String)> {
    let steps = [
        (Mark::Saved, Some(saved_at)),
        (Mark::Accepted, outgoing.accepted_at),
        (Mark::Delivered, outgoing.delivered_at),
        (Mark::Read, outgoing.read_at),
    ];
    steps.into_iter().filter_map(|(mark, at)| Some((mark, scope.clock.exact(at?, scope.now)))).collect()
}

fn trouble(chat: &ChatId, outgoing: &Outgoing) -> Option<Trouble> {
    match outgoing.refused {
        Some(refusal) => {
            let retry = if words::may_retry(refusal) { Retry::Possible } else { Retry::Useless };
            Some(Trouble { text: words::not_sent(chat, refusal), retry, failed: true })
        }
        None if outgoing.skipped => {
            Some(Trouble { text: words::SKIPPED.to_owned(), retry: Retry::Useless, failed: false })
        }
        None => None,
    }
}
