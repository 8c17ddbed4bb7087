//! SPEC section 3: who gets in, and who does not.

use crate::house::{CONFIG, Disk, House, name, token};
use whoelse_hub::{Command, Config, TakeOver};
use whoelse_proto::limits::MAX_OPEN_LOGINS_PER_NAME;
use whoelse_proto::{NewAccounts, Seconds};

#[test]
fn a_right_password_is_welcomed_and_everyone_else_sees_the_login() {
    let (mut house, _) = House::with_online(["hans", "leia"]);
    house.store.create_account(name("yoda")).unwrap();
    house.give(Command::AccountsChanged { added: vec![name("yoda")], removed: vec![], changed: vec![] });
    house.pass(1);
    assert_eq!(house.news(), ["hans: roster yoda offline", "leia: roster yoda offline"]);

    house.login("yoda");
    assert_eq!(house.news(), ["yoda: welcome New", "yoda: roster hans online, leia online"]);
    house.pass(1);
    assert_eq!(house.news(), ["hans: yoda Login", "leia: yoda Login"]);
}

#[test]
fn those_whom_the_user_has_blocked_do_not_see_the_login() {
    let (mut house, [hans, _leia]) = House::with_online(["hans", "leia"]);
    house.block(hans, "leia");
    house.ask(hans, whoelse_proto::Command::Logout {});
    house.pass(1);
    house.news();

    house.login("hans");
    house.pass(1);
    assert_eq!(house.news_of("leia"), Vec::<String>::new());
}

#[test]
fn the_third_wrong_password_in_a_row_locks_the_name_on_every_connection() {
    let mut house = House::new(&["hans"]);
    let (first, second) = (house.connect("first"), house.connect("second"));
    house.fail_on(first, "hans");
    house.fail_on(second, "hans");
    house.fail_on(first, "hans");
    house.log_in_on(second, "hans");
    assert_eq!(
        house.news(),
        [
            "first: wrong password, 2 left",
            "second: wrong password, 1 left",
            "first: locked for 60",
            "second: locked for 60",
        ]
    );
}

#[test]
fn a_try_during_the_lock_does_not_prolong_it_and_after_it_the_count_starts_again() {
    let mut house = House::new(&["hans"]);
    let conn = house.connect("hans");
    for _ in 0..3 {
        house.fail_on(conn, "hans");
    }
    house.pass(40);
    house.log_in_on(conn, "hans");
    house.pass(20);
    house.fail_on(conn, "hans");
    house.log_in_on(conn, "hans");
    let news = house.news();
    assert_eq!(
        news[2..],
        [
            "hans: locked for 60",
            "hans: locked for 20",
            "hans: wrong password, 2 left",
            "hans: welcome New",
            "hans: roster ",
        ]
    );
}

#[test]
fn a_right_password_starts_the_count_again() {
    let mut house = House::new(&["hans"]);
    let conn = house.connect("hans");
    house.fail_on(conn, "hans");
    house.fail_on(conn, "hans");
    house.log_in_on(conn, "hans");
    let guesser = house.connect("guesser");
    house.fail_on(guesser, "hans");
    assert_eq!(house.news_of("guesser"), ["wrong password, 2 left"]);
}

#[test]
fn a_login_that_ends_without_a_proof_counts_as_a_wrong_password() {
    let mut house = House::new(&["hans"]);
    for _ in 0..2 {
        let conn = house.connect("half");
        house.open_login(conn, "hans", None);
        house.cut(conn);
    }
    let conn = house.connect("hans");
    house.fail_on(conn, "hans");
    assert_eq!(house.news(), ["hans: locked for 60"]);
}

#[test]
fn unfinished_logins_delay_nobody() {
    let mut house = House::new(&["hans", "yoda"]);
    for who in ["hans", "hans", "yoda"] {
        let conn = house.connect("half");
        house.open_login(conn, who, None);
    }
    house.login("hans");
    house.login("yoda");
    assert_eq!(
        house.news(),
        ["hans: welcome New", "hans: roster yoda offline", "yoda: welcome New", "yoda: roster hans online",]
    );
}

#[test]
fn guesses_in_parallel_are_three_and_further_ones_wait() {
    let mut house = House::new(&["hans"]);
    let guessers: Vec<_> = (0..=MAX_OPEN_LOGINS_PER_NAME).map(|n| house.connect(&n.to_string())).collect();
    for guesser in &guessers {
        house.open_login(*guesser, "hans", None);
    }
    assert_eq!(house.news(), [format!("{MAX_OPEN_LOGINS_PER_NAME}: locked for 10")]);
    for guesser in &guessers[..3] {
        house.give(Command::FailLogin { conn: *guesser });
    }
    let news = house.news();
    let locked = (3..MAX_OPEN_LOGINS_PER_NAME).map(|n| format!("{n}: locked for 60"));
    assert_eq!(news[..3], ["0: wrong password, 2 left", "1: wrong password, 1 left", "2: locked for 60"]);
    assert_eq!(news[3..], locked.collect::<Vec<_>>());
}

#[test]
fn who_goes_while_waiting_makes_room_for_another_to_wait() {
    let mut house = House::new(&["hans"]);
    let waiting: Vec<_> = (0..MAX_OPEN_LOGINS_PER_NAME).map(|_| house.connect("half")).collect();
    for conn in &waiting {
        house.open_login(*conn, "hans", None);
    }
    house.cut(waiting[5]);
    let next = house.connect("next");
    house.open_login(next, "hans", None);
    assert_eq!(house.news(), Vec::<String>::new(), "it waits and is not refused");
}

#[test]
fn a_try_that_waits_goes_on_when_another_is_over() {
    let mut house = House::new(&["hans"]);
    let half = [(); 3].map(|()| house.connect("half"));
    for conn in half {
        house.open_login(conn, "hans", None);
    }
    let hans = house.connect("hans");
    house.open_login(hans, "hans", None);
    house.prove(hans, TakeOver::No);
    assert_eq!(house.news(), Vec::<String>::new(), "there is no challenge yet");
    house.prove(half[0], TakeOver::No);
    house.prove(hans, TakeOver::No);
    house.pass(2);
    assert!(house.news().contains(&"hans: welcome New".to_owned()));
}

/// Three wrong passwords of strangers.
fn lock(house: &mut House, who: &str) {
    let guesser = house.connect("guesser");
    for _ in 0..3 {
        house.fail_on(guesser, who);
    }
    house.news();
}

#[test]
fn strangers_do_not_lock_a_device_out_that_was_in_before() {
    let mut house = House::new(&["hans"]);
    let first = house.login("hans");
    house.ask(first, whoelse_proto::Command::Logout {});
    house.crash();
    lock(&mut house, "hans");

    let device = house.connect("device");
    house.open_login(device, "hans", Some(first.get()));
    house.prove(device, TakeOver::No);
    assert_eq!(house.news_of("device")[0], "welcome New");
}

#[test]
fn a_known_device_has_three_tries_of_its_own() {
    let mut house = House::new(&["hans"]);
    let first = house.login("hans");
    house.ask(first, whoelse_proto::Command::Logout {});
    lock(&mut house, "hans");
    let device = house.connect("device");
    for _ in 0..3 {
        house.open_login(device, "hans", Some(first.get()));
        house.give(Command::FailLogin { conn: device });
    }
    house.open_login(device, "hans", Some(first.get()));
    let expected = ["wrong password, 2 left", "wrong password, 1 left", "locked for 60", "locked for 60"];
    assert_eq!(house.news_of("device"), expected);
}

#[test]
fn of_nine_devices_the_one_that_was_not_used_for_longest_is_forgotten() {
    let mut house = House::new(&["hans"]);
    let logout = |house: &mut House, conn| {
        house.ask(conn, whoelse_proto::Command::Logout {});
        house.pass(1);
    };
    let mut devices = Vec::new();
    for _ in 0..8 {
        let conn = house.login("hans");
        devices.push(conn.get());
        logout(&mut house, conn);
    }
    let again = house.connect("again");
    house.open_login(again, "hans", Some(devices[0]));
    house.prove(again, TakeOver::No);
    logout(&mut house, again);
    let ninth = house.login("hans");
    logout(&mut house, ninth);

    lock(&mut house, "hans");
    for (device, is_known) in [(devices[1], false), (devices[0], true)] {
        let conn = house.connect("device");
        house.open_login(conn, "hans", Some(device));
        house.prove(conn, TakeOver::No);
        let news = house.news_of("device");
        assert_eq!(news.contains(&"welcome New".to_owned()), is_known, "{news:?}");
    }
}

#[test]
fn a_pass_is_void_once_the_password_is_another() {
    let mut house = House::new(&["hans"]);
    let first = house.login("hans");
    house.give(Command::AccountsChanged { added: vec![], removed: vec![], changed: vec![name("hans")] });
    for again in [false, true] {
        if again {
            house.crash();
        }
        lock(&mut house, "hans");
        let device = house.connect("device");
        house.open_login(device, "hans", Some(first.get()));
        assert_eq!(house.news_of("device"), ["locked for 60"]);
    }
}

#[test]
fn one_origin_cannot_try_a_few_passwords_for_every_name() {
    let names: Vec<String> = (0..40).map(|n| format!("user{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut house = House::new(&names);
    let guesser = house.connect("guesser");
    for who in &names {
        house.fail_on(guesser, who);
        house.fail_on(guesser, who);
    }
    let news = house.news_of("guesser");
    assert!(news.iter().take(60).all(|line| line.starts_with("wrong password")), "{news:?}");
    assert_eq!(news[60], "locked for 10");
}

#[test]
fn a_login_tells_of_wrong_passwords_before_it_once_and_after_a_restart_too() {
    let mut house = House::new(&["hans"]);
    lock(&mut house, "hans");
    house.crash();
    let missed = |house: &House| {
        let welcome = house.frames.iter().rev().find_map(|told| match &told.frame {
            whoelse_proto::ServerFrame::Welcome { missed, .. } => Some(*missed),
            _ => None,
        });
        welcome.unwrap().map(|missed| missed.count)
    };
    let hans = house.login("hans");
    assert_eq!(missed(&house), Some(3));
    house.ask(hans, whoelse_proto::Command::Logout {});
    house.crash();
    house.login("hans");
    assert_eq!(missed(&house), None);
}

#[test]
fn whoever_proves_the_password_may_take_the_session_over() {
    let (mut house, _) = House::with_online(["hans", "yoda"]);
    let (waiting, second) = (house.connect("waiting"), house.connect("second"));
    house.log_in_on(waiting, "hans");
    house.open_login(second, "hans", None);
    house.prove(second, TakeOver::Yes);
    assert_eq!(
        house.news(),
        [
            "hans: Ping",
            "hans: ended Replaced",
            "hans: closed",
            "second: welcome New",
            "second: roster yoda online",
            "waiting: AlreadyOnline",
        ]
    );
    house.pass(1);
    assert_eq!(house.news(), ["yoda: hans Logout, hans Login"]);
    let old = house.connect("old");
    house.give(Command::Resume { conn: old, name: name("hans"), shown: token(1) });
    assert_eq!(house.news(), ["old: TokenInvalid"], "it does not come back by itself");
}

#[test]
fn a_wrong_password_takes_nothing_over() {
    let (mut house, _) = House::with_online(["hans"]);
    let second = house.connect("second");
    house.fail_on(second, "hans");
    house.prove(second, TakeOver::Yes);
    house.pass(3);
    assert_eq!(house.news(), ["second: wrong password, 2 left"]);
}

#[test]
fn a_proof_that_comes_during_the_lock_is_refused() {
    let mut house = House::new(&["hans"]);
    let first = house.login("hans");
    house.ask(first, whoelse_proto::Command::Logout {});
    let (device, hans) = (house.connect("device"), house.connect("hans"));
    house.open_login(hans, "hans", None);
    for _ in 0..3 {
        house.open_login(device, "hans", Some(first.get()));
        house.give(Command::FailLogin { conn: device });
    }
    house.news();
    house.prove(hans, TakeOver::No);
    assert_eq!(house.news(), ["hans: locked for 60"]);
}

#[test]
fn the_administrator_lifts_a_lock() {
    let mut house = House::new(&["hans"]);
    let conn = house.connect("hans");
    for _ in 0..3 {
        house.fail_on(conn, "hans");
    }
    house.news();
    house.give(Command::Unlock { name: name("hans") });
    house.log_in_on(conn, "hans");
    assert_eq!(house.news(), ["hans: welcome New", "hans: roster "]);
}

#[test]
fn a_lock_of_no_time_locks_nobody() {
    let mut house = House::with(Config { lock: Seconds::new(0), ..CONFIG }, &["hans"]);
    let conn = house.connect("hans");
    for _ in 0..4 {
        house.fail_on(conn, "hans");
    }
    let news = house.news();
    assert_eq!(news[2..], ["hans: wrong password, 3 left", "hans: wrong password, 2 left"]);
}

#[test]
fn a_name_that_is_online_on_a_line_that_answers_is_refused() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    let second = house.connect("second");
    house.log_in_on(second, "hans");
    assert_eq!(house.news(), ["hans: Ping"]);
    house.give(Command::Heard { conn: hans });
    assert_eq!(house.news(), ["second: AlreadyOnline"]);
}

#[test]
fn a_line_without_a_sign_of_life_gives_way_to_a_right_password() {
    let (mut house, _) = House::with_online(["hans", "yoda"]);
    let second = house.connect("second");
    house.log_in_on(second, "hans");
    house.pass(1);
    assert_eq!(house.news(), ["hans: Ping"]);
    house.pass(1);
    assert_eq!(
        house.news(),
        ["hans: ended Replaced", "hans: closed", "second: welcome New", "second: roster yoda online"]
    );
    house.pass(1);
    assert_eq!(house.news(), ["yoda: hans Lost, hans Login"]);
}

#[test]
fn a_wrong_password_does_not_disturb_the_session() {
    let (mut house, _) = House::with_online(["hans"]);
    let second = house.connect("second");
    house.fail_on(second, "hans");
    house.pass(3);
    assert_eq!(house.news(), ["second: wrong password, 2 left"]);
}

#[test]
fn of_two_who_wait_for_a_dead_line_one_gets_in() {
    let (mut house, _) = House::with_online(["hans"]);
    let (second, third) = (house.connect("second"), house.connect("third"));
    house.log_in_on(second, "hans");
    house.log_in_on(third, "hans");
    house.pass(2);
    let news = house.news();
    assert!(news.contains(&"second: welcome New".to_owned()), "{news:?}");
    assert!(news.contains(&"third: AlreadyOnline".to_owned()), "{news:?}");
}

#[test]
fn one_who_waited_and_left_gets_no_session() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    let second = house.connect("second");
    house.log_in_on(second, "hans");
    house.cut(second);
    house.pass(3);
    house.ask(hans, whoelse_proto::Command::Stay {});
    assert_eq!(house.news(), ["hans: Ping", "hans: done"]);
}

#[test]
fn an_unknown_name_is_told_so() {
    let mut house = House::new(&["hans"]);
    let conn = house.connect("jaba");
    house.open_login(conn, "jaba", None);
    assert_eq!(house.news(), ["jaba: UnknownUser"]);
}

#[test]
fn a_new_account_can_log_in_and_everyone_learns_its_name() {
    let (mut house, _) = House::with_online(["hans"]);
    let conn = house.register("jaba");
    assert_eq!(house.news(), ["jaba: Registered"]);
    house.log_in_on(conn, "jaba");
    house.pass(1);
    assert_eq!(
        house.news(),
        ["jaba: welcome New", "jaba: roster hans online", "hans: roster jaba offline", "hans: jaba Login"]
    );
}

#[test]
fn a_taken_name_and_a_closed_server_make_no_account() {
    let mut house = House::new(&["hans"]);
    house.register("hans");
    assert_eq!(house.news(), ["hans: NameTaken", "hans: NameTaken"]);

    let mut house = House::with(Config { registration: NewAccounts::Nobody, ..CONFIG }, &["hans"]);
    house.register("jaba");
    assert_eq!(
        house.news(),
        [
            "jaba: RegistrationClosed { retry_after: None, invite: None }",
            "jaba: RegistrationClosed { retry_after: None, invite: None }"
        ]
    );
}

#[test]
fn two_who_register_the_same_name_make_one_account() {
    let mut house = House::new(&[]);
    house.hold_store();
    house.register("jaba");
    house.register("jaba");
    house.commit();
    assert_eq!(house.news(), ["jaba: NameTaken", "jaba: NameTaken", "jaba: Registered"]);
}

#[test]
fn a_full_disk_makes_no_account_and_says_so() {
    let mut house = House::new(&[]);
    house.disk = Disk::Full;
    let conn = house.register("jaba");
    house.open_login(conn, "jaba", None);
    assert_eq!(house.news(), ["jaba: Storage", "jaba: UnknownUser"]);
}
