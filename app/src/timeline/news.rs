//! What happens in the chat that is shown, for a screen reader: what arrives, and which own message is not sent.

use super::entry::{Entry, EntryKind, Feed, Key, Trouble};

/// Messages of one frame that are said whole: reading takes seconds for each.
const MOST_SAID: usize = 3;

/// Entries from the end among which a failure is looked for: what somebody has just written is there.
const RECENT: usize = 32;

/// What happened last, in words, once something did since the chat was opened.
#[derive(Debug, Default)]
pub(super) struct News {
    heard: Option<Heard>,
    words: String,
    /// The pass of the window in which the chat was last drawn.
    pass: u64,
}

/// What a frame had to tell.
#[derive(Debug)]
struct Heard {
    /// The newest message of another.
    newest: Key,
    reach: Reach,
    /// The recent messages of one's own that are not sent.
    failed: Vec<Key>,
}

/// Whether the entries end with the newest message there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Newest,
    Older,
}

impl News {
    /// Takes in the entries of a frame, drawn in this pass of the window; the words of what happened last.
    pub(super) fn follow(&mut self, feed: &Feed<'_>, pass: u64, spoken: impl Fn(&Entry) -> String) -> &str {
        // A chat that was hidden meanwhile comes up without what was said before.
        if pass.abs_diff(self.pass) > 1 {
            self.words.clear();
        }
        self.pass = pass;
        let now = Heard::of(feed);
        if let Some(before) = &self.heard {
            let words = [before.arrived(&now, feed, &spoken), before.failed(&now, feed, &spoken)];
            self.say(&words.into_iter().flatten().collect::<Vec<_>>().join("\n"));
        }
        self.heard = Some(now);
        &self.words
    }

    fn say(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        // The same words again are news all the same.
        let again = if words == self.words { " " } else { "" };
        self.words = format!("{words}{again}");
    }
}

impl Heard {
    fn of(feed: &Feed<'_>) -> Self {
        let newest = feed.entries.iter().rev().find(|entry| is_of_another(entry));
        let recent = feed.entries.iter().rev().take(RECENT);
        Self {
            newest: newest.map_or(Key::default(), |entry| entry.key),
            reach: if feed.more_after { Reach::Older } else { Reach::Newest },
            failed: recent.filter(|entry| failure(entry).is_some()).map(|entry| entry.key).collect(),
        }
    }

    /// What came from others since then, in words: the last few whole, and how many there are if those are not all.
    fn arrived(&self, now: &Self, feed: &Feed<'_>, spoken: impl Fn(&Entry) -> String) -> Option<String> {
        if now.newest <= self.newest || self.reach == Reach::Older || now.reach == Reach::Older {
            return None;
        }
        let of_others = feed.entries.iter().rev().filter(|entry| is_of_another(entry));
        let new: Vec<_> = of_others.take_while(|entry| entry.key > self.newest).collect();
        let mut lines: Vec<String> = new.iter().take(MOST_SAID).map(|entry| spoken(entry)).collect();
        if new.len() > MOST_SAID {
            lines.push(format!("{} new messages.", new.len()));
        }
        lines.reverse();
        Some(lines.join("\n"))
    }

    /// Which own messages have failed since then, and why.
    fn failed(&self, now: &Self, feed: &Feed<'_>, spoken: impl Fn(&Entry) -> String) -> Option<String> {
        let recent = feed.entries.iter().rev().take(RECENT);
        let new = recent.filter(|entry| now.failed.contains(&entry.key) && !self.failed.contains(&entry.key));
        // One that comes into sight with an older part of the chat failed long ago.
        let new = new.filter(|_| self.reach == Reach::Newest && now.reach == Reach::Newest);
        let mut lines: Vec<String> = new
            .take(MOST_SAID)
            .filter_map(|entry| Some(format!("{}\n{}", spoken(entry), failure(entry)?.text)))
            .collect();
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn is_of_another(entry: &Entry) -> bool {
    match &entry.kind {
        EntryKind::Message(written) => !written.own,
        EntryKind::Notice(_) => true,
    }
}

/// Why an own message is not sent, if it is not.
fn failure(entry: &Entry) -> Option<&Trouble> {
    match &entry.kind {
        EntryKind::Message(written) if written.own => written.trouble.as_ref().filter(|trouble| trouble.failed),
        EntryKind::Message(_) | EntryKind::Notice(_) => None,
    }
}
