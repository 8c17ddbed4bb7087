//! The server's key and certificate, and TLS 1.3 with them.
//!
//! The key is the server's identity: clients pin it. The certificate is its wrapping and is made again whenever it
//! is missing or belongs to another key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, ServerConfig};
use whoelse_proto::{ALPN, Fingerprint};
use zeroize::Zeroizing;

use crate::data_dir::Paths;
use crate::whole_file;

/// The name in the certificate. Clients know the server by its key, so it stands for any host.
const CERTIFICATE_NAME: &str = "whoelse-server";

/// Why the server has no identity to show.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The key is damaged.
    #[error(
        "{} is damaged: it holds no private key in PEM; put it back from a backup, or remove it: then another key is made, and every client stops and asks",
        .0.display()
    )]
    Key(PathBuf),
    /// A file could not be read.
    #[error("cannot read {path}: {reason}", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why, without its content.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {reason}", path = path.display(), reason = whoelse_plain::file(source))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Making the key or the certificate failed.
    #[error("making a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// Key and certificate cannot be used.
    #[error("setting up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// What the server shows in every handshake.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// For the handshakes.
    pub(crate) tls: Arc<ServerConfig>,
    /// What clients pin.
    pub(crate) fingerprint: Fingerprint,
}

impl Identity {
    /// Takes key and certificate from the data folder, and makes there what is missing.
    ///
    /// # Errors
    /// [`IdentityError`]; a key that is there and cannot be read is never replaced.
    pub(crate) fn load_or_make(paths: &Paths) -> Result<Self, IdentityError> {
        let provider = Arc::new(provider());
        let certified = load_or_make(&paths.tls_key(), &paths.tls_certificate(), &provider)?;
        let parsed = rustls::server::ParsedCertificate::try_from(certified.end_entity_cert()?)?;
        let fingerprint = Fingerprint::of_public_key(parsed.subject_public_key_info().as_ref());
        Ok(Self { tls: Arc::new(tls_config(certified, provider, &[ALPN])?), fingerprint })
    }
}

/// What the relay shows in every handshake: a key of its own, which no client pins for longer than a session.
#[cfg(feature = "relay")]
#[derive(Clone, Debug)]
pub(crate) struct RelayIdentity {
    /// For the handshakes.
    pub(crate) tls: Arc<ServerConfig>,
    /// What clients are told to expect.
    pub(crate) certificate: CertificateDer<'static>,
}

#[cfg(feature = "relay")]
impl RelayIdentity {
    /// Takes key and certificate from the data folder, and makes there what is missing.
    ///
    /// # Errors
    /// [`IdentityError`]; a key that is there and cannot be read is never replaced.
    pub(crate) fn load_or_make(paths: &Paths) -> Result<Self, IdentityError> {
        let provider = Arc::new(provider());
        let certified = load_or_make(&paths.relay_key(), &paths.relay_certificate(), &provider)?;
        let certificate = certified.end_entity_cert()?.clone().into_owned();
        Ok(Self { tls: Arc::new(tls_config(certified, provider, &[])?), certificate })
    }
}

/// The key of a file with its certificate, both made if they are missing.
fn load_or_make(key: &Path, certificate: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, IdentityError> {
    if !exists(key)? {
        let made = whole_file::create(key, KeyPair::generate()?.serialize_pem().as_bytes());
        made.map_err(|source| IdentityError::Write { path: key.to_owned(), source })?;
    }
    certified(key, certificate, provider)
}

/// What `ring` can do, with the server's order of cipher suites.
fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    provider.cipher_suites.sort_by_key(|suite| suite.suite() != CipherSuite::TLS13_AES_128_GCM_SHA256);
    provider
}

/// The key with its certificate; with a new one, if there is none or it is of another key.
fn certified(key: &Path, certificate: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, IdentityError> {
    let pem = Zeroizing::new(std::fs::read(key).map_err(|error| unreadable(key, &error))?);
    let damaged = || IdentityError::Key(key.to_owned());
    let private = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| damaged())?;
    let is_there = exists(certificate)?;
    if is_there {
        let path = certificate.display();
        match read_chain(certificate)?.map(|chain| CertifiedKey::from_der(chain, private.clone_key(), provider)) {
            Some(Ok(certified)) => return Ok(certified),
            Some(Err(rustls::Error::InconsistentKeys(_))) => {
                tracing::warn!("{path} is the certificate of another key; a new one is made");
            }
            Some(Err(_)) | None => tracing::warn!("{path} is damaged; a new certificate is made for the same key"),
        }
    }
    let pair = std::str::from_utf8(&pem).ok().and_then(|pem| KeyPair::from_pem(pem).ok()).ok_or_else(damaged)?;
    let signed = CertificateParams::new([CERTIFICATE_NAME.to_owned()])?.self_signed(&pair)?;
    let write = if is_there { whole_file::replace } else { whole_file::create };
    if let Err(error) = write(certificate, signed.pem().as_bytes()) {
        // The key is what clients know the server by.
        tracing::warn!(
            "{} cannot be written, the certificate is not kept: {}",
            certificate.display(),
            whoelse_plain::file(&error)
        );
    }
    CertifiedKey::from_der(vec![signed.der().clone()], private, provider).map_err(|_| damaged())
}

fn exists(path: &Path) -> Result<bool, IdentityError> {
    path.try_exists().map_err(|error| unreadable(path, &error))
}

/// The certificates of a file; `None` if it holds something else.
fn read_chain(path: &Path) -> Result<Option<Vec<CertificateDer<'static>>>, IdentityError> {
    let pem = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().ok();
    Ok(chain.filter(|chain| !chain.is_empty()))
}

/// TLS 1.3 alone, and nothing kept of a connection beyond its end: a session is resumed by its token, not by TLS.
///
/// Of the cipher suites the server chooses: first the one that every implementation has (RFC 8446, section 9.1), whose
/// hash processors compute in hardware; a handshake hashes more than it encrypts.
fn tls_config(
    certified: CertifiedKey,
    provider: Arc<CryptoProvider>,
    protocols: &[&[u8]],
) -> Result<ServerConfig, IdentityError> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    config.ignore_client_order = true;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_tls13_tickets = 0;
    Ok(config)
}

fn unreadable(path: &Path, error: &std::io::Error) -> IdentityError {
    IdentityError::Read { path: path.to_owned(), reason: whoelse_plain::file(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of a data folder, which goes with the guard.
    fn folder() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths { data_dir: dir.path().to_owned(), credentials: dir.path().join("credentials.txt") };
        (dir, paths)
    }

    #[test]
    fn the_key_made_at_the_first_start_is_kept() {
        let (_dir, paths) = folder();
        let first = Identity::load_or_make(&paths).unwrap();
        let again = Identity::load_or_make(&paths).unwrap();
        assert_eq!(first.fingerprint, again.fingerprint);
        let key = KeyPair::from_pem(&std::fs::read_to_string(paths.tls_key()).unwrap()).unwrap();
        let public = rcgen::PublicKeyData::subject_public_key_info(&key);
        assert_eq!(first.fingerprint, Fingerprint::of_public_key(&public));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, paths) = folder();
        Identity::load_or_make(&paths).unwrap();
        let mode = std::fs::metadata(paths.tls_key()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_certificate_that_is_missing_or_of_another_key_is_made_again() {
        let ((_dir, paths), (_other_dir, other)) = (folder(), folder());
        let first = Identity::load_or_make(&paths).unwrap();
        Identity::load_or_make(&other).unwrap();

        std::fs::remove_file(paths.tls_certificate()).unwrap();
        assert_eq!(Identity::load_or_make(&paths).unwrap().fingerprint, first.fingerprint);
        std::fs::copy(other.tls_certificate(), paths.tls_certificate()).unwrap();
        assert_eq!(Identity::load_or_make(&paths).unwrap().fingerprint, first.fingerprint);
    }

    #[test]
    fn a_damaged_key_stops_the_start_names_the_remedy_and_is_left_alone() {
        let (_dir, paths) = folder();
        Identity::load_or_make(&paths).unwrap();
        let whole = std::fs::read(paths.tls_key()).unwrap();
        let half = &whole[..whole.len() / 2];
        let garbled = [&whole[..40], b"AAAA", &whole[44..]].concat();
        for bytes in [b"no key".as_slice(), b"", b"\xff\xfe", half, &garbled] {
            std::fs::write(paths.tls_key(), bytes).unwrap();
            std::fs::remove_file(paths.tls_certificate()).ok();
            let error = Identity::load_or_make(&paths).unwrap_err().to_string();
            assert!(error.contains("tls.key is damaged") && error.contains("backup"), "{error}");
            assert_eq!(std::fs::read(paths.tls_key()).unwrap(), bytes);
        }
    }

    #[test]
    fn a_damaged_certificate_is_made_again_for_the_same_key() {
        let (_dir, paths) = folder();
        let first = Identity::load_or_make(&paths).unwrap();
        let whole = std::fs::read(paths.tls_certificate()).unwrap();
        for bytes in [b"".as_slice(), b"no certificate", &whole[..whole.len() / 2], b"\xff"] {
            std::fs::write(paths.tls_certificate(), bytes).unwrap();
            assert_eq!(Identity::load_or_make(&paths).unwrap().fingerprint, first.fingerprint);
            assert!(std::fs::read(paths.tls_certificate()).unwrap().starts_with(b"-----BEGIN CERTIFICATE"));
        }
    }
}
