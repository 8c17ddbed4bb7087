//! A client in the plainest code, and a server to try it on.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    ClientRegistrationStartResult, CredentialResponse, RegistrationResponse,
};
use rand_core::OsRng;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use whoelse_proto::codec::{self, FrameReader};
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::opaque::{EXPORTER_BYTES, EXPORTER_LABEL, Suite, context, identifiers};
use whoelse_proto::{
    ALPN, Agent, Answer, ClientFrame, Command, Content, Envelope, Fingerprint, LoginRefusal, MessageId, Outcome,
    ProtocolFault, Refusal, RequestId, ResumeToken, ServerFrame, SessionEnd, SessionKind, Target, Text, Timestamp,
    UserName, VersionRange,
};
use whoelse_server::{Config, Listen, Server};

/// How long anything may take before a test counts as hung. Nothing is measured by it.
const HUNG: Duration = Duration::from_mins(1);

/// The password of every account of [`TestServer`].
pub(crate) const PASSWORD: &str = "Falcon#1";

/// The accounts of [`TestServer`].
pub(crate) const NAMES: [&str; 5] = ["hans", "yoda", "vader", "leia", "luke"];

pub(crate) fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

/// Fails the test if it hangs.
pub(crate) async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(HUNG, future).await.unwrap_or_else(|_| panic!("{what} hangs"))
}

/// Where a server is, and its key.
#[derive(Clone, Copy)]
pub(crate) struct Pin {
    pub(crate) address: SocketAddr,
    pub(crate) fingerprint: Fingerprint,
}

impl Pin {
    pub(crate) async fn connect(&self) -> Client {
        Client::connect(self.address, self.fingerprint).await
    }

    /// A client behind its hello.
    pub(crate) async fn greeted(&self) -> Client {
        let mut client = self.connect().await;
        client.hello().await;
        client
    }

    /// A client that is logged in and has read its roster.
    pub(crate) async fn logged_in(&self, name: &str) -> Client {
        let mut client = self.greeted().await;
        client.login(name, PASSWORD).await.unwrap();
        client.skip_roster().await;
        client
    }
}

/// A server in a folder of its own.
pub(crate) struct TestServer {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
    pin: Pin,
}

impl std::ops::Deref for TestServer {
    type Target = Pin;
    fn deref(&self) -> &Pin {
        &self.pin
    }
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(config).await
    }

    /// One that reads nobody slowly.
    pub(crate) async fn start_unslowed() -> Self {
        Self::start_with(|folder| {
            let mut config = config(folder);
            config.limits.send_kib_per_second = 0;
            config
        })
        .await
    }

    async fn start_with(config: impl Fn(&Path) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("credentials.txt"), credentials()).unwrap();
        let server = Server::start(config(folder.path())).await.unwrap();
        let pin = Pin { address: server.addresses()[0], fingerprint: server.fingerprint() };
        Self { server, folder, pin }
    }
}

/// The accounts of a server to try.
pub(crate) fn credentials() -> String {
    NAMES.map(|name| format!("{name} {PASSWORD}\n")).concat()
}

/// A server on a free port of the loopback.
pub(crate) fn config(folder: &Path) -> Config {
    let mut config = Config::new(folder.join("data"), folder.join("credentials.txt"));
    config.listen = Listen::At((Ipv4Addr::LOCALHOST, 0).into());
    config
}

/// What a login brought.
#[derive(Debug)]
pub(crate) struct Welcome {
    pub(crate) session: SessionKind,
    pub(crate) token: ResumeToken,
}

/// Takes any certificate whose key has the fingerprint, and checks that the server holds the key.
#[derive(Debug)]
struct Pinned(Fingerprint, Arc<CryptoProvider>);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let parsed = rustls::server::ParsedCertificate::try_from(certificate)?;
        let shown = Fingerprint::of_public_key(parsed.subject_public_key_info().as_ref());
        if shown == self.0 { Ok(ServerCertVerified::assertion()) } else { Err(rustls::Error::General("pin".into())) }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 alone".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.1.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.signature_verification_algorithms.supported_schemes()
    }
}

/// TLS 1.3 to the server with this fingerprint.
pub(crate) fn connector(fingerprint: Fingerprint, alpn: &[u8]) -> TlsConnector {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned(fingerprint, provider)))
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config).into()
}

/// One connection.
pub(crate) struct Client {
    stream: TlsStream<TcpStream>,
    reader: FrameReader,
    last_request: RequestId,
    last_message: u64,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr, fingerprint: Fingerprint) -> Self {
        Self::connect_with(&connector(fingerprint, ALPN), TcpSocket::new_v4().unwrap(), address).await
    }

    pub(crate) async fn connect_with(tls: &TlsConnector, socket: TcpSocket, address: SocketAddr) -> Self {
        let socket = in_time("connecting", socket.connect(address)).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let server = ServerName::try_from("whoelse-server").unwrap();
        let stream = in_time("the handshake", tls.connect(server, socket)).await.unwrap();
        Self { stream, reader: FrameReader::new(MAX_FRAME), last_request: RequestId::new(0), last_message: 0 }
    }

    pub(crate) async fn send(&mut self, frame: &ClientFrame) {
        self.send_bytes(&codec::encode(frame, MAX_FRAME).unwrap()).await.unwrap();
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        in_time("sending", async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        })
        .await
    }

    /// Sends a frame with this body, whatever it is.
    pub(crate) async fn send_body(&mut self, body: &[u8]) {
        let mut bytes = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        // A server that closes at the first bytes need not read the last.
        let _ = self.send_bytes(&bytes).await;
    }

    /// The next frame; nothing at the end of the connection.
    pub(crate) async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            if let Some(frame) = self.reader.next_frame().unwrap() {
                return Some(frame);
            }
            let mut buffer = vec![0; 16 * 1024];
            match in_time("receiving", self.stream.read(&mut buffer)).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.reader.feed(&buffer[..count]),
            }
        }
    }

    /// The next frame that is no ping.
    pub(crate) async fn receive(&mut self) -> ServerFrame {
        loop {
            match self.next().await.expect("the server closed the connection") {
                ServerFrame::Ping {} => self.send(&ClientFrame::Pong {}).await,
                frame => return frame,
            }
        }
    }

    /// The next frame for which `pick` gives something; others are skipped.
    pub(crate) async fn receive_that<T>(&mut self, pick: impl Fn(ServerFrame) -> Option<T>) -> T {
        loop {
            if let Some(picked) = pick(self.receive().await) {
                return picked;
            }
        }
    }

    pub(crate) async fn hello(&mut self) -> ServerFrame {
        let versions = VersionRange::OURS;
        self.send(&ClientFrame::Hello { versions, agent: Agent::new("test"), features: vec![] }).await;
        self.receive().await
    }

    pub(crate) fn exporter(&self) -> [u8; EXPORTER_BYTES] {
        let (_, tls) = self.stream.get_ref();
        tls.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None).unwrap()
    }

    /// Logs in with OPAQUE.
    pub(crate) async fn login(&mut self, user: &str, password: &str) -> Result<Welcome, LoginRefusal> {
        let exporter = self.exporter();
        self.login_bound_to(user, password, exporter).await
    }

    pub(crate) async fn login_bound_to(
        &mut self,
        user: &str,
        password: &str,
        exporter: [u8; EXPORTER_BYTES],
    ) -> Result<Welcome, LoginRefusal> {
        self.prove(user, password, exporter, None).await?;
        self.welcome().await
    }

    /// Proves a password, or gives up.
    async fn prove(
        &mut self,
        user: &str,
        password: &str,
        exporter: [u8; EXPORTER_BYTES],
        new_password: Option<Vec<u8>>,
    ) -> Result<(), LoginRefusal> {
        let user = name(user);
        let start = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let credential_request = start.message.serialize().to_vec();
        self.send(&ClientFrame::LoginStart { name: user.clone(), credential_request, pass: None }).await;
        let response = match self.receive().await {
            ServerFrame::LoginChallenge { credential_response } => credential_response,
            ServerFrame::LoginRefused(refusal) => return Err(refusal),
            other => panic!("{other:?}"),
        };
        let response = CredentialResponse::deserialize(&response).unwrap();
        let context = context(&exporter);
        let parameters = ClientLoginFinishParameters {
            context: Some(&context),
            identifiers: identifiers(&user),
            ..ClientLoginFinishParameters::default()
        };
        match start.state.finish(&mut OsRng, password.as_bytes(), response, parameters) {
            Ok(finish) => {
                let credential_finalization = finish.message.serialize().to_vec();
                self.send(&ClientFrame::LoginFinish { credential_finalization, take_over: false, new_password }).await;
            }
            Err(_) => self.send(&ClientFrame::LoginGiveUp {}).await,
        }
        Ok(())
    }

    /// Proves the old password and uploads the record of the new one.
    pub(crate) async fn change_password(&mut self, user: &str, old: &str, new: &str) -> Result<(), LoginRefusal> {
        let exporter = self.exporter();
        let registration = ClientRegistration::<Suite>::start(&mut OsRng, new.as_bytes()).unwrap();
        let new_password = Some(registration.message.serialize().to_vec());
        self.prove(user, old, exporter, new_password).await?;
        self.upload(&name(user), new, registration).await
    }

    /// Asks for a challenge and leaves it at that.
    pub(crate) async fn half_a_login(&mut self, user: &str) {
        let start = ClientLogin::<Suite>::start(&mut OsRng, b"guess").unwrap();
        let credential_request = start.message.serialize().to_vec();
        self.send(&ClientFrame::LoginStart { name: name(user), credential_request, pass: None }).await;
        let answer = self.receive().await;
        assert!(matches!(answer, ServerFrame::LoginChallenge { .. }), "{answer:?}");
    }

    /// Makes an account with OPAQUE.
    pub(crate) async fn register(&mut self, user: &str, password: &str) -> Result<(), LoginRefusal> {
        let user = name(user);
        let start = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let registration_request = start.message.serialize().to_vec();
        self.send(&ClientFrame::RegisterStart { name: user.clone(), registration_request, invite: None }).await;
        self.upload(&user, password, start).await
    }

    /// Takes the server's part of a registration and uploads the record.
    async fn upload(
        &mut self,
        user: &UserName,
        password: &str,
        start: ClientRegistrationStartResult<Suite>,
    ) -> Result<(), LoginRefusal> {
        let response = match self.receive().await {
            ServerFrame::RegisterChallenge { registration_response } => registration_response,
            ServerFrame::LoginRefused(refusal) => return Err(refusal),
            other => panic!("{other:?}"),
        };
        let response = RegistrationResponse::deserialize(&response).unwrap();
        let parameters = ClientRegistrationFinishParameters::new(identifiers(user), None);
        let finish = start.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap();
        let registration_upload = finish.message.serialize().to_vec();
        self.send(&ClientFrame::RegisterFinish { registration_upload }).await;
        match self.receive().await {
            ServerFrame::Registered {} => Ok(()),
            ServerFrame::LoginRefused(refusal) => Err(refusal),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn resume(&mut self, user: &str, token: &ResumeToken) -> Result<Welcome, LoginRefusal> {
        self.send(&ClientFrame::Resume { name: name(user), token: token.clone() }).await;
        self.welcome().await
    }

    async fn welcome(&mut self) -> Result<Welcome, LoginRefusal> {
        match self.receive().await {
            ServerFrame::Welcome { session, token, .. } => Ok(Welcome { session, token }),
            ServerFrame::LoginRefused(refusal) => Err(refusal),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn skip_roster(&mut self) {
        let is_end = |frame| matches!(frame, ServerFrame::Roster { more: false, .. }).then_some(());
        self.receive_that(is_end).await;
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn request(&mut self, command: Command) -> Result<Answer, Refusal> {
        let asked = self.ask(command).await;
        self.answer_to(asked).await
    }

    pub(crate) async fn ask(&mut self, command: Command) -> RequestId {
        self.last_request = self.last_request.next();
        self.send(&ClientFrame::Request { id: self.last_request, command }).await;
        self.last_request
    }

    pub(crate) async fn answer_to(&mut self, asked: RequestId) -> Result<Answer, Refusal> {
        let outcome = self.receive_that(|frame| match frame {
            ServerFrame::Reply { id, outcome, .. } if id == asked => Some(outcome),
            _ => None,
        });
        match outcome.await {
            Outcome::Ok(answer) => Ok(answer),
            Outcome::Refused(refusal) => Err(refusal),
        }
    }

    /// Sends words, and waits until the server has taken them.
    pub(crate) async fn say(&mut self, to: &str, words: &str) {
        let command = self.words(to, words);
        let answer = self.request(command).await;
        assert!(matches!(answer, Ok(Answer::Accepted { .. })), "{answer:?}");
    }

    pub(crate) fn words(&mut self, to: &str, words: &str) -> Command {
        self.last_message += 1;
        let mut random = [0; 10];
        getrandom::fill(&mut random).unwrap();
        let id = MessageId::new(Timestamp::from_millis(self.last_message), random);
        let content = Content::Text { text: Text::new(words).unwrap(), reply_to: None };
        Command::Send { id, to: Target::User(name(to)), content }
    }

    /// The next words that arrive, acknowledged.
    pub(crate) async fn hear(&mut self) -> (String, String) {
        let envelope: Envelope = self
            .receive_that(|frame| match frame {
                ServerFrame::Deliver(envelope) => Some(envelope),
                _ => None,
            })
            .await;
        self.send(&ClientFrame::Ack { up_to: envelope.seq }).await;
        let Content::Text { text, .. } = envelope.content else { panic!("no text") };
        (envelope.from.to_string(), text.as_str().to_owned())
    }

    /// Reads to the end of the connection and gives the fault that it closed over.
    pub(crate) async fn fault(&mut self) -> Option<ProtocolFault> {
        let mut fault = None;
        while let Some(frame) = self.next().await {
            if let ServerFrame::Fault(told) = frame {
                fault = Some(told);
            }
        }
        fault
    }

    /// Reads to the end of the connection, silently, and gives the end of the session that it was told.
    pub(crate) async fn session_end(&mut self) -> Option<SessionEnd> {
        let mut end = None;
        while let Some(frame) = self.next().await {
            if let ServerFrame::SessionEnded { reason } = frame {
                end = Some(reason);
            }
        }
        end
    }

    /// Says goodbye to TLS and waits until the server has closed as well.
    pub(crate) async fn hang_up(mut self) {
        self.stream.shutdown().await.unwrap();
        while self.next().await.is_some() {}
    }
}

/// Whether two clients can talk: that the server serves others as before.
pub(crate) async fn assert_chat(one: &mut Client, other: &mut Client, other_name: &str, words: &str) {
    one.say(other_name, words).await;
    assert_eq!(other.hear().await.1, words);
}
