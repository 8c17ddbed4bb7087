//! Which piece is asked of whom, pure: work is shared among those who hold a file, and whoever is wrong, slow or gone
//! is left out from there on.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_model::{ChunkArrival, Source};
use whoelse_proto::{Chunks, FileSize, UserName};

/// Pieces under way at a time, from all sources together.
pub(super) const MAX_IN_FLIGHT: usize = 8;

/// Whom the same piece is asked of at a time, when nothing else is left to ask for.
const MAX_TWICE: usize = 2;

/// Whether a source can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ready {
    /// The link is being made.
    Waiting,
    /// It can.
    Yes,
}

#[derive(Clone, Debug)]
struct Giver {
    chunks: Chunks,
    ready: Ready,
    in_flight: BTreeSet<u64>,
    bytes: u64,
    dropped: Option<String>,
}

impl Giver {
    /// Has nothing to do and has done nothing.
    fn is_idle(&self) -> bool {
        self.bytes == 0 && self.in_flight.is_empty()
    }
}

/// What is missing, and who has it.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    size: FileSize,
    missing: BTreeSet<u64>,
    givers: BTreeMap<UserName, Giver>,
    arrivals: BTreeMap<u8, ChunkArrival>,
}

impl Plan {
    /// Of the pieces that are wanted and not held.
    pub(super) fn new(size: FileSize, wanted: Chunks, held: &[bool]) -> Self {
        let is_held = |piece: &u64| usize::try_from(*piece).ok().and_then(|index| held.get(index)) == Some(&true);
        let pieces = wanted.iter().flat_map(|chunk| size.pieces_of(chunk));
        let missing = pieces.filter(|piece| !is_held(piece)).collect();
        let mut plan = Self { size, missing, givers: BTreeMap::new(), arrivals: BTreeMap::new() };
        for piece in (0..size.pieces()).filter(is_held) {
            plan.arrived(piece);
        }
        plan
    }

    /// Whether nothing is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Somebody holds these chunks; the link is being made. Whoever was dropped stays so.
    pub(super) fn expect(&mut self, name: UserName, chunks: Chunks) {
        let giver = Giver { chunks, ready: Ready::Waiting, in_flight: BTreeSet::new(), bytes: 0, dropped: None };
        self.givers.entry(name).or_insert(giver).chunks = chunks;
    }

    /// Those who give, from the plan before; what was under way with them is not any more.
    pub(super) fn take_givers(&mut self, before: Self) {
        self.givers = before.givers;
        for giver in self.givers.values_mut() {
            giver.in_flight.clear();
        }
    }

    /// The link to somebody stands. Gives whether anything may be asked of them.
    pub(super) fn ready(&mut self, name: &UserName) -> bool {
        match self.givers.get_mut(name) {
            Some(giver) if giver.dropped.is_none() => {
                giver.ready = Ready::Yes;
                true
            }
            Some(_) | None => false,
        }
    }

    /// The link is gone, and may come back.
    pub(super) fn waiting(&mut self, name: &UserName) {
        if let Some(giver) = self.givers.get_mut(name) {
            giver.ready = Ready::Waiting;
            giver.in_flight.clear();
        }
    }

    /// Nothing more is asked of somebody.
    pub(super) fn drop_giver(&mut self, name: &UserName, why: String) {
        if let Some(giver) = self.givers.get_mut(name) {
            giver.in_flight.clear();
            giver.dropped.get_or_insert(why);
        }
    }

    /// Whether anybody is left who has, or may have, something that is missing.
    /// Of a file without pieces, anybody has all there is.
    pub(super) fn has_hope(&self) -> bool {
        let is_of_use = |giver: &Giver| self.missing.is_empty() || self.missing_of(giver).next().is_some();
        self.givers.values().any(|giver| giver.dropped.is_none() && is_of_use(giver))
    }

    fn missing_of(&self, giver: &Giver) -> impl Iterator<Item = u64> + '_ {
        let chunks = giver.chunks;
        self.missing.iter().copied().filter(move |piece| chunks.contains(self.size.chunk_of(*piece)))
    }

    /// The next piece to ask for, and whom; it counts as under way.
    pub(super) fn next(&mut self) -> Option<(UserName, u64)> {
        let under_way: usize = self.givers.values().map(|giver| giver.in_flight.len()).sum();
        if under_way >= MAX_IN_FLIGHT {
            return None;
        }
        let is_live = |giver: &&Giver| giver.ready == Ready::Yes && giver.dropped.is_none();
        let live = self.givers.values().filter(is_live).count().max(1);
        let share = MAX_IN_FLIGHT.div_ceil(live);
        let candidates = self.givers.iter().filter(|(_, giver)| is_live(giver) && giver.in_flight.len() < share);
        let mut by_load: Vec<_> = candidates.map(|(name, giver)| (giver.in_flight.len(), name.clone())).collect();
        by_load.sort();
        let (name, piece) =
            by_load.into_iter().find_map(|(_, name)| self.piece_for(&name).map(|piece| (name, piece)))?;
        self.givers.get_mut(&name)?.in_flight.insert(piece);
        Some((name, piece))
    }

    /// What to ask somebody for: each begins in another place, so that all have something to do.
    fn piece_for(&self, name: &UserName) -> Option<u64> {
        let giver = self.givers.get(name)?;
        let asked = |piece: u64| self.givers.values().filter(|other| other.in_flight.contains(&piece)).count();
        let free: Vec<u64> = self.missing_of(giver).filter(|piece| asked(*piece) == 0).collect();
        if free.is_empty() {
            // At the end, what is under way with one is asked of another too: the slower does not decide.
            return self.missing_of(giver).find(|piece| !giver.in_flight.contains(piece) && asked(*piece) < MAX_TWICE);
        }
        if !giver.is_idle() && free.len() <= self.idle_others(name, &free) {
            return None;
        }
        let rank = self.givers.keys().position(|other| other == name).unwrap_or(0);
        free.get(free.len() * rank / self.givers.len().max(1)).copied()
    }

    /// How many others have done nothing yet and could give one of these: never all from one when others hold some.
    fn idle_others(&self, name: &UserName, free: &[u64]) -> usize {
        let could = |giver: &Giver| free.iter().any(|piece| giver.chunks.contains(self.size.chunk_of(*piece)));
        let others = self.givers.iter().filter(|(other, _)| *other != name);
        others.filter(|(_, giver)| giver.dropped.is_none() && giver.is_idle() && could(giver)).count()
    }

    /// A piece came and was right. Gives whether it was still missing.
    pub(super) fn came(&mut self, name: &UserName, piece: u64) -> bool {
        let was_missing = self.missing.remove(&piece);
        if let Some(giver) = self.givers.get_mut(name) {
            giver.in_flight.remove(&piece);
            giver.bytes += self.size.piece(piece).map_or(0, |(_, length)| length as u64);
        }
        if was_missing {
            let givers = &mut self.arrived(piece).givers;
            if !givers.contains(name) {
                givers.push(name.clone());
            }
        }
        was_missing
    }

    /// A piece is there.
    fn arrived(&mut self, piece: u64) -> &mut ChunkArrival {
        let length = self.size.piece(piece).map_or(0, |(_, length)| length as u64);
        let chunk = self.size.chunk_of(piece);
        let arrival =
            self.arrivals.entry(chunk).or_insert_with(|| ChunkArrival { chunk, bytes: 0, givers: Vec::new() });
        arrival.bytes += length;
        arrival
    }

    /// What is there of each chunk.
    pub(super) fn arrivals(&self) -> Vec<ChunkArrival> {
        self.arrivals.values().cloned().collect()
    }

    /// A piece did not come.
    pub(super) fn failed(&mut self, name: &UserName, piece: u64) {
        if let Some(giver) = self.givers.get_mut(name) {
            giver.in_flight.remove(&piece);
        }
    }

    /// Everybody, for people to see.
    pub(super) fn sources(&self) -> Vec<Source> {
        let source = |(name, giver): (&UserName, &Giver)| Source {
            name: name.clone(),
            bytes: giver.bytes,
            asked: giver.in_flight.iter().map(|piece| self.size.chunk_of(*piece)).fold(Chunks::NONE, Chunks::with),
            dropped: giver.dropped.clone(),
        };
        self.givers.iter().map(source).collect()
    }
}

#[cfg(test)]
mod tests {
    use whoelse_proto::limits::PIECE_BYTES;

    use super::*;

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    fn size(pieces: u64) -> FileSize {
        FileSize::try_from(pieces * PIECE_BYTES).unwrap()
    }

    /// Of so many pieces, fewer than ten.
    fn small(pieces: u64) -> FileSize {
        FileSize::try_from(pieces).unwrap()
    }

    fn plan(pieces: u64, givers: &[&str]) -> Plan {
        let size = size(pieces);
        let mut plan = Plan::new(size, size.all_chunks(), &[]);
        for giver in givers {
            plan.expect(name(giver), size.all_chunks());
            plan.ready(&name(giver));
        }
        plan
    }

    fn asked(plan: &mut Plan) -> Vec<(String, u64)> {
        std::iter::from_fn(|| plan.next()).map(|(name, piece)| (name.to_string(), piece)).collect()
    }

    #[test]
    fn eight_pieces_are_under_way_shared_among_all() {
        let mut plan = plan(100, &["hans", "leia", "yoda"]);
        let asked = asked(&mut plan);
        assert_eq!(asked.len(), MAX_IN_FLIGHT);
        for giver in ["hans", "leia", "yoda"] {
            assert!(asked.iter().filter(|(name, _)| name == giver).count() >= 2, "{asked:?}");
        }
        let pieces: BTreeSet<_> = asked.iter().map(|(_, piece)| piece).collect();
        assert_eq!(pieces.len(), MAX_IN_FLIGHT, "none twice");
    }

    #[test]
    fn one_alone_is_asked_for_all_that_may_be_under_way() {
        assert_eq!(asked(&mut plan(100, &["hans"])).len(), MAX_IN_FLIGHT);
    }

    #[test]
    fn the_last_pieces_are_left_for_those_who_gave_none() {
        let mut plan = plan(10, &["hans"]);
        plan.expect(name("yoda"), size(10).all_chunks());
        let mut given = 0;
        while let Some((giver, piece)) = plan.next() {
            assert!(plan.came(&giver, piece));
            given += 1;
        }
        assert_eq!(given, 9, "one is left for yoda");
        plan.ready(&name("yoda"));
        assert_eq!(plan.next().unwrap().0, name("yoda"));
    }

    #[test]
    fn who_does_not_come_is_waited_for_no_longer_once_dropped() {
        let mut plan = plan(1, &["hans"]);
        plan.expect(name("yoda"), size(1).all_chunks());
        assert_eq!(plan.next(), Some((name("hans"), 0)), "who has done nothing need not wait");
        plan.failed(&name("hans"), 0);
        plan.drop_giver(&name("hans"), "lied".to_owned());
        assert_eq!(plan.next(), None);
        assert!(plan.has_hope());
        plan.drop_giver(&name("yoda"), "gone".to_owned());
        assert!(!plan.has_hope());
        let dropped: Vec<_> = plan.sources().into_iter().filter_map(|source| source.dropped).collect();
        assert_eq!(dropped, ["lied", "gone"]);
    }

    #[test]
    fn only_what_somebody_holds_is_asked_of_them() {
        let size = size(10);
        let mut plan = Plan::new(size, size.all_chunks(), &[]);
        plan.expect(name("hans"), Chunks::NONE.with(3));
        plan.ready(&name("hans"));
        assert_eq!(asked(&mut plan), [("hans".to_owned(), 2)]);
    }

    #[test]
    fn at_the_end_another_is_asked_for_what_is_under_way() {
        let mut plan = Plan::new(small(2), small(2).all_chunks(), &[]);
        for giver in ["hans", "yoda"] {
            plan.expect(name(giver), small(2).all_chunks());
            plan.ready(&name(giver));
        }
        let first = asked(&mut plan);
        assert_eq!(first.len(), 4, "two pieces, each of both");
        assert!(plan.came(&name("hans"), 0));
        assert!(!plan.came(&name("yoda"), 0), "the slower one's is no news");
    }

    #[test]
    fn what_is_held_is_not_asked_for() {
        let size = small(3);
        let plan = Plan::new(size, size.all_chunks(), &[true, false, true]);
        assert_eq!(plan.missing.into_iter().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn of_each_chunk_it_is_known_how_much_is_there_who_gave_it_and_who_is_asked() {
        let size = size(20);
        let mut plan = Plan::new(size, size.all_chunks(), &[true]);
        for giver in ["hans", "yoda"] {
            plan.expect(name(giver), size.all_chunks());
            plan.ready(&name(giver));
        }
        assert_eq!(plan.next(), Some((name("hans"), 1)));
        assert_eq!(plan.next(), Some((name("yoda"), 11)));
        let asked: Vec<_> = plan.sources().into_iter().map(|source| source.asked).collect();
        assert_eq!(asked, [Chunks::NONE.with(1), Chunks::NONE.with(6)]);
        assert!(plan.came(&name("hans"), 1));
        assert!(plan.came(&name("yoda"), 11));
        assert!(!plan.came(&name("hans"), 11), "what comes twice is there once");
        let arrival = |chunk, bytes, giver| ChunkArrival { chunk, bytes, givers: vec![name(giver)] };
        let there = [arrival(1, 2 * PIECE_BYTES, "hans"), arrival(6, PIECE_BYTES, "yoda")];
        assert_eq!(plan.arrivals(), there);
    }
}
