//! What lies above the window: settings, keys, questions.

use eframe::egui::Context;
use whoelse_client::{KnownServer, now};
use whoelse_model::{Action, ChatId, Contact, Receipts, Request, Session};
use whoelse_proto::UserName;

use super::quiet::Whose;
use super::sending::{Parcel, Purpose};
use super::{App, words};
use crate::command::Verb;
use crate::composer::{SendKey, Shortcodes};
use crate::kit::ButtonKind;
use crate::platform::links;
use crate::platform::settings::{self as kept, CloseButton, Density, Privacy, ThemeChoice};
use crate::theme::{Motion, TextSize};
use crate::timeline::Look;
use crate::view::confirm::{self, ExportAction, ExportForm, Question, Reply};
use crate::view::keys::{self, KeysAction};
use crate::view::settings::{
    self, Account, Address, Keep, KeepPrivate, Notify, OnClose, Preferences, Section, SettingsAction, Shade,
};

/// What lies above the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    /// The settings, with what is searched for among the keys.
    Settings(Section, String),
    /// The keys, with what is searched for.
    Keys(String),
    /// Whether to block somebody.
    Block(UserName),
    /// Whether to delete every message on this computer.
    ClearHistory,
    /// The whole code of a private session.
    Code(UserName),
    /// What to make of a contact's key that has changed.
    DeviceKey(UserName),
    /// Whether to send files.
    Send(Parcel),
    /// The path of a file or folder: what for, what is typed, and what is wrong with it.
    Path(Purpose, String, String),
    /// What the own password is to be.
    Password,
    /// Whether to stop the server on this computer.
    StopHost,
    /// Whether to open a link that may be taken for another.
    Link(String),
    /// Whether to sign out: coming back takes the password.
    SignOut,
    /// Whether to end the app although something would be lost.
    Quit(String),
    /// In which form to write a chat to a file.
    Export(ChatId, ExportForm),
    /// For how long to keep notifications back.
    Quiet(Whose),
}

impl App {
    /// Draws what lies above the window, and does what the person does in it.
    pub(super) fn show_overlay(&mut self, ctx: &Context) {
        match self.overlay.clone() {
            None => {}
            Some(Overlay::Settings(section, search)) => self.show_settings(ctx, section, &search),
            Some(Overlay::Keys(search)) => self.show_keys(ctx, &search),
            Some(Overlay::Block(name)) => self.ask_to_block(ctx, name),
            Some(Overlay::ClearHistory) => self.ask_to_clear(ctx),
            Some(Overlay::Code(name)) => self.show_code(ctx, &name),
            Some(Overlay::DeviceKey(name)) => self.ask_about_key(ctx, name),
            Some(Overlay::Send(parcel)) => self.ask_to_send(ctx, parcel),
            Some(Overlay::Path(purpose, path, wrong)) => self.ask_for_path(ctx, purpose, &path, &wrong),
            Some(Overlay::Password) => self.ask_for_password(ctx),
            Some(Overlay::StopHost) => self.confirm_stop_of_host(ctx),
            Some(Overlay::Link(link)) => self.confirm_link(ctx, &link),
            Some(Overlay::SignOut) => self.confirm_sign_out(ctx),
            Some(Overlay::Quit(what)) => self.confirm_quit(ctx, &what),
            Some(Overlay::Export(chat, form)) => self.ask_for_form(ctx, chat, form),
            Some(Overlay::Quiet(whose)) => self.ask_how_long(ctx, whose),
        }
    }

    fn show_keys(&mut self, ctx: &Context, search: &str) {
        for action in keys::show(ctx, search) {
            self.overlay = match action {
                KeysAction::Search(search) => Some(Overlay::Keys(search)),
                KeysAction::Close => None,
            };
        }
    }

    fn ask_to_block(&mut self, ctx: &Context, name: UserName) {
        let title = format!("Block {name}?");
        let text = confirm::block_text(name.as_str());
        let question = Question { title: &title, text: &text, yes: "Block", kind: ButtonKind::Danger };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.engine.act(Action::Block { name });
            }
        }
    }

    fn ask_to_clear(&mut self, ctx: &Context) {
        let question = Question {
            title: "Delete every message?",
            text: "All messages of this account on this computer are deleted for good. What waits to be sent is still \
                   sent. Other people keep their messages.",
            yes: "Delete",
            kind: ButtonKind::Danger,
        };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.engine.ask(Request::ClearHistory { chat: None });
            }
        }
    }

    fn confirm_stop_of_host(&mut self, ctx: &Context) {
        let question = Question {
            title: "Stop the server?",
            text: "Everybody who is signed in to it is signed out, and nobody can sign in until it runs again. \
                   Messages that wait stay in this profile.",
            yes: "Stop the server",
            kind: ButtonKind::Danger,
        };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.stop_host();
            }
        }
    }

    fn confirm_sign_out(&mut self, ctx: &Context) {
        let question = Question {
            title: "Sign out?",
            text: "Others see you go, and coming back takes your password. What is written to you meanwhile waits on the \
                   server. Closing the window keeps you signed in.",
            yes: "Yes, sign out",
            kind: ButtonKind::Primary,
        };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.engine.act(Action::SignOut);
            }
        }
    }

    fn confirm_quit(&mut self, ctx: &Context, what: &str) {
        let question = Question { title: "Quit Whoelse?", text: what, yes: "Quit", kind: ButtonKind::Danger };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.end(ctx);
            }
        }
    }

    fn confirm_link(&mut self, ctx: &Context, link: &str) {
        let (site, deceit) = links::site(link);
        let text = format!("It leads to {site}. {}", deceit.map_or("", links::Deceit::words));
        let question = Question { title: "Open this link?", text: &text, yes: "Open", kind: ButtonKind::Danger };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.open_link(link);
            }
        }
    }

    fn ask_for_form(&mut self, ctx: &Context, chat: ChatId, form: ExportForm) {
        match confirm::export(ctx, words::chat_name(&chat), form) {
            None => {}
            Some(ExportAction::Choose(form)) => self.overlay = Some(Overlay::Export(chat, form)),
            Some(ExportAction::Write) => {
                self.overlay = None;
                self.export(chat, form);
            }
            Some(ExportAction::Close) => self.overlay = None,
        }
    }

    fn show_settings(&mut self, ctx: &Context, section: Section, search: &str) {
        let state = settings::Settings {
            section,
            preferences: preferences(&self.settings),
            account: self.account_words(),
            blocked: Some(self.blocked()),
            has_tray: self.desktop.has_tray(),
            hosting: Some(self.hosting_page()),
            undisturbed: self.undisturbed_until(),
            downloads: self.downloads(),
            key_search: search.to_owned(),
        };
        for action in settings::show(ctx, &state) {
            match action {
                SettingsAction::Show(section) => self.overlay = Some(Overlay::Settings(section, String::new())),
                SettingsAction::Change(preferences) => {
                    let before = self.settings.clone();
                    choose(&mut self.settings, &preferences);
                    self.keep_as_chosen(&before);
                    self.changed_settings(ctx);
                }
                SettingsAction::Unblock(name) => {
                    if let Ok(name) = UserName::new(&name) {
                        self.engine.act(Action::Unblock { name });
                    }
                }
                SettingsAction::ClearHistory => self.overlay = Some(Overlay::ClearHistory),
                SettingsAction::ChangePassword => self.run(ctx, Verb::ChangePassword),
                SettingsAction::SignOut => self.run(ctx, Verb::SignOut),
                SettingsAction::ShowHost => self.start_host(),
                SettingsAction::StopHost => self.ask_to_stop_host(),
                SettingsAction::Copy(text) => self.copy(ctx, text),
                SettingsAction::DoNotDisturb => self.open_quiet(Whose::All),
                SettingsAction::EndDoNotDisturb => self.end_quiet(Whose::All),
                SettingsAction::ChooseDownloads => self.choose(Purpose::DownloadFolder),
                SettingsAction::UsualDownloads => self.set_download_folder(None),
                SettingsAction::OpenDownloads => self.open_download_folder(),
                SettingsAction::SearchKeys(search) => self.overlay = Some(Overlay::Settings(section, search)),
                SettingsAction::Close => self.overlay = None,
            }
        }
    }

    fn blocked(&self) -> Vec<String> {
        let contacts = self.model().contacts();
        let blocked = contacts.names().filter(|name| contacts.get(name).is_some_and(Contact::is_blocked));
        blocked.map(ToString::to_string).collect()
    }

    /// The server of the session, as the profile knows it.
    pub(super) fn known_server(&self) -> Option<KnownServer> {
        let server = self.model().session().server()?;
        let fits = |known: &KnownServer| match server.fingerprint {
            Some(fingerprint) => known.fingerprint == fingerprint,
            None => known.port == server.address.port && known.host.eq_ignore_ascii_case(&server.address.host),
        };
        self.profile.known_servers().into_iter().find(fits)
    }

    fn account_words(&self) -> Account {
        let session: &Session = self.model().session();
        let Some(server) = session.server() else { return Account::default() };
        // Before the server has said hello, what the profile knows of it stands in.
        let known = self.known_server();
        let title = Some(server.title.as_str()).filter(|title| !title.is_empty());
        let title = title.or(known.as_ref().map(|known| known.title.as_str())).unwrap_or_default().to_owned();
        let fingerprint = server.fingerprint.or(known.as_ref().map(|known| known.fingerprint));
        let mut address = server.address.clone();
        address.fingerprint = None;
        Account {
            name: session.name().map_or_else(String::new, ToString::to_string),
            server: if title.is_empty() { server.address.host.clone() } else { title },
            address: address.to_string().trim_start_matches("whoelse://").to_owned(),
            fingerprint: fingerprint.map_or_else(String::new, |fingerprint| fingerprint.grouped()),
            pinned: known.map_or_else(String::new, |known| self.clock.short(known.pinned_at, now())),
            since: session.since().map_or_else(String::new, |since| self.clock.since(since, now())),
            profile: self.first.state.profile.clone(),
        }
    }
}

/// The settings of the file as the view has them.
fn preferences(settings: &kept::Settings) -> Preferences {
    Preferences {
        theme: match settings.theme {
            ThemeChoice::System => Shade::System,
            ThemeChoice::Dark => Shade::Dark,
            ThemeChoice::Light => Shade::Light,
        },
        look: match settings.density {
            Density::Compact => Look::Compact,
            Density::Bubbles => Look::Bubbles,
        },
        text_size: text_size(settings.text_size),
        motion: if settings.reduce_motion { Motion::Reduced } else { Motion::Full },
        hide_previews: settings.hide_previews,
        send_key: match settings.send_key {
            kept::SendKey::Enter => SendKey::Enter,
            kept::SendKey::CtrlEnter => SendKey::CtrlEnter,
        },
        receipts: if settings.send_receipts { Receipts::Sent } else { Receipts::Withheld },
        shortcodes: if settings.emoji_shortcodes { Shortcodes::BecomeEmoji } else { Shortcodes::StayText },
        keep: if settings.keep_history { Keep::Messages } else { Keep::Nothing },
        keep_private: if settings.keep_private { KeepPrivate::Messages } else { KeepPrivate::Nothing },
        address: if settings.never_show_address { Address::Hidden } else { Address::Shown },
        notify: match settings.notifications.shows {
            Privacy::NameAndText => Notify::Everything,
            Privacy::Name => Notify::NameOnly,
            Privacy::Count => Notify::NoDetails,
        },
        on_close: match settings.close_button {
            CloseButton::Tray => OnClose::Tray,
            CloseButton::Quit => OnClose::Quit,
        },
    }
}

/// A text size of the file as the theme has it.
pub(super) const fn text_size(size: kept::TextSize) -> TextSize {
    match size {
        kept::TextSize::Small => TextSize::Small,
        kept::TextSize::Normal => TextSize::Normal,
        kept::TextSize::Large => TextSize::Large,
        kept::TextSize::Largest => TextSize::Huge,
    }
}

/// Takes what was chosen over into the settings of the file.
fn choose(settings: &mut kept::Settings, chosen: &Preferences) {
    settings.theme = match chosen.theme {
        Shade::System => ThemeChoice::System,
        Shade::Dark => ThemeChoice::Dark,
        Shade::Light => ThemeChoice::Light,
    };
    settings.density = match chosen.look {
        Look::Compact => Density::Compact,
        Look::Bubbles => Density::Bubbles,
    };
    settings.text_size = match chosen.text_size {
        TextSize::Small => kept::TextSize::Small,
        TextSize::Normal => kept::TextSize::Normal,
        TextSize::Large => kept::TextSize::Large,
        TextSize::Huge => kept::TextSize::Largest,
    };
    settings.reduce_motion = chosen.motion == Motion::Reduced;
    settings.hide_previews = chosen.hide_previews;
    settings.send_receipts = chosen.receipts == Receipts::Sent;
    settings.emoji_shortcodes = chosen.shortcodes == Shortcodes::BecomeEmoji;
    settings.keep_history = chosen.keep == Keep::Messages;
    settings.keep_private = chosen.keep_private == KeepPrivate::Messages;
    settings.never_show_address = chosen.address == Address::Hidden;
    settings.send_key = match chosen.send_key {
        SendKey::Enter => kept::SendKey::Enter,
        SendKey::CtrlEnter => kept::SendKey::CtrlEnter,
    };
    settings.notifications.shows = match chosen.notify {
        Notify::Everything => Privacy::NameAndText,
        Notify::NameOnly => Privacy::Name,
        Notify::NoDetails => Privacy::Count,
    };
    settings.close_button = match chosen.on_close {
        OnClose::Tray => CloseButton::Tray,
        OnClose::Quit => CloseButton::Quit,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_what_the_settings_show_again() {
        let chosen = Preferences {
            theme: Shade::Light,
            look: Look::Bubbles,
            text_size: TextSize::Huge,
            motion: Motion::Reduced,
            hide_previews: true,
            send_key: SendKey::CtrlEnter,
            shortcodes: Shortcodes::StayText,
            receipts: Receipts::Withheld,
            keep: Keep::Nothing,
            keep_private: KeepPrivate::Messages,
            address: Address::Hidden,
            notify: Notify::NoDetails,
            on_close: OnClose::Quit,
        };
        let mut settings = kept::Settings::default();
        choose(&mut settings, &chosen);
        assert_eq!(preferences(&settings), chosen);
    }
}
