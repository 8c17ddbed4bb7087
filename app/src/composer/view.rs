//! Draws a composer and reports what the user did in it.

use eframe::egui::{
    Align, Align2, Area, Color32, CornerRadius, CursorIcon, Key, Layout, Modifiers, Order, Rect, Role, Sense,
    StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;

use super::complete::{Offer, emoji_offers};
use super::edit::{Keys, Tab, catch_typing, take_keys, text, text_height};
use super::{Composer, ComposerAction, ComposerState, SendKey, Shortcodes, blocked, emoji, format, shortcode};
use crate::caps::on_caps;
use crate::kit::{
    Button, ButtonKind, IconButton, announce, choosable, elided, fill, galley, icon, popup_frame, put, say_chosen,
};
use crate::theme::{
    control, icon as icon_size, ink, numbers, palette, radius, region, side_padding, space, stroke, style,
};
use crate::timeline::Route;

/// Room above and below the text.
const TEXT_PAD: f32 = 11.0;
/// Room left of the text, without and with the button that sends a file.
const TEXT_LEFT: f32 = 14.0;
const TEXT_LEFT_OF_CLIP: f32 = 44.0;
/// Room right of the text: emoji and send.
const TOOLS: f32 = 84.0;
/// Room for the button of the forms, where there is enough for the text besides.
const FORMAT: f32 = control::ICON_BUTTON + 4.0;
/// Height of the strip above the text for the answered message.
const STRIP: f32 = 43.0;
/// The hint and the room below it.
const FOOT: f32 = region::COMPOSER_HINT + 11.0;
/// The length is shown from this part of the limit on.
const LENGTH_FROM: f32 = 0.8;

/// How high the composer is at a width.
#[must_use]
pub fn height(ui: &Ui, composer: &Composer, state: &ComposerState<'_>, width: f32) -> f32 {
    let most = region::COMPOSER_MAX_LINES * style::BODY.line;
    let text = text_height(ui, &composer.text, text_width(width, state)).min(most);
    let reply = if state.reply.is_some() { STRIP } else { 0.0 };
    let strip_width = width - 2.0 * side_padding(width);
    let blocked = state.blocked.map_or(0.0, |name| blocked::words(ui, name, strip_width).1);
    (text + 2.0 * TEXT_PAD + 1.0).max(region::COMPOSER_MIN) + reply + blocked + FOOT
}

fn text_width(width: f32, state: &ComposerState<'_>) -> f32 {
    (width - 2.0 * side_padding(width) - text_left(state) - tools_width(width)).max(40.0)
}

/// Room right of the text in a composer of a width.
fn tools_width(width: f32) -> f32 {
    if width < region::ONE_COLUMN_BELOW { TOOLS } else { TOOLS + FORMAT }
}

const fn text_left(state: &ComposerState<'_>) -> f32 {
    if state.attach { TEXT_LEFT_OF_CLIP } else { TEXT_LEFT }
}

/// Draws the composer at the bottom of `rect`, whose height is that of [`height`].
pub fn show(ui: &mut Ui, rect: Rect, composer: &mut Composer, state: &ComposerState<'_>) -> Vec<ComposerAction> {
    let mut actions = Vec::new();
    let builder = UiBuilder::new().max_rect(rect).id_salt(("composer", state.id));
    ui.scope_builder(builder, |ui| draw(ui, rect, composer, state, &mut actions));
    actions
}

fn draw(
    ui: &mut Ui,
    rect: Rect,
    composer: &mut Composer,
    state: &ComposerState<'_>,
    actions: &mut Vec<ComposerAction>,
) {
    let colours = palette(ui);
    let side = side_padding(rect.width());
    let foot = FOOT;
    let outer = Rect::from_min_max(rect.min + Vec2::new(side, 0.0), rect.max - Vec2::new(side, foot));
    let mut field = outer;
    if let Some(name) = state.blocked {
        let (words, height) = blocked::words(ui, name, field.width());
        blocked::strip(ui, strip(&mut field, height), name, words, actions);
    }
    if let Some((author, words)) = state.reply {
        reply_strip(ui, strip(&mut field, STRIP), author, words, actions);
    }
    let frame = ui.painter().add(eframe::egui::Shape::Noop);
    catch_typing(ui, composer, state.id);
    let before = cursor_byte(ui, composer, state);
    if ui.memory(|memory| memory.has_focus(state.id)) && shortcode::undo(ui, composer, before) {
        actions.push(ComposerAction::Changed);
    }
    let offers = navigate(ui, composer, state);
    let tab = tab(ui, composer, state);
    let keys = take_keys(ui, composer, state);
    let text_rect = Rect::from_min_max(
        field.min + Vec2::new(text_left(state), TEXT_PAD),
        pos2(field.right() - tools_width(rect.width()), field.bottom() - TEXT_PAD + 1.0),
    );
    if composer.text.is_empty() {
        let words = elided(ui.painter(), ink(style::BODY, colours.text_3), state.placeholder, text_rect.width());
        put(ui.painter(), Align2::LEFT_TOP, text_rect.min, words);
    }
    let (response, cursor) = text(ui, composer, state, text_rect, tab);
    super::menu::show(ui, &response, composer, state.id);
    if response.changed() {
        actions.push(ComposerAction::Changed);
        shortcode::replace(composer, state, cursor);
    }
    let focused = response.has_focus();
    paint_frame(ui, frame, outer, field, state, focused);
    if tools_width(rect.width()) > TOOLS {
        format_button(ui, field, composer, state, actions);
    }
    tools(ui, field, composer, state, cursor, keys, actions);
    let foot = Rect::from_min_max(pos2(outer.left(), outer.bottom()), pos2(outer.right(), rect.bottom()));
    if foot_row(ui, foot, composer, state) {
        actions.push(ComposerAction::SendAsFile(std::mem::take(&mut composer.text)));
    }
    if focused {
        offer_list(ui, field, composer, &offers, cursor);
        special_keys(composer, state, keys, actions);
    }
}

/// Cuts a strip off the top of the field.
fn strip(field: &mut Rect, height: f32) -> Rect {
    let strip = Rect::from_min_size(field.min, Vec2::new(field.width(), height));
    field.min.y += height;
    strip
}

fn paint_frame(
    ui: &Ui,
    at: eframe::egui::layers::ShapeIdx,
    outer: Rect,
    field: Rect,
    state: &ComposerState<'_>,
    focused: bool,
) {
    let colours = palette(ui);
    let accent = if state.route == Route::Private { colours.private } else { colours.accent };
    let (width, edge) = match (focused, state.route) {
        (true, _) => (stroke::FOCUS, accent),
        // At rest its edge is thin, so that it does not look as if it had the keyboard.
        (false, Route::Private) => (stroke::HAIRLINE, colours.private),
        (false, Route::Server) => (stroke::HAIRLINE, colours.line_field),
    };
    let round = CornerRadius::from(radius::CARD);
    let top = if outer == field { round } else { CornerRadius { nw: 0, ne: 0, ..round } };
    let surface = eframe::egui::epaint::RectShape::new(field, top, colours.bg_field, (width, edge), StrokeKind::Inside);
    ui.painter().set(at, surface);
}

pub(super) fn strip_ground(ui: &Ui, rect: Rect) {
    let colours = palette(ui);
    let round = CornerRadius::from(radius::CARD);
    let corners = CornerRadius { sw: 0, se: 0, ..round };
    ui.painter().rect(rect, corners, colours.bg_raised, (stroke::HAIRLINE, colours.line), StrokeKind::Inside);
}

fn reply_strip(ui: &mut Ui, rect: Rect, author: &str, words: &str, actions: &mut Vec<ComposerAction>) {
    let colours = palette(ui);
    strip_ground(ui, rect);
    let bar = Rect::from_min_size(rect.min + Vec2::new(TEXT_LEFT, 5.0), Vec2::new(stroke::FOCUS, STRIP - 10.0));
    fill(ui.painter(), bar, 0.0, colours.accent);
    let left = bar.right_top() + Vec2::new(space::X3, 0.0);
    let room = rect.right() - left.x - region::TOP_ROW;
    let lead = format!("Reply to {author}");
    let name = elided(ui.painter(), ink(style::META.weight(600.0), colours.text), &lead, room);
    let name = put(ui.painter(), Align2::LEFT_TOP, left, name);
    let words = elided(ui.painter(), ink(style::SMALL, colours.text_2), words, room);
    put(ui.painter(), Align2::LEFT_TOP, name.left_bottom(), words);
    let cross = rect.right_center() - Vec2::new(space::X3 + control::MIN_TARGET / 2.0, 0.0);
    let button = IconButton::new(Icon::X, "Do not reply").size(control::MIN_TARGET).icon_size(icon_size::BASE);
    if button.at(ui, cross).clicked() {
        actions.push(ComposerAction::CancelReply);
    }
}

fn format_button(
    ui: &mut Ui,
    field: Rect,
    composer: &mut Composer,
    state: &ComposerState<'_>,
    actions: &mut Vec<ComposerAction>,
) {
    let y = field.bottom() - region::COMPOSER_MIN / 2.0;
    let centre = pos2(field.right() - 6.0 - control::ICON_BUTTON / 2.0 - 2.0 * FORMAT, y);
    let button = IconButton::new(Icon::Type, "Format").at(ui, centre);
    if format::show(&button, composer, state.id) {
        actions.push(ComposerAction::Changed);
    }
}

fn tools(
    ui: &mut Ui,
    field: Rect,
    composer: &mut Composer,
    state: &ComposerState<'_>,
    cursor: Option<usize>,
    keys: Keys,
    actions: &mut Vec<ComposerAction>,
) {
    let y = field.bottom() - region::COMPOSER_MIN / 2.0;
    if state.attach {
        let centre = pos2(field.left() + 6.0 + control::ICON_BUTTON / 2.0, y);
        if IconButton::new(Icon::Paperclip, "Send a file").at(ui, centre).clicked() {
            actions.push(ComposerAction::Attach);
        }
    }
    let send_centre = pos2(field.right() - 6.0 - control::ICON_BUTTON / 2.0, y);
    let emoji_centre = send_centre - Vec2::new(control::ICON_BUTTON + 4.0, 0.0);
    let button = IconButton::new(Icon::Smile, "Emoji").at(ui, emoji_centre);
    let memory = state.id.with("cursor");
    if let Some(cursor) = cursor {
        ui.data_mut(|data| data.insert_temp(memory, cursor));
    }
    if let Some(picked) = emoji::show(&button, &mut composer.picker, state.recent) {
        let at = ui.data(|data| data.get_temp(memory));
        composer.insert(at, picked);
        composer.wants_focus = false;
        ui.data_mut(|data| data.insert_temp(memory, at.unwrap_or_default() + picked.len()));
        actions.push(ComposerAction::Changed);
        actions.push(ComposerAction::Picked(picked.to_owned()));
    }
    let pressed = send_button(ui, send_centre, composer, state);
    if (pressed || keys.send) && sendable(composer, state) {
        let text = std::mem::take(&mut composer.text);
        composer.wants_focus = true;
        composer.put_away = None;
        actions.push(ComposerAction::Send(text));
        ui.ctx().request_repaint();
    }
}

fn sendable(composer: &Composer, state: &ComposerState<'_>) -> bool {
    !composer.text.trim().is_empty() && composer.text.len() <= state.limit
}

fn send_button(ui: &Ui, centre: eframe::egui::Pos2, composer: &Composer, state: &ComposerState<'_>) -> bool {
    let colours = palette(ui);
    let ready = sendable(composer, state);
    let rect = Rect::from_center_size(centre, Vec2::splat(control::ICON_BUTTON));
    let sense = if ready { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with("send"), sense);
    let (surface, ink) = match (ready, state.route) {
        (false, _) => (colours.press, colours.text_2),
        (true, Route::Server) => (colours.accent_fill, colours.on_accent),
        (true, Route::Private) => (colours.private_fill, colours.on_private),
    };
    fill(ui.painter(), rect, radius::CONTROL, surface);
    icon(ui.painter(), Icon::SendHorizontal, centre, icon_size::LARGE, ink);
    crate::kit::focus_ring(ui, &response, rect, radius::CONTROL, crate::kit::Ring::Outside);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ready, "Send"));
    let clicked = response.clicked();
    crate::kit::tip(response.on_hover_cursor(CursorIcon::PointingHand), "Send");
    clicked
}

/// Width of the button that sends a text as a file.
const AS_FILE: f32 = 120.0;

/// Draws what stands below the field; whether the text, which is too long, is to be sent as a file.
fn foot_row(ui: &mut Ui, whole: Rect, composer: &Composer, state: &ComposerState<'_>) -> bool {
    let colours = palette(ui);
    let mut rect = whole;
    let mut sends = false;
    if composer.text.len() > state.limit && state.attach {
        let place = Rect::from_min_size(
            pos2(whole.right() - AS_FILE, whole.top() + 2.0),
            Vec2::new(AS_FILE, control::MIN_TARGET),
        );
        rect.max.x = place.left() - space::X3;
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(place).layout(layout).id_salt("as file"));
        sends = row.add(Button::new(ButtonKind::Outline, "Send as a file").small()).clicked();
    }
    let y = rect.top() + region::COMPOSER_HINT / 2.0 + 1.5;
    let tone = if state.hint.warns { colours.warn } else { colours.text_3 };
    let centre = pos2(rect.left() + 4.0 + icon_size::SMALL / 2.0, y);
    icon(ui.painter(), state.hint.icon, centre, icon_size::SMALL, tone);
    let right = pos2(rect.right() - 4.0, y);
    let mut room = right.x;
    let is_too_long = composer.text.len() > state.limit;
    let warning = if is_too_long { format!("Too long: at most {}", kib(state.limit)) } else { String::new() };
    announce(ui, ui.scope_id().with("too long"), &warning);
    if let Some((words, colour)) = length(composer, state, colours) {
        let words = galley(ui.painter(), numbers(style::META.weight(500.0), colour), &words);
        room = put(ui.painter(), Align2::RIGHT_CENTER, right, words).left();
    } else if rect.width() >= region::ONE_COLUMN_BELOW {
        let words = match state.send_key {
            SendKey::Enter => on_caps("Enter to send, Shift+Enter for a new line"),
            SendKey::CtrlEnter => on_caps("Ctrl+Enter to send, Enter for a new line"),
        };
        let words = galley(ui.painter(), ink(style::META, colours.text_3), &words);
        room = put(ui.painter(), Align2::RIGHT_CENTER, right, words).left();
    }
    let left = centre.x + icon_size::SMALL / 2.0 + 6.0;
    let hint = elided(ui.painter(), ink(style::META, colours.text_3), state.hint.text, room - space::X4 - left);
    let cut = hint.elided;
    let place = put(ui.painter(), Align2::LEFT_CENTER, pos2(left, y), hint);
    let response = ui.interact(place, ui.scope_id().with("hint"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, state.hint.text));
    if cut {
        crate::kit::tip(response, state.hint.text);
    }
    sends
}

/// The length in words, once it comes near the limit.
fn length(
    composer: &Composer,
    state: &ComposerState<'_>,
    colours: &crate::theme::Palette,
) -> Option<(String, Color32)> {
    let (used, limit) = (composer.text.len(), state.limit);
    if (used as f32) < limit as f32 * LENGTH_FROM {
        return None;
    }
    let words = if used > limit {
        format!("{} too long: at most {}", kib(used - limit), kib(limit))
    } else {
        format!("{} of {}", kib(used), kib(limit))
    };
    Some((words, if used > limit { colours.danger } else { colours.text_2 }))
}

fn kib(bytes: usize) -> String {
    if bytes < 1024 { format!("{bytes} B") } else { format!("{:.1} KiB", bytes as f32 / 1024.0) }
}

fn special_keys(composer: &mut Composer, state: &ComposerState<'_>, keys: Keys, actions: &mut Vec<ComposerAction>) {
    if keys.escape && state.reply.is_some() {
        actions.push(ComposerAction::CancelReply);
    }
    if keys.recall {
        actions.push(ComposerAction::Recall);
    }
    composer.chosen = composer.chosen.min(MOST_OFFERS);
}

/// Offers shown at once.
const MOST_OFFERS: usize = 8;

/// The offers for the word at the cursor, after the keys that move among them.
fn navigate(ui: &Ui, composer: &mut Composer, state: &ComposerState<'_>) -> Vec<Offer> {
    if !ui.memory(|memory| memory.has_focus(state.id)) || composer.put_away.as_deref() == Some(composer.text.as_str()) {
        return Vec::new();
    }
    let Some(cursor) = cursor_byte(ui, composer, state) else { return Vec::new() };
    let tab = ui.input(|input| input.key_pressed(Key::Tab) && input.modifiers.is_none());
    let mut offers = match state.shortcodes {
        Shortcodes::BecomeEmoji => emoji_offers(&composer.text, cursor),
        Shortcodes::StayText => Vec::new(),
    };
    if offers.is_empty() && (composer.text.starts_with('/') || tab) {
        offers = state.offers.offers(&composer.text, cursor);
    }
    offers.truncate(MOST_OFFERS);
    if offers.is_empty() {
        composer.chosen = 0;
        return offers;
    }
    composer.chosen = composer.chosen.min(offers.len() - 1);
    let take = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if take(Key::ArrowDown) {
        composer.chosen = (composer.chosen + 1) % offers.len();
    }
    if take(Key::ArrowUp) {
        composer.chosen = (composer.chosen + offers.len() - 1) % offers.len();
    }
    if take(Key::Escape) {
        composer.put_away = Some(composer.text.clone());
        return Vec::new();
    }
    let exact = offers
        .get(composer.chosen)
        .is_some_and(|offer| composer.text.get(offer.start..cursor) == Some(offer.text.trim_end()));
    let enters =
        !exact && !composer.composing && ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.is_none());
    if tab || enters {
        take(Key::Tab);
        take(Key::Enter);
        if let Some(offer) = offers.get(composer.chosen) {
            composer.replace(offer.start, cursor, &offer.text);
        }
        composer.chosen = 0;
        return Vec::new();
    }
    offers
}

/// What Tab does: it completes what can be completed, makes room in code, and otherwise leads on to the next control.
fn tab(ui: &Ui, composer: &Composer, state: &ComposerState<'_>) -> Tab {
    let Some(cursor) = cursor_byte(ui, composer, state) else { return Tab::LeadsOn };
    if super::edit::is_in_code(&composer.text, cursor) {
        return Tab::Indents;
    }
    let offers = |becomes| becomes == Shortcodes::BecomeEmoji && !emoji_offers(&composer.text, cursor).is_empty();
    let completes = offers(state.shortcodes) || !state.offers.offers(&composer.text, cursor).is_empty();
    if completes { Tab::Completes } else { Tab::LeadsOn }
}

fn cursor_byte(ui: &Ui, composer: &Composer, state: &ComposerState<'_>) -> Option<usize> {
    let edit = eframe::egui::TextEdit::load_state(ui.ctx(), state.id)?;
    let range = edit.cursor.char_range()?;
    Some(super::edit::byte_at(&composer.text, range.primary.index.0))
}

/// Height of an offer.
const OFFER: f32 = 30.0;
/// Width of the list of offers.
const OFFERS: f32 = 420.0;

fn offer_list(ui: &Ui, field: Rect, composer: &mut Composer, offers: &[Offer], cursor: Option<usize>) {
    if offers.is_empty() {
        return;
    }
    let colours = palette(ui);
    let area = Area::new(ui.scope_id().with("offers"))
        .order(Order::Foreground)
        .fixed_pos(field.left_top() - Vec2::new(0.0, space::X3))
        .pivot(Align2::LEFT_BOTTOM)
        .fade_in(false)
        .role(Role::ListBox)
        .accessible_name("Completions");
    area.show(ui.ctx(), |ui| {
        popup_frame(colours).show(ui, |ui| {
            ui.set_width(OFFERS.min(field.width() - 2.0 * space::X4));
            say_chosen(ui, "completions", offers.get(composer.chosen).map(spoken));
            for (index, offer) in offers.iter().enumerate() {
                if offer_row(ui, offer, composer.chosen == index).clicked() {
                    let end = cursor.unwrap_or(composer.text.len());
                    composer.replace(offer.start, end, &offer.text);
                }
            }
        });
    });
}

fn offer_row(ui: &mut Ui, offer: &Offer, chosen: bool) -> eframe::egui::Response {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), OFFER), Sense::click());
    if chosen || response.hovered() {
        fill(ui.painter(), rect, radius::CONTROL, if chosen { colours.selected } else { colours.hover });
    }
    let left = rect.left_center() + Vec2::new(space::X3, 0.0);
    let words = galley(ui.painter(), ink(style::LABEL, colours.text), &offer.shown);
    let words = put(ui.painter(), Align2::LEFT_CENTER, left, words);
    let at = words.right_center() + Vec2::new(space::X4, 0.0);
    let detail = elided(ui.painter(), ink(style::META, colours.text_3), &offer.detail, rect.right() - space::X3 - at.x);
    put(ui.painter(), Align2::LEFT_CENTER, at, detail);
    choosable(&response, || WidgetInfo::selected(Role::ListBoxOption, true, chosen, &offer.shown));
    response
}

/// What a screen reader says of an offer while it is chosen.
fn spoken(offer: &Offer) -> String {
    if offer.detail.is_empty() { offer.shown.clone() } else { format!("{}, {}", offer.shown, offer.detail) }
}
