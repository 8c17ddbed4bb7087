//! SPEC section 3: how sessions go on and end.

use whoelse_hub::{Command, Config};
use whoelse_proto as proto;
use whoelse_proto::{Seconds, SessionEnd};

use crate::house::{CONFIG, House, name, token};

fn resume(house: &mut House, label: &str, who: &str, shown: u64) -> whoelse_hub::ConnId {
    let conn = house.connect(label);
    house.give(Command::Resume { conn, name: name(who), shown: token(shown) });
    conn
}

#[test]
fn a_session_ends_after_the_timeout_and_is_warned_of_before() {
    let (mut house, _) = House::with_online(["hans"]);
    house.pass(1738);
    assert_eq!(house.news(), Vec::<String>::new());
    house.pass(1);
    assert_eq!(house.news(), ["hans: warning 60"]);
    house.pass(60);
    assert_eq!(house.news(), ["hans: ended Timeout", "hans: closed"]);
}

#[test]
fn a_short_timeout_is_warned_of_a_tenth_before() {
    let mut house = House::with(Config { timeout: Seconds::new(20), ..CONFIG }, &["hans"]);
    house.login("hans");
    house.news();
    house.pass(18);
    assert_eq!(house.news(), ["hans: warning 2"]);
}

#[test]
fn a_timeout_of_zero_never_ends_a_session() {
    let mut house = House::with(Config { timeout: Seconds::new(0), ..CONFIG }, &["hans"]);
    house.login("hans");
    house.news();
    house.pass(1_000_000);
    assert_eq!(house.news(), Vec::<String>::new());
}

#[test]
fn valid_commands_count_as_activity_even_when_they_are_refused() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    for command in [
        proto::Command::Whoelse {},
        proto::Command::Stay {},
        proto::Command::Blocked {},
        proto::Command::Whoelsesince { seconds: Seconds::new(1) },
        proto::Command::Block { name: name("jaba") },
        proto::Command::Unblock { name: name("jaba") },
    ] {
        house.pass(1790);
        house.ask(hans, command);
    }
    house.message(hans, "jaba", "Hey");
    house.pass(1000);
    assert!(!house.news().contains(&"hans: ended Timeout".to_owned()));
}

#[test]
fn what_a_client_does_by_itself_is_no_activity() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.pass(1000);
    house.ask(yoda, proto::Command::Stay {});
    house.pass(700);
    let id = house.message(yoda, "hans", "Hey");
    house.acknowledge(hans);
    house.ask(hans, proto::Command::MarkRead { peer: name("yoda"), up_to: id });
    house.ask(hans, proto::Command::Lookup(proto::Lookup { ids: vec![] }));
    house.give(Command::Heard { conn: hans });
    house.pass(100);
    assert!(house.news_of("hans").contains(&"ended Timeout".to_owned()));
}

#[test]
fn a_valid_action_after_the_warning_keeps_the_session_and_is_warned_of_again() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    house.pass(1750);
    house.ask(hans, proto::Command::Stay {});
    house.pass(1739);
    assert_eq!(house.news(), ["hans: warning 60", "hans: done"]);
    house.pass(1);
    assert_eq!(house.news(), ["hans: warning 60"]);
}

#[test]
fn a_warning_that_came_due_while_the_line_was_lost_is_given_on_the_next_line() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    house.pass(1735);
    house.cut(hans);
    house.pass(8);
    house.news();
    resume(&mut house, "hans again", "hans", 1);
    let news = house.news();
    assert!(news.contains(&"hans again: warning 56".to_owned()), "{news:?}");
}

#[test]
fn logout_is_answered_and_seen_by_others() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.ask(hans, proto::Command::Logout {});
    house.pass(1);
    assert_eq!(house.news(), ["hans: done", "hans: ended Logout", "hans: closed", "yoda: hans Logout"]);
}

#[test]
fn a_lost_line_is_seen_by_others_only_after_the_grace() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.cut(hans);
    house.pass(14);
    assert_eq!(house.news(), Vec::<String>::new());
    house.pass(2);
    assert_eq!(house.news(), ["yoda: hans Lost"]);
}

#[test]
fn a_session_resumed_within_the_grace_is_seen_by_nobody() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.cut(hans);
    house.pass(10);
    resume(&mut house, "hans", "hans", 1);
    house.pass(20);
    assert_eq!(house.news(), ["hans: welcome Resumed", "hans: roster yoda online"]);
}

#[test]
fn a_session_resumed_after_the_grace_is_a_login_without_a_password() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.cut(hans);
    house.pass(20);
    house.news();
    resume(&mut house, "hans", "hans", 1);
    house.pass(1);
    assert_eq!(house.news(), ["hans: welcome New", "hans: roster yoda online", "yoda: hans Login"]);
}

#[test]
fn a_resumption_takes_a_stale_line_over_without_waiting() {
    let (mut house, _) = House::with_online(["hans"]);
    resume(&mut house, "hans again", "hans", 1);
    assert_eq!(
        house.news(),
        ["hans: ended Replaced", "hans: closed", "hans again: welcome Resumed", "hans again: roster "]
    );
}

#[test]
fn a_token_can_be_shown_twice() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    house.cut(hans);
    let second = resume(&mut house, "second", "hans", 1);
    house.cut(second);
    resume(&mut house, "third", "hans", 1);
    assert_eq!(house.news_of("third"), ["welcome Resumed", "roster "]);
}

#[test]
fn a_wrong_token_and_one_of_somebody_else_are_refused() {
    let (mut house, _) = House::with_online(["hans", "yoda"]);
    resume(&mut house, "a", "hans", 77);
    resume(&mut house, "b", "hans", 2);
    resume(&mut house, "c", "jaba", 1);
    assert_eq!(house.news(), ["a: TokenInvalid", "b: TokenInvalid", "c: TokenInvalid"]);
}

#[test]
fn logout_and_timeout_void_the_token() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.ask(hans, proto::Command::Logout {});
    house.pass(1800);
    house.news();
    resume(&mut house, "a", "hans", 1);
    resume(&mut house, "b", "yoda", 2);
    house.crash();
    resume(&mut house, "c", "hans", 1);
    resume(&mut house, "d", "yoda", 2);
    assert_eq!(house.news(), ["a: TokenInvalid", "b: TokenInvalid", "c: TokenInvalid", "d: TokenInvalid"]);
}

#[test]
fn a_token_is_void_at_the_moment_of_the_timeout_before_the_hub_wakes_for_it() {
    // Hans signed in a second ago.
    for (after, told) in [(1798, "welcome Resumed"), (1799, "TokenInvalid")] {
        let (mut house, [hans]) = House::with_online(["hans"]);
        house.cut(hans);
        house.now = house.now.plus(Seconds::new(after));
        resume(&mut house, "again", "hans", 1);
        assert_eq!(house.news_of("again")[0], told, "after {after} s");
    }
}

#[test]
fn a_lost_line_does_not_outlast_the_timeout() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    house.pass(1000);
    house.cut(hans);
    house.pass(798);
    let again = resume(&mut house, "again", "hans", 1);
    assert_eq!(house.news(), ["again: welcome New", "again: roster "]);
    house.cut(again);
    house.pass(1801);
    resume(&mut house, "late", "hans", 1);
    assert_eq!(house.news(), ["late: TokenInvalid"]);
}

#[test]
fn a_token_survives_a_crash_and_a_server_stop() {
    let (mut house, _) = House::with_online(["hans"]);
    house.crash();
    resume(&mut house, "hans", "hans", 1);
    house.give(Command::Stop);
    house.crash();
    resume(&mut house, "hans", "hans", 1);
    assert_eq!(
        house.news(),
        [
            "hans: welcome New",
            "hans: roster ",
            "hans: ended ServerStop",
            "hans: closed",
            "hans: welcome New",
            "hans: roster "
        ]
    );
}

#[test]
fn a_stop_tells_everyone_and_ends_every_session_in_the_store() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.give(Command::Stop);
    let reason = format!("ended {:?}", SessionEnd::ServerStop);
    assert_eq!(
        house.news(),
        [format!("hans: {reason}"), format!("yoda: {reason}"), "hans: closed".into(), "yoda: closed".into()]
    );
    assert_eq!((hans.get(), yoda.get()), (1, 2));
    house.pass(100);
    house.crash();
    let hans = house.login("hans");
    house.news();
    house.ask(hans, proto::Command::Whoelsesince { seconds: Seconds::new(1000) });
    assert_eq!(house.news(), ["hans: [yoda offline 100s 101-100]"]);
}

#[test]
fn a_clock_that_jumps_back_changes_nothing() {
    let (mut house, [hans]) = House::with_online(["hans"]);
    house.now = proto::Timestamp::from_millis(5);
    house.ask(hans, proto::Command::Stay {});
    assert_eq!(house.news(), ["hans: done"]);
}

#[test]
fn a_request_of_a_connection_without_a_session_is_ignored() {
    let mut house = House::new(&["hans", "yoda"]);
    let conn = house.connect("nobody");
    house.message(conn, "yoda", "Hey");
    house.acknowledge(conn);
    house.login("yoda");
    assert_eq!(house.news(), ["yoda: welcome New", "yoda: roster hans offline"]);
}
