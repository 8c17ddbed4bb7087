//! Keeping people apart.

use std::collections::BTreeSet;

use whoelse_proto::{Answer, Outcome, Refusal, UserName};

use crate::Hub;
use crate::effect::{Effect, Routed};
use crate::pending::{Asked, Pending};
use crate::store::{StoreFault, StoreOp, Stored};

/// Users whom one user may block: more than anybody knows.
const MAX_BLOCKS: usize = 10_000;

impl Hub {
    /// Whether `name` has blocked `from`.
    pub(crate) fn hides_from(&self, name: &UserName, from: &UserName) -> bool {
        self.accounts.get(name).is_some_and(|account| account.blocked.contains(from))
    }

    /// Fills who is blocked by whom from who has blocked whom. Blocks of names that are no more are forgotten: whoever has
    /// such a name next is not blocked.
    pub(crate) fn index_blocks(&mut self) {
        let names: BTreeSet<UserName> = self.accounts.keys().cloned().collect();
        for account in self.accounts.values_mut() {
            account.blocked.retain(|whom| names.contains(whom) || self.names.is_in_doubt(whom));
        }
        let pairs: Vec<_> = self
            .accounts
            .iter()
            .flat_map(|(name, account)| account.blocked.iter().map(move |whom| (whom.clone(), name.clone())))
            .collect();
        for (whom, name) in pairs {
            if let Some(account) = self.accounts.get_mut(&whom) {
                account.blocked_by.insert(name);
            }
        }
    }

    /// Lists whom the user has blocked, behind what was asked of the store before: the answer to a block may have been
    /// lost with the connection on which it was asked for.
    pub(crate) fn list_blocked(&mut self, asked: Asked) {
        let nothing = StoreOp::SessionsOf { names: Vec::new(), from: self.now };
        self.ask_store(nothing, Pending::Blocked { asked });
    }

    /// Fills, of one account that is back, whom it has blocked and who has blocked it.
    pub(crate) fn index_blocks_of(&mut self, name: &UserName) {
        let by: BTreeSet<UserName> =
            self.accounts.iter().filter(|(_, other)| other.blocked.contains(name)).map(|(by, _)| by.clone()).collect();
        let Some(account) = self.accounts.get_mut(name) else { return };
        account.blocked_by = by;
        for whom in account.blocked.clone() {
            if let Some(other) = self.accounts.get_mut(&whom) {
                other.blocked_by.insert(name.clone());
            }
        }
    }

    pub(crate) fn block(&mut self, asked: Asked, name: UserName, whom: UserName) {
        if whom == name {
            self.refuse(asked, Refusal::Yourself);
        } else if !self.accounts.contains_key(&whom) {
            self.refuse(asked, Refusal::UnknownUser);
        } else if self.accounts.get(&name).is_some_and(|account| account.blocked.len() >= MAX_BLOCKS) {
            self.refuse(asked, Refusal::Full);
        } else {
            let op = StoreOp::Block { name: name.clone(), whom: whom.clone() };
            self.ask_store(op, Pending::Block { asked, name, whom });
        }
    }

    pub(crate) fn block_stored(
        &mut self,
        asked: Asked,
        name: UserName,
        whom: UserName,
        result: &Result<Stored, StoreFault>,
    ) {
        if *result != Ok(Stored::Done) {
            self.refuse_unfit(asked);
            return;
        }
        // The account may have been removed meanwhile; who takes the name next is not blocked.
        let Some(account) = self.accounts.get_mut(&whom) else {
            self.refuse(asked, Refusal::UnknownUser);
            return;
        };
        account.blocked_by.insert(name.clone());
        if let Some(account) = self.accounts.get_mut(&name)
            && account.blocked.insert(whom.clone())
        {
            self.turn_down(&name, &whom);
            self.effects.push(Effect::Route { to: vec![whom], what: Routed::Visibility { name } });
        }
        self.answer(asked, Outcome::Ok(Answer::Done {}));
    }

    pub(crate) fn unblock(&mut self, asked: Asked, name: UserName, whom: UserName) {
        if whom == name {
            self.refuse(asked, Refusal::Yourself);
        } else if self.hides_from(&name, &whom) {
            let op = StoreOp::Unblock { name: name.clone(), whom: whom.clone() };
            self.ask_store(op, Pending::Unblock { asked, name, whom });
        } else if self.accounts.contains_key(&whom) {
            self.refuse(asked, Refusal::NotBlocked);
        } else {
            self.refuse(asked, Refusal::UnknownUser);
        }
    }

    pub(crate) fn unblock_stored(
        &mut self,
        asked: Asked,
        name: UserName,
        whom: UserName,
        result: &Result<Stored, StoreFault>,
    ) {
        if *result != Ok(Stored::Done) {
            self.refuse_unfit(asked);
            return;
        }
        if let Some(account) = self.accounts.get_mut(&whom) {
            account.blocked_by.remove(&name);
        }
        if let Some(account) = self.accounts.get_mut(&name)
            && account.blocked.remove(&whom)
        {
            self.effects.push(Effect::Route { to: vec![whom], what: Routed::Visibility { name } });
        }
        self.answer(asked, Outcome::Ok(Answer::Done {}));
    }
}
