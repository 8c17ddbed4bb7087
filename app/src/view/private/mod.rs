//! What a private session shows besides its messages: who asks, the way it goes, the code to compare, how it ended.

mod code;
mod foot;
mod head;
mod request;

pub use code::{Code, CodeAction, Sign, dialog as code_dialog};
pub use foot::{Foot, FootAction};
pub use head::{PrivateHead, Way};
pub use request::{Asked, Request};

pub(super) use code::{height as strip_height, strip};
pub(super) use foot::{height as foot_height, show as foot};
pub(super) use head::show as head;
pub(super) use request::{show as show_request, show_asked};

use eframe::egui::{Align2, Rect, Ui, pos2};
use lucide_icons::Icon;
use whoelse_proto::UserName;

use crate::kit::{icon, label_at};
use crate::theme::{icon as icon_size, ink, palette, space, style};

/// What a private chat shows besides its messages.
#[derive(Clone, Debug)]
pub struct Private {
    /// With whom.
    pub peer: UserName,
    /// The head.
    pub head: PrivateHead,
    /// The code, while it is to be compared.
    pub code: Option<Code>,
    /// What stands in place of the composer while no session is open.
    pub foot: Option<Foot>,
    /// Whether their files are asked about.
    pub takes: Takes,
}

/// What becomes of a file that somebody offers in a session whose code was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Takes {
    /// The user is asked.
    #[default]
    Asks,
    /// It is taken.
    Unasked,
}

/// What can be done about a private session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateVerb {
    /// Ask for one, and go to its tab.
    Start,
    /// Agree.
    Accept,
    /// Turn it down.
    Decline,
    /// End it, or take the question back.
    Stop,
    /// The codes are equal.
    Verify,
    /// They are not: end the session.
    Differ,
    /// Show the whole code.
    ShowCode,
    /// Decide about a key that has changed.
    ShowKey,
    /// Go to the chat through the server.
    Direct,
    /// Take or ask about their files from here on.
    Take(Takes),
}

/// What a private session means, in the middle of one in which nothing was written.
pub(super) fn means(ui: &mut Ui, rect: Rect, peer: &str) {
    let colours = palette(ui);
    let centre = rect.center() - eframe::egui::vec2(0.0, space::X8);
    icon(ui.painter(), Icon::Lock, centre, icon_size::EMPTY, colours.private);
    let room = rect.width() - 2.0 * space::X6;
    let title = format!("Between you and {peer} alone");
    let title_at = pos2(centre.x, centre.y + 40.0);
    label_at(ui, Align2::CENTER_CENTER, title_at, ink(style::HEADING, colours.text), &title, room);
    let lines = [
        "Text and files go straight from device to device, encrypted.",
        "The server only connects you. It cannot read any of it.",
        "Messages go when you close this chat, unless you keep them in Settings.",
    ];
    let mut y = title_at.y + 30.0;
    for line in lines {
        label_at(ui, Align2::CENTER_CENTER, pos2(centre.x, y), ink(style::SMALL, colours.text_2), line, room);
        y += style::SMALL.line + space::X1;
    }
}
