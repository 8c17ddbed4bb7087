//! The relay of the server: who hides their address talks through it, and without it not at all.

use std::fs;

use serde_json::json;

#[cfg(target_os = "linux")]
use super::capture::{CANARIES, holds};
use super::harness::{Client, Rules, Server, Site, password};
use super::private::{both_open_somehow, says};

/// Lets nobody learn its address.
const HIDDEN: &str = "--never-show-address";

fn hidden(site: &Site, server: &Server, user: &str, more: &[&str]) -> Client {
    let mut client = site.start(server, user, password(user), &[&[HIDDEN], more].concat());
    client.expect(json!({"event": "login", "ok": true}));
    known(client)
}

/// What is answered is behind what the program did by itself: the device is known.
fn known(mut client: Client) -> Client {
    client.line("whoelse");
    client.until("whoelse");
    client
}

/// Asks for a session and has it accepted.
fn open(hans: &mut Client, yoda: &mut Client) -> serde_json::Value {
    hans.start_private("yoda");
    assert_eq!(yoda.until("private_request")["user"], "hans");
    yoda.line("accept hans");
    both_open_somehow(hans, yoda)
}

#[test]
fn two_who_show_no_address_talk_and_send_files_through_the_relay() {
    let site = Site::new();
    let server = site.serve_with_relay(Rules::default(), "0");
    let folder = site.profile("yoda").join("in");
    let mut yoda = hidden(&site, &server, "yoda", &["--accept-files", folder.to_str().unwrap()]);
    let mut hans = hidden(&site, &server, "hans", &[]);
    assert_eq!(open(&mut hans, &mut yoda)["route"], "relay");
    says(&mut hans, &mut yoda, ["hans", "yoda"], "psst");
    says(&mut yoda, &mut hans, ["yoda", "hans"], "what?");
    let path = site.profile("hans").join("plans.txt");
    fs::write(&path, "a long time ago ".repeat(1 << 18)).unwrap();
    hans.line(&format!("sendfile yoda {}", path.display()));
    let there = loop {
        let event = yoda.until("transfer");
        if event["state"] == "done" {
            break event["path"].as_str().unwrap().to_owned();
        }
    };
    assert_eq!(fs::read(&there).unwrap(), fs::read(&path).unwrap());
    hans.line("stopprivate yoda");
    assert_eq!(yoda.until("private_closed")["reason"], "stopped");
}

#[test]
fn one_who_shows_an_address_and_one_who_does_not_talk_through_the_relay() {
    let site = Site::new();
    let server = site.serve_with_relay(Rules::default(), "0");
    let mut yoda = known(site.login(&server, "yoda"));
    let mut hans = hidden(&site, &server, "hans", &[]);
    assert_eq!(open(&mut hans, &mut yoda)["route"], "relay");
    says(&mut yoda, &mut hans, ["yoda", "hans"], "who is there?");
}

#[test]
fn without_a_relay_whoever_shows_no_address_is_refused_and_told_why() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = known(site.login(&server, "yoda"));
    let mut hans = hidden(&site, &server, "hans", &[]);
    hans.line("startprivate yoda");
    let error = hans.until("error");
    assert_eq!((&error["command"], &error["code"]), (&json!("startprivate"), &json!("no_relay")));
    assert!(error["text"].as_str().unwrap().contains("relay"), "{error}");
    yoda.line("startprivate hans");
    assert_eq!(yoda.until("error")["code"], "no_relay");
}

/// The relay's place is taken by one who has its key, reads everything as the relay does, and passes it on.
#[cfg(target_os = "linux")]
mod eavesdropper {
    use std::net::SocketAddr;
    use std::path::Path;
    use std::sync::{Arc, Mutex};
    use std::thread;

    use rustls::crypto::ring::default_provider;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    use rustls::{ClientConfig, RootCertStore, ServerConfig};
    use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    /// All that passed the relay, without the seal between it and the devices.
    pub(super) type Heard = Arc<Mutex<Vec<u8>>>;

    async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, heard: Heard) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            heard.lock().unwrap().extend_from_slice(&buffer[..count]);
            if to.write_all(&buffer[..count]).await.is_err() || to.flush().await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    }

    async fn serve(listener: TcpListener, relay: SocketAddr, folder: &Path, heard: &Heard) {
        let certificate = CertificateDer::from_pem_file(folder.join("relay.crt")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.join("relay.key")).unwrap();
        let provider = Arc::new(default_provider());
        let versions = [&rustls::version::TLS13];
        let shows =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&versions).unwrap();
        let shows = shows.with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let trusts = ClientConfig::builder_with_provider(provider).with_protocol_versions(&versions).unwrap();
        let trusts = TlsConnector::from(Arc::new(trusts.with_root_certificates(roots).with_no_client_auth()));
        let shows = TlsAcceptor::from(Arc::new(shows));
        while let Ok((device, _)) = listener.accept().await {
            let (shows, trusts, heard) = (shows.clone(), trusts.clone(), Arc::clone(heard));
            tokio::spawn(async move {
                let Ok(device) = shows.accept(device).await else { return };
                let relay = TcpStream::connect(relay).await.unwrap();
                let name = ServerName::try_from("whoelse-server").unwrap();
                let relay = trusts.connect(name, relay).await.unwrap();
                let ((from_device, to_device), (from_relay, to_relay)) = (split(device), split(relay));
                tokio::spawn(pass(from_relay, to_device, Arc::clone(&heard)));
                pass(from_device, to_relay, heard).await;
            });
        }
    }

    /// Listens where the devices look for the relay.
    pub(super) fn listen(at: SocketAddr, relay: SocketAddr, folder: &Path) -> Heard {
        let (heard, folder) = (Heard::default(), folder.to_owned());
        let listener = std::net::TcpListener::bind(at).unwrap();
        listener.set_nonblocking(true).unwrap();
        let kept = Arc::clone(&heard);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { serve(TcpListener::from_std(listener).unwrap(), relay, &folder, &kept).await });
        });
        heard
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_relay_itself_reads_nothing_of_what_is_said() {
    let site = Site::new();
    // On another address of this computer, so that the place where it is looked for is free.
    let server = site.serve_with_relay(Rules::default(), "127.0.0.2:0");
    let relay = server.relay.unwrap();
    let heard = eavesdropper::listen(([127, 0, 0, 1], relay.port()).into(), relay, &site.server_folder());
    let folder = site.profile("yoda").join("in");
    let mut yoda = hidden(&site, &server, "yoda", &["--accept-files", folder.to_str().unwrap()]);
    let mut hans = hidden(&site, &server, "hans", &[]);
    assert_eq!(open(&mut hans, &mut yoda)["route"], "relay");

    let canaries: Vec<_> = (0..CANARIES).map(|n| format!("canary-{n}-{}", "tweet".repeat(4))).collect();
    for canary in &canaries {
        hans.line(&format!("private yoda {canary}"));
        assert_eq!(yoda.until("private")["text"], json!(canary));
    }
    let path = site.profile("hans").join("canaries.txt");
    fs::write(&path, canaries.join("\n").repeat(256)).unwrap();
    hans.line(&format!("sendfile yoda {}", path.display()));
    while yoda.until("transfer")["state"] != "done" {}

    let heard = heard.lock().unwrap().clone();
    let bytes = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    assert!(heard.len() > bytes, "the file did not pass the relay: {} bytes of {bytes}", heard.len());
    for canary in canaries.iter().map(String::as_str).chain(["canaries.txt", "tweettweet"]) {
        assert!(!holds(&heard, canary), "{canary}");
    }
}

/// The UDP sockets of a process.
#[cfg(target_os = "linux")]
fn udp_sockets(process: u32) -> usize {
    let table = |name| fs::read_to_string(format!("/proc/{process}/net/{name}")).unwrap_or_default();
    let tables = table("udp") + &table("udp6");
    let inodes: Vec<_> = tables.lines().filter_map(|line| line.split_whitespace().nth(9)).collect();
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = files.filter_map(|file| fs::read_link(file.unwrap().path()).ok());
    let is_udp = |target: &std::path::PathBuf| {
        inodes.iter().any(|inode| target.as_os_str() == format!("socket:[{inode}]").as_str())
    };
    targets.filter(is_udp).count()
}

#[cfg(target_os = "linux")]
#[test]
fn who_shows_no_address_has_no_socket_from_which_a_packet_could_tell_it() {
    let site = Site::new();
    let server = site.serve_with_relay(Rules::default(), "0");
    let mut yoda = known(site.login(&server, "yoda"));
    let mut hans = hidden(&site, &server, "hans", &[]);
    open(&mut hans, &mut yoda);
    says(&mut yoda, &mut hans, ["yoda", "hans"], "who is there?");
    assert_eq!(udp_sockets(hans.process()), 0);
    assert_ne!(udp_sockets(yoda.process()), 0);
}
