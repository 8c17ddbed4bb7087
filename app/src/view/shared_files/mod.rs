//! Files shared with everybody on the server: who holds what, what is on its way, what the user shares.

mod chunks;
mod downloads;
mod results;

use eframe::egui::{Align, Layout, Rect, Role, ScrollArea, Ui, UiBuilder, Vec2, pos2};
use lucide_icons::Icon;
use whoelse_model::TransferId;

use crate::kit::{
    Button, ButtonKind, CardAction, FileCard, IconButton, Take, fill, galley, hairline_below, icon, label_at,
};
use crate::theme::{control, ink, palette, region, side_padding, space, style};
use crate::view::main_view::{Center, WAY_BACK, way_back};

/// The panel as it is shown.
#[derive(Clone, Debug, Default)]
pub struct SharedFiles {
    /// What stands in the field of the search.
    pub search: String,
    /// What stands in the field of the chunks.
    pub chunks: String,
    /// Whether the field of the search takes the keyboard.
    pub take: Take,
    /// What names were to hold in the last search; empty for all.
    pub searched: String,
    /// Why the search is not made; may be empty.
    pub wrong: String,
    /// What was found.
    pub found: Found,
    /// What the user shares.
    pub shares: Vec<ShareRow>,
    /// "3 files, 1.4 GB".
    pub shares_words: String,
    /// What is on its way, the newest first.
    pub downloads: Vec<Download>,
    /// Files of private sessions that are on their way or wait.
    pub private: Vec<Download>,
    /// How fast all of it comes; may be empty.
    pub speed: String,
    /// Whether files can be dropped on the window.
    pub takes_drops: bool,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub enum Found {
    /// Nothing was searched for.
    #[default]
    NotAsked,
    /// The answer is awaited.
    Waiting,
    /// These, perhaps none.
    Files(Vec<FoundFile>),
}

/// A file that somebody shares.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// What it is called.
    pub name: String,
    /// "812 MB, 9f2c 41d0, 3 online holders".
    pub facts: String,
    /// Who holds what of it.
    pub holders: Vec<Holder>,
    /// What can be done with it.
    pub state: FoundState,
    /// Its place in the answer.
    pub place: usize,
}

/// What can be done with a file that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundState {
    /// It can be fetched.
    Free,
    /// It is on its way.
    Downloading,
    /// The user has it.
    Here,
}

/// Somebody who holds chunks of a file.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who.
    pub name: String,
    /// Of each chunk, whether they have it.
    pub chunks: Vec<bool>,
}

/// A file that the user shares.
#[derive(Clone, Debug)]
pub struct ShareRow {
    /// What it is called.
    pub name: String,
    /// "2.4 MB".
    pub size: String,
    /// "All of it", or "7 of 10 chunks".
    pub extent: String,
}

/// A file on its way.
#[derive(Clone, Debug)]
pub struct Download {
    /// Which.
    pub id: TransferId,
    /// Name, facts and actions.
    pub card: FileCard,
    /// Its chunks, while it is on its way.
    pub chunks: Vec<Cell>,
    /// Who gives.
    pub sources: Vec<SourceRow>,
}

/// A chunk of a file on its way.
#[derive(Clone, Debug)]
pub struct Cell {
    /// How much of it is there, from 0 to 1.
    pub part: f32,
    /// The first letter of whoever gave it; may be empty.
    pub giver: String,
}

/// Somebody who gives.
#[derive(Clone, Debug)]
pub struct SourceRow {
    /// Who.
    pub name: String,
    /// "chunk 6", or why nothing more is asked of them.
    pub words: String,
    /// How much of what is asked is there; `None` of one that is dropped.
    pub part: Option<f32>,
    /// "48.2 MB/s".
    pub speed: String,
}

/// What the user asked of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesAction {
    /// In one column: back to the list.
    Back,
    /// What stands in the fields.
    Type {
        /// The name.
        search: String,
        /// The chunks.
        chunks: String,
    },
    /// Search for it.
    Search,
    /// Fetch the found file with this place in the answer.
    Download(usize),
    /// Something with a file on its way.
    Card(TransferId, CardAction),
    /// Share a file.
    Share,
    /// Share a file no longer.
    Unshare(String),
    /// Open the folder of what was fetched.
    OpenFolder,
}

/// Width of the column of downloads.
const DOWNLOADS: f32 = 408.0;
/// Below this width a column has little room at its sides.
const NARROW: f32 = 400.0;
/// Below this width the downloads stand below the results.
const TWO_COLUMNS_FROM: f32 = 900.0;

/// Draws the panel.
pub fn show(ui: &mut Ui, center: Center, state: &SharedFiles) -> Vec<FilesAction> {
    let Center { rect, narrow } = center;
    let mut actions = Vec::new();
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_chat);
    let (top, below) = rect.split_top_bottom_at_y(rect.top() + region::HEAD_ROW);
    head(ui, top, narrow, &mut actions);
    if below.width() >= TWO_COLUMNS_FROM {
        let (left, right) = below.split_left_right_at_x(below.right() - DOWNLOADS);
        fill(ui.painter(), right, 0.0, colours.bg_side);
        let edge = Rect::from_min_max(right.min, pos2(right.left() + 1.0, right.bottom()));
        fill(ui.painter(), edge, 0.0, colours.line);
        scrolled(ui, left, "results", |ui| results::show(ui, state, &mut actions));
        scrolled(ui, right, "downloads", |ui| downloads::show(ui, state, &mut actions));
    } else {
        scrolled(ui, below, "files", |ui| {
            results::show(ui, state, &mut actions);
            crate::kit::space(ui, space::X6);
            downloads::show(ui, state, &mut actions);
        });
    }
    actions
}

fn scrolled(ui: &mut Ui, rect: Rect, name: &str, content: impl FnOnce(&mut Ui)) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(name));
    child.set_clip_rect(child.clip_rect().intersect(rect));
    ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(&mut child, |ui| {
        let side = if rect.width() < NARROW { side_padding(rect.width()) } else { space::X6 - 4.0 };
        let inner = Rect::from_min_size(
            ui.max_rect().min + Vec2::new(side, space::X5),
            Vec2::new(rect.width() - 2.0 * side, f32::INFINITY),
        );
        let mut body = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
        body.spacing_mut().item_spacing.y = 0.0;
        content(&mut body);
        let used = body.min_rect().expand2(Vec2::new(0.0, space::X5));
        ui.allocate_rect(used, eframe::egui::Sense::hover());
    });
}

/// What sharing means, where there is room to say it whole.
const MEANS: &str = "Files go from person to person.";

fn head(ui: &mut Ui, rect: Rect, narrow: bool, actions: &mut Vec<FilesAction>) {
    let colours = palette(ui);
    hairline_below(ui.painter(), rect, colours.line);
    let builder = UiBuilder::new().max_rect(rect).id_salt("files head").accessibility_role(Role::Banner);
    ui.scope_builder(builder, |ui| {
        if narrow && way_back(ui, rect).clicked() {
            actions.push(FilesAction::Back);
        }
        let side = side_padding(rect.width());
        let place = Rect::from_min_max(rect.min, pos2(rect.right() - side, rect.bottom()));
        let share = Button::new(ButtonKind::Primary, "Share a file").icon(Icon::FilePlus);
        let folder = Button::new(ButtonKind::Outline, "Open folder").icon(Icon::FolderOpen);
        let opens = if narrow { control::ICON_BUTTON } else { folder.drawn_width(ui) };
        // Laid out from the left, so that Tab goes as one reads.
        let from = place.right() - share.drawn_width(ui) - space::X3 - opens;
        let row = UiBuilder::new().max_rect(place.with_min_x(from)).layout(Layout::left_to_right(Align::Center));
        let mut row = ui.new_child(row);
        row.spacing_mut().item_spacing.x = space::X3;
        let open = if narrow { row.add(IconButton::new(Icon::FolderOpen, "Open folder")) } else { row.add(folder) };
        if open.clicked() {
            actions.push(FilesAction::OpenFolder);
        }
        if row.add(share).clicked() {
            actions.push(FilesAction::Share);
        }
        let right = from - space::X5;
        let y = rect.center().y;
        let mut left = rect.left() + side + if narrow { WAY_BACK } else { 0.0 };
        icon(ui.painter(), Icon::FolderSync, pos2(left + 10.0, y), 20.0, colours.text_2);
        left += 28.0;
        let align = eframe::egui::Align2::LEFT_CENTER;
        let title = ink(style::HEADING, colours.text);
        let title = label_at(ui, align, pos2(left, y), title, "Shared files", right - left);
        let left = title.right() + space::X5;
        let text = galley(ui.painter(), ink(style::SMALL, colours.text_2), MEANS);
        if text.size().x <= right - left {
            label_at(ui, align, pos2(left, y), ink(style::SMALL, colours.text_2), MEANS, right - left);
        }
    });
}
