//! Invitations, and what a killed server left of them.

use std::collections::BTreeSet;

use whoelse_hub::{InviteHash, StoreOp, Stored};
use whoelse_proto::InviteFault;

use super::super::{SqliteStore, invites, look};
use super::fixture::{Place, SqlitePlace, at, name, perform};
use crate::store::change;

fn hash(n: u8) -> InviteHash {
    InviteHash::from_bytes([n; 32])
}

/// A place with invitation 1 for so many accounts, until second 1000.
fn place(uses: u32) -> SqlitePlace {
    let place = SqlitePlace::new();
    drop(place.open());
    let number = change(&place.path(), |db| invites::give(db, hash(1), uses, at(1), at(1000))).unwrap();
    assert_eq!(number, 1);
    place
}

fn find(store: &mut SqliteStore, n: u8, second: u64) -> Option<InviteFault> {
    let found = perform(store, StoreOp::FindInvite { invite: hash(n), at: at(second) });
    let Ok(Stored::Invite { fault }) = found else { panic!("{found:?}") };
    fault
}

fn claim(store: &mut SqliteStore, who: &str) -> Option<InviteFault> {
    let claimed = perform(store, StoreOp::ClaimInvite { invite: hash(1), name: name(who), at: at(9) });
    let Ok(Stored::Invite { fault }) = claimed else { panic!("{claimed:?}") };
    fault
}

/// How many accounts were made, as the administrator sees it.
fn used(place: &SqlitePlace) -> Vec<(u64, u32, u32)> {
    let listed = look(&place.path(), invites::list).unwrap();
    listed.into_iter().map(|invite| (invite.number, invite.used, invite.uses)).collect()
}

#[test]
fn an_invitation_is_good_until_its_time_is_over_or_it_is_used_up() {
    let place = place(1);
    let mut store = place.open_sqlite();
    assert_eq!(find(&mut store, 2, 9), Some(InviteFault::Unknown));
    assert_eq!(find(&mut store, 1, 999), None);
    assert_eq!(find(&mut store, 1, 1000), Some(InviteFault::Expired));
    assert_eq!(claim(&mut store, "leia"), None);
    assert_eq!(find(&mut store, 1, 9), Some(InviteFault::UsedUp));
    assert_eq!(claim(&mut store, "luke"), Some(InviteFault::UsedUp));
    assert_eq!(used(&place), [(1, 1, 1)]);
}

#[test]
fn an_invitation_that_is_given_out_or_taken_back_beside_the_store_is_seen_at_once() {
    let place = place(1);
    let mut store = place.open_sqlite();
    assert_eq!(find(&mut store, 1, 9), None);
    assert!(change(&place.path(), |db| invites::revoke(db, 1)).unwrap());
    assert!(!change(&place.path(), |db| invites::revoke(db, 1)).unwrap(), "it is gone");
    assert_eq!(find(&mut store, 1, 9), Some(InviteFault::Unknown));
    let number = change(&place.path(), |db| invites::give(db, hash(2), 3, at(1), at(1000))).unwrap();
    assert_eq!(number, 2, "a number is not used again");
    assert_eq!(find(&mut store, 2, 9), None);
}

#[test]
fn what_a_killed_server_had_taken_is_given_back_unless_the_account_is_there() {
    let place = place(3);
    let mut store = place.open_sqlite();
    for who in ["leia", "luke", "lando"] {
        assert_eq!(claim(&mut store, who), None);
    }
    perform(&mut store, StoreOp::BeginAccount { name: name("leia"), at: at(9) }).unwrap();
    drop(store);

    let mut store = place.open_sqlite();
    store.meet_accounts(&BTreeSet::from([name("leia"), name("luke")]), at(10)).unwrap();
    assert_eq!(used(&place), [(1, 2, 3)], "leia and luke have their accounts");

    drop(store);
    let mut store = place.open_sqlite();
    store.meet_accounts(&BTreeSet::from([name("leia")]), at(11)).unwrap();
    assert_eq!(used(&place), [(1, 2, 3)], "an account that is removed later gives nothing back");
}

#[test]
fn an_account_that_was_not_made_gives_back_what_was_taken_for_it_once() {
    let place = place(2);
    let mut store = place.open_sqlite();
    assert_eq!(claim(&mut store, "leia"), None);
    for _ in 0..2 {
        perform(&mut store, StoreOp::ReturnInvite { name: name("leia") }).unwrap();
        assert_eq!(used(&place), [(1, 0, 2)]);
    }
}

#[test]
fn invitations_whose_time_is_long_over_are_forgotten() {
    let place = place(1);
    let mut store = place.open_sqlite();
    perform(&mut store, StoreOp::Forget { before: at(1000) }).unwrap();
    assert_eq!(used(&place).len(), 1);
    perform(&mut store, StoreOp::Forget { before: at(1001) }).unwrap();
    assert_eq!(used(&place), []);
}

#[test]
fn the_database_holds_no_secret() {
    let place = place(1);
    let secret: Vec<u8> = place.look("SELECT hash FROM invite");
    assert_eq!(secret, [1; 32], "the hash alone");
}
