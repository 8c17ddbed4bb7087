//! A short line for the person, below the head of what is shown: what was done, or was not. It goes by itself.

use std::time::Duration;

use eframe::egui::{Align2, Area, Context, Id, Order, Role, Sense, Vec2, WidgetInfo};
use lucide_icons::Icon;
use whoelse_client::now;
use whoelse_model::{Action, NoticeId, NoticeKind};
use whoelse_proto::Timestamp;

use super::{App, words};
use crate::kit::{IconButton, icon, popup_frame, put, say_at_once, wrapped};
use crate::theme::{control, icon as icon_size, ink, palette, region, space, style};

/// Milliseconds for which a line stays: long enough to be read twice.
const STAYS_MS: u64 = 6_000;

/// Widest line in points.
const WIDEST: f32 = 520.0;

/// From the upper edge: tabs, head and composer stay free.
const BELOW: f32 = region::TOP_ROW + region::HEAD_ROW + space::X4;

/// A line and since when it is shown.
#[derive(Clone, Debug)]
pub(super) struct Toast {
    text: String,
    /// The notice of the model that it shows.
    notice: Option<NoticeId>,
    since: Timestamp,
}

impl App {
    /// Tells the person something.
    pub(super) fn tell(&mut self, text: String) {
        self.dismiss_toast();
        self.toast = Some(Toast { text, notice: None, since: now() });
    }

    /// The newest notice of the model takes the place of what is shown.
    pub(super) fn take_notices(&mut self) {
        let newest = self.model().notices().iter().rev().find(|notice| is_toast(&notice.kind));
        let Some(notice) = newest else { return };
        if self.toast.as_ref().is_some_and(|toast| toast.notice == Some(notice.id)) {
            return;
        }
        let text = words::notice(&notice.kind);
        let toast = Toast { text, notice: Some(notice.id), since: now() };
        self.dismiss_toast();
        self.toast = Some(toast);
    }

    /// Draws the line, if there is one.
    pub(super) fn show_toast(&mut self, ctx: &Context) {
        let Some(toast) = &self.toast else { return };
        let left = toast.since.plus_millis(STAYS_MS).millis().saturating_sub(now().millis());
        if left == 0 || draw(ctx, &toast.text) == Answer::Dismiss {
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
}

fn draw(ctx: &Context, text: &str) -> Answer {
    let area = Area::new(Id::unique("toast")).order(Order::Foreground);
    let area = area.anchor(Align2::CENTER_TOP, Vec2::new(0.0, BELOW));
    let shown = area.show(ctx, |ui| {
        let colours = palette(ui);
        popup_frame(colours).show(ui, |ui| {
            let words = wrapped(ui.painter(), ink(style::LABEL, colours.text), text, WIDEST);
            let button = control::MIN_TARGET + space::X3;
            let mark = icon_size::BASE + space::X3;
            let size = Vec2::new(words.size().x + mark + button + space::X4, words.size().y.max(control::MIN_TARGET));
            let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
            let centre = rect.left_center() + Vec2::new(space::X3 + icon_size::BASE / 2.0, 0.0);
            icon(ui.painter(), Icon::Info, centre, icon_size::BASE, colours.text_2);
            let at = rect.left_center() + Vec2::new(space::X3 + mark, 0.0);
            put(ui.painter(), Align2::LEFT_CENTER, at, words);
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
            say_at_once(ui.ctx(), response.id);
            let cross = IconButton::new(Icon::X, "Dismiss").size(control::MIN_TARGET).icon_size(icon_size::SMALL);
            cross.at(ui, rect.right_center() - Vec2::new(control::MIN_TARGET / 2.0, 0.0)).clicked()
        })
    });
    if shown.inner.inner { Answer::Dismiss } else { Answer::Nothing }
}
