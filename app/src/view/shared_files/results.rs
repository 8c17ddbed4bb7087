//! The search, what it found, and what the user shares.

use eframe::egui::{Align, Align2, Layout, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;
use whoelse_proto::limits::MAX_FOUND_FILES;

use super::{FilesAction, Found, FoundFile, FoundState, Holder, ShareRow, SharedFiles, chunks};
use crate::kit::{
    Avatar, Button, ButtonKind, Fact, FactTone, Field, FieldState, FileCard, IconButton, elided, entered, file_head,
    file_icon, fill, focus_whole, galley, hairline_below, icon, label, label_at, menu_item, menu_of, paragraph, put,
    rule, space as gap, tip, told_at,
};
use crate::theme::{icon as icon_size, ink, numbers, palette, radius, region, space, stroke, style};

/// Draws it from the cursor down.
pub(super) fn show(ui: &mut Ui, state: &SharedFiles, actions: &mut Vec<FilesAction>) {
    search(ui, state, actions);
    gap(ui, space::X4);
    match &state.found {
        Found::NotAsked => {}
        Found::Waiting => says(ui, "Asking the server who has it."),
        Found::Files(files) if files.is_empty() && state.searched.is_empty() => {
            says(ui, "Nobody else online shares a file at this moment.");
        }
        Found::Files(files) if files.is_empty() => {
            says(ui, "Not available: nobody else online shares a file whose name holds this.");
        }
        Found::Files(files) => {
            for file in files {
                found(ui, file, actions);
                gap(ui, space::X4);
            }
        }
    }
    if matches!(&state.found, Found::Files(files) if !files.is_empty()) {
        says(ui, SHARES_TOO);
    }
    shares(ui, state, actions);
}

/// What a download means for others.
const SHARES_TOO: &str = "What you download you also share with others, until you stop sharing it.";

fn says(ui: &mut Ui, words: &str) {
    paragraph(ui, ink(style::SMALL, palette(ui).text_2), words);
    gap(ui, space::X4);
}

/// Width of the field of the chunks.
const CHUNKS_FIELD: f32 = 100.0;

/// What the field of the chunks is for.
const PARTS: &str =
    "A file has up to ten parts. Type numbers, such as 1,4,7-9, to find only people who have one of these.";

fn search(ui: &mut Ui, state: &SharedFiles, actions: &mut Vec<FilesAction>) {
    let (mut search, mut only) = (state.search.clone(), state.chunks.clone());
    let name = Field::new("Name of a shared file")
        .hint("A name or a part of it, then Enter")
        .icon(Icon::Search)
        .take(state.take)
        .show(ui, &mut search);
    gap(ui, space::X3);
    let size = Vec2::new(ui.available_width(), 28.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let builder = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center)).id_salt("chunks");
    let mut row = ui.new_child(builder);
    row.spacing_mut().item_spacing.x = space::X3;
    let chunks = chunks_field(&mut row, state, &mut only);
    let right = row.min_rect().left() - space::X4;
    let words = words(state);
    let tone = if state.wrong.is_empty() { palette(ui).text_2 } else { palette(ui).danger };
    let at = rect.left_center();
    told_at(ui, Align2::LEFT_CENTER, at, ink(style::SMALL, tone), &words, right - at.x);
    if name.changed() || chunks.as_ref().is_some_and(Response::changed) {
        actions.push(FilesAction::Type { search, chunks: only });
    }
    if entered(&name) {
        // The next name takes the place of this one.
        focus_whole(&name, &state.search);
    }
    if entered(&name) || chunks.as_ref().is_some_and(entered) {
        actions.push(FilesAction::Search);
    }
}

/// The chunks that are wanted, beside what is searched for.
fn chunks_field(row: &mut Ui, state: &SharedFiles, only: &mut String) -> Option<Response> {
    if state.search.is_empty() {
        return None;
    }
    let standing = if state.wrong.is_empty() { FieldState::Normal } else { FieldState::Error };
    let field = Field::new("Chunks").hint("1,4,7-9").width(CHUNKS_FIELD).height(28.0).state(standing);
    let response = field.show(row, only);
    let parts = label(row, ink(style::SMALL, palette(row).text_2), "Parts");
    tip(parts, PARTS);
    Some(response)
}

fn words(state: &SharedFiles) -> String {
    match &state.found {
        _ if !state.wrong.is_empty() => state.wrong.clone(),
        Found::Files(files) if !files.is_empty() => counted(files, &state.searched),
        Found::Files(_) | Found::NotAsked | Found::Waiting => String::new(),
    }
}

/// How many there are, and of what.
fn counted(files: &[FoundFile], searched: &str) -> String {
    let is_one_name = files.windows(2).all(|pair| matches!(pair, [one, other] if one.name == other.name));
    match files.len() {
        1 if searched.is_empty() => "1 file is shared by others online".to_owned(),
        1 => "1 file by that name".to_owned(),
        many if many >= MAX_FOUND_FILES => format!("The first {many}; a name narrows them down"),
        many if is_one_name => format!("{many} files by that name, with different content"),
        many if searched.is_empty() => format!("{many} files are shared by others online"),
        many => format!("{many} files whose names hold that"),
    }
}

/// Room within a card.
const PAD: f32 = 12.0;
/// Height of icon, name and facts.
const HEAD: f32 = 42.0;
/// Height of a holder.
const HOLDER: f32 = 34.0;
/// The name of a holder.
const HOLDER_NAME: f32 = 96.0;

fn found(ui: &mut Ui, file: &FoundFile, actions: &mut Vec<FilesAction>) {
    let colours = palette(ui);
    let stacked = ui.available_width() < ROOM_IN_A_ROW;
    let each = if stacked { HOLDER + chunks::HEIGHT } else { HOLDER };
    let height = 2.0 * PAD + HEAD + space::X2 + file.holders.len() as f32 * each;
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    fill(ui.painter(), rect, radius::CARD, colours.bg_chat);
    rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, colours.line);
    let inner = rect.shrink(PAD);
    let head = Rect::from_min_size(inner.min, Vec2::new(inner.width(), HEAD));
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("found", file.place)));
    let button = fetch_button(&mut child, head, file, actions);
    let card = FileCard {
        icon: file_icon(&file.name),
        name: file.name.clone(),
        fact: Fact { icon: None, text: file.facts.clone(), tone: FactTone::Plain },
        progress: None,
        actions: Vec::new(),
        picture: None,
    };
    file_head(&mut child, Rect::from_min_max(head.min, pos2(button - space::X4, head.bottom())), &card);
    let mut y = head.bottom() + space::X2;
    for holder in &file.holders {
        let place = Rect::from_min_size(pos2(inner.left(), y), Vec2::new(inner.width(), each));
        self::holder(&child, place, holder, stacked);
        y += each;
    }
}

/// Below this width the chunks of a holder stand below the name.
const ROOM_IN_A_ROW: f32 = 520.0;

fn fetch_button(ui: &mut Ui, head: Rect, file: &FoundFile, actions: &mut Vec<FilesAction>) -> f32 {
    let builder = UiBuilder::new().max_rect(head).layout(Layout::right_to_left(Align::Center)).id_salt("fetch");
    let mut row = ui.new_child(builder);
    let (words, enabled) = match file.state {
        FoundState::Free => ("Download", true),
        FoundState::Downloading => ("Downloading", false),
        FoundState::Here => ("You have it", false),
    };
    let button = Button::new(ButtonKind::Outline, words).icon(Icon::Download).small().enabled(enabled);
    if row.add(button).clicked() {
        actions.push(FilesAction::Download(file.place));
    }
    row.min_rect().left()
}

fn holder(ui: &Ui, rect: Rect, holder: &Holder, stacked: bool) {
    let colours = palette(ui);
    let y = rect.top() + HOLDER / 2.0;
    Avatar::new(&holder.name).diameter(20.0).paint(ui, pos2(rect.left() + 10.0, y));
    let left = rect.left() + 28.0;
    let there = holder.chunks.iter().filter(|there| **there).count();
    let words = format!("{there} of {}", holder.chunks.len());
    let count = galley(ui.painter(), numbers(style::META, colours.text_2), &words);
    let count = put(ui.painter(), Align2::RIGHT_CENTER, pos2(rect.right(), y), count);
    let (at, room) = if stacked {
        (pos2(left, y + HOLDER / 2.0 - 4.0), count.left() - space::X3 - left)
    } else {
        (pos2(left + HOLDER_NAME, y - chunks::HEIGHT / 2.0), HOLDER_NAME - space::X3)
    };
    let name = elided(ui.painter(), ink(style::LABEL, colours.text), &holder.name, room);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, y), name);
    if at.x + chunks::held_width(holder.chunks.len()) <= rect.right() {
        chunks::held(ui, at, &holder.chunks);
    }
    let response = ui.interact(rect, ui.scope_id().with(("holder", &holder.name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{} has {words} chunks", holder.name)));
}

fn shares(ui: &mut Ui, state: &SharedFiles, actions: &mut Vec<FilesAction>) {
    let colours = palette(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), region::SECTION_ROW), Sense::hover());
    let at = rect.left_center();
    label_at(ui, Align2::LEFT_CENTER, at, ink(style::SECTION, colours.text_2), "Shared by you", rect.width());
    let words = galley(ui.painter(), numbers(style::META, colours.text_2), &state.shares_words);
    put(ui.painter(), Align2::RIGHT_CENTER, rect.right_center(), words);
    hairline_below(ui.painter(), rect, colours.line);
    if state.shares.is_empty() {
        gap(ui, space::X3);
        says(ui, "Nothing yet. What you share stays on this computer until someone downloads it.");
    }
    for share in &state.shares {
        row(ui, share, actions);
    }
}

/// Height of a file that is shared.
const SHARE: f32 = 46.0;

fn row(ui: &mut Ui, share: &ShareRow, actions: &mut Vec<FilesAction>) {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), SHARE), Sense::hover());
    let response = ui.interact(rect, response.id.with("row"), Sense::hover());
    if response.contains_pointer() {
        fill(ui.painter(), rect, radius::CONTROL, colours.hover_chat);
    }
    hairline_below(ui.painter(), rect, colours.line);
    let y = rect.center().y;
    icon(ui.painter(), file_icon(&share.name), pos2(rect.left() + 9.0, y), icon_size::LARGE, colours.text_2);
    let more = pos2(rect.right() - 16.0, y);
    let name = format!("More about {}", share.name);
    let button = IconButton::new(Icon::Ellipsis, &name).size(28.0).icon_size(icon_size::BASE).at(ui, more);
    menu_of(&button, 200.0, |ui| {
        if menu_item(ui, Some(Icon::X), "Stop sharing", "", palette(ui).danger).clicked() {
            actions.push(FilesAction::Unshare(share.name.clone()));
        }
    });
    let words = galley(ui.painter(), numbers(style::META, colours.text_2), &share.extent);
    let extent = put(ui.painter(), Align2::RIGHT_CENTER, pos2(more.x - 28.0, y), words);
    let size = galley(ui.painter(), numbers(style::META, colours.text_2), &share.size);
    let size = put(ui.painter(), Align2::RIGHT_CENTER, pos2(extent.right() - 104.0, y), size);
    let left = rect.left() + 28.0;
    let format = ink(style::LABEL, colours.text);
    label_at(ui, Align2::LEFT_CENTER, pos2(left, y), format, &share.name, size.left() - space::X4 - left);
}
