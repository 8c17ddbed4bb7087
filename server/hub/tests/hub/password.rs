//! Changing the own password: what it takes, and what it voids.

use crate::house::{Disk, House, name};
use crate::login_commands::{HERE, open_login, prove_login, token};
use whoelse_hub::{Command, ConnId, Record, TakeOver};

/// Proves the old password of hans on a new connection, shows the pass of a device, and uploads another record.
fn change(house: &mut House, pass: Option<ConnId>) {
    let conn = house.connect("change");
    house.open_login(conn, "hans", pass.map(ConnId::get));
    house.give(Command::ProveChange { conn });
    upload(house, conn);
}

fn upload(house: &mut House, conn: ConnId) {
    house.give(Command::CompleteRegistration {
        conn,
        name: name("hans"),
        record: Record(vec![1]),
        invite: None,
        from: HERE,
    });
}

/// Locks the name for strangers.
fn lock(house: &mut House) {
    let guesser = house.connect("guesser");
    for _ in 0..3 {
        house.fail_on(guesser, "hans");
    }
    house.news();
}

fn may_try(house: &mut House, pass: ConnId) -> Vec<String> {
    let conn = house.connect("device");
    house.open_login(conn, "hans", Some(pass.get()));
    house.prove(conn, TakeOver::Yes);
    house.news_of("device").into_iter().take(1).collect()
}

#[test]
fn the_session_of_the_device_that_changes_the_password_goes_on_and_its_token_stays_good() {
    let (mut house, [own]) = House::with_online(["hans"]);
    change(&mut house, Some(own));
    assert_eq!(house.news(), ["change: Registered"]);
    house.cut(own);
    let back = house.connect("hans again");
    house.give(Command::Resume { conn: back, name: name("hans"), shown: token(own.get()) });
    assert_eq!(house.news()[0], "hans again: welcome Resumed");
}

#[test]
fn other_devices_are_not_known_any_more_and_the_own_one_is() {
    let mut house = House::new(&["hans"]);
    let other = house.login("hans");
    house.ask(other, whoelse_proto::Command::Logout {});
    let own = house.login("hans");
    change(&mut house, Some(own));
    for again in [false, true] {
        if again {
            house.crash();
        }
        lock(&mut house);
        assert_eq!(may_try(&mut house, other), ["locked for 60"]);
        assert_eq!(may_try(&mut house, own), ["welcome New"]);
    }
}

#[test]
fn a_session_on_another_device_ends_and_cannot_be_taken_up() {
    let mut house = House::new(&["hans"]);
    let own = house.login("hans");
    house.ask(own, whoelse_proto::Command::Logout {});
    let other = house.login("hans");
    house.news();
    change(&mut house, Some(own));
    let back = house.connect("thief");
    house.give(Command::Resume { conn: back, name: name("hans"), shown: token(other.get()) });
    assert_eq!(house.news(), ["hans: ended Revoked", "hans: closed", "change: Registered", "thief: TokenInvalid"]);
}

#[test]
fn a_wrong_old_password_counts_like_one_at_a_login() {
    let (mut house, [_]) = House::with_online(["hans"]);
    let conn = house.connect("change");
    for _ in 0..3 {
        house.fail_on(conn, "hans");
    }
    house.open_login(conn, "hans", None);
    house.give(Command::ProveChange { conn });
    upload(&mut house, conn);
    let news = house.news();
    assert_eq!(
        news[..4],
        [
            "change: wrong password, 2 left",
            "change: wrong password, 1 left",
            "change: locked for 60",
            "change: locked for 60"
        ]
    );
    assert!(!news.iter().any(|line| line.contains("Registered")), "{news:?}");
}

#[test]
fn logins_under_way_prove_a_password_that_is_not_the_accounts_any_more() {
    let (mut house, [own]) = House::with_online(["hans"]);
    let late = house.connect("late");
    house.give(open_login(late, name("hans")));
    change(&mut house, Some(own));
    house.give(prove_login(late, 91));
    assert_eq!(house.news(), ["late: TokenInvalid", "change: Registered"]);
}

#[test]
fn a_full_disk_refuses_and_everything_stays_as_it_was() {
    let (mut house, [own]) = House::with_online(["hans"]);
    house.disk = Disk::Full;
    change(&mut house, Some(own));
    assert_eq!(house.news(), ["change: Storage"]);
    house.disk = Disk::Works;
    house.cut(own);
    let back = house.connect("hans again");
    house.give(Command::Resume { conn: back, name: name("hans"), shown: token(own.get()) });
    assert_eq!(house.news()[0], "hans again: welcome Resumed");
}

#[test]
fn a_password_is_changed_five_times_at_once_and_then_one_a_minute() {
    let (mut house, [own]) = House::with_online(["hans"]);
    for _ in 0..6 {
        change(&mut house, Some(own));
    }
    let news = house.news();
    assert_eq!(news.iter().filter(|line| line.ends_with("Registered")).count(), 5, "{news:?}");
    assert!(
        news.contains(&"change: RegistrationClosed { retry_after: Some(Seconds(60)), invite: None }".to_owned()),
        "{news:?}"
    );
    house.pass(60);
    change(&mut house, Some(own));
    assert!(house.news().contains(&"change: Registered".to_owned()));
}
