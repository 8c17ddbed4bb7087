//! Lists of any length, a page at a time.

use std::collections::{BTreeSet, VecDeque};

use whoelse_hub::memory::MemoryStore;
use whoelse_hub::{Command, ConnId, Effect, Hub, StoreOp, Stored};
use whoelse_proto as proto;
use whoelse_proto::{Answer, Outcome, Presence, ServerFrame, Timestamp, UserName};

use crate::house::{CONFIG, House, name, open_login, prove_login};

/// Frames that one step may send: a page of the roster with the welcome before it, or the sessions of some names.
const MOST_FRAMES: usize = 8;

/// A server of many accounts, and the first connection of one of them, which is about to be welcomed.
fn crowd(count: usize) -> (Hub, Vec<Effect>, ConnId) {
    let names: Vec<UserName> = (0..count).map(|n| name(&format!("{n:0>32}"))).collect();
    let mut store = MemoryStore::new(names.iter().cloned());
    let now = Timestamp::from_millis(1_000_000_000_000);
    let (mut hub, _) = Hub::new(CONFIG, store.start(), now);
    let conn = ConnId::new(1);
    hub.handle(open_login(conn, names[count / 2].clone()), now);
    let effects = hub.handle(prove_login(conn, 1), now);
    (hub, effects, conn)
}

/// Performs effects and what they lead to, apart from the news: every frame that goes out, in order.
pub(crate) fn unfold(house: &mut House, effects: Vec<Effect>) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    let mut queue: VecDeque<Effect> = effects.into();
    while let Some(effect) = queue.pop_front() {
        let command = match effect {
            Effect::Send { frame, .. } => {
                proto::codec::encode(&frame, proto::limits::MAX_FRAME).unwrap();
                frames.push(frame);
                continue;
            }
            Effect::Store { ticket, op } => Command::Stored { ticket, result: Ok(house.store.perform(op)) },
            Effect::AskForRoom { conn } => Command::Room { conn },
            Effect::Announce { what } => Command::Announced { what },
            Effect::Route { to, what } => Command::Routed { to, what },
            _ => continue,
        };
        queue.extend(house.hub.handle(command, house.now));
    }
    frames
}

fn frames(effects: &[Effect]) -> Vec<&ServerFrame> {
    effects
        .iter()
        .filter_map(|effect| if let Effect::Send { frame, .. } = effect { Some(frame) } else { None })
        .collect()
}

fn asks_for_room(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::AskForRoom { .. }))
}

#[test]
fn the_roster_of_two_hundred_thousand_accounts_comes_as_the_connection_takes_it() {
    let (mut hub, mut effects, conn) = crowd(200_000);
    let now = Timestamp::from_millis(1_000_000_000_000);
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    loop {
        let sent = frames(&effects);
        assert!(sent.len() <= MOST_FRAMES, "{} frames in one step", sent.len());
        for frame in sent {
            assert!(proto::codec::encode(frame, proto::limits::MAX_FRAME).is_ok());
            if let ServerFrame::Roster { users, more } = frame {
                pages += 1;
                seen.extend(users.iter().map(|entry| entry.name.clone()));
                assert_eq!(*more, asks_for_room(&effects));
            }
        }
        if !asks_for_room(&effects) {
            break;
        }
        effects = hub.handle(Command::Room { conn }, now);
    }
    assert_eq!(seen.len(), 199_999);
    assert!(pages > 200);
}

#[test]
fn whoever_comes_goes_or_joins_while_the_roster_is_sent_ends_up_right() {
    let (mut hub, first, conn) = crowd(5_000);
    let now = Timestamp::from_millis(1_000_000_000_000);
    assert!(asks_for_room(&first));
    let other = ConnId::new(2);
    hub.handle(open_login(other, name(&format!("{:0>32}", 3))), now);
    let mut effects = hub.handle(prove_login(other, 2), now);
    let added = Command::AccountsChanged { added: vec![name("zoe")], removed: Vec::new(), changed: Vec::new() };
    for effect in hub.handle(added, now) {
        if let Effect::Store { ticket, op: StoreOp::ForgetAccount { .. } } = effect {
            effects.extend(hub.handle(Command::Stored { ticket, result: Ok(Stored::Done) }, now));
        }
    }
    let announced: Vec<_> = effects
        .into_iter()
        .filter_map(|effect| if let Effect::Announce { what } = effect { Some(what) } else { None })
        .collect();
    let mut told = Vec::new();
    for what in announced {
        hub.handle(Command::Announced { what }, now);
    }
    let later = now.plus_millis(1_000);
    let mine = |effects: Vec<Effect>| {
        effects.into_iter().filter_map(move |effect| match effect {
            Effect::Send { to, frame } if to.contains(&conn) => Some(frame),
            _ => None,
        })
    };
    told.extend(mine(hub.handle(Command::Wake, later)));
    assert!(
        told.iter().all(|frame| !matches!(frame, ServerFrame::Roster { more: false, .. })),
        "the list is not ended by a new account: {told:?}"
    );
    loop {
        let effects = hub.handle(Command::Room { conn }, later);
        let more = asks_for_room(&effects);
        told.extend(mine(effects));
        if !more {
            break;
        }
    }
    let changes = told.iter().filter(|frame| matches!(frame, ServerFrame::Presence { .. })).count();
    let rosters = told.iter().filter_map(|frame| match frame {
        ServerFrame::Roster { users, .. } => Some(users),
        _ => None,
    });
    let entries: Vec<_> = rosters.flatten().collect();
    assert_eq!(changes, 1);
    assert!(entries.iter().any(|entry| entry.name == name("zoe")));
    assert!(matches!(told.last(), Some(ServerFrame::Roster { more: false, .. })));
}

#[test]
fn answers_keep_their_order_behind_a_list_that_is_still_being_sent() {
    let (mut hub, effects, conn) = crowd(10_000);
    let now = Timestamp::from_millis(1_000_000_000_000);
    let mut room = asks_for_room(&effects);
    while room {
        room = asks_for_room(&hub.handle(Command::Room { conn }, now));
    }
    let request = |id, command| Command::Request { conn, id: proto::RequestId::new(id), command };
    // Nobody else is online: the list looks through a bounded number of accounts a step.
    let first = hub.handle(request(1, proto::Command::Whoelse {}), now);
    assert_eq!((frames(&first).len(), asks_for_room(&first)), (0, true));
    let second = hub.handle(request(2, proto::Command::Stay {}), now);
    assert_eq!(frames(&second).len(), 0, "it waits for the list before it");

    let mut answers = Vec::new();
    loop {
        let effects = hub.handle(Command::Room { conn }, now);
        for frame in frames(&effects) {
            let ServerFrame::Reply { id, more, outcome } = frame else { panic!("{frame:?}") };
            answers.push((id.get(), *more, outcome.clone()));
        }
        if !asks_for_room(&effects) {
            break;
        }
    }
    let expected = vec![(1, false, Outcome::Ok(Answer::Users(Vec::new()))), (2, false, Outcome::Ok(Answer::Done {}))];
    assert_eq!(answers, expected);
}

#[test]
fn whoever_logs_out_while_the_roster_is_sent_is_let_go_at_once() {
    let (mut hub, effects, conn) = crowd(5_000);
    let now = Timestamp::from_millis(1_000_000_000_000);
    assert!(asks_for_room(&effects));
    let id = proto::RequestId::new(1);
    let effects = hub.handle(Command::Request { conn, id, command: proto::Command::Logout {} }, now);
    let ended = |frame: &&ServerFrame| matches!(frame, ServerFrame::SessionEnded { .. });
    assert!(frames(&effects).iter().any(ended), "{effects:?}");
    assert_eq!(hub.handle(Command::Room { conn }, now), []);
}

#[test]
fn the_sessions_of_a_busy_name_are_read_for_whoever_asks_without_the_others() {
    let mut house = House::new(&["hans", "leia", "yoda"]);
    for _ in 0..150 {
        let conn = house.login("yoda");
        house.ask(conn, proto::Command::Logout {});
        house.pass(1);
    }
    let hans = house.login("hans");
    let id = proto::RequestId::new(7);
    let command = proto::Command::Whoelsesince { seconds: proto::Seconds::new(3_600) };
    let effects = house.hub.handle(Command::Request { conn: hans, id, command }, house.now);
    let frames = unfold(&mut house, effects);
    let [ServerFrame::Reply { more: false, outcome: Outcome::Ok(Answer::Users(users)), .. }] = frames.as_slice() else {
        panic!("{frames:?}")
    };
    assert_eq!(users.len(), 1);
    assert_eq!((users[0].sessions.len(), users[0].earlier), (100, 50));
    assert!(matches!(users[0].presence, Presence::Offline { last_seen: Some(_) }));
}

/// A house of so many users, some of them online, and their connections.
fn full_house(count: usize, online: usize) -> (House, Vec<String>, Vec<ConnId>) {
    let names: Vec<String> = (0..count).map(|n| format!("{n:0>32}")).collect();
    let mut house = House::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let conns = names.iter().take(online).map(|who| house.login(who)).collect();
    house.pass(1);
    (house, names, conns)
}

/// Asks, and gives the answers frame by frame.
fn answers(house: &mut House, conn: ConnId, command: proto::Command) -> Vec<Answer> {
    let id = proto::RequestId::new(7);
    let effects = house.hub.handle(Command::Request { conn, id, command }, house.now);
    let answer = |frame| match frame {
        ServerFrame::Reply { outcome: Outcome::Ok(answer), .. } => Some(answer),
        _ => None,
    };
    unfold(house, effects).into_iter().filter_map(answer).collect()
}

#[test]
fn whom_one_has_blocked_comes_in_pages() {
    let (mut house, names, conns) = full_house(3_000, 1);
    for whom in &names[1..] {
        house.block(conns[0], whom);
    }
    let parts = answers(&mut house, conns[0], proto::Command::Blocked {});
    let listed: Vec<_> =
        parts.iter().flat_map(|part| if let Answer::Names(names) = part { names.clone() } else { vec![] }).collect();
    assert!(parts.len() > 1);
    assert_eq!(listed, names[1..].iter().map(|who| name(who)).collect::<Vec<_>>());
}

#[test]
fn the_holders_of_a_file_come_in_pages_without_those_who_hide() {
    let (mut house, names, conns) = full_house(1_200, 1_200);
    for (n, conn) in conns.iter().enumerate().skip(1) {
        house.publish(*conn, 1, 1);
        for root in [7, 8] {
            let file = proto::SharedFile {
                name: proto::FileName::new("plans.pdf").unwrap(),
                size: proto::FileSize::try_from(100).unwrap(),
                root: proto::FileRoot::from_bytes([root; 32]),
            };
            let chunks = proto::Chunks::NONE.with(u8::try_from(n % 10).unwrap() + 1);
            house.ask(*conn, proto::Command::Files(proto::FilesCommand::Register { file, chunks }));
        }
    }
    house.block(conns[1], &names[0]);
    for (any_of, expected) in [(None, 1_198), (Some(proto::Chunks::NONE.with(1)), 119)] {
        let name = proto::FileName::new("plans.pdf").unwrap();
        let search = proto::Command::Files(proto::FilesCommand::Search { name, any_of, names: proto::Naming::Whole });
        let parts = answers(&mut house, conns[0], search);
        let mut holders = BTreeSet::new();
        for found in parts.iter().flat_map(|part| if let Answer::Found(found) = part { found.clone() } else { vec![] })
        {
            for holder in found.holders {
                assert!(holders.insert((found.file.root.as_bytes()[0], holder.name)), "listed twice");
            }
        }
        assert_eq!(holders.len(), 2 * expected);
        assert!(parts.len() > 1);
    }
}

#[test]
fn long_answers_wait_for_room_however_many_are_asked_for() {
    let (mut house, _, conns) = full_house(100, 100);
    let now = house.now;
    let ask =
        |id| Command::Request { conn: conns[0], id: proto::RequestId::new(id), command: proto::Command::Whoelse {} };
    let sent: usize = (0..200).map(|id| frames(&house.hub.handle(ask(id), now)).len()).sum();
    assert_eq!(sent, 1);
    assert_eq!(frames(&house.hub.handle(Command::Room { conn: conns[0] }, now)).len(), 1);
}
