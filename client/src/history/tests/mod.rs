//! The history as a whole: jobs in, results out, and what is on disk afterwards.

mod faults;
mod files;
mod messages;
mod reading;
mod searching;
mod settling;

use tempfile::TempDir;
use whoelse_model::{
    ChatId, ChatSummary, Delivery, Direction, DiskFault, DiskOp, DiskResult, DiskTicket, HistoryPage, LineId, Message,
    NewMessage, Outgoing, Place,
};
use whoelse_proto::{MessageId, MessageState, Seq, Text, Timestamp, UserName};

use super::database::Database;
use super::job::{Done, Job};

/// The moment of every job.
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A history in a folder of its own.
struct Fixture {
    folder: TempDir,
    database: Database,
    tickets: u64,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (database, _) = Database::open(&folder.path().join("history.sqlite")).unwrap();
        Self { folder, database, tickets: 0 }
    }

    /// The same file, opened by another start of the program.
    fn restarted(self) -> Self {
        let Self { folder, database, tickets } = self;
        drop(database);
        let (database, _) = Database::open(&folder.path().join("history.sqlite")).unwrap();
        Self { folder, database, tickets }
    }

    fn run(&mut self, job: Job) -> Done {
        let mut done = self.database.perform(&[job], NOW);
        assert_eq!(done.len(), 1);
        done.remove(0)
    }

    fn op(&mut self, op: DiskOp) -> Result<DiskResult, DiskFault> {
        self.op_of(None, op)
    }

    fn op_of(&mut self, line: Option<u64>, op: DiskOp) -> Result<DiskResult, DiskFault> {
        self.tickets += 1;
        let ticket = DiskTicket::new(self.tickets);
        let done = self.run(Job::Op { ticket, line: line.map(LineId::new), op });
        let Done::Op { ticket: answered, result } = done else { panic!("{done:?}") };
        assert_eq!(answered, ticket);
        result
    }

    fn put(&mut self, message: NewMessage) -> Message {
        let op = match message.direction {
            Direction::Incoming { .. } => DiskOp::PutIncoming { message, seq: Seq::new(1), delivery: Delivery::OnDisk },
            Direction::Outgoing(_) => DiskOp::PutOutgoing(message),
        };
        match self.op(op) {
            Ok(DiskResult::Put(message)) => message,
            result => panic!("{result:?}"),
        }
    }

    fn step(&mut self, n: u8, state: MessageState) -> Vec<(ChatId, MessageId, Outgoing)> {
        let step = DiskOp::Step { ids: vec![id(n)], peer: Some(name("yoda")), state, at: NOW, skipped: false };
        match self.op(step) {
            Ok(DiskResult::Stepped(stepped)) => stepped,
            result => panic!("{result:?}"),
        }
    }

    /// The ids of the outbox and of what is not known to be read.
    fn open(&mut self) -> (Vec<MessageId>, Vec<MessageId>) {
        match self.op(DiskOp::LoadOpen) {
            Ok(DiskResult::Open { outbox, unread, .. }) => {
                (outbox.iter().map(|row| row.message.id).collect(), unread.iter().map(|one| one.id).collect())
            }
            result => panic!("{result:?}"),
        }
    }

    fn page(&mut self, chat: &ChatId, place: Place, limit: usize) -> HistoryPage {
        let done = self.run(Job::Page { chat: chat.clone(), place, limit });
        let Done::Page(page) = done else { panic!("{done:?}") };
        page
    }

    fn all(&mut self, chat: &ChatId) -> Vec<Message> {
        self.page(chat, Place::End, 1000).messages
    }

    /// No file holds these bytes, though the history is open.
    fn assert_nowhere(&self, words: &[u8]) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(words.len()).any(|window| window == words), "the words are still on disk");
        }
    }

    fn chat(&mut self, chat: &ChatId) -> ChatSummary {
        let chats = self.database.chats().unwrap();
        chats.into_iter().find(|summary| summary.chat == *chat).unwrap()
    }
}

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

fn yoda() -> ChatId {
    ChatId::Direct(name("yoda"))
}

/// Own message `n`, not sent yet.
fn written(n: u8, chat: ChatId) -> NewMessage {
    NewMessage {
        id: id(n),
        chat,
        author: name("hans"),
        text: Text::new(&format!("words {n}")).unwrap(),
        reply_to: None,
        at: NOW,
        direction: Direction::Outgoing(Outgoing::default()),
    }
}

/// Message `n` of yoda.
fn arrived(n: u8, chat: ChatId) -> NewMessage {
    NewMessage { author: name("yoda"), direction: Direction::Incoming { stored: false }, ..written(n, chat) }
}

/// Message `n` of yoda with these words.
fn saying(n: u8, words: &str) -> NewMessage {
    NewMessage { text: Text::new(words).unwrap(), ..arrived(n, yoda()) }
}
