use whoelse_proto::MessageState;

use super::*;

fn put(n: u8) -> DiskResult {
    DiskResult::Put(row(arrived(n)))
}

#[test]
fn an_arrived_message_goes_to_disk_then_is_told_then_acknowledged() {
    let mut bench = Bench::online();

    assert_eq!(bench.take(deliver(7, 40)), [keep(2, 1, 7, 40)]);
    assert_eq!(bench.take(done(2, put(7))), [tell(Event::Received(row(arrived(7)))), ack(40)]);
}

#[test]
fn a_message_that_was_there_before_is_acknowledged_and_not_told() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));

    assert_eq!(bench.take(done(2, DiskResult::Duplicate)), [ack(40)]);
}

#[test]
fn a_broadcast_belongs_to_everyone() {
    let mut bench = Bench::online();
    let envelope = Envelope { to: Target::Everyone {}, ..envelope(7, 40) };

    let out = bench.take(LinkInput::Frame(ServerFrame::Deliver(envelope)));

    let message = NewMessage { chat: ChatId::Everyone, ..arrived(7) };
    assert_eq!(out, [disk_of(1, 2, DiskOp::PutIncoming { message, seq: Seq::new(40), delivery: Delivery::OnDisk })]);
}

#[test]
fn one_acknowledgement_stands_for_all_messages_of_a_burst() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));
    bench.take(deliver(8, 42));

    assert_eq!(bench.take(done(2, put(7))), [tell(Event::Received(row(arrived(7))))]);
    assert_eq!(bench.take(done(3, put(8))), [tell(Event::Received(row(arrived(8)))), ack(42)]);
}

#[test]
fn a_burst_without_end_is_acknowledged_from_time_to_time() {
    let mut bench = Bench::online();
    for n in 1..=33_u8 {
        bench.take(deliver(n, u64::from(n)));
    }

    let acks: Vec<LinkOutput> = (1..=32_u8)
        .flat_map(|n| bench.take(done(u64::from(n) + 1, put(n))))
        .filter(|out| matches!(out, LinkOutput::Transmit(_)))
        .collect();

    assert_eq!(acks, [ack(32)]);
}

#[test]
fn content_of_later_versions_is_acknowledged_in_its_turn_and_not_shown() {
    let mut bench = Bench::online();
    let edit = Content::Edit { of: id(1), text: Text::new("new").unwrap() };
    let reaction = Content::Reaction { to: id(1), emoji: "\u{1f44d}".into() };

    bench.take(deliver(7, 40));
    let first = bench.take(LinkInput::Frame(ServerFrame::Deliver(Envelope { content: edit, ..envelope(8, 41) })));
    let second = bench.take(LinkInput::Frame(ServerFrame::Deliver(Envelope { content: reaction, ..envelope(9, 42) })));

    assert_eq!((first, second), (vec![], vec![]), "an earlier one is not on disk yet");
    assert_eq!(bench.take(done(2, put(7))), [tell(Event::Received(row(arrived(7)))), ack(42)]);
}

#[test]
fn a_message_that_the_disk_does_not_take_is_not_acknowledged_and_ends_the_line() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));
    bench.take(deliver(8, 41));

    assert_eq!(bench.take(failed(2)), [trouble(), abandon("the disk of this computer cannot be written")]);
    assert_eq!(bench.take(failed(3)), [trouble()]);

    bench.take(welcome());
    bench.take(done(4, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] }));
    assert_eq!(bench.take(deliver(7, 40)), [keep(5, 2, 7, 40)]);
    assert_eq!(bench.take(done(5, put(7))), [tell(Event::Received(row(arrived(7)))), ack(40)]);
}

#[test]
fn a_message_of_a_lost_line_is_told_when_it_is_on_disk_and_acknowledged_when_it_comes_again() {
    let mut bench = Bench::online();
    bench.take(deliver(7, 40));
    bench.take(LinkInput::LineLost);
    bench.take(welcome());

    assert_eq!(bench.take(done(2, put(7))), [tell(Event::Received(row(arrived(7))))]);
    bench.take(done(3, DiskResult::Open { outbox: vec![], unread: vec![], unshown: vec![] }));
    assert_eq!(bench.take(deliver(7, 40)), [keep(4, 2, 7, 40)]);
    assert_eq!(bench.take(done(4, DiskResult::Duplicate)), [ack(40)]);
}

#[test]
fn frames_still_in_the_pipe_of_a_line_given_up_are_let_go() {
    let mut bench = Bench::online();
    bench.take(LinkInput::LineLost);

    assert_eq!(bench.take(deliver(7, 40)), []);
}

#[test]
fn news_of_own_messages_goes_to_disk_and_each_change_is_told() {
    let mut bench = Bench::online();
    let ids = vec![id(1), id(2)];
    let progress = ServerFrame::Progress {
        state: MessageState::Read,
        peer: name("yoda"),
        ids: ids.clone(),
        at: THERE,
        lost: false,
    };

    let step = DiskOp::Step { ids, peer: Some(name("yoda")), state: MessageState::Read, at: THERE, skipped: false };
    assert_eq!(bench.take(LinkInput::Frame(progress)), [disk_of(1, 2, step)]);
    let outgoing = Outgoing { read_at: Some(THERE), ..Outgoing::default() };
    let stepped = [1, 2].map(|n| (direct("yoda"), id(n), outgoing.clone())).to_vec();
    let told = [1, 2].map(|n| tell(Event::Progressed { chat: direct("yoda"), id: id(n), outgoing: outgoing.clone() }));
    assert_eq!(bench.take(done(2, DiskResult::Stepped(stepped))), told);
}

#[test]
fn news_that_messages_went_with_their_account_goes_to_disk_and_a_look_up_tells_the_same() {
    let mut bench = Bench::online();
    let ids = vec![id(1), id(2)];
    let (state, peer) = (MessageState::Accepted, name("yoda"));
    let gone = ServerFrame::Progress { state, peer, ids: ids.clone(), at: THERE, lost: true };
    assert_eq!(bench.take(LinkInput::Frame(gone)), [disk_of(1, 2, DiskOp::Lose { ids: ids.clone() })]);
    let outgoing = Outgoing { accepted_at: Some(THERE), lost: true, ..Outgoing::default() };
    assert_eq!(outgoing.state(), crate::message::OutgoingState::Lost);
    let stepped = ids.iter().map(|id| (direct("yoda"), *id, outgoing.clone())).collect();
    let told = [1, 2].map(|n| tell(Event::Progressed { chat: direct("yoda"), id: id(n), outgoing: outgoing.clone() }));
    assert_eq!(bench.take(done(2, DiskResult::Stepped(stepped))), told);
}

#[test]
fn news_that_the_disk_does_not_take_ends_the_line_for_the_next_one_looks_it_up() {
    let mut bench = Bench::online();
    let progress = ServerFrame::Progress {
        state: MessageState::Delivered,
        peer: name("yoda"),
        ids: vec![id(1)],
        at: THERE,
        lost: false,
    };
    bench.take(LinkInput::Frame(progress));

    assert_eq!(bench.take(failed(2)), [trouble(), abandon("the disk of this computer cannot be written")]);
}

#[test]
fn what_is_wrong_with_the_server_is_told_in_words() {
    let told = |messages| {
        let notice = ServerFrame::Notice(whoelse_proto::Notice::InboxDamaged { messages });
        let out = Bench::online().take(LinkInput::Frame(notice));
        let [LinkOutput::Tell(Event::DiskTrouble { cause })] = &out[..] else { panic!("{out:?}") };
        cause.clone()
    };
    assert!(told(1).starts_with("1 message for you cannot be read"), "{}", told(1));
    assert!(told(3).starts_with("3 messages for you cannot be read"), "{}", told(3));
    assert!(told(0).starts_with("what waits for you on the server cannot be read"), "{}", told(0));
}
