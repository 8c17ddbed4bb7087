//! The hub's plain store as a place, and random operations that must mean the same in both.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use proptest::prelude::*;
use whoelse_hub::memory::MemoryStore;
use whoelse_hub::{Message, PassHash, Snapshot, StoreOp, Ticket, TokenFate};
use whoelse_proto::{MissedTries, Seq, Target, UserName};

use super::super::{Outcome, Store, StoreError};
use super::fixture::{Place, SqlitePlace, at, id, load, message, name, token};

/// A store in memory that survives being dropped.
#[derive(Default)]
pub(super) struct MemoryPlace(Rc<RefCell<MemoryStore>>);

struct OpenMemory(Rc<RefCell<MemoryStore>>);

impl Place for MemoryPlace {
    fn open(&self) -> Box<dyn Store> {
        self.0.borrow_mut().start();
        Box::new(OpenMemory(Rc::clone(&self.0)))
    }
}

impl Store for OpenMemory {
    fn load(&mut self, names: &BTreeSet<UserName>) -> Result<Snapshot, StoreError> {
        let mut copy = self.0.borrow().clone();
        for name in names {
            let _ = copy.create_account(name.clone());
        }
        let mut snapshot = copy.start();
        snapshot.accounts.retain(|name, _| names.contains(name));
        Ok(snapshot)
    }

    fn perform(&mut self, batch: &[(Ticket, StoreOp)]) -> Vec<Outcome> {
        batch.iter().map(|(ticket, op)| (*ticket, Ok(self.0.borrow_mut().perform(op.clone())))).collect()
    }
}

const NAMES: [&str; 3] = ["hans", "yoda", "leia"];

fn names() -> impl Strategy<Value = UserName> {
    prop::sample::select(NAMES.to_vec()).prop_map(name)
}

/// A message to one user goes into that inbox, a broadcast into any.
fn messages() -> impl Strategy<Value = (Message, Vec<UserName>)> {
    let broadcast = prop::collection::vec(names(), 0..4).prop_map(|hearers| (Target::Everyone {}, hearers));
    let direct = names().prop_map(|name| (Target::User(name.clone()), vec![name]));
    (1..12_u8, names(), prop_oneof![broadcast, direct])
        .prop_map(|(n, from, (to, recipients))| (Message { from, to, ..message(n, "nobody", "nobody") }, recipients))
}

fn mail() -> impl Strategy<Value = StoreOp> {
    let seqs = || (0..15_u64).prop_map(Seq::new);
    let hidden = || prop::collection::btree_set(names(), 0..2);
    let ids = || prop::collection::vec((1..12_u8).prop_map(id), 0..9);
    prop_oneof![
        4 => messages().prop_map(|(message, recipients)| StoreOp::Accept { message: message.into(), recipients }),
        2 => (names(), seqs()).prop_map(|(name, up_to)| StoreOp::Acknowledge { name, up_to }),
        2 => (names(), seqs(), 0..5_usize)
            .prop_map(|(name, after, limit)| StoreOp::LoadInbox { name, after, limit }),
        2 => (names(), names(), 1..12_u8)
            .prop_map(|(reader, peer, n)| StoreOp::MarkRead { reader, peer, up_to: id(n) }),
        2 => (names(), ids(), hidden()).prop_map(|(sender, ids, hidden)| StoreOp::Lookup { sender, ids, hidden }),
        1 => (0..15_u64).prop_map(|before| StoreOp::Forget { before: at(before) }),
    ]
}

fn people() -> impl Strategy<Value = StoreOp> {
    let times = || (0..9_u64).prop_map(at);
    let fates = prop_oneof![Just(TokenFate::Revoked), times().prop_map(|active_at| TokenFate::Kept { active_at })];
    prop_oneof![
        (names(), times(), 0..9_u8).prop_map(|(name, since, n)| StoreOp::OpenSession { name, since, token: token(n) }),
        (names(), times(), times(), fates).prop_map(|(name, since, at, token)| StoreOp::CloseSession {
            name,
            since,
            at,
            token
        }),
        names().prop_map(|name| StoreOp::RevokeToken { name }),
        names().prop_map(|name| StoreOp::RevokeSecrets { name }),
        (proptest::collection::vec(names(), 0..4), times())
            .prop_map(|(names, from)| StoreOp::SessionsOf { names, from }),
        (names(), names()).prop_map(|(name, whom)| StoreOp::Block { name, whom }),
        (names(), names()).prop_map(|(name, whom)| StoreOp::Unblock { name, whom }),
        times().prop_map(|at| StoreOp::Heartbeat { at }),
    ]
}

fn secrets() -> impl Strategy<Value = StoreOp> {
    let times = || (0..9_u64).prop_map(at);
    let passes = || (0..4_u8).prop_map(|n| PassHash::from_bytes([n; 32]));
    let missed = (1..9_u32, times()).prop_map(|(count, last)| MissedTries { count, last });
    prop_oneof![
        (names(), passes(), times(), prop::option::of(passes()))
            .prop_map(|(name, pass, at, instead_of)| StoreOp::KeepPass { name, pass, at, instead_of }),
        (names(), prop::option::of(passes())).prop_map(|(name, device)| StoreOp::KeepPassAlone { name, device }),
        (names(), prop::option::of(missed)).prop_map(|(name, missed)| StoreOp::NoteMissed { name, missed }),
    ]
}

/// An account that is forgotten and begins anew, as the hub asks for it.
fn begun_anew() -> impl Strategy<Value = Vec<StoreOp>> {
    let at = (0..9_u64).prop_map(at);
    (names(), at)
        .prop_map(|(name, at)| vec![StoreOp::ForgetAccount { name: name.clone() }, StoreOp::BeginAccount { name, at }])
}

fn run() -> impl Strategy<Value = Vec<StoreOp>> {
    let one = prop_oneof![3 => mail(), 2 => people(), 1 => secrets()].prop_map(|op| vec![op]);
    prop::collection::vec(prop_oneof![9 => one, 1 => begun_anew()], 1..40).prop_map(|ops| ops.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_means_what_the_plain_store_means(
        runs in prop::collection::vec(run(), 1..4),
    ) {
        let (sqlite, memory) = (SqlitePlace::new(), MemoryPlace::default());
        for run in runs {
            let (mut left, mut right) = (sqlite.open(), memory.open());
            prop_assert_eq!(load(&mut *left, &NAMES), load(&mut *right, &NAMES));
            let batch: Vec<_> = run.into_iter().zip(1..).map(|(op, n)| (Ticket::new(n), op)).collect();
            for part in batch.chunks(7) {
                prop_assert_eq!(left.perform(part), right.perform(part));
            }
        }
        prop_assert_eq!(load(&mut *sqlite.open(), &NAMES), load(&mut *memory.open(), &NAMES));
    }
}
