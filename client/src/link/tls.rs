//! TLS 1.3 to a server that is known by its key: no authority, no name, no date counts.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use whoelse_proto::{ALPN, Fingerprint};

/// How a handshake ended.
pub(super) enum Handshake {
    /// The server has the key that was expected, and has proved it.
    Secured(Box<TlsStream<TcpStream>>),
    /// The server showed another key than the one expected, if one was. Nothing was sent.
    OtherKey(Fingerprint),
    /// There was no handshake.
    Failed(std::io::Error),
}

/// Secures a connection if the server has the key `expected`.
pub(super) async fn secure(stream: TcpStream, expected: Option<Fingerprint>) -> Handshake {
    let verifier = Arc::new(PinVerifier::new(expected));
    let connector = match config(Arc::clone(&verifier)) {
        Ok(config) => TlsConnector::from(Arc::new(config)),
        Err(error) => return Handshake::Failed(std::io::Error::other(error)),
    };
    // The name does not count; in place of an address, none is sent.
    let no_name = ServerName::from(Ipv4Addr::UNSPECIFIED);
    match connector.connect(no_name, stream).await {
        Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(ALPN) => Handshake::Secured(Box::new(stream)),
        Ok(_) => Handshake::Failed(std::io::Error::other("it does not speak this protocol")),
        Err(error) => match verifier.other_key() {
            Some(shown) => Handshake::OtherKey(shown),
            None => Handshake::Failed(error),
        },
    }
}

/// TLS 1.3 alone, with our verifier, and every connection with a whole handshake: a resumed one shows no key.
fn config(verifier: Arc<PinVerifier>) -> Result<ClientConfig, TlsError> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Takes a server for the right one if its public key is the pinned one and it signs the handshake with it.
#[derive(Debug)]
struct PinVerifier {
    expected: Option<Fingerprint>,
    /// The key of the certificate that was turned down.
    other: Mutex<Option<Fingerprint>>,
    provider: Arc<CryptoProvider>,
}

impl PinVerifier {
    fn new(expected: Option<Fingerprint>) -> Self {
        Self { expected, other: Mutex::new(None), provider: Arc::new(ring::default_provider()) }
    }

    /// The key that was shown and was not the one expected.
    fn other_key(&self) -> Option<Fingerprint> {
        *self.other.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let shown = Fingerprint::of_public_key(&certificate.subject_public_key_info());
        if self.expected == Some(shown) {
            return Ok(ServerCertVerified::assertion());
        }
        *self.other.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        Err(TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Err(TlsError::General("only TLS 1.3 is spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
