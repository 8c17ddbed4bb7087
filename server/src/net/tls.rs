//! The server's key and certificate, and TLS 1.3 with them.
//!
//! The key is the server's identity: clients pin it. The certificate is its wrapping and is made again whenever it
//! is missing or belongs to another key.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::NoServerSessionStorage;
use rustls::sign::CertifiedKey;
use tempfile::NamedTempFile;
use whoelse_proto::{ALPN, Fingerprint};

/// The file of the private key in the data folder, PEM.
const KEY_FILE: &str = "tls.key";

/// The file of the certificate in the data folder, PEM.
const CERTIFICATE_FILE: &str = "tls.crt";

/// The name in the certificate. Clients know the server by its key, so it stands for any host.
const CERTIFICATE_NAME: &str = "whoelse-server";

/// Why the server has no identity to show.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file could not be read.
    #[error("reading {path}: {reason}", path = path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why, without its content.
        reason: String,
    },
    /// A file could not be written.
    #[error("writing {path}: {source}", path = path.display())]
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
    pub(crate) fn load_or_make(data_dir: &Path) -> Result<Self, IdentityError> {
        let key_path = data_dir.join(KEY_FILE);
        if !key_path.try_exists().map_err(|error| unreadable(&key_path, &error))? {
            write_whole(&key_path, &KeyPair::generate()?.serialize_pem())?;
        }
        let provider = Arc::new(ring::default_provider());
        let certified = certified(&key_path, &data_dir.join(CERTIFICATE_FILE), &provider)?;
        let certificate = rustls::server::ParsedCertificate::try_from(certified.end_entity_cert()?)?;
        let fingerprint = Fingerprint::of_public_key(certificate.subject_public_key_info().as_ref());
        Ok(Self { tls: Arc::new(tls_config(certified, provider)?), fingerprint })
    }
}

/// The key with its certificate; with a new one, if there is none or it is of another key.
fn certified(key: &Path, certificate: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, IdentityError> {
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    if certificate.try_exists().map_err(|error| unreadable(certificate, &error))? {
        let chain = read_chain(certificate)?;
        match CertifiedKey::from_der(chain, private.clone_key(), provider) {
            Ok(certified) => return Ok(certified),
            Err(rustls::Error::InconsistentKeys(_)) => {
                tracing::warn!(path = %certificate.display(), "the certificate is of another key, making a new one");
            }
            Err(error) => return Err(unreadable(certificate, &error)),
        }
    }
    let pem = std::fs::read_to_string(key).map_err(|error| unreadable(key, &error))?;
    let signed = CertificateParams::new([CERTIFICATE_NAME.to_owned()])?.self_signed(&KeyPair::from_pem(&pem)?)?;
    write_whole(certificate, &signed.pem())?;
    Ok(CertifiedKey::from_der(vec![signed.der().clone()], private, provider)?)
}

/// The certificates of a file.
fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, IdentityError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, &error))
}

/// TLS 1.3 alone, and nothing kept of a connection beyond its end: a session is resumed by its token, not by TLS.
fn tls_config(certified: CertifiedKey, provider: Arc<CryptoProvider>) -> Result<ServerConfig, IdentityError> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_tls13_tickets = 0;
    Ok(config)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> IdentityError {
    IdentityError::Read { path: path.to_owned(), reason: error.to_string() }
}

/// Writes a file whole or not at all, for its owner alone.
fn write_whole(path: &Path, content: &str) -> Result<(), IdentityError> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        sync_folder(folder)
    };
    write().map_err(|source| IdentityError::Write { path: path.to_owned(), source })
}

/// Makes a rename in `folder` durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Windows makes renames durable by itself and opens no folders.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_made_at_the_first_start_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let first = Identity::load_or_make(dir.path()).unwrap();
        let again = Identity::load_or_make(dir.path()).unwrap();
        assert_eq!(first.fingerprint, again.fingerprint);
        let key = KeyPair::from_pem(&std::fs::read_to_string(dir.path().join(KEY_FILE)).unwrap()).unwrap();
        let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
        assert_eq!(first.fingerprint, Fingerprint::of_public_key(&spki));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        Identity::load_or_make(dir.path()).unwrap();
        let mode = std::fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_certificate_that_is_missing_or_of_another_key_is_made_again() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = Identity::load_or_make(dir.path()).unwrap();
        Identity::load_or_make(other.path()).unwrap();

        std::fs::remove_file(dir.path().join(CERTIFICATE_FILE)).unwrap();
        assert_eq!(Identity::load_or_make(dir.path()).unwrap().fingerprint, first.fingerprint);
        std::fs::copy(other.path().join(CERTIFICATE_FILE), dir.path().join(CERTIFICATE_FILE)).unwrap();
        assert_eq!(Identity::load_or_make(dir.path()).unwrap().fingerprint, first.fingerprint);
    }

    #[test]
    fn a_key_that_cannot_be_read_stops_the_start_and_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(KEY_FILE);
        std::fs::write(&path, "no key").unwrap();
        let error = Identity::load_or_make(dir.path()).unwrap_err();
        assert!(error.to_string().contains(KEY_FILE), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "no key");
    }
}
