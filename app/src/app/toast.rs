//! A short line for the person, below the head of what is shown: what was done, or was not. It goes by itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use eframe::egui::{Align2, Area, Context, Id, LayerId, Order, Rect, Role, Sense, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;
use whoelse_client::now;
use whoelse_model::command::CommandKind;
use whoelse_model::{Action, ChatId, NoticeId, NoticeKind};
use whoelse_proto::Timestamp;

use super::screen::is_one_column;
use super::{App, words};
use crate::kit::{IconButton, icon, popup_frame, put, say_at_once, wrapped};
use crate::theme::{control, icon as icon_size, ink, palette_of, region, space, style};

/// Milliseconds for which a line stays: long enough to be read twice.
const STAYS_MS: u64 = 6_000;

/// Widest line in points.
const WIDEST: f32 = 520.0;

/// From the upper edge: tabs and head stay free.
const BELOW: f32 = region::TOP_ROW + region::HEAD_ROW + space::X4;

/// From one place that is tried to the next.
const STEP: f32 = 8.0;

/// A line and since when it is shown.
#[derive(Clone, Debug)]
pub(super) struct Toast {
    text: String,
    /// The notice of the model that it shows.
    notice: Option<NoticeId>,
    since: Timestamp,
    /// Its upper edge in the last frame: it does not move while it is read.
    top: Option<f32>,
    /// What its button puts on the clipboard.
    copies: Option<String>,
    /// The file that it tells of, to be shown in its folder.
    file: Option<PathBuf>,
}

impl App {
    /// Tells the person something.
    pub(super) fn tell(&mut self, text: String) {
        self.dismiss_toast();
        self.toast = Some(Toast { text, notice: None, since: now(), top: None, copies: None, file: None });
    }

    /// Tells the person of a file that was written, and offers its folder.
    pub(super) fn tell_of_file(&mut self, path: PathBuf) {
        self.tell_path(format!("Saved as {}", path.display()), &path);
        if let Some(toast) = &mut self.toast {
            toast.file = Some(path);
        }
    }

    fn show_file_of_toast(&mut self) {
        let folder = self.toast.as_ref().and_then(|toast| toast.file.as_deref()).and_then(Path::parent);
        let Some(folder) = folder.map(Path::to_owned) else { return };
        if let Err(error) = self.desktop.open_folder(&folder) {
            self.tell(words::not_opened(&folder, &error));
        }
    }

    /// The newest notice of the model takes the place of what is shown.
    pub(super) fn take_notices(&mut self) {
        let newest = self.model().notices().iter().rev().find(|notice| is_toast(&notice.kind));
        let Some(notice) = newest else { return };
        if self.toast.as_ref().is_some_and(|toast| toast.notice == Some(notice.id)) {
            return;
        }
        let (id, kind) = (notice.id, notice.kind.clone());
        if self.take_password_notice(&kind) || self.is_said_elsewhere(&kind) {
            self.engine.act(Action::Dismiss { notice: id });
            return;
        }
        let text = words::notice(&kind);
        let toast = Toast { text, notice: Some(id), since: now(), top: None, copies: None, file: None };
        self.dismiss_toast();
        self.toast = Some(toast);
    }

    /// Whether what is shown says the same: the chat with somebody who was just blocked.
    fn is_said_elsewhere(&self, kind: &NoticeKind) -> bool {
        let NoticeKind::Done { command: CommandKind::Block, user: Some(name) } = kind else { return false };
        self.tabs.shown_chat() == Some(&ChatId::Direct(name.clone()))
    }

    /// Tells the person something about a file or folder whose path they may need.
    pub(super) fn tell_path(&mut self, text: String, path: &Path) {
        self.tell(text);
        if let Some(toast) = &mut self.toast {
            toast.copies = Some(path.display().to_string());
        }
    }

    /// Draws the line, if there is one.
    pub(super) fn show_toast(&mut self, ctx: &Context) {
        let side = if self.is_main_shown() && !is_one_column(ctx) { self.main.side_width } else { 0.0 };
        let Some(toast) = &mut self.toast else { return };
        let left = toast.since.plus_millis(STAYS_MS).millis().saturating_sub(now().millis());
        let answer = draw(ctx, side, toast);
        if answer == Answer::Copy
            && let Some(words) = toast.copies.clone()
        {
            ctx.copy_text(words);
        }
        if answer == Answer::ShowInFolder {
            self.show_file_of_toast();
            return;
        }
        if left == 0 || answer != Answer::Nothing {
            self.dismiss_toast();
            return;
        }
        ctx.request_repaint_after(Duration::from_millis(left));
    }

    /// The line goes.
    pub(super) fn dismiss_toast(&mut self) {
        if let Some(notice) = self.toast.take().and_then(|toast| toast.notice) {
            self.engine.act(Action::Dismiss { notice });
        }
    }
}

/// Trouble with the disk and wrong passwords stand in bars of their own.
const fn is_toast(kind: &NoticeKind) -> bool {
    match kind {
        NoticeKind::Done { .. }
        | NoticeKind::Blocked { .. }
        | NoticeKind::Refused { .. }
        | NoticeKind::DeviceChanged { .. }
        | NoticeKind::IntroductionRefused { .. }
        | NoticeKind::Registered { .. }
        | NoticeKind::FilesRefused { .. }
        | NoticeKind::PasswordKept(_)
        | NoticeKind::Unanswered { .. } => true,
        NoticeKind::DiskTrouble { .. } | NoticeKind::WrongPasswords(_) => false,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Nothing,
    Dismiss,
    Copy,
    ShowInFolder,
}

fn draw(ctx: &Context, side: f32, toast: &mut Toast) -> Answer {
    let window = ctx.content_rect();
    let beside = window.with_min_x(window.left() + side);
    let id = Id::unique("toast");
    let layer = LayerId::new(Order::Foreground, id);
    let mark = icon_size::BASE + space::X3;
    let copy = if toast.copies.is_some() { control::MIN_TARGET } else { 0.0 };
    let show = if toast.file.is_some() { control::MIN_TARGET } else { 0.0 };
    let around = mark + control::MIN_TARGET + copy + show + space::X3 + space::X4;
    let room = WIDEST.min(beside.width() - 2.0 * space::X4) - around - 2.0 * FRAME;
    let colours = palette_of(ctx);
    let text = toast.text.as_str();
    let words = wrapped(&ctx.layer_painter(layer), ink(style::LABEL, colours.text), text, room);
    let extent = Vec2::new(words.size().x + around, words.size().y.max(control::MIN_TARGET));
    let centre = pos2(beside.center().x, window.top() + BELOW);
    let first = Align2::CENTER_TOP.anchor_size(centre, extent + Vec2::splat(2.0 * FRAME));
    let y = place(&controls(ctx, layer, window), window, first, toast.top);
    toast.top = Some(y);
    let area = Area::new(id).order(Order::Foreground).pivot(Align2::CENTER_TOP).fixed_pos(pos2(centre.x, y));
    let shown = area.show(ctx, |ui| {
        popup_frame(colours).show(ui, |ui| {
            let (rect, response) = ui.allocate_exact_size(extent, Sense::hover());
            let centre = rect.left_center() + Vec2::new(space::X3 + icon_size::BASE / 2.0, 0.0);
            icon(ui.painter(), Icon::Info, centre, icon_size::BASE, colours.text_2);
            let at = rect.left_center() + Vec2::new(space::X3 + mark, 0.0);
            put(ui.painter(), Align2::LEFT_CENTER, at, words);
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
            say_at_once(ui.ctx(), response.id);
            let cross = IconButton::new(Icon::X, "Dismiss").size(control::MIN_TARGET).icon_size(icon_size::SMALL);
            let last = rect.right_center() - Vec2::new(control::MIN_TARGET / 2.0, 0.0);
            let copies = IconButton::new(Icon::Copy, "Copy the path").size(control::MIN_TARGET);
            let copies = copies.icon_size(icon_size::SMALL);
            if copy > 0.0 && copies.at(ui, last - Vec2::new(control::MIN_TARGET, 0.0)).clicked() {
                return Answer::Copy;
            }
            let shows = IconButton::new(Icon::FolderOpen, "Show in folder").size(control::MIN_TARGET);
            let shows = shows.icon_size(icon_size::SMALL);
            if show > 0.0 && shows.at(ui, last - Vec2::new(2.0 * control::MIN_TARGET, 0.0)).clicked() {
                return Answer::ShowInFolder;
            }
            if cross.at(ui, last).clicked() { Answer::Dismiss } else { Answer::Nothing }
        })
    });
    shown.inner.inner
}

/// Room between the edge of the line and what it says.
const FRAME: f32 = 7.0;

/// What can be clicked, as the last frame drew it, besides the line itself.
fn controls(ctx: &Context, own: LayerId, window: Rect) -> Vec<Rect> {
    // What is this high is the ground of messages or of a list, not a control.
    let is_control = |rect: &Rect| rect.height() < window.height() / 3.0;
    ctx.viewport(|viewport| {
        let widgets = &viewport.prev_pass.widgets;
        let others = widgets.layers().filter(|(layer, _)| **layer != own).flat_map(|(_, widgets)| widgets.iter());
        let controls = others.filter(|widget| widget.enabled && widget.sense.interactive());
        controls.map(|widget| widget.interact_rect).filter(is_control).collect()
    })
}

/// The upper edge of a line that lies on no control: where it was, if it may stay, else the highest from `first` down,
/// else `first`.
fn place(controls: &[Rect], window: Rect, first: Rect, was: Option<f32>) -> f32 {
    let is_free = |top: f32| {
        let lies = first.translate(Vec2::new(0.0, top - first.top()));
        lies.bottom() < window.bottom() && !controls.iter().any(|control| control.intersects(lies))
    };
    if let Some(was) = was.filter(|was| is_free(*was)) {
        return was;
    }
    let mut top = first.top();
    while top < window.bottom() {
        if is_free(top) {
            return top;
        }
        top += STEP;
    }
    first.top()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(400.0, 300.0) };

    fn line(y: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(0.0, y), Vec2::new(400.0, height))
    }

    #[test]
    fn it_stands_below_the_controls_that_are_in_its_way_and_stays_there() {
        let first = line(100.0, 40.0);
        assert!((place(&[], WINDOW, first, None) - 100.0).abs() < 0.1);
        let top = place(&[line(90.0, 30.0), line(130.0, 30.0)], WINDOW, first, None);
        assert!((160.0..170.0).contains(&top), "{top}");
        assert!((place(&[], WINDOW, first, Some(top)) - top).abs() < 0.1, "it does not move while it is read");
        let moved = place(&[line(165.0, 10.0)], WINDOW, first, Some(top));
        assert!((moved - 100.0).abs() < 0.1, "a control has come to lie under it");
    }

    #[test]
    fn among_controls_alone_it_stands_where_it_would_without_them() {
        let controls: Vec<Rect> = (0..30).map(|n| line(10.0 * n as f32, 9.0)).collect();
        assert!((place(&controls, WINDOW, line(100.0, 40.0), None) - 100.0).abs() < 0.1);
    }
}
