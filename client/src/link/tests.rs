//! The line against a server that says what each test wants said.

use tokio::join;
use whoelse_model::TakeOver;
use whoelse_proto::{
    ClientFrame, Fingerprint, LoginRefusal, Password, ResumeToken, ServerFrame, SessionKind, UserName,
};

use super::{Admitted, Attempt, Ended, Interest, Line, LineNews, Proof, attempt};
use crate::error::{Error, Result};
use crate::testing::{FakeLine, FakeServer, Identity};

const FRAMES: Interest = Interest { frames: true, room: false };

fn password(raw: &str) -> Password {
    Password::new(raw).unwrap()
}

fn to(server: &FakeServer, expected: Option<Fingerprint>, proof: Proof) -> Attempt {
    let who = super::Identity { name: UserName::new("yoda").unwrap(), pass: None, take_over: TakeOver::No };
    Attempt { host: server.address.ip().to_string(), port: server.address.port(), expected, who, proof }
}

fn with_password(server: &FakeServer, raw: &str) -> Attempt {
    to(server, Some(server.fingerprint), Proof::Password(password(raw)))
}

fn admitted(ended: Result<Ended>) -> Admitted {
    match ended {
        Ok(Ended::Admitted(_, admitted)) => admitted,
        Ok(Ended::Refused(_, refusal)) => panic!("refused: {refusal:?}"),
        Ok(Ended::OtherKey(key)) => panic!("other key: {key}"),
        Err(error) => panic!("{error}"),
    }
}

fn refused(ended: Result<Ended>) -> LoginRefusal {
    let Ok(Ended::Refused(greeting, refusal)) = ended else { panic!("not refused") };
    assert_eq!(greeting.title.as_str(), "Echo Base");
    refusal
}

fn failed(ended: Result<Ended>) -> Error {
    match ended {
        Err(error) => error,
        Ok(_) => panic!("no failure"),
    }
}

/// A line behind the welcome, with the server's end.
async fn line() -> (Line, FakeLine) {
    let server = FakeServer::start().await;
    let token = Proof::Token(ResumeToken::from_bytes([1; 32]), None);
    let (ended, end) = join!(attempt(to(&server, Some(server.fingerprint), token)), async {
        let mut line = server.greet().await;
        line.receive().await.unwrap();
        line.welcome("yoda", SessionKind::Resumed, 2).await;
        line
    });
    (admitted(ended).line, end)
}

#[tokio::test]
async fn the_right_password_on_the_pinned_server_is_welcomed() {
    let server = FakeServer::start().await;
    let record = server.record("yoda", "wise@!@1wise");
    let (ended, proved) = join!(attempt(with_password(&server, "wise@!@1wise")), async {
        let mut line = server.greet().await;
        let proved = line.check(record).await;
        line.welcome("yoda", SessionKind::New, 7).await;
        proved
    });
    assert!(proved);
    let welcome = admitted(ended).welcome;
    assert_eq!((welcome.session, welcome.token), (SessionKind::New, ResumeToken::from_bytes([7; 32])));
}

#[tokio::test]
async fn a_wrong_password_gives_up_and_is_told_the_tries_left() {
    let server = FakeServer::start().await;
    let record = server.record("yoda", "wise@!@1wise");
    let (ended, proved) = join!(attempt(with_password(&server, "sith")), async {
        let mut line = server.greet().await;
        let proved = line.check(record).await;
        line.refuse(LoginRefusal::WrongPassword { tries_left: 2 }).await;
        proved
    });
    assert!(!proved);
    assert_eq!(refused(ended), LoginRefusal::WrongPassword { tries_left: 2 });
}

#[tokio::test]
async fn an_unknown_key_ends_the_attempt_before_anything_is_sent() {
    let server = FakeServer::start().await;
    let unknown = to(&server, None, Proof::Password(password("wise@!@1wise")));
    let (ended, accepted) = join!(attempt(unknown), server.accept());
    assert!(matches!(ended, Ok(Ended::OtherKey(shown)) if shown == server.fingerprint));
    assert!(accepted.is_err(), "the handshake was not completed");
}

#[tokio::test]
async fn a_changed_key_ends_the_attempt_before_anything_is_sent() {
    let server = FakeServer::start().await;
    let pinned = Fingerprint::from_bytes([1; 32]);
    let changed = to(&server, Some(pinned), Proof::Password(password("wise@!@1wise")));
    let (ended, accepted) = join!(attempt(changed), server.accept());
    assert!(matches!(ended, Ok(Ended::OtherKey(shown)) if shown == server.fingerprint));
    assert!(accepted.is_err(), "the handshake was not completed");
}

#[tokio::test]
async fn the_right_certificate_with_the_wrong_key_is_not_believed() {
    let (right, wrong) = (Identity::new(), Identity::new());
    let server = FakeServer::with(&right, &wrong).await;
    let (ended, accepted) = join!(attempt(with_password(&server, "wise@!@1wise")), server.accept());
    assert!(matches!(failed(ended), Error::Handshake { .. }));
    assert!(accepted.is_err(), "the handshake was not completed");
}

#[tokio::test]
async fn a_login_passed_on_to_another_connection_proves_nothing() {
    let server = FakeServer::start().await;
    let record = server.record("yoda", "wise@!@1wise");
    let (ended, proved) = join!(attempt(with_password(&server, "wise@!@1wise")), async {
        let mut line = server.greet().await;
        let proved = line.check_bound_to(record, [9; 32]).await;
        line.refuse(LoginRefusal::WrongPassword { tries_left: 2 }).await;
        proved
    });
    assert!(!proved);
    assert_eq!(refused(ended), LoginRefusal::WrongPassword { tries_left: 2 });
}

#[tokio::test]
async fn a_new_account_is_made_and_logged_in_on_one_line() {
    let server = FakeServer::start().await;
    let new = to(&server, Some(server.fingerprint), Proof::NewAccount(password("hutt"), None));
    let (ended, proved) = join!(attempt(new), async {
        let mut line = server.greet().await;
        let record = line.register().await;
        let proved = line.check(record).await;
        line.welcome("yoda", SessionKind::New, 1).await;
        proved
    });
    assert!(proved);
    admitted(ended);
}

#[tokio::test]
async fn a_name_that_is_taken_is_told() {
    let server = FakeServer::start().await;
    let new = to(&server, Some(server.fingerprint), Proof::NewAccount(password("hutt"), None));
    let (ended, ()) = join!(attempt(new), async {
        let mut line = server.greet().await;
        line.receive().await.unwrap();
        line.refuse(LoginRefusal::NameTaken { looks_like: None, reserved: false }).await;
        line.receive().await;
    });
    assert_eq!(refused(ended), LoginRefusal::NameTaken { looks_like: None, reserved: false });
}

#[tokio::test]
async fn a_token_resumes_and_one_that_is_void_gives_way_to_the_password_at_hand() {
    let server = FakeServer::start().await;
    let record = server.record("yoda", "wise@!@1wise");
    let token = ResumeToken::from_bytes([5; 32]);
    let proof = Proof::Token(token.clone(), Some(password("wise@!@1wise")));
    let (ended, (shown, proved)) = join!(attempt(to(&server, Some(server.fingerprint), proof)), async {
        let mut line = server.greet().await;
        let shown = line.receive().await;
        line.refuse(LoginRefusal::TokenInvalid {}).await;
        let proved = line.check(record).await;
        line.welcome("yoda", SessionKind::New, 6).await;
        (shown, proved)
    });
    assert_eq!(shown, Some(ClientFrame::Resume { name: UserName::new("yoda").unwrap(), token }));
    assert!(proved);
    assert_eq!(admitted(ended).welcome.token, ResumeToken::from_bytes([6; 32]));
}

#[tokio::test]
async fn a_void_token_without_a_password_is_refused() {
    let server = FakeServer::start().await;
    let proof = Proof::Token(ResumeToken::from_bytes([5; 32]), None);
    let (ended, ()) = join!(attempt(to(&server, Some(server.fingerprint), proof)), async {
        let mut line = server.greet().await;
        line.receive().await.unwrap();
        line.refuse(LoginRefusal::TokenInvalid {}).await;
        line.receive().await;
    });
    assert_eq!(refused(ended), LoginRefusal::TokenInvalid {});
}

#[tokio::test]
async fn a_server_that_breaks_the_protocol_of_the_login_is_left() {
    let server = FakeServer::start().await;
    let (ended, ()) = join!(attempt(with_password(&server, "x")), async {
        let mut line = server.greet().await;
        line.receive().await.unwrap();
        line.send(ServerFrame::Registered {}).await;
        line.receive().await;
    });
    assert!(matches!(failed(ended), Error::OutOfOrder("registered")));

    let (ended, ()) = join!(attempt(with_password(&server, "x")), async {
        let mut line = server.accept().await.unwrap();
        line.greet(99).await;
        line.receive().await;
    });
    assert!(matches!(failed(ended), Error::Version { server: 99 }));

    let (ended, ()) = join!(attempt(with_password(&server, "x")), async {
        let mut line = server.accept().await.unwrap();
        line.send_raw(&[0xff; 64]).await;
        line.receive().await;
    });
    assert!(matches!(failed(ended), Error::Unreadable(_)));

    let (ended, ()) = join!(attempt(with_password(&server, "x")), async {
        let mut line = server.greet().await;
        line.receive().await.unwrap();
        line.send(ServerFrame::LoginChallenge { credential_response: vec![1; 9] }).await;
        line.receive().await;
    });
    assert!(matches!(failed(ended), Error::LoginProtocol));
}

#[tokio::test]
async fn a_server_that_welcomes_somebody_else_is_left() {
    let server = FakeServer::start().await;
    let proof = Proof::Token(ResumeToken::from_bytes([5; 32]), None);
    let (ended, ()) = join!(attempt(to(&server, Some(server.fingerprint), proof)), async {
        let mut line = server.greet().await;
        line.receive().await.unwrap();
        line.welcome("vader", SessionKind::New, 1).await;
        line.receive().await;
    });
    assert!(matches!(failed(ended), Error::WrongName(name) if name.as_str() == "vader"));
}

#[tokio::test]
async fn frames_pass_both_ways_and_pings_are_answered() {
    let (mut line, mut end) = line().await;
    end.send(ServerFrame::Ping {}).await;
    end.send(ServerFrame::Presence { changes: Vec::new() }).await;
    line.send(&ClientFrame::LoginGiveUp {}).unwrap();
    let came = [end.receive().await.unwrap(), end.receive().await.unwrap()];
    assert!(came.contains(&ClientFrame::Pong {}) && came.contains(&ClientFrame::LoginGiveUp {}), "{came:?}");
    let LineNews::Frame(Ok(frame)) = line.next(FRAMES).await else { panic!("no frame") };
    assert_eq!(frame, ServerFrame::Presence { changes: Vec::new() });
}

#[tokio::test]
async fn a_silent_line_is_asked_twice_and_given_up() {
    let (mut line, mut end) = line().await;
    tokio::time::pause();
    let (news, pings) = join!(line.next(FRAMES), async {
        let mut pings = 0;
        while pings < 2 {
            assert_eq!(end.receive().await, Some(ClientFrame::Ping {}));
            pings += 1;
        }
        pings
    });
    assert_eq!(pings, 2);
    assert!(matches!(news, LineNews::Frame(Err(Error::Silent))));
}

#[tokio::test]
async fn a_line_that_the_server_cuts_is_told_as_closed() {
    let (mut line, end) = line().await;
    drop(end);
    let LineNews::Frame(Err(error)) = line.next(FRAMES).await else { panic!("no end") };
    assert!(matches!(error, Error::Closed | Error::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_closed_line_sends_all_that_is_queued() {
    let (line, mut end) = line().await;
    for _ in 0..20 {
        line.send(&ClientFrame::LoginGiveUp {}).unwrap();
    }
    let ((), count) = join!(line.close(), async {
        let mut count = 0;
        while end.receive().await.is_some() {
            count += 1;
        }
        drop(end);
        count
    });
    assert_eq!(count, 20);
}

#[tokio::test]
async fn a_handle_that_takes_nothing_holds_the_server_back() {
    let (mut line, mut end) = line().await;
    // More than the line reads ahead and the socket's buffers hold: the server's writes come to a stand. The clock
    // moves only when nothing else does.
    tokio::time::pause();
    let mut sent = 0_u32;
    let frame = ServerFrame::Roster { users: users(), more: true };
    let soon = std::time::Duration::from_millis(300);
    while let Ok(()) = tokio::time::timeout(soon, end.send(frame.clone())).await {
        sent += 1;
        assert!(sent < 5000, "the line reads without end");
    }
    assert!(matches!(line.next(FRAMES).await, LineNews::Frame(Ok(ServerFrame::Roster { .. }))));
}

fn users() -> Vec<whoelse_proto::RosterEntry> {
    let presence = whoelse_proto::Presence::Offline { last_seen: None };
    (0..600)
        .map(|n| whoelse_proto::RosterEntry { name: UserName::new(&format!("user-{n}")).unwrap(), presence })
        .collect()
}
