//! The settings, which apply at once.

mod appearance;
mod files;
mod notifications;
mod pages;
mod row;

use eframe::egui::{
    Align, Align2, Color32, Context, CursorIcon, Layout, Rect, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2,
};
use lucide_icons::Icon;

use super::sign_in::Hosting;
use whoelse_model::Receipts;

use crate::composer::{SendKey, Shortcodes};
use crate::kit::{
    Dialog, IconButton, Ring, choosable, dialog, fill, focus_ring, galley, hairline_right, icon, label, put, tip,
};
use crate::theme::{Motion, TextSize, icon as icon_size, ink, palette, radius, region, space, style};
use crate::timeline::Look;

/// What the user has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Dark, light, or as the system is.
    pub theme: Shade,
    /// How messages look.
    pub look: Look,
    /// How large everything is.
    pub text_size: TextSize,
    /// Whether things move.
    pub motion: Motion,
    /// Whether the list hides what was written.
    pub hide_previews: bool,
    /// Whether others learn what was read.
    pub receipts: Receipts,
    /// Whether shortcodes become emoji.
    pub shortcodes: Shortcodes,
    /// Which key sends.
    pub send_key: SendKey,
    /// Whether messages stay on this computer.
    pub keep: Keep,
    /// Whether private messages stay on this computer.
    pub keep_private: KeepPrivate,
    /// Whether others may learn this computer's address.
    pub address: Address,
    /// What a notification says.
    pub notify: Notify,
    /// Whether closing the window ends the app.
    pub on_close: OnClose,
}

/// Dark or light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shade {
    /// As the system is.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// What a notification says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// Who wrote, and what.
    #[default]
    Everything,
    /// Who wrote.
    NameOnly,
    /// That something arrived.
    NoDetails,
}

/// Whether messages stay on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// They do.
    #[default]
    Messages,
    /// Only what waits to be sent.
    Nothing,
}

/// Whether private messages stay on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeepPrivate {
    /// They go with the session.
    #[default]
    Nothing,
    /// They do.
    Messages,
}

/// Whether others may learn this computer's address in private sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Address {
    /// Those with whom there is a session.
    #[default]
    Shown,
    /// Nobody: the server's relay stands in between.
    Hidden,
}

/// What closing the window does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClose {
    /// The app goes on in the tray.
    #[default]
    Tray,
    /// The app ends.
    Quit,
}

/// The settings as they are shown.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which section is shown.
    pub section: Section,
    /// What is chosen.
    pub preferences: Preferences,
    /// About the session.
    pub account: Account,
    /// Whom the user has blocked; `None` while it is not known.
    pub blocked: Option<Vec<String>>,
    /// Whether there is a tray to close to.
    pub has_tray: bool,
    /// The server on this computer, if there is one.
    pub hosting: Option<Hosting>,
    /// While no notification is shown, what stands behind "do not disturb": " until 17:30", or nothing.
    pub undisturbed: Option<String>,
    /// Where files go that are fetched.
    pub downloads: Downloads,
    /// What stands in the search field of the keys.
    pub key_search: String,
}

/// Where files go that are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Downloads {
    /// Into this folder of the profile.
    Usual(String),
    /// Into this folder, which the user chose.
    Chosen(String),
}

/// About the session.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The user's name.
    pub name: String,
    /// The server's name.
    pub server: String,
    /// Its address.
    pub address: String,
    /// The fingerprint of its key.
    pub fingerprint: String,
    /// When that was pinned.
    pub pinned: String,
    /// When the session began.
    pub since: String,
    /// The profile.
    pub profile: String,
}

/// A section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// The session.
    Account,
    /// How it looks.
    #[default]
    Appearance,
    /// Writing, and what is kept.
    Messages,
    /// What is told.
    Notifications,
    /// Where files go.
    Files,
    /// Blocked people.
    Privacy,
    /// The server.
    Network,
    /// The keys.
    Keyboard,
    /// About the app.
    About,
}

impl Section {
    const ALL: [(Self, Icon, &'static str); 9] = [
        (Self::Account, Icon::CircleUser, "Account"),
        (Self::Appearance, Icon::SunMoon, "Appearance"),
        (Self::Messages, Icon::MessageSquare, "Messages"),
        (Self::Notifications, Icon::Bell, "Notifications"),
        (Self::Files, Icon::FolderDown, "Files"),
        (Self::Privacy, Icon::ShieldCheck, "Privacy"),
        (Self::Network, Icon::Network, "Network"),
        (Self::Keyboard, Icon::Keyboard, "Keyboard"),
        (Self::About, Icon::Info, "About"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(section, ..)| *section == self).map_or("", |(_, _, name)| name)
    }
}

/// What the user did in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsAction {
    /// Show a section.
    Show(Section),
    /// These are chosen now.
    Change(Preferences),
    /// Unblock somebody.
    Unblock(String),
    /// Delete every message on this computer.
    ClearHistory,
    /// Change the password.
    ChangePassword,
    /// End the session.
    SignOut,
    /// Start the server on this computer.
    ShowHost,
    /// Stop it.
    StopHost,
    /// Show no notifications, for a time that is asked for.
    DoNotDisturb,
    /// Show notifications again.
    EndDoNotDisturb,
    /// Choose the folder where files go.
    ChooseDownloads,
    /// Let files go into the profile again.
    UsualDownloads,
    /// Show the folder where files go.
    OpenDownloads,
    /// Copy words.
    Copy(String),
    /// What stands in the search field of the keys.
    SearchKeys(String),
    /// Put the settings away.
    Close,
}

/// Width of the sections.
const SIDE: f32 = 204.0;
const ITEM: f32 = 38.0;

/// Draws the settings.
#[must_use]
pub fn show(ctx: &Context, state: &Settings) -> Vec<SettingsAction> {
    let mut actions = Vec::new();
    let [width, height] = region::SETTINGS;
    let shape = Dialog { name: "Settings", size: Vec2::new(width, height), top: None };
    let close = dialog(ctx, shape, |ui| {
        let rect = ui.max_rect();
        let rect = Rect::from_min_size(rect.min, Vec2::new(rect.width(), rect.height().max(ui.min_rect().height())));
        let side = if rect.width() < region::ONE_COLUMN_BELOW { 56.0 } else { SIDE };
        let (left, right) = rect.split_left_right_at_x(rect.left() + side);
        sections(ui, left, state, side < SIDE, &mut actions);
        page(ui, right, state, &mut actions);
        ui.allocate_rect(rect, Sense::hover());
    });
    if close {
        actions.push(SettingsAction::Close);
    }
    actions
}

fn sections(ui: &mut Ui, rect: Rect, state: &Settings, small: bool, actions: &mut Vec<SettingsAction>) {
    let colours = palette(ui);
    let round = eframe::egui::CornerRadius::from(radius::DIALOG);
    let corners = eframe::egui::CornerRadius { ne: 0, se: 0, ..round };
    ui.painter().rect_filled(rect, corners, colours.bg_side);
    hairline_right(ui.painter(), rect, colours.line);
    let builder = UiBuilder::new().max_rect(rect.shrink2(Vec2::new(8.0, 0.0))).id_salt("sections");
    ui.scope_builder(builder.layout(Layout::top_down(Align::Min)), |ui| {
        let (head, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 56.0), Sense::hover());
        if !small {
            let words = galley(ui.painter(), ink(style::HEADING, colours.text), "Settings");
            put(ui.painter(), Align2::LEFT_CENTER, head.left_center() + Vec2::new(12.0, 3.0), words);
        }
        for (section, glyph, name) in Section::ALL {
            if item(ui, glyph, name, section == state.section, small) {
                actions.push(SettingsAction::Show(section));
            }
        }
    });
    if !small {
        let words = galley(ui.painter(), ink(style::META, colours.text_2), "Changes apply at once.");
        put(ui.painter(), Align2::LEFT_CENTER, pos2(rect.left() + 20.0, rect.bottom() - 21.0), words);
    }
}

fn item(ui: &mut Ui, glyph: Icon, name: &str, chosen: bool, small: bool) -> bool {
    let colours = palette(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ITEM), Sense::click());
    let rect = rect.shrink2(Vec2::new(0.0, 1.0));
    let (surface, sign, letters, format) = if chosen {
        (colours.selected, colours.accent, colours.text, style::LABEL.weight(600.0))
    } else if response.hovered() {
        (colours.hover, colours.text_2, colours.text, style::LABEL)
    } else {
        (Color32::TRANSPARENT, colours.text_2, colours.text_2, style::LABEL)
    };
    fill(ui.painter(), rect, radius::FIELD, surface);
    icon(ui.painter(), glyph, rect.left_center() + Vec2::new(20.0, 0.0), icon_size::LARGE, sign);
    if !small {
        let words = galley(ui.painter(), ink(format, letters), name);
        put(ui.painter(), Align2::LEFT_CENTER, rect.left_center() + Vec2::new(40.0, 0.0), words);
    }
    focus_ring(ui, &response, rect, radius::FIELD, Ring::Inside);
    choosable(&response, || WidgetInfo::selected(Role::Tab, true, chosen, name));
    // When the settings open, the keyboard is where the page is.
    if chosen && ui.memory(|memory| memory.focused().is_none()) {
        response.request_focus();
    }
    let response = if small { tip(response, name) } else { response };
    if response.clicked() {
        response.request_focus();
    }
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

fn page(ui: &mut Ui, rect: Rect, state: &Settings, actions: &mut Vec<SettingsAction>) {
    let colours = palette(ui);
    let inner = rect.shrink2(Vec2::new(28.0, 20.0));
    let builder = UiBuilder::new().max_rect(inner).id_salt("page").layout(Layout::top_down(Align::Min));
    ui.scope_builder(builder, |ui| {
        label(ui, ink(style::TITLE, colours.text), state.section.name());
        crate::kit::space(ui, space::X4);
        let scroll = eframe::egui::ScrollArea::vertical().id_salt(("page", state.section.name()));
        scroll.auto_shrink([false, false]).show(ui, |ui| {
            content(ui, state, actions);
            crate::kit::space(ui, space::X5);
        });
    });
    let cross = pos2(rect.right() - 37.0, rect.top() + 34.0);
    if IconButton::new(Icon::X, "Close settings").at(ui, cross).clicked() {
        actions.push(SettingsAction::Close);
    }
}

fn content(ui: &mut Ui, state: &Settings, actions: &mut Vec<SettingsAction>) {
    match state.section {
        Section::Account => pages::account(ui, state, actions),
        Section::Appearance => appearance::show(ui, state, actions),
        Section::Messages => pages::messages(ui, state, actions),
        Section::Notifications => notifications::show(ui, state, actions),
        Section::Files => files::show(ui, state, actions),
        Section::Privacy => pages::privacy(ui, state, actions),
        Section::Network => pages::network(ui, state, actions),
        Section::Keyboard => {
            let _ = super::keys::list(ui, &state.key_search, |text| actions.push(SettingsAction::SearchKeys(text)));
        }
        Section::About => pages::about(ui, state),
    }
}
