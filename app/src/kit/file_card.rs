//! A file in a box: what it is, how far it has come, what can be done.

use eframe::egui::{
    Align2, Color32, CornerRadius, CursorIcon, Painter, Rect, Role, Sense, TextureId, Ui, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;

use super::at_end::{EndButton, at_end};
use super::button::{Button, ButtonKind, IconButton};
use super::paint::{elided, fill, icon, put, rule};
use crate::theme::{Palette, control, icon as icon_size, ink, numbers, palette, radius, region, space, stroke, style};

/// A file as it is shown.
#[derive(Clone, Debug)]
pub struct FileCard {
    /// What kind of file.
    pub icon: Icon,
    /// What it is called.
    pub name: String,
    /// One line of facts.
    pub fact: Fact,
    /// How far it has come, while it is on its way.
    pub progress: Option<Progress>,
    /// What can be done, the most likely first.
    pub actions: Vec<CardAction>,
    /// What it shows, once it is there and that was looked at.
    pub picture: Option<Picture>,
}

/// A line of facts about a file.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Before it.
    pub icon: Option<Icon>,
    /// The words.
    pub text: String,
    /// What they mean.
    pub tone: FactTone,
}

/// What a line of facts means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactTone {
    /// A fact.
    Plain,
    /// All is well.
    Good,
    /// Something is in the way.
    Warn,
    /// It failed.
    Danger,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// From 0 to 1.
    pub part: f32,
    /// Which way the bytes go, or that they stand still.
    pub tone: ProgressTone,
    /// "34 %".
    pub percent: String,
    /// "412.6 MB of 1.2 GB".
    pub amount: String,
    /// "38.4 MB/s, 21 s left".
    pub speed: String,
}

/// The colour of a progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressTone {
    /// Bytes flow in a private session.
    Private,
    /// Bytes flow from those who share.
    Shared,
    /// It stands still.
    Still,
}

/// A picture that was decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picture {
    /// Its texture; `None` while it is being decoded.
    pub texture: Option<TextureId>,
    /// Its size in points, as it is shown.
    pub size: Vec2,
}

/// What can be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardAction {
    /// Take it.
    Take,
    /// Take it into a folder that is chosen.
    TakeInto,
    /// Do not take it.
    Refuse,
    /// Stand still.
    Pause,
    /// Go on.
    Resume,
    /// End it.
    Cancel,
    /// Open it with whatever opens such files.
    Open,
    /// Show the folder in which it lies.
    ShowInFolder,
}

impl CardAction {
    /// The words on its button.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Take => "Accept",
            Self::TakeInto => "Accept into another folder…",
            Self::Refuse => "Decline",
            Self::Pause => "Pause",
            Self::Resume => "Resume",
            Self::Cancel => "Cancel",
            Self::Open => "Open",
            Self::ShowInFolder => "Show in folder",
        }
    }
}

/// Room within a card.
const PAD: f32 = 12.0;
/// The box of the icon.
const ICON_BOX: f32 = 40.0;
/// Height of a card without progress.
const HEAD: f32 = ICON_BOX + 2.0 * PAD + 2.0;
/// Progress, figures and the room around them.
const PROGRESS: f32 = 38.0;
/// Height of a bar of progress.
const BAR: f32 = 6.0;
/// A card with a picture has room for the name below it.
const PICTURE_CARD: f32 = 240.0;
/// Below this width the folder is an icon.
const WORDS_FROM: f32 = 400.0;
/// Below this width only the button that accepts has words, so that the name of the file has room.
const ICONS_BELOW: f32 = 300.0;
/// The widest picture in a timeline, and the highest.
pub const PICTURE_MAX: Vec2 = Vec2::new(272.0, 200.0);

/// How large a card is in a room of this width.
#[must_use]
pub fn card_size(card: &FileCard, room: f32) -> Vec2 {
    let widest = card.picture.map_or(region::CARD_WIDTH, |picture| picture.size.x.max(PICTURE_CARD) + 2.0 * PAD);
    let width = widest.min(room);
    let picture = card.picture.map_or(0.0, |picture| picture.size.y + PAD);
    let progress = if card.progress.is_some() { PROGRESS } else { 0.0 };
    Vec2::new(width, HEAD + picture + progress)
}

/// Draws a card over `rect`; what the user wants done.
pub fn file_card(ui: &mut Ui, rect: Rect, card: &FileCard) -> Option<CardAction> {
    let colours = palette(ui);
    fill(ui.painter(), rect, radius::CARD, colours.bg_raised);
    rule(ui.painter(), rect, radius::CARD, stroke::HAIRLINE, colours.line);
    let inner = rect.shrink(PAD);
    let mut top = inner.top();
    let mut wanted = None;
    if let Some(picture) = card.picture {
        wanted = show_picture(ui, pos2(inner.left(), top), picture, &card.name);
        top += picture.size.y + PAD;
    }
    let head = Rect::from_min_size(pos2(inner.left(), top), Vec2::new(inner.width(), ICON_BOX + 2.0));
    wanted = file_head(ui, head, card).or(wanted);
    if let Some(progress) = &card.progress {
        let below = Rect::from_min_max(pos2(inner.left(), head.bottom() + PAD - 2.0), inner.max);
        show_progress(ui, below, progress, &card.name);
    }
    wanted
}

fn show_picture(ui: &Ui, at: eframe::egui::Pos2, picture: Picture, name: &str) -> Option<CardAction> {
    let rect = Rect::from_min_size(at, picture.size);
    fill(ui.painter(), rect, radius::FIELD, palette(ui).press);
    if let Some(texture) = picture.texture {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let mesh = eframe::egui::epaint::RectShape::filled(rect, CornerRadius::from(radius::FIELD), Color32::WHITE);
        ui.painter().add(mesh.with_texture(texture, whole));
    }
    let response = ui.interact(rect, ui.scope_id().with(("picture", name)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response.on_hover_cursor(CursorIcon::PointingHand).clicked().then_some(CardAction::Open)
}

/// Draws icon, name, facts and actions of a file over `rect`.
pub fn file_head(ui: &mut Ui, rect: Rect, card: &FileCard) -> Option<CardAction> {
    let colours = palette(ui);
    let square = Rect::from_min_size(rect.min, Vec2::splat(ICON_BOX));
    let square = Rect::from_center_size(pos2(square.center().x, rect.center().y), Vec2::splat(ICON_BOX));
    fill(ui.painter(), square, radius::FIELD, colours.press);
    icon(ui.painter(), card.icon, square.center(), icon_size::LARGE, colours.text_2);
    let left = square.right() + PAD;
    let (wanted, buttons) = actions(ui, rect.with_min_x(left), card, rect.width());
    let right = if card.actions.is_empty() { rect.right() } else { buttons - space::X4 };
    let room = (right - left).max(0.0);
    let name = elided(ui.painter(), ink(style::STRONG, colours.text), &card.name, room);
    let cut = name.elided;
    let place = put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y - 10.0), name);
    let response = ui.interact(place, ui.scope_id().with(("file", &card.name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}, {}", card.name, card.fact.text)));
    if cut {
        super::tip(response, &card.name);
    }
    fact(ui, pos2(left, rect.center().y + 10.0), &card.fact, room);
    wanted
}

fn fact(ui: &Ui, at: eframe::egui::Pos2, fact: &Fact, room: f32) {
    let colours = palette(ui);
    let (mark, letters) = match fact.tone {
        FactTone::Plain => (colours.text_2, colours.text_2),
        FactTone::Good => (colours.online, colours.text_2),
        FactTone::Warn => (colours.warn, colours.text_2),
        FactTone::Danger => (colours.danger, colours.danger),
    };
    let mut at = at;
    if let Some(glyph) = fact.icon {
        icon(ui.painter(), glyph, at + Vec2::new(icon_size::SMALL / 2.0, 0.0), icon_size::SMALL, mark);
        at.x += icon_size::SMALL + 6.0;
    }
    let room = room - if fact.icon.is_some() { icon_size::SMALL + 6.0 } else { 0.0 };
    let words = elided(ui.painter(), numbers(style::META, letters), &fact.text, room);
    let cut = words.elided;
    let place = put(ui.painter(), Align2::LEFT_CENTER, at, words);
    if cut {
        let response = ui.interact(place, ui.scope_id().with(("fact", &fact.text)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &fact.text));
        super::tip(response, &fact.text);
    }
}

/// Draws the buttons at the right end of `place`, in a card of a width: what was asked for, and where they begin.
fn actions(ui: &mut Ui, place: Rect, card: &FileCard, width: f32) -> (Option<CardAction>, f32) {
    let names: Vec<String> = card.actions.iter().map(|action| format!("{} {}", action.words(), card.name)).collect();
    let buttons = card.actions.iter().zip(&names).map(|(action, name)| button(*action, name, card, width));
    let row = at_end(ui, place, (&format!("card {}", card.name), space::X3 - 2.0), buttons);
    (row.clicked().and_then(|index| card.actions.get(index)).copied(), row.rect.left())
}

fn button<'a>(action: CardAction, name: &'a str, card: &FileCard, width: f32) -> EndButton<'a> {
    let icon = |glyph| IconButton::new(glyph, name).size(control::BUTTON).into();
    let words = |kind| Button::new(kind, action.words()).small().into();
    match action {
        CardAction::Open if card.picture.is_some() || width < ICONS_BELOW => icon(Icon::ExternalLink),
        CardAction::Refuse if width < ICONS_BELOW => icon(Icon::X),
        CardAction::ShowInFolder if width < WORDS_FROM => icon(Icon::FolderOpen),
        CardAction::Pause => icon(Icon::Pause),
        CardAction::Resume => icon(Icon::Play),
        CardAction::Cancel => icon(Icon::X),
        CardAction::TakeInto => icon(Icon::FolderInput),
        CardAction::Take => words(ButtonKind::Private),
        CardAction::Refuse | CardAction::Open => words(ButtonKind::Outline),
        CardAction::ShowInFolder => words(ButtonKind::Ghost),
    }
}

fn show_progress(ui: &mut Ui, rect: Rect, progress: &Progress, name: &str) {
    let colours = palette(ui);
    let bar = Rect::from_min_size(rect.min, Vec2::new(rect.width(), BAR));
    progress_bar(ui.painter(), colours, bar, progress.part, progress.tone);
    let response = ui.interact(bar, ui.scope_id().with(("progress", name)), Sense::hover());
    response.widget_info(|| {
        let words = format!("{name}: {}, {}, {}", progress.percent, progress.amount, progress.speed);
        WidgetInfo::labeled(Role::ProgressIndicator, true, words)
    });
    let format = numbers(style::META, colours.text_2);
    let y = bar.bottom() + space::X3 + style::META.line / 2.0;
    let words = |text: &str| super::paint::galley(ui.painter(), format, text);
    let percent = put(ui.painter(), Align2::LEFT_CENTER, pos2(bar.left(), y), words(&progress.percent));
    let speed = put(ui.painter(), Align2::RIGHT_CENTER, pos2(bar.right(), y), words(&progress.speed));
    let room = (speed.left() - percent.right() - 2.0 * space::X3).max(0.0);
    let amount = elided(ui.painter(), format, &progress.amount, room);
    let middle = f32::midpoint(percent.right(), speed.left());
    put(ui.painter(), Align2::CENTER_CENTER, pos2(middle, y), amount);
}

/// Paints a bar that is full to a part.
pub fn progress_bar(painter: &Painter, colours: &Palette, rect: Rect, part: f32, tone: ProgressTone) {
    let round = rect.height() / 2.0;
    fill(painter, rect, round, colours.press);
    let part = part.clamp(0.0, 1.0);
    if part > 0.0 {
        let colour = match tone {
            ProgressTone::Private => colours.private_fill,
            ProgressTone::Shared => colours.accent_fill,
            ProgressTone::Still => colours.text_3,
        };
        let width = (rect.width() * part).max(rect.height());
        fill(painter, Rect::from_min_size(rect.min, Vec2::new(width, rect.height())), round, colour);
    }
}

/// The icon of a kind of file, by the end of its name.
#[must_use]
pub fn file_icon(name: &str) -> Icon {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    match end.as_str() {
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "bmp" | "svg" | "heic" | "tif" | "tiff" => Icon::FileImage,
        "zip" | "gz" | "xz" | "zst" | "bz2" | "7z" | "rar" | "tar" | "tgz" => Icon::FileArchive,
        "mp3" | "ogg" | "opus" | "flac" | "wav" | "m4a" => Icon::FileMusic,
        "mp4" | "mkv" | "webm" | "mov" | "avi" => Icon::FilePlay,
        "ods" | "xls" | "xlsx" | "csv" | "tsv" => Icon::FileSpreadsheet,
        "rs" | "c" | "h" | "cpp" | "py" | "js" | "ts" | "go" | "java" | "sh" | "toml" | "json" | "xml" | "html"
        | "css" | "yml" | "yaml" => Icon::FileCode,
        "pdf" | "txt" | "md" | "doc" | "docx" | "odt" | "rtf" => Icon::FileText,
        "img" | "iso" | "bin" | "deb" | "rpm" | "exe" | "dmg" | "msi" => Icon::FileBox,
        _ => Icon::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_icon_of_its_kind() {
        let sign = |name| char::from(file_icon(name));
        assert_eq!(sign("hangar.PNG"), char::from(Icon::FileImage));
        assert_eq!(sign("logs.tar.zst"), char::from(Icon::FileArchive));
        assert_eq!(sign("Makefile"), char::from(Icon::File));
    }
}
