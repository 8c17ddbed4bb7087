//! Messages that are told and not yet shown, where they count as delivered only once they are.
//!
//! A message is kept on disk as not shown, told, shown by whoever reads, noted on disk as shown, and only then
//! acknowledged. Wherever that is cut off, the next start tells it again: at least once to the reader, with its id.

use std::collections::BTreeMap;

use whoelse_proto::{MessageId, Seq};

use super::disk::Purpose;
use super::line::LineId;
use super::machine::Link;
use super::{DiskOp, LinkOutput};
use crate::event::Event;
use crate::message::{Delivery, Message};

/// The messages that are told and not yet noted as shown. A server has no more under way than it sends ahead of the
/// acknowledgement; those of earlier lines are the same ones.
#[derive(Debug, Default)]
pub(super) struct Showing {
    open: BTreeMap<MessageId, Told>,
    /// Operations of the disk that note what was shown.
    noting: usize,
}

/// A message that was told.
#[derive(Debug)]
struct Told {
    /// The place that waits for it, on the line that delivered it last.
    place: Option<(LineId, Seq)>,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It is being shown.
    Told,
    /// It was shown; the disk is to note it.
    Shown,
}

/// What to do about a message that waits to be shown.
enum Todo {
    /// Tell it.
    Tell,
    /// Note on disk that it was shown.
    Note,
    /// Wait.
    Wait,
}

impl Showing {
    /// How many wait.
    pub(super) fn count(&self) -> usize {
        self.open.len()
    }

    /// Whether the disk is noting what was shown.
    pub(super) const fn is_noting(&self) -> bool {
        self.noting > 0
    }

    /// The disk could not note it: what the server delivers again is noted then.
    pub(super) const fn note_failed(&mut self) {
        self.noting = self.noting.saturating_sub(1);
    }

    fn add(&mut self, id: MessageId, place: Option<(LineId, Seq)>) -> Todo {
        let Some(told) = self.open.get_mut(&id) else {
            self.open.insert(id, Told { place, progress: Progress::Told });
            return Todo::Tell;
        };
        told.place = place.or(told.place);
        if told.progress == Progress::Shown { Todo::Note } else { Todo::Wait }
    }
}

impl Link {
    /// A message that is on disk and was not shown: it is told, unless it was told already.
    pub(super) fn show(&mut self, place: Option<(LineId, Seq)>, message: Message, out: &mut Vec<LinkOutput>) {
        match self.delivery {
            Delivery::OnDisk => {
                if let Some((line, seq)) = place {
                    self.kept(line, seq, Some(message), out);
                }
            }
            Delivery::WhenShown => {
                let id = message.message.id;
                match self.showing.add(id, place) {
                    Todo::Tell => out.push(LinkOutput::Tell(Event::Received(message))),
                    Todo::Note => self.note_shown(vec![id], out),
                    Todo::Wait => {}
                }
            }
        }
    }

    /// Whoever reads has these.
    pub(super) fn shown(&mut self, ids: Vec<MessageId>, out: &mut Vec<LinkOutput>) {
        let mut news = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(told) = self.showing.open.get_mut(&id).filter(|told| told.progress == Progress::Told) {
                told.progress = Progress::Shown;
                news.push(id);
            }
        }
        if !news.is_empty() {
            self.note_shown(news, out);
        }
    }

    fn note_shown(&mut self, ids: Vec<MessageId>, out: &mut Vec<LinkOutput>) {
        let line = self.line.as_ref().map(|line| line.id);
        self.showing.noting += 1;
        self.disk.ask(Purpose::Note(line), DiskOp::MarkShown { ids }, out);
    }

    /// The disk has noted that these were shown: they are acknowledged.
    pub(super) fn noted(&mut self, ids: &[MessageId]) {
        self.showing.noting = self.showing.noting.saturating_sub(1);
        for id in ids {
            let place = self.showing.open.remove(id).and_then(|told| told.place);
            if let (Some((on, seq)), Some(line)) = (place, &mut self.line)
                && line.id == on
            {
                line.inbox.mark_kept(seq);
            }
        }
    }
}
