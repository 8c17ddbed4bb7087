//! Whom the person has asked for a private session: the bar that says so while another chat is shown, until the session
//! was seen.

use std::collections::BTreeSet;

use eframe::egui::Context;
use whoelse_model::{ChatId, Model, PrivateStage};
use whoelse_proto::limits::PRIVATE_REQUEST_S;
use whoelse_proto::{Seconds, Timestamp, UserName};

use super::{App, bars};
use crate::view::Asked;

/// The questions of the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asking {
    /// Those who have not answered, or whose devices are not connected yet.
    asked: BTreeSet<UserName>,
    /// Who agreed last, until the private chat is shown.
    accepted: Option<UserName>,
}

impl Asking {
    /// Follows the stage of each question, and what is shown.
    fn follow(&mut self, model: &Model, shown: Option<&ChatId>) {
        for (name, stage) in model.privates().iter() {
            match stage {
                PrivateStage::Asking { .. } => {
                    self.asked.insert(name.clone());
                }
                PrivateStage::Open(_) if self.asked.remove(name) => self.accepted = Some(name.clone()),
                PrivateStage::Asked { .. } | PrivateStage::Over { .. } => {
                    self.asked.remove(name);
                }
                PrivateStage::Linking | PrivateStage::Open(_) => {}
            }
        }
        let is_new =
            |name: &UserName| model.privates().open(name).is_some() && shown != Some(&ChatId::Private(name.clone()));
        self.accepted = self.accepted.take().filter(is_new);
    }
}

impl App {
    /// Follows what became of the person's questions.
    pub(super) fn follow_asking(&mut self) {
        self.asking.follow(self.engine.model(), self.tabs.shown_chat());
    }

    /// The bar about a question whose private chat is not shown.
    pub(super) fn asked_words(&self, ctx: &Context, now: Timestamp) -> Option<Asked> {
        if let Some(name) = &self.asking.accepted {
            return Some(Asked::Accepted { name: name.clone() });
        }
        let shown = self.tabs.shown_chat();
        let waiting = self.model().privates().iter().find_map(|(name, stage)| match stage {
            PrivateStage::Asking { since } if shown != Some(&ChatId::Private(name.clone())) => Some((name, *since)),
            PrivateStage::Asking { .. }
            | PrivateStage::Asked { .. }
            | PrivateStage::Linking
            | PrivateStage::Open(_)
            | PrivateStage::Over { .. } => None,
        });
        let (name, since) = waiting?;
        let left = bars::counted(ctx, since.plus(Seconds::new(PRIVATE_REQUEST_S)), now);
        Some(Asked::Waiting { name: name.clone(), left })
    }
}
