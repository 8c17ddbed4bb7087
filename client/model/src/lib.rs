//! The messenger without a window, pure: the conversation with the server and what the user can see.
//!
//! No socket, file, clock, randomness or runtime. Time and random bytes are arguments.

pub mod command;
mod event;
mod fold;
mod link;
mod message;
mod model;
mod mute;
pub mod peers;
mod request;
mod search;
mod transfer;

pub use event::{ChatSummary, Event, HistoryPage, HistoryRemedy, HistoryTrouble, PasswordFault, Welcome};
pub use fold::{find_folded, folded};
pub use link::{
    DiskFault, DiskOp, DiskResult, DiskTicket, LineId, Link, LinkInput, LinkOutput, OUTBOX_WINDOW, Unsettled,
};
pub use message::{ChatId, Delivery, Direction, Message, NewMessage, Outgoing, OutgoingState, RowId};
pub use model::{
    Action, Chat, Chats, Contact, Contacts, DeviceChange, Effect, Entry, Happening, Incident, Input, Look, MAX_ROWS,
    Model, Notice, NoticeId, NoticeKind, Notices, Notification, PAGE_ROWS, Parting, Phase, PrivateStage, Privates,
    Search, Section, Server, Session, Timeline, TransferView, Transfers, Unsaved, Unsent, WhoElse, WhoElseAnswer,
};
pub use mute::Mute;
pub use peers::{Closing, Peers, PeersInput, PeersOutput, Pin, Pins, PrivateSession, Route, Trust};
pub use request::{
    AddressPolicy, Ask, AskId, Credential, Place, Recall, Receipts, Request, Retention, SignIn, TakeOver,
};
pub use search::{FileSearch, SearchFor};
pub use transfer::{
    ChunkArrival, FileAnswer, FileFault, FileOrder, Pauses, Share, Source, Transfer, TransferId, TransferKind,
    TransferState,
};
