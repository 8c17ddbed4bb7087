//! Buttons at the right end of a place. They are drawn from left to right, the way they are read: Tab goes through them
//! in the order in which they are drawn.

use eframe::egui::{Align, Layout, Rect, Response, Ui, UiBuilder, pos2};

use super::button::{Button, IconButton};

/// A button at the right end of a place.
#[derive(Debug)]
pub enum EndButton<'a> {
    /// With words.
    Words(Button<'a>),
    /// With an icon alone.
    Icon(IconButton<'a>),
}

impl EndButton<'_> {
    fn width(&self, ui: &Ui) -> f32 {
        match self {
            Self::Words(button) => button.drawn_width(ui),
            Self::Icon(button) => button.drawn_width(),
        }
    }

    fn add(self, ui: &mut Ui) -> Response {
        match self {
            Self::Words(button) => ui.add(button),
            Self::Icon(button) => ui.add(button),
        }
    }
}

impl<'a> From<Button<'a>> for EndButton<'a> {
    fn from(button: Button<'a>) -> Self {
        Self::Words(button)
    }
}

impl<'a> From<IconButton<'a>> for EndButton<'a> {
    fn from(button: IconButton<'a>) -> Self {
        Self::Icon(button)
    }
}

/// Buttons as they lie.
#[derive(Debug)]
pub struct AtEnd {
    /// A response for each, from left to right.
    pub responses: Vec<Response>,
    /// Where they lie; without a button, the right edge of the place.
    pub rect: Rect,
}

impl AtEnd {
    /// The index of the button that was clicked.
    #[must_use]
    pub fn clicked(&self) -> Option<usize> {
        self.responses.iter().position(Response::clicked)
    }
}

/// Draws buttons from left to right, with a gap between them, so that the last one ends at the right edge of `place`.
pub fn at_end<'a>(
    ui: &mut Ui,
    place: Rect,
    (salt, gap): (&str, f32),
    buttons: impl IntoIterator<Item = EndButton<'a>>,
) -> AtEnd {
    let buttons: Vec<EndButton<'a>> = buttons.into_iter().collect();
    let gaps = gap * buttons.len().saturating_sub(1) as f32;
    let width = gaps + buttons.iter().map(|button| button.width(ui)).sum::<f32>();
    let rect = Rect::from_min_max(pos2(place.right() - width, place.top()), place.max);
    let layout = Layout::left_to_right(Align::Center);
    let mut row = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout).id_salt(salt));
    row.spacing_mut().item_spacing.x = gap;
    let responses = buttons.into_iter().map(|button| button.add(&mut row)).collect();
    AtEnd { responses, rect }
}
