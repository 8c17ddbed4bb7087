//! Private sessions and files in the loop: what the keeper wants, done on line and disk.

use std::net::IpAddr;

use tokio::task::JoinHandle;
use whoelse_model::{
    AddressPolicy, Ask, AskId, ChatId, DiskFault, Event, FileFault, FileOrder, LinkInput, Message, Outgoing,
    PeersInput, Retention,
};
use whoelse_proto::peer::Farewell;
use whoelse_proto::{MessageId, PrivateCommand, PrivateNews, Refusal, SessionEnd, Text, UserName};

use super::driver::Driver;
use super::events::Gone;
use super::progress::Progress;
use crate::history::Job;
use crate::peer::{Keeper, KeeperNews, KeeperWish, QuicNet};

/// Private sessions and files of whoever is signed in.
#[derive(Default)]
pub(super) struct Private {
    keeper: Option<Keeper<QuicNet>>,
    server: Server,
    retention: Kept,
    policy: AddressPolicy,
    /// Under which address the server was reached last.
    server_at: Option<IpAddr>,
    /// A keeper on its way out.
    leaving: Option<JoinHandle<()>>,
}

/// Whether the server introduces clients to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Server {
    #[default]
    DoesNot,
    Introduces,
}

/// Whether private messages stay on this computer. Without a word of the user they do not.
struct Kept(Retention);

impl Default for Kept {
    fn default() -> Self {
        Self(Retention::OutboxOnly)
    }
}

impl Private {
    /// Notes what the server said of itself.
    pub(super) fn introduces(&mut self, private: bool) {
        self.server = if private { Server::Introduces } else { Server::DoesNot };
    }

    /// Whether private messages stay from here on.
    pub(super) fn retain(&mut self, retention: Retention) {
        self.retention = Kept(retention);
    }

    /// Waits for something to happen between devices.
    pub(super) async fn next(&mut self) -> KeeperNews<QuicNet> {
        match &mut self.keeper {
            Some(keeper) => keeper.next().await,
            None => std::future::pending().await,
        }
    }

    /// The line to the server is gone, and may come back.
    pub(super) fn line_down(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            keeper.line_down();
        }
    }

    /// Leaves the network of devices.
    pub(super) fn leave(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            self.leaving = Some(tokio::spawn(keeper.close()));
        }
    }

    /// Waits until the network is left.
    pub(super) async fn left(&mut self) {
        if let Some(leaving) = self.leaving.take()
            && leaving.await.is_err()
        {
            tracing::error!("leaving the network of devices failed");
        }
    }
}

impl Driver {
    /// Opens this device to others, if the server introduces and it is not open.
    pub(super) async fn open_device(&mut self) -> Result<(), Gone> {
        let Some(owner) = self.conversation.as_ref().map(|conversation| conversation.owner.clone()) else {
            return Ok(());
        };
        if self.private.server == Server::DoesNot {
            return Ok(());
        }
        if self.private.keeper.is_none() {
            let net = match self.profile.device_secret() {
                Ok(secret) => QuicNet::open(&secret, self.private.policy).await,
                Err(error) => Err(error),
            };
            let net = match net {
                Ok(net) => net,
                Err(error) => return self.tell(Event::DiskTrouble { cause: error.to_string() }).await,
            };
            let pins = self.profile.pins(owner.server);
            let places = self.profile.file_places(owner.server, &owner.name);
            self.private.keeper = Some(Keeper::new(owner.name, net, pins, places));
        }
        Ok(())
    }

    /// Who learns the addresses of this device. A device that is open leaves the network and comes back: its sockets are
    /// others, and what was open ends.
    pub(super) async fn show_address(&mut self, policy: AddressPolicy) -> Result<(), Gone> {
        if std::mem::replace(&mut self.private.policy, policy) == policy || self.private.keeper.is_none() {
            return Ok(());
        }
        self.with_keeper(|keeper| keeper.session_over(Farewell::Lost)).await?;
        self.private.leave();
        self.open_device().await?;
        match self.progress {
            Progress::Up { .. } => self.private_line_up(self.private.server_at).await,
            Progress::Idle
            | Progress::Attempting(_)
            | Progress::Asking { .. }
            | Progress::Opening(_)
            | Progress::Waiting { .. } => Ok(()),
        }
    }

    /// There is a line: this device is made known.
    pub(super) async fn private_line_up(&mut self, server_at: Option<IpAddr>) -> Result<(), Gone> {
        if self.private.server == Server::DoesNot {
            return Ok(());
        }
        self.private.server_at = server_at;
        self.with_keeper(|keeper| keeper.line_up(server_at)).await
    }

    /// The session with the server is over.
    pub(super) async fn private_session_over(&mut self, reason: SessionEnd) -> Result<(), Gone> {
        let farewell = match reason {
            SessionEnd::Logout | SessionEnd::Revoked => Farewell::Logout,
            SessionEnd::Timeout => Farewell::Timeout,
            SessionEnd::ServerStop | SessionEnd::Replaced | SessionEnd::TooSlow => Farewell::Lost,
        };
        self.with_keeper(|keeper| keeper.session_over(farewell)).await
    }

    /// Asks the server for the user. What is about private sessions the keeper hears first.
    pub(super) async fn ask_server(&mut self, ask: AskId, what: Ask) -> Result<(), Gone> {
        match &what {
            Ask::Private(_) | Ask::Files(_) if self.private.keeper.is_none() => {
                return self.tell(Event::Answered { ask, result: Err(Refusal::Unsupported) }).await;
            }
            // The program does this by itself.
            Ask::Private(PrivateCommand::Publish { .. }) => return Ok(()),
            Ask::Private(command) => {
                let command = command.clone();
                self.with_keeper(|keeper| keeper.asked(ask, command)).await?;
            }
            Ask::Block(whom) => {
                if let Some(keeper) = &mut self.private.keeper {
                    keeper.blocked(whom);
                }
            }
            Ask::Unblock(whom) => {
                if let Some(keeper) = &mut self.private.keeper {
                    keeper.unblocked(whom);
                }
            }
            Ask::Whoelse | Ask::Whoelsesince(_) | Ask::Blocked | Ask::Stay | Ask::Files(_) => {}
        }
        self.feed(LinkInput::Ask { ask, what }).await
    }

    /// Passes on what the link tells; the answers to the keeper's own asks are for the keeper alone.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are for the user as they are")]
    pub(super) async fn told(&mut self, event: Event) -> Result<(), Gone> {
        match event {
            Event::Answered { ask, result } if Keeper::<QuicNet>::is_own(ask) => {
                self.with_keeper(|keeper| keeper.answered(ask, result)).await
            }
            Event::Unanswered { ask } if Keeper::<QuicNet>::is_own(ask) => {
                self.with_keeper(|keeper| keeper.unanswered(ask)).await
            }
            Event::Answered { ask, result } => {
                self.tell(Event::Answered { ask, result: result.clone() }).await?;
                self.with_keeper(|keeper| keeper.answered(ask, result)).await
            }
            Event::Unanswered { ask } => {
                self.tell(Event::Unanswered { ask }).await?;
                self.with_keeper(|keeper| keeper.unanswered(ask)).await
            }
            event => self.tell(event).await,
        }
    }

    pub(super) async fn server_tells(&mut self, news: PrivateNews) -> Result<(), Gone> {
        self.with_keeper(|keeper| keeper.server_news(news)).await
    }

    pub(super) async fn device_news(&mut self, news: KeeperNews<QuicNet>) -> Result<(), Gone> {
        self.with_keeper(|keeper| keeper.take(news)).await
    }

    pub(super) async fn private_input(&mut self, input: PeersInput) -> Result<(), Gone> {
        self.with_keeper(|keeper| keeper.input(input)).await
    }

    /// Writes in a private session.
    pub(super) async fn write_private(&mut self, id: MessageId, to: UserName, text: Text) -> Result<(), Gone> {
        if self.private.keeper.is_none() {
            let outgoing = Outgoing { refused: Some(Refusal::NoSession), ..Outgoing::default() };
            return self.tell(Event::Progressed { chat: ChatId::Private(to), id, outgoing }).await;
        }
        self.private_input(PeersInput::Write { id, to, text }).await
    }

    /// A private message has its row, or none.
    pub(super) async fn private_kept(&mut self, id: MessageId, result: Result<Message, DiskFault>) -> Result<(), Gone> {
        let input = match result {
            Ok(message) => PeersInput::Kept(message),
            Err(DiskFault { cause }) => PeersInput::NotKept { id, cause },
        };
        self.private_input(input).await
    }

    /// Does something about files.
    pub(super) async fn order_files(&mut self, ask: AskId, order: FileOrder) -> Result<(), Gone> {
        if self.private.keeper.is_none() {
            let text = "this server does not introduce clients to each other".to_owned();
            let fault = FileFault { code: "unsupported", text };
            return self.tell(Event::FilesAnswered { ask, result: Err(fault) }).await;
        }
        self.with_keeper(|keeper| keeper.order(ask, order)).await
    }

    /// Lets the keeper act, if there is one, and does what it wishes.
    async fn with_keeper(&mut self, act: impl FnOnce(&mut Keeper<QuicNet>) -> Vec<KeeperWish>) -> Result<(), Gone> {
        let Some(keeper) = &mut self.private.keeper else { return Ok(()) };
        for wish in act(keeper) {
            match wish {
                KeeperWish::Ask(ask, what) => Box::pin(self.feed(LinkInput::Ask { ask, what })).await?,
                KeeperWish::Keep(message) => {
                    let retention = self.private.retention.0;
                    self.ask_history(Job::Private { message, retention })?;
                }
                KeeperWish::Delivered(id) => self.ask_history(Job::PrivateDelivered { id })?,
                KeeperWish::SavePins(pins) => {
                    let server = self.conversation.as_ref().map(|conversation| conversation.owner.server);
                    if let Some(server) = server
                        && let Err(error) = self.profile.keep_pins(server, &pins)
                    {
                        self.tell(Event::DiskTrouble { cause: error.to_string() }).await?;
                    }
                }
                KeeperWish::Tell(event) => self.tell(event).await?,
            }
        }
        Ok(())
    }
}
