//! The app: what happened flows from the runtime into the model, what the person does flows from the views into the
//! model, and what the model asks for is done. It decides nothing that the model decides, and draws nothing itself.

mod account;
mod act;
mod activity;
mod applies;
mod asking;
mod bars;
mod cards;
mod caret;
mod chats;
mod clock;
mod desktop;
mod downloads;
mod engine;
mod entries;
mod export;
mod exports;
mod finding;
mod first_screen;
mod found;
mod hosting;
mod in_order;
mod offers;
mod open_chat;
mod outside;
mod overlay;
mod palette;
mod password;
mod past;
mod people;
mod pictures;
mod popped;
mod private;
mod query;
mod quiet;
mod regions;
mod run;
mod screen;
mod sending;
mod shared_files;
mod sign_in;
mod tabs;
mod taking;
mod toast;
mod waker;
mod window;
pub mod words;
mod wrong;

use std::collections::BTreeMap;

use eframe::egui::{self, Context, Popup, Ui, ViewportCommand};
use whoelse_client::{Profile, Runtime, now};
use whoelse_model::{Action, ChatId, Look};
use whoelse_proto::{Invitation, Seconds, Timestamp};

pub use clock::{Clock, seconds_until};
pub use desktop::{Desktop, DesktopEvent, NoDesktop, System};
pub use in_order::InOrder;
pub use window::open;

use crate::command::Verb;
use crate::kit::name_window;
use crate::platform::host::{Host, State};
use crate::platform::picker::Picker;
use crate::platform::settings::{Geometry, Keeper, Settings};
use crate::platform::surroundings::Screen;
use crate::platform::tray::Face;
use crate::platform::window::is_hidden;
use crate::theme;
use crate::view::Main;
use crate::view::password::PasswordForm;
use activity::{Activity, Attention};
use asking::Asking;
use caret::Caret;
use engine::{Engine, Outward};
use export::Export;
use exports::Exports;
use finding::Finding;
use found::FoundState;
use hosting::WaitsForHost;
use open_chat::OpenChat;
use outside::Around;
use overlay::Overlay;
use palette::Palette;
use past::PastPanel;
use people::{ListState, Made};
use pictures::Pictures;
use sending::Sending;
use shared_files::FilesPanel;

use first_screen::FirstScreen;
use tabs::Tabs;
use toast::Toast;
use waker::Waker;
use window::Ending;

/// What an app begins with.
pub struct Start {
    /// Whose keys, history and settings.
    pub profile: Profile,
    /// What the user likes.
    pub settings: Settings,
    /// The desktop around the window.
    pub desktop: Box<dyn Desktop>,
    /// The person's clock.
    pub clock: Clock,
    /// The server to begin with, instead of the one used last.
    pub server: Option<Invitation>,
    /// The profile's name.
    pub profile_name: String,
}

/// The desktop app.
pub struct App {
    engine: Engine,
    profile: Profile,
    settings: Settings,
    desktop: Box<dyn Desktop>,
    clock: Clock,
    waker: Waker,
    tabs: Tabs,
    chats: BTreeMap<ChatId, OpenChat>,
    /// Chats in windows of their own.
    popped: Vec<ChatId>,
    list: ListState,
    main: Main,
    made: Option<Made>,
    first: FirstScreen,
    host: Host,
    host_state: State,
    waits_for_host: WaitsForHost,
    finding: Finding,
    found: FoundState,
    geometry: Option<Geometry>,
    ending: Ending,
    overlay: Option<Overlay>,
    /// What is typed to change the password.
    password: PasswordForm,
    palette: Option<Palette>,
    past: PastPanel,
    files: FilesPanel,
    sending: Sending,
    pictures: Pictures,
    exports: Exports,
    export: Option<Export>,
    toast: Option<Toast>,
    keeper: Option<Keeper>,
    /// A session that the profile kept is being taken up.
    resuming: bool,
    /// Whether the window of somebody who is signed in was shown.
    was_in: bool,
    timeout: Option<Seconds>,
    activity: Activity,
    around: Around,
    look: Look,
    title: String,
    face: Face,
    /// When a draft was changed that may not be on disk yet.
    drafted: Option<Timestamp>,
    warm: bool,
    caret: Caret,
    /// Whom the person has asked for a private session.
    asking: Asking,
}

impl App {
    /// Starts the runtime of a profile; the window is `ctx`'s.
    ///
    /// # Errors
    /// [`whoelse_client::Error::Thread`].
    pub fn new(ctx: &Context, start: Start) -> whoelse_client::Result<Self> {
        theme::install_fonts(ctx);
        InOrder::install(ctx);
        let Start { profile, settings, desktop, clock, server, profile_name } = start;
        let waker = Waker::new(ctx.clone());
        let runtime = Runtime::start(profile.clone(), waker.callback())?;
        let exports = Exports::new(waker.clone(), profile.folder());
        let pictures = Pictures::new(waker.clone());
        let wake = waker.wake_fn();
        let host = Host::new(profile.folder(), wake.clone());
        let keeper = Keeper::start(profile.folder().to_owned());
        let keeper = keeper.inspect_err(|error| tracing::warn!("{error}: settings are not kept")).ok();
        let mut app = Self {
            engine: Engine::new(runtime),
            profile,
            settings,
            desktop,
            clock,
            waker,
            tabs: Tabs::default(),
            chats: BTreeMap::new(),
            popped: Vec::new(),
            list: ListState::default(),
            main: screen::empty(),
            made: None,
            first: FirstScreen::new(profile_name),
            host,
            host_state: State::Stopped,
            waits_for_host: WaitsForHost::default(),
            finding: Finding::default(),
            found: FoundState::default(),
            geometry: None,
            ending: Ending::No,
            overlay: None,
            password: PasswordForm::default(),
            palette: None,
            past: PastPanel::default(),
            files: FilesPanel::default(),
            sending: Sending::new(Picker::new(wake.clone())),
            pictures,
            exports,
            export: None,
            toast: None,
            keeper,
            resuming: false,
            was_in: false,
            timeout: None,
            activity: Activity::default(),
            around: Around::default(),
            look: Look::Here,
            title: String::new(),
            face: Face::default(),
            drafted: None,
            warm: false,
            caret: Caret::default(),
            asking: Asking::default(),
        };
        app.apply_settings(ctx);
        app.show_address();
        app.tell_read();
        app.list_servers();
        let hosts_again = app.start_host_again();
        match server {
            Some(server) => app.first.prefill(&server),
            None if hosts_again => app.waits_for_host = WaitsForHost::Yes,
            None => app.resume(),
        }
        Ok(app)
    }

    /// What the user can see.
    #[must_use]
    pub const fn model(&self) -> &whoelse_model::Model {
        self.engine.model()
    }

    /// What stands in the composer of the chat with somebody.
    #[must_use]
    pub fn draft_of(&self, name: &str) -> Option<String> {
        let chat = ChatId::Direct(whoelse_proto::UserName::new(name).ok()?);
        self.model().chats().get(&chat).map(|chat| chat.draft().to_owned())
    }

    /// Takes in what the runtime told, and does what follows; the window may be hidden.
    pub fn tick(&mut self, ctx: &Context) {
        self.waker.drawn();
        self.engine.drain();
        self.follow_session();
        self.follow_host();
        self.take_desktop_events(ctx);
        self.look_at(ctx);
        self.keep_drafts(ctx);
        for outward in self.engine.outward() {
            self.outward(ctx, outward);
        }
        self.follow_jump();
        self.follow_asking();
        self.dismiss_mistyped();
        self.take_files(ctx);
        self.take_unasked();
        self.pictures.follow(ctx, self.engine.model().transfers());
        self.take_notices();
        self.take_exported();
        self.take_outcomes();
        self.set_title(ctx);
        self.follow_window(ctx);
    }

    /// What became of files that were written.
    fn take_outcomes(&mut self) {
        while let Some(outcome) = self.exports.outcome() {
            match outcome {
                Ok(path) => self.tell_of_file(path),
                Err(cause) => self.tell(format!("Not saved: {cause}.")),
            }
        }
        let failure = self.keeper.as_ref().and_then(Keeper::take_failure);
        if let Some(error) = failure {
            self.tell(format!("The settings could not be saved: {error}."));
        }
    }

    /// Puts the settings on disk, without waiting.
    fn keep_settings(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.keep(self.settings.clone());
        }
    }

    /// Draws the window.
    pub fn draw(&mut self, ui: &mut Ui) {
        if !std::mem::replace(&mut self.warm, true) {
            theme::warm_up(ui.ctx());
        }
        name_window(ui.ctx(), &self.title);
        if is_hidden(ui.ctx()) {
            if self.is_main_shown() {
                self.show_popped(ui.ctx());
            }
            return;
        }
        self.caret.follow(ui.ctx());
        // Esc that closes a menu closes nothing else.
        let in_popup = Popup::is_any_open(ui.ctx());
        self.stay_while_active(ui.ctx());
        self.take_keys(ui.ctx());
        self.give_search_keyboard(ui.ctx());
        self.show(ui);
        if self.is_main_shown() {
            self.show_popped(ui.ctx());
        }
        self.show_overlay(ui.ctx());
        self.show_palette(ui.ctx());
        self.show_toast(ui.ctx());
        crate::kit::give_focus_back(ui.ctx());
        if !in_popup {
            self.take_escape(ui.ctx());
        }
    }

    fn outward(&mut self, ctx: &Context, outward: Outward) {
        match outward {
            Outward::Notify(notification) => self.notify(notification),
            Outward::NotifyAsked(by) => self.notify_asked(by),
            Outward::NotifyOffered(by, name) => self.notify_offered(by, name.as_str()),
            Outward::PasswordChanged => self.forget_kept_password(),
            Outward::ShowHelp(_) => self.run(ctx, Verb::Keys),
            Outward::ShowWhoElse => self.show_who_was_online(),
        }
    }

    /// Whether the person looks at a chat: one of the windows has the focus, and shows it.
    fn look_at(&mut self, ctx: &Context) {
        let focused = ctx.input(|input| {
            let focused = input.raw.viewports.values().filter_map(|viewport| viewport.focused);
            focused.reduce(|one, other| one || other).unwrap_or(input.raw.focused)
        });
        let is_open = self.around.screen == Screen::Open;
        self.tell_end_of_session(if focused && is_open { Attention::Here } else { Attention::Elsewhere });
        let look = if focused && is_open && self.tabs.shown_chat().is_some() { Look::Here } else { Look::Away };
        if look != self.look {
            self.look = look;
            self.engine.act(Action::Look(look));
        }
    }

    /// A pause in typing puts the drafts on disk.
    fn keep_drafts(&mut self, ctx: &Context) {
        let Some(at) = self.drafted else { return };
        let left = at.plus_millis(DRAFT_PAUSE_MS).millis().saturating_sub(now().millis());
        if left == 0 {
            self.drafted = None;
            self.engine.act(Action::KeepDrafts);
        } else {
            ctx.request_repaint_after(std::time::Duration::from_millis(left));
        }
    }

    fn set_title(&mut self, ctx: &Context) {
        let unread = self.model().chats().unread();
        let name = self.model().session().name().filter(|_| self.model().session().is_signed_in());
        let name = name.map_or("Whoelse".to_owned(), |name| format!("{name} – Whoelse"));
        let title = if unread == 0 { name } else { format!("({unread}) {name}") };
        if title != self.title {
            ctx.send_viewport_cmd_to(egui::ViewportId::ROOT, ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        self.show_face(ctx);
    }
}

/// Milliseconds without a key after which drafts go to disk.
const DRAFT_PAUSE_MS: u64 = 1_000;

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        self.tick(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.draw(ui);
    }
}

impl Drop for App {
    /// What is being written, and where the window was, is there at the next start.
    fn drop(&mut self) {
        self.engine.act(Action::KeepDrafts);
        self.keep_geometry();
        self.end_unasked();
    }
}
