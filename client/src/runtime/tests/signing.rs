//! Signing in and out: trust, refusals, kept sessions.

use tokio::join;
use whoelse_proto::{Agent, DevicePass, LoginRefusal, MissedTries, NewAccounts};

use super::*;

#[tokio::test]
async fn an_unknown_server_is_asked_about_once_and_then_pinned() {
    let server = FakeServer::start().await;
    let mut user = User::new();
    user.sign_in(&server, None, password());
    assert_eq!(user.event().await, Event::Connecting);
    let (refused, event) = join!(server.accept(), user.event());
    assert!(refused.is_err(), "nothing is sent");
    assert_eq!(event, Event::UnknownServer { shown: server.fingerprint });
    user.ask(Request::Trust { fingerprint: Fingerprint::from_bytes([0; 32]) });
    user.ask(Request::Trust { fingerprint: server.fingerprint });
    let (_line, ()) = join!(let_in(&server, 1), async {
        assert_eq!(user.event().await, Event::Connecting);
        let (title, registration) = (Agent::new("Echo Base"), NewAccounts::Anyone);
        assert_eq!(user.event().await, Event::Greeted { title, registration, fingerprint: server.fingerprint });
        assert_eq!(user.event().await, Event::Chats(Vec::new()));
        assert!(matches!(user.event().await, Event::Welcomed(welcome) if welcome.name == name("yoda")));
    });

    user.restart().await;
    user.sign_in(&server, None, password());
    let (_line, ()) = join!(let_in(&server, 2), user.welcomed());
}

#[tokio::test]
async fn a_changed_key_stops_hard_and_an_invitation_with_the_new_one_pins_it() {
    let (old, new) = (FakeServer::start().await, FakeServer::start().await);
    let mut user = User::new();
    // The pin of another server's key at this server's address.
    user.sign_in(&new, Some(old.fingerprint), password());
    let (refused, event) = join!(new.accept(), user.until(|event| matches!(event, Event::ServerKeyChanged { .. })));
    assert!(refused.is_err(), "nothing is sent");
    let Event::ServerKeyChanged { pinned, shown, .. } = event else { panic!() };
    assert_eq!((pinned, shown), (old.fingerprint, new.fingerprint));
    user.ask(Request::Trust { fingerprint: new.fingerprint });
    user.ask(Request::RetryNow);

    user.sign_in(&new, Some(new.fingerprint), password());
    let (_line, ()) = join!(let_in(&new, 1), user.welcomed());
    user.restart().await;
    user.sign_in(&new, None, password());
    let (_line, ()) = join!(let_in(&new, 2), user.welcomed());
}

#[tokio::test]
async fn a_refused_login_is_told_with_the_greeting_and_not_tried_again() {
    let server = FakeServer::start().await;
    let mut user = User::new();
    user.sign_in(&server, Some(server.fingerprint), password());
    let refusal = LoginRefusal::UnknownUser { looks_like: None };
    let ((), told) = join!(
        async {
            let mut line = server.greet().await;
            line.receive().await.unwrap();
            line.refuse(refusal.clone()).await;
            assert_eq!(line.receive().await, None, "the client leaves");
        },
        user.until(|event| matches!(event, Event::LoginRefused(_)))
    );
    assert_eq!(told, Event::LoginRefused(refusal));
    user.ask(Request::RetryNow);
    user.sign_in(&server, Some(server.fingerprint), Credential::NewAccount(Password::new("hutt").unwrap()));
    let (_line, ()) = join!(
        async {
            let mut line = server.greet().await;
            let record = line.register().await;
            assert!(line.check(record).await);
            line.welcome("yoda", SessionKind::New, 1).await;
            line
        },
        user.welcomed()
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_at_the_first_attempt_is_told() {
    let (_socket, address) = deaf_address();
    let (host, port) = (address.ip().to_string(), address.port());
    let mut user = User::new();
    let server = Invitation::at(host, port);
    user.ask(Request::SignIn(SignIn::new(server, name("yoda"), password())));
    assert_eq!(user.event().await, Event::Connecting);
    assert!(matches!(user.event().await, Event::ConnectFailed { cause } if cause.contains("nothing listens there")));
}

#[tokio::test]
async fn a_kept_session_is_resumed_after_a_restart_and_its_chats_are_there_before_the_line() {
    let server = FakeServer::start().await;
    let (mut user, _line) = signed_in(&server).await;
    user.write(1);
    user.until(|event| matches!(event, Event::Saved(_))).await;
    user.ask(Request::KeepDraft { chat: ChatId::Direct(name("luke")), draft: "Luke, I".to_owned() });
    user.restart().await;

    user.sign_in(&server, None, Credential::KeptToken);
    let Event::Chats(chats) = user.event().await else { panic!("no chats") };
    assert!(chats.iter().any(|chat| chat.draft == "Luke, I"), "{chats:?}");
    let ((mut line, shown), ()) = join!(let_resume(&server, 8), user.welcomed());
    assert_eq!(shown, 1);
    assert_eq!(accept(&mut line).await, id(1), "what was written is sent");
}

#[tokio::test]
async fn a_kept_session_that_the_server_does_not_know_is_forgotten() {
    let server = FakeServer::start().await;
    let (mut user, _line) = signed_in(&server).await;
    user.restart().await;
    user.sign_in(&server, None, Credential::KeptToken);
    let void = LoginRefusal::TokenInvalid {};
    let ((), told) = join!(
        async {
            let mut line = server.greet().await;
            line.receive().await.unwrap();
            line.refuse(void.clone()).await;
            line.receive().await;
        },
        user.until(|event| matches!(event, Event::LoginRefused(_)))
    );
    assert_eq!(told, Event::LoginRefused(void.clone()));
    user.sign_in(&server, None, Credential::KeptToken);
    assert_eq!(user.until(|event| matches!(event, Event::LoginRefused(_))).await, Event::LoginRefused(void));
}

#[tokio::test]
async fn signing_out_waits_for_what_is_written_and_forgets_the_session() {
    let server = FakeServer::start().await;
    let (mut user, mut line) = signed_in(&server).await;
    user.write(1);
    user.ask(Request::SignOut);
    let ((), ended) = join!(
        async {
            assert_eq!(accept(&mut line).await, id(1));
            end_session(&mut line).await;
            assert_eq!(line.receive().await, None, "the client closes the line");
        },
        user.until(|event| matches!(event, Event::SessionEnded(_)))
    );
    assert_eq!(ended, Event::SessionEnded(SessionEnd::Logout));
    user.stop().await;
    let tokens = std::fs::read_to_string(user.folder.path().join("profile/tokens.json")).unwrap();
    assert_eq!(tokens, "[]");
}

#[tokio::test]
async fn another_account_gets_another_history() {
    let server = FakeServer::start().await;
    let (mut user, _line) = signed_in(&server).await;
    user.write(1);
    user.until(|event| matches!(event, Event::Saved(_))).await;

    let record = server.record("leia", "rebellion");
    let (host, port) = (server.address.ip().to_string(), server.address.port());
    let invitation = Invitation::at(host, port);
    let credential = Credential::Password(Password::new("rebellion").unwrap());
    user.ask(Request::SignIn(SignIn::new(invitation, name("leia"), credential)));
    let (_line, chats) = join!(
        async {
            let mut line = server.greet().await;
            assert!(line.check(record).await);
            line.welcome("leia", SessionKind::New, 9).await;
            line
        },
        user.until(|event| matches!(event, Event::Chats(_)))
    );
    assert_eq!(chats, Event::Chats(Vec::new()));
}

#[tokio::test]
async fn an_invitation_to_another_key_than_the_pinned_one_stops_and_the_user_decides() {
    let server = FakeServer::start().await;
    let (mut user, _line) = signed_in(&server).await;
    user.restart().await;
    let invited = Fingerprint::from_bytes([9; 32]);
    user.sign_in(&server, Some(invited), password());
    let Event::ServerKeyChanged { pinned, shown, .. } = user.event().await else { panic!("no word of the key") };
    assert_eq!((pinned, shown), (server.fingerprint, invited), "and nothing was dialled");

    let (host, port) = (server.address.ip().to_string(), server.address.port());
    let decided = Invitation::at(host, port);
    let sign_in = SignIn { trusted: Some(invited), ..SignIn::new(decided, name("yoda"), password()) };
    user.ask(Request::SignIn(sign_in));
    let (_, told) = join!(server.accept(), user.until(|event| matches!(event, Event::ServerKeyChanged { .. })));
    let Event::ServerKeyChanged { pinned, shown, .. } = told else { unreachable!() };
    assert_eq!((pinned, shown), (invited, server.fingerprint), "the key that was decided on is the one expected");
}

#[tokio::test]
async fn the_pass_of_a_welcome_is_shown_at_the_next_login_also_after_a_restart_and_a_logout() {
    let server = FakeServer::start().await;
    let mut user = User::new();
    user.sign_in(&server, Some(server.fingerprint), password());
    let pass = DevicePass::from_bytes([5; 32]);
    let missed = MissedTries { count: 2, last: THERE };
    let (mut line, told) = join!(
        async {
            let mut line = server.greet().await;
            assert!(line.check(server.record("yoda", "wise@!@1wise")).await);
            line.welcome_with("yoda", Some(pass.clone()), Some(missed)).await;
            line
        },
        user.until(|event| matches!(event, Event::WrongPasswords(_)))
    );
    assert_eq!(told, Event::WrongPasswords(missed));
    user.welcomed().await;
    user.ask(Request::SignOut);
    join!(end_session(&mut line), user.until(|event| matches!(event, Event::SessionEnded(_))));
    user.restart().await;

    user.sign_in(&server, None, password());
    let mut line = server.greet().await;
    let Some(ClientFrame::LoginStart { pass: shown, .. }) = line.receive().await else { panic!("no login") };
    assert_eq!(shown, Some(pass));
}

#[tokio::test]
async fn a_sign_out_right_before_the_end_reaches_the_server() {
    let server = FakeServer::start().await;
    let (mut user, mut line) = signed_in(&server).await;
    user.ask(Request::SignOut);
    let server_hears = async {
        let (id, command) = request(&mut line).await;
        reply(&mut line, id, Answer::Done {}).await;
        line.send(ServerFrame::SessionEnded { reason: SessionEnd::Logout }).await;
        command
    };
    let (command, ()) = join!(server_hears, user.stop());
    assert_eq!(command, Command::Logout {});
}

#[tokio::test]
async fn what_is_asked_while_nobody_is_signed_in_is_answered() {
    let mut user = User::new();
    user.write(1);
    assert!(matches!(user.event().await, Event::SaveFailed { .. }));
    let ask = whoelse_model::AskId::new(3);
    user.ask(Request::Ask { ask, what: whoelse_model::Ask::Whoelse });
    assert_eq!(user.event().await, Event::Unanswered { ask });
    for request in [Request::SignOut, Request::Cancel, Request::RetryNow] {
        user.ask(request);
    }
    user.stop().await;
}

#[tokio::test]
async fn what_is_asked_right_before_the_end_is_on_disk_at_the_next_start() {
    let server = FakeServer::start().await;
    let (mut user, _line) = signed_in(&server).await;
    for n in 1..=100 {
        user.write(n);
    }
    user.ask(Request::KeepDraft { chat: ChatId::Everyone, draft: "Luke, I".to_owned() });
    user.restart().await;
    user.sign_in(&server, None, Credential::KeptToken);
    let Event::Chats(chats) = user.event().await else { panic!("no chats") };
    assert!(chats.iter().any(|chat| chat.draft == "Luke, I"), "{chats:?}");
    let last = chats.iter().find_map(|chat| chat.last.as_ref()).map(|last| last.message.id);
    assert_eq!(last, Some(id(100)));
}

#[tokio::test]
async fn a_damaged_history_is_told_with_its_file_and_moved_away_a_new_one_is_begun() {
    let server = FakeServer::start().await;
    let mut user = User::new();
    user.sign_in(&server, Some(server.fingerprint), password());
    let (_line, ()) = join!(let_in(&server, 1), user.welcomed());
    user.stop().await;
    let folder = user.folder.path().join("profile/history").join(server.fingerprint.to_string());
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, vec![b'x'; 9999]).unwrap();
    user.restart().await;

    user.sign_in(&server, None, password());
    let unusable = |event: &Event| matches!(event, Event::HistoryUnusable(_));
    let (_line, event) = join!(let_in(&server, 2), user.until(unusable));
    let Event::HistoryUnusable(trouble) = event else { panic!() };
    assert_eq!(trouble.path, file.display().to_string());
    user.ask(Request::SetHistoryAside);
    user.sign_in(&server, None, password());
    let (_line, ()) = join!(let_in(&server, 3), user.welcomed());
    let kept = std::fs::read_dir(&folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.to_string_lossy().contains(".damaged-") && std::fs::read(path).unwrap() == vec![b'x'; 9999]
    });
    assert!(kept, "the damaged one is kept");
}
