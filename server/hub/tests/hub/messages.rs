//! SPEC section 4: messages and broadcasts.

use whoelse_hub::{Command as HubCommand, Effect, StoreFault, StoreOp, Stored};
use whoelse_proto as proto;
use whoelse_proto::limits::{MAX_LOOKUP_IDS, MAX_UNACKNOWLEDGED};
use whoelse_proto::{Content, GroupId, Lookup, MessageId, Notice, Seq, ServerFrame, Target, Text, Timestamp};

use crate::house::{Disk, House, name, open_login, prove_login};

#[test]
fn a_message_goes_to_its_recipient_alone_and_is_accepted_once_it_is_stored() {
    let (mut house, [hans, _, _]) = House::with_online(["hans", "leia", "yoda"]);
    house.hold_store();
    house.message(hans, "yoda", "Hey Dude");
    assert_eq!(house.news(), Vec::<String>::new());
    house.commit();
    assert_eq!(house.news(), ["hans: accepted", "yoda: message from hans: Hey Dude"]);
}

#[test]
fn a_message_to_someone_offline_waits_and_arrives_in_order_and_once() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    for text in ["one", "two", "three"] {
        house.message(hans, "yoda", text);
    }
    house.news();
    let yoda = house.login("yoda");
    assert_eq!(
        house.news_of("yoda"),
        [
            "welcome New",
            "roster hans online",
            "message from hans: one (stored)",
            "message from hans: two (stored)",
            "message from hans: three (stored)",
        ]
    );
    house.acknowledge(yoda);
    assert_eq!(house.news(), ["hans: Delivered by yoda: 3"]);
    house.ask(yoda, proto::Command::Logout {});
    house.login("yoda");
    let news = house.news_of("yoda");
    assert!(!news.iter().any(|line| line.starts_with("message")), "{news:?}");
}

#[test]
fn what_is_not_acknowledged_comes_again_on_the_next_line() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.message(hans, "yoda", "one");
    house.acknowledge(yoda);
    house.message(hans, "yoda", "two");
    house.cut(yoda);
    house.news();
    house.login("yoda");
    let news = house.news_of("yoda");
    assert_eq!(news[2..], ["message from hans: two (stored)"]);
}

#[test]
fn an_accepted_message_survives_a_crash() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.message(hans, "yoda", "one");
    house.crash();
    house.news();
    house.login("yoda");
    assert_eq!(house.news_of("yoda")[2..], ["message from hans: one (stored)"]);
}

#[test]
fn an_acknowledgement_that_a_full_disk_did_not_take_is_written_later() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.message(hans, "yoda", "one");
    house.disk = Disk::Full;
    house.acknowledge(yoda);
    house.disk = Disk::Works;
    house.news();
    house.pass(60);
    assert_eq!(house.news(), ["hans: Delivered by yoda: 1"]);
}

#[test]
fn a_message_sent_again_with_the_same_id_is_accepted_again_and_delivered_once() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    let id = house.message(hans, "yoda", "one");
    house.send(hans, id, Target::User(name("yoda")), "one");
    assert_eq!(house.news(), ["hans: accepted", "yoda: message from hans: one", "hans: accepted"]);
}

#[test]
fn an_id_of_somebody_elses_message_is_refused() {
    let (mut house, [hans, leia, _]) = House::with_online(["hans", "leia", "yoda"]);
    let id = house.message(hans, "yoda", "one");
    house.news();
    house.send(leia, id, Target::User(name("yoda")), "two");
    assert_eq!(house.news(), ["leia: refused DuplicateId"]);
}

#[test]
fn a_message_to_nobody_to_oneself_or_to_one_who_blocked_the_sender_is_refused() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.block(yoda, "hans");
    house.news();
    house.message(hans, "jaba", "Hey");
    house.message(hans, "hans", "Hey");
    house.message(hans, "yoda", "Hey");
    assert_eq!(house.news(), ["hans: refused UnknownUser", "hans: refused Yourself", "hans: refused Blocked"]);
    house.unblock(yoda, "hans");
    house.cut(yoda);
    house.news();
    house.login("yoda");
    assert!(!house.news_of("yoda").iter().any(|line| line.starts_with("message")));
}

#[test]
fn a_message_taken_before_a_block_is_not_refused_when_it_is_sent_again() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    let id = house.message(hans, "yoda", "one");
    house.block(yoda, "hans");
    house.news();
    house.send(hans, id, Target::User(name("yoda")), "one");
    assert_eq!(house.news(), ["hans: accepted"]);
}

#[test]
fn what_was_accepted_before_a_block_is_delivered() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    let yoda = house.login("yoda");
    house.ask(yoda, proto::Command::Logout {});
    house.message(hans, "yoda", "before");
    let yoda = house.connect("yoda");
    house.log_in_on(yoda, "yoda");
    house.block(yoda, "hans");
    let news = house.news_of("yoda");
    assert!(news.contains(&"message from hans: before (stored)".to_owned()), "{news:?}");
}

#[test]
fn a_broadcast_reaches_everyone_online_but_the_sender_and_those_who_blocked_them() {
    let (mut house, [hans, leia, _, _]) = House::with_online(["hans", "leia", "luke", "yoda"]);
    house.broadcast(hans, "all");
    assert_eq!(
        house.news(),
        [
            "hans: accepted",
            "leia: broadcast from hans: all",
            "luke: broadcast from hans: all",
            "yoda: broadcast from hans: all",
        ]
    );
    house.block(leia, "hans");
    house.news();
    house.broadcast(hans, "some");
    assert_eq!(
        house.news(),
        ["hans: accepted, some skipped", "luke: broadcast from hans: some", "yoda: broadcast from hans: some"]
    );
}

#[test]
fn a_broadcast_is_not_kept_for_anyone_offline() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    house.broadcast(hans, "all");
    house.login("yoda");
    assert_eq!(
        house.news(),
        [
            "hans: welcome New",
            "hans: roster yoda offline",
            "hans: accepted",
            "yoda: welcome New",
            "yoda: roster hans online"
        ]
    );
}

#[test]
fn one_who_is_offline_and_has_blocked_the_sender_is_not_skipped() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.block(yoda, "hans");
    house.ask(yoda, proto::Command::Logout {});
    house.news();
    house.broadcast(hans, "all");
    assert_eq!(house.news(), ["hans: accepted"]);
}

#[test]
fn a_broadcast_accepted_while_a_line_was_lost_arrives_when_it_is_back() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.cut(yoda);
    house.broadcast(hans, "all");
    house.news();
    house.login("yoda");
    assert_eq!(house.news_of("yoda")[2..], ["broadcast from hans: all (stored)"]);
}

#[test]
fn a_full_disk_refuses_new_messages_and_keeps_delivering() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    house.message(hans, "yoda", "before");
    house.disk = Disk::Full;
    house.news();
    house.message(hans, "yoda", "lost");
    house.login("yoda");
    assert_eq!(
        house.news(),
        [
            "hans: refused Storage",
            "yoda: welcome New",
            "yoda: roster hans online",
            "yoda: message from hans: before (stored)"
        ]
    );
}

#[test]
fn a_client_that_does_not_acknowledge_gets_no_more_than_the_window() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    let many = MAX_UNACKNOWLEDGED + 10;
    for n in 0..many {
        house.message(hans, "yoda", &n.to_string());
    }
    let delivered = house.news_of("yoda");
    assert_eq!(delivered.len(), MAX_UNACKNOWLEDGED);

    house.acknowledge(yoda);
    let rest = house.news_of("yoda");
    let expected: Vec<_> = (MAX_UNACKNOWLEDGED..many).map(|n| format!("message from hans: {n} (stored)")).collect();
    assert_eq!(rest, expected);
}

#[test]
fn large_messages_fill_the_window_sooner() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    let large = "x".repeat(16 * 1024);
    for _ in 0..40 {
        house.message(hans, "yoda", &large);
    }
    assert_eq!(house.news_of("yoda").len(), 32);
}

#[test]
fn a_long_backlog_comes_in_pages_as_it_is_acknowledged_and_in_order() {
    let mut house = House::new(&["hans", "yoda"]);
    let hans = house.login("hans");
    for n in 0..500 {
        house.message(hans, "yoda", &n.to_string());
    }
    house.news();
    let yoda = house.login("yoda");
    let mut got = Vec::new();
    loop {
        let news = house.news_of("yoda");
        got.extend(news.into_iter().filter_map(|line| line.strip_prefix("message from hans: ").map(str::to_owned)));
        if got.len() >= 500 {
            break;
        }
        house.acknowledge(yoda);
        if got.len() == 160 {
            house.message(hans, "yoda", "live");
        }
    }
    house.acknowledge(yoda);
    got.extend(house.news_of("yoda"));
    let numbers: Vec<_> = got.iter().filter_map(|text| text.split(' ').next()?.parse::<u32>().ok()).collect();
    assert_eq!(numbers, (0..500).collect::<Vec<_>>());
}

#[test]
fn an_acknowledgement_of_what_was_not_sent_takes_nothing_out_of_the_inbox() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.give(whoelse_hub::Command::Acknowledge { conn: yoda, up_to: proto::Seq::new(u64::MAX) });
    house.message(hans, "yoda", "one");
    house.cut(yoda);
    house.news();
    house.login("yoda");
    assert_eq!(house.news_of("yoda")[2..], ["message from hans: one (stored)"]);
}

#[test]
fn answers_come_in_the_order_of_the_requests() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.hold_store();
    house.message(hans, "yoda", "one");
    house.ask(hans, proto::Command::Whoelse {});
    house.message(hans, "jaba", "two");
    house.ask(hans, proto::Command::Logout {});
    assert_eq!(house.news(), Vec::<String>::new());
    house.commit();
    assert_eq!(
        house.news_of("hans"),
        ["accepted", "[yoda online]", "refused UnknownUser", "done", "ended Logout", "closed"]
    );
}

#[test]
fn a_read_marker_tells_the_sender_once() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.message(hans, "yoda", "one");
    let last = house.message(hans, "yoda", "two");
    house.acknowledge(yoda);
    house.news();
    let marker = proto::Command::MarkRead { peer: name("hans"), up_to: last };
    house.ask(yoda, marker.clone());
    house.ask(yoda, marker);
    assert_eq!(house.news(), ["yoda: done", "hans: Read by yoda: 1", "yoda: done"]);
}

#[test]
fn a_sender_who_was_away_can_look_up_what_became_of_messages() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    let (first, second) = (house.message(hans, "yoda", "one"), house.message(hans, "yoda", "two"));
    house.cut(hans);
    house.acknowledge(yoda);
    house.ask(yoda, proto::Command::MarkRead { peer: name("hans"), up_to: first });
    let hans = house.login("hans");
    house.news();
    let unknown = house.next_id();
    house.ask(hans, proto::Command::Lookup(Lookup { ids: vec![first, second, unknown] }));
    house.ask(yoda, proto::Command::Lookup(Lookup { ids: vec![first] }));
    house.ask(hans, proto::Command::Lookup(Lookup { ids: vec![first; MAX_LOOKUP_IDS + 1] }));
    assert_eq!(house.news(), ["hans: [Read, Delivered]", "yoda: []", "hans: refused TooLong"]);
}

#[test]
fn nobody_learns_from_ticks_that_one_who_blocked_them_was_there() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    let id = house.message(hans, "yoda", "one");
    house.block(yoda, "hans");
    house.news();
    house.acknowledge(yoda);
    house.ask(yoda, proto::Command::MarkRead { peer: name("hans"), up_to: id });
    house.ask(hans, proto::Command::Lookup(Lookup { ids: vec![id] }));
    assert_eq!(house.news(), ["yoda: done", "hans: [Accepted]"]);
}

#[test]
fn what_is_reserved_is_refused_as_unsupported() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    let id = house.next_id();
    let text = Text::new("x").unwrap();
    let to = Target::User(name("yoda"));
    for (to, content) in [
        (to.clone(), Content::Edit { of: id, text: text.clone() }),
        (to, Content::Reaction { to: id, emoji: "x".into() }),
        (Target::Group(GroupId::from_bytes([1; 16])), Content::Text { text, reply_to: None }),
    ] {
        house.ask(hans, proto::Command::Send { id, to, content });
    }
    assert_eq!(house.news(), ["hans: refused Unsupported", "hans: refused Unsupported", "hans: refused Unsupported"]);
}

#[test]
fn a_text_of_which_nothing_is_seen_is_refused() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    for (n, raw) in [(1, "\u{200B}\u{200B}"), (2, "\u{2800}"), (3, "\u{3164} \u{FE0F}")] {
        let id = proto::MessageId::from_bytes([n; 16]);
        let content = Content::Text { text: Text::taken(raw).unwrap(), reply_to: None };
        house.ask(hans, proto::Command::Send { id, to: Target::User(name("yoda")), content });
        assert_eq!(house.news(), ["hans: refused Invalid"], "{raw:?}");
    }
}

/// Logs in, and has the store answer every page of the inbox like this. Gives what the hub says to the line, and which pages
/// it asks for.
fn read_inbox(answers: &mut dyn Iterator<Item = Result<Stored, StoreFault>>) -> (Vec<ServerFrame>, Vec<Seq>) {
    let mut house = House::new(&["hans", "yoda"]);
    let conn = house.connect("yoda");
    let (mut said, mut asked) = (Vec::new(), Vec::new());
    let mut todo = vec![open_login(conn, name("yoda")), prove_login(conn, 7)];
    while !todo.is_empty() {
        for effect in house.hub.handle(todo.remove(0), house.now) {
            match effect {
                Effect::Send { frame, .. } => said.push(frame),
                Effect::Store { ticket, op: StoreOp::LoadInbox { after, .. } } => {
                    asked.push(after);
                    todo.extend(answers.next().map(|result| HubCommand::Stored { ticket, result }));
                }
                Effect::Store { ticket, .. } => todo.push(HubCommand::Stored { ticket, result: Ok(Stored::Done) }),
                Effect::Route { to, what } => todo.push(HubCommand::Routed { to, what }),
                _ => {}
            }
        }
    }
    said.retain(|frame| matches!(frame, ServerFrame::Notice(_) | ServerFrame::Deliver(_)));
    (said, asked)
}

#[test]
fn who_has_messages_that_cannot_be_read_is_told_how_many_and_gets_those_behind_them() {
    let message = whoelse_hub::Message {
        id: MessageId::from_bytes([9; 16]),
        from: name("hans"),
        to: Target::User(name("yoda")),
        content: Content::Text { text: Text::new("behind").unwrap(), reply_to: None },
        at: Timestamp::from_millis(1),
    };
    let damaged = vec![Seq::new(1), Seq::new(2)];
    let first = Stored::Page { messages: vec![], damaged, more: true };
    let last = Stored::Page { messages: vec![(Seq::new(3), message)], damaged: vec![], more: false };
    let (said, asked) = read_inbox(&mut [Ok(first), Ok(last)].into_iter());
    assert_eq!(asked, [Seq::new(0), Seq::new(2)]);
    assert_eq!(said[0], ServerFrame::Notice(Notice::InboxDamaged { messages: 2 }));
    assert!(matches!(&said[1..], [ServerFrame::Deliver(envelope)] if envelope.seq == Seq::new(3)), "{said:?}");
}

#[test]
fn who_has_an_inbox_that_cannot_be_read_at_all_is_told_once_a_line() {
    let (said, _) = read_inbox(&mut std::iter::repeat_n(Err(StoreFault::Unavailable), 1));
    assert_eq!(said, [ServerFrame::Notice(Notice::InboxDamaged { messages: 0 })]);
}
