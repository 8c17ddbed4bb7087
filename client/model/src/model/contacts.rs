//! Everybody else: who is here, who was, who is blocked.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{Presence, PresenceChange, PresenceReason, RosterEntry, UserName};

use crate::message::RowId;

/// Another user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    name: UserName,
    presence: Presence,
    account: Account,
    blocked: Blocked,
    latest: RowId,
}

/// Whether the server has an account of a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Account {
    #[default]
    Exists,
    Gone,
}

/// Whether the user has blocked a contact. In the order of the list: the blocked stand last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Blocked {
    No,
    Yes,
}

impl Contact {
    fn new(name: UserName, account: Account) -> Self {
        let presence = Presence::Offline { last_seen: None };
        Self { name, presence, account, blocked: Blocked::No, latest: RowId::default() }
    }

    /// Who.
    #[must_use]
    pub const fn name(&self) -> &UserName {
        &self.name
    }

    /// Whether here, as last heard.
    #[must_use]
    pub const fn presence(&self) -> Presence {
        self.presence
    }

    /// Whether here, as last heard.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        matches!(self.presence, Presence::Online { .. })
    }

    /// Whether the user has blocked them.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.blocked == Blocked::Yes
    }

    /// Whether the server has no account of them any more: what was written stays, nothing can be sent.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.account == Account::Gone
    }

    fn place(&self) -> Place {
        Place {
            section: if self.is_online() { Section::Online } else { Section::Offline },
            blocked: self.blocked,
            latest: Reverse(self.latest),
            folded: self.name.as_str().to_ascii_lowercase(),
            name: self.name.clone(),
        }
    }
}

/// The two parts of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Those who are here.
    Online,
    /// The others.
    Offline,
}

/// Where a contact stands: online first, the blocked last in each section, then who wrote last, then by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    section: Section,
    blocked: Blocked,
    latest: Reverse<RowId>,
    folded: String,
    name: UserName,
}

/// The list of contacts, kept in order.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    by_name: BTreeMap<UserName, Contact>,
    order: BTreeSet<Place>,
    online: usize,
    /// What a name counts as that the server has not named: gone, once the server has named everybody.
    unnamed: Account,
    revision: u64,
}

impl Contacts {
    /// All, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &Contact> {
        self.order.iter().filter_map(|place| self.by_name.get(&place.name))
    }

    /// Those of a section, in the order of the list.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &Contact> {
        let of = move |place: &&Place| place.section == section;
        self.order.iter().filter(of).filter_map(|place| self.by_name.get(&place.name))
    }

    /// How many a section has.
    #[must_use]
    pub fn count(&self, section: Section) -> usize {
        match section {
            Section::Online => self.online,
            Section::Offline => self.by_name.len() - self.online,
        }
    }

    /// All names, by name.
    pub fn names(&self) -> impl Iterator<Item = &UserName> {
        self.by_name.keys()
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, name: &UserName) -> Option<&Contact> {
        self.by_name.get(name)
    }

    /// Grows with every change.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes in a roster; a complete one names everybody who has an account.
    pub(super) fn roster(&mut self, users: Vec<RosterEntry>, complete: bool) {
        if complete {
            self.unnamed = Account::Gone;
            let named: BTreeSet<&UserName> = users.iter().map(|entry| &entry.name).collect();
            let gone: Vec<UserName> = self.by_name.keys().filter(|name| !named.contains(name)).cloned().collect();
            for name in gone {
                self.lose(&name);
            }
        }
        for RosterEntry { name, presence } in users {
            self.change(&name, |contact| {
                contact.presence = presence;
                contact.account = Account::Exists;
            });
        }
    }

    /// Takes in who came and went.
    pub(super) fn presence(&mut self, changes: Vec<PresenceChange>) {
        for PresenceChange { name, reason, at } in changes {
            let presence = match reason {
                PresenceReason::Login => Presence::Online { since: at },
                PresenceReason::Logout | PresenceReason::Timeout | PresenceReason::Lost => {
                    Presence::Offline { last_seen: Some(at) }
                }
            };
            self.change(&name, |contact| {
                contact.presence = presence;
                contact.account = Account::Exists;
            });
        }
    }

    /// Takes in whom the user has blocked: these and no others.
    pub(super) fn blocked(&mut self, names: &[UserName]) {
        let blocked: BTreeSet<&UserName> = names.iter().collect();
        let unblocked: Vec<UserName> = self
            .by_name
            .values()
            .filter(|contact| contact.is_blocked() && !blocked.contains(&contact.name))
            .map(|contact| contact.name.clone())
            .collect();
        for name in &unblocked {
            self.unblock(name);
        }
        for name in blocked {
            self.block(name);
        }
    }

    pub(super) fn block(&mut self, name: &UserName) {
        self.change(name, |contact| contact.blocked = Blocked::Yes);
    }

    pub(super) fn unblock(&mut self, name: &UserName) {
        self.change(name, |contact| contact.blocked = Blocked::No);
    }

    /// The newest message of the chat with a contact is this row.
    pub(super) fn wrote(&mut self, name: &UserName, latest: RowId) {
        self.change(name, |contact| contact.latest = latest);
    }

    /// A contact has no account any more: forgotten, unless there is a chat to show.
    fn lose(&mut self, name: &UserName) {
        let Some(contact) = self.by_name.get(name) else { return };
        if contact.latest > RowId::default() {
            self.change(name, |contact| {
                contact.account = Account::Gone;
                contact.presence = Presence::Offline { last_seen: None };
            });
        } else {
            self.order.remove(&contact.place());
            self.online -= usize::from(contact.is_online());
            self.by_name.remove(name);
            self.revision += 1;
        }
    }

    /// Changes a contact, perhaps a new one, and puts it into its place.
    fn change(&mut self, name: &UserName, change: impl FnOnce(&mut Contact)) {
        let unnamed = self.unnamed;
        let contact = self.by_name.entry(name.clone()).or_insert_with(|| Contact::new(name.clone(), unnamed));
        let before = contact.clone();
        change(contact);
        let place = contact.place();
        let is_online = contact.is_online();
        if *contact == before && self.order.contains(&place) {
            return;
        }
        // A contact that is new stands nowhere yet.
        if self.order.remove(&before.place()) {
            self.online -= usize::from(before.is_online());
        }
        self.order.insert(place);
        self.online += usize::from(is_online);
        self.revision += 1;
    }
}
