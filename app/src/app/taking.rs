//! Files that are taken without a question: those of people of whom the user said so, in a session whose code was compared.

use std::collections::BTreeSet;

use whoelse_model::{FileOrder, Transfer, TransferId, TransferKind, TransferState, Trust};
use whoelse_proto::UserName;

use super::App;
use crate::platform::settings::Account;
use crate::view::Takes;

/// What is larger is asked about, whoever offers it: pictures and papers are smaller, and a disk is not filled in passing.
const MOST_UNASKED_BYTES: u64 = 256 << 20;

/// What was taken, until the runtime says so.
#[derive(Debug, Default)]
pub(super) struct Taking {
    ordered: BTreeSet<TransferId>,
}

impl App {
    /// Somebody on the server of the session.
    fn on_this_server(&self, name: &UserName) -> Option<Account> {
        let server = self.model().session().server()?.fingerprint?;
        Some(Account { server, name: name.clone() })
    }

    /// Whether files of somebody are taken without a question, from here on.
    pub(super) fn take_from(&mut self, name: &UserName, takes: Takes) {
        if let Some(account) = self.on_this_server(name) {
            match takes {
                Takes::Unasked => self.settings.always_take_from(account),
                Takes::Asks => self.settings.ask_about_files_of(&account),
            }
            self.keep_settings();
        }
    }

    /// Takes what is offered by those of whom the user said so.
    pub(super) fn take_unasked(&mut self) {
        if self.settings.take_from.is_empty() && self.sending.taking.ordered.is_empty() {
            return;
        }
        let is_offered = |transfer: &Transfer| transfer.state == TransferState::Offered;
        let transfers = self.model().transfers().iter().map(|view| &view.transfer);
        let offered: Vec<&Transfer> = transfers.filter(|transfer| is_offered(transfer)).collect();
        let all: BTreeSet<TransferId> = offered.iter().map(|transfer| transfer.id).collect();
        let unasked: Vec<TransferId> =
            offered.iter().filter(|transfer| self.is_unasked(transfer)).map(|transfer| transfer.id).collect();
        self.sending.taking.ordered.retain(|id| all.contains(id));
        for id in unasked {
            if self.sending.taking.ordered.insert(id) {
                self.fetch_unasked(FileOrder::Take { id, folder: None });
            }
        }
    }

    fn is_unasked(&self, transfer: &Transfer) -> bool {
        let TransferKind::Receiving { from } = &transfer.kind else { return false };
        let verified = self.model().privates().open(from).is_some_and(|session| session.trust == Trust::Verified);
        let chosen = self.on_this_server(from).is_some_and(|account| self.settings.take_from.contains(&account));
        verified && chosen && transfer.size <= MOST_UNASKED_BYTES
    }
}
