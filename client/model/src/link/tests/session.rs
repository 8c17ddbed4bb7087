use whoelse_proto::{ProtocolFault, SessionEnd};

use super::*;
use crate::request::Ask;

const DONE: Outcome = Outcome::Ok(Answer::Done {});

fn ended(reason: SessionEnd) -> LinkInput {
    LinkInput::Frame(ServerFrame::SessionEnded { reason })
}

#[test]
fn a_welcome_is_told_and_the_outbox_read() {
    assert_eq!(Bench::offline().take(welcome()), [welcomed(), load(1, 1)]);
}

#[test]
fn a_welcome_of_somebody_else_is_not_believed() {
    let LinkInput::Welcomed { session, timeout, now, since, .. } = welcome() else { unreachable!() };
    let wrong = LinkInput::Welcomed { name: name("vader"), session, timeout, now, since };

    assert_eq!(Bench::offline().take(wrong), [abandon("the server welcomed somebody else")]);
}

#[test]
fn a_ping_is_answered_and_a_pong_is_not() {
    let mut bench = Bench::online();

    assert_eq!(bench.take(LinkInput::Frame(ServerFrame::Ping {})), [LinkOutput::Transmit(ClientFrame::Pong {})]);
    assert_eq!(bench.take(LinkInput::Frame(ServerFrame::Pong {})), []);
}

#[test]
fn the_warning_of_inactivity_is_told() {
    let warning = ServerFrame::InactivityWarning { remaining: Seconds::new(60) };

    let out = Bench::online().take(LinkInput::Frame(warning));

    assert_eq!(out, [tell(Event::InactivityWarning { remaining: Seconds::new(60) })]);
}

#[test]
fn the_end_of_the_session_is_told_with_its_reason_behind_the_asks_it_leaves_open() {
    use SessionEnd::{Logout, Replaced, Revoked, ServerStop, Timeout};
    for reason in [Logout, Timeout, ServerStop, Replaced, Revoked] {
        let mut bench = Bench::online();
        bench.take(LinkInput::Ask { ask: AskId::new(5), what: Ask::Whoelse });

        let out = bench.take(ended(reason));

        assert_eq!(out, [unanswered(5), tell(Event::SessionEnded(reason)), LinkOutput::Close]);
        assert_eq!(bench.take(LinkInput::LineLost), []);
    }
}

#[test]
fn a_client_that_reads_too_slowly_gets_another_line() {
    let out = Bench::online().take(ended(SessionEnd::TooSlow));

    assert_eq!(out, [abandon("this computer reads more slowly than the server writes")]);
}

#[test]
fn a_fault_that_the_server_finds_ends_the_line() {
    let out = Bench::online().take(LinkInput::Frame(ServerFrame::Fault(ProtocolFault::Malformed {})));

    assert_eq!(out, [abandon("the server did not understand this program")]);
}

#[test]
fn signing_out_asks_the_server_at_once_when_nothing_is_open() {
    let mut bench = Bench::online();

    assert_eq!(bench.take(LinkInput::SignOut), [request(1, Command::Logout {})]);
    assert_eq!(bench.take(reply(1, DONE)), []);
    assert_eq!(
        bench.take(ended(SessionEnd::Logout)),
        [tell(Event::SessionEnded(SessionEnd::Logout)), LinkOutput::Close]
    );
}

#[test]
fn signing_out_waits_until_what_is_written_is_accepted_and_that_is_on_disk() {
    let mut bench = Bench::online();
    bench.take(LinkInput::Write(written(7, direct("yoda"))));

    assert_eq!(bench.take(LinkInput::SignOut), []);
    let saved = bench.take(done(2, DiskResult::Put(row(written(7, direct("yoda"))))));
    assert_eq!(saved[1..], [send(1, 7, to("yoda"))]);
    assert_eq!(bench.take(accepted(1)).len(), 1);
    assert_eq!(bench.take(done(3, DiskResult::Stepped(vec![]))), [request(2, Command::Logout {})]);
}

#[test]
fn signing_out_waits_for_answers_and_read_markers() {
    let mut bench = Bench::online();
    bench.take(LinkInput::Ask { ask: AskId::new(5), what: Ask::Stay });
    bench.take(LinkInput::MarkRead { peer: name("yoda"), up_to: id(1) });

    assert_eq!(bench.take(LinkInput::SignOut), []);
    assert_eq!(bench.take(reply(2, DONE)), []);
    let answered = Event::Answered { ask: AskId::new(5), result: Ok(Answer::Done {}) };
    assert_eq!(bench.take(reply(1, DONE)), [tell(answered), request(3, Command::Logout {})]);
}

#[test]
fn signing_out_acknowledges_what_is_on_disk_first() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));
    bench.take(deliver(8, 41));
    bench.take(done(2, DiskResult::Duplicate));

    assert_eq!(bench.take(LinkInput::SignOut), [ack(40), request(1, Command::Logout {})]);
}

#[test]
fn a_line_lost_while_signing_out_leaves_the_wish_for_the_next_line() {
    let mut bench = Bench::online();
    bench.take(LinkInput::SignOut);
    assert_eq!(bench.take(LinkInput::LineLost), []);

    assert_eq!(bench.take(welcome()), [welcomed(), load(2, 2)]);
    let through = DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] };
    assert_eq!(bench.take(done(2, through)), [request(1, Command::Logout {})]);
}

#[test]
fn signing_in_again_forgets_a_wish_to_sign_out_that_the_line_took_with_it() {
    let mut bench = Bench::online();
    bench.take(LinkInput::SignOut);
    bench.take(LinkInput::LineLost);

    assert_eq!(bench.take(LinkInput::SignIn), []);
    bench.take(welcome());
    assert_eq!(bench.take(done(2, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] })), []);
}

#[test]
fn what_comes_behind_the_goodbye_is_kept_for_the_next_session_or_unanswered() {
    let mut bench = Bench::online();
    bench.take(LinkInput::SignOut);

    assert_eq!(bench.take(LinkInput::Ask { ask: AskId::new(5), what: Ask::Stay }), [unanswered(5)]);
    bench.take(LinkInput::Write(written(7, direct("yoda"))));
    let saved = bench.take(done(2, DiskResult::Put(row(written(7, direct("yoda"))))));
    assert_eq!(saved, [tell(Event::Saved(row(written(7, direct("yoda")))))]);
}
