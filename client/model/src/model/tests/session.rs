use whoelse_proto::{Agent, Fingerprint, LoginRefusal, NewAccounts, SessionEnd};

use super::*;
use crate::command::EnabledWhen;
use crate::model::{Parting, Phase};
use crate::request::Ask;

fn print(n: u8) -> Fingerprint {
    Fingerprint::from_bytes([n; 32])
}

fn phase(bench: &Bench) -> &Phase {
    bench.0.session().phase()
}

fn lost() -> Event {
    Event::LineLost { cause: "no route".into(), retry_at: NOW.plus(Seconds::new(8)) }
}

#[test]
fn signing_in_connects_greets_and_welcomes() {
    let mut bench = Bench::default();
    assert_eq!(phase(&bench), &Phase::SignedOut(Parting::NotYet));

    let requests = bench.act(Action::SignIn(sign_in("hans", "echo-base")));
    assert_eq!(requests, [Effect::Request(Request::SignIn(sign_in("hans", "echo-base")))]);
    assert_eq!(phase(&bench), &Phase::Connecting);

    let title = Agent::new("Echo Base");
    bench.hear(Event::Greeted { title: title.clone(), registration: NewAccounts::Anyone, fingerprint: print(1) });
    let server = bench.0.session().server().unwrap();
    assert_eq!(
        (&server.title, server.registration, server.fingerprint),
        (&title, Some(NewAccounts::Anyone), Some(print(1)))
    );

    assert_eq!(bench.hear(welcome(SessionKind::New)), [ask(1, Ask::Blocked)]);
    assert_eq!(phase(&bench), &Phase::Online);
    assert_eq!(bench.0.session().name(), Some(&name("hans")));
    assert_eq!(bench.0.session().timeout(), Some(Seconds::new(1800)));
    assert_eq!(bench.0.session().since(), Some(NOW));
}

#[test]
fn an_unknown_server_waits_for_a_word_and_trust_goes_on() {
    let mut bench = Bench::default();
    bench.act(Action::SignIn(sign_in("hans", "echo-base")));
    bench.hear(Event::UnknownServer { shown: print(1) });
    assert_eq!(phase(&bench), &Phase::UnknownServer { shown: print(1) });

    assert_eq!(bench.act(Action::Trust), [Effect::Request(Request::Trust { fingerprint: print(1) })]);
    assert_eq!(phase(&bench), &Phase::Connecting);
    assert_eq!(bench.act(Action::Trust), [], "there is nothing more to trust");
}

#[test]
fn a_changed_key_cannot_be_trusted_in_passing() {
    let mut bench = Bench::default();
    let changed = Phase::ServerKeyChanged { pinned: print(1), pinned_at: NOW, shown: print(2) };
    bench.hear(Event::ServerKeyChanged { pinned: print(1), pinned_at: NOW, shown: print(2) });

    assert_eq!(bench.act(Action::Trust), []);
    assert_eq!(phase(&bench), &changed);
}

#[test]
fn a_lock_says_until_when() {
    let mut bench = Bench::default();
    let refusal = LoginRefusal::Locked { retry_after: Seconds::new(43) };

    bench.hear(Event::LoginRefused(refusal.clone()));

    let until = Some(NOW.plus(Seconds::new(43)));
    assert_eq!(phase(&bench), &Phase::SignedOut(Parting::Refused { refusal, until }));
}

#[test]
fn a_lost_line_says_when_it_is_tried_again_and_since_when_it_is_lost() {
    let mut bench = Bench::online();
    bench.hear(lost());
    let later = NOW.plus(Seconds::new(60));
    let reconnecting = |retry_at| Phase::Reconnecting { cause: "no route".into(), since: NOW, retry_at };
    assert_eq!(phase(&bench), &reconnecting(Some(NOW.plus(Seconds::new(8)))));

    bench.hear(Event::Connecting);
    assert_eq!(phase(&bench), &reconnecting(None));

    let again = Event::LineLost { cause: "no route".into(), retry_at: later };
    bench.0.handle(Input::Event(again), NOW.plus(Seconds::new(9)));
    assert_eq!(phase(&bench), &reconnecting(Some(later)), "lost since the first time");

    assert_eq!(bench.act(Action::RetryNow), [Effect::Request(Request::RetryNow)]);
    bench.hear(welcome(SessionKind::Resumed));
    assert_eq!(phase(&bench), &Phase::Online);
}

#[test]
fn what_can_be_done_follows_the_session() {
    let enabled = |bench: &Bench| {
        [EnabledWhen::Always, EnabledWhen::SignedIn, EnabledWhen::Online].map(|when| bench.0.is_enabled(when))
    };
    let mut bench = Bench::default();
    assert_eq!(enabled(&bench), [true, false, false]);

    bench = Bench::online();
    assert_eq!(enabled(&bench), [true, true, true]);
    bench.hear(lost());
    assert_eq!(enabled(&bench), [true, true, false]);
    bench.hear(Event::SessionEnded(SessionEnd::Timeout));
    assert_eq!(enabled(&bench), [true, false, false]);
    assert_eq!(phase(&bench), &Phase::SignedOut(Parting::Ended(SessionEnd::Timeout)));
}

#[test]
fn signing_out_keeps_drafts_first() {
    let mut bench = Bench::online();
    bench.act(Action::Draft { chat: direct("yoda"), draft: "a".into() });
    bench.act(Action::Draft { chat: direct("yoda"), draft: "ab".into() });

    let out = bench.act(Action::SignOut);

    let keep = Request::KeepDraft { chat: direct("yoda"), draft: "ab".into() };
    assert_eq!(out, [Effect::Request(keep), Effect::Request(Request::SignOut)]);
    assert_eq!(phase(&bench), &Phase::SigningOut);
}

#[test]
fn giving_up_is_no_failure() {
    let mut bench = Bench::online();
    bench.hear(lost());

    assert_eq!(bench.act(Action::Cancel), [Effect::Request(Request::Cancel)]);
    assert_eq!(phase(&bench), &Phase::SignedOut(Parting::Cancelled));
}

#[test]
fn a_line_that_cannot_be_made_says_why() {
    let mut bench = Bench::default();

    bench.hear(Event::ConnectFailed { cause: "no such host".into() });

    assert_eq!(phase(&bench), &Phase::SignedOut(Parting::Failed { cause: "no such host".into() }));
}

#[test]
fn the_warning_of_inactivity_stands_until_the_person_acts() {
    let warning = || Event::InactivityWarning { remaining: Seconds::new(60) };
    let deadline = |bench: &Bench| bench.0.session().inactivity_deadline();
    let mut bench = Bench::online();
    bench.hear(warning());
    assert_eq!(deadline(&bench), Some(NOW.plus(Seconds::new(60))));

    assert_eq!(bench.act(Action::Stay), [ask(2, Ask::Stay)]);
    bench.hear(Event::Answered { ask: AskId::new(2), result: Ok(whoelse_proto::Answer::Done {}) });
    assert_eq!(deadline(&bench), None);

    bench.hear(warning());
    let outgoing = Outgoing { accepted_at: Some(NOW), ..Outgoing::default() };
    bench.hear(Event::Progressed { chat: direct("yoda"), id: id(1), outgoing });
    assert_eq!(deadline(&bench), None);
}

#[test]
fn another_user_sees_nothing_of_the_one_before_and_the_same_user_sees_it_again() {
    let mut bench = Bench::reading(1, 3);
    bench.act(Action::SignIn(sign_in("hans", "echo-base")));
    assert_eq!(bench.names(), ["yoda", "leia", "luke"]);

    bench.act(Action::SignIn(sign_in("vader", "echo-base")));
    assert_eq!(bench.names(), Vec::<&str>::new());
    assert_eq!(bench.0.open_chat(), None);
    assert_eq!(bench.0.chats().iter().count(), 1);
}

#[test]
fn chats_heard_before_the_first_sign_in_stay() {
    let mut bench = Bench::default();
    let last = Some(arrived(1, direct("yoda"), "yoda"));
    bench.hear(Event::Chats(vec![summary(direct("yoda"), last, 1, 0)]));

    bench.act(Action::SignIn(sign_in("hans", "echo-base")));

    assert_eq!(bench.yoda().unread(), 1);
}

#[test]
fn a_session_taken_up_again_asks_for_the_blocks_only_if_one_was_not_answered() {
    let mut bench = Bench::online();
    bench.hear(Event::Answered { ask: AskId::new(1), result: Ok(whoelse_proto::Answer::Names(vec![])) });
    bench.hear(lost());
    assert_eq!(bench.hear(welcome(SessionKind::Resumed)), []);

    bench.act(Action::Block { name: name("yoda") });
    bench.hear(Event::Unanswered { ask: AskId::new(2) });
    assert_eq!(bench.hear(welcome(SessionKind::Resumed)), [ask(3, Ask::Blocked)]);
}
