//! Chats in windows of their own.

use eframe::egui::{Context, Ui, ViewportBuilder, ViewportId};
use whoelse_client::now;
use whoelse_model as model;
use whoelse_model::ChatId;

use super::screen::surroundings;
use super::{App, words};
use crate::kit::name_window;
use crate::view::Action;

/// Windows of chats at once: each is drawn with the main one.
const MOST_WINDOWS: usize = 8;

/// The size of such a window, in points.
const SIZE: [f32; 2] = [520.0, 680.0];
const LEAST_SIZE: [f32; 2] = [360.0, 360.0];

/// What came of drawing a window.
#[derive(Default)]
struct Drawn {
    actions: Vec<Action>,
    focused: bool,
    closed: bool,
}

impl App {
    /// Takes the chat that is shown out of the tabs, into a window of its own.
    pub(super) fn pop_out(&mut self) {
        let Some(chat) = self.tabs.shown_chat().cloned() else { return };
        if self.popped.contains(&chat) || self.popped.len() >= MOST_WINDOWS {
            return;
        }
        self.popped.push(chat);
        if let Some(index) = self.tabs.active() {
            // Everyone stays among the tabs as well.
            self.tabs.close(index);
        }
        self.arrive();
    }

    /// Draws the windows.
    pub(super) fn show_popped(&mut self, ctx: &Context) {
        for chat in self.popped.clone() {
            let name = words::tab_name(&chat);
            let me = self.model().session().name().map_or_else(String::new, ToString::to_string);
            let id = ViewportId::from_hash_of(("chat", &name));
            let title = words::chat_title(&chat, &me);
            let builder = ViewportBuilder::default()
                .with_title(title.clone())
                .with_app_id("whoelse")
                .with_inner_size(SIZE)
                .with_min_inner_size(LEAST_SIZE);
            let drawn = ctx.show_viewport_immediate(id, builder, |ui, _| {
                name_window(ui.ctx(), &title);
                self.draw_popped(ui, &chat)
            });
            self.after_popped(ctx, &chat, drawn);
        }
    }

    fn draw_popped(&mut self, ui: &mut Ui, chat: &ChatId) -> Drawn {
        let rect = ui.max_rect();
        // There is no list to go back to, however narrow the window is.
        let narrow = false;
        let Self { chats, engine, settings, clock, pictures, .. } = self;
        let with = surroundings(engine.model(), settings, (clock, pictures), now(), narrow);
        let known = engine.model().chats().get(chat);
        let actions = match (chats.get_mut(chat), known) {
            (Some(open), Some(known)) => open.show(ui, rect, known, with),
            _ => Vec::new(),
        };
        let (focused, closed) = ui.input(|input| (input.focused, input.viewport().close_requested()));
        Drawn { actions, focused, closed }
    }

    fn after_popped(&mut self, ctx: &Context, chat: &ChatId, drawn: Drawn) {
        if drawn.focused && !ctx.embed_viewports() && self.model().open_chat() != Some(chat) {
            self.engine.act(model::Action::Open { chat: chat.clone() });
        }
        for action in drawn.actions {
            self.perform_in(ctx, chat, action);
        }
        if drawn.closed {
            self.popped.retain(|other| other != chat);
            self.open_chat(chat);
        }
    }
}
