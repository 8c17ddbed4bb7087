//! Keeping notifications back: those of one chat, or all of them.

use eframe::egui::Context;
use whoelse_client::now;
use whoelse_model::{Action, ChatId, Mute};
use whoelse_proto::Timestamp;

use super::overlay::Overlay;
use super::{App, Clock, words};
use crate::platform::tray::Face;
use crate::quiet::QuietFor;
use crate::view::quiet::{self, QuietAction, QuietForm};

/// Seconds of an hour.
const HOUR_S: u64 = 60 * 60;

/// *Until tomorrow* ends at this hour: before work begins, and after most people have slept.
const MORNING: i8 = 8;

/// Whose notifications are kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those of a chat.
    Chat(ChatId),
    /// All: do not disturb.
    All,
}

impl App {
    /// Asks for how long notifications are to be kept back.
    pub(super) fn ask_how_long(&mut self, ctx: &Context, whose: Whose) {
        let now = now();
        let choices = QuietFor::ALL.map(|quiet| (quiet, choice(&self.clock, quiet, now)));
        let (title, text) = match &whose {
            Whose::Chat(chat) => (format!("Mute {}", words::chat_name(chat)), MUTED),
            Whose::All => ("Do not disturb".to_owned(), UNDISTURBED),
        };
        match quiet::ask(ctx, &QuietForm { title: &title, text, choices: &choices }) {
            None => {}
            Some(QuietAction::Close) => self.overlay = None,
            Some(QuietAction::For(quiet)) => {
                self.overlay = None;
                self.keep_quiet(whose, quiet);
            }
        }
    }

    /// Opens the dialog that asks for how long.
    pub(super) fn open_quiet(&mut self, whose: Whose) {
        self.overlay = Some(Overlay::Quiet(whose));
    }

    /// Asks for how long the chat that is shown is to be muted.
    pub(super) fn mute_shown(&mut self) {
        if let Some(chat) = self.tabs.shown_chat().cloned() {
            self.open_quiet(Whose::Chat(chat));
        }
    }

    /// Lets the chat that is shown notify again.
    pub(super) fn unmute_shown(&mut self) {
        if let Some(chat) = self.tabs.shown_chat().cloned() {
            self.end_quiet(Whose::Chat(chat));
        }
    }

    /// Keeps notifications back, and says until when.
    pub(super) fn keep_quiet(&mut self, whose: Whose, quiet: QuietFor) {
        let mute = mute_for(&self.clock, quiet, now());
        self.set_mute(whose, mute);
    }

    /// Shows notifications again, and says so.
    pub(super) fn end_quiet(&mut self, whose: Whose) {
        self.set_mute(whose, Mute::No);
    }

    fn set_mute(&mut self, whose: Whose, mute: Mute) {
        let until = until(&self.clock, mute, now());
        match whose {
            Whose::Chat(chat) => {
                let name = words::chat_name(&chat);
                self.tell(match &until {
                    Some(until) => format!("{name} is muted{until}."),
                    None => format!("{name} notifies you again."),
                });
                self.engine.act(Action::Mute { chat, mute });
            }
            Whose::All => {
                self.tell(match &until {
                    Some(until) => format!("Do not disturb is on{until}. Messages still arrive and are counted."),
                    None => "Do not disturb is off.".to_owned(),
                });
                self.settings.notifications.set_mute(mute);
                self.keep_settings();
            }
        }
    }

    /// Whether no notification is shown at all.
    pub(super) fn is_undisturbed(&self) -> bool {
        self.settings.notifications.mute().is_on(now())
    }

    /// What stands behind "do not disturb": its end, if it has one; `None` while it is off.
    pub(super) fn undisturbed_until(&self) -> Option<String> {
        until(&self.clock, self.settings.notifications.mute(), now())
    }

    /// Shows in the tray what there is to know, and wakes when *do not disturb* ends.
    pub(super) fn show_face(&mut self, ctx: &Context) {
        let face = Face { unread: self.model().chats().unread(), quiet: self.undisturbed_until() };
        wake_at(ctx, self.settings.notifications.mute().end(now()));
        if face != self.face {
            self.face = face.clone();
            self.desktop.show(face);
        }
    }
}

const MUTED: &str = "Its messages still arrive and are counted. They show no notification.";
const UNDISTURBED: &str = "Messages still arrive and are counted. No notification is shown, whoever writes.";

/// Has a frame drawn at a moment, if there is one.
pub(super) fn wake_at(ctx: &Context, moment: Option<Timestamp>) {
    if let Some(moment) = moment {
        let left = moment.millis().saturating_sub(now().millis());
        ctx.request_repaint_after(std::time::Duration::from_millis(left));
    }
}

/// What a choice amounts to at a moment.
fn mute_for(clock: &Clock, quiet: QuietFor, now: Timestamp) -> Mute {
    match quiet {
        QuietFor::Hour => Mute::Until(now.plus_millis(HOUR_S * 1_000)),
        QuietFor::EightHours => Mute::Until(now.plus_millis(8 * HOUR_S * 1_000)),
        QuietFor::Tomorrow => match clock.day(now).tomorrow() {
            Ok(day) => Mute::Until(clock.moment(day.at(MORNING, 0, 0, 0))),
            Err(_) => Mute::Always,
        },
        QuietFor::Always => Mute::Always,
    }
}

/// A choice in words, with the moment at which it ends.
fn choice(clock: &Clock, quiet: QuietFor, now: Timestamp) -> String {
    match mute_for(clock, quiet, now) {
        Mute::Until(end) if quiet == QuietFor::Tomorrow => format!("Until {}", clock.until(end, now)),
        Mute::Until(end) => format!("{}, until {}", quiet.words(), clock.until(end, now)),
        Mute::Always | Mute::No => quiet.words().to_owned(),
    }
}

/// Behind "muted": " until 17:30", or nothing where it has no end; `None` where it is not on.
pub(super) fn until(clock: &Clock, mute: Mute, now: Timestamp) -> Option<String> {
    let end = || mute.end(now).map_or_else(String::new, |end| format!(" until {}", clock.until(end, now)));
    mute.is_on(now).then(end)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    /// Friday, 20 November 2026, 09:40 in UTC.
    const NOW: Timestamp = Timestamp::from_millis(1_795_167_600_000);

    #[test]
    fn each_choice_says_when_it_ends() {
        let clock = Clock::of(TimeZone::UTC);
        let words = QuietFor::ALL.map(|quiet| choice(&clock, quiet, NOW));
        let expected =
            ["For 1 hour, until 10:40", "For 8 hours, until 17:40", "Until tomorrow, 08:00", "Until I turn it off"];
        assert_eq!(words, expected);
    }

    #[test]
    fn what_is_muted_says_until_when_and_what_is_over_says_nothing() {
        let clock = Clock::of(TimeZone::UTC);
        let words = |mute| until(&clock, mute, NOW);
        assert_eq!(words(Mute::Always).as_deref(), Some(""));
        assert_eq!(words(Mute::Until(NOW.plus_millis(HOUR_S * 1_000))).as_deref(), Some(" until 10:40"));
        assert_eq!((words(Mute::Until(NOW)), words(Mute::No)), (None, None));
    }
}
