//! The loop of the background thread: the only place where requests, line, disk and time meet.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use whoelse_model::{Delivery, Event, LinkInput, Receipts, Request};
use whoelse_proto::SessionEnd;

use super::account::{Account, Persistence};
use super::conversation::{Conversation, Wish};
use super::events::{Gone, Teller};
use super::password::{Changed, Changing};
use super::private::Private;
use super::progress::{News, Progress};
use crate::history::Done;
use crate::link::Interest;
use crate::peer::{KeeperNews, QuicNet};
use crate::profile::Profile;

/// For a logout that was asked for right before the end.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// The driver of one profile.
pub(super) struct Driver {
    pub(super) profile: Profile,
    requests: mpsc::Receiver<Request>,
    teller: Teller,
    pub(super) account: Option<Account>,
    pub(super) conversation: Option<Conversation>,
    pub(super) progress: Progress,
    pub(super) stay: Stay,
    /// When arrived messages count as delivered.
    pub(super) delivery: Delivery,
    /// Whether authors learn that their messages were read.
    pub(super) receipts: Receipts,
    /// What a first attempt that fails leads to.
    pub(super) first: Persistence,
    pub(super) private: Private,
    /// The damaged history that the last sign-in met.
    pub(super) unusable: Option<PathBuf>,
    /// A change of the password.
    pub(super) changing: Changing,
    /// The history of an earlier sign-in on its way to the end.
    pub(super) closing: Option<JoinHandle<()>>,
}

/// Whether the user wants to be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stay {
    /// Yes.
    Staying,
    /// Signing out as soon as all is sent.
    Leaving,
}

/// What happened.
enum Happening {
    /// The window or command line asks.
    Requested(Request),
    /// Nobody holds the runtime any more.
    Dropped,
    /// The line has news.
    Line(News),
    /// The history did something; `None` if it is gone.
    Disk(Option<Done>),
    /// Something happened between devices.
    Device(Box<KeeperNews<QuicNet>>),
    /// A change of the password came to its end.
    Password(Changed),
}

impl Driver {
    pub(super) fn new(profile: Profile, requests: mpsc::Receiver<Request>, teller: Teller) -> Self {
        Self {
            profile,
            requests,
            teller,
            account: None,
            conversation: None,
            progress: Progress::Idle,
            stay: Stay::Staying,
            delivery: Delivery::OnDisk,
            receipts: Receipts::Sent,
            first: Persistence::Once,
            private: Private::default(),
            unusable: None,
            changing: Changing::default(),
            closing: None,
        }
    }

    /// Works until nobody holds the runtime any more; then all that was asked of the disk is done.
    pub(super) async fn run(mut self) {
        loop {
            let happening = self.next().await;
            if self.handle(happening).await.is_err() {
                break;
            }
        }
        // What was asked before the end still reaches the disk and the server, though nobody hears of it.
        self.teller.hush();
        while let Ok(request) = self.requests.try_recv() {
            if self.request(request).await.is_err() {
                tracing::trace!("an answer has no reader");
            }
        }
        if timeout(LEAVE_WITHIN, self.leave()).await.is_err() {
            tracing::debug!("the server did not answer the logout in time");
        }
        self.end_conversation();
        self.private.left().await;
        if let Some(closing) = self.closing
            && closing.await.is_err()
        {
            tracing::error!("closing the history failed");
        }
    }

    /// Lets a logout that was asked for come to its end.
    async fn leave(&mut self) {
        while self.stay == Stay::Leaving && matches!(self.progress, Progress::Up { .. }) {
            let happening = self.next().await;
            if self.handle(happening).await.is_err() {
                return;
            }
        }
    }

    /// Waits for something to happen.
    async fn next(&mut self) -> Happening {
        let Self { requests, teller, conversation, progress, private, changing, .. } = self;
        let has_room = conversation.as_ref().is_none_or(Conversation::has_room);
        let to_send = conversation.as_ref().is_some_and(Conversation::has_to_send);
        let interest = Interest { frames: has_room, room: to_send };
        let may_come = !(requests.is_closed() && requests.is_empty());
        let takes_requests = may_come && has_room && !progress.is_opening();
        let disk = async {
            match conversation {
                Some(conversation) => conversation.done().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // What was asked before the runtime was dropped is done.
            biased;
            request = requests.recv(), if takes_requests => request.map_or(Happening::Dropped, Happening::Requested),
            () = teller.gone() => Happening::Dropped,
            news = progress.next(interest) => Happening::Line(news),
            done = disk => Happening::Disk(done),
            changed = changing.next() => Happening::Password(changed),
            news = private.next(), if has_room => Happening::Device(Box::new(news)),
        }
    }

    async fn handle(&mut self, happening: Happening) -> Result<(), Gone> {
        match happening {
            Happening::Requested(request) => self.request(request).await,
            Happening::Dropped => Err(Gone),
            Happening::Line(News::Attempted(ended)) => self.attempted(ended).await,
            Happening::Line(News::Opened(opened)) => self.opened(*opened).await,
            Happening::Line(News::RetryDue) => self.attempt().await,
            Happening::Line(News::Frame(Ok(frame))) => self.feed(LinkInput::Frame(frame)).await,
            Happening::Line(News::Frame(Err(error))) => self.line_lost(error.to_string()).await,
            Happening::Line(News::Room) => {
                self.flush();
                Ok(())
            }
            Happening::Disk(Some(done)) => self.disk_done(done).await,
            Happening::Password(changed) => self.password_changed(changed).await,
            Happening::Device(news) => self.device_news(*news).await,
            Happening::Disk(None) => {
                self.end_conversation();
                self.account = None;
                self.tell(Event::ConnectFailed { cause: "the history stopped working".to_owned() }).await
            }
        }
    }

    /// Tells something. Waits for room.
    pub(super) async fn tell(&self, event: Event) -> Result<(), Gone> {
        self.teller.tell(event).await
    }

    /// Hands the link an input and does what it wishes.
    pub(super) async fn feed(&mut self, input: LinkInput) -> Result<(), Gone> {
        let Some(conversation) = &mut self.conversation else { return Ok(()) };
        let mut end = SessionEnd::Logout;
        for wish in conversation.handle(input, self.progress.line()) {
            match wish {
                Wish::Tell(event) => {
                    if let Event::SessionEnded(reason) = event {
                        end = reason;
                        // The session's end is the last word.
                        Box::pin(self.private_session_over(reason)).await?;
                    }
                    Box::pin(self.told(event)).await?;
                }
                Wish::Private(news) => Box::pin(self.server_tells(news)).await?,
                Wish::Close => self.session_over(end).await?,
                Wish::Abandon { cause } => self.line_lost(cause).await?,
            }
        }
        Ok(())
    }

    /// Puts what waits on the line.
    fn flush(&mut self) {
        if let Some(conversation) = &mut self.conversation {
            conversation.flush_frames(self.progress.line());
        }
    }

    /// Passes on what the history did.
    async fn disk_done(&mut self, done: Done) -> Result<(), Gone> {
        match done {
            Done::Op { ticket, result } => self.feed(LinkInput::Disk { ticket, result }).await,
            Done::Private { id, result } => self.private_kept(id, result).await,
            Done::Page(page) => self.tell(Event::History(page)).await,
            Done::Exported(page) => self.tell(Event::Exported(page)).await,
            Done::Found { what, hits } => self.tell(Event::Found { what, hits }).await,
            Done::Recalled { ask, messages } => self.tell(Event::Recalled { ask, messages }).await,
            Done::Reply { id, to, text, chat: Some(chat) } => Box::pin(self.write(id, chat, text, Some(to))).await,
            Done::Reply { id, chat: None, .. } => self.tell(Event::NoSuchMessage { id }).await,
            Done::Seen { .. } if self.receipts == Receipts::Withheld => Ok(()),
            Done::Seen { peer, up_to } => self.feed(LinkInput::MarkRead { peer, up_to }).await,
            Done::Cleared { chat, chats } => {
                self.tell(Event::Cleared { chat }).await?;
                self.tell(Event::Chats(chats)).await
            }
            Done::Nothing => Ok(()),
            Done::Failed(fault) => self.tell(Event::DiskTrouble { cause: fault.cause }).await,
        }
    }
}
