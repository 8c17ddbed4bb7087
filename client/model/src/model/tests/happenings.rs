//! What stands in a private chat, and what happens among its words.

use whoelse_proto::peer::Farewell;
use whoelse_proto::{Chunks, DeviceKey, End, FileName, PrivateCommand, Verification};

use super::*;
use crate::model::{Chat, Incident, PrivateStage};
use crate::peers::{Closing, PrivateSession, Route, Trust};
use crate::transfer::{Pauses, Transfer, TransferId, TransferKind, TransferState};

fn private(peer: &str) -> ChatId {
    ChatId::Private(name(peer))
}

fn session(peer: &str) -> PrivateSession {
    let (me, other) = (DeviceKey::from_bytes([1; 32]), DeviceKey::from_bytes([2; 32]));
    let (hans, theirs) = (name("hans"), name(peer));
    let here = End { name: &hans, device: me, nonce: [3; 32] };
    let verification = Verification::of(here, End { name: &theirs, device: other, nonce: [4; 32] });
    PrivateSession {
        peer: name(peer),
        device: other,
        verification,
        trust: Trust::New,
        route: Route::Direct,
        since: NOW,
    }
}

fn offer(n: u64, from: &str, state: TransferState) -> Transfer {
    Transfer {
        id: TransferId::new(n),
        kind: TransferKind::Receiving { from: name(from) },
        name: FileName::new("plans.pdf").unwrap(),
        size: 10,
        done: 0,
        chunks: Chunks::NONE,
        state,
        pauses: Pauses::default(),
        sources: Vec::new(),
        arrivals: Vec::new(),
    }
}

fn incidents(model: &Model, chat: &ChatId) -> Vec<Incident> {
    let chat = model.chats().get(chat);
    chat.map_or(Vec::new(), |chat| chat.happenings().map(|happening| happening.what).collect())
}

fn rows(model: &Model, chat: &ChatId) -> Vec<u64> {
    model.chats().get(chat).unwrap().timeline().iter().map(|entry| entry.message.row.get()).collect()
}

fn hear(model: &mut Model, event: Event) -> Vec<Effect> {
    model.handle(Input::Event(event), NOW)
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    model.handle(Input::Action(action), NOW)
}

#[test]
fn private_words_are_there_although_their_tab_was_never_opened_and_no_disk_has_them() {
    let mut model = Model::new();
    hear(&mut model, Event::PrivateOpened(session("yoda")));
    hear(&mut model, Event::Received(arrived(7, private("yoda"), "yoda")));
    let asked = act(&mut model, Action::Open { chat: private("yoda") });
    assert_eq!(asked.last(), Some(&load(private("yoda"), Place::End)), "what was kept by choice");
    let page = HistoryPage {
        chat: private("yoda"),
        messages: vec![arrived(3, private("yoda"), "yoda")],
        more_before: true,
        more_after: false,
    };
    hear(&mut model, Event::History(page));
    assert_eq!(rows(&model, &private("yoda")), [3, 7]);
    assert_eq!(model.chats().get(&private("yoda")).map(Chat::unread), Some(1));
}

#[test]
fn closing_the_tab_of_an_open_session_keeps_its_words_and_of_one_that_is_over_lets_them_go() {
    let mut model = Model::new();
    hear(&mut model, Event::PrivateOpened(session("yoda")));
    hear(&mut model, Event::Received(arrived(7, private("yoda"), "yoda")));
    act(&mut model, Action::Open { chat: private("yoda") });
    act(&mut model, Action::Close { chat: private("yoda") });
    assert_eq!(rows(&model, &private("yoda")), [7]);
    hear(&mut model, Event::PrivateEnded { peer: name("yoda"), why: Farewell::Stopped.into() });
    assert_eq!(incidents(&model, &private("yoda")), [Incident::Opened, Incident::Ended(Closing::Stopped)]);
    act(&mut model, Action::Close { chat: private("yoda") });
    assert_eq!(rows(&model, &private("yoda")), [0; 0]);
    assert_eq!(incidents(&model, &private("yoda")), []);
}

#[test]
fn a_private_draft_never_goes_to_disk() {
    let mut model = Model::new();
    let draft = Action::Draft { chat: private("yoda"), draft: "the plans".into() };
    assert_eq!(act(&mut model, draft), []);
    assert_eq!(act(&mut model, Action::KeepDrafts), []);
    let open = Action::Draft { chat: direct("yoda"), draft: "hello".into() };
    assert_eq!(act(&mut model, open).len(), 1, "one of a chat through the server does");
}

#[test]
fn a_jump_to_a_kept_private_message_reads_the_history_down_to_it() {
    let mut model = Model::new();
    let chat = private("yoda");
    act(&mut model, Action::Open { chat: chat.clone() });
    let page = |rows: &[u64], more_before| {
        let messages = rows.iter().map(|&row| arrived(row, private("yoda"), "yoda")).collect();
        Event::History(HistoryPage { chat: private("yoda"), messages, more_before, more_after: false })
    };
    hear(&mut model, page(&[50, 51], true));
    let asked = act(&mut model, Action::Jump { chat: chat.clone(), row: row(10) });
    assert_eq!(asked.last(), Some(&load(chat.clone(), Place::Before(row(50)))));
    let asked = hear(&mut model, page(&[20, 21], true));
    assert_eq!(asked, [load(chat.clone(), Place::Before(row(20)))]);
    assert_eq!(hear(&mut model, page(&[10, 11], true)), []);
    assert_eq!(model.chats().get(&chat).and_then(Chat::jump), Some(row(10)));
    assert_eq!(rows(&model, &chat), [10, 11, 20, 21, 50, 51]);
}

#[test]
fn a_question_that_nobody_answered_stands_in_the_chat_through_the_server() {
    let mut model = Model::new();
    let asked = hear(&mut model, Event::PrivateAsked { by: name("leia"), until: NOW });
    assert_eq!(asked, [Effect::NotifyAsked { by: name("leia") }]);
    hear(&mut model, Event::PrivateEnded { peer: name("leia"), why: Closing::Expired });
    assert_eq!(incidents(&model, &direct("leia")), [Incident::Missed]);
    assert_eq!(model.chats().get(&direct("leia")).map(Chat::unread), Some(1));
    assert_eq!(incidents(&model, &private("leia")), []);
}

#[test]
fn a_question_of_ones_own_that_came_to_nothing_says_why_in_its_tab() {
    let mut model = Model::new();
    act(&mut model, Action::Private(PrivateCommand::Start { name: name("luke") }));
    assert_eq!(model.privates().get(&name("luke")), Some(&PrivateStage::Asking { since: NOW }));
    hear(&mut model, Event::PrivateEnded { peer: name("luke"), why: Closing::Declined });
    assert_eq!(incidents(&model, &private("luke")), [Incident::NotOpened(Closing::Declined)]);
}

#[test]
fn a_file_that_an_earlier_run_took_stands_there_without_a_word() {
    let mut model = Model::new();
    assert_eq!(hear(&mut model, Event::Transferred(offer(1, "yoda", TransferState::Waiting))), []);
    assert_eq!(incidents(&model, &private("yoda")), [Incident::File(TransferId::new(1))]);
    assert_eq!(model.chats().get(&private("yoda")).map(Chat::unread), Some(0));
}

#[test]
fn a_file_that_is_offered_is_told_of_once_and_stands_among_the_words() {
    let mut model = Model::new();
    hear(&mut model, Event::PrivateOpened(session("yoda")));
    let told = hear(&mut model, Event::Transferred(offer(1, "yoda", TransferState::Offered)));
    let offered = Effect::NotifyOffered { by: name("yoda"), name: FileName::new("plans.pdf").unwrap() };
    assert_eq!(told, [offered]);
    assert_eq!(hear(&mut model, Event::Transferred(offer(1, "yoda", TransferState::Running))), []);
    let file = Incident::Offered(TransferId::new(1));
    assert_eq!(incidents(&model, &private("yoda")), [Incident::Opened, file]);
    assert_eq!(model.chats().get(&private("yoda")).map(Chat::unread), Some(1));
    act(&mut model, Action::Seen { chat: private("yoda"), row: RowId::default() });
    assert_eq!(model.chats().get(&private("yoda")).map(Chat::unread), Some(0));
}
