//! Private sessions and files, as they are seen.

use whoelse_proto::{Chunks, DeviceKey, End, FileName, PrivateCommand, Refusal, Seconds, Verification};

use super::super::private::{DeviceChange, PrivateStage};
use super::super::{NoticeKind, Unsent};
use super::*;
use crate::peers::{Closing, PrivateSession, Route, Trust};
use crate::request::Ask;
use crate::transfer::{FileAnswer, FileFault, FileOrder, Pauses, Transfer, TransferId, TransferKind, TransferState};

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_bytes([n; 32])
}

fn session(trust: Trust) -> PrivateSession {
    let (hans, yoda) = (name("hans"), name("yoda"));
    let verification = Verification::of(
        End { name: &hans, device: key(1), nonce: [1; 32] },
        End { name: &yoda, device: key(2), nonce: [2; 32] },
    );
    PrivateSession { peer: yoda.clone(), device: key(2), verification, trust, route: Route::Direct, since: NOW }
}

fn stage(bench: &Bench) -> Option<&PrivateStage> {
    bench.0.privates().get(&name("yoda"))
}

fn ended(why: Closing) -> Event {
    Event::PrivateEnded { peer: name("yoda"), why }
}

fn start() -> PrivateCommand {
    PrivateCommand::Start { name: name("yoda") }
}

#[test]
fn a_session_is_asked_for_opened_and_over() {
    let mut bench = Bench::online();
    assert_eq!(stage(&bench), None);
    assert_eq!(bench.act(Action::Private(start())), [ask(2, Ask::Private(start()))]);
    assert_eq!(stage(&bench), Some(&PrivateStage::Asking { since: NOW }));
    bench.hear(Event::PrivateOpened(session(Trust::New)));
    assert_eq!(bench.0.privates().open(&name("yoda")), Some(&session(Trust::New)));
    bench.hear(Event::PrivateRerouted { peer: name("yoda"), route: Route::Relayed });
    assert_eq!(bench.0.privates().open(&name("yoda")).unwrap().route, Route::Relayed);
    bench.hear(Event::Verified { peer: name("yoda"), device: key(3) });
    assert_eq!(bench.0.privates().open(&name("yoda")).unwrap().trust, Trust::New, "of another key");
    bench.hear(Event::Verified { peer: name("yoda"), device: key(2) });
    assert_eq!(bench.0.privates().open(&name("yoda")).unwrap().trust, Trust::Verified);
    bench.hear(ended(Closing::Logout));
    assert_eq!(stage(&bench), Some(&PrivateStage::Over { why: Closing::Logout, at: NOW }));
    assert_eq!(bench.0.privates().open(&name("yoda")), None);
}

#[test]
fn a_session_whose_link_died_stays_open_and_says_that_it_is_looked_for() {
    let mut bench = Bench::online();
    bench.hear(Event::PrivateOpened(session(Trust::Verified)));
    let interrupted = Event::PrivateInterrupted { peer: name("yoda") };
    bench.hear(interrupted.clone());
    assert!(bench.0.privates().open(&name("yoda")).is_some() && bench.0.privates().is_interrupted(&name("yoda")));
    bench.hear(Event::PrivateResumed { peer: name("yoda"), route: Route::Relayed });
    assert!(!bench.0.privates().is_interrupted(&name("yoda")));
    let resumed = PrivateSession { route: Route::Relayed, ..session(Trust::Verified) };
    assert_eq!(bench.0.privates().open(&name("yoda")), Some(&resumed));
    bench.hear(interrupted);
    bench.hear(ended(Closing::Lost));
    assert!(!bench.0.privates().is_interrupted(&name("yoda")));
    assert_eq!(stage(&bench), Some(&PrivateStage::Over { why: Closing::Lost, at: NOW }));
}

#[test]
fn a_question_that_is_refused_leaves_nothing_and_one_with_an_open_session_leaves_that() {
    let mut bench = Bench::online();
    bench.act(Action::Private(start()));
    bench.hear(Event::Answered { ask: AskId::new(2), result: Err(Refusal::Offline) });
    assert_eq!(stage(&bench), None);
    bench.hear(Event::PrivateOpened(session(Trust::Pinned)));
    bench.act(Action::Private(start()));
    bench.hear(Event::Answered { ask: AskId::new(3), result: Err(Refusal::SessionOpen) });
    assert!(bench.0.privates().open(&name("yoda")).is_some());
}

#[test]
fn a_question_of_another_is_told_of_and_answered() {
    let mut bench = Bench::online();
    let until = NOW.plus(Seconds::new(60));
    let asked = Event::PrivateAsked { by: name("yoda"), until };
    assert_eq!(bench.hear(asked.clone()), [Effect::NotifyAsked { by: name("yoda") }]);
    assert_eq!(bench.0.privates().questions().collect::<Vec<_>>(), [(&name("yoda"), until)]);
    let decline = PrivateCommand::Decline { name: name("yoda") };
    assert_eq!(bench.act(Action::Private(decline.clone())), [ask(2, Ask::Private(decline))]);
    assert_eq!(stage(&bench), None);
    bench.hear(asked);
    let accept = PrivateCommand::Accept { name: name("yoda") };
    assert_eq!(bench.act(Action::Private(accept.clone())), [ask(3, Ask::Private(accept))]);
    assert_eq!(stage(&bench), Some(&PrivateStage::Linking));
    assert_eq!(bench.0.privates().questions().count(), 0);
}

#[test]
fn ends_are_remembered_for_their_tabs_and_not_without_end() {
    let mut bench = Bench::online();
    for n in 0..100_u64 {
        let peer = name(&format!("user{n:03}"));
        bench.0.handle(Input::Event(Event::PrivateEnded { peer, why: Closing::Declined }), NOW.plus_millis(n));
    }
    let names: Vec<_> = bench.0.privates().iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names.len(), 64);
    assert_eq!(names.first().unwrap(), "user036", "the oldest give way");
}

#[test]
fn another_key_stands_until_the_person_takes_it() {
    let mut bench = Bench::online();
    let (pinned, shown) = (key(2), key(3));
    bench.hear(Event::DeviceChanged { peer: name("yoda"), pinned, pinned_at: NOW, shown });
    assert_eq!(bench.0.privates().device_change(&name("yoda")), Some(&DeviceChange { pinned, pinned_at: NOW, shown }));
    assert_eq!(notices(&bench), [NoticeKind::DeviceChanged { user: name("yoda") }]);
    let repin = Effect::Request(Request::Repin { peer: name("yoda"), device: shown });
    assert_eq!(bench.act(Action::TrustDevice { peer: name("yoda") }), [repin]);
    assert_eq!(bench.0.privates().device_change(&name("yoda")), None);
    assert_eq!(bench.act(Action::TrustDevice { peer: name("yoda") }), [], "there is nothing to take");
}

fn private() -> ChatId {
    ChatId::Private(name("yoda"))
}

fn refused(refusal: Refusal) -> Outgoing {
    Outgoing { refused: Some(refusal), ..Outgoing::default() }
}

fn words_of_private(bench: &Bench) -> Vec<String> {
    let chat = bench.0.chats().get(&private()).unwrap();
    chat.timeline().iter().map(|entry| entry.message.message.text.as_str().to_owned()).collect()
}

#[test]
fn a_private_message_that_is_sent_again_stands_at_the_end_alone_and_one_taken_back_is_gone() {
    let mut bench = Bench::online();
    bench.hear(Event::PrivateOpened(session(Trust::Pinned)));
    bench.act(Action::Open { chat: private() });
    for n in [1, 2] {
        bench.hear(Event::Saved(own(n, private())));
        bench.hear(Event::Progressed { chat: private(), id: id(n), outgoing: refused(Refusal::NoSession) });
    }
    bench.hear(Event::Received(arrived(3, private(), "yoda")));

    let again = Action::Retry { chat: private(), id: id(1), again: id(4) };
    let write = Request::Write { id: id(4), chat: private(), text: text("words 1"), reply_to: None };
    assert_eq!(bench.act(again), [Effect::Request(write), Effect::Request(Request::Delete { id: id(1) })]);
    assert_eq!(words_of_private(&bench), ["words 2", "words 3"], "no history tells that it is gone");
    bench.hear(Event::Saved(own(4, private())));
    assert_eq!(words_of_private(&bench), ["words 2", "words 3", "words 4"]);

    bench.act(Action::Delete { chat: private(), id: id(2) });
    assert_eq!(words_of_private(&bench), ["words 3", "words 4"]);
}

#[test]
fn a_private_message_that_is_refused_at_once_is_not_called_on_its_way_and_can_be_tried_again() {
    let mut bench = Bench::online();
    bench.act(Action::Write { id: id(1), chat: private(), text: text("words 1") });
    bench.hear(Event::Progressed { chat: private(), id: id(1), outgoing: refused(Refusal::Full) });
    let failure = |bench: &Bench| bench.0.chats().get(&private()).unwrap().unsaved()[0].failure.clone();
    assert_eq!(failure(&bench), Some(Unsent::Refused(Refusal::Full)));
    bench.act(Action::Retry { chat: private(), id: id(1), again: id(2) });
    assert_eq!(failure(&bench), None);
}

fn notices(bench: &Bench) -> Vec<NoticeKind> {
    bench.0.notices().iter().map(|notice| notice.kind.clone()).collect()
}

fn transfer(id: u64, done: u64, state: TransferState) -> Event {
    Event::Transferred(Transfer {
        id: TransferId::new(id),
        kind: TransferKind::Receiving { from: name("yoda") },
        name: FileName::new("plans.pdf").unwrap(),
        size: 10_000,
        done,
        chunks: Chunks::NONE,
        state,
        pauses: Pauses::default(),
        sources: Vec::new(),
        arrivals: Vec::new(),
    })
}

#[test]
fn a_transfer_has_a_speed_and_a_time_left_while_it_flows() {
    let mut bench = Bench::online();
    let view = |bench: &Bench| bench.0.transfers().get(TransferId::new(1)).unwrap().clone();
    for (after, done, speed) in [(0, 0, 0), (1_000, 1_000, 1_000), (4_000, 4_000, 1_000), (7_000, 10_000, 2_000)] {
        bench.0.handle(Input::Event(transfer(1, done, TransferState::Running)), NOW.plus_millis(after));
        assert_eq!(view(&bench).speed, speed, "after {after} ms");
    }
    assert_eq!(view(&bench).time_left(), Some(Seconds::new(0)));
    bench.0.handle(Input::Event(transfer(1, 10_000, TransferState::Paused)), NOW.plus_millis(8_000));
    assert_eq!((view(&bench).speed, view(&bench).time_left()), (0, None));
}

#[test]
fn what_a_transfer_stood_still_for_does_not_count_into_its_speed() {
    let mut bench = Bench::online();
    let speed = |bench: &Bench| bench.0.transfers().get(TransferId::new(1)).unwrap().speed;
    bench.hear(transfer(1, 0, TransferState::Offered));
    for (after, done, expected) in [(60_000, 0, 0), (61_000, 1_000, 1_000)] {
        bench.0.handle(Input::Event(transfer(1, done, TransferState::Running)), NOW.plus_millis(after));
        assert_eq!(speed(&bench), expected, "after {after} ms");
    }
    bench.0.handle(Input::Event(transfer(1, 1_000, TransferState::Paused)), NOW.plus_millis(62_000));
    for (after, done, expected) in [(90_000, 1_000, 0), (91_000, 3_000, 2_000)] {
        bench.0.handle(Input::Event(transfer(1, done, TransferState::Running)), NOW.plus_millis(after));
        assert_eq!(speed(&bench), expected, "after {after} ms");
    }
}

#[test]
fn transfers_are_shown_up_to_a_bound_and_what_is_over_gives_way_first() {
    let mut bench = Bench::online();
    bench.hear(transfer(1, 0, TransferState::Waiting));
    for id in 2..=250 {
        bench.hear(transfer(id, 0, TransferState::Cancelled));
    }
    let shown: Vec<_> = bench.0.transfers().iter().map(|view| view.transfer.id.get()).collect();
    assert_eq!((shown.len(), shown[0], shown[1]), (200, 1, 52));
}

#[test]
fn an_order_about_files_is_passed_on_and_its_refusal_told() {
    let mut bench = Bench::online();
    let order = FileOrder::Pause { id: TransferId::new(1) };
    let request = Effect::Request(Request::Files { ask: AskId::new(2), order: order.clone() });
    assert_eq!(bench.act(Action::Files(order)), [request]);
    let fault = FileFault { code: "invalid", text: "no file of the number 1 waits for that".to_owned() };
    bench.hear(Event::FilesAnswered { ask: AskId::new(2), result: Err(fault.clone()) });
    assert_eq!(notices(&bench), [NoticeKind::FilesRefused { cause: fault.text }]);
    bench.hear(Event::FilesAnswered { ask: AskId::new(2), result: Ok(FileAnswer::Done) });
    assert_eq!(notices(&bench).len(), 1, "what is done needs no word");
}
