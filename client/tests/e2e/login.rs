//! Logins, accounts and the lock.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use opaque_ke::ClientLogin;
use rand_core::OsRng;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use serde_json::{Value, json};
use whoelse_proto::codec::{FrameReader, encode};
use whoelse_proto::limits::MAX_FRAME_BEFORE_LOGIN;
use whoelse_proto::opaque::Suite;
use whoelse_proto::{ALPN, Agent, ClientFrame, ServerFrame, UserName, VersionRange};

use super::harness::{Rules, Server, Site, message, password};

#[test]
fn the_right_password_is_welcomed() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "hans").logout();
}

/// Three wrong passwords of yoda's, each on a connection of its own, and what the last one is told.
fn lock_yoda(site: &Site, server: &Server) -> Value {
    let wrong = |left| json!({"event": "login", "ok": false, "reason": "wrong_password", "tries_left": left});
    assert_eq!(refused(site, server, "sith"), wrong(2));
    assert_eq!(refused(site, server, "falcon"), wrong(1));
    refused(site, server, "wise")
}

/// What yoda is told with this password.
fn refused(site: &Site, server: &Server, password: &str) -> Value {
    let mut client = site.start(server, "yoda", password, &[]);
    let answer = client.next();
    client.ends(3);
    answer
}

#[test]
fn three_wrong_passwords_lock_the_name_even_for_the_right_one() {
    let site = Site::new();
    let server = site.serve(Rules { lock_s: 600, ..Rules::default() });
    let locked = json!({"event": "login", "ok": false, "reason": "locked", "retry_after_s": 600});
    assert_eq!(lock_yoda(&site, &server), locked);
    let answer = refused(&site, &server, password("yoda"));
    assert_eq!((&answer["reason"], &answer["ok"]), (&json!("locked"), &json!(false)));
    assert!(answer["retry_after_s"].as_u64().is_some_and(|left| left <= 600), "{answer}");
    site.login(&server, "hans").logout();
}

#[test]
fn each_wrong_password_is_logged_with_name_and_address_before_it_is_answered() {
    let site = Site::new();
    let server = site.serve(Rules { lock_s: 600, ..Rules::default() });
    lock_yoda(&site, &server);
    refused(&site, &server, password("yoda"));
    let log = site.server_log();
    let failures: Vec<_> =
        log.lines().filter_map(|line| line.split_once("wrong password")).map(|(_, told)| told).collect();
    let from = " for yoda from 127.0.0.1; ";
    let tries = [format!("{from}tries left: 2"), format!("{from}tries left: 1"), format!("{from}locked for 600 s")];
    assert_eq!(failures, tries, "a try during the lock is none: {log}");
    assert!(["sith", "falcon", "luminous"].iter().all(|word| !log.contains(word)), "{log}");
}

#[test]
fn a_locked_name_is_welcome_after_the_lock() {
    let site = Site::new();
    let server = site.serve(Rules { lock_s: 1, ..Rules::default() });
    assert_eq!(lock_yoda(&site, &server)["reason"], json!("locked"));
    loop {
        let mut client = site.start(&server, "yoda", password("yoda"), &[]);
        let answer = client.next();
        if answer["ok"] == json!(true) {
            client.logout();
            break;
        }
        assert_eq!(answer["reason"], json!("locked"), "{answer}");
        client.ends(3);
    }
}

#[test]
fn a_right_password_starts_the_count_again_and_tells_of_the_wrong_ones() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    for _ in 0..2 {
        for left in [2, 1] {
            let mut client = site.start(&server, "yoda", "sith", &[]);
            client.expect(json!({"event": "login", "ok": false, "reason": "wrong_password", "tries_left": left}));
            client.ends(3);
        }
        let mut client = site.start(&server, "yoda", password("yoda"), &[]);
        let welcome = client.next();
        assert_eq!(welcome["ok"], true, "{welcome}");
        assert_eq!(welcome["wrong_passwords"], 2, "{welcome}");
        client.logout();
    }
}

#[test]
fn a_password_is_changed_within_the_session_and_holds_after_a_restart_of_the_server() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = site.login(&server, "yoda");
    yoda.line("passwd sith luminous");
    yoda.expect(json!({"event": "error", "command": "passwd", "code": "wrong_password"}));
    yoda.line(&format!(r#"{{"command":"passwd","old":"{}","new":"luminous","ref":"7"}}"#, password("yoda")));
    yoda.expect(json!({"event": "ok", "command": "passwd", "ref": "7"}));
    yoda.line("whoelse");
    yoda.expect(json!({"event": "whoelse", "users": []}));
    yoda.finish(&[json!({"event": "session_end", "reason": "logout"})], 4);

    let port = server.stop();
    let server = site.serve_on(port, Rules::default());
    let mut old = site.start(&server, "yoda", password("yoda"), &[]);
    old.expect(json!({"event": "login", "ok": false, "reason": "wrong_password", "tries_left": 2}));
    old.ends(3);
    let mut new = site.start(&server, "yoda", "luminous", &[]);
    assert_eq!(new.next()["ok"], true);
    new.logout();
}

#[test]
fn a_new_account_is_made_and_can_log_in_after_a_restart_of_the_server() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut client = site.start(&server, "jaba", "hutt", &[]);
    client.expect(json!({"event": "login", "ok": false, "reason": "unknown_user"}));
    client.ends(3);
    let mut client = site.start(&server, "jaba", "hutt", &["--register"]);
    client.expect(json!({"event": "login", "ok": true}));
    client.logout();
    let mut client = site.start(&server, "jaba", "other", &["--register"]);
    client.expect(json!({"event": "login", "ok": false, "reason": "name_taken"}));
    client.ends(3);

    let port = server.stop();
    let server = site.serve_on(port, Rules::default());
    let mut client = site.start(&server, "jaba", "hutt", &[]);
    client.expect(json!({"event": "login", "ok": true}));
    client.logout();
}

#[test]
fn a_name_that_is_online_is_refused_and_the_session_goes_on() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let mut again = site.start_elsewhere(&server, "hans");
    again.expect(json!({"event": "login", "ok": false, "reason": "already_online"}));
    again.ends(3);
    hans.ask("blocked", json!({"event": "blocked", "users": []}));
    hans.logout();
}

#[test]
fn two_unfinished_logins_delay_nobody() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let silent = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let challenged = Unfinished::challenged(&server, "yoda");
    let mut yoda = site.login(&server, "yoda");
    let mut hans = site.login(&server, "hans");
    yoda.expect(super::harness::presence("hans", "login"));
    hans.deliver("yoda", "nobody waits");
    yoda.expect(message("hans", "nobody waits"));
    drop((silent, challenged));
    hans.logout();
}

/// A login that got its challenge and does not go on.
struct Unfinished(#[allow(dead_code, reason = "held open")] StreamOwned<ClientConnection, TcpStream>);

impl Unfinished {
    fn challenged(server: &Server, name: &str) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody))
            .with_no_client_auth();
        config.alpn_protocols = vec![ALPN.to_vec()];
        let connection = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        let hello =
            ClientFrame::Hello { versions: VersionRange::OURS, agent: Agent::new("half"), features: Vec::new() };
        let start = ClientLogin::<Suite>::start(&mut OsRng, b"wise@!@1wise").unwrap();
        let credential_request = start.message.serialize().to_vec();
        let login = ClientFrame::LoginStart { name: UserName::new(name).unwrap(), credential_request, pass: None };
        for frame in [hello, login] {
            stream.write_all(&encode(&frame, MAX_FRAME_BEFORE_LOGIN).unwrap()).unwrap();
        }
        let mut reader = FrameReader::new(MAX_FRAME_BEFORE_LOGIN);
        let mut buffer = [0; 1024];
        loop {
            match reader.next_frame().unwrap() {
                Some(ServerFrame::LoginChallenge { .. }) => return Self(stream),
                Some(_) => {}
                None => {
                    let count = stream.read(&mut buffer).unwrap();
                    reader.feed(&buffer[..count]);
                }
            }
        }
    }
}

/// Takes anybody for the server: the test is about the server's side.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
