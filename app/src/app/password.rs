//! Changing the own password.

use eframe::egui::Context;
use whoelse_model::Action;
use whoelse_proto::Password;

use super::App;
use crate::view::password::{self, PasswordAction};

impl App {
    /// Asks for the old and the new password, and has it changed.
    pub(super) fn ask_for_password(&mut self, ctx: &Context) {
        let Some(action) = password::ask(ctx, &mut self.password) else { return };
        let form = std::mem::take(&mut self.password);
        self.overlay = None;
        if action == PasswordAction::Close {
            return;
        }
        match (Password::new(&form.old), Password::new(&form.new)) {
            (Ok(old), Ok(new)) => {
                // What the keyring holds is not the password any more; the next sign-in keeps the new one.
                if let Some(account) = self.account() {
                    self.desktop.forget_password(account);
                }
                self.engine.act(Action::ChangePassword { old, new });
            }
            (Err(error), _) | (_, Err(error)) => self.tell(format!("Not changed: {error}.")),
        }
    }
}
