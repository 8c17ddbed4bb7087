//! The index of shared files: who is online and holds what. Bytes of files never come here.
//!
//! An entry lasts as long as its holder's session: only who is online can be asked, and only the holder knows whether
//! the file is still there.

use std::collections::BTreeMap;
use std::ops::Bound;

use whoelse_proto::limits::MAX_FILES_PER_USER;
use whoelse_proto::{Answer, Chunks, FileRoot, FilesCommand, Outcome, Purpose, Refusal, SharedFile, UserName};

use crate::Hub;
use crate::paging::List;
use crate::pending::Asked;
use crate::search::{Search, Wanted};

/// Every file that somebody online holds chunks of.
#[derive(Debug, Default)]
pub(crate) struct Index {
    files: BTreeMap<SharedFile, BTreeMap<UserName, Held>>,
    by_user: BTreeMap<UserName, Vec<SharedFile>>,
    /// The number of the last registration.
    last: u64,
}

/// What one holder has of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) chunks: Chunks,
    /// The number of the registration: whoever registered first has the lowest.
    pub(crate) since: u64,
}

impl Index {
    /// Adds chunks of a holder. Returns whether somebody else whom the holder may see has chunks of the file, or nothing
    /// if the user holds too many files.
    fn add(
        &mut self,
        name: &UserName,
        file: SharedFile,
        chunks: Chunks,
        is_seen: impl Fn(&UserName) -> bool,
    ) -> Option<Known> {
        let holders = self.files.get(&file);
        let is_new = !holders.is_some_and(|holders| holders.contains_key(name));
        let known = holders.is_some_and(|holders| holders.keys().any(|holder| holder != name && is_seen(holder)));
        if is_new {
            let mine = self.by_user.entry(name.clone()).or_default();
            if mine.len() >= MAX_FILES_PER_USER {
                return None;
            }
            mine.push(file.clone());
        }
        self.last += u64::from(is_new);
        let new = Held { chunks: Chunks::default(), since: self.last };
        let held = self.files.entry(file).or_default().entry(name.clone()).or_insert(new);
        held.chunks = held.chunks.union(chunks);
        Some(if known { Known::Yes } else { Known::No })
    }

    /// Takes the files of a holder out that are not to stay. Gives whether there were any.
    fn retain(&mut self, name: &UserName, stays: impl Fn(&SharedFile) -> bool) -> bool {
        let (stay, gone): (Vec<_>, Vec<_>) =
            self.by_user.remove(name).unwrap_or_default().into_iter().partition(|file| stays(file));
        for file in &gone {
            if let Some(holders) = self.files.get_mut(file) {
                holders.remove(name);
                if holders.is_empty() {
                    self.files.remove(file);
                }
            }
        }
        if !stay.is_empty() {
            self.by_user.insert(name.clone(), stay);
        }
        !gone.is_empty()
    }

    /// Takes everything of a user out.
    pub(crate) fn forget(&mut self, name: &UserName) {
        self.retain(name, |_| false);
    }

    fn holds(&self, name: &UserName, root: FileRoot) -> bool {
        self.by_user.get(name).is_some_and(|files| files.iter().any(|file| file.root == root))
    }

    /// Who holds chunks of a file.
    pub(crate) fn holders(&self, file: &SharedFile) -> Option<&BTreeMap<UserName, Held>> {
        self.files.get(file)
    }

    /// The files that may be wanted, by name, size and root, from one of them on: of a whole name those alone, else all.
    pub(crate) fn from<'a>(
        &'a self,
        from: Option<SharedFile>,
        wanted: &'a Wanted,
    ) -> impl Iterator<Item = (&'a SharedFile, &'a BTreeMap<UserName, Held>)> {
        let from = from.or_else(|| wanted.first()).map_or(Bound::Unbounded, Bound::Included);
        self.files
            .range::<SharedFile, _>((from, Bound::Unbounded))
            .take_while(|(file, _)| !wanted.is_behind(&file.name))
    }
}

/// Whether somebody else holds a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Yes,
    No,
}

impl Hub {
    pub(crate) fn files(&mut self, asked: Asked, name: &UserName, command: FilesCommand) {
        match command {
            FilesCommand::Register { file, chunks } => self.register_file(asked, name, file, chunks),
            FilesCommand::Unregister { root } => self.unregister_file(asked, name, root),
            FilesCommand::Search { name, any_of, names } => {
                self.answer_list(asked, List::Found(Search::new(Wanted::new(name, names), any_of)));
            }
            FilesCommand::Fetch { root, holder } => self.fetch_file(asked, name, root, &holder),
        }
    }

    fn register_file(&mut self, asked: Asked, name: &UserName, file: SharedFile, chunks: Chunks) {
        let hidden = self.accounts.get(name).map(|account| account.blocked_by.clone()).unwrap_or_default();
        let all = file.size.all_chunks();
        if chunks.common(all) != chunks || chunks.is_empty() != all.is_empty() {
            self.refuse(asked, Refusal::Invalid);
        } else if !self.has_device_on(name, asked.conn) {
            self.refuse(asked, Refusal::NoDevice);
        } else if let Some(known) = self.index.add(name, file, chunks, |holder| !hidden.contains(holder)) {
            self.answer(asked, Outcome::Ok(Answer::Registered { known: known == Known::Yes }));
        } else {
            self.refuse(asked, Refusal::Full);
        }
    }

    fn unregister_file(&mut self, asked: Asked, name: &UserName, root: FileRoot) {
        if self.index.retain(name, |file| file.root != root) {
            self.answer(asked, Outcome::Ok(Answer::Done {}));
        } else {
            self.refuse(asked, Refusal::NoFile);
        }
    }

    /// Introduces a user to a holder of a file, who agreed to it by registering.
    fn fetch_file(&mut self, asked: Asked, name: &UserName, root: FileRoot, holder: &UserName) {
        if let Some(refusal) = self.fetch_refused(asked, name, root, holder) {
            self.refuse(asked, refusal);
            return;
        }
        let now = self.now;
        if !self.accounts.get_mut(name).is_some_and(|account| account.shares.may_fetch(now)) {
            self.refuse(asked, Refusal::Full);
            return;
        }
        self.answer(asked, Outcome::Ok(Answer::Done {}));
        let number = self.next_introduction();
        self.introduce(holder, name, Purpose::Serve { root }, number);
        self.introduce(name, holder, Purpose::Fetch { root }, number);
    }

    fn fetch_refused(&self, asked: Asked, name: &UserName, root: FileRoot, holder: &UserName) -> Option<Refusal> {
        // Whoever blocked the one who asks, is away or never had the file: an answer that told them apart would list those
        // who blocked.
        let hides = self.hides_from(holder, name);
        if name == holder {
            Some(Refusal::Yourself)
        } else if !self.accounts.contains_key(holder) {
            Some(Refusal::UnknownUser)
        } else if hides || !self.index.holds(holder, root) {
            Some(Refusal::NoFile)
        } else if !self.has_device_on(name, asked.conn) || !self.has_device(holder) {
            Some(Refusal::NoDevice)
        } else if !self.is_in_reach(name) || !self.is_in_reach(holder) {
            Some(Refusal::NoRelay)
        } else {
            None
        }
    }
}
