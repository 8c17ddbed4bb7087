//! The messages of a chat as the timeline shows them, made anew only where they have changed.

use std::iter::Peekable;
use std::sync::Arc;

use lucide_icons::Icon;
use whoelse_model::{
    self as model, Chat, ChatId, Direction, Happening, Incident, Message, Outgoing, OutgoingState, Receipts, RowId,
    TransferId, TransferKind, TransferState, Transfers, Unsent,
};
use whoelse_proto::{MessageId, Refusal, Timestamp};

use super::clock::Clock;
use super::pictures::Pictures;
use super::{cards, words};
use crate::timeline::{Entry, EntryKind, Key, Mark, Notice, Quote, Retry, Route, Trouble, Written, as_read};

/// Keys from here on are those of messages that are not on disk; no history has as many rows.
const UNSAVED: u64 = 1 << 62;

/// Bits of a key below the row: what happened behind a message has its place before the next.
const PLACE_BITS: u32 = 20;

/// The entries of one chat.
#[derive(Debug, Default)]
pub(super) struct Entries {
    list: Vec<Arc<Entry>>,
    /// Of each entry but the unsaved, the revision of what it shows at its last change.
    changed: Vec<u64>,
    taken: Option<Taken>,
    revision: u64,
}

/// What the entries were made of.
#[derive(Debug, PartialEq, Eq)]
struct Taken {
    timeline: u64,
    /// Happenings, the number of the last one, and the revisions of the files among them.
    happenings: (usize, Option<u32>, u64),
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
    /// Files on their way.
    pub(super) transfers: &'a Transfers,
    /// Pictures among them.
    pub(super) pictures: &'a Pictures,
    /// Whether private words stay on this computer.
    pub(super) keeps_private: bool,
    /// Whether it is shown what others have read.
    pub(super) receipts: Receipts,
}

/// The key of a row.
pub(super) const fn key(row: RowId) -> Key {
    Key(row.get() << PLACE_BITS)
}

/// The key of something that happened.
const fn key_of(happening: &Happening) -> Key {
    let place = happening.number as u64 % ((1 << PLACE_BITS) - 1) + 1;
    Key((happening.behind.get() << PLACE_BITS) + place)
}

/// The file of a key.
pub(super) fn file(chat: &Chat, key: Key) -> Option<TransferId> {
    let happening = chat.happenings().find(|happening| key_of(happening) == key)?;
    transfer_of(happening.what)
}

const fn transfer_of(what: Incident) -> Option<TransferId> {
    match what {
        Incident::File(id) | Incident::Offered(id) => Some(id),
        Incident::Opened | Incident::Ended(_) | Incident::NotOpened(_) | Incident::Missed => None,
    }
}

/// The row of a key, or that behind which it lies, unless it is that of a message that is not on disk.
pub(super) fn row(key: Key) -> Option<RowId> {
    (key.0 < UNSAVED).then(|| RowId::new(key.0 >> PLACE_BITS))
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
            Some(row) if key == self::key(row) => {
                let index = chat.timeline().position(row)?;
                chat.timeline().get(index).map(|entry| entry.message.message.id)
            }
            Some(_) => None,
            None => chat.unsaved().get(usize::try_from(key.0 - UNSAVED).ok()?).map(|unsaved| unsaved.id),
        }
    }

    /// Takes in what has changed in the chat.
    pub(super) fn sync(&mut self, chat: &Chat, scope: Scope<'_>) {
        let unsaved = chat.unsaved().iter().map(|unsaved| (unsaved.id, unsaved.failure.is_some())).collect();
        let files = chat.happenings().filter_map(|happening| transfer_of(happening.what));
        let files = files.map(|id| file_revision(id, scope)).fold(0_u64, u64::wrapping_add);
        let last = chat.happenings().next_back().map(|happening| happening.number);
        let happenings = (chat.happenings().count(), last, files);
        let next = Taken { timeline: chat.timeline().revision(), happenings, day: scope.clock.day(scope.now), unsaved };
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
        let mut happenings = chat.happenings().peekable();
        for entry in chat.timeline().iter() {
            while let Some(happening) = happenings.next_if(|happening| key_of(happening) < key(entry.message.row)) {
                self.put_happening(chat, happening, &mut known, scope);
            }
            let key = key(entry.message.row);
            while known.next_if(|(have, _)| have.key < key).is_some() {}
            let same = known.next_if(|(have, changed)| {
                have.key == key && *changed == entry.changed && !is_now_found(chat, have, &entry.message)
            });
            let taken = same.map_or_else(|| Arc::new(made(chat, &entry.message, scope)), |(have, _)| have);
            self.list.push(taken);
            self.changed.push(entry.changed);
        }
        for happening in happenings {
            self.put_happening(chat, happening, &mut known, scope);
        }
        for (index, unsaved) in (0_u64..).zip(chat.unsaved()) {
            self.list.push(Arc::new(made_unsaved(chat, unsaved, Key(UNSAVED + index), scope)));
        }
    }

    fn put_happening(
        &mut self,
        chat: &Chat,
        happening: &Happening,
        known: &mut Peekable<impl Iterator<Item = (Arc<Entry>, u64)>>,
        scope: Scope<'_>,
    ) {
        let key = key_of(happening);
        let revision = transfer_of(happening.what).map_or(0, |id| file_revision(id, scope));
        while known.next_if(|(have, _)| have.key < key).is_some() {}
        let same = known.next_if(|(have, changed)| have.key == key && *changed == revision);
        let entry = same.map(|(have, _)| have).or_else(|| made_happening(chat, happening, scope).map(Arc::new));
        if let Some(entry) = entry {
            self.list.push(entry);
            self.changed.push(revision);
        }
    }
}

/// Changes with what is shown of a file.
fn file_revision(id: TransferId, scope: Scope<'_>) -> u64 {
    let file = scope.transfers.get(id).map_or(0, |view| view.changed);
    file.wrapping_add(scope.pictures.revision_of(id) << 48)
}

/// Something that happened as an entry; `None` of a file that is not shown any more.
fn made_happening(chat: &Chat, happening: &Happening, scope: Scope<'_>) -> Option<Entry> {
    let name = words::chat_name(chat.id());
    let at = scope.clock.at(happening.at);
    let (kind, text) = match happening.what {
        Incident::File(id) | Incident::Offered(id) => {
            let view = scope.transfers.get(id)?;
            let own = matches!(view.transfer.kind, TransferKind::Sending { .. });
            let arrived = matches!(view.transfer.state, TransferState::Done { .. });
            let written = Written {
                author: if own { scope.me.into() } else { name.into() },
                own,
                quote: None,
                mark: (own && arrived).then_some(Mark::Delivered),
                steps: Vec::new(),
                trouble: None,
                card: Some(Box::new(cards::card(view, scope.pictures.of(id)))),
            };
            (EntryKind::Message(written), view.transfer.name.as_str().to_owned())
        }
        Incident::Opened => {
            let text = words::private_opened(&crate::timeline::clock(at), scope.keeps_private);
            (EntryKind::Notice(Notice { icon: Icon::Lock, route: Route::Private }), text)
        }
        Incident::Ended(why) => {
            let text = words::private_ended(name, why);
            (EntryKind::Notice(Notice { icon: Icon::LockOpen, route: Route::Private }), text)
        }
        Incident::NotOpened(why) => {
            let text = words::private_not_opened(name, why);
            (EntryKind::Notice(Notice { icon: Icon::Info, route: Route::Server }), text)
        }
        Incident::Missed => {
            let text = words::private_missed(name);
            (EntryKind::Notice(Notice { icon: Icon::Lock, route: Route::Server }), text)
        }
    };
    Some(Entry { key: key_of(happening), kind, text, at })
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
        card: None,
    };
    if let Direction::Outgoing(outgoing) = &new.direction {
        written.own = true;
        written.mark = Some(mark(&new.chat, outgoing, scope.receipts));
        written.steps = steps(new, outgoing, scope);
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
    let trouble = unsaved.failure.as_ref().map(|failure| match failure {
        Unsent::Disk(cause) => Trouble { text: words::not_saved(cause), retry: Retry::Possible, failed: true },
        Unsent::Refused(refusal) => refused(chat.id(), *refusal),
    });
    let written = Written {
        author: scope.me.into(),
        own: true,
        quote: unsaved.reply_to.map(|id| quote(chat, id, scope)),
        mark: Some(match &trouble {
            Some(_) => Mark::Failed,
            None if is_private(chat.id()) => Mark::OnItsWay,
            None => Mark::Saved,
        }),
        steps: Vec::new(),
        trouble,
        card: None,
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
                text: first_line(answered.text.as_str()),
            }
        }
        None => Quote { key: None, author: words::chat_name(chat.id()).into(), text: "An earlier message".to_owned() },
    }
}

/// The first line of a text that says something, as it is read: neither blank nor the fence of a code block, unless there
/// is no other, and without the marks of its forms.
pub(super) fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let code = if first.starts_with(FENCE) { lines.find(|line| !line.starts_with(FENCE)) } else { None };
    code.map_or_else(|| as_read(first).split_whitespace().collect::<Vec<_>>().join(" "), str::to_owned)
}

/// What begins and ends a code block.
const FENCE: &str = "```";

/// How far an own message has come.
pub(super) fn mark(chat: &ChatId, outgoing: &Outgoing, receipts: Receipts) -> Mark {
    match outgoing.state() {
        OutgoingState::Saved | OutgoingState::Accepted if is_private(chat) => Mark::OnItsWay,
        OutgoingState::Read if receipts == Receipts::Withheld => Mark::Delivered,
        OutgoingState::Saved => Mark::Saved,
        OutgoingState::Accepted => Mark::Accepted,
        OutgoingState::Delivered => Mark::Delivered,
        OutgoingState::Read => Mark::Read,
        OutgoingState::Refused(_) | OutgoingState::Lost => Mark::Failed,
    }
}

/// Whether neither the server nor, as a rule, a disk holds the messages of a chat.
const fn is_private(chat: &ChatId) -> bool {
    match chat {
        ChatId::Private(_) => true,
        ChatId::Everyone | ChatId::Direct(_) => false,
    }
}

/// What a message has done, with its time. A private one goes by no server: it is on its way, then there.
fn steps(new: &model::NewMessage, outgoing: &Outgoing, scope: Scope<'_>) -> Vec<(Mark, String)> {
    let by_server = !is_private(&new.chat);
    let steps = [
        (Mark::Saved, Some(new.at).filter(|_| by_server)),
        (Mark::Accepted, outgoing.accepted_at.filter(|_| by_server)),
        (Mark::Delivered, outgoing.delivered_at),
        (Mark::Read, outgoing.read_at.filter(|_| scope.receipts == Receipts::Sent)),
    ];
    steps.into_iter().filter_map(|(mark, at)| Some((mark, scope.clock.exact(at?, scope.now)))).collect()
}

fn refused(chat: &ChatId, refusal: Refusal) -> Trouble {
    let retry = if words::may_retry(refusal) { Retry::Possible } else { Retry::Useless };
    Trouble { text: words::not_sent(chat, refusal), retry, failed: true }
}

fn trouble(chat: &ChatId, outgoing: &Outgoing) -> Option<Trouble> {
    match outgoing.refused {
        Some(refusal) => Some(refused(chat, refusal)),
        None if outgoing.lost => Some(Trouble { text: words::LOST.to_owned(), retry: Retry::Useless, failed: true }),
        None if outgoing.skipped => {
            Some(Trouble { text: words::SKIPPED.to_owned(), retry: Retry::Useless, failed: false })
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_code_block_is_its_code() {
        assert_eq!(first_line("\n  one \ntwo"), "one");
        assert_eq!(first_line("```rust\nfn main() {}\n```"), "fn main() {}");
        assert_eq!(first_line("```\n\n```"), "```");
        assert_eq!(first_line(" \n"), "");
    }

    #[test]
    fn a_first_line_reads_without_its_marks_and_code_keeps_its_signs() {
        assert_eq!(first_line("now **by ten** ~~or so~~ `a*b`\nmore"), "now by ten or so a*b");
        assert_eq!(first_line("```\nlet a = **b;\n```"), "let a = **b;");
        assert_eq!(first_line("see ```x``` there"), "see x there");
    }
}
