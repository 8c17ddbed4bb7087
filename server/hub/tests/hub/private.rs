//! SPEC section 5: who may ask whom, who is introduced to whom, and how it ends.

use whoelse_hub::ConnId;
use whoelse_proto as proto;
use whoelse_proto::limits::{MAX_PRIVATE_REQUESTS, PRIVATE_REQUEST_S};
use whoelse_proto::{PrivateCommand, Seconds};

use crate::house::{CONFIG, House, name, token};

/// Everyone named is online and has published a device, numbered from 1.
pub(crate) fn with_devices<const N: usize>(names: [&str; N]) -> (House, [ConnId; N]) {
    let (mut house, conns) = House::with_online(names);
    for (n, conn) in (1..).zip(conns) {
        house.publish(conn, n, n.into());
    }
    house.news();
    (house, conns)
}

/// Two users in a private session.
fn in_session() -> (House, [ConnId; 2]) {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.private(hans, PrivateCommand::Start { name: name("yoda") });
    house.private(yoda, PrivateCommand::Accept { name: name("hans") });
    house.news();
    (house, [hans, yoda])
}

impl House {
    pub(crate) fn private(&mut self, conn: ConnId, command: PrivateCommand) {
        self.ask(conn, proto::Command::Private(command));
    }

    fn start(&mut self, conn: ConnId, whom: &str) {
        self.private(conn, PrivateCommand::Start { name: name(whom) });
    }

    fn accept(&mut self, conn: ConnId, whom: &str) {
        self.private(conn, PrivateCommand::Accept { name: name(whom) });
    }

    fn decline(&mut self, conn: ConnId, whom: &str) {
        self.private(conn, PrivateCommand::Decline { name: name(whom) });
    }

    fn stop(&mut self, conn: ConnId, whom: &str) {
        self.private(conn, PrivateCommand::Stop { name: name(whom) });
    }
}

#[test]
fn what_stands_is_told_as_it_is_when_its_turn_comes() {
    let (mut house, [hans, yoda, _]) = with_devices(["hans", "yoda", "leia"]);
    house.hold_store();
    house.ask(yoda, proto::Command::Block { name: name("leia") });
    house.publish(yoda, 2, 2);
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: asked by hans for 60"]);
    house.commit();
    assert_eq!(house.news()[..2], ["yoda: done", "yoda: open [] asking [] asked [hans 60]"]);
}

#[test]
fn a_question_that_is_accepted_introduces_both_to_each_other() {
    let (mut house, [hans, yoda, _]) = with_devices(["hans", "yoda", "leia"]);
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: asked by hans for 60"]);
    house.accept(yoda, "hans");
    assert_eq!(
        house.news(),
        [
            "yoda: done",
            "yoda: introduced to hans: session, key 1 at 1",
            "hans: introduced to yoda: session, key 2 at 2"
        ]
    );
}

#[test]
fn a_question_that_is_declined_is_told_so() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.news();
    house.decline(yoda, "hans");
    assert_eq!(house.news(), ["yoda: done", "hans: private yoda Declined"]);
    house.accept(yoda, "hans");
    house.decline(yoda, "hans");
    assert_eq!(house.news(), ["yoda: refused NoRequest", "yoda: refused NoRequest"]);
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: asked by hans for 60"], "one may ask again");
}

#[test]
fn a_question_that_nobody_answers_expires_after_sixty_seconds() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.news();
    house.pass(PRIVATE_REQUEST_S - 1);
    assert_eq!(house.news(), Vec::<String>::new());
    house.pass(1);
    assert_eq!(house.news(), ["hans: private yoda Expired", "yoda: private hans Expired"]);
    house.accept(yoda, "hans");
    assert_eq!(house.news(), ["yoda: refused NoRequest"]);
}

#[test]
fn a_question_that_was_taken_back_and_put_again_has_its_whole_time() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.pass(30);
    house.stop(hans, "yoda");
    house.start(hans, "yoda");
    house.news();
    house.pass(59);
    assert_eq!(house.news(), Vec::<String>::new());
    house.accept(yoda, "hans");
    assert_eq!(house.news_of("hans"), ["introduced to yoda: session, key 2 at 2"]);
    house.pass(60);
    assert_eq!(house.news(), Vec::<String>::new(), "an old timer ends no session");
}

#[test]
fn one_who_has_no_account_is_not_asked() {
    let (mut house, [hans]) = with_devices(["hans"]);
    house.start(hans, "jaba");
    assert_eq!(house.news(), ["hans: refused UnknownUser"]);
}

#[test]
fn nobody_asks_themselves() {
    let (mut house, [hans]) = with_devices(["hans"]);
    house.start(hans, "hans");
    assert_eq!(house.news(), ["hans: refused Yourself"]);
}

#[test]
fn one_who_is_offline_is_not_asked() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.ask(yoda, proto::Command::Logout {});
    house.pass(1);
    house.news();
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: refused Offline"]);
}

#[test]
fn one_who_has_blocked_the_asker_is_not_asked_and_does_not_betray_whether_they_are_here() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.block(yoda, "hans");
    house.pass(1);
    house.news();
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: refused Blocked"]);
    house.ask(yoda, proto::Command::Logout {});
    house.pass(1);
    house.news();
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: refused Blocked"]);
}

#[test]
fn one_may_ask_a_user_whom_one_has_blocked() {
    let (mut house, [hans, _]) = with_devices(["hans", "yoda"]);
    house.block(hans, "yoda");
    house.pass(1);
    house.news();
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: asked by hans for 60"]);
}

#[test]
fn a_session_is_not_opened_twice() {
    let (mut house, [hans, yoda]) = in_session();
    house.start(hans, "yoda");
    house.start(yoda, "hans");
    assert_eq!(house.news(), ["hans: refused SessionOpen", "yoda: refused SessionOpen"]);
}

#[test]
fn a_user_is_not_asked_twice() {
    let (mut house, [hans, _]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.news();
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: refused RequestPending"]);
}

#[test]
fn a_program_that_knows_no_private_sessions_is_not_asked_and_does_not_ask() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.start(hans, "yoda");
    assert_eq!(house.news(), ["hans: refused NoDevice"]);
    house.publish(hans, 1, 1);
    house.news();
    house.start(hans, "yoda");
    house.start(yoda, "hans");
    assert_eq!(house.news(), ["hans: refused NoDevice", "yoda: refused NoDevice"]);
}

#[test]
fn two_who_ask_each_other_have_one_session() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.news();
    house.start(yoda, "hans");
    assert_eq!(
        house.news(),
        [
            "yoda: done",
            "yoda: introduced to hans: session, key 1 at 1",
            "hans: introduced to yoda: session, key 2 at 2"
        ]
    );
    house.pass(PRIVATE_REQUEST_S);
    house.accept(yoda, "hans");
    assert_eq!(house.news(), ["yoda: refused NoRequest"]);
}

#[test]
fn a_block_while_asked_reads_as_declined() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.news();
    house.block(yoda, "hans");
    assert_eq!(
        house.news(),
        ["yoda: done", "hans: private yoda Declined", "yoda: private hans Declined", "hans: roster yoda offline"]
    );
    house.accept(yoda, "hans");
    assert_eq!(house.news(), ["yoda: refused NoRequest"]);
}

#[test]
fn a_block_set_during_a_session_leaves_it_open() {
    let (mut house, [hans, yoda]) = in_session();
    house.block(yoda, "hans");
    assert_eq!(house.news(), ["yoda: done", "hans: roster yoda offline"]);
    house.stop(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: private hans Stopped"]);
}

#[test]
fn either_side_ends_a_session_and_the_other_is_told() {
    for side in [0, 1] {
        let (mut house, conns) = in_session();
        let names = ["hans", "yoda"];
        let (me, peer) = (names[side], names[1 - side]);
        house.stop(conns[side], peer);
        assert_eq!(house.news(), [format!("{me}: done"), format!("{peer}: private {me} Stopped")]);
        house.stop(conns[side], peer);
        house.stop(conns[1 - side], me);
        assert_eq!(house.news(), [format!("{me}: refused NoSession"), format!("{peer}: refused NoSession")]);
    }
}

#[test]
fn an_own_question_can_be_taken_back_and_that_of_another_not() {
    let (mut house, [hans, yoda]) = with_devices(["hans", "yoda"]);
    house.start(hans, "yoda");
    house.news();
    house.stop(yoda, "hans");
    assert_eq!(house.news(), ["yoda: refused NoSession"]);
    house.stop(hans, "yoda");
    assert_eq!(house.news(), ["hans: done", "yoda: private hans Stopped"]);
}

#[test]
fn a_logout_ends_sessions_and_questions_in_both_directions() {
    let (mut house, [hans, _, leia, luke]) = with_devices(["hans", "yoda", "leia", "luke"]);
    house.start(hans, "yoda");
    house.start(leia, "hans");
    house.start(luke, "hans");
    house.accept(hans, "luke");
    house.news();
    house.ask(hans, proto::Command::Logout {});
    assert_eq!(house.news_of("yoda"), ["private hans Logout"]);
    house.pass(PRIVATE_REQUEST_S);
    let again = house.login("hans");
    house.publish(again, 1, 1);
    house.news();
    house.stop(again, "luke");
    assert_eq!(house.news(), ["hans: refused NoSession"]);
}

#[test]
fn everybody_in_touch_is_told_why_one_left() {
    let (mut house, [hans, yoda]) = in_session();
    house.ask(hans, proto::Command::Logout {});
    assert_eq!(house.news_of("yoda"), ["private hans Logout"]);

    let (mut house, [_, yoda_again]) = in_session();
    assert_ne!(yoda, ConnId::new(0));
    house.pass(CONFIG.timeout.get() - 10);
    house.ask(yoda_again, proto::Command::Stay {});
    house.news();
    house.pass(10);
    assert_eq!(house.news_of("yoda")[0], "private hans Timeout");

    let (mut house, [hans, _]) = in_session();
    house.cut(hans);
    house.pass(14);
    assert_eq!(house.news(), Vec::<String>::new(), "a line may come back");
    house.pass(1);
    assert_eq!(house.news_of("yoda")[0], "private hans Lost");
}

#[test]
fn a_client_whose_line_came_back_learns_what_stands_and_what_does_not() {
    let (mut house, [hans, yoda, leia, luke]) = with_devices(["hans", "yoda", "leia", "luke"]);
    house.start(hans, "yoda");
    house.accept(yoda, "hans");
    house.start(hans, "leia");
    house.cut(hans);
    house.decline(leia, "hans");
    house.start(luke, "hans");
    house.pass(5);
    let again = house.connect("hans");
    house.give(whoelse_hub::Command::Resume { conn: again, name: name("hans"), shown: token(hans.get()) });
    house.news();
    house.stop(luke, "hans");
    house.start(luke, "hans");
    assert_eq!(house.news(), ["luke: done", "luke: done"], "nothing reaches a program that may not understand it");
    house.publish(again, 1, 1);
    assert_eq!(house.news(), ["hans: open [yoda] asking [] asked [luke 60]"]);
    house.accept(again, "luke");
    assert_eq!(house.news_of("luke"), ["introduced to hans: session, key 1 at 1"]);
}

#[test]
fn new_addresses_reach_those_in_session_alone() {
    let (mut house, [hans, _, leia]) = with_devices(["hans", "yoda", "leia"]);
    house.start(hans, "yoda");
    let yoda = ConnId::new(2);
    house.accept(yoda, "hans");
    house.start(leia, "hans");
    house.news();
    house.publish(hans, 1, 9);
    assert_eq!(
        house.news(),
        ["hans: open [yoda] asking [] asked [leia 60]", "yoda: introduced to hans: session, key 1 at 9"]
    );
    house.publish(hans, 1, 9);
    assert_eq!(house.news(), ["hans: open [yoda] asking [] asked [leia 60]"]);
}

#[test]
fn another_key_ends_everything_that_stood_with_the_one_before() {
    let (mut house, [hans, _]) = in_session();
    house.publish(hans, 7, 7);
    assert_eq!(house.news(), ["hans: open [] asking [] asked []", "yoda: private hans Lost"]);
}

#[test]
fn questions_have_a_bound_in_both_directions() {
    let names: Vec<_> = (0..=MAX_PRIVATE_REQUESTS + 1).map(|n| format!("u{n}")).collect();
    // One question a second: those of the first must still be open when the last is put.
    let long = MAX_PRIVATE_REQUESTS as u64 * 2;
    let config = whoelse_hub::Config { question: Seconds::new(long), ..CONFIG };
    let mut house = House::with(config, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let conns: Vec<_> = names.iter().map(|name| house.login(name)).collect();
    for conn in &conns {
        house.publish(*conn, 1, 1);
    }
    house.pass(1);
    house.news();
    for name in &names[1..=MAX_PRIVATE_REQUESTS] {
        house.start(conns[0], name);
        house.pass(1);
    }
    assert_eq!(house.news_of("u0"), vec!["done"; MAX_PRIVATE_REQUESTS]);
    house.start(conns[0], &names[MAX_PRIVATE_REQUESTS + 1]);
    assert_eq!(house.news(), ["u0: refused Full"]);

    house.pass(long);
    for conn in &conns[1..=MAX_PRIVATE_REQUESTS] {
        house.start(*conn, "u0");
    }
    house.news();
    let last = format!("u{}", MAX_PRIVATE_REQUESTS + 1);
    house.start(conns[MAX_PRIVATE_REQUESTS + 1], "u0");
    assert_eq!(house.news(), [format!("{last}: refused Full")]);
}

#[test]
fn what_one_does_about_private_sessions_is_an_action_and_publishing_is_none() {
    let config = whoelse_hub::Config { timeout: Seconds::new(100), ..CONFIG };
    let mut house = House::with(config, &["hans", "yoda"]);
    let (hans, yoda) = (house.login("hans"), house.login("yoda"));
    house.publish(hans, 1, 1);
    house.publish(yoda, 2, 2);
    house.pass(60);
    house.start(hans, "yoda");
    house.publish(yoda, 2, 3);
    house.pass(40);
    let ended = house.news_of("yoda");
    assert!(ended.contains(&"ended Timeout".to_owned()), "{ended:?}");
    house.ask(hans, proto::Command::Whoelse {});
    assert_eq!(house.news(), ["hans: []"]);
}

#[test]
fn a_stopped_server_forgets_questions_and_sessions() {
    let (mut house, [_, _]) = in_session();
    house.give(whoelse_hub::Command::Stop);
    let told = house.news();
    assert_eq!(told, ["hans: ended ServerStop", "yoda: ended ServerStop", "hans: closed", "yoda: closed"]);
}
