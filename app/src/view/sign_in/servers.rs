//! The left half: who we are, and the servers that are known.

use eframe::egui::{Align2, Color32, CursorIcon, Rect, Response, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};
use lucide_icons::Icon;

use super::{Hosting, KnownServer, Page, SignIn, SignInAction};
use crate::kit::{
    Button, ButtonKind, Ring, choosable, elided, fill, focus_ring, galley, icon, label_at, logo, menu_item, menu_of,
    put, wrapped,
};
use crate::theme::{icon as icon_size, ink, palette, radius, region, space, style};

/// Room left and right.
const PAD: f32 = 23.0;
/// The disc before a server's name.
const DISC: f32 = 32.0;

/// Draws the servers over `rect`.
pub(super) fn show(ui: &mut Ui, rect: Rect, state: &SignIn, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    let left = rect.left() + PAD;
    logo(ui, pos2(left + 19.0, rect.top() + 46.0), 40.0);
    let words = left + 52.0;
    let room = rect.right() - PAD - words;
    let title = ink(style::TITLE, colours.text);
    label_at(ui, Align2::LEFT_CENTER, pos2(words, rect.top() + 37.0), title, "Whoelse", room);
    let tagline = ink(style::SMALL, colours.text_2);
    label_at(ui, Align2::LEFT_CENTER, pos2(words, rect.top() + 57.0), tagline, "Your team, your network", room);
    let section = ink(style::SECTION, colours.text_3);
    label_at(ui, Align2::LEFT_CENTER, pos2(left, rect.top() + 102.0), section, "Servers", room);
    let list = Rect::from_min_max(
        pos2(rect.left() + 12.0, rect.top() + 117.0),
        pos2(rect.right() - 12.0, rect.bottom() - FOOT),
    );
    let mut child = ui.new_child(UiBuilder::new().max_rect(list));
    eframe::egui::ScrollArea::vertical().id_salt("servers").auto_shrink([false, false]).show(&mut child, |ui| {
        rows(ui, state, actions);
    });
    if !matches!(state.page, Page::Host(Hosting::Running { .. })) {
        foot(ui, rect, actions);
    }
}

/// Room for the offer to host.
const FOOT: f32 = 108.0;

fn rows(ui: &mut Ui, state: &SignIn, actions: &mut Vec<SignInAction>) {
    for (index, server) in state.servers.iter().enumerate() {
        let glyph = if server.here { Icon::Monitor } else { Icon::Server };
        let response = row(ui, glyph, &server.title, &server.detail, state.chosen == Some(index));
        if response.clicked() {
            actions.push(SignInAction::Choose(Some(index)));
        }
        response.context_menu(|ui| forget(ui, server, index, actions));
    }
    if row(ui, Icon::Plus, add_words(state), "", state.chosen.is_none() && !matches!(state.page, Page::Host(_)))
        .clicked()
    {
        actions.push(SignInAction::Choose(None));
    }
}

/// What leads to a server that is not in the list.
const fn add_words(state: &SignIn) -> &'static str {
    if state.servers.is_empty() { "Add a server" } else { "Another server" }
}

fn forget(ui: &mut Ui, server: &KnownServer, index: usize, actions: &mut Vec<SignInAction>) {
    ui.set_width(220.0);
    let words = format!("Forget {}", server.title);
    if menu_item(ui, Some(Icon::Trash2), &words, "", palette(ui).danger).clicked() {
        actions.push(SignInAction::Forget(index));
    }
}

fn row(ui: &mut Ui, glyph: Icon, title: &str, detail: &str, chosen: bool) -> Response {
    let colours = palette(ui);
    let size = Vec2::new(ui.available_width(), region::CONTACT_ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let surface = match (chosen, response.hovered()) {
        (true, _) => colours.selected,
        (false, true) => colours.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    fill(ui.painter(), rect, radius::FIELD, surface);
    let disc = rect.left_center() + Vec2::new(10.0 + DISC / 2.0, 0.0);
    let (ground, tone) = if chosen { (colours.bg_chat, colours.accent) } else { (colours.press, colours.text_2) };
    ui.painter().circle_filled(disc, DISC / 2.0, ground);
    icon(ui.painter(), glyph, disc, icon_size::SMALL, tone);
    let left = disc.x + DISC / 2.0 + space::X4;
    let room = rect.right() - space::X3 - left;
    let raised = if detail.is_empty() { 0.0 } else { 9.0 };
    let words = elided(ui.painter(), ink(style::STRONG, colours.text), title, room);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y - raised), words);
    let words = elided(ui.painter(), ink(style::META, colours.text_2), detail, room);
    put(ui.painter(), Align2::LEFT_CENTER, pos2(left, rect.center().y + 9.0), words);
    focus_ring(ui, &response, rect, radius::FIELD, Ring::Inside);
    choosable(&response, || {
        let words = if detail.is_empty() { title.to_owned() } else { format!("{title}, {detail}") };
        WidgetInfo::selected(Role::ListBoxOption, true, chosen, words)
    });
    response.on_hover_cursor(CursorIcon::PointingHand)
}

fn foot(ui: &mut Ui, rect: Rect, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    let width = rect.width() - 2.0 * PAD;
    let words = wrapped(ui.painter(), ink(style::SMALL, colours.text_2), NO_SERVER, width);
    let button_top = rect.bottom() - 17.0 - 32.0;
    let at = pos2(rect.left() + PAD, button_top - space::X3 - words.size().y);
    put(ui.painter(), Align2::LEFT_TOP, at, words);
    let place = Rect::from_min_size(pos2(rect.left() + PAD, button_top), Vec2::new(width, 32.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(place));
    let button = Button::new(ButtonKind::Outline, "Host on this computer").icon(Icon::MonitorUp).width(width);
    if child.add(button).clicked() {
        actions.push(SignInAction::ShowHost);
    }
}

/// Before the offer to host.
const NO_SERVER: &str = "No server yet? This computer can be one for everybody on your network.";

/// The offer to host below the form, where there is room for one column only.
pub(super) fn offer(ui: &mut Ui, actions: &mut Vec<SignInAction>) {
    crate::kit::space(ui, space::X6);
    crate::kit::paragraph(ui, ink(style::SMALL, palette(ui).text_2), NO_SERVER);
    crate::kit::space(ui, space::X3);
    let button = Button::new(ButtonKind::Outline, "Host on this computer").icon(Icon::MonitorUp);
    if ui.add(button).clicked() {
        actions.push(SignInAction::ShowHost);
    }
}

/// In a narrower window the button of the menu has no icon, so that the name stands apart from it.
const ICON_FROM: f32 = 260.0;

/// The servers as a menu, where there is room for one column only.
pub(super) fn menu(ui: &mut Ui, state: &SignIn, actions: &mut Vec<SignInAction>) {
    let colours = palette(ui);
    let size = Vec2::new(ui.available_width(), 40.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    logo(ui, rect.left_center() + Vec2::new(16.0, 0.0), 32.0);
    let words = galley(ui.painter(), ink(style::TITLE, colours.text), "Whoelse");
    put(ui.painter(), Align2::LEFT_CENTER, rect.left_center() + Vec2::new(42.0, 0.0), words);
    let place = Rect::from_min_max(pos2(rect.right() - 120.0, rect.top() + 4.0), rect.max);
    let layout = eframe::egui::Layout::right_to_left(eframe::egui::Align::Min);
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).layout(layout));
    let button = Button::new(ButtonKind::Outline, "Servers");
    let button = child.add(if rect.width() < ICON_FROM { button } else { button.icon(Icon::Server) });
    menu_of(&button, 240.0, |ui| {
        for (index, server) in state.servers.iter().enumerate() {
            if menu_item(ui, Some(Icon::Server), &server.title, "", colours.text).clicked() {
                actions.push(SignInAction::Choose(Some(index)));
            }
        }
        if menu_item(ui, Some(Icon::Plus), add_words(state), "", colours.text).clicked() {
            actions.push(SignInAction::Choose(None));
        }
        if menu_item(ui, Some(Icon::MonitorUp), "Host on this computer", "", colours.text).clicked() {
            actions.push(SignInAction::ShowHost);
        }
    });
    crate::kit::space(ui, space::X5);
}
