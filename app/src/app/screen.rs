//! Which screen is shown, and the window of somebody who is signed in.

use eframe::egui::{Context, Rect, Ui};
use lucide_icons::Icon;
use whoelse_client::now;
use whoelse_model::{ChatId, Model, Phase, Receipts, Section};
use whoelse_proto::{Invitation, Timestamp};

use super::entries::Scope;
use super::open_chat::{OpenChat, Surroundings};
use super::people::{self, Made};
use super::pictures::Pictures;
use super::tabs::Tab;
use super::{App, Clock, bars, words};
use crate::composer::{SendKey, Shortcodes};
use crate::kit::{Stay, TabIcon};
use crate::platform::settings::{self, Density, Settings};
use crate::theme::region;
use crate::timeline::Look;
use crate::view::search;
use crate::view::{self, Action, Bars, Center, Contacts, FirstStart, Main, NoChat, Panel, Server, TabItem};

impl App {
    /// Draws the screen there is, and does what the person does in it.
    pub(super) fn show(&mut self, ui: &mut Ui) {
        let rect = ui.max_rect();
        if self.is_main_shown() {
            self.show_main(ui, rect);
        } else {
            self.show_sign_in(ui, rect);
        }
    }

    /// Whether the person is in, or about to be with a kept session.
    pub(super) fn is_main_shown(&self) -> bool {
        let session = self.model().session();
        session.is_signed_in() || (self.resuming && *session.phase() == Phase::Connecting)
    }

    fn show_main(&mut self, ui: &mut Ui, rect: Rect) {
        let now = now();
        self.list.shown = self.tabs.shown_chat().cloned();
        self.list.hide_previews = self.settings.hide_previews;
        self.list.hide_read = !self.settings.send_receipts;
        self.list.undisturbed = self.undisturbed_until();
        self.list.panel = match self.tabs.shown() {
            Some(Tab::Panel(panel)) => Some(*panel),
            Some(Tab::Chat(_)) | None => None,
        };
        self.sync_main(now);
        super::quiet::wake_at(ui.ctx(), self.made.as_ref().and_then(|made| made.until));
        let hosted = if self.tabs.shown().is_none() { self.hosted_invitation() } else { None };
        let first = self.tabs.shown().is_none() && is_first(self.engine.model());
        self.main.invitation = first.then(|| invitation(self.engine.model(), hosted.as_deref()));
        self.main.bars = bars::bars(ui.ctx(), self.engine.model(), self.lost_to(), &self.clock, now);
        self.main.request = self.request(ui.ctx(), now);
        self.main.asked = self.asked_words(ui.ctx(), now);
        let Self { main, chats, engine, tabs, settings, clock, finding, pictures, .. } = self;
        let model = engine.model();
        let narrow = rect.width() < region::ONE_COLUMN_BELOW;
        let query = finding.query(tabs.shown_chat());
        let bar = if finding.is_open_in(tabs.shown_chat()) { search::BAR } else { 0.0 };
        let with = Surroundings { query, bar, ..surroundings(model, settings, (clock, pictures), now, narrow) };
        let (mut panel, mut chat_rect) = (None, None);
        let actions = view::show_main(ui, rect, main, |ui, center, actions| match tabs.shown() {
            Some(Tab::Chat(chat)) => {
                chat_rect = Some(center.rect);
                show_chat(ui, center, chat, chats, with, actions);
            }
            Some(Tab::Panel(shown)) => panel = Some((*shown, center)),
            None => show_nothing(ui, center, model, hosted.as_deref(), actions),
        });
        if let Some(rect) = chat_rect {
            self.show_finding(ui, rect);
        }
        if let Some((panel, center)) = panel {
            self.show_panel(ui, panel, center);
        }
        self.show_drop(ui, rect);
        for action in actions {
            self.perform(ui.ctx(), action);
        }
    }

    /// In one column, shows the list.
    pub(super) fn leave_tab(&mut self) {
        self.tabs.leave();
        self.keep_tabs();
    }

    /// Makes the list this wide, and keeps it.
    pub(super) fn resize_list(&mut self, width: f32) {
        self.settings.list_width = Some(width);
        self.keep_settings();
    }

    fn show_panel(&mut self, ui: &mut Ui, panel: Panel, center: Center) {
        match panel {
            Panel::WhoWasOnline => self.show_past(ui, center),
            Panel::Search => self.show_find_all(ui, center),
            Panel::SharedFiles => self.show_files(ui, center),
        }
    }

    /// Makes the list and the tabs anew where something in them has changed.
    fn sync_main(&mut self, now: Timestamp) {
        let model = self.engine.model();
        if !self.made.as_ref().is_some_and(|made| made.holds(model, &self.clock, now, &self.list)) {
            self.main.contacts = people::contacts(model, &self.clock, now, &self.list);
            self.made = Some(Made::of(model, &self.clock, now, &self.list));
        }
        self.main.contacts.found = self.found();
        let model = self.engine.model();
        let unread = |chat: &ChatId| model.chats().get(chat).map_or(0, whoelse_model::Chat::unread);
        self.main.tabs = self.tabs.all().iter().map(|tab| tab_item(tab, self.tabs.is_preview(tab), unread)).collect();
        self.main.side_width = self.settings.list_width.unwrap_or(region::SIDE_DEFAULT);
        self.main.active = self.tabs.active();
    }
}

/// Whether the window shows one column: the list, or what is open.
pub(super) fn is_one_column(ctx: &Context) -> bool {
    ctx.content_rect().width() < region::ONE_COLUMN_BELOW
}

/// What chats are drawn with.
pub(super) fn surroundings<'a>(
    model: &'a Model,
    settings: &'a Settings,
    (clock, pictures): (&'a Clock, &'a Pictures),
    now: Timestamp,
    narrow: bool,
) -> Surroundings<'a> {
    let me = model.session().name().map_or("", |name| name.as_str());
    let look = match settings.density {
        Density::Compact => Look::Compact,
        Density::Bubbles => Look::Bubbles,
    };
    let send_key = match settings.send_key {
        settings::SendKey::Enter => SendKey::Enter,
        settings::SendKey::CtrlEnter => SendKey::CtrlEnter,
    };
    let shortcodes = if settings.emoji_shortcodes { Shortcodes::BecomeEmoji } else { Shortcodes::StayText };
    let (recent_emoji, take_from) = (&settings.recent_emoji, &settings.take_from);
    let keeps_private = settings.keep_private;
    let receipts = if settings.send_receipts { Receipts::Sent } else { Receipts::Withheld };
    let scope = Scope { clock, now, me, transfers: model.transfers(), pictures, keeps_private, receipts };
    Surroundings { model, scope, look, send_key, shortcodes, recent_emoji, take_from, query: "", bar: 0.0, narrow }
}

fn show_chat(
    ui: &mut Ui,
    center: Center,
    chat: &ChatId,
    chats: &mut std::collections::BTreeMap<ChatId, OpenChat>,
    with: Surroundings<'_>,
    actions: &mut Vec<Action>,
) {
    let (Some(open), Some(known)) = (chats.get_mut(chat), with.model.chats().get(chat)) else { return };
    actions.extend(open.show(ui, center.rect, known, with));
}

/// Whether nobody else has an account.
fn is_first(model: &Model) -> bool {
    let contacts = model.contacts();
    model.session().is_online() && contacts.count(Section::Online) + contacts.count(Section::Offline) == 0
}

/// What others join with: that of the server here, or the address at which the person is signed in.
fn invitation(model: &Model, hosted: Option<&str>) -> String {
    let joined = model
        .session()
        .server()
        .map(|server| Invitation { fingerprint: server.fingerprint, ..server.address.address() }.to_string());
    hosted.map(str::to_owned).or(joined).unwrap_or_default()
}

/// No tab is shown: how to begin.
fn show_nothing(ui: &mut Ui, center: Center, model: &Model, hosted: Option<&str>, actions: &mut Vec<Action>) {
    let online = model.contacts().count(Section::Online);
    if !is_first(model) {
        NoChat { online }.show(ui, center.rect, actions);
        return;
    }
    FirstStart { invitation: invitation(model, hosted) }.show(ui, center.rect, actions);
}

fn tab_item(tab: &Tab, is_preview: bool, unread: impl Fn(&ChatId) -> u32) -> TabItem {
    let stay = if is_preview { Stay::Preview } else { Stay::Kept };
    let (name, icon) = match tab {
        Tab::Chat(chat @ ChatId::Everyone) => (words::tab_name(chat), TabIcon::Icon(Icon::Megaphone)),
        Tab::Chat(chat @ ChatId::Direct(_)) => (words::tab_name(chat), TabIcon::Avatar),
        Tab::Chat(chat @ ChatId::Private(_)) => (words::tab_name(chat), TabIcon::Icon(Icon::Lock)),
        Tab::Panel(Panel::WhoWasOnline) => ("Who was online".to_owned(), TabIcon::Icon(Icon::History)),
        Tab::Panel(Panel::Search) => ("Search".to_owned(), TabIcon::Icon(Icon::Search)),
        Tab::Panel(Panel::SharedFiles) => ("Shared files".to_owned(), TabIcon::Icon(Icon::FolderSync)),
    };
    let private = matches!(tab, Tab::Chat(ChatId::Private(_)));
    TabItem { name, icon, unread: tab.chat().map_or(0, unread), private, closable: tab.is_closable(), stay }
}

/// A window of nobody.
pub(super) fn empty() -> Main {
    let everyone = view::ContactItem {
        chat: ChatId::Everyone,
        name: String::new(),
        presence: None,
        lead: String::new(),
        text: String::new(),
        time: String::new(),
        badge: view::ItemBadge::None,
        selected: false,
        blocked: false,
        muted: None,
        way: view::ItemWay::Server,
        in_session: false,
    };
    let contacts = Contacts {
        server: Server { name: String::new(), online: false },
        search: String::new(),
        everyone,
        sections: Vec::new(),
        me: String::new(),
        my_word: String::new(),
        panel: None,
        found: None,
    };
    Main {
        contacts,
        tabs: Vec::new(),
        active: None,
        bars: Bars::default(),
        request: None,
        asked: None,
        invitation: None,
        side_width: region::SIDE_DEFAULT,
    }
}
