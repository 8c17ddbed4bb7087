//! The talk, rule by rule: what goes in, and all that comes out.

use std::sync::atomic::{AtomicU8, Ordering};

use whoelse_model::{Ask, ChatId, Direction, Message, NewMessage, Outgoing, RowId, Welcome};
use whoelse_proto::{
    Answer, Presence, PresenceChange, PresenceReason, Refusal, RosterEntry, Seconds, SessionEnd, SessionKind, Text,
};

use super::super::news::{Back, Failure, Recipient, Sent, SentState};
use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Names messages 1, 2, 3 in each test's thread.
fn draw() -> MessageId {
    thread_local!(static LAST: AtomicU8 = const { AtomicU8::new(0) });
    MessageId::from_bytes([LAST.with(|last| last.fetch_add(1, Ordering::Relaxed) + 1); 16])
}

fn id(n: u8) -> MessageId {
    MessageId::from_bytes([n; 16])
}

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn yoda() -> ChatId {
    ChatId::Direct(name("yoda"))
}

fn program() -> Talk {
    Talk::new(name("hans"), Commander::Program, Duration::from_mins(1), draw)
}

fn person() -> Talk {
    Talk::new(name("hans"), Commander::Person, Duration::from_mins(1), draw)
}

fn type_line(talk: &mut Talk, line: &str) -> Vec<Do> {
    talk.take_line(Line::Text(line.to_owned()))
}

fn write(n: u8, chat: ChatId, text: &str) -> Do {
    Do::Ask(Request::Write { id: id(n), chat, text: Text::new(text).unwrap(), reply_to: None })
}

fn ask(n: u64, what: Ask) -> Do {
    Do::Ask(Request::Ask { ask: AskId::new(n), what })
}

fn accepted(n: u8, chat: ChatId) -> Event {
    let outgoing = Outgoing { accepted_at: Some(NOW), ..Outgoing::default() };
    Event::Progressed { chat, id: id(n), outgoing }
}

fn sent(n: u8, chat: ChatId, state: SentState, recipient: Recipient) -> Do {
    Do::Say(News::Sent(Sent { id: id(n), chat, state, recipient }))
}

fn answer(n: u64, answer: Answer) -> Event {
    Event::Answered { ask: AskId::new(n), result: Ok(answer) }
}

fn refused(command: &str, code: &'static str, text: &str) -> Do {
    Do::Say(News::Failed(Failure { command: command.to_owned(), code, text: text.to_owned() }))
}

fn welcome(session: SessionKind) -> Event {
    let (timeout, since, now) = (Seconds::new(0), NOW, NOW);
    Event::Welcomed(Welcome { name: name("hans"), session, timeout, since, now })
}

fn lost() -> Event {
    Event::LineLost { cause: "cut".to_owned(), retry_at: NOW }
}

#[test]
fn a_programs_messages_go_out_ahead_of_their_answers_and_the_next_command_behind_them() {
    let mut talk = program();
    assert_eq!(type_line(&mut talk, "message yoda one"), [write(1, yoda(), "one")]);
    assert!(talk.wants_line());
    assert_eq!(type_line(&mut talk, "broadcast two"), [write(2, ChatId::Everyone, "two")]);
    assert_eq!(type_line(&mut talk, "whoelse"), []);
    assert!(!talk.wants_line(), "one line waits, and no more is read");
    let offline = Recipient::Offline;
    assert_eq!(talk.take_event(accepted(1, yoda()), NOW), [sent(1, yoda(), SentState::Accepted, offline)]);
    assert_eq!(
        talk.take_event(accepted(2, ChatId::Everyone), NOW),
        [sent(2, ChatId::Everyone, SentState::Accepted, Recipient::Online), ask(1, Ask::Whoelse)]
    );
    assert_eq!(type_line(&mut talk, "message yoda three"), [], "it waits for the answer before it");
    assert_eq!(
        talk.take_event(answer(1, Answer::Users(Vec::new())), NOW),
        [Do::Say(News::Whoelse(Vec::new())), write(3, yoda(), "three")]
    );
}

#[test]
fn a_program_is_no_more_than_a_bound_ahead() {
    let mut talk = program();
    for _ in 0..MAX_AHEAD {
        assert_eq!(type_line(&mut talk, "message yoda x").len(), 1);
    }
    assert_eq!(type_line(&mut talk, "message yoda x"), []);
    assert!(!talk.wants_line());
    assert_eq!(talk.take_event(accepted(1, yoda()), NOW).len(), 2);
    assert!(talk.wants_line());
}

#[test]
fn at_the_end_of_the_input_everything_is_waited_for_then_the_session_ends() {
    let mut talk = program();
    type_line(&mut talk, "message yoda one");
    assert_eq!(talk.take_line(Line::End), []);
    let out = talk.take_event(accepted(1, yoda()), NOW);
    assert_eq!(out[1..], [Do::Ask(Request::SignOut)]);
    assert_eq!(
        talk.take_event(Event::SessionEnded(SessionEnd::Logout), NOW),
        [Do::Say(News::SessionEnd(End::Told(SessionEnd::Logout))), Do::Finish(Status::Succeeded)]
    );
}

#[test]
fn a_refused_command_sets_the_status() {
    let mut talk = program();
    type_line(&mut talk, "block yoda");
    let out = talk.take_event(Event::Answered { ask: AskId::new(1), result: Err(Refusal::UnknownUser) }, NOW);
    assert_eq!(out, [refused("block", "unknown_user", "there is no user yoda")]);
    talk.take_line(Line::End);
    let out = talk.take_event(Event::SessionEnded(SessionEnd::Logout), NOW);
    assert_eq!(out.last(), Some(&Do::Finish(Status::CommandRefused)));
}

#[test]
fn a_refused_message_names_its_command_and_its_recipient() {
    let mut talk = program();
    type_line(&mut talk, "message yoda hi");
    let outgoing = Outgoing { refused: Some(Refusal::Blocked), ..Outgoing::default() };
    let out = talk.take_event(Event::Progressed { chat: yoda(), id: id(1), outgoing }, NOW);
    assert_eq!(out, [refused("message", "blocked", "refused: yoda has blocked you; nothing was stored")]);
}

#[test]
fn lines_that_are_no_commands_are_told_and_blank_ones_are_not() {
    let mut talk = program();
    assert_eq!(type_line(&mut talk, "  "), []);
    assert_eq!(type_line(&mut talk, "dance now"), [refused("dance", "invalid", "no command dance; try help")]);
    assert_eq!(talk.take_line(Line::TooLong), [refused("", "too_long", "this line is longer than any command")]);
    assert_eq!(talk.take_line(Line::NotText), [refused("", "invalid", "this line is no text in UTF-8")]);
    assert!(talk.wants_line());
}

#[test]
fn a_message_that_is_delivered_at_once_is_told_as_accepted_and_delivered() {
    let mut talk = program();
    type_line(&mut talk, "message yoda hi");
    let outgoing = Outgoing { accepted_at: Some(NOW), delivered_at: Some(NOW), ..Outgoing::default() };
    let event_of = |n, outgoing| Event::Progressed { chat: yoda(), id: id(n), outgoing };
    let event = |outgoing| event_of(1, outgoing);
    let offline = Recipient::Offline;
    assert_eq!(
        talk.take_event(event(outgoing.clone()), NOW),
        [sent(1, yoda(), SentState::Accepted, offline), sent(1, yoda(), SentState::Delivered, offline)]
    );
    let later = Outgoing { read_at: Some(NOW.plus_millis(5)), ..outgoing.clone() };
    assert_eq!(talk.take_event(event(later), NOW), [], "read adds nothing to delivered");
    let at_once = Outgoing { read_at: Some(NOW), ..outgoing };
    assert_eq!(talk.take_event(event(at_once.clone()), NOW), [], "nor does being read in that very moment");
    assert_eq!(talk.take_event(event_of(2, at_once), NOW), [sent(2, yoda(), SentState::Delivered, offline)]);
}

#[test]
fn a_message_that_went_with_its_account_is_told() {
    let mut talk = program();
    let outgoing = Outgoing { accepted_at: Some(NOW), lost: true, ..Outgoing::default() };
    let out = talk.take_event(Event::Progressed { chat: yoda(), id: id(1), outgoing }, NOW);
    assert_eq!(out, [sent(1, yoda(), SentState::Lost, Recipient::Offline)]);
}

#[test]
fn a_broadcast_that_some_do_not_get_is_told() {
    let mut talk = program();
    type_line(&mut talk, "broadcast hi");
    let outgoing = Outgoing { accepted_at: Some(NOW), skipped: true, ..Outgoing::default() };
    let out = talk.take_event(Event::Progressed { chat: ChatId::Everyone, id: id(1), outgoing }, NOW);
    let accepted = sent(1, ChatId::Everyone, SentState::Accepted, Recipient::Online);
    assert_eq!(out, [accepted, Do::Say(News::Skipped)]);
}

#[test]
fn while_the_line_is_lost_messages_are_kept_and_asks_wait() {
    let mut talk = program();
    assert_eq!(
        talk.take_event(lost(), NOW),
        [Do::Say(News::LineLost { cause: "cut".to_owned(), retry_at: NOW, now: NOW })]
    );
    assert_eq!(talk.gives_up_at(), Some(NOW.plus(Seconds::new(60))));
    assert_eq!(type_line(&mut talk, "message yoda one"), [write(1, yoda(), "one")]);
    assert_eq!(talk.take_event(accepted(1, yoda()), NOW).len(), 1);
    assert_eq!(type_line(&mut talk, "blocked"), []);
    assert_eq!(
        talk.take_event(welcome(SessionKind::Resumed), NOW),
        [Do::Say(News::LineBack(Back::Unnoticed)), ask(1, Ask::Blocked)]
    );
    assert_eq!(talk.gives_up_at(), None);
}

#[test]
fn a_session_that_did_not_survive_the_line_is_told() {
    let mut talk = program();
    talk.take_event(lost(), NOW);
    assert_eq!(talk.take_event(welcome(SessionKind::New), NOW), [Do::Say(News::LineBack(Back::Anew))]);
    assert_eq!(
        talk.take_event(Event::SessionEnded(SessionEnd::ServerStop), NOW),
        [Do::Say(News::SessionEnd(End::Told(SessionEnd::ServerStop)))]
    );
    assert_eq!(talk.take_event(lost(), NOW), [], "that the server stopped is told already");
    assert_eq!(talk.take_event(welcome(SessionKind::New), NOW), [Do::Say(News::LineBack(Back::Next))]);
}

#[test]
fn a_line_that_does_not_come_back_ends_a_program_and_not_a_person() {
    let mut talk = program();
    talk.take_event(lost(), NOW);
    assert_eq!(talk.give_up(), [Do::Say(News::SessionEnd(End::Lost)), Do::Finish(Status::ConnectionLost)]);
    let mut talk = person();
    talk.take_event(lost(), NOW);
    assert_eq!(talk.gives_up_at(), None);
}

#[test]
fn an_ask_that_the_line_took_with_it_counts_as_refused() {
    let mut talk = program();
    type_line(&mut talk, "whoelse");
    let out = talk.take_event(Event::Unanswered { ask: AskId::new(1) }, NOW);
    assert!(matches!(&out[..], [Do::Say(News::Failed(Failure { code: "unanswered", .. }))]), "{out:?}");
}

#[test]
fn a_person_waits_for_no_answer() {
    let mut talk = person();
    assert_eq!(type_line(&mut talk, "message yoda one"), [write(1, yoda(), "one")]);
    assert_eq!(type_line(&mut talk, "whoelse"), [ask(1, Ask::Whoelse)]);
    assert_eq!(type_line(&mut talk, "block yoda"), [ask(2, Ask::Block(name("yoda")))]);
    assert!(talk.wants_line());
}

#[test]
fn what_a_person_sees_is_marked_as_read() {
    let text = Text::new("hi").unwrap();
    let direction = Direction::Incoming { stored: false };
    let message =
        NewMessage { id: id(9), chat: yoda(), author: name("yoda"), text, reply_to: None, at: NOW, direction };
    let row = Message { row: RowId::new(7), message };
    let shown = Request::Shown { ids: vec![id(9)] };
    let read = Request::MarkRead { chat: yoda(), row: RowId::new(7) };
    let show = |then: Vec<Request>| [Do::Show { message: row.clone(), then }];
    assert_eq!(person().take_event(Event::Received(row.clone()), NOW), show(vec![shown.clone(), read]));
    assert_eq!(program().take_event(Event::Received(row.clone()), NOW), show(vec![shown]));
}

#[test]
fn a_message_is_told_to_wait_where_its_recipient_is_not_there() {
    let mut talk = person();
    let online = RosterEntry { name: name("yoda"), presence: Presence::Online { since: NOW } };
    talk.take_event(Event::Roster { users: vec![online], complete: true }, NOW);
    assert_eq!(talk.names(), [name("yoda")]);
    assert_eq!(talk.take_event(accepted(1, yoda()), NOW), [sent(1, yoda(), SentState::Accepted, Recipient::Online)]);
    let change = PresenceChange { name: name("yoda"), reason: PresenceReason::Lost, at: NOW };
    talk.take_event(Event::Presence(vec![change]), NOW);
    assert_eq!(talk.take_event(accepted(2, yoda()), NOW), [sent(2, yoda(), SentState::Accepted, Recipient::Offline)]);
}

#[test]
fn a_person_whose_session_ended_reads_why_before_the_program_ends() {
    let mut talk = person();
    assert_eq!(
        talk.take_event(Event::SessionEnded(SessionEnd::Timeout), NOW),
        [Do::Say(News::SessionEnd(End::Told(SessionEnd::Timeout))), Do::Say(News::PressEnter)]
    );
    assert!(talk.wants_line());
    assert_eq!(type_line(&mut talk, ""), [Do::Finish(Status::Succeeded)]);
}

#[test]
fn what_a_program_gives_behind_its_logout_is_told_as_not_done() {
    let mut talk = program();
    type_line(&mut talk, "logout");
    assert!(talk.wants_line());
    let text = "not done: the session was ended by the logout before it";
    assert_eq!(type_line(&mut talk, "message yoda late"), [refused("message", "logged_out", text)]);
    assert_eq!(type_line(&mut talk, ""), []);
    let end = Event::SessionEnded(SessionEnd::Logout);
    assert_eq!(talk.take_event(end, NOW), [Do::Say(News::SessionEnd(End::Told(SessionEnd::Logout)))]);
    assert_eq!(type_line(&mut talk, "whoelse"), [refused("whoelse", "logged_out", text)]);
    assert_eq!(talk.gives_up_at(), Some(NOW.plus_millis(REST_MS)), "no line may come any more");
    assert_eq!(talk.give_up(), [Do::Finish(Status::CommandRefused)]);
}

#[test]
fn a_script_that_ends_with_its_logout_ends_with_the_session() {
    let mut talk = program();
    type_line(&mut talk, "logout");
    assert_eq!(talk.take_line(Line::End), []);
    let end = Event::SessionEnded(SessionEnd::Logout);
    let over = Do::Say(News::SessionEnd(End::Told(SessionEnd::Logout)));
    assert_eq!(talk.take_event(end, NOW), [over, Do::Finish(Status::Succeeded)]);
}

#[test]
fn a_closed_terminal_logs_out_once_though_its_lines_end_too() {
    let mut talk = person();
    assert_eq!(talk.hang_up(), [Do::Ask(Request::SignOut)]);
    assert_eq!(talk.take_line(Line::End), []);
    assert_eq!(talk.hang_up(), []);
}

#[test]
fn logging_out_ends_the_program_and_twice_interrupting_does_at_once() {
    let mut talk = person();
    let done = Do::Say(News::Done { kind: CommandKind::Logout, about: None });
    assert_eq!(type_line(&mut talk, "logout"), [done, Do::Ask(Request::SignOut)]);
    assert!(!talk.wants_line());
    assert_eq!(talk.interrupt(), [Do::Finish(Status::ConnectionLost)]);

    let mut talk = person();
    assert_eq!(talk.take_line(Line::Interrupted), [Do::Ask(Request::SignOut)]);
    assert_eq!(talk.interrupt(), [Do::Finish(Status::ConnectionLost)]);
}
