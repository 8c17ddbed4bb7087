//! What happens outside the window: notifications, tray, keyring, a second start.

use eframe::egui::Context;
use whoelse_client::now;
use whoelse_model::{Chat, Credential, Notification};

use super::App;
use super::desktop::DesktopEvent;
use super::quiet::Whose;
use crate::platform::keyring::{Failure, News};
use crate::platform::notify::Note;
use crate::platform::surroundings::{Contrast, Said, Screen, Shade};
use crate::platform::tray::TrayEvent;
use crate::platform::window;
use crate::timeline::as_read;
use crate::view::sign_in::Keyring;

/// What the desktop says of whoever sits at it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Around {
    /// How many times as large as usual text is to be.
    pub(super) text_scale: f32,
    pub(super) contrast: Contrast,
    pub(super) shade: Option<Shade>,
    pub(super) screen: Screen,
}

impl Default for Around {
    fn default() -> Self {
        Self { text_scale: 1.0, contrast: Contrast::Usual, shade: None, screen: Screen::Open }
    }
}

/// Text scales of desktops lie between these; beyond them the window could not be used.
const LEAST_SCALE: f32 = 0.5;
const MOST_SCALE: f32 = 3.0;

impl App {
    /// Tells the person who does not look.
    pub(super) fn notify(&mut self, notification: Notification) {
        let Notification { chat, author, text } = notification;
        let unread = self.model().chats().get(&chat).map_or(1, Chat::unread);
        self.tell_outside(Note { chat, from: author, text: as_read(text.as_str()), unread });
    }

    /// Shows a notification, if the person wants any.
    pub(super) fn tell_outside(&mut self, note: Note) {
        let chat = self.model().chats().get(&note.chat);
        if !self.is_undisturbed() && !chat.is_some_and(|chat| chat.mute().is_on(now())) {
            self.desktop.notify(note, self.settings.notifications.shows);
        }
    }

    /// Does what is asked from outside.
    pub(super) fn take_desktop_events(&mut self, ctx: &Context) {
        for event in self.desktop.events() {
            match event {
                DesktopEvent::Clicked(chat) => {
                    window::raise(ctx);
                    if let Some(chat) = chat.filter(|_| self.is_main_shown()) {
                        self.open_chat(&chat);
                    }
                }
                DesktopEvent::Called(server) => {
                    window::raise(ctx);
                    if let Some(server) = server {
                        self.called(&server);
                    }
                }
                DesktopEvent::Tray(TrayEvent::Open) => window::raise(ctx),
                DesktopEvent::Tray(TrayEvent::Quiet(quiet)) => self.keep_quiet(Whose::All, quiet),
                DesktopEvent::Tray(TrayEvent::EndQuiet) => self.end_quiet(Whose::All),
                DesktopEvent::Tray(TrayEvent::Quit) => self.quit(ctx),
                DesktopEvent::Tray(TrayEvent::Changed) => {
                    if !self.desktop.has_tray() {
                        window::raise(ctx);
                    }
                }
                DesktopEvent::Keyring(news) => self.keyring_news(news),
                DesktopEvent::Said(said) => self.follow_desktop(ctx, said),
            }
        }
    }

    /// The desktop shows things otherwise, or its screen was locked or opened.
    fn follow_desktop(&mut self, ctx: &Context, said: Said) {
        match said {
            Said::TextScale(factor) => self.around.text_scale = factor.clamp(LEAST_SCALE, MOST_SCALE),
            Said::Contrast(contrast) => self.around.contrast = contrast,
            Said::Shade(shade) => self.around.shade = shade,
            Said::Screen(screen) => {
                self.around.screen = screen;
                // What arrived meanwhile is seen from here on, if somebody looks.
                self.chats.values_mut().for_each(|open| open.timeline.forget_seen());
                return;
            }
        }
        self.apply_settings(ctx);
    }

    /// An invitation was opened: whoever is signed in decides by signing out.
    fn called(&mut self, server: &whoelse_proto::Invitation) {
        if self.is_main_shown() {
            self.tell("Sign out first to follow the invitation.".to_owned());
        } else {
            self.first.prefill(server);
        }
    }

    fn keyring_news(&mut self, news: News) {
        match news {
            News::Found { account, password: Some(password) } => {
                let form = &mut self.first.form;
                if form.name == account.name.as_str() && form.password.is_empty() {
                    password.expose().clone_into(&mut form.password);
                }
            }
            News::Found { password: None, .. } | News::Kept(_) | News::Forgotten(_) => {}
            News::Failed { cause, .. } => {
                if cause == Failure::NoKeyring {
                    self.first.state.keyring = Keyring::Absent;
                } else {
                    self.tell(cause.to_string());
                }
            }
        }
    }

    /// The person is in with a password that is to be kept, or not.
    pub(super) fn keep_password(&mut self) {
        let Some(account) = self.account() else { return };
        let credential = self.first.last().map(|attempt| attempt.credential.clone());
        match credential {
            Some(Credential::Password(password) | Credential::NewAccount(password)) => {
                if self.first.form.keep {
                    self.desktop.keep_password(account, password);
                } else {
                    self.desktop.forget_password(account);
                }
            }
            Some(Credential::KeptToken) | None => {}
        }
        self.first.forget_password();
    }
}
