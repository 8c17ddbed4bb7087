//! SPEC section 4: who is here, and who was.

use whoelse_hub::Config;
use whoelse_proto as proto;
use whoelse_proto::{Answer, Command, Outcome, Seconds, ServerFrame};

use crate::house::{CONFIG, House, name};
use crate::paging::unfold;

fn since(seconds: u64) -> proto::Command {
    proto::Command::Whoelsesince { seconds: Seconds::new(seconds) }
}

#[test]
fn whoelse_lists_everyone_online_but_the_one_who_asks() {
    let (mut house, [hans, _, leia]) = House::with_online(["hans", "yoda", "leia"]);
    house.ask(leia, Command::Logout {});
    house.news();
    house.ask(hans, Command::Whoelse {});
    assert_eq!(house.news(), ["hans: [yoda online]"]);
}

#[test]
fn whoelsesince_knows_sessions_inside_before_and_across_the_span() {
    let mut house = House::with(Config { timeout: Seconds::new(0), ..CONFIG }, &["hans", "inside", "before", "across"]);
    let hans = house.login("hans");
    let across = house.login("across");
    let before = house.login("before");
    house.pass(10);
    house.ask(before, Command::Logout {});
    house.pass(90);
    house.ask(across, Command::Logout {});
    let inside = house.login("inside");
    house.pass(10);
    house.ask(inside, Command::Logout {});
    house.pass(10);
    house.news();
    house.ask(hans, since(50));
    house.ask(hans, since(20));
    house.ask(hans, since(19));
    house.ask(hans, since(9));
    house.ask(hans, since(0));
    house.ask(hans, since(u64::MAX));
    assert_eq!(
        house.news(),
        [
            "hans: [across offline 20s 120-20, inside offline 10s 20-10]",
            "hans: [across offline 20s 120-20, inside offline 10s 20-10]",
            "hans: [inside offline 10s 20-10]",
            "hans: []",
            "hans: []",
            "hans: [across offline 20s 120-20, before offline 110s 120-110, inside offline 10s 20-10]",
        ]
    );
}

#[test]
fn a_session_that_is_open_is_in_every_span() {
    let (mut house, [hans, _]) = House::with_online(["hans", "yoda"]);
    house.pass(100);
    house.ask(hans, since(0));
    assert_eq!(house.news(), ["hans: [yoda online 101-]"]);
}

#[test]
fn sessions_are_forgotten_after_thirty_days() {
    let mut house = House::with(Config { timeout: Seconds::new(0), ..CONFIG }, &["hans", "yoda"]);
    let hans = house.login("hans");
    let yoda = house.login("yoda");
    house.ask(yoda, Command::Logout {});
    house.pass(30 * 24 * 3600 + 1);
    house.news();
    house.ask(hans, since(u64::MAX));
    assert_eq!(house.news(), ["hans: []"]);
}

#[test]
fn a_crash_ends_open_sessions_at_the_last_heartbeat() {
    let (mut house, _) = House::with_online(["hans", "yoda"]);
    house.pass(90);
    house.crash();
    let hans = house.login("hans");
    house.news();
    house.ask(hans, since(1000));
    assert_eq!(house.news(), ["hans: [yoda offline 31s 91-31]"]);
}

#[test]
fn changes_within_a_moment_come_in_one_notice() {
    let mut house = House::new(&["hans", "leia", "luke", "yoda"]);
    house.login("hans");
    house.pass(1);
    house.news();
    house.login("leia");
    house.login("luke");
    house.login("yoda");
    house.news();
    house.pass(1);
    assert_eq!(house.news()[0], "hans: leia Login, luke Login, yoda Login");
}

#[test]
fn a_roster_and_the_notices_behind_it_do_not_say_the_same_thing_twice() {
    let mut house = House::new(&["hans", "leia", "yoda"]);
    house.login("hans");
    house.login("leia");
    house.login("yoda");
    house.pass(1);
    assert_eq!(house.news_of("yoda"), ["welcome New", "roster hans online, leia online"]);
}

#[test]
fn logout_timeout_and_a_lost_line_are_told_apart() {
    let (mut house, [hans, leia, luke, _]) = House::with_online(["hans", "leia", "luke", "yoda"]);
    house.cut(leia);
    house.pass(10);
    house.ask(luke, Command::Logout {});
    house.pass(10);
    for _ in 0..20 {
        house.pass(100);
        house.ask(hans, Command::Stay {});
    }
    let news = house.news_of("hans");
    let told: Vec<_> = news.iter().filter(|line| *line != "done").collect();
    assert_eq!(told, ["luke Logout", "leia Lost", "yoda Timeout"]);
}

#[test]
fn a_list_that_fits_no_frame_comes_in_parts() {
    let names: Vec<String> = (0..1000).map(|n| format!("{n:0>32}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut house = House::new(&names);
    let conn = house.login(names[0]);
    for other in &names[1..] {
        house.login(other);
    }
    house.news();
    let id = proto::RequestId::new(9);
    let effects = house.hub.handle(whoelse_hub::Command::Request { conn, id, command: Command::Whoelse {} }, house.now);
    let frames = unfold(&mut house, effects);
    let mut count = 0;
    for frame in &frames {
        let ServerFrame::Reply { outcome: Outcome::Ok(Answer::Users(users)), .. } = frame else { panic!("{frame:?}") };
        count += users.len();
    }
    assert_eq!(count, 999);
    assert!(frames.len() > 1);
}

#[test]
fn rosters_and_spans_of_any_length_fit_their_frames() {
    let names: Vec<String> = (0..1000).map(|n| format!("{n:0>32}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut house = House::new(&names);
    let busy = names[1];
    for _ in 0..2100 {
        let conn = house.login(busy);
        house.ask(conn, Command::Logout {});
        house.pass(1);
    }
    let conn = house.connect("reader");
    house.open_login(conn, names[0], None);
    let prove =
        whoelse_hub::Command::ProveLogin { conn, fresh: crate::house::fresh(1), take_over: whoelse_hub::TakeOver::No };
    let effects = house.hub.handle(prove, house.now);
    let mut frames = unfold(&mut house, effects);
    let id = proto::RequestId::new(9);
    let ask = whoelse_hub::Command::Request { conn, id, command: since(u64::MAX) };
    let asked = house.hub.handle(ask, house.now);
    frames.extend(unfold(&mut house, asked));
    assert_eq!(frames.len(), 4, "a welcome, two pages of the roster, one of users");
    let users = frames.iter().filter_map(|frame| match frame {
        ServerFrame::Reply { outcome: Outcome::Ok(Answer::Users(users)), .. } => Some(users),
        _ => None,
    });
    let seen: Vec<_> = users.flatten().filter(|seen| seen.name == name(busy)).collect();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].sessions.len(), seen[0].earlier), (100, 1000), "the newest are given, the others counted");
    assert!(seen[0].sessions.is_sorted_by_key(|span| span.from));
}
