//! Private sessions and files in the talk.

use std::path::PathBuf;

use whoelse_model::command::{CommandKind, CommandLine};
use whoelse_model::{
    AskId, ChatId, Closing, Event, FileAnswer, FileFault, FileOrder, FileSearch, PrivateSession, Request, Transfer,
    TransferId, TransferKind, TransferState,
};
use whoelse_proto::{DeviceKey, PrivateCommand, Refusal, UserName};

use super::super::news::{Failure, News};
use super::{Ask, Do, Talk, answer};

/// Whether questions are answered without asking the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) enum Consent {
    /// The user answers.
    #[default]
    Asked,
    /// The answer is yes.
    Given,
}

/// What is accepted without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Accepts {
    /// Private sessions.
    pub(in crate::cli) private: Consent,
    /// Files, into this folder.
    pub(in crate::cli) files: Option<PathBuf>,
}

impl Talk {
    /// Does a command about private sessions or files; gives any other back.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are about something else")]
    pub(super) fn do_private(&mut self, command: CommandLine, out: &mut Vec<Do>) -> Option<CommandLine> {
        let kind = command.kind();
        let (name, command) = match command {
            CommandLine::StartPrivate(name) => (name.clone(), PrivateCommand::Start { name }),
            CommandLine::Accept(name) => (name.clone(), PrivateCommand::Accept { name }),
            CommandLine::Decline(name) => (name.clone(), PrivateCommand::Decline { name }),
            CommandLine::StopPrivate(name) => (name.clone(), PrivateCommand::Stop { name }),
            CommandLine::Verify(name) => {
                let device = self.sessions.get(&name).copied();
                let request = device.map(|device| Request::Verify { peer: name.clone(), device });
                self.order_or_fail(kind, name, request, out);
                return None;
            }
            CommandLine::TrustDevice(name) => {
                let device = self.changed.remove(&name);
                let request = device.map(|device| Request::Repin { peer: name.clone(), device });
                self.order_or_fail(kind, name, request, out);
                return None;
            }
            CommandLine::SearchFile(name) => {
                self.ask(kind, None, FileSearch::named(name).into_ask(), out);
                return None;
            }
            CommandLine::SearchChunk(name, chunks) => {
                self.ask(kind, None, FileSearch::named(name).with_chunks(Some(chunks)).into_ask(), out);
                return None;
            }
            CommandLine::Shared(part) => {
                self.ask(kind, None, FileSearch::listed(part).into_ask(), out);
                return None;
            }
            other => match file_order(other) {
                Ok((about, mut order)) => {
                    self.direct(&mut order);
                    match about.clone().filter(|to| kind == CommandKind::SendFile && self.is_unknown(to)) {
                        Some(to) => self.refuse(kind, Refusal::UnknownUser, &to, out),
                        None => self.order(kind, about, order, out),
                    }
                    return None;
                }
                Err(other) => return Some(*other),
            },
        };
        self.ask(kind, Some(name), Ask::Private(command), out);
        None
    }

    /// Asks the runtime what needs a key that was seen.
    fn order_or_fail(&mut self, kind: CommandKind, name: UserName, request: Option<Request>, out: &mut Vec<Do>) {
        if let Some(request) = request {
            out.push(Do::Ask(request));
            out.push(Do::Say(News::Done { kind, about: Some(name) }));
            return;
        }
        self.refuse(kind, Refusal::NoSession, &name, out);
    }

    fn refuse(&mut self, kind: CommandKind, why: Refusal, about: &UserName, out: &mut Vec<Do>) {
        self.fail();
        out.push(Do::Say(News::Failed(Failure::refused(kind, why, Some(about)))));
    }

    /// Whether the server has named everybody, and not this user.
    fn is_unknown(&self, name: &UserName) -> bool {
        let names = self.people.names();
        !names.is_empty() && *name != self.me && !names.contains(name)
    }

    fn order(&mut self, kind: CommandKind, about: Option<UserName>, order: FileOrder, out: &mut Vec<Do>) {
        self.last_ask += 1;
        let ask = AskId::new(self.last_ask);
        let awaited = self.awaited(kind, about);
        self.asks.insert(ask, awaited);
        out.push(Do::Ask(Request::Files { ask, order }));
    }

    /// Says what an event about private sessions or files means.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are about something else")]
    pub(super) fn private_event(&mut self, event: Event, out: &mut Vec<Do>) {
        match event {
            Event::PrivateAsked { by, until: _ } => self.asked(by, out),
            Event::PrivateOpened(session) => self.opened(session, out),
            Event::PrivateEnded { peer, why } => self.ended(peer, why, out),
            Event::DeviceChanged { peer, pinned, pinned_at: _, shown } => self.changed(peer, pinned, shown, out),
            Event::IntroductionRefused { peer, cause } => {
                out.push(Do::Say(News::Failed(Failure::distrusted(&peer, &cause))));
            }
            Event::PrivateInterrupted { peer } => out.push(Do::Say(News::PrivateInterrupted { peer })),
            Event::PrivateResumed { peer, route } => out.push(Do::Say(News::PrivateResumed { peer, route })),
            Event::PrivateRerouted { peer, route } => out.push(Do::Say(News::PrivateRerouted { peer, route })),
            Event::Transferred(transfer) => self.transferred(transfer, out),
            Event::FilesAnswered { ask, result } => self.files_answered(ask, result, out),
            // The rest is for windows.
            _ => {}
        }
    }

    fn asked(&mut self, by: UserName, out: &mut Vec<Do>) {
        out.push(Do::Say(News::PrivateAsked { by: by.clone() }));
        if self.accepts.private == Consent::Given {
            self.last_ask += 1;
            let what = Ask::Private(PrivateCommand::Accept { name: by });
            // Nobody gave this command: its answer is for nobody.
            out.push(Do::Ask(Request::Ask { ask: AskId::new(self.last_ask), what }));
        }
    }

    fn opened(&mut self, session: PrivateSession, out: &mut Vec<Do>) {
        self.sessions.insert(session.peer.clone(), session.device);
        out.push(Do::Say(News::PrivateOpened(session)));
    }

    fn ended(&mut self, peer: UserName, why: Closing, out: &mut Vec<Do>) {
        self.sessions.remove(&peer);
        out.push(Do::Say(News::PrivateClosed { peer, why }));
    }

    fn changed(&mut self, peer: UserName, pinned: DeviceKey, shown: DeviceKey, out: &mut Vec<Do>) {
        out.push(Do::Say(News::Failed(Failure::device_changed(&peer, pinned, shown))));
        self.changed.insert(peer, shown);
    }

    fn transferred(&mut self, transfer: Transfer, out: &mut Vec<Do>) {
        let id = transfer.id;
        let is_offer =
            matches!(transfer.kind, TransferKind::Receiving { .. }) && transfer.state == TransferState::Offered;
        let flows = matches!(transfer.state, TransferState::Hashing | TransferState::Running)
            || transfer.state == TransferState::Offered && !is_offer;
        if flows {
            self.transfers.insert(id);
        } else {
            self.transfers.remove(&id);
        }
        if matches!(transfer.state, TransferState::Failed { .. }) {
            self.fail();
        }
        out.push(Do::Say(News::Transfer(transfer)));
        if let Some(folder) = self.accepts.files.clone().filter(|_| is_offer) {
            self.take_file(id, folder, out);
        }
    }

    fn take_file(&mut self, id: TransferId, folder: PathBuf, out: &mut Vec<Do>) {
        self.last_ask += 1;
        let order = FileOrder::Take { id, folder: Some(folder) };
        out.push(Do::Ask(Request::Files { ask: AskId::new(self.last_ask), order }));
    }

    /// What is fetched goes where files go that are taken.
    fn direct(&self, order: &mut FileOrder) {
        if let FileOrder::Download { folder, .. }
        | FileOrder::DownloadChunk { folder, .. }
        | FileOrder::Take { folder, .. } = order
        {
            folder.clone_from(&self.accepts.files);
        }
    }

    fn files_answered(&mut self, ask: AskId, result: Result<FileAnswer, FileFault>, out: &mut Vec<Do>) {
        let awaited = self.asks.remove(&ask);
        let (kind, reference) = awaited.map(|awaited| (awaited.kind, awaited.reference)).unzip();
        let reference = reference.flatten();
        let news = match (result, kind) {
            (Ok(FileAnswer::Registered { file, known }), _) => News::Registered { file, known },
            (Ok(FileAnswer::Unregistered | FileAnswer::Begun(_) | FileAnswer::Done), Some(kind)) => {
                News::Done { kind, about: None }
            }
            (Ok(FileAnswer::Unregistered | FileAnswer::Begun(_) | FileAnswer::Done), None) => return,
            (Err(FileFault { code, text }), kind) => {
                self.fail();
                let command = kind.map_or("", super::super::news::command_name).to_owned();
                News::Failed(Failure { command, code, text })
            }
        };
        out.push(answer(reference, news));
    }

    /// The chat of a private message.
    pub(super) fn private_chat(to: &UserName) -> ChatId {
        ChatId::Private(to.clone())
    }
}

/// The order about a file that a command gives, with whom it is about; any other command comes back.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are about nobody")]
fn file_order(command: CommandLine) -> Result<(Option<UserName>, FileOrder), Box<CommandLine>> {
    use whoelse_model::Action;
    let about = match &command {
        CommandLine::SendFile { to, .. } => Some(to.clone()),
        CommandLine::PrivateDownload { from, .. } => Some(from.clone()),
        _ => None,
    };
    match command.clone().into_file_action() {
        Some(Action::Files(order)) => Ok((about, order)),
        Some(_) | None => Err(Box::new(command)),
    }
}
