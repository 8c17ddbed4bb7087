//! Ways in: passwords, tokens, new accounts, and those who stop halfway.

use whoelse_proto::{LoginRefusal, ResumeToken, ServerFrame, SessionEnd, SessionKind};

use crate::client::{PASSWORD, TestServer, assert_chat};

#[tokio::test(flavor = "multi_thread")]
async fn two_users_log_in_and_talk() {
    let server = TestServer::start().await;
    let mut hans = server.logged_in("hans").await;
    let mut yoda = server.logged_in("yoda").await;
    assert_chat(&mut hans, &mut yoda, "yoda", "Never tell me the odds").await;
    assert_chat(&mut yoda, &mut hans, "hans", "Do or do not").await;
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hello_says_what_the_server_is() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let ServerFrame::Hello { version, agent, title, .. } = client.hello().await else { panic!("no hello") };
    assert_eq!((version, title.as_str()), (1, "Whoelse"));
    assert!(agent.as_str().starts_with("whoelse-server "));
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_third_wrong_password_in_a_row_locks_the_name_on_every_connection() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    for tries_left in [2, 1] {
        let refusal = client.login("hans", "wrong").await.unwrap_err();
        assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left });
    }
    let mut other = server.greeted().await;
    assert!(matches!(other.login("hans", "wrong").await.unwrap_err(), LoginRefusal::Locked { .. }));
    assert!(matches!(client.login("hans", PASSWORD).await.unwrap_err(), LoginRefusal::Locked { .. }));
    client.login("yoda", PASSWORD).await.unwrap();
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_cut_off_behind_its_challenge_counts_as_a_wrong_password() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    client.half_a_login("hans").await;
    client.hang_up().await;

    let mut client = server.greeted().await;
    let refusal = client.login("hans", "wrong").await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 1 });
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_bound_to_another_connection_fails() {
    let server = TestServer::start().await;
    let other = server.connect().await.exporter();
    let mut client = server.greeted().await;
    let refusal = client.login_bound_to("hans", PASSWORD, other).await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 2 });
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_is_made_and_logs_in_on_the_same_connection() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    assert_eq!(client.login("lando", "cloud").await.unwrap_err(), LoginRefusal::UnknownUser { looks_like: None });
    client.register("lando", "cloud").await.unwrap();
    client.login("lando", "cloud").await.unwrap();

    let mut other = server.greeted().await;
    assert_eq!(
        other.register("lando", "x").await.unwrap_err(),
        LoginRefusal::NameTaken { looks_like: None, reserved: false }
    );
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_line_is_lost_is_taken_up_with_its_token() {
    let server = TestServer::start().await;
    let mut lost = server.greeted().await;
    let welcome = lost.login("hans", PASSWORD).await.unwrap();
    assert_eq!(welcome.session, SessionKind::New);

    let mut client = server.greeted().await;
    let wrong = ResumeToken::from_bytes([7; 32]);
    assert_eq!(client.resume("hans", &wrong).await.unwrap_err(), LoginRefusal::TokenInvalid {});
    assert_eq!(client.resume("hans", &welcome.token).await.unwrap().session, SessionKind::Resumed);
    lost.fault().await;
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_online_is_refused_while_its_line_answers() {
    let server = TestServer::start().await;
    let mut first = server.logged_in("hans").await;
    let mut second = server.greeted().await;
    let answering = tokio::spawn(async move { first.receive().await });
    assert_eq!(second.login("hans", PASSWORD).await.unwrap_err(), LoginRefusal::AlreadyOnline {});
    answering.abort();
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_whose_line_is_silent_gives_way_to_a_right_password() {
    let server = TestServer::start().await;
    let mut silent = server.logged_in("hans").await;
    let mut client = server.greeted().await;
    assert_eq!(client.login("hans", PASSWORD).await.unwrap().session, SessionKind::New);

    assert_eq!(silent.session_end().await, Some(SessionEnd::Replaced));
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_is_the_one_that_opens_the_account() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    let refusal = client.change_password("hans", "wrong", "m1llennium").await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 2 });
    client.change_password("hans", PASSWORD, "m1llennium").await.unwrap();
    let refusal = client.login("hans", PASSWORD).await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 2 });
    client.login("hans", "m1llennium").await.unwrap();
    server.server.stop().await;
}
