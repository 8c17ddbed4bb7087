//! The caret of text fields, which blinks while somebody types or points and then stands still.

use eframe::egui::Context;

/// Seconds without an event after which it stands still: a window at rest draws nothing.
const RESTS_AFTER_S: f64 = 10.0;

/// Whether the caret blinks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caret {
    /// When a key or the pointer was used last, by the window's clock.
    used_at_s: f64,
    blinks: bool,
}

impl Default for Caret {
    fn default() -> Self {
        Self { used_at_s: 0.0, blinks: true }
    }
}

impl Caret {
    /// Takes in the events of a frame. The last blink before the rest is itself a frame, so nothing else has to wake.
    pub(super) fn follow(&mut self, ctx: &Context) {
        let (now, is_used) = ctx.input(|input| (input.time, !input.events.is_empty()));
        if is_used {
            self.used_at_s = now;
        }
        let blinks = now - self.used_at_s < RESTS_AFTER_S;
        if std::mem::replace(&mut self.blinks, blinks) != blinks {
            ctx.all_styles_mut(|style| style.visuals.text_cursor.blink = blinks);
        }
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::{Event, RawInput};

    use super::*;

    fn frame(ctx: &Context, caret: &mut Caret, time: f64, events: Vec<Event>) -> bool {
        let input = RawInput { time: Some(time), events, ..RawInput::default() };
        ctx.run_ui(input, |ui| caret.follow(ui.ctx())).textures_delta.clear();
        ctx.global_style().visuals.text_cursor.blink
    }

    #[test]
    fn it_stands_still_after_ten_seconds_and_blinks_with_the_next_event() {
        let (ctx, mut caret) = (Context::default(), Caret::default());
        assert!(frame(&ctx, &mut caret, 1.0, vec![Event::Text("a".to_owned())]));
        assert!(frame(&ctx, &mut caret, 10.9, Vec::new()));
        assert!(!frame(&ctx, &mut caret, 11.1, Vec::new()));
        assert!(frame(&ctx, &mut caret, 60.0, vec![Event::PointerGone]));
    }
}
