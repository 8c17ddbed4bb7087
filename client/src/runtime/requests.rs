//! What each request leads to.

use whoelse_model::{ChatId, Direction, Event, LinkInput, NewMessage, Outgoing, PeersInput, Request};
use whoelse_proto::{MessageId, Text};

use super::account::Persistence;
use super::driver::Driver;
use super::events::Gone;
use crate::clock::now;
use crate::history::Job;

impl Driver {
    /// Does what is asked.
    pub(super) async fn request(&mut self, request: Request) -> Result<(), Gone> {
        match request {
            Request::SignIn(sign_in) => self.sign_in(sign_in).await,
            Request::Trust { fingerprint } => self.trust(fingerprint).await,
            Request::Cancel => self.cancel().await,
            Request::RetryNow => self.retry_now().await,
            Request::SetHistoryAside => self.set_history_aside().await,
            Request::ChangePassword { ask, old, new } => self.change_password(ask, old, new).await,
            Request::SignOut => self.sign_out().await,
            Request::Write { id, chat, text, reply_to } => self.write(id, chat, text, reply_to).await,
            Request::Resend { id } => self.feed(LinkInput::Resend { id }).await,
            Request::Delete { id } => self.feed(LinkInput::Delete { id }).await,
            Request::Ask { ask, .. } if self.conversation.is_none() => self.tell(Event::Unanswered { ask }).await,
            Request::Ask { ask, what } => self.ask_server(ask, what).await,
            Request::CountAsDelivered(delivery) => {
                self.delivery = delivery;
                Ok(())
            }
            Request::KeepTrying => {
                self.first = Persistence::UntilToldOtherwise;
                Ok(())
            }
            Request::Recall { ask, .. } if self.conversation.is_none() => self.tell(Event::Unanswered { ask }).await,
            Request::Recall { ask, what, limit } => self.ask_history(Job::Recall { ask, what, limit }),
            Request::Reply { id, to, text } => self.ask_history(Job::Reply { id, to, text }),
            Request::Shown { ids } => self.shown(ids).await,
            Request::MarkRead { chat, row } => self.ask_history(Job::MarkRead { chat, row }),
            Request::LoadHistory { chat, place, limit } => self.ask_history(Job::Page { chat, place, limit }),
            Request::Export { chat, after } => self.ask_history(Job::Export { chat, after }),
            Request::Search { what, limit } => self.ask_history(Job::Search { what, limit }),
            Request::KeepDraft { chat, draft } => self.ask_history(Job::KeepDraft { chat, draft }),
            Request::Mute { chat, mute } => self.ask_history(Job::Mute { chat, mute }),
            Request::ClearHistory { chat } => {
                self.profile.recall().forget();
                self.ask_history(Job::Clear { chat })
            }
            Request::Files { ask, order } => self.order_files(ask, order).await,
            Request::Repin { peer, device } => self.private_input(PeersInput::Repin { peer, device }).await,
            Request::Verify { peer, device } => self.private_input(PeersInput::Verify { peer, device }).await,
            Request::RetainPrivate(retention) => {
                self.private.retain(retention);
                Ok(())
            }
            Request::TellRead(receipts) => {
                self.receipts = receipts;
                Ok(())
            }
            Request::ShowAddress(policy) => self.show_address(policy).await,
            Request::Retain(retention) => self.ask_history(Job::Retain(retention)),
        }
    }

    /// Puts a message of the user on disk, from where it is sent.
    pub(super) async fn write(
        &mut self,
        id: MessageId,
        chat: ChatId,
        text: Text,
        reply_to: Option<MessageId>,
    ) -> Result<(), Gone> {
        if let ChatId::Private(to) = chat {
            return self.write_private(id, to, text).await;
        }
        let Some(conversation) = &self.conversation else {
            let cause = "nobody is signed in".to_owned();
            return self.tell(Event::SaveFailed { id, cause }).await;
        };
        let author = conversation.owner.name.clone();
        let direction = Direction::Outgoing(Outgoing::default());
        let message = NewMessage { id, chat, author, text, reply_to, at: now(), direction };
        self.feed(LinkInput::Write(message)).await
    }

    /// Whoever reads has these messages.
    async fn shown(&mut self, ids: Vec<MessageId>) -> Result<(), Gone> {
        self.feed(LinkInput::Shown { ids }).await
    }

    /// Asks something of the history of whoever is signed in.
    #[allow(clippy::unnecessary_wraps, reason = "an arm of the dispatch above")]
    pub(super) fn ask_history(&mut self, job: Job) -> Result<(), Gone> {
        if let Some(conversation) = &mut self.conversation {
            conversation.ask(job);
        }
        Ok(())
    }
}
