//! Places that origins compete for: who takes many makes room for who takes few.
//!
//! Pure; knows nothing of connections. Whoever holds a place is a number that grows, and something by which they are told.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_hub::Origin;

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Which connection of the origin with the most makes room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// The one that came first: it had its time.
    Oldest,
    /// The one that came last: what has long been there stays.
    Youngest,
}

/// The places of one kind.
#[derive(Debug)]
pub(crate) struct Places<T> {
    most: usize,
    /// How many of them one origin may have.
    share: usize,
    leaves: Leaves,
    taken: BTreeMap<u64, (Origin, T)>,
    by_origin: BTreeMap<Origin, BTreeSet<u64>>,
    /// Origins with how many places they have.
    ranking: BTreeSet<(usize, Origin)>,
}

impl<T> Places<T> {
    /// So many empty places, of which one origin may have a share.
    pub(crate) fn new(most: usize, share: usize, leaves: Leaves) -> Self {
        Self { most, share, leaves, taken: BTreeMap::new(), by_origin: BTreeMap::new(), ranking: BTreeSet::new() }
    }

    /// Whether there is a place for one more of an origin, or somebody who makes room.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn check(&self, origin: Origin) -> Result<(), Full> {
        if self.count(origin) >= self.share {
            return Err(Full);
        }
        if self.taken.len() < self.most { Ok(()) } else { self.who_leaves_for(origin).map(|_| ()).ok_or(Full) }
    }

    /// Takes a place. Gives by what whoever had to make room is told.
    ///
    /// # Errors
    /// [`Full`]: the origin has its share, or all places are taken and nobody has more of them than the origin.
    pub(crate) fn take(&mut self, id: u64, origin: Origin, guest: T) -> Result<Option<T>, Full> {
        self.check(origin)?;
        let leaver = if self.taken.len() < self.most { None } else { self.who_leaves_for(origin) };
        let told = leaver.and_then(|id| self.leave(id)).map(|(_, guest)| guest);
        self.rank(origin, |ids| ids.insert(id));
        self.taken.insert(id, (origin, guest));
        Ok(told)
    }

    /// A place is free again, if it was taken.
    pub(crate) fn leave(&mut self, id: u64) -> Option<(Origin, T)> {
        let (origin, guest) = self.taken.remove(&id)?;
        self.rank(origin, |ids| ids.remove(&id));
        Some((origin, guest))
    }

    /// Whether this one has a place.
    #[cfg(feature = "relay")]
    pub(crate) fn has(&self, id: u64) -> bool {
        self.taken.contains_key(&id)
    }

    /// Everybody who has a place.
    pub(crate) fn guests(&self) -> impl Iterator<Item = &T> {
        self.taken.values().map(|(_, guest)| guest)
    }

    fn count(&self, origin: Origin) -> usize {
        self.by_origin.get(&origin).map_or(0, BTreeSet::len)
    }

    /// Who makes room for a newcomer: one of the origin with the most. That has more than the newcomer's; where the
    /// youngest leaves, it also has as many as the newcomer's afterwards, so that origins do not take turns.
    fn who_leaves_for(&self, newcomer: Origin) -> Option<u64> {
        let (most, largest) = self.ranking.last()?;
        let own = match self.leaves {
            Leaves::Oldest => self.count(newcomer),
            Leaves::Youngest => self.count(newcomer) + 1,
        };
        if own >= *most {
            return None;
        }
        let ids = self.by_origin.get(largest)?;
        match self.leaves {
            Leaves::Oldest => ids.first().copied(),
            Leaves::Youngest => ids.last().copied(),
        }
    }

    /// Changes the places of an origin and ranks it anew.
    fn rank(&mut self, origin: Origin, change: impl FnOnce(&mut BTreeSet<u64>) -> bool) {
        let ids = self.by_origin.entry(origin).or_default();
        self.ranking.remove(&(ids.len(), origin));
        change(ids);
        if ids.is_empty() {
            self.by_origin.remove(&origin);
        } else {
            self.ranking.insert((ids.len(), origin));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(n: u8) -> Origin {
        Origin::of([10, 0, 0, n].into())
    }

    /// Places filled by these origins, each guest named by its number.
    fn filled(most: usize, share: usize, leaves: Leaves, by: &[u8]) -> Places<u64> {
        let mut places = Places::new(most, share, leaves);
        for (id, n) in (0..).zip(by) {
            assert_eq!(places.take(id, origin(*n), id), Ok(None));
        }
        places
    }

    #[test]
    fn the_youngest_or_the_oldest_of_the_origin_with_the_most_makes_room() {
        let by = [1, 1, 2, 1];
        assert_eq!(filled(4, 4, Leaves::Oldest, &by).take(9, origin(3), 9), Ok(Some(0)));
        assert_eq!(filled(4, 4, Leaves::Youngest, &by).take(9, origin(3), 9), Ok(Some(3)));
    }

    #[test]
    fn nobody_makes_room_for_an_origin_that_has_as_many() {
        let mut places = filled(4, 4, Leaves::Youngest, &[1, 1, 2, 2]);
        assert_eq!(places.check(origin(1)), Err(Full));
        assert_eq!(places.take(9, origin(2), 9), Err(Full));
        assert_eq!(places.guests().count(), 4);
    }

    #[test]
    fn an_origin_has_its_share_and_no_more() {
        let mut places = filled(4, 2, Leaves::Youngest, &[1, 1]);
        assert_eq!(places.take(8, origin(1), 8), Err(Full));
        assert_eq!(places.take(9, origin(2), 9), Ok(None));
        places.leave(0);
        assert_eq!(places.check(origin(1)), Ok(()));
    }

    #[test]
    fn who_made_room_has_left() {
        let mut places = filled(2, 2, Leaves::Youngest, &[1, 1]);
        assert_eq!(places.take(9, origin(2), 9), Ok(Some(1)));
        assert_eq!(places.check(origin(3)), Err(Full), "each has one, and keeps it");
        assert_eq!(places.leave(1), None);
        assert_eq!(places.leave(0), Some((origin(1), 0)));
    }
}
