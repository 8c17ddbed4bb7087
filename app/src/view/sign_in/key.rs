//! The right half when a server shows a key that is not pinned.

use eframe::egui::{Align, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;

use super::{SignInAction, SignInForm};
use crate::kit::{
    Button, ButtonKind, Field, FieldState, IconButton, fill, galley, icon, label, paragraph, put, rule, space as gap,
};
use crate::theme::{code, icon as icon_size, ink, palette, radius, space, stroke, style};

/// A server that was not seen before shows its key.
pub(super) fn trust(ui: &mut Ui, fingerprint: &[String], form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    label(ui, ink(style::TITLE, colours.text), "Sign in");
    gap(ui, space::X5 + 2.0);
    label(ui, ink(style::LABEL, colours.text), "Server");
    gap(ui, 6.0);
    let field = Field::new("Server").icon(Icon::Server).state(FieldState::Disabled);
    field.suffix(None, "new", colours.text_3).show(ui, &mut form.server);
    gap(ui, space::X5);
    card(ui, fingerprint, form, actions);
    gap(ui, space::X5);
    waiting(ui, form);
}

/// Name and password wait until the key is trusted.
fn waiting(ui: &mut Ui, form: &mut SignInForm) {
    let colours = palette(ui);
    let width = (ui.available_width() - space::X4) / 2.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X4;
        for (name, text, hint) in
            [("Name", &mut form.name, ""), ("Password", &mut String::new(), "Never sent to the server")]
        {
            ui.vertical(|ui| {
                ui.set_width(width);
                label(ui, ink(style::LABEL, colours.text), name);
                gap(ui, 6.0);
                Field::new(name).hint(hint).state(FieldState::Disabled).show(ui, text);
            });
        }
    });
}

fn card(ui: &mut Ui, fingerprint: &[String], form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    let ground = ui.painter().add(eframe::egui::Shape::Noop);
    let outer = Rect::from_min_size(ui.cursor().min, Vec2::new(ui.available_width(), 0.0));
    let inner = Rect::from_min_max(
        outer.min + Vec2::splat(space::X5 + 1.0),
        pos2(outer.right() - space::X5 - 1.0, f32::INFINITY),
    );
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::top_down(Align::Min)));
    let body = &mut child;
    body.horizontal(|ui| {
        let (sign, _) = ui.allocate_exact_size(Vec2::splat(icon_size::LARGE + 2.0), Sense::hover());
        icon(ui.painter(), Icon::FingerprintPattern, sign.center(), icon_size::LARGE, colours.accent);
        gap(ui, space::X3);
        label(ui, ink(style::STRONG, colours.text), "First time here. Is this your server?");
    });
    gap(body, space::X2);
    let text = "Compare the fingerprint with the one that whoever runs the server gave you, or that the server printed at its start.";
    paragraph(body, ink(style::SMALL, colours.text_2), text);
    gap(body, space::X4);
    groups(body, fingerprint, actions);
    gap(body, space::X4);
    body.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3;
        let trust = ui.add(Button::new(ButtonKind::Primary, "It matches, trust it"));
        form.claim_later(ui, &trust);
        if trust.clicked() {
            actions.push(SignInAction::Trust);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Do not connect")).clicked() {
            actions.push(SignInAction::DoNotConnect);
        }
    });
    let bottom = child.min_rect().bottom() + space::X5;
    let card = Rect::from_min_max(outer.min, pos2(outer.right(), bottom));
    let shape = eframe::egui::epaint::RectShape::new(
        card,
        radius::CARD,
        colours.bg_raised,
        (stroke::HAIRLINE, colours.line_field),
        eframe::egui::StrokeKind::Inside,
    );
    ui.painter().set(ground, shape);
    ui.allocate_rect(card, Sense::hover());
}

/// Groups of four in a row.
const IN_A_ROW: usize = 4;
/// From one group to the next.
const GROUP: f32 = 80.0;

fn groups(ui: &mut Ui, fingerprint: &[String], actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    let lines = fingerprint.len().div_ceil(IN_A_ROW);
    let height = lines as f32 * style::CODE_DIGITS.line + 2.0 * space::X3 + 2.0;
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), height), Sense::hover());
    fill(ui.painter(), rect, radius::FIELD, colours.bg_field);
    rule(ui.painter(), rect, radius::FIELD, stroke::HAIRLINE, colours.line);
    for (index, group) in fingerprint.iter().enumerate() {
        let (row, column) = (index / IN_A_ROW, index % IN_A_ROW);
        let at =
            rect.min + Vec2::new(15.0 + column as f32 * GROUP, space::X3 + 1.0 + row as f32 * style::CODE_DIGITS.line);
        let words = galley(ui.painter(), code(style::CODE_DIGITS, colours.text), group);
        put(ui.painter(), eframe::egui::Align2::LEFT_TOP, at, words);
    }
    let all = fingerprint.join(" ");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Fingerprint {all}")));
    let corner = rect.right_top() + Vec2::new(-30.0, 25.0);
    if IconButton::new(Icon::Copy, "Copy fingerprint").at(ui, corner).clicked() {
        actions.push(SignInAction::Copy(all));
    }
}

/// A server shows another key than the pinned one.
pub(super) fn changed(
    ui: &mut Ui,
    (pinned, pinned_on): (&str, &str),
    shown: &str,
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    let colours = palette(ui);
    ui.horizontal(|ui| {
        let (sign, _) = ui.allocate_exact_size(Vec2::new(20.0, style::TITLE.line), Sense::hover());
        icon(ui.painter(), Icon::ShieldAlert, sign.center(), 20.0, colours.danger);
        gap(ui, space::X3);
        label(ui, ink(style::TITLE, colours.danger), "The server’s key has changed");
    });
    gap(ui, space::X4);
    let text = format!(
        "This is not the server you trusted on {pinned_on}. Either it was set up anew, or somebody sits in between. Nothing was sent."
    );
    paragraph(ui, ink(style::SMALL, colours.text_2), &text);
    for (head, key, tone) in [("Trusted", pinned, colours.text), ("Offered now", shown, colours.danger)] {
        gap(ui, space::X4);
        label(ui, ink(style::META, colours.text_3), head);
        label(ui, code(style::MONO, tone), key);
    }
    gap(ui, space::X6);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3;
        let disconnect = ui.add(Button::new(ButtonKind::Primary, "Disconnect").form());
        form.claim(&disconnect);
        if disconnect.clicked() {
            actions.push(SignInAction::DoNotConnect);
        }
        if ui.add(Button::new(ButtonKind::OutlineDanger, "Trust the new key…").form()).clicked() {
            actions.push(SignInAction::TrustNewKey);
        }
    });
}
