//! Draws a timeline and reports what the user did in it.

use std::sync::Arc;

use eframe::egui::{
    Align2, CursorIcon, Event, Key as KeyName, Modifiers, OutputCommand, Painter, Popup, Pos2, Rect, Response, Role,
    Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;

use super::body::{Body, Setting};
use super::day::{clock, day_name};
use super::entry::{Entry, EntryKind, Feed, Key, TimelineAction};
use super::heights::points;
use super::list::{FADE_S, HIGHLIGHT_S, Reached, Timeline};
use super::paint::Canvas;
use super::rows::Row;
use super::scroll::Placed;
use super::select::{Point, Selection, nearest};
use crate::kit::{Ring, announce, choosable, fill, focus_ring, galley, icon, put, rule, say_chosen, shadowed};
use crate::theme::{
    Motion, icon as icon_size, ink, motion_of, numbers, palette, radius, region, shadow, space, stroke, style,
};

/// More is asked of the history when fewer rows than this are left beyond the screen.
const PAGE_MARGIN: usize = 40;

/// Draws the timeline over `rect`.
pub fn show(ui: &mut Ui, rect: Rect, timeline: &mut Timeline, feed: &Feed<'_>) -> Vec<TimelineAction> {
    let builder = UiBuilder::new()
        .max_rect(rect)
        .id_salt(("timeline", feed.name))
        .accessibility_role(Role::Log)
        .accessibility_label(format!("Messages, {}", feed.name));
    let mut actions = Vec::new();
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        draw(ui, rect, timeline, feed, &mut actions);
    });
    actions
}

fn draw(ui: &mut Ui, rect: Rect, timeline: &mut Timeline, feed: &Feed<'_>, actions: &mut Vec<TimelineAction>) {
    let colours = palette(ui);
    let setting = Setting::of(feed, rect.width(), colours, ui.visuals().dark_mode);
    let (now, motion) = (ui.input(|input| input.time), motion_of(ui.ctx()));
    let painter = ui.painter().clone();
    timeline.cache.begin(&painter, &setting);
    timeline.sync(feed, rect.width());
    if let Some(missing) = timeline.resolve_jump(feed, rect.height(), now, motion) {
        actions.push(TimelineAction::Show(missing));
    }
    let ground = ui.interact(rect, ui.scope_id().with("ground"), Sense::click_and_drag());
    ground.widget_info(|| WidgetInfo::labeled(Role::Pane, true, "Messages"));
    scroll(ui, timeline, feed, (&ground, rect.height()), actions);
    let placed = timeline.place(&painter, &setting, rect.height(), now);
    select(ui, timeline, &setting, &ground, rect, &placed);
    settle(ui, timeline);
    let moved = super::choose::keys(ui, timeline, &ground, &placed, actions);
    if let Some(row) = moved {
        timeline.bring_into_view(&painter, &setting, row, rect.height());
        ui.ctx().request_repaint();
    }
    let hovered = hovered_row(ui, timeline, &setting, rect, &placed);
    let mut canvas = Canvas { rect, setting: &setting, actions, pointed: None };
    for &(row, top) in &placed {
        let Some(place) = timeline.rows.get(row).cloned() else { continue };
        let body = timeline.cache.body(&painter, &setting, &place);
        let at = rect.min + Vec2::new(0.0, top);
        highlight(ui, timeline, place.entry.key, body.message.translate(at.to_vec2()), now, motion);
        canvas.row(ui, &place, &body, at, hovered == Some(row), timeline.selection);
        let chosen = timeline.chosen == Some(place.entry.key);
        if chosen {
            let area = body.message.translate(at.to_vec2()).expand2(HOVER_REACH);
            rule(ui.painter(), area, radius::CONTROL, stroke::FOCUS, colours.accent);
        }
        speak(ui, rect, &place, (&body, at), chosen);
    }
    let pointed = canvas.pointed.take();
    let chosen = timeline.chosen.and_then(|key| timeline.rows.iter().find(|row| row.entry.key == key));
    say_chosen(ui, "messages", chosen.map(|row| spoken(&row.entry)));
    let pass = ui.ctx().cumulative_pass_nr();
    announce(ui, ui.scope_id().with("news"), timeline.news.follow(feed, pass, spoken));
    sticky_day(&painter, timeline, &setting, rect, &placed);
    super::hover::right_click(ui, timeline, &setting, rect, &placed, pointed);
    super::hover::tools(ui, timeline, &setting, &ground, rect, &placed, hovered, actions);
    timeline.scroll_bar(ui, rect, &placed);
    jump_button(ui, timeline, feed, rect, actions);
    report(ui, timeline, feed, rect, &placed, actions);
    if timeline.glide.is_some() {
        ui.ctx().request_repaint();
    }
}

fn scroll(
    ui: &Ui,
    timeline: &mut Timeline,
    feed: &Feed<'_>,
    (ground, height): (&Response, f32),
    actions: &mut Vec<TimelineAction>,
) {
    if ui.rect_contains_pointer(ground.rect) {
        let delta = ui.input(|input| input.smooth_scroll_delta().y);
        timeline.scroll_by(delta, height);
    }
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    // No field of the window uses these two, so they scroll from wherever the keyboard is.
    let in_front = ui.memory(|memory| memory.allows_interaction(ui.layer_id())) && !Popup::is_any_open(ui.ctx());
    for (key, direction) in [(KeyName::PageUp, 1.0), (KeyName::PageDown, -1.0)] {
        if in_front && pressed(key) {
            timeline.scroll_page(direction, height);
        }
    }
    if !ground.has_focus() {
        timeline.reached_by = Reached::Key;
        return;
    }
    if timeline.chosen.is_none() && timeline.reached_by == Reached::Key {
        focus_ring(ui, ground, ground.rect, 0.0, Ring::Inside);
    }
    if pressed(KeyName::Home) {
        timeline.go_to_first();
        if feed.more_before {
            actions.push(TimelineAction::ShowFirst);
        }
        ui.ctx().request_repaint();
    }
    if pressed(KeyName::End) {
        timeline.go_to_end();
        if feed.more_after {
            actions.push(TimelineAction::ShowLatest);
        }
        ui.ctx().request_repaint();
    }
}

/// The body of a placed row, and its upper edge.
fn body_of(timeline: &mut Timeline, painter: &Painter, setting: &Setting<'_>, row: usize) -> Option<(Key, Arc<Body>)> {
    let place = timeline.rows.get(row)?.clone();
    Some((place.entry.key, timeline.cache.body(painter, setting, &place)))
}

/// The row at a height of the screen, or the nearest.
fn row_at(timeline: &Timeline, placed: &Placed, y: f32) -> Option<(usize, f32)> {
    let found = placed.iter().find(|&&(row, top)| y < top + timeline.heights.get(row)).or(placed.back());
    found.copied()
}

fn point_at(
    ui: &Ui,
    timeline: &mut Timeline,
    setting: &Setting<'_>,
    rect: Rect,
    placed: &Placed,
    pointer: Pos2,
) -> Option<Point> {
    let (row, top) = row_at(timeline, placed, pointer.y - rect.top())?;
    let (key, body) = body_of(timeline, ui.painter(), setting, row)?;
    let at = pointer - rect.min - Vec2::new(0.0, top);
    nearest(&body, key, at, |block| super::code::offset(ui, (key, block)))
}

fn select(ui: &Ui, timeline: &mut Timeline, setting: &Setting<'_>, ground: &Response, rect: Rect, placed: &Placed) {
    let pressed = ui.input(|input| input.pointer.primary_pressed());
    if pressed && !ground.context_menu_opened() {
        timeline.selection = None;
    }
    if ground.drag_started()
        && let Some(origin) = ui.input(|input| input.pointer.press_origin())
        && let Some(point) = point_at(ui, timeline, setting, rect, placed, origin)
    {
        timeline.selection = Some(Selection { from: point, to: point });
    }
    if ground.dragged()
        && let Some(pointer) = ground.interact_pointer_pos()
    {
        if let Some(to) = point_at(ui, timeline, setting, rect, placed, pointer)
            && let Some(selection) = &mut timeline.selection
        {
            selection.to = to;
        }
        let beyond = (pointer.y - rect.bottom()).max(0.0) - (rect.top() - pointer.y).max(0.0);
        if beyond != 0.0 {
            timeline.scroll_by(-beyond * DRAG_SPEED, rect.height());
            ui.ctx().request_repaint();
        }
    }
    if ground.double_clicked()
        && let Some(pointer) = ground.interact_pointer_pos()
        && let Some(point) = point_at(ui, timeline, setting, rect, placed, pointer)
    {
        timeline.select_word(point);
    }
    if ground.triple_clicked()
        && let Some(pointer) = ground.interact_pointer_pos()
        && let Some(point) = point_at(ui, timeline, setting, rect, placed, pointer)
    {
        timeline.select_message(point);
    }
    if ground.clicked() || ground.drag_started() {
        // Ctrl A and Ctrl C mean the messages from here on; letters go to the composer.
        ground.request_focus();
        timeline.reached_by = Reached::Pointer;
    }
    if ground.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, KeyName::A)) {
        timeline.select_all();
    }
    if pressed {
        timeline.chosen = None;
    }
    let copies =
        timeline.selection.is_some() && ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
    if copies && let Some(text) = timeline.selected_text() {
        ui.ctx().copy_text(text);
    }
    if ground.hovered() && timeline.over_text(ui.painter(), setting, rect, placed, ui.pointer_hover_pos()) {
        ui.ctx().set_cursor_icon(CursorIcon::Text);
    }
}

/// Tells the system what is selected, once the pointer lets go: X11 and Wayland paste it with the middle button.
fn settle(ui: &Ui, timeline: &mut Timeline) {
    if timeline.selection == timeline.settled || ui.input(|input| input.pointer.primary_down()) {
        return;
    }
    timeline.settled = timeline.selection;
    if let Some(text) = timeline.selected_text() {
        ui.ctx().send_cmd(OutputCommand::TextSelectionSettled(text));
    }
}

/// A pointer beyond the edge scrolls by this part of its distance a frame.
const DRAG_SPEED: f32 = 0.2;

impl Timeline {
    fn over_text(
        &mut self,
        painter: &Painter,
        setting: &Setting<'_>,
        rect: Rect,
        placed: &Placed,
        at: Option<Pos2>,
    ) -> bool {
        let Some(at) = at else { return false };
        let Some((row, top)) = row_at(self, placed, at.y - rect.top()) else { return false };
        let Some((_, body)) = body_of(self, painter, setting, row) else { return false };
        body.is_text(at - rect.min.to_vec2() - Vec2::new(0.0, top))
    }
}

fn hovered_row(ui: &Ui, timeline: &mut Timeline, setting: &Setting<'_>, rect: Rect, placed: &Placed) -> Option<usize> {
    if let Some(key) = timeline.menu {
        return timeline.rows.binary_search_by_key(&key, |row| row.entry.key).ok();
    }
    if let Some(key) = timeline.chosen {
        return timeline.rows.binary_search_by_key(&key, |row| row.entry.key).ok();
    }
    let pointer = ui.pointer_hover_pos().filter(|_| ui.rect_contains_pointer(rect))?;
    if ui.input(|input| input.pointer.is_decidedly_dragging()) {
        return None;
    }
    let (row, top) = row_at(timeline, placed, pointer.y - rect.top())?;
    let (_, body) = body_of(timeline, ui.painter(), setting, row)?;
    let area = body.message.translate(rect.min.to_vec2() + Vec2::new(0.0, top)).expand2(HOVER_REACH);
    // A file has its own tools.
    let is_message = timeline.rows.get(row).is_some_and(|row| match &row.entry.kind {
        EntryKind::Message(written) => written.card.is_none(),
        EntryKind::Notice(_) => false,
    });
    (is_message && area.contains(pointer)).then_some(row)
}

/// How far a hovered message reaches beyond its own box.
pub(super) const HOVER_REACH: Vec2 = Vec2::new(12.0, 2.0);

/// A message that was jumped to stands out for a moment.
fn highlight(ui: &Ui, timeline: &mut Timeline, key: Key, message: Rect, now: f64, motion: Motion) {
    let Some(mark) = timeline.highlight.filter(|mark| mark.key == key) else { return };
    let age = now - mark.since;
    if age > HIGHLIGHT_S + FADE_S {
        timeline.highlight = None;
        return;
    }
    let fading = points((age - HIGHLIGHT_S) / FADE_S).clamp(0.0, 1.0);
    let strength = if motion == Motion::Reduced { 1.0 } else { 1.0 - fading };
    let colour = palette(ui).accent_soft.gamma_multiply(strength);
    fill(ui.painter(), message.expand2(HOVER_REACH), radius::CONTROL, colour);
    let wait = if age < HIGHLIGHT_S { HIGHLIGHT_S - age } else { 0.0 };
    ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(wait));
}

/// Tells a screen reader what a row says.
fn speak(ui: &Ui, rect: Rect, row: &Row, (body, at): (&Body, Pos2), chosen: bool) {
    let place = body.message.translate(at.to_vec2()).intersect(rect);
    let response = ui.interact(place, ui.scope_id().with(("row", row.entry.key)), Sense::hover());
    choosable(&response, || WidgetInfo::selected(Role::ListItem, true, chosen, spoken(&row.entry)));
}

fn spoken(entry: &Entry) -> String {
    match &entry.kind {
        EntryKind::Notice(_) => format!("{}, {}", entry.text, clock(entry.at)),
        EntryKind::Message(written) => {
            let author = if written.own { "You" } else { written.author.as_ref() };
            let mark = written.mark.map_or(String::new(), |mark| format!(", {}", mark.words()));
            format!("{author}, {}{mark}: {}", clock(entry.at), entry.text)
        }
    }
}

/// The day of the first row in sight, while its own line is above the screen.
fn sticky_day(painter: &Painter, timeline: &Timeline, setting: &Setting<'_>, rect: Rect, placed: &Placed) {
    if timeline.at_end {
        return;
    }
    let Some((row, top)) = placed.iter().find(|&&(row, top)| top + timeline.heights.get(row) > 0.0).copied() else {
        return;
    };
    let Some(row) = timeline.rows.get(row) else { return };
    let own_line_in_sight = row.place.day.is_some() && top > -region::DAY_ROW / 2.0;
    let next_line_in_sight = placed.iter().any(|&(other, top)| {
        let shows_day = timeline.rows.get(other).is_some_and(|row| row.place.day.is_some());
        shows_day && (0.0..region::DAY_ROW).contains(&top)
    });
    if own_line_in_sight || next_line_in_sight {
        return;
    }
    let colours = setting.colours;
    let words = galley(painter, ink(style::SECTION, colours.text_2), &day_name(row.entry.at.date(), setting.today));
    let centre = pos2(rect.center().x, rect.top() + space::X3 + DAY_PILL / 2.0);
    let size = Vec2::new(words.size().x + 2.0 * space::X4, DAY_PILL);
    let pill = Rect::from_center_size(centre, size);
    shadowed(painter, pill, DAY_PILL / 2.0, shadow::FLOAT.of(colours), colours.bg_popup, colours.line);
    put(painter, Align2::CENTER_CENTER, centre, words);
}

/// Height of the day that sticks to the top.
const DAY_PILL: f32 = 24.0;
/// Height of the button that goes to the end.
const JUMP: f32 = 36.0;
/// From its right edge to that of the timeline.
const JUMP_RIGHT: f32 = 108.0;

fn jump_button(ui: &Ui, timeline: &mut Timeline, feed: &Feed<'_>, rect: Rect, actions: &mut Vec<TimelineAction>) {
    if timeline.at_end && !feed.more_after {
        return;
    }
    let colours = palette(ui);
    let unseen = if feed.more_after { usize::try_from(feed.unread).unwrap_or(usize::MAX) } else { timeline.unseen() };
    let text = if unseen == 0 { "Latest".to_owned() } else { format!("{unseen} new") };
    let words = galley(ui.painter(), numbers(style::LABEL, colours.text), &text);
    let size = Vec2::new(words.size().x + icon_size::BASE + space::X3 + 2.0 * space::X5 - 4.0, JUMP);
    let inset = if rect.width() < region::ONE_COLUMN_BELOW { space::X4 } else { JUMP_RIGHT };
    let corner = rect.right_bottom() - Vec2::new(inset, space::X4);
    let button = Rect::from_min_max(corner - size, corner);
    let response = ui.interact(button, ui.scope_id().with("jump"), Sense::click());
    let surface = if response.hovered() { colours.press } else { colours.bg_popup };
    shadowed(ui.painter(), button, JUMP / 2.0, shadow::FLOAT.of(colours), surface, colours.line);
    let left = button.left_center() + Vec2::new(space::X5 - 2.0, 0.0);
    icon(ui.painter(), Icon::ArrowDown, left + Vec2::new(icon_size::BASE / 2.0, 0.0), icon_size::BASE, colours.text);
    put(ui.painter(), Align2::LEFT_CENTER, left + Vec2::new(icon_size::BASE + space::X3, 0.0), words);
    crate::kit::focus_ring(ui, &response, button, JUMP / 2.0, crate::kit::Ring::Outside);
    response.widget_info(|| {
        let words = if unseen == 0 { "Jump to latest".to_owned() } else { format!("Jump to latest, {unseen} new") };
        WidgetInfo::labeled(Role::Button, true, words)
    });
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        if feed.more_after {
            actions.push(TimelineAction::ShowLatest);
        }
        timeline.go_to_end();
        ui.ctx().request_repaint();
    }
}

/// Tells what was seen, and asks for more where the rows end.
fn report(
    ui: &Ui,
    timeline: &mut Timeline,
    feed: &Feed<'_>,
    rect: Rect,
    placed: &Placed,
    actions: &mut Vec<TimelineAction>,
) {
    let wholly = |&&(row, top): &&(usize, f32)| top + timeline.heights.get(row) <= rect.height() + 1.0;
    let last = placed.iter().rev().find(wholly).and_then(|&(row, _)| timeline.rows.get(row));
    if let Some(key) = last.map(|row| row.entry.key)
        && timeline.seen.is_none_or(|seen| key > seen)
        && ui.input(|input| input.focused)
    {
        timeline.seen = Some(key);
        actions.push(TimelineAction::Seen(key));
    }
    let first = placed.front().map_or(0, |&(row, _)| row);
    let end = placed.back().map_or(0, |&(row, _)| row + 1);
    let [before, after] = &mut timeline.asked;
    if feed.more_before && first < PAGE_MARGIN && *before != Some(feed.revision) {
        *before = Some(feed.revision);
        actions.push(TimelineAction::LoadBefore);
    }
    if feed.more_after && end + PAGE_MARGIN > timeline.rows.len() && *after != Some(feed.revision) {
        *after = Some(feed.revision);
        actions.push(TimelineAction::LoadAfter);
    }
}
