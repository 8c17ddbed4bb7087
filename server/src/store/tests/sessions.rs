//! Cases of sessions, tokens, blocks and what is remembered of accounts.

use std::collections::{BTreeMap, BTreeSet};

use whoelse_hub::{AccountSnapshot, StoreOp, Stored, TokenFate};
use whoelse_proto::{Span, Timestamp, UserName};

use super::super::Store;
use super::fixture::{Place, at, load, name, perform, token};

fn open(store: &mut dyn Store, of: &str, since: u64) {
    let op = StoreOp::OpenSession { name: name(of), since: at(since), token: token(1) };
    assert_eq!(perform(store, op), Ok(Stored::Done));
}

fn close(store: &mut dyn Store, of: &str, since: u64, end: u64, token: TokenFate) {
    let op = StoreOp::CloseSession { name: name(of), since: at(since), at: at(end), token };
    assert_eq!(perform(store, op), Ok(Stored::Done));
}

fn done(store: &mut dyn Store, op: StoreOp) {
    assert_eq!(perform(store, op), Ok(Stored::Done));
}

fn since(store: &mut dyn Store, from: u64) -> BTreeMap<UserName, Vec<Span>> {
    let names = ["hans", "leia", "luke", "yoda"].map(name).to_vec();
    match perform(store, StoreOp::SessionsOf { names, from: at(from) }) {
        Ok(Stored::Sessions { sessions }) => sessions.into_iter().map(|(name, found)| (name, found.spans)).collect(),
        other => panic!("{other:?}"),
    }
}

fn span(from: u64, to: Option<u64>) -> Span {
    Span { from: at(from), to: to.map(at) }
}

fn spans(list: &[(&str, &[Span])]) -> BTreeMap<UserName, Vec<Span>> {
    list.iter().map(|(of, spans)| (name(of), spans.to_vec())).collect()
}

fn account(store: &mut dyn Store, of: &str) -> AccountSnapshot {
    load(store, &[of]).accounts.remove(&name(of)).unwrap()
}

pub(super) fn sessions_overlap_a_span_by_their_end(place: &dyn Place) {
    let mut store = place.open();
    open(&mut *store, "hans", 10);
    close(&mut *store, "hans", 10, 20, TokenFate::Revoked);
    open(&mut *store, "yoda", 5);

    let (hans, yoda) = ([span(10, Some(20))], [span(5, None)]);
    assert_eq!(since(&mut *store, 20), spans(&[("hans", &hans), ("yoda", &yoda)]));
    assert_eq!(since(&mut *store, 21), spans(&[("yoda", &yoda)]));
    assert_eq!(since(&mut *store, u64::MAX / 1000), spans(&[("yoda", &yoda)]));
}

pub(super) fn sessions_are_listed_by_name_oldest_first(place: &dyn Place) {
    let mut store = place.open();
    for (start, end) in [(50, 60), (10, 20), (30, 40)] {
        open(&mut *store, "hans", start);
        close(&mut *store, "hans", start, end, TokenFate::Revoked);
    }
    open(&mut *store, "hans", 70);
    let expected = [span(10, Some(20)), span(30, Some(40)), span(50, Some(60)), span(70, None)];
    assert_eq!(since(&mut *store, 0), spans(&[("hans", &expected)]));
}

pub(super) fn a_closed_session_is_when_a_user_was_last_seen(place: &dyn Place) {
    let mut store = place.open();
    assert_eq!(account(&mut *store, "hans").last_seen, None);
    for (start, end) in [(10, 20), (30, 40)] {
        open(&mut *store, "hans", start);
        close(&mut *store, "hans", start, end, TokenFate::Revoked);
    }
    assert_eq!(account(&mut *store, "hans").last_seen, Some(at(40)));
    assert_eq!(account(&mut *store, "yoda").last_seen, None);
}

pub(super) fn a_token_lives_until_it_is_revoked_or_replaced(place: &dyn Place) {
    let mut store = place.open();
    open(&mut *store, "hans", 10);
    assert_eq!(account(&mut *store, "hans").token, Some((token(1), at(10))));

    done(&mut *store, StoreOp::OpenSession { name: name("hans"), since: at(16), token: token(3) });
    assert_eq!(account(&mut *store, "hans").token, Some((token(3), at(16))));

    close(&mut *store, "hans", 16, 20, TokenFate::Revoked);
    assert_eq!(account(&mut *store, "hans").token, None);

    open(&mut *store, "hans", 30);
    done(&mut *store, StoreOp::RevokeToken { name: name("hans") });
    done(&mut *store, StoreOp::RevokeToken { name: name("hans") });
    assert_eq!(account(&mut *store, "hans").token, None);
}

pub(super) fn a_kept_token_remembers_the_last_valid_action(place: &dyn Place) {
    let mut store = place.open();
    open(&mut *store, "hans", 10);
    close(&mut *store, "hans", 10, 40, TokenFate::Kept { active_at: at(25) });
    drop(store);
    let hans = account(&mut *place.open(), "hans");
    assert_eq!((hans.token, hans.last_seen), (Some((token(1), at(25))), Some(at(40))));

    let mut store = place.open();
    done(&mut *store, StoreOp::RevokeToken { name: name("hans") });
    close(&mut *store, "hans", 10, 41, TokenFate::Kept { active_at: at(26) });
    assert_eq!(account(&mut *store, "hans").token, None, "a void token stays void");
}

pub(super) fn what_a_killed_server_left_open_ends_at_its_last_heartbeat(place: &dyn Place) {
    let mut store = place.open();
    open(&mut *store, "hans", 10);
    open(&mut *store, "leia", 12);
    close(&mut *store, "leia", 12, 14, TokenFate::Kept { active_at: at(13) });
    for second in [20, 30] {
        done(&mut *store, StoreOp::Heartbeat { at: at(second) });
    }
    open(&mut *store, "yoda", 31);
    drop(store);

    let mut store = place.open();

    let expected: [(&str, &[Span]); 3] =
        [("hans", &[span(10, Some(30))]), ("leia", &[span(12, Some(14))]), ("yoda", &[span(31, Some(31))])];
    assert_eq!(since(&mut *store, 0), spans(&expected));
    let snapshot = load(&mut *store, &["hans", "leia", "yoda"]);
    let tokens: Vec<Timestamp> = snapshot.accounts.values().map(|account| account.token.unwrap().1).collect();
    assert_eq!(tokens, [at(30), at(13), at(31)], "the inactivity of those who were there counts from the end");
}

pub(super) fn blocks_survive_until_they_are_undone(place: &dyn Place) {
    let mut store = place.open();
    let block = |whom| StoreOp::Block { name: name("yoda"), whom: name(whom) };
    for whom in ["hans", "leia", "hans"] {
        done(&mut *store, block(whom));
    }
    done(&mut *store, StoreOp::Unblock { name: name("yoda"), whom: name("leia") });
    done(&mut *store, StoreOp::Unblock { name: name("yoda"), whom: name("leia") });
    drop(store);

    let mut store = place.open();
    assert_eq!(account(&mut *store, "yoda").blocked, BTreeSet::from([name("hans")]));
    assert_eq!(account(&mut *store, "hans").blocked, BTreeSet::new());
}

pub(super) fn the_snapshot_has_every_account_asked_for_and_no_other(place: &dyn Place) {
    let mut store = place.open();
    open(&mut *store, "gone", 10);
    close(&mut *store, "gone", 10, 20, TokenFate::Kept { active_at: at(10) });
    done(&mut *store, StoreOp::Block { name: name("gone"), whom: name("hans") });
    done(&mut *store, StoreOp::Block { name: name("hans"), whom: name("gone") });

    let snapshot = load(&mut *store, &["hans", "yoda"]);

    let hans = AccountSnapshot { blocked: BTreeSet::from([name("gone")]), ..AccountSnapshot::default() };
    let expected = BTreeMap::from([(name("hans"), hans), (name("yoda"), AccountSnapshot::default())]);
    assert_eq!(snapshot.accounts, expected);
}

pub(super) fn old_sessions_are_forgotten_and_open_ones_are_not(place: &dyn Place) {
    let mut store = place.open();
    for (start, end) in [(10, 20), (21, 30)] {
        open(&mut *store, "hans", start);
        close(&mut *store, "hans", start, end, TokenFate::Revoked);
    }
    open(&mut *store, "yoda", 1);
    let forgotten = perform(&mut *store, StoreOp::Forget { before: at(30) });
    assert_eq!(forgotten, Ok(Stored::Forgotten { lost: vec![] }));
    let expected: [(&str, &[Span]); 2] = [("hans", &[span(21, Some(30))]), ("yoda", &[span(1, None)])];
    assert_eq!(since(&mut *store, 0), spans(&expected));
}

pub(super) fn the_newest_sessions_of_a_busy_name_are_given_and_the_others_counted(place: &dyn Place) {
    let mut store = place.open();
    for n in 0..250 {
        close(&mut *store, "hans", 10 * n, 10 * n + 5, TokenFate::Revoked);
    }
    let op = StoreOp::SessionsOf { names: vec![name("hans"), name("yoda")], from: at(500) };
    let Ok(Stored::Sessions { sessions }) = perform(&mut *store, op) else { panic!("no sessions") };
    let found = &sessions[&name("hans")];
    assert_eq!((found.spans.len(), found.earlier), (100, 100));
    assert_eq!(found.spans.first(), Some(&span(1500, Some(1505))));
    assert_eq!(found.spans.last(), Some(&span(2490, Some(2495))));
    assert_eq!(sessions.len(), 1);
}
