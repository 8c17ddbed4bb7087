//! Clients that break the rules: told, closed, and of no effect on others.

use whoelse_proto::codec::encode;
use whoelse_proto::limits::{MAX_DEPTH, MAX_FRAME, MAX_FRAME_BEFORE_LOGIN, MAX_OPEN_REQUESTS};
use whoelse_proto::{
    ALPN, Agent, Answer, ClientFrame, Command, LoginRefusal, ProtocolFault, RequestId, Seq, VersionRange,
};

use crate::client::{Client, NAMES, PASSWORD, TestServer, assert_chat, connector, in_time, name};

/// Bodies that are no frame.
fn malformed_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let ping = encode(&ClientFrame::Ping {}, MAX_FRAME).unwrap()[4..].to_vec();
    let mut unknown = ping.clone();
    *unknown.iter_mut().find(|byte| **byte == b'i').unwrap() = b'x';
    vec![
        ("empty", vec![]),
        ("no MessagePack", vec![0xc1; 10]),
        ("an unknown name", unknown),
        ("cut off", ping[..ping.len() - 1].to_vec()),
        ("bytes behind the message", [ping.as_slice(), &[0]].concat()),
        ("nested deeply", vec![0x91; MAX_FRAME_BEFORE_LOGIN]),
        ("maps nested just too deep", [[0x81, 0xa1, b'x'].repeat(MAX_DEPTH + 1), vec![0xc0]].concat()),
        ("a list that says it is long", vec![0xdd, 0xff, 0xff, 0xff, 0xff]),
        ("a string that says it is long", vec![0xdb, 0xff, 0xff, 0xff, 0xff]),
        ("a number", vec![42]),
    ]
}

fn oversized(limit: usize) -> ProtocolFault {
    ProtocolFault::Oversized { limit: u32::try_from(limit).unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_frame_closes_the_connection_before_the_login() {
    let server = TestServer::start().await;
    for (what, body) in malformed_bodies() {
        for mut client in [server.connect().await, server.greeted().await] {
            client.send_body(&body).await;
            assert_eq!(client.fault().await, Some(ProtocolFault::Malformed {}), "{what}");
        }
    }
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_frame_closes_the_connection_after_the_login_and_no_other() {
    let server = TestServer::start().await;
    let mut hans = server.logged_in("hans").await;
    let mut leia = server.logged_in("leia").await;
    let mut bad = server.greeted().await;
    let mut token = bad.login("yoda", PASSWORD).await.unwrap().token;
    for (what, body) in malformed_bodies() {
        bad.send_body(&body).await;
        assert_eq!(bad.fault().await, Some(ProtocolFault::Malformed {}), "{what}");
        bad = server.greeted().await;
        token = bad.resume("yoda", &token).await.unwrap().token;
    }
    assert_chat(&mut hans, &mut leia, "leia", "still here").await;
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_may_be_as_large_as_the_limit_of_its_phase_and_no_larger() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    client.send_body(&vec![0xc1; MAX_FRAME_BEFORE_LOGIN]).await;
    assert_eq!(client.fault().await, Some(ProtocolFault::Malformed {}), "as large as the limit");
    let mut client = server.greeted().await;
    client.send_body(&vec![0xc1; MAX_FRAME_BEFORE_LOGIN + 1]).await;
    assert_eq!(client.fault().await, Some(oversized(MAX_FRAME_BEFORE_LOGIN)));

    let mut client = server.logged_in("hans").await;
    client.send_body(&vec![0xc1; MAX_FRAME]).await;
    assert_eq!(client.fault().await, Some(ProtocolFault::Malformed {}), "as large as the limit");
    let mut client = server.logged_in("yoda").await;
    client.send_body(&vec![0xc1; MAX_FRAME + 1]).await;
    assert_eq!(client.fault().await, Some(oversized(MAX_FRAME)));
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_out_of_order_close_the_connection() {
    let server = TestServer::start().await;
    let request = ClientFrame::Request { id: RequestId::new(1), command: Command::Whoelse {} };
    let versions = VersionRange::OURS;
    let hello = ClientFrame::Hello { versions, agent: Agent::default(), features: vec![] };
    let finish =
        ClientFrame::LoginFinish { credential_finalization: vec![0; 64], take_over: false, new_password: None };
    let start = ClientFrame::LoginStart { name: name("hans"), credential_request: vec![0; 96], pass: None };
    let out_of_order = Some(ProtocolFault::OutOfOrder {});

    for frame in [&request, &finish, &start, &ClientFrame::Ping {}] {
        let mut client = server.connect().await;
        client.send(frame).await;
        assert_eq!(client.fault().await, out_of_order, "before the hello: {frame:?}");
    }
    for frame in [&hello, &request, &finish, &ClientFrame::LoginGiveUp {}, &ClientFrame::Ack { up_to: Seq::new(1) }] {
        let mut client = server.greeted().await;
        client.send(frame).await;
        assert_eq!(client.fault().await, out_of_order, "before the login: {frame:?}");
    }
    for (frame, user) in [&hello, &start, &finish].into_iter().zip(NAMES) {
        let mut client = server.logged_in(user).await;
        client.send(frame).await;
        assert_eq!(client.fault().await, out_of_order, "after the login: {frame:?}");
    }
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_within_a_login_closes_the_connection_and_counts() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    client.half_a_login("hans").await;
    client.send(&ClientFrame::LoginStart { name: name("yoda"), credential_request: vec![0; 96], pass: None }).await;
    assert_eq!(client.fault().await, Some(ProtocolFault::OutOfOrder {}));

    let refusal = server.greeted().await.login("hans", "wrong").await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 1 });
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn login_messages_that_are_not_of_opaque_close_the_connection() {
    let server = TestServer::start().await;
    let mut client = server.greeted().await;
    client.send(&ClientFrame::LoginStart { name: name("hans"), credential_request: vec![7; 96], pass: None }).await;
    assert_eq!(client.fault().await, Some(ProtocolFault::Malformed {}));
    let refusal = server.greeted().await.login("hans", "wrong").await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 2 }, "what is no request is no guess");
    let mut client = server.greeted().await;
    client
        .send(&ClientFrame::RegisterStart { name: name("lando"), registration_request: vec![7; 32], invite: None })
        .await;
    assert_eq!(client.fault().await, Some(ProtocolFault::Malformed {}));
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_another_version_is_told_which_the_server_speaks() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let versions = VersionRange { min: 7, max: 9 };
    client.send(&ClientFrame::Hello { versions, agent: Agent::default(), features: vec![] }).await;
    assert_eq!(client.fault().await, Some(ProtocolFault::Version { supported: VersionRange::OURS }));
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_protocol_and_a_server_with_another_key_are_refused_in_the_handshake() {
    let server = TestServer::start().await;
    let other = whoelse_proto::Fingerprint::from_bytes([1; 32]);
    let host = rustls::pki_types::ServerName::try_from("whoelse-server").unwrap();
    for tls in [connector(server.fingerprint, b"h2"), connector(other, ALPN)] {
        let socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
        assert!(in_time("the handshake", tls.connect(host.clone(), socket)).await.is_err());
    }
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_that_stop_halfway_delay_nobody_and_are_dropped() {
    let server = TestServer::start().await;
    let mut halfway: Vec<Client> = Vec::new();
    let mut silent = Vec::new();
    for user in NAMES {
        silent.push(tokio::net::TcpStream::connect(server.address).await.unwrap());
        halfway.push(server.connect().await);
        halfway.push(server.greeted().await);
        let mut challenged = server.greeted().await;
        challenged.half_a_login(user).await;
        halfway.push(challenged);
    }

    let mut hans = server.logged_in("hans").await;
    let mut yoda = server.logged_in("yoda").await;
    assert_chat(&mut hans, &mut yoda, "yoda", "no delay").await;

    for mut client in halfway {
        assert_eq!(client.fault().await, Some(ProtocolFault::LoginDeadline {}));
    }
    for mut socket in silent {
        let read = in_time("the end", tokio::io::AsyncReadExt::read(&mut socket, &mut [0; 1])).await;
        assert!(matches!(read, Ok(0) | Err(_)));
    }
    let refusal = server.greeted().await.login("leia", "wrong").await.unwrap_err();
    assert_eq!(refusal, LoginRefusal::WrongPassword { tries_left: 1 }, "the challenge that was left counts");
    server.server.stop().await;
}

/// Opens connections and says nothing on them, until the server takes no more.
#[cfg(target_os = "linux")]
async fn take_every_place(server: &TestServer) -> Vec<tokio::net::TcpStream> {
    let mut silent: Vec<tokio::net::TcpStream> = Vec::new();
    loop {
        for _ in 0..64 {
            silent.push(tokio::net::TcpStream::connect(server.address).await.unwrap());
        }
        if silent.iter().rev().take(128).any(|socket| matches!(socket.try_read(&mut [0; 1]), Ok(0))) {
            return silent;
        }
    }
}

/// On other systems the loopback has one IPv4 address.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_takes_every_place_shuts_no_other_out() {
    let server = TestServer::start().await;
    let mut silent = take_every_place(&server).await;

    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let tls = connector(server.fingerprint, ALPN);
    let mut other = Client::connect_with(&tls, socket, server.address).await;
    other.hello().await;
    other.login("hans", PASSWORD).await.unwrap();

    let read = in_time("the end", tokio::io::AsyncReadExt::read(&mut silent[0], &mut [0; 1])).await;
    assert!(matches!(read, Ok(0) | Err(_)), "the oldest of the host with the most makes room");
    server.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_may_be_open_are_all_answered_in_order() {
    let server = TestServer::start().await;
    let mut hans = server.logged_in("hans").await;
    let mut asked = Vec::new();
    for _ in 0..4 * MAX_OPEN_REQUESTS {
        asked.push(hans.ask(Command::Blocked {}).await);
    }
    for id in asked {
        assert_eq!(hans.answer_to(id).await, Ok(Answer::Names(vec![])));
    }
    server.server.stop().await;
}
