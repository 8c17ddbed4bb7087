//! Fair shares: what one user, one address and everybody together may ask for.

use std::net::{IpAddr, Ipv4Addr};

use whoelse_hub::{Command as HubCommand, Config, ConnId, Effect, Limits, Record, StoreOp, TakeOver};
use whoelse_proto as proto;
use whoelse_proto::{Command, Content, ServerFrame, Target, Text};

use crate::house::{CONFIG, House, name};

/// A server with these bounds, and hans online.
fn house(limits: Limits) -> (House, ConnId) {
    let mut house = House::with(Config { limits, ..CONFIG }, &["hans", "leia", "luke", "yoda"]);
    let hans = house.login("hans");
    house.pass(1);
    house.news();
    (house, hans)
}

#[test]
fn a_full_inbox_is_refused_to_its_sender_and_open_to_others_until_its_owner_reads() {
    let (mut house, hans) = house(Limits { inbox_messages: 4, ..Limits::DEFAULT });
    let luke = house.login("luke");
    house.news();
    for _ in 0..2 {
        house.message(hans, "yoda", "hi");
    }
    house.news();
    house.message(hans, "yoda", "too much");
    assert_eq!(house.news_of("hans"), ["refused Full"], "half of an inbox is the share of one sender");
    house.message(luke, "yoda", "another sender");
    assert_eq!(house.news_of("luke"), ["accepted"]);

    house.crash();
    let hans = house.login("hans");
    house.news();
    house.message(hans, "yoda", "still too much");
    assert_eq!(house.news_of("hans"), ["refused Full"], "what waits is counted again at the start");
    let yoda = house.login("yoda");
    house.acknowledge(yoda);
    house.news();
    house.message(hans, "yoda", "now");
    assert!(house.news_of("hans").contains(&"accepted".to_owned()));
}

#[test]
fn who_takes_a_freed_name_has_a_whole_share_of_every_inbox() {
    let (mut house, hans) = house(Limits { inbox_messages: 4, ..Limits::DEFAULT });
    for _ in 0..2 {
        house.message(hans, "yoda", "of the old hans");
    }
    house.store.remove_account(&name("hans"));
    house.give(HubCommand::AccountsChanged { added: vec![], removed: vec![name("hans")], changed: vec![] });
    let hans = house.register("hans");
    house.log_in_on(hans, "hans");
    house.news();
    house.message(hans, "yoda", "of the new one");
    assert_eq!(house.news_of("hans"), ["accepted"]);
}

#[test]
fn a_message_that_was_taken_is_not_refused_the_second_time_although_the_inbox_is_full() {
    let (mut house, hans) = house(Limits { inbox_messages: 2, ..Limits::DEFAULT });
    let first = house.message(hans, "yoda", "one");
    house.news();
    house.send(hans, first, Target::User(name("yoda")), "one");
    assert_eq!(house.news_of("hans"), ["accepted"]);
}

#[test]
fn whoever_sends_faster_than_the_share_is_read_more_slowly_and_loses_nothing() {
    let (mut house, hans) = house(Limits { send_kib_per_second: 1, ..Limits::DEFAULT });
    let mut holds = Vec::new();
    for n in 0..40 {
        let id = proto::RequestId::new(10_000 + n);
        let content = Content::Text { text: Text::new("x".repeat(924).as_str()).unwrap(), reply_to: None };
        let command = Command::Send { id: house.next_id(), to: Target::User(name("yoda")), content };
        let effects = house.hub.handle(HubCommand::Request { conn: hans, id, command }, house.now);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Store { .. })), "message {n} is taken");
        holds.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Hold { conn, millis } if *conn == hans => Some(*millis),
            _ => None,
        }));
    }
    assert_eq!(holds.len(), 10, "half a minute's worth may come at once");
    assert!(holds.is_sorted() && holds.iter().all(|millis| (1..=2_000).contains(millis)), "{holds:?}");
}

#[test]
fn a_repeated_id_never_tells_whether_somebody_is_skipped_now() {
    let (mut house, hans) = house(Limits::DEFAULT);
    let leia = house.login("leia");
    house.block(leia, "hans");
    let id = house.message(hans, "yoda", "once");
    house.news();
    house.send(hans, id, Target::Everyone {}, "once");
    assert_eq!(house.news_of("hans"), ["accepted"], "not: accepted, skipped");
}

#[test]
fn questions_ring_at_other_desks_at_a_rate_and_not_again_and_again_at_the_same() {
    let (mut house, hans) = house(Limits::DEFAULT);
    let leia = house.login("leia");
    let luke = house.login("luke");
    for (n, conn) in [(1, hans), (2, leia), (3, luke)] {
        house.publish(conn, n, u16::from(n));
    }
    let asked = |house: &mut House, whom: &str| {
        house.news();
        house.ask(hans, Command::Private(proto::PrivateCommand::Start { name: name(whom) }));
        let told = house.news();
        house.ask(hans, Command::Private(proto::PrivateCommand::Stop { name: name(whom) }));
        told.iter().any(|line| line.contains("asked by hans"))
    };
    let of_leia = (0..9).filter(|_| asked(&mut house, "leia")).count();
    let of_luke = (0..9).filter(|_| asked(&mut house, "luke")).count();
    assert_eq!((of_leia, of_luke), (3, 2), "three to one, five in all");
    house.pass(10);
    assert!(asked(&mut house, "leia"));
}

#[test]
fn whoever_asks_without_end_is_read_more_slowly_also_where_each_question_is_refused() {
    let (mut house, hans) = house(Limits::DEFAULT);
    let start = Command::Private(proto::PrivateCommand::Start { name: name("leia") });
    let commands = [start, Command::Private(proto::PrivateCommand::Stop { name: name("leia") }), Command::Stay {}];
    let mut holds = 0;
    for (n, command) in (0..1_200).zip(commands.into_iter().cycle()) {
        let request = HubCommand::Request { conn: hans, id: proto::RequestId::new(20_000 + n), command };
        let effects = house.hub.handle(request, house.now);
        holds += effects.iter().filter(|effect| matches!(effect, Effect::Hold { conn, .. } if *conn == hans)).count();
    }
    assert_eq!(holds, 200, "a thousand may come at once");
}

#[test]
fn another_device_or_another_login_begins_no_new_share_of_questions_to_a_peer() {
    let (mut house, mut hans) = house(Limits::DEFAULT);
    let leia = house.login("leia");
    house.publish(leia, 9, 9);
    let mut asked = 0;
    for key in 1..=8 {
        if key == 5 {
            house.ask(hans, Command::Logout {});
            hans = house.login("hans");
        }
        house.publish(hans, key, 1);
        house.news();
        house.ask(hans, Command::Private(proto::PrivateCommand::Start { name: name("leia") }));
        asked += house.news().iter().filter(|line| line.contains("asked by hans")).count();
        house.ask(hans, Command::Private(proto::PrivateCommand::Stop { name: name("leia") }));
        house.pass(1);
    }
    assert_eq!(asked, 3, "three at once, and one more in ten seconds");
}

#[test]
fn accounts_are_made_at_a_rate_and_the_wait_is_told() {
    let (mut house, _) = house(Limits { accounts_per_hour: 2, ..Limits::DEFAULT });
    let from = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9));
    let mut make = |who: &str| -> Vec<String> {
        let conn = house.connect(who);
        let command =
            HubCommand::CompleteRegistration { conn, name: name(who), record: Record(vec![1]), invite: None, from };
        let effects = house.hub.handle(command, house.now);
        let told = effects.into_iter().filter_map(|effect| match effect {
            Effect::Store { op: StoreOp::ForgetAccount { .. }, .. } => Some("made".to_owned()),
            Effect::Send { frame: ServerFrame::LoginRefused(refusal), .. } => Some(format!("{refusal:?}")),
            Effect::Hold { conn: held, millis } if held == conn => Some(format!("not read for {millis} ms")),
            _ => None,
        });
        told.collect()
    };
    assert_eq!(make("a"), ["made"]);
    assert_eq!(make("b"), ["made"]);
    let refused = ["RegistrationClosed { retry_after: Some(Seconds(1800)), invite: None }", "not read for 1000 ms"];
    assert_eq!(make("c"), refused);
}

#[test]
fn whoever_comes_and_goes_without_end_is_heard_late_and_takes_no_session_over() {
    let mut house = House::new(&["hans"]);
    let held = |house: &mut House, take_over| {
        let conn = house.connect("hans");
        house.give(crate::login_commands::open_login(conn, name("hans")));
        let prove = crate::login_commands::prove_login(conn, conn.get());
        let HubCommand::ProveLogin { fresh, .. } = prove else { panic!("it proves") };
        let effects = house.hub.handle(HubCommand::ProveLogin { conn, fresh, take_over }, house.now);
        effects.iter().find_map(|effect| match effect {
            Effect::Hold { conn: held, millis } if *held == conn => Some(*millis),
            _ => None,
        })
    };
    for n in 0..300 {
        assert_eq!(held(&mut house, TakeOver::Yes), None, "login {n}");
    }
    assert_eq!(held(&mut house, TakeOver::Yes), Some(1_000));
    assert_eq!(held(&mut house, TakeOver::Yes), None, "the session before stays, which is asked for a sign of life");
    house.pass(3);
    assert_eq!(held(&mut house, TakeOver::Yes), None, "and once it is quiet, as before");
}
