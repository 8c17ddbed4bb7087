//! Commands of the composer about private sessions and files, as the actions that do the same.

use whoelse_proto::{MessageId, PrivateCommand, Timestamp};

use super::Model;
use super::action::{Action, Effect};
use crate::command::CommandLine;
use crate::message::ChatId;
use crate::search::FileSearch;
use crate::transfer::FileOrder;

impl Model {
    /// Runs a command about private sessions, and shows where its outcome is seen.
    #[expect(clippy::wildcard_enum_match_arm, reason = "whoever calls it has told these from the others")]
    pub(super) fn run_private(&mut self, line: CommandLine, id: MessageId, now: Timestamp, out: &mut Vec<Effect>) {
        match line {
            CommandLine::Private { to, text } => {
                let chat = ChatId::Private(to);
                self.act(Action::Open { chat: chat.clone() }, now, out);
                self.act(Action::Write { id, chat, text }, now, out);
            }
            CommandLine::StartPrivate(name) => self.private(PrivateCommand::Start { name }, now, out),
            CommandLine::Accept(name) => {
                self.act(Action::Open { chat: ChatId::Private(name.clone()) }, now, out);
                self.private(PrivateCommand::Accept { name }, now, out);
            }
            CommandLine::Decline(name) => self.private(PrivateCommand::Decline { name }, now, out),
            CommandLine::StopPrivate(name) => self.private(PrivateCommand::Stop { name }, now, out),
            CommandLine::Verify(peer) => self.verify(peer, out),
            CommandLine::TrustDevice(peer) => self.trust_device(peer, out),
            _ => {}
        }
    }
}

impl CommandLine {
    /// What a command about files does; `None` for another.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are about something else")]
    pub fn into_file_action(self) -> Option<Action> {
        let order = match self {
            Self::SearchFile(name) => return Some(Action::SearchFiles(FileSearch::named(name))),
            Self::SearchChunk(name, chunks) => {
                return Some(Action::SearchFiles(FileSearch::named(name).with_chunks(Some(chunks))));
            }
            Self::Shared(part) => return Some(Action::SearchFiles(FileSearch::listed(part))),
            Self::PrivateDownload { from, name, chunk } => FileOrder::DownloadChunk { from, name, chunk, folder: None },
            Self::SendFile { to, path } => FileOrder::Send { to, path },
            Self::TakeFile(id) => FileOrder::Take { id, folder: None },
            Self::RefuseFile(id) => FileOrder::Refuse { id },
            Self::PauseFile(id) => FileOrder::Pause { id },
            Self::ResumeFile(id) => FileOrder::Resume { id },
            Self::CancelFile(id) => FileOrder::Cancel { id },
            Self::Register(path) => FileOrder::Register { path },
            Self::Unregister(name) => FileOrder::Unregister { name },
            Self::Download { name, root } => FileOrder::Download { name, root, folder: None },
            _ => return None,
        };
        Some(Action::Files(order))
    }
}
