//! A server for tests that says exactly what a test wants said.

use std::net::SocketAddr;
use std::sync::Arc;

use opaque_ke::{
    ClientRegistration, ClientRegistrationFinishParameters, CredentialFinalization, CredentialRequest,
    RegistrationRequest, RegistrationUpload, ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup,
};
use rand_core::OsRng;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use whoelse_proto::codec::{FrameReader, encode};
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::opaque::{EXPORTER_BYTES, EXPORTER_LABEL, Suite, context, credential_identifier, identifiers};
use whoelse_proto::{
    ALPN, Agent, ClientFrame, DevicePass, Feature, Fingerprint, LoginRefusal, MissedTries, Registration, ResumeToken,
    Seconds, ServerFrame, SessionKind, Timestamp, UserName, VERSION,
};

/// The server's clock.
pub(crate) const THERE: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// An address where nothing listens, and nobody else can as long as the socket is held.
pub(crate) fn deaf_address() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A listener with a key.
pub(crate) struct FakeServer {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) address: SocketAddr,
    pub(crate) opaque: Arc<ServerSetup<Suite>>,
}

/// A connection to it.
pub(crate) struct FakeLine {
    stream: TlsStream<TcpStream>,
    reader: FrameReader,
    opaque: Arc<ServerSetup<Suite>>,
}

/// A key with a certificate.
pub(crate) struct Identity {
    key: KeyPair,
    certificate: rcgen::Certificate,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["whoelse".to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { key, certificate }
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_public_key(&self.key.subject_public_key_info())
    }
}

/// Shows one certificate and signs with whatever key it was given.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl FakeServer {
    /// A server with a fresh key.
    pub(crate) async fn start() -> Self {
        let identity = Identity::new();
        Self::with(&identity, &identity).await
    }

    /// A server that shows one identity's certificate and signs with another's key.
    pub(crate) async fn with(shown: &Identity, signing: &Identity) -> Self {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing.key.serialize_der()));
        let key = ring::sign::any_supported_type(&key).unwrap();
        let certified = CertifiedKey::new(vec![shown.certificate.der().clone()], key);
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Shows(Arc::new(certified))));
        config.alpn_protocols = vec![ALPN.to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let opaque = Arc::new(ServerSetup::new(&mut OsRng));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self { listener, acceptor, fingerprint: shown.fingerprint(), address, opaque }
    }

    /// The next connection, once it is secured.
    pub(crate) async fn accept(&self) -> std::io::Result<FakeLine> {
        let (stream, _) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        let stream = self.acceptor.accept(stream).await?;
        Ok(FakeLine { stream, reader: FrameReader::new(MAX_FRAME), opaque: Arc::clone(&self.opaque) })
    }

    /// The next connection, behind the hello.
    pub(crate) async fn greet(&self) -> FakeLine {
        let mut line = self.accept().await.unwrap();
        line.greet(VERSION).await;
        line
    }

    /// An account's record, as its registration leaves it.
    pub(crate) fn record(&self, name: &str, password: &str) -> ServerRegistration<Suite> {
        let name = UserName::new(name).unwrap();
        let start = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
        let response = ServerRegistration::start(&self.opaque, start.message, credential_identifier(&name)).unwrap();
        let parameters = ClientRegistrationFinishParameters::new(identifiers(&name), None);
        let finish = start.state.finish(&mut OsRng, password.as_bytes(), response.message, parameters).unwrap();
        ServerRegistration::finish(finish.message)
    }
}

impl FakeLine {
    /// The next frame; `None` at the end of the connection.
    pub(crate) async fn receive(&mut self) -> Option<ClientFrame> {
        let mut buffer = vec![0; 4096];
        loop {
            if let Some(frame) = self.reader.next_frame().unwrap() {
                return Some(frame);
            }
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.reader.feed(&buffer[..count]),
            }
        }
    }

    pub(crate) async fn send(&mut self, frame: ServerFrame) {
        let bytes = encode(&frame, MAX_FRAME).unwrap();
        self.stream.write_all(&bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends bytes that need be no frame.
    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Answers the hello.
    pub(crate) async fn greet(&mut self, version: u16) {
        self.greet_with(version, Vec::new()).await;
    }

    /// Answers the hello with what the server can do beyond version 1.
    pub(crate) async fn greet_with(&mut self, version: u16, features: Vec<Feature>) {
        assert!(matches!(self.receive().await, Some(ClientFrame::Hello { .. })));
        let (agent, title) = (Agent::new("fake 1"), Agent::new("Echo Base"));
        let hello = ServerFrame::Hello { version, agent, title, registration: Registration::Open, features };
        self.send(hello).await;
    }

    /// The bytes that bind a login to this connection.
    fn exporter(&self) -> [u8; EXPORTER_BYTES] {
        let (_, tls) = self.stream.get_ref();
        tls.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None).unwrap()
    }

    /// Runs the server's side of a login up to the proof, as on a connection with these exporter bytes. Whether the
    /// client proved the password.
    pub(crate) async fn check_bound_to(
        &mut self,
        record: ServerRegistration<Suite>,
        exporter: [u8; EXPORTER_BYTES],
    ) -> bool {
        let Some(ClientFrame::LoginStart { name, credential_request, .. }) = self.receive().await else { return false };
        let context = context(&exporter);
        let parameters = || ServerLoginParameters { context: Some(&context), identifiers: identifiers(&name) };
        let request = CredentialRequest::<Suite>::deserialize(&credential_request).unwrap();
        let identifier = credential_identifier(&name);
        let start =
            ServerLogin::start(&mut OsRng, &self.opaque, Some(record), request, identifier, parameters()).unwrap();
        self.send(ServerFrame::LoginChallenge { credential_response: start.message.serialize().to_vec() }).await;
        match self.receive().await {
            Some(ClientFrame::LoginFinish { credential_finalization, .. }) => {
                let proof = CredentialFinalization::<Suite>::deserialize(&credential_finalization).unwrap();
                start.state.finish(proof, parameters()).is_ok()
            }
            frame => {
                assert_eq!(frame, Some(ClientFrame::LoginGiveUp {}));
                false
            }
        }
    }

    /// As [`Self::check_bound_to`] this connection.
    pub(crate) async fn check(&mut self, record: ServerRegistration<Suite>) -> bool {
        let exporter = self.exporter();
        self.check_bound_to(record, exporter).await
    }

    /// Runs the server's side of a registration.
    pub(crate) async fn register(&mut self) -> ServerRegistration<Suite> {
        let Some(ClientFrame::RegisterStart { name, registration_request, .. }) = self.receive().await else {
            panic!("no registration")
        };
        let request = RegistrationRequest::<Suite>::deserialize(&registration_request).unwrap();
        let response = ServerRegistration::start(&self.opaque, request, credential_identifier(&name)).unwrap();
        let registration_response = response.message.serialize().to_vec();
        self.send(ServerFrame::RegisterChallenge { registration_response }).await;
        let Some(ClientFrame::RegisterFinish { registration_upload }) = self.receive().await else {
            panic!("no upload")
        };
        self.send(ServerFrame::Registered {}).await;
        ServerRegistration::finish(RegistrationUpload::deserialize(&registration_upload).unwrap())
    }

    /// Lets `name` in, with a pass and with word of wrong passwords.
    pub(crate) async fn welcome_with(&mut self, name: &str, pass: Option<DevicePass>, missed: Option<MissedTries>) {
        let welcome = ServerFrame::Welcome {
            name: UserName::new(name).unwrap(),
            session: SessionKind::New,
            token: ResumeToken::from_bytes([1; 32]),
            timeout: Seconds::new(1800),
            now: THERE,
            since: THERE,
            pass,
            missed,
        };
        self.send(welcome).await;
    }

    /// Lets `name` in, with a token of these bytes.
    pub(crate) async fn welcome(&mut self, name: &str, session: SessionKind, token: u8) {
        let welcome = ServerFrame::Welcome {
            name: UserName::new(name).unwrap(),
            session,
            token: ResumeToken::from_bytes([token; 32]),
            timeout: Seconds::new(1800),
            now: THERE,
            since: THERE,
            pass: None,
            missed: None,
        };
        self.send(welcome).await;
    }

    pub(crate) async fn refuse(&mut self, refusal: LoginRefusal) {
        self.send(ServerFrame::LoginRefused(refusal)).await;
    }
}
