//! The relay that the server names: where it is, how it is known, and that no other is ever used.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use iroh::tls::CaTlsConfig;
use iroh::{Endpoint, RelayConfig, RelayUrl};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error as TlsError, SignatureScheme};
use tokio::sync::watch;

/// A relay as the server names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelayAt {
    /// Where it listens: an address, so that no name is looked up.
    pub(crate) address: SocketAddr,
    /// The only certificate that it shows, in DER.
    pub(crate) certificate: Vec<u8>,
}

impl RelayAt {
    fn url(&self) -> Option<RelayUrl> {
        format!("https://{}/", self.address).parse().ok()
    }
}

/// The relay in use, if any; set anew whenever the server names another.
#[derive(Clone, Debug, Default)]
pub(super) struct Relay(Arc<RwLock<Option<RelayAt>>>);

impl Relay {
    /// Its address, as the endpoint names it.
    pub(super) fn url(&self) -> Option<RelayUrl> {
        self.get().as_ref().and_then(RelayAt::url)
    }

    /// What verifies it: its certificate and no other, whoever signed it.
    pub(super) fn trust(&self) -> CaTlsConfig {
        let relay = self.clone();
        CaTlsConfig::custom_server_cert_verifier(Arc::new(move |provider| -> io::Result<Arc<dyn ServerCertVerifier>> {
            Ok(Arc::new(OneCertificate { relay: relay.clone(), provider }))
        }))
    }

    fn get(&self) -> Option<RelayAt> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, relay: Option<RelayAt>) -> Option<RelayAt> {
        std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), relay)
    }
}

/// Has the endpoint use whatever relay is wanted, and no other, until nobody can want one any more.
pub(super) async fn follow(endpoint: Endpoint, mut wanted: watch::Receiver<Option<RelayAt>>, relay: Relay) {
    while wanted.changed().await.is_ok() {
        let next = wanted.borrow_and_update().clone();
        let before = relay.set(next.clone());
        if before == next {
            continue;
        }
        let (before, next) = (before.as_ref().and_then(RelayAt::url), next.as_ref().and_then(RelayAt::url));
        if let Some(before) = before.filter(|before| Some(before) != next.as_ref()) {
            endpoint.remove_relay(&before).await;
        }
        if let Some(next) = next {
            endpoint.insert_relay(next.clone(), Arc::new(RelayConfig::new(next, None))).await;
        }
    }
}

/// Takes a relay for the right one if it shows the certificate that the server named and signs the handshake with it.
#[derive(Debug)]
struct OneCertificate {
    relay: Relay,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for OneCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if self.relay.get().is_some_and(|relay| relay.certificate == end_entity.as_ref()) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(TlsError::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
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

#[cfg(test)]
mod tests {
    use rustls::crypto::ring::default_provider;

    use super::*;

    fn certificate() -> CertificateDer<'static> {
        let key = rcgen::KeyPair::generate().unwrap();
        let names = ["whoelse-server".to_owned()];
        rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap().der().clone()
    }

    fn at(certificate: &CertificateDer<'_>) -> RelayAt {
        RelayAt { address: ([192, 0, 2, 1], 3332).into(), certificate: certificate.to_vec() }
    }

    #[test]
    fn the_certificate_that_the_server_named_is_taken_and_no_other() {
        let relay = Relay::default();
        let verifier = relay.trust().server_cert_verifier(Arc::new(default_provider())).unwrap();
        let takes = |shown: &CertificateDer<'_>| {
            let name = ServerName::try_from("192.0.2.1").unwrap();
            verifier.verify_server_cert(shown, &[], &name, &[], UnixTime::now()).is_ok()
        };
        let (named, other) = (certificate(), certificate());
        assert!(!takes(&named), "none is named yet");
        relay.set(Some(at(&named)));
        assert!(takes(&named) && !takes(&other));
        relay.set(Some(at(&other)));
        assert!(takes(&other) && !takes(&named), "the server named another");
        relay.set(None);
        assert!(!takes(&other));
    }

    #[test]
    fn a_relay_is_dialled_by_its_address_whichever_family_it_is_of() {
        for (address, url) in
            [("192.0.2.1:3332", "https://192.0.2.1:3332/"), ("[2001:db8::1]:9", "https://[2001:db8::1]:9/")]
        {
            let at = RelayAt { address: address.parse().unwrap(), certificate: Vec::new() };
            assert_eq!(at.url().unwrap().to_string(), url);
        }
    }
}
