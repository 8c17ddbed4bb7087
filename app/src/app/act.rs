//! What the views report, done.

use eframe::egui::Context;
use whoelse_model::{self as model, Chat, ChatId};

use super::App;
use super::overlay::Overlay;
use super::quiet::Whose;
use crate::command::Verb;
use crate::view::{Action, ContactVerb};

impl App {
    /// Does what the person asked for in the window.
    pub(super) fn perform(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::OpenChat(chat) => self.open_chat(&chat),
            Action::ShowTab(index) => self.show_tab(index),
            Action::CloseTab(index) => self.close_tab(index),
            Action::CloseOtherTabs(index) => self.close_other_tabs(index),
            Action::KeepTab(index) => self.tabs.keep_at(index),
            Action::PopOutTab(index) => {
                self.show_tab(index);
                self.pop_out();
            }
            Action::ReopenTab => self.run(ctx, Verb::ReopenTab),
            Action::ResizeList(width) => self.resize_list(width),
            Action::MoveTab(from, to) => {
                self.tabs.move_to(from, to);
                self.keep_tabs();
            }
            Action::OpenPanel(panel) => self.open_panel(panel),
            Action::OpenSwitcher => self.run(ctx, Verb::Switcher),
            Action::OpenSettings => self.run(ctx, Verb::Settings),
            Action::OpenSection(section) => self.overlay = Some(Overlay::Settings(section, String::new())),
            Action::OpenKeys => self.run(ctx, Verb::Keys),
            Action::Back => self.leave_tab(),
            Action::Search(action) => self.in_search(ctx, action),
            Action::FoldSection(section) => {
                if !self.list.folded.remove(&section) {
                    self.list.folded.insert(section);
                }
            }
            Action::Contact(verb, chat) => self.with_contact(ctx, verb, &chat),
            Action::Private(verb, name) => self.do_private(verb, name),
            Action::Files(action) => self.in_files(action),
            Action::SearchChat => self.run(ctx, Verb::SearchChat),
            Action::ExportChat => self.run(ctx, Verb::Export),
            Action::PopOut => self.run(ctx, Verb::PopOut),
            Action::Timeline(_) | Action::Composer(_) => {
                if let Some(chat) = self.tabs.shown_chat().cloned() {
                    self.perform_in(ctx, &chat, action);
                }
            }
            Action::RetryLine => self.run(ctx, Verb::RetryLine),
            Action::StartHost => self.start_host_as_kept(),
            Action::DismissWrongPasswords => self.dismiss_wrong_passwords(),
            Action::Stay => self.engine.act(model::Action::Stay),
            Action::AskToSignOut => self.run(ctx, Verb::SignOut),
            Action::SignOut => self.engine.act(model::Action::SignOut),
            Action::Copy(text) => self.copy(ctx, text),
        }
    }

    fn dismiss_wrong_passwords(&mut self) {
        if let Some((notice, _)) = super::bars::wrong_passwords(self.model()) {
            let notice = notice.id;
            self.engine.act(whoelse_model::Action::Dismiss { notice });
        }
    }

    /// Nobody is asked about wrong passwords that they have typed themselves, at this window, a moment ago.
    pub(super) fn dismiss_mistyped(&mut self) {
        let Some((_, missed)) = super::bars::wrong_passwords(self.model()) else { return };
        let name = self.model().session().name().map_or("", |name| name.as_str());
        if self.first.has_mistyped_all(name, missed.count) {
            self.dismiss_wrong_passwords();
        }
    }

    /// Puts words on the clipboard, and says so.
    pub(super) fn copy(&mut self, ctx: &Context, text: String) {
        ctx.copy_text(text);
        self.tell("Copied".to_owned());
    }

    /// Does what the person asked for in a chat, in whichever window it is.
    pub(super) fn perform_in(&mut self, ctx: &Context, chat: &ChatId, action: Action) {
        if let Action::Timeline(action) = action {
            self.in_timeline(chat, action);
        } else if let Action::Composer(action) = action {
            self.in_composer(chat, action);
        } else if !matches!(action, Action::Back | Action::PopOut) {
            self.perform(ctx, action);
        }
    }

    /// Does something with a contact, or with everyone.
    pub(super) fn with_contact(&mut self, ctx: &Context, verb: ContactVerb, chat: &ChatId) {
        let name = match chat {
            ChatId::Direct(name) | ChatId::Private(name) => Some(name.clone()),
            ChatId::Everyone => None,
        };
        let chat = chat.clone();
        match (verb, name) {
            (ContactVerb::Mute, _) => self.open_quiet(Whose::Chat(chat)),
            (ContactVerb::Unmute, _) => self.end_quiet(Whose::Chat(chat)),
            (ContactVerb::MarkRead, _) => {
                if let Some(row) = self.model().chats().get(&chat).and_then(Chat::last).map(|last| last.row) {
                    self.engine.act(model::Action::Seen { chat, row });
                }
            }
            (ContactVerb::Block, Some(name)) => self.overlay = Some(Overlay::Block(name)),
            (ContactVerb::Unblock, Some(name)) => self.engine.act(model::Action::Unblock { name }),
            (ContactVerb::CopyName, Some(name)) => self.copy(ctx, name.as_str().to_owned()),
            (ContactVerb::Block | ContactVerb::Unblock | ContactVerb::CopyName, None) => {}
        }
    }
}
