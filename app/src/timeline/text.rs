//! Paragraphs and code laid out, with the places of their links.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{
    Color32, FontId, Galley, Painter, Rect, Stroke, TextFormat, Vec2,
    epaint::text::CharIndex,
    text::{LayoutJob, TextWrapping},
};

use super::markdown::{Form, Span, Strike};
use crate::theme::{Format, Palette, append_words, code, ink, stroke, style};
use whoelse_model::{find_folded, folded};

/// A link within laid out text.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The characters that it covers.
    pub(super) characters: Range<usize>,
    /// What it opens.
    pub(super) target: String,
}

/// Words laid out.
#[derive(Clone, Debug)]
pub(super) struct Paragraph {
    /// The lines.
    pub(super) galley: Arc<Galley>,
    /// Their links.
    pub(super) links: Vec<Link>,
    /// The characters that are code.
    pub(super) codes: Vec<Range<usize>>,
}

/// How words are painted.
#[derive(Clone, Copy)]
pub(super) struct Ink<'a> {
    /// The colours.
    pub(super) colours: &'a Palette,
    /// That of links.
    pub(super) accent: Color32,
    /// Words to mark; may be empty.
    pub(super) query: &'a str,
}

/// Code within a line stands on a box that reaches this far out.
pub(super) const CODE_BOX: Vec2 = Vec2::new(5.0, -0.5);
/// A gap beside such a box.
const CODE_GAP: f32 = 6.0;
/// Weight of bold words.
const BOLD: f32 = 650.0;

/// Lays out a paragraph.
pub(super) fn paragraph(painter: &Painter, spans: &[Span], width: f32, ink: Ink<'_>) -> Paragraph {
    let mut job = LayoutJob { wrap: TextWrapping::wrap_at_width(width.max(1.0)), ..LayoutJob::default() };
    let (mut links, mut codes) = (Vec::new(), Vec::new());
    let mut characters = 0;
    let mut after_code = false;
    for span in spans {
        let format = format(span, ink);
        let is_code = span.form == Form::Code;
        let gap = if is_code != after_code && !job.text.is_empty() { CODE_GAP } else { 0.0 };
        append(&mut job, &span.text, gap, &format, ink);
        after_code = is_code;
        let length = span.text.chars().count();
        if is_code {
            codes.push(characters..characters + length);
        }
        if let Some(target) = &span.link {
            links.push(Link { characters: characters..characters + length, target: target.clone() });
        }
        characters += length;
    }
    Paragraph { galley: painter.layout_job(job), links, codes }
}

fn format(span: &Span, Ink { colours, accent, .. }: Ink<'_>) -> TextFormat {
    let body = style::BODY;
    let mut format = match span.form {
        Form::Plain => ink(body, colours.text).text_format(),
        Form::Bold => ink(body.weight(BOLD), colours.text).text_format(),
        Form::BoldItalic => TextFormat { italics: true, ..ink(body.weight(BOLD), colours.text).text_format() },
        Form::Italic => TextFormat { italics: true, ..ink(body, colours.text).text_format() },
        Form::Code => {
            let mut format = code(style::MONO, colours.text).text_format();
            format.font_id = FontId::new(style::MONO.size, format.font_id.family);
            format.line_height = Some(body.line);
            format
        }
    };
    if span.link.is_some() {
        format.color = accent;
    }
    if span.strike == Strike::Through {
        format.strikethrough = Stroke::new(stroke::HAIRLINE, format.color);
    }
    format
}

/// Appends words in a format, with those of the query on their own ground.
pub(crate) fn append_marked(job: &mut LayoutJob, text: &str, query: &str, format: Format, colours: &Palette) {
    append(job, text, 0.0, &format.text_format(), Ink { colours, accent: colours.accent, query });
}

/// The byte at which the first of the query's words begins.
pub(crate) fn find_hit(text: &str, query: &str) -> Option<usize> {
    find(text, query).map(|hit| hit.start)
}

/// Appends words, with those of the query on their own ground.
fn append(job: &mut LayoutJob, text: &str, mut gap: f32, format: &TextFormat, ink: Ink<'_>) {
    let mut rest = text;
    while let Some(hit) = find(rest, ink.query) {
        let (before, from) = rest.split_at(hit.start);
        let (word, after) = from.split_at(hit.len());
        if !before.is_empty() {
            append_words(job, before, std::mem::take(&mut gap), format);
        }
        let marked = TextFormat { background: ink.colours.mark, color: ink.colours.text, ..format.clone() };
        append_words(job, word, std::mem::take(&mut gap), &marked);
        rest = after;
    }
    if !rest.is_empty() {
        append_words(job, rest, gap, format);
    }
}

/// The first place of any of the query's words, as people read them.
fn find(text: &str, query: &str) -> Option<Range<usize>> {
    query.split_whitespace().filter_map(|word| find_folded(text, &folded(word))).min_by_key(|range| range.start)
}

/// Lays out a block of code; it never wraps.
pub(super) fn code_block(painter: &Painter, text: &str, ink: Ink<'_>) -> Arc<Galley> {
    let format = code(style::MONO, ink.colours.text);
    painter.layout_job(format.job(text, TextWrapping::no_max_width()))
}

/// The boxes of a range of characters, one a line, relative to the galley.
pub(super) fn boxes(galley: &Galley, characters: &Range<usize>) -> Vec<Rect> {
    let mut boxes = Vec::new();
    let mut first = 0;
    for placed in &galley.rows {
        let count = placed.row.char_count_excluding_newline().0;
        let last = first + count;
        let from = characters.start.clamp(first, last) - first;
        let to = characters.end.clamp(first, last) - first;
        let includes_break = placed.ends_with_newline && characters.start <= last && characters.end > last;
        if from < to || includes_break {
            let left = placed.row.x_offset(CharIndex(from));
            let last_glyph = to.checked_sub(1).and_then(|glyph| placed.row.glyphs.get(glyph));
            let end = last_glyph.map_or(left, |glyph| glyph.pos.x + glyph.advance_width);
            let right = if includes_break { end + LINE_BREAK } else { end };
            let min = placed.pos + Vec2::new(left, 0.0);
            let max = placed.pos + Vec2::new(right, placed.row.size.y);
            boxes.push(Rect::from_min_max(min, max));
        }
        first = last + usize::from(placed.ends_with_newline);
    }
    boxes
}

/// A selected end of a line is shown as this much room.
const LINE_BREAK: f32 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_without_regard_to_case_and_accents() {
        assert_eq!(find("The Tokyo team", "tok"), Some(4..7));
        assert_eq!(find("ÄRGER", "är"), Some(0..3));
        assert_eq!(find("see Ju\u{308}rgen", "jurgen"), Some(4..12));
        assert_eq!(find("明日の", "日の"), Some(3..9));
        assert_eq!(find("abc", ""), None);
        assert_eq!(find("abc", "abcd"), None);
    }
}
