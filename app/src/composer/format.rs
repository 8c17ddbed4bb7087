//! Forms for words that are written: a menu that puts their marks around what is selected.

use eframe::egui::{Context, Id, Response, TextEdit};
use lucide_icons::Icon;

use super::Composer;
use super::edit::byte_at;
use crate::kit::{menu_item, menu_of};
use crate::theme::palette;

/// The forms with their marks, as `timeline::parse` reads them.
const FORMS: [(Icon, &str, &str); 4] = [
    (Icon::Bold, "Bold", "**"),
    (Icon::Italic, "Italic", "*"),
    (Icon::Strikethrough, "Strikethrough", "~~"),
    (Icon::Code, "Code", "`"),
];

/// Width of the menu.
const WIDTH: f32 = 230.0;

/// Draws the menu of a button; whether the text was changed.
pub(super) fn show(button: &Response, composer: &mut Composer, id: Id) -> bool {
    let mut picked = None;
    menu_of(button, WIDTH, |ui| {
        let colours = palette(ui);
        for (glyph, name, mark) in FORMS {
            let words = format!("{name}: {mark}words{mark}");
            if menu_item(ui, Some(glyph), &words, "", colours.text).clicked() {
                picked = Some(mark);
            }
        }
    });
    if let Some(mark) = picked {
        composer.put_between(selected(&button.ctx, id, composer.text.chars().count()), mark);
    }
    picked.is_some()
}

/// The characters that are selected, or where the cursor is twice; without a cursor, the end.
fn selected(ctx: &Context, id: Id, end: usize) -> (usize, usize) {
    let range = TextEdit::load_state(ctx, id).and_then(|edit| edit.cursor.char_range());
    let (one, other) = range.map_or((end, end), |range| (range.primary.index.0, range.secondary.index.0));
    (one.min(other).min(end), one.max(other).min(end))
}

impl Composer {
    /// Puts marks around characters; around none, with the cursor between the marks.
    fn put_between(&mut self, (from, to): (usize, usize), mark: &str) {
        let (start, end) = (byte_at(&self.text, from), byte_at(&self.text, to));
        let words = self.text.get(start..end).unwrap_or_default();
        let marked = format!("{mark}{words}{mark}");
        self.replace(start, end, &marked);
        if from == to {
            self.cursor = Some(from + mark.chars().count());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_around_what_is_selected_or_around_the_cursor() {
        let mut composer = Composer::with_draft("see Jürgen now");
        composer.put_between((4, 10), "**");
        assert_eq!((composer.text(), composer.cursor), ("see **Jürgen** now", Some(14)));
        let mut composer = Composer::with_draft("ü ");
        composer.put_between((2, 2), "~~");
        assert_eq!((composer.text(), composer.cursor), ("ü ~~~~", Some(4)));
    }

    #[test]
    fn every_form_of_the_menu_is_read() {
        use crate::timeline::{Block, Form, Strike, parse};
        for (_, name, mark) in FORMS {
            let read = parse(&format!("{mark}words{mark}"));
            let Some(Block::Paragraph(spans)) = read.first() else { panic!("{name}") };
            let is_formed = |span: &crate::timeline::Span| span.form != Form::Plain || span.strike == Strike::Through;
            assert!(spans.iter().all(|span| span.text == "words" && is_formed(span)), "{name}: {spans:?}");
        }
    }
}
