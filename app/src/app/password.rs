//! Changing the own password.

use eframe::egui::Context;
use whoelse_model::command::CommandKind;
use whoelse_model::{Action, NoticeKind};
use whoelse_proto::Password;

use super::overlay::Overlay;
use super::{App, words};
use crate::view::password::{self, PasswordAction, PasswordForm, Stands};

impl App {
    /// Asks for the old and the new password, and has it changed.
    pub(super) fn ask_for_password(&mut self, ctx: &Context) {
        let Some(action) = password::ask(ctx, &mut self.password) else { return };
        match action {
            PasswordAction::Close => self.close_password(),
            PasswordAction::Change => match (Password::new(&self.password.old), Password::new(&self.password.new)) {
                (Ok(old), Ok(new)) => {
                    self.password.wrong.clear();
                    self.password.stands = Stands::Asked;
                    self.engine.act(Action::ChangePassword { old, new });
                }
                (Err(error), _) | (_, Err(error)) => self.tell(format!("Not changed: {error}.")),
            },
        }
    }

    /// Takes in what became of the password, while the dialog is open. Whether the notice was about that, and need not
    /// be told elsewhere.
    pub(super) fn take_password_notice(&mut self, kind: &NoticeKind) -> bool {
        if self.overlay != Some(Overlay::Password) || self.password.stands != Stands::Asked {
            return false;
        }
        if let NoticeKind::PasswordKept(fault) = kind {
            self.password.wrong = words::password_kept(fault);
            self.password.stands = Stands::Refused;
            return true;
        }
        if let NoticeKind::Done { command: CommandKind::Passwd, .. } = kind {
            self.close_password();
        }
        false
    }

    fn close_password(&mut self) {
        self.password = PasswordForm::default();
        self.overlay = None;
    }

    /// The password is another: the next sign-in keeps the new one. Where a change was refused, or nobody knows what became
    /// of it, what the keyring holds stays.
    pub(super) fn forget_kept_password(&mut self) {
        if let Some(account) = self.account() {
            self.desktop.forget_password(account);
        }
    }
}
