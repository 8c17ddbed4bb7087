//! What the tests of views share.

use std::sync::Arc;

use eframe::egui::{self, Vec2};
use egui_kittest::Harness;
use jiff::civil::{Date, date};
use whoelse::theme;
use whoelse::timeline::{Entry, EntryKind, Feed, Key, Mark, Written};

/// The day of the tests.
pub(crate) const TODAY: Date = date(2026, 11, 20);

/// A harness with the fonts and colours of the app.
pub(crate) fn harness<'a, State: 'a>(
    size: Vec2,
    state: State,
    mut draw: impl FnMut(&mut egui::Ui, &mut State) + 'a,
) -> Harness<'a, State> {
    let mut styled = false;
    Harness::builder().with_size(size).allow_missing_glyphs().build_ui_state(
        move |ui, state| {
            if !std::mem::replace(&mut styled, true) {
                theme::install_fonts(ui.ctx());
                theme::apply(ui.ctx(), theme::TextSize::Normal, 1.0, theme::Motion::Reduced);
                return;
            }
            draw(ui, state);
        },
        state,
    )
}

/// A message number `n` by yoda, or by the user if `own`.
pub(crate) fn entry(n: u64, own: bool, text: &str) -> Arc<Entry> {
    let minutes = i64::try_from(n).unwrap_or_default();
    let written = Written {
        author: if own { "hans" } else { "yoda" }.into(),
        own,
        quote: None,
        mark: own.then_some(Mark::Delivered),
        steps: Vec::new(),
        trouble: None,
        card: None,
    };
    let at = TODAY.at(8, 0, 0, 0).saturating_add(jiff::Span::new().seconds(minutes * 7));
    Arc::new(Entry { key: Key(n), kind: EntryKind::Message(written), text: text.to_owned(), at })
}

/// Messages with numbers in a range, some of them long.
pub(crate) fn entries(numbers: std::ops::Range<u64>) -> Vec<Arc<Entry>> {
    let text =
        |n: u64| format!("number {n} {}", "and some more words ".repeat(usize::try_from(n % 11).unwrap_or(0) * 3));
    numbers.map(|n| entry(n, n % 5 == 0, &text(n))).collect()
}

/// A feed over entries.
pub(crate) fn feed(entries: &[Arc<Entry>], revision: u64) -> Feed<'_> {
    Feed {
        name: "yoda",
        entries,
        revision,
        today: TODAY,
        new_from: None,
        more_before: false,
        more_after: false,
        unread: 0,
        look: whoelse::timeline::Look::Compact,
        route: whoelse::timeline::Route::Server,
        company: whoelse::timeline::Company::Two,
        query: "",
    }
}
