//! Where messages are written: it grows with the text, says where the words go, and completes what is typed.

mod blocked;
mod complete;
mod edit;
mod emoji;
mod format;
mod menu;
mod shortcode;
mod view;

use eframe::egui::Id;
use lucide_icons::Icon;

pub use complete::Offer;
pub use view::{height, show};

use crate::timeline::Route;

/// A composer with what is being written. One for each open chat.
#[derive(Clone, Debug, Default)]
pub struct Composer {
    pub(super) text: String,
    /// An input method holds letters that are not written yet.
    pub(super) composing: bool,
    picker: emoji::Picker,
    /// Which of the offers is chosen, while there are any.
    pub(super) chosen: usize,
    /// The text for which the offers were put away.
    pub(super) put_away: Option<String>,
    /// Where the cursor goes in the next frame, in characters.
    pub(super) cursor: Option<usize>,
    /// Whether it takes the keyboard in the next frame.
    pub(super) wants_focus: bool,
    /// The shortcode that became an emoji last.
    replaced: Option<shortcode::Replaced>,
}

impl Composer {
    /// A composer that holds a draft.
    #[must_use]
    pub fn with_draft(draft: impl Into<String>) -> Self {
        Self { text: draft.into(), ..Self::default() }
    }

    /// What is being written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Replaces what is being written.
    pub fn set_text(&mut self, text: impl Into<String>) {
        self.text = text.into();
        self.cursor = Some(self.text.chars().count());
    }

    /// Takes the keyboard.
    pub const fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Leaves the keyboard where it is.
    pub const fn rest(&mut self) {
        self.wants_focus = false;
    }
}

/// What a composer shows around the text.
#[derive(Clone, Copy, Debug)]
pub struct ComposerState<'a> {
    /// Its id, by which it can be given the keyboard.
    pub id: Id,
    /// What it says while empty, and its accessible name: "Message yoda".
    pub placeholder: &'a str,
    /// Where the words go.
    pub route: Route,
    /// Whether files can be sent to whom it writes.
    pub attach: bool,
    /// Under the text, left.
    pub hint: Hint<'a>,
    /// Who was blocked by the user, if this is a chat with them.
    pub blocked: Option<&'a str>,
    /// The message that is answered: author and words.
    pub reply: Option<(&'a str, &'a str)>,
    /// Whether Enter sends; otherwise Ctrl+Enter does.
    pub send_key: SendKey,
    /// How long a message may be, in bytes.
    pub limit: usize,
    /// Whether shortcodes become emoji.
    pub shortcodes: Shortcodes,
    /// Emoji that were picked, the last one first.
    pub recent: &'a [String],
    /// What typed text may go on as; see [`Offer`].
    pub offers: &'a dyn Offers,
}

/// Which key sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SendKey {
    /// Enter sends, Shift+Enter makes a line.
    #[default]
    Enter,
    /// Ctrl+Enter sends, Enter makes a line.
    CtrlEnter,
}

/// What becomes of shortcodes such as `:tada:`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shortcodes {
    /// They are completed, and become emoji.
    #[default]
    BecomeEmoji,
    /// They stay as they are typed.
    StayText,
}

/// The line under the text.
#[derive(Clone, Copy, Debug)]
pub struct Hint<'a> {
    /// Before it.
    pub icon: Icon,
    /// Where the words go and what becomes of them.
    pub text: &'a str,
    /// Whether something is in the way.
    pub warns: bool,
}

/// How commands and names are completed; emoji are the composer's own.
pub trait Offers: std::fmt::Debug {
    /// How the word at `cursor` (in bytes) of `line` can go on.
    fn offers(&self, line: &str, cursor: usize) -> Vec<Offer>;
}

/// Completes nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoOffers;

impl Offers for NoOffers {
    fn offers(&self, _: &str, _: usize) -> Vec<Offer> {
        Vec::new()
    }
}

/// What the user did in a composer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComposerAction {
    /// Send these words; the composer is empty.
    Send(String),
    /// The words were changed.
    Changed,
    /// Do not answer a message.
    CancelReply,
    /// Send a file.
    Attach,
    /// These words are too long for a message: send them as a file. The composer is empty.
    SendAsFile(String),
    /// Unblock whom the chat is with.
    Unblock,
    /// An emoji was picked.
    Picked(String),
    /// Mend the last message that was not sent, or what else Arrow Up means in an empty composer.
    Recall,
}
