//! The relay over real sockets: whom it serves, and what becomes of those it does not.

use std::net::SocketAddr;

use iroh_base::{RelayUrl, SecretKey};
use iroh_dns::dns::DnsResolver;
use iroh_relay::client::{Client as RelayClient, ClientBuilder};
use iroh_relay::protos::relay::{ClientToRelayMsg, Datagrams, RelayToClientMsg};
use n0_future::{SinkExt as _, StreamExt as _};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use whoelse_proto::{Addresses, Answer, Command, DeviceKey, Fingerprint, PeerAddress, PrivateCommand, Relay};
use whoelse_server::{Listen, Server};

use super::client::{Client, Pin, config, connector, credentials, in_time};

/// A server with a relay.
struct Site {
    server: Server,
    pin: Pin,
    relay: SocketAddr,
    folder: tempfile::TempDir,
}

impl Site {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("credentials.txt"), credentials()).unwrap();
        let at = Listen::At(([127, 0, 0, 1], 0).into());
        let server = Server::start_with_relay(config(folder.path()), at).await.unwrap();
        let pin = Pin { address: server.addresses()[0], fingerprint: server.fingerprint() };
        let relay = server.relay_address().unwrap();
        Self { server, pin, relay, folder }
    }

    /// A user who has published a device, and the relay that the server named.
    async fn published(&self, name: &str, device: &SecretKey) -> (Client, Relay) {
        let mut client = self.pin.logged_in(name).await;
        let relay = publish(&mut client, device).await.unwrap();
        (client, relay)
    }
}

async fn publish(client: &mut Client, device: &SecretKey) -> Option<Relay> {
    let device = DeviceKey::from_bytes(*device.public().as_bytes());
    let addresses = Addresses::new([PeerAddress::Relay {}]);
    match client.request(Command::Private(PrivateCommand::Publish { device, addresses })).await {
        Ok(Answer::Standing(standing)) => standing.relay,
        other => panic!("{other:?}"),
    }
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32])
}

/// The fingerprint of the key in a certificate.
fn fingerprint(relay: &Relay) -> Fingerprint {
    let certificate = CertificateDer::from(relay.certificate.clone());
    let parsed = ParsedCertificate::try_from(&certificate).unwrap();
    Fingerprint::of_public_key(parsed.subject_public_key_info().as_ref())
}

/// Comes to the relay with a key.
async fn come(at: SocketAddr, relay: &Relay, device: &SecretKey) -> Result<RelayClient, String> {
    let tls = connector(fingerprint(relay), b"");
    let mut tls = tls.config().as_ref().clone();
    tls.alpn_protocols.clear();
    let url: RelayUrl = format!("https://{at}/").parse().unwrap();
    let client = ClientBuilder::new(url, device.clone(), DnsResolver::new()).tls_client_config(tls);
    in_time("coming to the relay", Box::pin(client.connect())).await.map_err(|error| format!("{error:#}"))
}

/// A line to the relay that speaks no protocol yet.
async fn plain(site: &Site, relay: &Relay) -> TlsStream<TcpStream> {
    let tls = connector(fingerprint(relay), b"");
    let mut tls = tls.config().as_ref().clone();
    tls.alpn_protocols.clear();
    let socket = TcpStream::connect(site.relay).await.unwrap();
    let name = "whoelse-server".try_into().unwrap();
    tokio_rustls::TlsConnector::from(std::sync::Arc::new(tls)).connect(name, socket).await.unwrap()
}

/// What the relay says to some bytes until it closes.
async fn answer(site: &Site, relay: &Relay, bytes: &[u8]) -> Vec<u8> {
    let mut line = plain(site, relay).await;
    let _ = line.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = in_time("the answer", line.read_to_end(&mut answer)).await;
    answer
}

/// The relay has closed this line.
async fn is_gone(client: &mut RelayClient) {
    in_time("the end of the line", async { while let Some(Ok(_)) = client.next().await {} }).await;
}

#[tokio::test]
async fn packets_pass_between_devices_that_sessions_have_published() {
    let site = Site::start().await;
    let (_hans, relay) = site.published("hans", &key(1)).await;
    let (_yoda, _) = site.published("yoda", &key(2)).await;
    assert_eq!(relay.port, site.relay.port());
    let mut from = come(site.relay, &relay, &key(1)).await.unwrap();
    let mut to = come(site.relay, &relay, &key(2)).await.unwrap();
    let datagrams = Datagrams::from(b"a packet".as_slice());
    let packet = ClientToRelayMsg::Datagrams { dst_endpoint_id: key(2).public(), datagrams };
    from.send(packet).await.unwrap();
    let heard = in_time("the packet", async {
        loop {
            if let RelayToClientMsg::Datagrams { remote_endpoint_id, datagrams } = to.next().await.unwrap().unwrap() {
                break (remote_endpoint_id, datagrams.contents);
            }
        }
    });
    let (sender, contents) = heard.await;
    assert_eq!((sender, contents.as_ref()), (key(1).public(), b"a packet".as_slice()));
}

#[tokio::test]
async fn a_device_that_no_session_has_published_is_turned_away() {
    let site = Site::start().await;
    let (_hans, relay) = site.published("hans", &key(1)).await;
    let refusal = come(site.relay, &relay, &key(9)).await.unwrap_err();
    assert!(refusal.contains("no session has published this device"), "{refusal}");
}

#[tokio::test]
async fn a_device_is_out_once_its_session_is_over() {
    let site = Site::start().await;
    let (mut hans, relay) = site.published("hans", &key(1)).await;
    let mut line = come(site.relay, &relay, &key(1)).await.unwrap();
    hans.request(Command::Logout {}).await.unwrap();
    is_gone(&mut line).await;
    assert!(come(site.relay, &relay, &key(1)).await.is_err());
}

#[tokio::test]
async fn a_device_that_two_sessions_have_published_is_out_with_the_last() {
    let site = Site::start().await;
    let (mut hans, relay) = site.published("hans", &key(1)).await;
    let (mut yoda, _) = site.published("yoda", &key(1)).await;
    hans.request(Command::Logout {}).await.unwrap();
    // What was asked behind the end was heard after it.
    publish(&mut yoda, &key(1)).await;
    drop(come(site.relay, &relay, &key(1)).await.unwrap());
    yoda.request(Command::Logout {}).await.unwrap();
    assert!(come(site.relay, &relay, &key(1)).await.is_err());
}

#[tokio::test]
async fn a_device_has_four_lines_at_most() {
    let site = Site::start().await;
    let (_hans, relay) = site.published("hans", &key(1)).await;
    let mut lines = Vec::new();
    for _ in 0..4 {
        lines.push(come(site.relay, &relay, &key(1)).await.unwrap());
    }
    let refusal = come(site.relay, &relay, &key(1)).await.unwrap_err();
    assert!(refusal.contains("too many lines"), "{refusal}");
}

#[tokio::test]
async fn the_relay_ends_with_the_server_and_keeps_its_certificate() {
    let site = Site::start().await;
    let (_hans, relay) = site.published("hans", &key(1)).await;
    let mut line = come(site.relay, &relay, &key(1)).await.unwrap();
    in_time("stopping", site.server.stop()).await;
    is_gone(&mut line).await;
    assert!(TcpStream::connect(site.relay).await.is_err());

    let folder = site.folder;
    let again = Server::start_with_relay(config(folder.path()), Listen::At(site.relay)).await.unwrap();
    let pin = Pin { address: again.addresses()[0], fingerprint: again.fingerprint() };
    let mut hans = pin.logged_in("hans").await;
    assert_eq!(publish(&mut hans, &key(1)).await, Some(relay));
}

#[tokio::test]
async fn a_server_without_a_relay_names_none() {
    let server = super::client::TestServer::start().await;
    let mut hans = server.logged_in("hans").await;
    assert_eq!(publish(&mut hans, &key(1)).await, None);
}

#[tokio::test]
async fn what_is_no_request_to_a_relay_is_closed_and_the_relay_goes_on() {
    let site = Site::start().await;
    let (_hans, relay) = site.published("hans", &key(1)).await;
    let pong = answer(&site, &relay, b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(pong.starts_with(b"HTTP/1.1 200 OK\r\n"));
    let upgrade = b"GET /relay HTTP/1.1\r\nHost: x\r\nUpgrade: smoke\r\n\r\n".as_slice();
    assert!(answer(&site, &relay, upgrade).await.starts_with(b"HTTP/1.1 400"));
    let endless = vec![0x16; 100_000];
    for nonsense in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), b"GET /generate_204 HTTP/1.1\r\n\r\n", &endless, b"\r\n\r\n"]
    {
        assert_eq!(answer(&site, &relay, nonsense).await, b"");
    }
    let mut line = plain(&site, &relay).await;
    line.write_all(b"GET /relay").await.unwrap();
    drop(line);
    let mut no_tls = TcpStream::connect(site.relay).await.unwrap();
    no_tls.write_all(b"GET /ping HTTP/1.1\r\n\r\n").await.unwrap();
    drop(no_tls);
    drop(come(site.relay, &relay, &key(1)).await.unwrap());
}

#[tokio::test]
async fn a_lost_line_of_the_session_leaves_the_relay_open_for_its_grace() {
    let site = Site::start().await;
    let (hans, relay) = site.published("hans", &key(1)).await;
    drop(hans);
    drop(come(site.relay, &relay, &key(1)).await.unwrap());
}

#[tokio::test]
async fn strangers_who_say_nothing_hold_few_places_and_keep_nobody_out_who_is_in() {
    let site = Site::start().await;
    let (_hans, relay) = site.published("hans", &key(1)).await;
    let mut hans = come(site.relay, &relay, &key(1)).await.unwrap();
    let mut silent = Vec::new();
    // More than there are places: the last of an address that has them all is closed without a word.
    for _ in 0..257 {
        silent.push(TcpStream::connect(site.relay).await.unwrap());
    }
    let mut last = silent.pop().unwrap();
    assert_eq!(in_time("the end of the last", last.read(&mut [0])).await.unwrap_or_default(), 0);
    // For another address the oldest makes room. On other systems loopback has one address.
    #[cfg(target_os = "linux")]
    {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.77:0".parse().unwrap()).unwrap();
        silent.push(socket.connect(site.relay).await.unwrap());
        let oldest = &mut silent[0];
        assert_eq!(in_time("the end of the oldest", oldest.read(&mut [0])).await.unwrap_or_default(), 0);
    }
    hans.send(ClientToRelayMsg::Ping([7; 8])).await.unwrap();
    let is_pong = |message| matches!(message, Some(Ok(RelayToClientMsg::Pong([7, 7, 7, 7, 7, 7, 7, 7]))));
    in_time("the pong", async { while !is_pong(hans.next().await) {} }).await;
    drop(silent);
    drop(hans);
    // The places are free as soon as the relay has seen that nobody is there.
    in_time("a place", async { while come(site.relay, &relay, &key(1)).await.is_err() {} }).await;
}
