//! Which chats are open, and what becomes of what is written in them.

use whoelse_client::{fresh_message_id, now};
use whoelse_model::command::{CommandLine, Composed, compose};
use whoelse_model::{Action, Chat, ChatId, RowId};
use whoelse_proto::Text;

use super::entries::{Entries, row};
use super::open_chat::OpenChat;
use super::overlay::Overlay;
use super::tabs::{Step, Tab};
use super::{App, cards, words};
use crate::composer::ComposerAction;
use crate::kit::Take;
use crate::platform::links;
use crate::platform::surroundings::Screen;
use crate::timeline::{Key, TimelineAction};
use crate::view::{Panel, PrivateVerb};

impl App {
    /// Shows a chat in a tab that gives way to the next one, until something is written in it; a private session stays.
    pub(super) fn open_chat(&mut self, chat: &ChatId) {
        self.popped.retain(|popped| popped != chat);
        let tab = Tab::Chat(chat.clone());
        let gone = match chat {
            ChatId::Everyone | ChatId::Direct(_) => self.tabs.look_at(tab),
            ChatId::Private(_) => self.tabs.open(tab),
        };
        if let Some(gone) = gone {
            self.closed(&gone);
        }
        self.arrive();
    }

    /// Closes every tab but one.
    pub(super) fn close_other_tabs(&mut self, kept: usize) {
        let Some(tab) = self.tabs.all().get(kept).cloned() else { return };
        self.tabs.show(kept);
        for index in (0..self.tabs.all().len()).rev() {
            if self.tabs.all().get(index) != Some(&tab)
                && let Some(closed) = self.tabs.close(index)
            {
                self.closed(&closed);
            }
        }
        self.arrive();
    }

    /// Opens the tab again that was closed last.
    pub(super) fn reopen_tab(&mut self) {
        let Some(tab) = self.tabs.take_closed() else { return };
        let gone = self.tabs.open(tab);
        if let Some(gone) = gone {
            self.closed(&gone);
        }
        self.arrive();
    }

    /// Shows the tab with an index.
    pub(super) fn show_tab(&mut self, index: usize) {
        self.tabs.show(index);
        self.arrive();
    }

    /// Closes the tab with an index.
    pub(super) fn close_tab(&mut self, index: usize) {
        if let Some(tab) = self.tabs.close(index) {
            self.closed(&tab);
            self.arrive();
        }
    }

    /// Shows a panel in a tab.
    pub(super) fn open_panel(&mut self, panel: Panel) {
        match panel {
            Panel::WhoWasOnline => self.ask_past(),
            Panel::Search | Panel::SharedFiles => {}
        }
        self.show_panel_tab(panel);
    }

    /// Shows the table that a command asked for.
    pub(super) fn show_who_was_online(&mut self) {
        self.show_panel_tab(Panel::WhoWasOnline);
    }

    fn show_panel_tab(&mut self, panel: Panel) {
        let gone = self.tabs.open(Tab::Panel(panel));
        if let Some(gone) = gone {
            self.closed(&gone);
        }
        self.arrive();
    }

    /// The tab that is shown is another one: its field takes the keyboard.
    pub(super) fn arrive(&mut self) {
        match self.tabs.shown() {
            Some(Tab::Panel(Panel::Search)) => self.finding.take = Take::Keyboard,
            Some(Tab::Panel(Panel::SharedFiles)) => self.files.take_keyboard(),
            Some(Tab::Panel(Panel::WhoWasOnline) | Tab::Chat(_)) | None => {}
        }
        if let Some(chat) = self.tabs.shown_chat().cloned() {
            if self.list.shown.as_ref() != Some(&chat) {
                let has_new = self.model().chats().get(&chat).is_some_and(|chat| chat.unread() > 0);
                self.list.lingers = has_new.then(|| chat.clone());
            }
            self.chats.entry(chat.clone()).or_default().arrive();
            self.engine.act(Action::Open { chat });
        }
        self.keep_tabs();
    }

    fn closed(&mut self, tab: &Tab) {
        if let Some(chat) = tab.chat() {
            self.chats.remove(chat);
            self.engine.act(Action::Close { chat: chat.clone() });
        }
    }

    /// The tabs as they were when this account was used last.
    pub(super) fn restore_tabs(&mut self) {
        let kept = self.account().and_then(|account| self.settings.tabs(&account).cloned());
        self.chats.clear();
        self.popped.clear();
        self.tabs = kept.map_or_else(Default::default, |kept| super::tabs::Tabs::from_kept(&kept));
        self.list.server = self.known_server().map_or_else(String::new, |known| known.title);
        self.arrive();
        // What is typed at once goes to whom the person wrote last, never to everyone.
        if matches!(self.tabs.shown_chat(), None | Some(ChatId::Everyone)) {
            self.found.want_keyboard();
            self.chats.values_mut().for_each(OpenChat::rest);
        }
    }

    /// Shows the chat above or below in the list of people, or the next with unread messages.
    pub(super) fn step_chat(&mut self, step: Step, among: Among) {
        let contacts = &self.main.contacts;
        let rows = contacts.sections.iter().filter(|section| section.open).flat_map(|section| &section.items);
        let rows: Vec<&ChatId> = std::iter::once(&contacts.everyone).chain(rows).map(|item| &item.chat).collect();
        let person = |chat: &ChatId| words::chat_name(chat).to_owned();
        let at = self.tabs.shown_chat().and_then(|shown| rows.iter().position(|chat| person(chat) == person(shown)));
        let count = rows.len();
        let chats = self.model().chats();
        let is_wanted = |chat: &ChatId| match among {
            Among::All => true,
            Among::Unread => chats.get(chat).is_some_and(|chat| chat.unread() > 0),
        };
        let from = match (at, step) {
            (Some(at), _) => at,
            (None, Step::Next) => count - 1,
            (None, Step::Previous) => 0,
        };
        let order = (1..=count).map(|distance| match step {
            Step::Next => (from + distance) % count,
            Step::Previous => (from + count - distance) % count,
        });
        let next = order.filter_map(|index| rows.get(index)).find(|chat| is_wanted(chat)).map(|chat| (*chat).clone());
        if let Some(chat) = next {
            self.open_chat(&chat);
        }
    }

    /// Gives the keyboard to the messages, with the last one chosen.
    pub(super) fn choose_message(&mut self) {
        if let Some(open) = self.tabs.shown_chat().and_then(|chat| self.chats.get_mut(chat)) {
            open.timeline.choose_last();
        }
    }

    /// Goes to a message, perhaps one of another chat.
    pub(super) fn jump(&mut self, chat: &ChatId, to: RowId) {
        if self.tabs.shown_chat() != Some(chat) {
            self.open_chat(chat);
        }
        self.engine.act(Action::Jump { chat: chat.clone(), row: to });
        self.follow_jump();
    }

    /// Once the row of a jump is loaded, the view goes there.
    pub(super) fn follow_jump(&mut self) {
        let Some(chat) = self.model().open_chat().cloned() else { return };
        let Some(row) = self.model().chats().get(&chat).and_then(Chat::jump) else { return };
        if let Some(open) = self.chats.get_mut(&chat) {
            open.jump(row);
            self.engine.act(Action::Jumped { chat });
        }
    }

    /// Something was done in the timeline of a chat.
    pub(super) fn in_timeline(&mut self, chat: &ChatId, action: TimelineAction) {
        let chat = chat.clone();
        match action {
            TimelineAction::Reply(key) => {
                if let Some(id) = self.message(&chat, key) {
                    self.engine.act(Action::Reply { chat: chat.clone(), to: Some(id) });
                    self.chats.entry(chat).or_default().composer.focus();
                }
            }
            TimelineAction::Retry(key) => {
                if let Some(id) = self.message(&chat, key) {
                    self.engine.act(Action::Retry { chat, id, again: fresh_message_id() });
                }
            }
            TimelineAction::Delete(key) => {
                if let Some(id) = self.message(&chat, key) {
                    self.engine.act(Action::Delete { chat, id });
                }
            }
            TimelineAction::Open(link) => {
                if links::site(&link).1.is_some() {
                    self.overlay = Some(Overlay::Link(link));
                } else {
                    self.open_link(&link);
                }
            }
            TimelineAction::Show(key) => {
                if let Some(row) = row(key) {
                    self.jump(&chat, row);
                }
            }
            TimelineAction::File(key, action) => self.in_file(&chat, key, action),
            TimelineAction::LoadBefore => self.engine.act(Action::LoadOlder { chat }),
            TimelineAction::LoadAfter => self.engine.act(Action::LoadNewer { chat }),
            TimelineAction::ShowFirst => self.engine.act(Action::Earliest { chat }),
            TimelineAction::ShowLatest => self.engine.act(Action::Latest { chat }),
            // Behind a locked screen nobody sees anything.
            TimelineAction::Seen(_) if self.around.screen == Screen::Locked => {}
            TimelineAction::Seen(key) => {
                if let Some(row) = row(key) {
                    self.desktop.withdraw(&chat);
                    self.engine.act(Action::Seen { chat, row });
                }
            }
        }
    }

    /// Opens a link in the browser.
    pub(super) fn open_link(&mut self, link: &str) {
        if let Err(error) = self.desktop.open_link(link) {
            self.tell(format!("{}.", cards::sentence(&error.to_string())));
        }
    }

    fn message(&self, chat: &ChatId, key: Key) -> Option<whoelse_proto::MessageId> {
        self.model().chats().get(chat).and_then(|chat| Entries::message(chat, key))
    }

    /// Something was done in the composer of a chat.
    pub(super) fn in_composer(&mut self, chat: &ChatId, action: ComposerAction) {
        match action {
            ComposerAction::Send(text) => self.send(chat, &text),
            ComposerAction::Changed => {
                let Some(open) = self.chats.get_mut(chat) else { return };
                let draft = open.take_draft();
                self.tabs.keep(&Tab::Chat(chat.clone()));
                self.drafted = Some(now());
                self.engine.act(Action::Draft { chat: chat.clone(), draft });
            }
            ComposerAction::SendAsFile(text) => {
                self.in_composer(chat, ComposerAction::Changed);
                self.send_as_file(chat, text);
            }
            ComposerAction::Attach => self.attach(chat),
            ComposerAction::CancelReply => self.engine.act(Action::Reply { chat: chat.clone(), to: None }),
            ComposerAction::Unblock => {
                if let ChatId::Direct(name) | ChatId::Private(name) = chat {
                    self.engine.act(Action::Unblock { name: name.clone() });
                }
            }
            ComposerAction::Recall => self.recall(chat),
            ComposerAction::Picked(emoji) => {
                self.settings.note_emoji(emoji);
                self.keep_settings();
            }
        }
    }

    /// Sends what was written, or runs it as a command.
    fn send(&mut self, chat: &ChatId, written: &str) {
        self.tabs.keep(&Tab::Chat(chat.clone()));
        let trimmed = written.trim_end();
        let outcome = match compose(trimmed) {
            Ok(Composed::Command(line)) => {
                self.run_line(line);
                Ok(())
            }
            Ok(Composed::Passwd) => {
                self.overlay = Some(Overlay::Password);
                Ok(())
            }
            Ok(Composed::Text(text)) => self.write(chat, text),
            Err(error) => Err(format!("{error} To send it as a text, write two slashes.")),
        };
        if let Some(open) = self.chats.get_mut(chat) {
            match outcome {
                Ok(()) => {
                    open.take_draft();
                    open.timeline.go_to_end();
                }
                Err(cause) => {
                    open.put_back(written);
                    self.tell(cause);
                    return;
                }
            }
        }
        self.engine.act(Action::Draft { chat: chat.clone(), draft: String::new() });
        self.engine.act(Action::KeepDrafts);
    }

    fn run_line(&mut self, line: CommandLine) {
        // Who asks waits in the private chat, which says so and takes the question back.
        if let CommandLine::StartPrivate(name) = line {
            self.do_private(PrivateVerb::Start, name);
            return;
        }
        if let Some(order) = Self::fetched_by(&line) {
            self.fetch(order);
            return;
        }
        self.engine.act(Action::Run { line, id: fresh_message_id() });
        if let Some(chat) = self.model().open_chat().filter(|chat| self.tabs.shown_chat() != Some(chat)).cloned() {
            self.open_chat(&chat);
        }
    }

    fn write(&mut self, chat: &ChatId, text: &str) -> Result<(), String> {
        let text = Text::new(text).map_err(|error| error.to_string())?;
        self.engine.act(Action::Write { id: fresh_message_id(), chat: chat.clone(), text });
        Ok(())
    }

    /// The last message that failed comes back into the composer; of none, the last message is chosen.
    fn recall(&mut self, chat: &ChatId) {
        let failed = self.model().chats().get(chat).and_then(last_failed);
        let Some(open) = self.chats.get_mut(chat) else { return };
        let Some((id, text)) = failed else {
            open.timeline.choose_last();
            return;
        };
        open.put_back(&text);
        let draft = open.take_draft();
        self.engine.act(Action::Delete { chat: chat.clone(), id });
        self.engine.act(Action::Draft { chat: chat.clone(), draft });
    }
}

/// Among which chats a step is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// All that the list shows.
    All,
    /// Those with messages not read.
    Unread,
}

fn last_failed(chat: &Chat) -> Option<(whoelse_proto::MessageId, String)> {
    let unsaved = chat.unsaved().iter().rev().find(|unsaved| unsaved.failure.is_some());
    if let Some(unsaved) = unsaved {
        return Some((unsaved.id, unsaved.text.as_str().to_owned()));
    }
    let refused = |entry: &&whoelse_model::Entry| match &entry.message.message.direction {
        whoelse_model::Direction::Outgoing(outgoing) => outgoing.refused.is_some(),
        whoelse_model::Direction::Incoming { .. } => false,
    };
    let entry = chat.timeline().iter().rev().find(refused)?;
    Some((entry.message.message.id, entry.message.message.text.as_str().to_owned()))
}
