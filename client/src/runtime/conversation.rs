//! A user's conversation with a server: what the link decides, done on line and disk.

use std::collections::VecDeque;

use whoelse_model::{Delivery, Event, Link, LinkInput, LinkOutput};
use whoelse_proto::{ClientFrame, Fingerprint, PrivateNews, UserName};

use crate::clock::now;
use crate::history::{Done, History, Job};
use crate::link::Line;

/// Frames and disk operations that wait for room. With more, nothing is taken in until there is some.
const BACKLOG: usize = 256;

/// Whose conversation it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    /// The server, by its key.
    pub(super) server: Fingerprint,
    /// The user.
    pub(super) name: UserName,
}

/// A user's conversation with a server.
pub(super) struct Conversation {
    pub(super) owner: Owner,
    link: Link,
    history: History,
    to_do: VecDeque<Job>,
    to_send: VecDeque<ClientFrame>,
}

/// What the link wants beyond line and disk.
pub(super) enum Wish {
    /// To tell something.
    Tell(Event),
    /// To keep what became of private sessions.
    Private(PrivateNews),
    /// To close the line for good.
    Close,
    /// To close the line and try again.
    Abandon {
        /// Why.
        cause: String,
    },
}

impl Conversation {
    pub(super) fn new(owner: Owner, history: History, delivery: Delivery) -> Self {
        let link = Link::new(owner.name.clone()).delivering(delivery);
        Self { owner, link, history, to_do: VecDeque::new(), to_send: VecDeque::new() }
    }

    /// Whether it can take in more.
    pub(super) fn has_room(&self) -> bool {
        self.to_do.len() < BACKLOG && self.to_send.len() < BACKLOG
    }

    /// Whether frames wait for room on the line.
    pub(super) fn has_to_send(&self) -> bool {
        !self.to_send.is_empty()
    }

    /// Hands the link an input and does what it says.
    pub(super) fn handle(&mut self, input: LinkInput, line: Option<&Line>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for output in self.link.handle(input, now()) {
            match output {
                LinkOutput::Transmit(frame) => self.to_send.push_back(frame),
                LinkOutput::Disk { ticket, line, op } => self.to_do.push_back(Job::Op { ticket, line, op }),
                LinkOutput::Private(news) => wishes.push(Wish::Private(news)),
                LinkOutput::Tell(event) => wishes.push(Wish::Tell(event)),
                LinkOutput::Close => wishes.push(Wish::Close),
                LinkOutput::Abandon { cause } => wishes.push(Wish::Abandon { cause }),
            }
        }
        self.flush_jobs();
        self.flush_frames(line);
        wishes
    }

    /// Asks something of the history.
    pub(super) fn ask(&mut self, job: Job) {
        self.to_do.push_back(job);
        self.flush_jobs();
    }

    /// Puts what waits on the line, as far as there is room. Without a line, it is void.
    pub(super) fn flush_frames(&mut self, line: Option<&Line>) {
        let Some(line) = line else {
            self.to_send.clear();
            return;
        };
        while let Some(frame) = self.to_send.front() {
            if line.send(frame).is_err() {
                return;
            }
            self.to_send.pop_front();
        }
    }

    /// Waits for the next result of the history. `None` if it is gone.
    pub(super) async fn done(&mut self) -> Option<Done> {
        let done = self.history.done().await;
        self.flush_jobs();
        done
    }

    /// Hands the history all it is still asked, and waits until it is done. Blocks on the disk.
    pub(super) fn close(mut self) {
        while let Some(job) = self.to_do.pop_front() {
            if !self.history.ask_blocking(job) {
                return;
            }
        }
        self.history.close();
    }

    /// Hands on jobs as far as there is room; a result tells of more.
    fn flush_jobs(&mut self) {
        while let Some(job) = self.to_do.pop_front() {
            if let Err(job) = self.history.ask(job) {
                self.to_do.push_front(job);
                return;
            }
        }
    }
}
