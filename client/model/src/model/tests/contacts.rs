use whoelse_proto::{Answer, PresenceChange, PresenceReason};

use super::*;
use crate::model::Section;

fn change(user: &str, reason: PresenceReason) -> Event {
    Event::Presence(vec![PresenceChange { name: name(user), reason, at: NOW }])
}

fn roster(users: Vec<RosterEntry>, complete: bool) -> Event {
    Event::Roster { users, complete }
}

#[test]
fn those_online_stand_first_then_by_name_whatever_the_case() {
    let mut bench = Bench::default();

    bench.hear(roster(vec![offline("Anakin"), online("leia"), online("Han"), offline("boba")], true));

    assert_eq!(bench.names(), ["Han", "leia", "Anakin", "boba"]);
    let contacts = bench.0.contacts();
    assert_eq!((contacts.count(Section::Online), contacts.count(Section::Offline)), (2, 2));
    let online: Vec<&str> = contacts.section(Section::Online).map(|contact| contact.name().as_str()).collect();
    assert_eq!(online, ["Han", "leia"]);
}

#[test]
fn who_wrote_last_stands_first_in_the_section() {
    let mut bench = Bench::online();
    assert_eq!(bench.names(), ["leia", "yoda", "luke"]);

    bench.hear(Event::Received(arrived(1, direct("yoda"), "yoda")));
    assert_eq!(bench.names(), ["yoda", "leia", "luke"]);

    bench.hear(Event::Saved(own(2, direct("leia"))));
    assert_eq!(bench.names(), ["leia", "yoda", "luke"]);
}

#[test]
fn coming_and_going_moves_a_contact_and_says_since_when() {
    let mut bench = Bench::online();

    bench.hear(change("leia", PresenceReason::Timeout));
    assert_eq!(bench.names(), ["yoda", "leia", "luke"]);
    let leia = bench.0.contacts().get(&name("leia")).unwrap();
    assert_eq!(leia.presence(), Presence::Offline { last_seen: Some(NOW) });

    bench.hear(change("luke", PresenceReason::Login));
    let luke = bench.0.contacts().get(&name("luke")).unwrap();
    assert_eq!(luke.presence(), Presence::Online { since: NOW });
    assert_eq!(bench.0.contacts().count(Section::Online), 2);
}

#[test]
fn an_account_that_is_no_more_stays_only_with_its_chat() {
    let mut bench = Bench::online();
    bench.hear(Event::Received(arrived(1, direct("leia"), "leia")));

    bench.hear(roster(vec![online("yoda")], true));

    assert_eq!(bench.names(), ["yoda", "leia"]);
    assert!(bench.0.contacts().get(&name("leia")).unwrap().is_gone());
    bench.hear(roster(vec![offline("leia")], false));
    assert!(!bench.0.contacts().get(&name("leia")).unwrap().is_gone());
}

#[test]
fn a_chat_with_somebody_who_has_no_account_shows_it() {
    let mut bench = Bench::online();

    bench.hear(Event::Saved(own(1, direct("nobody"))));

    assert!(bench.0.contacts().get(&name("nobody")).unwrap().is_gone());
}

#[test]
fn the_blocked_stand_last_and_are_exactly_those_the_server_names() {
    let mut bench = Bench::online();
    bench.hear(Event::Answered { ask: AskId::new(1), result: Ok(Answer::Names(vec![name("leia")])) });
    assert_eq!(bench.names(), ["yoda", "leia", "luke"]);
    let blocked = |bench: &Bench| {
        let blocked = bench.0.contacts().iter().filter(|contact| contact.is_blocked());
        blocked.map(|contact| contact.name().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(blocked(&bench), ["leia"]);

    bench.hear(Event::SessionEnded(whoelse_proto::SessionEnd::Logout));
    bench.hear(welcome(SessionKind::New));
    bench.hear(Event::Answered { ask: AskId::new(2), result: Ok(Answer::Names(vec![name("yoda")])) });
    assert_eq!(blocked(&bench), ["yoda"]);
}

#[test]
fn the_revision_grows_with_changes_and_with_nothing_else() {
    let mut bench = Bench::online();
    let before = bench.0.contacts().revision();

    bench.hear(roster(vec![online("yoda")], false));
    assert_eq!(bench.0.contacts().revision(), before);

    bench.hear(change("yoda", PresenceReason::Logout));
    assert!(bench.0.contacts().revision() > before);
}

#[test]
fn a_roster_of_two_hundred_thousand_is_taken_in_again_and_again() {
    // A list that is walked for each of its entries does not come to an end here.
    let mut bench = Bench::default();
    let users: Vec<RosterEntry> = (0..200_000).map(|n| offline(&format!("user{n}"))).collect();
    for _ in 0..2 {
        bench.hear(roster(users.clone(), true));
    }
    assert_eq!(bench.0.contacts().count(Section::Offline), 200_000);
}
