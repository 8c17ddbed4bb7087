//! Stop, start again, and clients that do not read.

use tokio::net::TcpSocket;
use whoelse_proto::codec::encode;
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::{ALPN, ClientFrame, Command, RequestId, SessionEnd, SessionKind};
use whoelse_server::{Listen, Server, ServerError};

use crate::client::{Client, PASSWORD, TestServer, assert_chat, config, connector, in_time};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_tells_its_clients_and_starts_again_on_the_same_port_at_once() {
    let test = TestServer::start().await;
    let (address, fingerprint) = (test.address, test.fingerprint);
    let mut hans = test.greeted().await;
    let welcome = hans.login("hans", PASSWORD).await.unwrap();
    let mut yoda = test.logged_in("yoda").await;
    yoda.say("hans", "kept while the server is down").await;
    let mut entering = test.greeted().await;

    let stopping = tokio::spawn(test.server.stop());
    assert_eq!(hans.session_end().await, Some(SessionEnd::ServerStop));
    assert_eq!(yoda.session_end().await, Some(SessionEnd::ServerStop));
    assert_eq!(entering.fault().await, None);
    in_time("the stop", stopping).await.unwrap();

    let mut again = config(test.folder.path());
    again.listen = Listen::At(address);
    let server = Server::start(again).await.unwrap();
    assert_eq!((server.addresses(), server.fingerprint()), ([address].as_slice(), fingerprint));
    let mut hans = Client::connect(address, fingerprint).await;
    hans.hello().await;
    assert_eq!(hans.resume("hans", &welcome.token).await.unwrap().session, SessionKind::New);
    assert_eq!(hans.hear().await, ("yoda".into(), "kept while the server is down".into()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_server_stops_by_itself() {
    let test = TestServer::start().await;
    let mut hans = test.logged_in("hans").await;
    drop(test.server);
    assert_eq!(hans.session_end().await, Some(SessionEnd::ServerStop));
}

#[test]
fn a_server_whose_runtime_is_gone_does_not_hang() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (test, _hans) = runtime.block_on(async {
        let test = TestServer::start().await;
        let hans = test.logged_in("hans").await;
        (test, hans)
    });
    drop(runtime);
    drop(test);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_a_port_or_a_data_folder_that_is_taken_does_not_start() {
    let test = TestServer::start().await;
    let same_folder = Server::start(config(test.folder.path())).await.unwrap_err();
    assert!(matches!(same_folder, ServerError::DataDir(_)), "{same_folder}");

    let folder = tempfile::tempdir().unwrap();
    let mut same_port = config(folder.path());
    same_port.listen = Listen::At(test.address);
    let error = Server::start(same_port.clone()).await.unwrap_err();
    assert!(matches!(error, ServerError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&test.address.to_string()), "{error}");

    test.server.stop().await;
    Server::start(same_port).await.unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_listens_on_both_families_of_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let mut everywhere = config(folder.path());
    everywhere.listen = Listen::Everywhere { port: 0 };
    let server = Server::start(everywhere).await.unwrap();
    let port = server.addresses()[0].port();
    assert_eq!(server.invitation("echo-base").port, port);
    Client::connect(([127, 0, 0, 1], port).into(), server.fingerprint()).await.hello().await;
    server.stop().await;
}

/// Sends requests and reads no answer, until the server closes.
async fn ask_without_reading(mut client: Client) {
    let request = ClientFrame::Request { id: RequestId::new(1), command: Command::Stay {} };
    let requests = encode(&request, MAX_FRAME).unwrap().repeat(500);
    while client.send_bytes(&requests).await.is_ok() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_closed_while_others_go_on() {
    let server = TestServer::start_unslowed().await;
    let mut hans = server.logged_in("hans").await;
    let mut yoda = server.logged_in("yoda").await;
    let socket = TcpSocket::new_v4().unwrap();
    // Small, so that the answers soon have nowhere to go.
    socket.set_recv_buffer_size(4096).unwrap();
    let tls = connector(server.fingerprint, ALPN);
    let mut slow = Client::connect_with(&tls, socket, server.address).await;
    slow.hello().await;
    slow.login("leia", PASSWORD).await.unwrap();

    let mut closing = tokio::spawn(ask_without_reading(slow));
    for n in 0_u64.. {
        assert_chat(&mut hans, &mut yoda, "yoda", &n.to_string()).await;
        if closing.is_finished() {
            break;
        }
    }
    in_time("closing", &mut closing).await.unwrap();
    server.server.stop().await;
}
