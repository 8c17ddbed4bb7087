//! Where a command applies: to what is shown, to a chat that was shown before, or to nothing yet.

use eframe::egui::Context;
use whoelse_client::now;
use whoelse_model::command::EnabledWhen;
use whoelse_model::{ChatId, Contact, Phase};

use super::{App, words};
use crate::command::{Spec, Verb, When};

/// Where a command applies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Applies {
    /// To what is shown, or to the app.
    Here,
    /// To an open chat that is not shown.
    In(ChatId),
    /// To nothing that is open; why not.
    NotYet(&'static str),
}

impl Applies {
    /// What applies here comes first, what applies to nothing comes last.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::Here => 0,
            Self::In(_) => 1,
            Self::NotYet(_) => 2,
        }
    }

    /// Why it does not apply; empty if it does.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Here | Self::In(_) => "",
            Self::NotYet(reason) => reason,
        }
    }
}

impl App {
    /// Whether a command can be given at this moment.
    pub(super) fn is_enabled(&self, entry: &Spec) -> bool {
        self.is_enabled_in(entry.when, self.tabs.shown_chat())
    }

    fn is_enabled_in(&self, when: When, chat: Option<&ChatId>) -> bool {
        let known = chat.and_then(|chat| self.model().chats().get(chat));
        let is_muted = known.is_some_and(|known| known.mute().is_on(now()));
        match when {
            When::Session(when) => self.model().is_enabled(when),
            When::InChat => chat.is_some(),
            When::WithUser => matches!(chat, Some(ChatId::Direct(_))),
            When::WithPerson => matches!(chat, Some(ChatId::Direct(_) | ChatId::Private(_))),
            When::InSession => match chat {
                Some(ChatId::Private(name)) => self.model().privates().open(name).is_some(),
                Some(ChatId::Everyone | ChatId::Direct(_)) | None => false,
            },
            When::Audible => chat.is_some() && !is_muted,
            When::Muted => is_muted,
            When::Disturbed => !self.is_undisturbed(),
            When::Undisturbed => self.is_undisturbed(),
            When::Asked => self.asked_by().is_some(),
            When::LineLost => matches!(self.model().session().phase(), Phase::Reconnecting { .. }),
        }
    }

    /// Where a command applies that somebody looks for; `None` if its counterpart does.
    pub(super) fn applies(&self, entry: &Spec) -> Option<Applies> {
        if self.is_enabled(entry) {
            return Some(Applies::Here);
        }
        let has_counterpart = matches!(entry.when, When::Audible | When::Muted);
        if has_counterpart && self.tabs.shown_chat().is_some() {
            return None;
        }
        // Nobody but the session itself says when it can be done.
        let is_of_a_chat = !matches!(
            entry.when,
            When::Session(_) | When::Disturbed | When::Undisturbed | When::Asked | When::LineLost
        );
        let elsewhere = self.tabs.last_chats().find(|chat| is_of_a_chat && self.is_enabled_in(entry.when, Some(chat)));
        elsewhere.cloned().map(Applies::In).or_else(|| missing(entry.when).map(Applies::NotYet))
    }

    /// What a command does, with the name of whom it applies to.
    pub(super) fn command_words(&self, entry: &Spec, applies: &Applies) -> String {
        let chat = match applies {
            Applies::Here => self.tabs.shown_chat(),
            Applies::In(chat) => Some(chat),
            Applies::NotYet(_) => None,
        };
        if let Some(name) = self.asked_by().filter(|_| entry.when == When::Asked) {
            return entry.words.replace("somebody asks", &format!("{name} asks"));
        }
        let Some(chat) = chat else { return entry.words.to_owned() };
        let person = match chat {
            ChatId::Direct(name) | ChatId::Private(name) => Some(name),
            ChatId::Everyone => None,
        };
        if let Some(name) = person
            && entry.verb == Verb::ToggleBlock
        {
            let blocked = self.model().contacts().get(name).is_some_and(Contact::is_blocked);
            return format!("{} {name}", if blocked { "Unblock" } else { "Block" });
        }
        let words =
            person.map_or_else(|| entry.words.to_owned(), |name| entry.words.replace("this person", name.as_str()));
        if *applies == Applies::Here || words != entry.words {
            return words;
        }
        let with = person.map_or_else(|| "the chat with everyone".to_owned(), |name| format!("the chat with {name}"));
        for chat in ["this chat", "the chat"] {
            if words.contains(chat) {
                return words.replace(chat, &with);
            }
        }
        format!("{words}: {}", words::chat_name(chat))
    }

    /// Does a command where it applies.
    pub(super) fn run_in(&mut self, ctx: &Context, verb: Verb, applies: &Applies) {
        match applies {
            Applies::Here => self.run(ctx, verb),
            Applies::In(chat) => {
                self.open_chat(chat);
                self.run(ctx, verb);
            }
            Applies::NotYet(reason) => self.tell(format!("{reason}.")),
        }
    }
}

/// What a command lacks that applies to nothing that is open; `None` of one that need not be found then.
const fn missing(when: When) -> Option<&'static str> {
    match when {
        When::Session(EnabledWhen::Online) => Some("Not without a line to the server"),
        When::InChat => Some("Open a chat first"),
        When::WithUser | When::WithPerson => Some("Open a chat with one person first"),
        When::InSession => Some("No private session is open"),
        When::Session(EnabledWhen::Always | EnabledWhen::SignedIn)
        | When::Audible
        | When::Muted
        | When::Disturbed
        | When::Undisturbed
        | When::Asked
        | When::LineLost => None,
    }
}
