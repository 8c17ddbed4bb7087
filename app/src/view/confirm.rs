//! Questions before something that cannot be undone, or that is easily misunderstood.

use eframe::egui::{Align, Context, Layout, Ui, UiBuilder, Vec2};
use lucide_icons::Icon;

use crate::kit::{Button, ButtonKind, Dialog, dialog, label, paragraph, segmented, space as gap};
use crate::theme::{ink, palette, space, style};

/// A question.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What is asked.
    pub title: &'a str,
    /// What it means.
    pub text: &'a str,
    /// The words of the button that does it.
    pub yes: &'a str,
    /// How that button looks.
    pub kind: ButtonKind,
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Do it.
    Yes,
    /// Leave it.
    No,
}

/// Width of a question.
const WIDTH: f32 = 420.0;

/// Asks; the answer, once there is one.
#[must_use]
pub fn ask(ctx: &Context, question: &Question<'_>) -> Option<Reply> {
    let mut reply = None;
    let close = dialog(ctx, Dialog { name: question.title, size: Vec2::new(WIDTH, 0.0), top: None }, |ui| {
        reply = framed(ui, question.title, question.text, |_| {}, (question.yes, question.kind));
    });
    reply.or(close.then_some(Reply::No))
}

/// The words of blocking somebody.
#[must_use]
pub fn block_text(name: &str) -> String {
    format!(
        "{name} cannot write to you or see whether you are online, and what {name} writes to everyone does not reach you. {name} finds out only when writing to you. You can unblock {name} at any time."
    )
}

/// A form that a chat is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportForm {
    /// Lines that people read.
    #[default]
    Text,
    /// JSON, for programs.
    Json,
}

/// What the user did in the dialog of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportAction {
    /// Choose a form.
    Choose(ExportForm),
    /// Write it.
    Write,
    /// Leave it.
    Close,
}

/// Asks in which form the chat called `name` is written.
#[must_use]
pub fn export(ctx: &Context, name: &str, form: ExportForm) -> Option<ExportAction> {
    let mut action = None;
    let title = format!("Export {name}");
    let text = "Every message of this chat on this computer, oldest first, with its time and author.";
    let close = dialog(ctx, Dialog { name: "Export", size: Vec2::new(WIDTH, 0.0), top: None }, |ui| {
        let choices = |ui: &mut Ui| {
            let forms = [(Some(Icon::FileText), "Text"), (Some(Icon::Braces), "JSON")];
            let picked = segmented(ui, "Form", &forms, usize::from(form == ExportForm::Json));
            action =
                picked.map(|index| ExportAction::Choose(if index == 0 { ExportForm::Text } else { ExportForm::Json }));
            gap(ui, space::X5);
        };
        let reply = framed(ui, &title, text, choices, ("Save as…", ButtonKind::Primary));
        action = action.or(reply.map(|reply| match reply {
            Reply::Yes => ExportAction::Write,
            Reply::No => ExportAction::Close,
        }));
    });
    action.or(close.then_some(ExportAction::Close))
}

fn framed(
    ui: &mut Ui,
    title: &str,
    text: &str,
    middle: impl FnOnce(&mut Ui),
    (yes, kind): (&str, ButtonKind),
) -> Option<Reply> {
    let colours = palette(ui);
    let inner = ui.max_rect().shrink2(Vec2::new(space::X6, space::X5 + 4.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
    let body = &mut child;
    label(body, ink(style::TITLE, colours.text), title);
    gap(body, space::X3);
    paragraph(body, ink(style::SMALL, colours.text_2), text);
    gap(body, space::X5);
    middle(body);
    let mut reply = None;
    body.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3;
        if ui.add(Button::new(kind, yes)).clicked() {
            reply = Some(Reply::Yes);
        }
        let cancel = ui.add(Button::new(ButtonKind::Ghost, "Cancel"));
        // Enter does not do what cannot be undone.
        let is_final = matches!(kind, ButtonKind::Danger | ButtonKind::OutlineDanger);
        if is_final && ui.memory(|memory| memory.focused().is_none()) {
            cancel.request_focus();
        }
        if cancel.clicked() {
            reply = Some(Reply::No);
        }
    });
    let used = child.min_rect().expand2(Vec2::new(0.0, space::X5 + 4.0));
    ui.allocate_rect(used, eframe::egui::Sense::hover());
    reply
}
