//! The parts every view is made of, painted from the tokens, each with its accessible name.

#![allow(clippy::must_use_candidate, reason = "painting is the effect; where it came to lie is told besides")]

mod at_end;
mod avatar;
mod bar;
mod button;
mod field;
mod file_card;
mod label;
mod logo;
mod menu;
mod paint;
mod pill;
mod row;
mod segmented;
mod strip;
mod tabs;
mod toggle;

pub use at_end::{AtEnd, EndButton, at_end};
pub use avatar::{Avatar, Presence, presence_dot};
pub use bar::{Bar, BarTone, Note, note, note_that_says};
pub use button::{Button, ButtonKind, IconButton};
pub use field::{Field, FieldState, Reveal, Take, entered, focus_whole};
pub use file_card::{
    CardAction, Fact, FactTone, FileCard, PICTURE_MAX, Picture, Progress, ProgressTone, card_size, file_card,
    file_head, file_icon, progress_bar,
};
pub use label::{
    announce, choosable, label, label_at, link, minutes_at_most, name_window, paragraph, say_at_once, say_chosen,
    space, told, told_at,
};
pub use logo::logo;
pub use menu::{Dialog, dialog, give_focus_back, menu_item, menu_line, menu_of, popup_frame, tip};
pub use paint::{
    Ring, elided, elided_job, fill, focus_ring, galley, hairline_below, hairline_right, icon, put, rule, shadowed,
    wrapped,
};
pub use pill::{Chip, ChipTone, PillTone, chip, key_cap, key_caps, pill, pill_width};
pub use row::{Badge, ContactRow, Preview, SectionRow};
pub use segmented::segmented;
pub use strip::{Lies, Strip, strong_and_small};
pub use tabs::{Stay, TAB_CLOSE, Tab, TabEvent, TabIcon, tab_bar};
pub use toggle::{checkbox, radio_card, switch};
