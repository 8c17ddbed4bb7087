//! Accounts that are made by invitation alone.

use std::net::{IpAddr, Ipv4Addr};

use crate::house::{CONFIG, Disk, HERE, House, name};
use whoelse_hub::{Command, Config, ConnId, InviteHash, Record};
use whoelse_proto::{NewAccounts, Seconds, Timestamp};

/// A house that makes accounts by invitation.
fn invited(names: &[&str]) -> House {
    House::with(Config { registration: NewAccounts::Invited, ..CONFIG }, names)
}

fn hash(n: u8) -> InviteHash {
    InviteHash::from_bytes([n; 32])
}

/// Gives out invitation `n`, for a day.
fn give_out(house: &mut House, n: u8, uses: u32) {
    house.store.invite(hash(n), uses, house.now.plus(Seconds::new(86_400)));
}

fn open(house: &mut House, who: &str, invite: Option<u8>, from: IpAddr) -> ConnId {
    let conn = house.connect(who);
    house.give(Command::OpenRegistration { conn, name: name(who), invite: invite.map(hash), from });
    conn
}

fn complete(house: &mut House, conn: ConnId, who: &str, invite: Option<u8>) {
    let invite = invite.map(hash);
    house.give(Command::CompleteRegistration { conn, name: name(who), record: Record(vec![1]), invite, from: HERE });
}

fn register(house: &mut House, who: &str, invite: u8) -> Vec<String> {
    let conn = open(house, who, Some(invite), HERE);
    let news = house.news();
    if news.is_empty() {
        complete(house, conn, who, Some(invite));
        return house.news();
    }
    news
}

fn refused(who: &str, fault: &str) -> String {
    format!("{who}: RegistrationClosed {{ retry_after: None, invite: Some({fault}) }}")
}

#[test]
fn an_invitation_makes_as_many_accounts_as_it_is_for() {
    let mut house = invited(&[]);
    give_out(&mut house, 7, 2);
    assert_eq!(register(&mut house, "leia", 7), ["leia: Registered"]);
    assert_eq!(register(&mut house, "luke", 7), ["luke: Registered"]);
    assert_eq!(register(&mut house, "lando", 7), [refused("lando", "UsedUp")]);
}

#[test]
fn without_an_invitation_with_another_or_with_an_old_one_no_account_is_made() {
    let mut house = invited(&[]);
    house.store.invite(hash(8), 1, Timestamp::from_millis(1));
    let conn = open(&mut house, "leia", None, HERE);
    complete(&mut house, conn, "leia", None);
    assert_eq!(house.news(), [refused("leia", "Needed"), refused("leia", "Needed")]);
    assert_eq!(register(&mut house, "leia", 7), [refused("leia", "Unknown")]);
    assert_eq!(register(&mut house, "leia", 8), [refused("leia", "Expired")]);
}

#[test]
fn of_two_who_show_the_last_of_an_invitation_at_once_one_makes_an_account() {
    let mut house = invited(&[]);
    give_out(&mut house, 7, 1);
    let conns = ["leia", "luke"].map(|who| open(&mut house, who, Some(7), HERE));
    assert!(house.news().is_empty(), "both may go on");
    house.hold_store();
    for (conn, who) in conns.into_iter().zip(["leia", "luke"]) {
        complete(&mut house, conn, who, Some(7));
    }
    house.commit();
    assert_eq!(house.news(), ["leia: Registered".to_owned(), refused("luke", "UsedUp")]);
}

#[test]
fn an_account_that_cannot_be_made_uses_up_nothing() {
    let mut house = invited(&[]);
    give_out(&mut house, 7, 1);
    house.store.create_account(name("leia")).unwrap();
    assert_eq!(
        register(&mut house, "leia", 7),
        ["leia: NameTaken"],
        "the file has the name, which the hub did not hear of"
    );
    let conn = open(&mut house, "luke", Some(7), HERE);
    house.disk = Disk::Full;
    complete(&mut house, conn, "luke", Some(7));
    house.disk = Disk::Works;
    assert_eq!(house.news(), ["luke: Storage"]);
    assert_eq!(register(&mut house, "luke", 7), ["luke: Registered"]);
}

#[test]
fn a_server_that_is_killed_before_the_account_is_there_gives_back_what_it_took() {
    let mut house = invited(&[]);
    give_out(&mut house, 7, 1);
    let claim = whoelse_hub::StoreOp::ClaimInvite { invite: hash(7), name: name("leia"), at: house.now };
    house.store.perform(claim);
    assert_eq!(register(&mut house, "luke", 7), [refused("luke", "UsedUp")], "leia is about to have it");
    house.crash();
    assert_eq!(register(&mut house, "luke", 7), ["luke: Registered"]);
}

#[test]
fn names_are_told_to_those_alone_who_are_invited() {
    let mut house = invited(&["yoda"]);
    give_out(&mut house, 7, 1);
    open(&mut house, "yoda", None, HERE);
    open(&mut house, "yoda", Some(9), HERE);
    assert_eq!(house.news(), [refused("yoda", "Needed"), refused("yoda", "Unknown")]);
    assert_eq!(register(&mut house, "yoda", 7), ["yoda: NameTaken"]);
    let guest = house.connect("guest");
    house.give(crate::house::open_login(guest, name("Yoda")));
    assert_eq!(house.news(), ["guest: UnknownUser"]);
}

#[test]
fn whoever_tries_many_invitations_waits_and_others_do_not() {
    let mut house = invited(&[]);
    give_out(&mut house, 7, 2);
    for _ in 0..60 {
        open(&mut house, "leia", Some(9), HERE);
    }
    house.news();
    open(&mut house, "leia", Some(7), HERE);
    assert_eq!(
        house.news(),
        ["leia: RegistrationClosed { retry_after: Some(Seconds(10)), invite: Some(Unknown) }"],
        "not even with a good one"
    );
    open(&mut house, "luke", Some(7), IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9)));
    assert!(house.news().is_empty(), "luke may go on");
    house.pass(10);
    assert_eq!(register(&mut house, "leia", 7), ["leia: Registered"]);
}

#[test]
fn where_anyone_may_make_an_account_an_invitation_changes_nothing() {
    let mut house = House::new(&[]);
    assert_eq!(register(&mut house, "leia", 9), ["leia: Registered"]);
}
