//! The screens, each a function from plain state to what the user asked for.

mod action;
mod bars;
mod chat;
pub mod confirm;
mod contacts;
mod empty;
mod found;
mod head;
pub mod keys;
mod main_view;
pub mod password;
mod private;
pub mod quiet;
pub mod search;
pub mod send_file;
pub mod settings;
pub mod shared_files;
pub mod sign_in;
pub mod switcher;
pub mod who_was_online;

pub use action::{Action, ContactVerb, Panel};
pub use bars::{Bars, Inactivity, Lost, LostTo};
pub use chat::{Chat, ChatParts, show as show_chat};
pub use contacts::{
    ContactItem, ContactSection, Contacts, ItemBadge, ItemWay, SectionKind, Server, show as show_contacts,
};
pub use empty::{FirstStart, NoChat, NothingYet};
pub use found::{Found, FoundAction, FoundCommand, SEARCH_FIELD, search_id};
pub use head::{Head, HeadRoute, Standing};
pub use main_view::{Center, Main, TabItem, bars_height, show as show_main};
pub use private::{
    Asked, Code, CodeAction, Foot, FootAction, Private, PrivateHead, PrivateVerb, Request, Sign, Takes, Way,
    code_dialog,
};
