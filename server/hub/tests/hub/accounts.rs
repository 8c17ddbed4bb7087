//! Accounts that come, go and change, and the names that they may have.

use crate::house::{CONFIG, House, name, token};
use crate::login_commands::{open_login, prove_login};
use whoelse_hub::{Command, Config};
use whoelse_proto as proto;
use whoelse_proto::NewAccounts;

#[test]
fn a_name_that_looks_like_another_or_like_the_program_makes_no_account() {
    let mut house = House::new(&["yoda"]);
    for like in ["Yoda", "yoda.", "y0da", "YO-DA"] {
        house.register(like);
        let refused = format!("{like}: NameTaken, like yoda");
        assert_eq!(house.news(), [refused.clone(), refused]);
    }
    for reserved in ["You", "everyone", "adm1n", "yoda(private)", "yoda:", "[12:00]"] {
        house.register(reserved);
        let refused = format!("{reserved}: NameTaken, reserved");
        assert_eq!(house.news(), [refused.clone(), refused]);
    }
}

#[test]
fn two_who_register_names_that_look_alike_make_one_account() {
    let mut house = House::new(&[]);
    house.hold_store();
    house.register("jaba");
    house.register("Jaba");
    house.commit();
    assert_eq!(house.news(), ["Jaba: NameTaken, like jaba", "Jaba: NameTaken, like jaba", "jaba: Registered"]);
}

#[test]
fn who_logs_in_with_a_name_that_looks_like_another_is_told_of_it_where_anyone_may_register() {
    let mut house = House::new(&["yoda"]);
    let conn = house.connect("guest");
    house.give(open_login(conn, name("Yoda")));
    assert_eq!(house.news(), ["guest: UnknownUser, like yoda"]);

    let mut house = House::with(Config { registration: NewAccounts::Nobody, ..CONFIG }, &["yoda"]);
    let conn = house.connect("guest");
    house.give(open_login(conn, name("Yoda")));
    assert_eq!(house.news(), ["guest: UnknownUser"]);
}

#[test]
fn who_takes_a_freed_name_finds_nothing_of_the_one_who_had_it() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    house.message(hans, "yoda", "for the old yoda alone");
    house.block(hans, "yoda");
    house.pass(1);
    house.news();

    house.store.remove_account(&name("yoda"));
    house.give(Command::AccountsChanged { added: vec![], removed: vec![name("yoda")], changed: vec![] });
    assert!(house.store.blocks().is_empty());
    let conn = house.register("yoda");
    house.log_in_on(conn, "yoda");
    house.pass(1);
    let news = house.news();
    assert!(!news.iter().any(|line| line.contains("old yoda")), "{news:?}");
    assert!(news.iter().any(|line| line == "yoda: roster hans online"), "hans has not blocked this one: {news:?}");
}

#[test]
fn a_login_that_began_before_the_account_was_removed_or_changed_does_not_get_in() {
    let mut house = House::new(&["hans", "yoda"]);
    let (hans, yoda) = (house.connect("old hans"), house.connect("old yoda"));
    house.give(open_login(hans, name("hans")));
    house.give(open_login(yoda, name("yoda")));
    house.news();
    house.give(Command::AccountsChanged { added: vec![], removed: vec![name("hans")], changed: vec![name("yoda")] });
    house.give(Command::AccountsChanged { added: vec![name("hans")], removed: vec![], changed: vec![] });
    house.give(prove_login(hans, 91));
    house.give(prove_login(yoda, 92));
    assert_eq!(house.news(), ["old yoda: TokenInvalid", "old hans: TokenInvalid"]);
}

#[test]
fn a_session_that_the_administrator_ends_is_not_taken_up_again_and_may_begin_elsewhere() {
    let (mut house, [old]) = House::with_online(["hans"]);
    house.give(Command::Kick { name: name("hans") });
    let conn = house.connect("hans again");
    house.give(Command::Resume { conn, name: name("hans"), shown: token(old.get()) });
    house.log_in_on(conn, "hans");
    assert_eq!(
        house.news(),
        [
            "hans: ended Revoked",
            "hans: closed",
            "hans again: TokenInvalid",
            "hans again: welcome New",
            "hans again: roster "
        ]
    );
}

#[test]
fn a_removed_account_is_out_at_once_and_cannot_come_back() {
    let (mut house, _) = House::with_online(["hans", "yoda"]);
    house.give(Command::AccountsChanged { added: vec![], removed: vec![name("hans")], changed: vec![] });
    house.pass(1);
    assert_eq!(house.news(), ["hans: ended Revoked", "hans: closed", "yoda: hans Logout"]);
    let conn = house.connect("hans");
    house.give(Command::Resume { conn, name: name("hans"), shown: token(1) });
    house.open_login(conn, "hans", None);
    assert_eq!(house.news(), ["hans: TokenInvalid", "hans: UnknownUser"]);
}

#[test]
fn a_changed_password_ends_the_session_and_voids_its_token() {
    let (mut house, _) = House::with_online(["hans"]);
    house.give(Command::AccountsChanged { added: vec![], removed: vec![], changed: vec![name("hans")] });
    let conn = house.connect("again");
    house.give(Command::Resume { conn, name: name("hans"), shown: token(1) });
    house.crash();
    let conn = house.connect("later");
    house.give(Command::Resume { conn, name: name("hans"), shown: token(1) });
    assert_eq!(house.news(), ["hans: ended Revoked", "hans: closed", "again: TokenInvalid", "later: TokenInvalid"]);
}

#[test]
fn a_password_that_the_administrator_changed_leaves_what_waits_and_the_blocks() {
    let mut house = House::new(&["hans", "leia", "yoda"]);
    let yoda = house.login("yoda");
    house.block(yoda, "leia");
    house.ask(yoda, proto::Command::Logout {});
    let hans = house.login("hans");
    house.message(hans, "yoda", "it waits");
    house.news();
    house.give(Command::AccountsChanged { added: vec![], removed: vec![], changed: vec![name("yoda")] });
    let yoda = house.login("yoda");
    house.ask(yoda, proto::Command::Blocked {});
    let news = house.news_of("yoda");
    assert!(news.contains(&"[leia]".to_owned()), "{news:?}");
    assert!(news.iter().any(|line| line.contains("it waits")), "{news:?}");
}

/// The administrator removes an account, and the file has no line of it.
fn remove(house: &mut House, who: &str) {
    house.store.remove_account(&name(who));
    house.give(Command::AccountsChanged { added: vec![], removed: vec![name(who)], changed: vec![] });
}

#[test]
fn who_wrote_to_an_account_that_is_removed_before_it_read_is_told_that_it_never_arrives() {
    let mut house = House::new(&["hans", "leia", "yoda"]);
    let hans = house.login("hans");
    let leia = house.login("leia");
    for text in ["one", "two"] {
        house.message(hans, "yoda", text);
    }
    house.message(leia, "yoda", "three");
    house.message(hans, "leia", "to somebody else");
    house.pass(1);
    house.news();
    remove(&mut house, "yoda");
    let mut told = house.news();
    told.retain(|line| line.contains("lost"));
    assert_eq!(told, ["hans: lost with yoda: 2", "leia: lost with yoda: 1"]);
}

#[test]
fn who_was_away_when_the_account_was_removed_is_told_on_asking_also_by_the_next_one_of_the_name() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    let id = house.message(hans, "yoda", "for nobody");
    house.ask(hans, proto::Command::Logout {});
    remove(&mut house, "yoda");
    house.register("yoda");
    let hans = house.login("hans");
    house.frames.clear();
    house.ask(hans, proto::Command::Lookup(proto::Lookup { ids: vec![id] }));
    let states = house.frames.iter().find_map(|told| match &told.frame {
        proto::ServerFrame::Reply { outcome: proto::Outcome::Ok(proto::Answer::States(states)), .. } => Some(states),
        _ => None,
    });
    assert_eq!(states, Some(&vec![proto::KnownState::lost(id)]));
}

#[test]
fn an_account_in_doubt_leaves_its_name_to_nobody_and_has_all_that_was_its_own_once_its_line_is_back() {
    let mut house = House::new(&["hans", "leia", "luke", "yoda"]);
    let (hans, yoda) = (house.login("hans"), house.login("yoda"));
    house.block(yoda, "leia");
    house.block(hans, "yoda");
    house.ask(yoda, proto::Command::Logout {});
    let luke = house.login("luke");
    house.message(luke, "yoda", "it waits");
    house.store.doubt_account(&name("yoda"));
    house.crash();
    house.news();
    for like in ["yoda", "Yoda"] {
        house.register(like);
    }
    assert!(house.news().iter().all(|line| line.contains("NameTaken")));

    assert_eq!(house.store.create_account(name("yoda")), Ok(whoelse_hub::Stored::Done));
    house.give(Command::AccountsChanged { added: vec![name("yoda")], removed: vec![], changed: vec![] });
    let yoda = house.login("yoda");
    house.ask(yoda, proto::Command::Blocked {});
    let news = house.news_of("yoda");
    assert!(news.contains(&"[leia]".to_owned()), "{news:?}");
    assert!(news.iter().any(|line| line.contains("it waits")), "{news:?}");
    house.message(yoda, "hans", "and is blocked still");
    assert!(house.news_of("yoda").contains(&"refused Blocked".to_owned()));
}

#[test]
fn who_takes_a_name_whose_line_was_missing_at_a_start_is_blocked_by_nobody() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.store.remove_account(&name("yoda"));
    house.crash();
    house.login("hans");
    let conn = house.register("yoda");
    house.log_in_on(conn, "yoda");
    house.news();
    house.message(conn, "hans", "I am new here");
    assert!(house.news_of("yoda").contains(&"accepted".to_owned()));
}
