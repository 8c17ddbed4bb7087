//! Who may hear of whose device, who may be rung, and who may be listed as a holder of a file.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_proto::{
    Command, DeviceKey, FileRoot, FilesCommand, FoundFile, Introduction, PrivateCommand, Purpose, Timestamp, UserName,
};

type Pair = (UserName, UserName);

/// Questions of one user to another that may come at once.
const QUESTIONS: usize = 3;

/// Milliseconds after which one more may come, less what rounding takes.
const QUESTION_EVERY_MS: u64 = 9_900;

/// Whether a user holds a file, as those know who hear what the user asks and is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holding {
    /// It was registered, or may have been.
    Perhaps,
    /// The user wants it unregistered.
    Leaving,
    /// Certainly not, since then.
    Not(Timestamp),
}

/// What was asked, and what may follow from it.
#[derive(Debug, Default)]
pub(super) struct Peers {
    devices: BTreeMap<UserName, DeviceKey>,
    /// Who has wanted a session with whom.
    wants: BTreeSet<Pair>,
    /// Who has wanted to fetch what from whom.
    fetches: BTreeSet<(UserName, FileRoot, UserName)>,
    /// The number of the last introduction for a session.
    numbers: BTreeMap<Pair, u64>,
    /// When one rang at another, since the server started.
    rung: BTreeMap<Pair, Vec<Timestamp>>,
    holdings: BTreeMap<(UserName, FileRoot), Holding>,
}

impl Peers {
    /// A client puts a request on its line.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are about neither devices nor files")]
    pub(super) fn asks(&mut self, name: &UserName, command: &Command) {
        match command {
            Command::Private(PrivateCommand::Publish { device, .. }) => {
                self.devices.insert(name.clone(), *device);
            }
            Command::Private(PrivateCommand::Start { name: peer } | PrivateCommand::Accept { name: peer }) => {
                self.wants.insert((name.clone(), peer.clone()));
            }
            Command::Files(FilesCommand::Register { file, .. }) => {
                self.holdings.insert((name.clone(), file.root), Holding::Perhaps);
            }
            Command::Files(FilesCommand::Unregister { root }) => {
                self.holdings.insert((name.clone(), *root), Holding::Leaving);
            }
            Command::Files(FilesCommand::Fetch { root, holder }) => {
                self.fetches.insert((name.clone(), *root, holder.clone()));
            }
            _ => {}
        }
    }

    /// The server says that a file is not registered any more.
    pub(super) fn unregistered(&mut self, name: &UserName, root: FileRoot, now: Timestamp) {
        if let Some(holding @ Holding::Leaving) = self.holdings.get_mut(&(name.clone(), root)) {
            *holding = Holding::Not(now);
        }
    }

    /// A session begins: nothing of an earlier one is in the index.
    pub(super) fn began(&mut self, name: &UserName, now: Timestamp) {
        for ((holder, _), holding) in &mut self.holdings {
            if holder == name {
                *holding = Holding::Not(now);
            }
        }
    }

    /// The server's process is gone, and with it what it counted.
    pub(super) fn server_gone(&mut self) {
        self.rung.clear();
    }

    /// A question reaches a user.
    pub(super) fn rang(&mut self, by: &UserName, at: &UserName, now: Timestamp) -> Result<(), String> {
        if !self.wants.contains(&(by.clone(), at.clone())) {
            return Err(format!("{at} is asked for a session by {by}, who did not ask"));
        }
        let rung = self.rung.entry((by.clone(), at.clone())).or_default();
        rung.push(now);
        let earlier = rung.len().checked_sub(QUESTIONS + 2).and_then(|index| rung.get(index));
        // Five in a row: three at once, and two more that each took their time.
        match earlier {
            Some(earlier) if now.millis() - earlier.millis() < 2 * QUESTION_EVERY_MS => {
                Err(format!("{by} rings too often at {at}"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A user is told where the device of another is.
    pub(super) fn introduced(&mut self, reader: &UserName, told: &Introduction) -> Result<(), String> {
        let Introduction { peer, purpose, number, device, .. } = told;
        let wants = |who: &UserName, whom: &UserName| self.wants.contains(&(who.clone(), whom.clone()));
        let fetches =
            |who: &UserName, root: FileRoot, of: &UserName| self.fetches.contains(&(who.clone(), root, of.clone()));
        let agreed = match purpose {
            Purpose::Session {} => wants(reader, peer) && wants(peer, reader),
            Purpose::Fetch { root } => fetches(reader, *root, peer),
            Purpose::Serve { root } => fetches(peer, *root, reader),
        };
        if !agreed {
            return Err(format!("{reader} is introduced to {peer} for {purpose:?}, which they did not agree to"));
        }
        if self.devices.get(peer) != Some(device) {
            return Err(format!("{reader} is told of a device that is not {peer}'s"));
        }
        if *purpose == (Purpose::Session {}) {
            let last = self.numbers.insert((reader.clone(), peer.clone()), *number).unwrap_or_default();
            if *number < last {
                return Err(format!("{reader} is introduced to {peer} as {number}, and was as {last}"));
            }
        }
        Ok(())
    }

    /// A search that was asked at a moment finds files.
    pub(super) fn found(&self, files: &[FoundFile], asked_at: Timestamp) -> Result<(), String> {
        for file in files {
            for holder in &file.holders {
                let root = file.file.root;
                match self.holdings.get(&(holder.name.clone(), root)) {
                    Some(Holding::Perhaps | Holding::Leaving) => {}
                    Some(Holding::Not(since)) if asked_at <= *since => {}
                    Some(Holding::Not(_)) => {
                        return Err(format!("{} is listed with {root}, which was given up", holder.name));
                    }
                    None => return Err(format!("{} is listed with {root}, never registered", holder.name)),
                }
            }
        }
        Ok(())
    }
}
