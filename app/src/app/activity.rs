//! What the person does at this computer keeps the session: typing, clicking and scrolling are told to the server as
//! `stay` (`docs/BEHAVIOUR.md`, "The session in the window"). Whoever does nothing is told on the desktop that the session
//! ends.

use eframe::egui::{Context, Event};
use whoelse_client::now;
use whoelse_model::{Action, Parting, Phase, Session};
use whoelse_proto::{Seconds, SessionEnd, Timestamp};

use super::App;
use crate::platform::notify::SessionNote;

/// The server is told of activity at most this often, in milliseconds: a frame a minute is nothing to it.
const TELL_EVERY_MS: u64 = 60_000;

/// With a short timeout it is told this many times within the timeout.
const TIMES_A_TIMEOUT: u64 = 4;

/// When the server was last told that the person is active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Activity {
    told: Option<Timestamp>,
    /// What the desktop says of the session.
    said: SessionNote,
}

impl Activity {
    /// Notes activity at `now`; returns whether the server is to be told of it.
    fn note(&mut self, now: Timestamp, timeout: Seconds) -> bool {
        let pause = TELL_EVERY_MS.min(timeout.get().saturating_mul(1000) / TIMES_A_TIMEOUT);
        let due = self.told.is_none_or(|told| now < told || told.plus_millis(pause) <= now);
        if due {
            self.told = Some(now);
        }
        due
    }

    /// Notes what the desktop is to say of the session; returns that if it is something else than before.
    fn say(&mut self, note: SessionNote) -> Option<SessionNote> {
        let is_news = note != self.said;
        self.said = note;
        is_news.then_some(note)
    }
}

/// What becomes of a session for want of action.
fn end_of(session: &Session) -> SessionNote {
    if session.is_online() && session.inactivity_deadline().is_some() {
        SessionNote::EndsSoon
    } else if *session.phase() == Phase::SignedOut(Parting::Ended(SessionEnd::Timeout)) {
        SessionNote::Ended
    } else {
        SessionNote::Nothing
    }
}

impl App {
    /// Tells the person who looks elsewhere that the session ends, or has ended, for want of action: from then on nothing
    /// notifies of messages.
    pub(super) fn tell_end_of_session(&mut self, looks: Attention) {
        let wanted = looks == Attention::Elsewhere && !self.is_undisturbed();
        let note = if wanted { end_of(self.model().session()) } else { SessionNote::Nothing };
        if let Some(note) = self.activity.say(note) {
            self.desktop.tell_session(note);
        }
    }

    /// Tells the server that the person is active, if this frame holds a key, a click or a turn of the wheel.
    pub(super) fn stay_while_active(&mut self, ctx: &Context) {
        let Some(timeout) = self.model().session().timeout() else { return };
        if !self.model().session().is_online() || !is_active(ctx) {
            return;
        }
        if self.activity.note(now(), timeout) {
            self.engine.act(Action::Stay);
        }
    }
}

/// Where the person looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attention {
    /// At a window of the app.
    Here,
    /// Elsewhere, or at a locked screen.
    Elsewhere,
}

/// A pointer that only moves may have been pushed by a cable; what is pressed, typed or turned was meant.
fn is_active(ctx: &Context) -> bool {
    ctx.input(|input| {
        input.events.iter().any(|event| {
            matches!(
                event,
                Event::Key { pressed: true, .. }
                    | Event::Text(_)
                    | Event::Paste(_)
                    | Event::Copy
                    | Event::Cut
                    | Event::Ime(_)
                    | Event::PointerButton { pressed: true, .. }
                    | Event::MouseWheel { .. }
                    | Event::Touch { .. }
                    | Event::AccessKitActionRequest(_)
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activity_is_told_once_a_minute_and_four_times_a_short_timeout() {
        let start = Timestamp::from_millis(1_000_000);
        let mut activity = Activity::default();
        assert!(activity.note(start, Seconds::new(1800)));
        assert!(!activity.note(start.plus_millis(59_999), Seconds::new(1800)));
        assert!(activity.note(start.plus_millis(60_000), Seconds::new(1800)));

        let mut activity = Activity::default();
        assert!(activity.note(start, Seconds::new(40)));
        assert!(!activity.note(start.plus_millis(9_999), Seconds::new(40)));
        assert!(activity.note(start.plus_millis(10_000), Seconds::new(40)));
    }

    #[test]
    fn the_end_of_a_session_is_told_once_and_taken_back() {
        let mut activity = Activity::default();
        assert_eq!(activity.say(SessionNote::Nothing), None);
        assert_eq!(activity.say(SessionNote::EndsSoon), Some(SessionNote::EndsSoon));
        assert_eq!(activity.say(SessionNote::EndsSoon), None);
        assert_eq!(activity.say(SessionNote::Ended), Some(SessionNote::Ended));
        assert_eq!(activity.say(SessionNote::Nothing), Some(SessionNote::Nothing));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_silence_activity() {
        let start = Timestamp::from_millis(90_000_000);
        let mut activity = Activity::default();
        assert!(activity.note(start, Seconds::new(1800)));
        assert!(activity.note(Timestamp::from_millis(1_000_000), Seconds::new(1800)));
    }
}
