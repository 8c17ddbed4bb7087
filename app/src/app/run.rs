//! The commands, done: from keys, menus, palette or buttons.

use eframe::egui::{Context, Event, Key, Modifiers};
use whoelse_model::command::CommandLine;
use whoelse_model::{Action, ChatId};

use super::chats::Among;
use super::overlay::{Overlay, text_size};
use super::quiet::Whose;
use super::screen::is_one_column;
use super::sending::Purpose;
use super::tabs::Step;
use super::{App, people};
use crate::command::{Spec, Verb, pressed, pressed_tab};
use crate::platform::settings::{TextSize, ThemeChoice};
use crate::platform::surroundings::Shade;
use crate::theme;
use crate::view::confirm::ExportForm;
use crate::view::settings::Section;
use crate::view::{ContactVerb, Panel, PrivateVerb};

impl App {
    /// Does what the keys of this frame ask for.
    pub(super) fn take_keys(&mut self, ctx: &Context) {
        if !ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Key { .. }))) {
            return;
        }
        // A dialog keeps every key to itself but the one that quits.
        let in_dialog = self.overlay.is_some() || self.palette.is_some();
        if !in_dialog && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::F1)) {
            self.run(ctx, Verb::Keys);
        }
        for verb in pressed(ctx, |spec| self.is_enabled(spec) && (!in_dialog || spec.verb == Verb::Quit)) {
            self.run(ctx, verb);
        }
        // Behind the longer ones: Ctrl+Shift+T is Ctrl+T too.
        let new_chat = |key| ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, key));
        if !in_dialog && self.is_main_shown() && [Key::N, Key::T].into_iter().any(new_chat) {
            self.run(ctx, Verb::Switcher);
        }
        if self.is_main_shown()
            && !in_dialog
            && let Some(index) = pressed_tab(ctx)
        {
            self.show_tab(index);
        }
    }

    /// Esc that no widget wanted.
    pub(super) fn take_escape(&mut self, ctx: &Context) {
        let escape = ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if escape {
            self.cancel(ctx);
        }
    }

    /// Does a command.
    pub(super) fn run(&mut self, ctx: &Context, verb: Verb) {
        if !Spec::of(verb).is_some_and(|entry| self.is_enabled(entry)) {
            return;
        }
        match verb {
            Verb::Switcher => self.open_palette(),
            Verb::Everyone => self.open_chat(&ChatId::Everyone),
            Verb::SearchChat => self.find_in_chat(),
            Verb::SearchAll => self.open_panel(Panel::Search),
            Verb::WhoWasOnline => self.open_panel(Panel::WhoWasOnline),
            Verb::SharedFiles => self.open_panel(Panel::SharedFiles),
            Verb::StartPrivate => self.start_private_here(),
            Verb::AcceptPrivate => self.answer(PrivateVerb::Accept),
            Verb::DeclinePrivate => self.answer(PrivateVerb::Decline),
            Verb::EndPrivate => self.end_private_here(),
            Verb::SendFile => {
                if let Some(chat) = self.tabs.shown_chat().cloned() {
                    self.attach(&chat);
                }
            }
            Verb::NextTab => self.step_tab(Step::Next),
            Verb::PreviousTab => self.step_tab(Step::Previous),
            Verb::NextChat => self.step_chat(Step::Next, Among::All),
            Verb::PreviousChat => self.step_chat(Step::Previous, Among::All),
            Verb::NextUnread => self.step_chat(Step::Next, Among::Unread),
            Verb::PreviousUnread => self.step_chat(Step::Previous, Among::Unread),
            Verb::ChooseMessage => self.choose_message(),
            Verb::CloseTab => {
                if let Some(index) = self.tabs.active() {
                    self.close_tab(index);
                }
            }
            Verb::ReopenTab => self.reopen_tab(),
            Verb::PopOut => self.pop_out(),
            Verb::Export => {
                let chat = self.tabs.shown_chat().cloned();
                self.overlay = chat.map(|chat| Overlay::Export(chat, ExportForm::default()));
            }
            Verb::Mute => self.mute_shown(),
            Verb::Unmute => self.unmute_shown(),
            Verb::DoNotDisturb => self.open_quiet(Whose::All),
            Verb::EndDoNotDisturb => self.end_quiet(Whose::All),
            Verb::DownloadFolder => self.choose(Purpose::DownloadFolder),
            Verb::ToggleBlock => self.toggle_block(ctx),
            Verb::Blocked => self.run_command_line(CommandLine::Blocked),
            Verb::NextRegion => self.step_region(ctx, Step::Next),
            Verb::PreviousRegion => self.step_region(ctx, Step::Previous),
            Verb::Settings => self.overlay = Some(Overlay::Settings(Section::default(), String::new())),
            Verb::ChangePassword => self.overlay = Some(Overlay::Password),
            Verb::SystemTheme => self.set_theme(ctx, ThemeChoice::System),
            Verb::DarkTheme => self.set_theme(ctx, ThemeChoice::Dark),
            Verb::LightTheme => self.set_theme(ctx, ThemeChoice::Light),
            Verb::Hosting => self.overlay = Some(Overlay::Settings(Section::Network, String::new())),
            Verb::LargerText => self.resize_text(ctx, Step::Next),
            Verb::SmallerText => self.resize_text(ctx, Step::Previous),
            Verb::NormalText => self.set_text_size(ctx, TextSize::Normal),
            Verb::Keys => self.overlay = Some(Overlay::Keys(String::new())),
            Verb::RetryLine => self.engine.act(Action::RetryNow),
            Verb::Stay => {
                self.engine.act(Action::Stay);
                self.tell("You stay signed in.".to_owned());
            }
            Verb::SignOut => self.overlay = Some(Overlay::SignOut),
            Verb::Quit => self.quit(ctx),
        }
    }

    fn run_command_line(&mut self, line: CommandLine) {
        self.engine.act(Action::Run { line, id: whoelse_client::fresh_message_id() });
    }

    fn step_tab(&mut self, step: Step) {
        self.tabs.step(step);
        self.arrive();
    }

    fn toggle_block(&mut self, ctx: &Context) {
        let Some(chat) = self.tabs.shown_chat().cloned() else { return };
        let blocked = people::contact(self.model(), &chat).is_some_and(whoelse_model::Contact::is_blocked);
        self.with_contact(ctx, if blocked { ContactVerb::Unblock } else { ContactVerb::Block }, &chat);
    }

    /// Takes back what is open, one thing at a time; then goes to the newest message, or from a panel
    /// in one column back to the list.
    fn cancel(&mut self, ctx: &Context) {
        if self.overlay.take().is_some() || self.end_finding() || self.end_search() || self.drop_selection() {
            return;
        }
        let Some(chat) = self.tabs.shown_chat().cloned() else {
            if is_one_column(ctx) {
                self.leave_tab();
            }
            return;
        };
        let Some(known) = self.model().chats().get(&chat) else { return };
        if known.new_behind().is_some() {
            self.engine.act(Action::ForgetNew { chat: chat.clone() });
        }
        self.engine.act(Action::Latest { chat: chat.clone() });
        if let Some(open) = self.chats.get_mut(&chat) {
            open.timeline.go_to_end();
        }
    }

    /// Lets go of the words that are selected in the chat that is shown. Whether there were any.
    fn drop_selection(&mut self) -> bool {
        let open = self.tabs.shown_chat().and_then(|chat| self.chats.get_mut(chat));
        open.is_some_and(|open| open.timeline.drop_selection())
    }

    fn set_theme(&mut self, ctx: &Context, theme: ThemeChoice) {
        self.settings.theme = theme;
        self.changed_settings(ctx);
        // The system may be as dark or light as the window was.
        let words = match theme {
            ThemeChoice::System => "The window is dark or light as the system is.",
            ThemeChoice::Dark => "The window is dark.",
            ThemeChoice::Light => "The window is light.",
        };
        self.tell(words.to_owned());
    }

    fn resize_text(&mut self, ctx: &Context, step: Step) {
        let all = TextSize::ALL;
        let at = all.iter().position(|size| *size == self.settings.text_size).unwrap_or(0);
        let next = match step {
            Step::Next => at + 1,
            Step::Previous => at.wrapping_sub(1),
        };
        if let Some(&size) = all.get(next) {
            self.set_text_size(ctx, size);
        }
    }

    fn set_text_size(&mut self, ctx: &Context, size: TextSize) {
        self.settings.text_size = size;
        self.changed_settings(ctx);
    }

    /// The settings are others: they apply, and go to disk.
    pub(super) fn changed_settings(&mut self, ctx: &Context) {
        self.apply_settings(ctx);
        self.keep_settings();
    }

    /// Makes the window as the settings say.
    pub(super) fn apply_settings(&self, ctx: &Context) {
        let size = text_size(self.settings.text_size);
        let motion = if self.settings.reduce_motion { theme::Motion::Reduced } else { theme::Motion::Full };
        theme::set_contrast(self.around.contrast);
        theme::apply(ctx, size, self.around.text_scale, motion);
        ctx.set_theme(match self.settings.theme {
            ThemeChoice::System => match self.around.shade {
                None => eframe::egui::ThemePreference::System,
                Some(Shade::Dark) => eframe::egui::ThemePreference::Dark,
                Some(Shade::Light) => eframe::egui::ThemePreference::Light,
            },
            ThemeChoice::Dark => eframe::egui::ThemePreference::Dark,
            ThemeChoice::Light => eframe::egui::ThemePreference::Light,
        });
    }
}
