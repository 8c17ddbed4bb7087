//! Lines that are lost, servers that stop, readers that are slow.

use tokio::join;
use whoelse_proto::{LoginRefusal, PresenceChange, PresenceReason};

use super::*;

fn is_lost(event: &Event) -> bool {
    matches!(event, Event::LineLost { .. })
}

#[tokio::test]
async fn a_lost_line_is_resumed_with_the_latest_token_and_what_was_written_meanwhile_is_sent() {
    let server = FakeServer::start().await;
    let (mut user, line) = signed_in(&server).await;
    drop(line);
    user.until(is_lost).await;
    user.write(1);
    user.ask(Request::RetryNow);
    let ((mut line, shown), ()) = join!(let_resume(&server, 2), user.welcomed());
    assert_eq!(shown, 1);
    assert_eq!(accept(&mut line).await, id(1));
    user.until(|event| matches!(event, Event::Progressed { .. })).await;
    drop(line);
    user.until(is_lost).await;
    let ((_line, shown), ()) = join!(let_resume(&server, 3), user.welcomed());
    assert_eq!(shown, 2);
}

#[tokio::test]
async fn a_lost_session_is_begun_anew_with_the_password_at_hand() {
    let server = FakeServer::start().await;
    let (mut user, line) = signed_in(&server).await;
    drop(line);
    let record = server.record("yoda", "wise@!@1wise");
    let (_line, ()) = join!(
        async {
            let mut line = server.greet().await;
            line.receive().await.unwrap();
            line.refuse(LoginRefusal::TokenInvalid {}).await;
            assert!(line.check(record).await, "nobody is asked");
            line.welcome("yoda", SessionKind::New, 2).await;
            line
        },
        user.welcomed()
    );
}

#[tokio::test]
async fn a_server_that_stops_is_expected_back() {
    let server = FakeServer::start().await;
    let (mut user, mut line) = signed_in(&server).await;
    line.send(ServerFrame::SessionEnded { reason: SessionEnd::ServerStop }).await;
    user.until(|event| *event == Event::SessionEnded(SessionEnd::ServerStop)).await;
    assert!(is_lost(&user.event().await));
    let ((_line, shown), ()) = join!(let_resume(&server, 2), user.welcomed());
    assert_eq!(shown, 1);
}

#[tokio::test]
async fn a_session_that_the_server_ended_is_not_begun_again() {
    for reason in [SessionEnd::Timeout, SessionEnd::Replaced, SessionEnd::Revoked] {
        let server = FakeServer::start().await;
        let (mut user, mut line) = signed_in(&server).await;
        line.send(ServerFrame::SessionEnded { reason }).await;
        user.until(|event| *event == Event::SessionEnded(reason)).await;
        assert_eq!(line.receive().await, None, "the client closes the line");
        user.sign_in(&server, None, Credential::KeptToken);
        let told = user.until(|event| matches!(event, Event::LoginRefused(_))).await;
        assert_eq!(told, Event::LoginRefused(LoginRefusal::TokenInvalid {}), "the token is forgotten");
    }
}

#[tokio::test]
async fn an_ask_that_the_line_takes_with_it_is_told_as_unanswered() {
    let server = FakeServer::start().await;
    let (mut user, mut line) = signed_in(&server).await;
    let ask = whoelse_model::AskId::new(3);
    user.ask(Request::Ask { ask, what: whoelse_model::Ask::Whoelse });
    request(&mut line).await;
    drop(line);
    assert_eq!(user.until(|event| !matches!(event, Event::LineLost { .. })).await, Event::Unanswered { ask });
}

#[tokio::test]
async fn a_message_is_acknowledged_once_it_is_on_disk_and_told_once_though_it_comes_twice() {
    let server = FakeServer::start().await;
    let (mut user, mut line) = signed_in(&server).await;
    line.send(deliver(1, 10)).await;
    let received = user.until(|event| matches!(event, Event::Received(_))).await;
    let Event::Received(message) = received else { panic!() };
    assert_eq!(message.message.id, id(1));
    acknowledged(&mut line, 10).await;
    drop(line);
    user.until(is_lost).await;
    user.ask(Request::RetryNow);
    let ((mut line, _), ()) = join!(let_resume(&server, 2), user.welcomed());
    line.send(deliver(1, 10)).await;
    line.send(deliver(2, 11)).await;
    let received = user.until(|event| matches!(event, Event::Received(_))).await;
    assert!(matches!(received, Event::Received(message) if message.message.id == id(2)));
    acknowledged(&mut line, 11).await;
}

fn deliver(n: u8, seq: u64) -> ServerFrame {
    ServerFrame::Deliver(whoelse_proto::Envelope {
        seq: whoelse_proto::Seq::new(seq),
        id: id(n),
        from: name("hans"),
        to: whoelse_proto::Target::User(name("yoda")),
        content: whoelse_proto::Content::Text { text: Text::new("hi").unwrap(), reply_to: None },
        sent_at: THERE,
        stored: false,
    })
}

async fn acknowledged(line: &mut FakeLine, seq: u64) {
    while let Some(frame) = line.receive().await {
        if frame == (ClientFrame::Ack { up_to: whoelse_proto::Seq::new(seq) }) {
            return;
        }
    }
    panic!("the line ended");
}

#[tokio::test]
async fn signing_out_without_a_line_ends_the_waiting() {
    let server = FakeServer::start().await;
    let (mut user, line) = signed_in(&server).await;
    drop((line, server));
    user.until(is_lost).await;
    user.ask(Request::SignOut);
    user.until(|event| *event == Event::SessionEnded(SessionEnd::Logout)).await;
    user.ask(Request::RetryNow);
    user.stop().await;
}

#[tokio::test]
async fn waiting_for_a_line_can_be_given_up() {
    let server = FakeServer::start().await;
    let (mut user, line) = signed_in(&server).await;
    drop((line, server));
    user.until(is_lost).await;
    user.ask(Request::Cancel);
    user.until(|event| matches!(event, Event::ConnectFailed { .. })).await;
}

#[tokio::test]
async fn events_that_nobody_takes_hold_the_server_back_and_none_is_lost() {
    const MANY: u64 = 5000;
    let server = FakeServer::start().await;
    let (mut user, mut line) = signed_in(&server).await;
    line.send(ServerFrame::Roster { users: Vec::new(), more: false }).await;
    let sending = tokio::spawn(async move {
        for n in 0..MANY {
            let at = whoelse_proto::Timestamp::from_millis(n);
            let change = PresenceChange { name: name("hans"), reason: PresenceReason::Login, at };
            line.send(ServerFrame::Presence { changes: vec![change] }).await;
        }
        line
    });
    let mut next = 0;
    while next < MANY {
        if let Event::Presence(changes) = user.event().await {
            assert_eq!(changes[0].at.millis(), next);
            next += 1;
        }
    }
    sending.await.unwrap();
}

#[tokio::test]
async fn a_client_that_is_dropped_ends_whatever_it_is_doing() {
    // Nobody answers the handshake.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut user = User::new();
    let port = silent.local_addr().unwrap().port();
    let server = Invitation::at("127.0.0.1".to_owned(), port);
    user.ask(Request::SignIn(SignIn::new(server, name("yoda"), password())));
    assert_eq!(user.event().await, Event::Connecting);
    user.stop().await;
}

#[tokio::test]
async fn several_clients_run_in_one_process() {
    let server = FakeServer::start().await;
    let (mut first, _first_line) = signed_in(&server).await;
    let (mut second, mut line) = signed_in(&server).await;
    line.send(deliver(1, 1)).await;
    second.until(|event| matches!(event, Event::Received(_))).await;
    first.stop().await;
    line.send(deliver(2, 2)).await;
    second.until(|event| matches!(event, Event::Received(_))).await;
}
