use whoelse_proto::{Answer, LoginRefusal, Refusal, Seen};

use super::*;
use crate::SearchFor;
use crate::command::{CommandKind, parse};
use crate::event::PasswordFault;
use crate::model::{NoticeKind, WhoElse, WhoElseAnswer};
use crate::request::Ask;

fn notices(bench: &Bench) -> Vec<NoticeKind> {
    bench.0.notices().iter().map(|notice| notice.kind.clone()).collect()
}

fn answer(n: u64, result: Result<Answer, Refusal>) -> Event {
    Event::Answered { ask: AskId::new(n), result }
}

fn run(bench: &mut Bench, line: &str) -> Vec<Effect> {
    bench.act(Action::Run { line: parse(line).unwrap(), id: id(77) })
}

fn seen(user: &str) -> Seen {
    Seen { name: name(user), presence: Presence::Online { since: NOW }, sessions: vec![], earlier: 0 }
}

#[test]
fn a_block_shows_once_it_is_done_and_says_so() {
    let mut bench = Bench::online();
    assert_eq!(bench.act(Action::Block { name: name("yoda") }), [ask(2, Ask::Block(name("yoda")))]);
    let is_blocked = |bench: &Bench| bench.0.contacts().get(&name("yoda")).unwrap().is_blocked();
    assert!(!is_blocked(&bench));

    bench.hear(answer(2, Ok(Answer::Done {})));
    assert!(is_blocked(&bench));
    assert_eq!(notices(&bench), [NoticeKind::Done { command: CommandKind::Block, user: Some(name("yoda")) }]);

    assert_eq!(bench.act(Action::Unblock { name: name("yoda") }), [ask(3, Ask::Unblock(name("yoda")))]);
    bench.hear(answer(3, Ok(Answer::Done {})));
    assert!(!is_blocked(&bench));
}

#[test]
fn what_is_refused_or_not_answered_says_so() {
    let mut bench = Bench::online();
    bench.act(Action::Unblock { name: name("yoda") });
    bench.act(Action::Block { name: name("luke") });

    bench.hear(answer(2, Err(Refusal::NotBlocked)));
    bench.hear(Event::Unanswered { ask: AskId::new(3) });

    let (yoda, luke) = (Some(name("yoda")), Some(name("luke")));
    assert_eq!(
        notices(&bench),
        [
            NoticeKind::Refused { command: CommandKind::Unblock, user: yoda, refusal: Refusal::NotBlocked },
            NoticeKind::Unanswered { command: CommandKind::Block, user: luke },
        ]
    );
    assert!(!bench.0.contacts().get(&name("luke")).unwrap().is_blocked());
}

#[test]
fn notices_can_be_dismissed_and_the_oldest_give_way() {
    let mut bench = Bench::online();
    for n in 0..30 {
        bench.hear(Event::DiskTrouble { cause: format!("cause {n}") });
    }
    assert_eq!(notices(&bench).len(), 20);
    assert_eq!(notices(&bench)[0], NoticeKind::DiskTrouble { cause: "cause 10".into() });

    let first = bench.0.notices().iter().next().unwrap().id;
    bench.act(Action::Dismiss { notice: first });
    assert_eq!(notices(&bench)[0], NoticeKind::DiskTrouble { cause: "cause 11".into() });
}

#[test]
fn the_same_trouble_of_the_disk_is_told_once() {
    let mut bench = Bench::online();

    bench.hear(Event::DiskTrouble { cause: "disk full".into() });
    bench.hear(Event::DiskTrouble { cause: "disk full".into() });

    assert_eq!(notices(&bench).len(), 1);
}

#[test]
fn the_table_of_who_was_online_waits_and_is_filled() {
    let mut bench = Bench::online();
    let since = Some(Seconds::new(3600));
    let table = |answer| WhoElse { since, asked_at: NOW, answer };

    let requests = bench.act(Action::WhoElse { since });
    assert_eq!(requests, [ask(2, Ask::Whoelsesince(Seconds::new(3600)))]);
    assert_eq!(bench.0.who_else(), Some(&table(WhoElseAnswer::Waiting)));

    bench.hear(answer(2, Ok(Answer::Users(vec![seen("yoda")]))));
    assert_eq!(bench.0.who_else(), Some(&table(WhoElseAnswer::Users(vec![seen("yoda")]))));
}

#[test]
fn an_answer_to_an_earlier_ask_does_not_fill_the_table_of_a_later_one() {
    let mut bench = Bench::online();
    bench.act(Action::WhoElse { since: None });
    bench.act(Action::WhoElse { since: None });

    bench.hear(answer(2, Ok(Answer::Users(vec![]))));
    assert_eq!(bench.0.who_else().map(|table| &table.answer), Some(&WhoElseAnswer::Waiting));
    bench.hear(Event::Unanswered { ask: AskId::new(3) });
    assert_eq!(bench.0.who_else().map(|table| &table.answer), Some(&WhoElseAnswer::NoAnswer));
}

#[test]
fn an_answer_to_nothing_changes_nothing() {
    let mut bench = Bench::online();

    assert_eq!(bench.hear(answer(99, Ok(Answer::Done {}))), []);
    assert_eq!(notices(&bench), []);
}

#[test]
fn a_search_shows_what_is_found_for_its_words_and_for_no_others() {
    let mut bench = Bench::online();
    let words = |words: &str| SearchFor::words(words, None);
    let search = |query: &str| Action::Search(words(query));
    let request = Request::Search { what: words("report"), limit: 200 };
    bench.act(search("repo"));
    assert_eq!(bench.act(search("report")), [Effect::Request(request)]);

    bench.hear(Event::Found { what: words("repo"), hits: vec![] });
    assert_eq!(bench.0.search().and_then(|search| search.hits.as_ref()), None);
    let hits = vec![arrived(3, direct("yoda"), "yoda")];
    bench.hear(Event::Found { what: words("report"), hits: hits.clone() });
    assert_eq!(bench.0.search().and_then(|search| search.hits.as_ref()), Some(&hits));

    assert_eq!(bench.act(search("  ")), []);
    assert_eq!(bench.0.search(), None);
}

#[test]
fn commands_do_what_the_controls_do() {
    let mut bench = Bench::online();
    let write = |chat: ChatId| Effect::Request(Request::Write { id: id(77), chat, text: text("hi"), reply_to: None });

    assert_eq!(run(&mut bench, "message yoda hi"), [load(direct("yoda"), Place::End), write(direct("yoda"))]);
    assert_eq!(bench.0.open_chat(), Some(&direct("yoda")));
    assert_eq!(run(&mut bench, "broadcast hi"), [load(ChatId::Everyone, Place::End), write(ChatId::Everyone)]);
    assert_eq!(run(&mut bench, "whoelse"), [ask(2, Ask::Whoelse), Effect::ShowWhoElse]);
    let since = Ask::Whoelsesince(Seconds::new(9));
    assert_eq!(run(&mut bench, "whoelsesince 9"), [ask(3, since), Effect::ShowWhoElse]);
    assert_eq!(run(&mut bench, "block yoda"), [ask(4, Ask::Block(name("yoda")))]);
    assert_eq!(run(&mut bench, "unblock yoda"), [ask(5, Ask::Unblock(name("yoda")))]);
    assert_eq!(run(&mut bench, "stay"), [ask(6, Ask::Stay)]);
    assert_eq!(run(&mut bench, "help"), [Effect::ShowHelp(None)]);
    assert_eq!(run(&mut bench, "logout"), [Effect::Request(Request::SignOut)]);
}

#[test]
fn the_command_blocked_shows_the_list() {
    let mut bench = Bench::online();
    assert_eq!(run(&mut bench, "blocked"), [ask(2, Ask::Blocked)]);

    bench.hear(answer(2, Ok(Answer::Names(vec![name("yoda")]))));

    assert_eq!(notices(&bench), [NoticeKind::Blocked { users: vec![name("yoda")] }]);
    assert!(bench.0.contacts().get(&name("yoda")).unwrap().is_blocked());
}

#[test]
fn the_keyring_is_told_of_a_password_that_was_changed_and_of_no_other() {
    let mut bench = Bench::online();
    let change =
        || Action::ChangePassword { old: Password::new("falcon").unwrap(), new: Password::new("new").unwrap() };
    let outcomes = [
        Err(PasswordFault::Failed { cause: "the line was lost".to_owned() }),
        Err(PasswordFault::Refused(LoginRefusal::WrongPassword { tries_left: 2 })),
        Ok(()),
    ];
    let mut told = Vec::new();
    for result in outcomes {
        let asked = bench.act(change());
        let [Effect::Request(Request::ChangePassword { ask, .. })] = asked[..] else { panic!("{asked:?}") };
        told.push(bench.hear(Event::PasswordAnswered { ask, result }));
    }
    assert_eq!(told, [vec![], vec![], vec![Effect::PasswordChanged]]);
}
