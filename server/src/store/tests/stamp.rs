//! Tokens and the file of accounts that they go with.

use whoelse_hub::StoreOp;

use super::super::{SqliteStore, Store as _, Tokens, attach, note_accounts_file};
use super::fixture::{SqlitePlace, at, load, name, perform, token};
use crate::accounts::{FileStamp, Successor};

const FILE: FileStamp = FileStamp { bytes: 100, modified: 7 };

/// A database with tokens of two users, of a server that noted the file.
fn noted(place: &SqlitePlace) -> SqliteStore {
    let mut store = place.open_sqlite();
    for of in ["hans", "yoda"] {
        let op = StoreOp::OpenSession { name: name(of), since: at(1), token: token(1) };
        perform(&mut store, op).unwrap();
    }
    note_accounts_file(&mut attach(&place.path()).unwrap(), FILE, &[]).unwrap();
    store
}

fn with_token(store: &mut SqliteStore) -> Vec<String> {
    let accounts = load(store, &["hans", "yoda"]).accounts;
    accounts.iter().filter(|(_, account)| account.token.is_some()).map(|(name, _)| name.to_string()).collect()
}

#[test]
fn tokens_outlive_the_server_where_the_accounts_were_left_alone() {
    let place = SqlitePlace::new();
    drop(noted(&place));
    let mut store = place.open_sqlite();
    assert_eq!(store.check_tokens(Some(FILE)).unwrap(), Tokens::Kept);
    assert_eq!(with_token(&mut store), ["hans", "yoda"]);
}

#[test]
fn every_token_is_void_where_the_accounts_were_changed_while_no_server_ran() {
    let changed = [Some(FileStamp { bytes: 101, ..FILE }), Some(FileStamp { modified: 8, ..FILE }), None];
    for stamp in changed {
        let place = SqlitePlace::new();
        drop(noted(&place));
        let mut store = place.open_sqlite();
        assert_eq!(store.check_tokens(stamp).unwrap(), Tokens::Voided);
        assert!(with_token(&mut store).is_empty());
        assert_eq!(store.check_tokens(stamp).unwrap(), Tokens::Kept, "there is none left to void");
    }
}

#[test]
fn a_change_that_the_server_saw_voids_the_tokens_of_those_it_concerns() {
    let place = SqlitePlace::new();
    let mut store = noted(&place);
    let other = FileStamp { bytes: 200, modified: 9 };
    note_accounts_file(&mut attach(&place.path()).unwrap(), other, &[name("hans")]).unwrap();
    assert_eq!(with_token(&mut store), ["yoda"]);
    drop(store);
    assert_eq!(place.open_sqlite().check_tokens(Some(other)).unwrap(), Tokens::Kept);
}

#[test]
fn tokens_outlive_a_server_that_was_killed_right_after_it_made_an_account() {
    let place = SqlitePlace::new();
    let mut store = noted(&place);
    let is = FileStamp { bytes: 150, modified: 8 };
    store.follow_accounts_file(Successor { of: FILE, is });
    drop(store);
    assert_eq!(place.open_sqlite().check_tokens(Some(is)).unwrap(), Tokens::Kept);
}

#[test]
fn what_a_server_made_of_a_file_that_was_not_noted_is_not_noted_either() {
    let place = SqlitePlace::new();
    let mut store = noted(&place);
    let [of, is] = [200, 250].map(|bytes| FileStamp { bytes, modified: 8 });
    store.follow_accounts_file(Successor { of, is });
    drop(store);
    assert_eq!(place.open_sqlite().check_tokens(Some(is)).unwrap(), Tokens::Voided);
}

#[test]
fn the_file_at_which_every_token_was_voided_is_the_noted_one_from_there_on() {
    let place = SqlitePlace::new();
    let mut store = noted(&place);
    let other = FileStamp { bytes: 101, modified: 8 };
    assert_eq!(store.check_tokens(Some(other)).unwrap(), Tokens::Voided);
    perform(&mut store, StoreOp::OpenSession { name: name("hans"), since: at(2), token: token(2) }).unwrap();
    drop(store);
    assert_eq!(place.open_sqlite().check_tokens(Some(other)).unwrap(), Tokens::Kept);
}
