//! A search for the holders of files by their names, as a list of any length: first the files that most hold are found, then their
//! holders are listed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use whoelse_proto::limits::{MAX_FILE_NAME_BYTES, MAX_FOUND_FILES, MAX_NAME_BYTES};
use whoelse_proto::{Answer, Chunks, FileName, FileRoot, FileSize, FoundFile, Holder, Naming, SharedFile, UserName};

use crate::Hub;
use crate::files::Held;
use crate::paging::{List, PAGE_BYTES, Step};

/// Holders looked at in one step: some hundred microseconds of work.
const HOLDERS_PER_STEP: usize = 2_000;

/// Files of one search that count as those of the same user, who registered them first: whoever lays a hundred contents
/// beside one file does not crowd it out. More contents of one name than anybody chooses from.
const FILES_OF_ONE: usize = 10;

/// Files of the same user in a list of all names, or of part of one: half of what a search finds.
const FILES_OF_ONE_LISTED: usize = MAX_FOUND_FILES / 2;

/// Bytes that a holder in a list takes at most.
const HOLDER_BYTES: usize = 24 + MAX_NAME_BYTES;

/// Bytes that a file in a list takes at most, with its first holder.
const FOUND_BYTES: usize = 96 + MAX_FILE_NAME_BYTES + HOLDER_BYTES;

/// Which files are searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Of this name.
    Named(FileName),
    /// Whose name holds this, in small letters.
    Holding(String),
    /// All.
    Any,
}

impl Wanted {
    pub(crate) fn new(name: FileName, names: Naming) -> Self {
        match names {
            Naming::Whole => Self::Named(name),
            Naming::Part => Self::Holding(name.as_str().to_lowercase()),
            Naming::Any => Self::Any,
        }
    }

    /// The least file that may be wanted; nothing if it may be any.
    pub(crate) fn first(&self) -> Option<SharedFile> {
        let Self::Named(name) = self else { return None };
        Some(SharedFile { name: name.clone(), size: FileSize::EMPTY, root: FileRoot::from_bytes([0; 32]) })
    }

    /// Whether a name, and all behind it, is not wanted.
    pub(crate) fn is_behind(&self, name: &FileName) -> bool {
        matches!(self, Self::Named(wanted) if wanted != name)
    }

    fn fits(&self, name: &FileName) -> bool {
        match self {
            Self::Named(wanted) => wanted == name,
            Self::Holding(part) => name.as_str().to_lowercase().contains(part),
            Self::Any => true,
        }
    }

    /// Files that count as those of the same user at most.
    const fn of_one(&self) -> usize {
        match self {
            Self::Named(_) => FILES_OF_ONE,
            Self::Holding(_) | Self::Any => FILES_OF_ONE_LISTED,
        }
    }
}

/// A search, as far as it has not been answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    wanted: Wanted,
    any_of: Option<Chunks>,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The files are being ranked.
    Ranking(Ranking),
    /// The holders of these are being listed; of the first, those behind this one.
    Listing { files: VecDeque<SharedFile>, after: Option<UserName> },
}

/// What the reader may see of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ranked {
    file: SharedFile,
    holders: usize,
    /// Who of them registered it first, and as which registration.
    first: (u64, UserName),
}

impl Ranked {
    /// The lower comes first: what most hold, and of these what was registered first.
    fn rank(&self) -> (Reverse<usize>, u64) {
        (Reverse(self.holders), self.first.0)
    }
}

/// Nobody hides a file behind contents of their own under its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ranking {
    /// The file that is being counted, and behind which of its holders it goes on.
    at: Option<(SharedFile, Option<UserName>)>,
    /// Holders of that file so far, and the first of them.
    count: usize,
    first: Option<(u64, UserName)>,
    /// The first in rank, at most [`MAX_FOUND_FILES`].
    best: Vec<Ranked>,
}

impl Ranking {
    fn count(&mut self, holder: &UserName, since: u64) {
        self.count += 1;
        if self.first.as_ref().is_none_or(|(first, _)| since < *first) {
            self.first = Some((since, holder.clone()));
        }
    }

    /// All holders of a file are counted: the file gets its rank. Of one user, so many stay at most.
    fn place(&mut self, of_one: usize) {
        let holders = std::mem::take(&mut self.count);
        let (Some((file, _)), Some(first)) = (self.at.take(), self.first.take()) else { return };
        let ranked = Ranked { file, holders, first };
        let owner = ranked.first.1.clone();
        let rank = self.best.partition_point(|other| other.rank() <= ranked.rank());
        self.best.insert(rank, ranked);
        let of_owner = |(_, ranked): &(usize, &Ranked)| ranked.first.1 == owner;
        if let Some((beyond, _)) = self.best.iter().enumerate().filter(of_owner).nth(of_one) {
            self.best.remove(beyond);
        }
        self.best.truncate(MAX_FOUND_FILES);
    }
}

impl Search {
    /// From the beginning; for holders of any of these chunks alone, or of any at all.
    pub(crate) fn new(wanted: Wanted, any_of: Option<Chunks>) -> Self {
        Self { wanted, any_of, stage: Stage::Ranking(Ranking::default()) }
    }
}

/// A page in the making.
#[derive(Debug, Default)]
struct Page {
    found: Vec<FoundFile>,
    bytes: usize,
    looked_at: usize,
}

impl Page {
    fn is_over(&self) -> bool {
        self.bytes + FOUND_BYTES > PAGE_BYTES || self.looked_at >= HOLDERS_PER_STEP
    }

    fn put(&mut self, file: &SharedFile, holder: Holder) {
        match self.found.last_mut() {
            Some(found) if found.file == *file => {
                found.holders.push(holder);
                self.bytes += HOLDER_BYTES;
            }
            Some(_) | None => {
                self.found.push(FoundFile { file: file.clone(), holders: vec![holder] });
                self.bytes += FOUND_BYTES;
            }
        }
    }
}

/// Whether a step goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    On,
    Over,
}

impl Hub {
    /// Ranks files, or lists the next holders that the reader may see.
    pub(crate) fn step_found(&self, reader: &UserName, search: Search) -> Step {
        let Search { wanted, any_of, stage } = search;
        let hidden = self.accounts.get(reader).map(|account| &account.blocked_by);
        let is_wanted = |holder: &UserName, held: &Held| {
            let is_seen = holder != reader && !hidden.is_some_and(|hidden| hidden.contains(holder));
            is_seen && any_of.is_none_or(|chunks| !held.chunks.common(chunks).is_empty())
        };
        let mut page = Page::default();
        let (mut files, mut after) = match stage {
            Stage::Listing { files, after } => (files, after),
            Stage::Ranking(mut ranking) => {
                if self.rank(&wanted, &mut ranking, &is_wanted, &mut page) == Going::Over {
                    return Step::Onward(List::Found(Search { wanted, any_of, stage: Stage::Ranking(ranking) }));
                }
                (ranking.best.into_iter().map(|ranked| ranked.file).collect(), None)
            }
        };
        while let Some(file) = files.front() {
            if self.list_holders(file, &mut after, &is_wanted, &mut page) == Going::Over {
                let rest = List::Found(Search { wanted, any_of, stage: Stage::Listing { files, after } });
                let is_empty = page.found.is_empty();
                return if is_empty { Step::Onward(rest) } else { Step::Page(Answer::Found(page.found), Some(rest)) };
            }
            files.pop_front();
            after = None;
        }
        Step::Page(Answer::Found(page.found), None)
    }

    /// Counts the holders of the files that are wanted.
    fn rank(
        &self,
        wanted: &Wanted,
        ranking: &mut Ranking,
        is_wanted: &impl Fn(&UserName, &Held) -> bool,
        page: &mut Page,
    ) -> Going {
        let from = ranking.at.as_ref().map(|(file, _)| file.clone());
        for (file, holders) in self.index.from(from, wanted) {
            if ranking.at.as_ref().is_none_or(|(at, _)| at != file) {
                ranking.place(wanted.of_one());
            }
            if !wanted.fits(&file.name) {
                page.looked_at += 1;
                ranking.at = Some((file.clone(), None));
                if page.is_over() {
                    return Going::Over;
                }
                continue;
            }
            let mut after = ranking.at.take().and_then(|(_, after)| after);
            let mut going = Going::On;
            for (holder, held) in behind(holders, after.clone().as_ref()) {
                if page.is_over() {
                    going = Going::Over;
                    break;
                }
                page.looked_at += 1;
                if is_wanted(holder, held) {
                    ranking.count(holder, held.since);
                }
                after = Some(holder.clone());
            }
            ranking.at = Some((file.clone(), after));
            if going == Going::Over {
                return Going::Over;
            }
        }
        ranking.place(wanted.of_one());
        Going::On
    }

    /// Lists holders of a file until the page is over.
    fn list_holders(
        &self,
        file: &SharedFile,
        after: &mut Option<UserName>,
        is_wanted: &impl Fn(&UserName, &Held) -> bool,
        page: &mut Page,
    ) -> Going {
        let Some(holders) = self.index.holders(file) else { return Going::On };
        for (holder, held) in behind(holders, after.clone().as_ref()) {
            if page.is_over() {
                return Going::Over;
            }
            page.looked_at += 1;
            *after = Some(holder.clone());
            if is_wanted(holder, held) {
                page.put(file, Holder { name: holder.clone(), chunks: held.chunks });
            }
        }
        Going::On
    }
}

/// The holders behind one of them.
fn behind<'a>(
    holders: &'a BTreeMap<UserName, Held>,
    after: Option<&UserName>,
) -> impl Iterator<Item = (&'a UserName, &'a Held)> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    holders.range::<UserName, _>((from, Bound::Unbounded))
}
