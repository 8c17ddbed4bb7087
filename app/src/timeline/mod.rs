//! The messages of a chat: a virtual list that lays out only what is on the screen and never moves what is read.

mod body;
mod bubble;
mod cache;
mod choose;
mod code;
mod compact;
mod day;
mod entry;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod heights;
mod hover;
mod links;
mod list;
mod markdown;
mod marks;
mod menu;
mod news;
mod paint;
mod rows;
mod scroll;
mod select;
mod text;
mod view;

pub use day::{clock, day_name};
pub use entry::{
    Company, Entry, EntryKind, Feed, Key, Look, Mark, Notice, Quote, Retry, Route, TimelineAction, Trouble, Written,
};
pub use heights::Heights;
pub use list::Timeline;
pub use markdown::{Block, Form, Span, Strike, parse};
pub(crate) use menu::shown as as_read;
pub(crate) use text::{append_marked, find_hit};
pub use view::show;
