//! Sending files: what is dropped, what is pasted, and the question before one goes to somebody's device.

use eframe::egui::{
    Align, Align2, Color32, Context, CornerRadius, Key, Layout, Rect, Role, Sense, TextureId, Ui, UiBuilder, Vec2,
    WidgetInfo,
};
use lucide_icons::Icon;

use crate::kit::{
    Button, ButtonKind, Dialog, Fact, FactTone, Field, FieldState, FileCard, dialog, entered, file_head, file_icon,
    fill, galley, icon, label, paragraph, put, rule, say_at_once, shadowed, space as gap,
};
use crate::theme::{ink, palette, radius, shadow, space, stroke, style};

/// The question before files go to somebody.
#[derive(Clone, Debug)]
pub struct SendForm<'a> {
    /// What is asked: "Send to luke, direct".
    pub title: &'a str,
    /// What it means.
    pub text: &'a str,
    /// The words of the button that does it.
    pub yes: &'a str,
    /// Name and size of each file.
    pub files: &'a [(String, String)],
    /// The picture that was pasted, with its size in points.
    pub picture: Option<(TextureId, Vec2)>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendAction {
    /// Send.
    Send,
    /// Leave it.
    Close,
}

/// Width of the dialog.
const WIDTH: f32 = 460.0;
/// Files that are listed; of more, the rest is counted.
const MOST_LISTED: usize = 5;

/// Asks whether to send.
#[must_use]
pub fn ask(ctx: &Context, form: &SendForm<'_>) -> Option<SendAction> {
    let mut action = None;
    let close = dialog(ctx, Dialog { name: form.title, size: Vec2::new(WIDTH, 0.0), top: None }, |ui| {
        body(ui, |ui| {
            let colours = palette(ui);
            label(ui, ink(style::TITLE, colours.text), form.title);
            gap(ui, space::X3);
            paragraph(ui, ink(style::SMALL, colours.text_2), form.text);
            gap(ui, space::X4);
            if let Some((texture, size)) = form.picture {
                picture(ui, texture, size);
            }
            files(ui, form.files);
            gap(ui, space::X4);
            action = buttons(ui, form.yes, true);
        });
    });
    if action.is_none() && ctx.input(|input| input.key_pressed(Key::Enter)) {
        return Some(SendAction::Send);
    }
    action.or(close.then_some(SendAction::Close))
}

/// The question for the path of a file, where the system has no dialog to choose one.
#[derive(Clone, Debug)]
pub struct PathForm<'a> {
    /// What is asked.
    pub title: &'a str,
    /// What the path is of: "File" or "Folder".
    pub field: &'a str,
    /// What was typed.
    pub path: &'a str,
    /// What is wrong with it; may be empty.
    pub wrong: &'a str,
    /// The words of the button that takes it.
    pub yes: &'a str,
    /// Whether files can be dropped on the window.
    pub takes_drops: bool,
}

/// What the user did in that dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathAction {
    /// Typed.
    Type(String),
    /// Take it.
    Take,
    /// Leave it.
    Close,
}

/// Asks for a path.
#[must_use]
pub fn ask_path(ctx: &Context, form: &PathForm<'_>) -> Option<PathAction> {
    let mut action = None;
    let close = dialog(ctx, Dialog { name: form.title, size: Vec2::new(WIDTH, 0.0), top: None }, |ui| {
        body(ui, |ui| {
            let colours = palette(ui);
            label(ui, ink(style::TITLE, colours.text), form.title);
            gap(ui, space::X3);
            let drop = if form.takes_drops { ", or drop it on the window" } else { "" };
            let text = &format!("Type its full path{drop}. ~ is your own folder.");
            paragraph(ui, ink(style::SMALL, colours.text_2), text);
            gap(ui, space::X4);
            let mut path = form.path.to_owned();
            let standing = if form.wrong.is_empty() { FieldState::Normal } else { FieldState::Error };
            let field = Field::new(form.field).hint("/home/…").icon(Icon::File).state(standing).show(ui, &mut path);
            if form.path.is_empty() && ui.memory(eframe::egui::Memory::focused).is_none() {
                field.request_focus();
            }
            if field.changed() {
                action = Some(PathAction::Type(path));
            }
            let enter = entered(&field);
            gap(ui, space::X2);
            let wrong = label(ui, ink(style::SMALL, colours.danger), form.wrong);
            say_at_once(ui.ctx(), wrong.id);
            gap(ui, space::X3);
            let pressed = buttons(ui, form.yes, !form.path.is_empty());
            action = match (pressed, enter) {
                (Some(SendAction::Send), _) | (None, true) => Some(PathAction::Take),
                (Some(SendAction::Close), _) => Some(PathAction::Close),
                (None, false) => action.take(),
            };
        });
    });
    action.or(close.then_some(PathAction::Close))
}

fn body(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let inner = ui.max_rect().shrink2(Vec2::new(space::X6, space::X5 + 4.0));
    let mut body = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
    content(&mut body);
    let used = body.min_rect().expand2(Vec2::new(0.0, space::X5 + 4.0));
    ui.allocate_rect(used, Sense::hover());
}

fn picture(ui: &mut Ui, texture: TextureId, size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let whole = Rect::from_min_max(eframe::egui::pos2(0.0, 0.0), eframe::egui::pos2(1.0, 1.0));
    let shape = eframe::egui::epaint::RectShape::filled(rect, CornerRadius::from(radius::FIELD), Color32::WHITE);
    ui.painter().add(shape.with_texture(texture, whole));
    rule(ui.painter(), rect, radius::FIELD, stroke::HAIRLINE, palette(ui).line);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "The pasted image"));
    gap(ui, space::X4);
}

/// Height of a file in the list.
const ROW: f32 = 48.0;

fn files(ui: &mut Ui, files: &[(String, String)]) {
    for (name, size) in files.iter().take(MOST_LISTED) {
        let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::hover());
        let fact = Fact { icon: None, text: size.clone(), tone: FactTone::Plain };
        let icon = file_icon(name);
        let card = FileCard { icon, name: name.clone(), fact, progress: None, actions: Vec::new(), picture: None };
        file_head(ui, rect, &card);
    }
    if files.len() > MOST_LISTED {
        let more = format!("and {} more", files.len() - MOST_LISTED);
        label(ui, ink(style::SMALL, palette(ui).text_2), &more);
    }
}

fn buttons(ui: &mut Ui, yes: &str, enabled: bool) -> Option<SendAction> {
    let mut action = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3;
        if ui.add(Button::new(ButtonKind::Private, yes).enabled(enabled)).clicked() {
            action = Some(SendAction::Send);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Cancel")).clicked() {
            action = Some(SendAction::Close);
        }
    });
    action
}

/// What happens to files that are held over the window.
#[derive(Clone, Debug)]
pub struct DropWords {
    /// Whom they would go to, or why they cannot.
    pub strong: String,
    /// What it means.
    pub text: String,
    /// Before it.
    pub icon: Icon,
    /// Which way they would go.
    pub way: DropWay,
}

/// Which way dropped files would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropWay {
    /// Straight to one device.
    Private,
    /// To everybody who asks.
    Shared,
    /// Nowhere.
    Nowhere,
}

/// Covers `rect` while files are held over it.
pub fn drop_overlay(ui: &Ui, rect: Rect, words: &DropWords) {
    let colours = palette(ui);
    let layer = eframe::egui::LayerId::new(eframe::egui::Order::Foreground, ui.scope_id().with("drop"));
    let painter = ui.ctx().layer_painter(layer);
    fill(&painter, rect, 0.0, colours.scrim);
    let size = Vec2::new((rect.width() - 2.0 * space::X6).min(420.0), 168.0);
    let place = Rect::from_center_size(rect.center(), size);
    let edge = match words.way {
        DropWay::Private => colours.private,
        DropWay::Shared => colours.accent,
        DropWay::Nowhere => colours.line_field,
    };
    shadowed(&painter, place, radius::DIALOG, shadow::DIALOG.of(colours), colours.bg_popup, colours.line);
    rule(&painter, place, radius::DIALOG, stroke::FOCUS, edge);
    let centre = place.center_top();
    icon(&painter, words.icon, centre + Vec2::new(0.0, 44.0), 28.0, edge);
    let strong = galley(&painter, ink(style::HEADING, colours.text), &words.strong);
    put(&painter, Align2::CENTER_CENTER, centre + Vec2::new(0.0, 88.0), strong);
    let text = crate::kit::elided(&painter, ink(style::SMALL, colours.text_2), &words.text, size.x - 2.0 * space::X5);
    put(&painter, Align2::CENTER_CENTER, centre + Vec2::new(0.0, 118.0), text);
}
