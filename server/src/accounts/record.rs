//! A password as an OPAQUE record: made from a plain one, written as a word that begins with `$opaque$`.

use data_encoding::BASE64URL_NOPAD;
use opaque_ke::errors::ProtocolError;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    RegistrationUpload, ServerLogin, ServerLoginParameters, ServerRegistration,
};
use rand_core::OsRng;
use whoelse_proto::opaque::{SALT_BYTES, Suite, identifiers};
use whoelse_proto::{Password, UserName};

use super::LineFault;
use super::key::{KeyId, ServerKey};
use super::salt::{Salt, identifier};

/// How a sealed password begins; no plain one may.
pub(super) const SEALED: &str = "$opaque$";

/// The first version of the written form, behind [`SEALED`]: `$opaque$1$KEY$RECORD`. Read, never made: the
/// OPRF key of such a record follows from the name alone.
const UNSALTED: &str = "1";

/// The version that is written: `$opaque$2$KEY$SALT$RECORD`.
const SALTED: &str = "2";

/// What the server keeps of a password: it cannot be read from it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealedPassword {
    /// Records of the first version have none.
    salt: Option<Salt>,
    record: Box<ServerRegistration<Suite>>,
}

/// Reads a registration upload of the suite.
fn read_upload(upload: &[u8]) -> Option<Box<ServerRegistration<Suite>>> {
    let record = RegistrationUpload::<Suite>::deserialize(upload).map(ServerRegistration::finish).ok()?;
    // The library ignores what follows a message.
    (record.serialize().as_slice() == upload).then(|| Box::new(record))
}

/// The bytes that carry a record from the connection to the file: the salt, then the upload.
pub(super) fn record_bytes(salt: &Salt, upload: &[u8]) -> Vec<u8> {
    [salt.as_bytes().as_slice(), upload].concat()
}

/// Whether a word may be what is left of a sealed one that was cut within [`SEALED`].
pub(super) fn is_beginning(word: &Password) -> bool {
    SEALED.starts_with(word.expose())
}

impl SealedPassword {
    /// From [`record_bytes`]; `None` if they hold no registration upload of the suite.
    pub(super) fn from_record_bytes(bytes: &[u8]) -> Option<Self> {
        let (salt, upload) = bytes.split_first_chunk::<SALT_BYTES>()?;
        let record = read_upload(upload)?;
        Some(Self { salt: Some(Salt::from_bytes(*salt)), record })
    }

    /// Makes the record of a plain password: both sides of a registration in one place, with its Argon2.
    ///
    /// # Errors
    /// [`ProtocolError`] if the library cannot; no password is known with which it does not.
    pub(super) fn seal(key: &ServerKey, name: &UserName, password: &Password) -> Result<Self, ProtocolError> {
        let password = password.expose().as_bytes();
        let salt = Salt::draw();
        let client = ClientRegistration::<Suite>::start(&mut OsRng, password)?;
        let server = ServerRegistration::start(key.setup(), client.message, &identifier(name, Some(&salt)))?;
        let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
        let finished = client.state.finish(&mut OsRng, password, server.message, parameters)?;
        Ok(Self { salt: Some(salt), record: Box::new(ServerRegistration::finish(finished.message)) })
    }

    /// Whether this is the record of a password: both sides of a login in one place, with its Argon2.
    pub(super) fn opens_with(&self, key: &ServerKey, name: &UserName, password: &Password) -> bool {
        self.open(key, name, password).is_ok()
    }

    fn open(&self, key: &ServerKey, name: &UserName, password: &Password) -> Result<(), ProtocolError> {
        let password = password.expose().as_bytes();
        let client = ClientLogin::<Suite>::start(&mut OsRng, password)?;
        let parameters = ServerLoginParameters { context: None, identifiers: identifiers(name) };
        let server = ServerLogin::start(
            &mut OsRng,
            key.setup(),
            Some(self.registration()),
            client.message,
            &self.identifier(name),
            parameters,
        )?;
        let parameters = ClientLoginFinishParameters::new(None, identifiers(name), None);
        client.state.finish(&mut OsRng, password, server.message, parameters).map(|_| ())
    }

    /// As it stands in the file.
    pub(super) fn to_word(&self, key: KeyId) -> String {
        let record = BASE64URL_NOPAD.encode(&self.record.serialize());
        match self.salt {
            Some(salt) => format!("{SEALED}{SALTED}${key}${}${record}", salt.to_word()),
            None => format!("{SEALED}{UNSALTED}${key}${record}"),
        }
    }

    /// Reads a word that begins with [`SEALED`].
    ///
    /// # Errors
    /// [`LineFault::Damaged`] or [`LineFault::OtherKey`].
    pub(super) fn from_word(word: &str, ours: KeyId) -> Result<Self, LineFault> {
        let rest = word.strip_prefix(SEALED).ok_or(LineFault::Damaged)?;
        let parts: Vec<&str> = rest.split('$').collect();
        let (theirs, salt, record) = match *parts.as_slice() {
            [UNSALTED, key, record] => (key, None, record),
            [SALTED, key, salt, record] => (key, Some(Salt::parse(salt).ok_or(LineFault::Damaged)?), record),
            _ => return Err(LineFault::Damaged),
        };
        let theirs = KeyId::parse(theirs).ok_or(LineFault::Damaged)?;
        if theirs != ours {
            return Err(LineFault::OtherKey { theirs, ours });
        }
        let bytes = BASE64URL_NOPAD.decode(record.as_bytes()).map_err(|_| LineFault::Damaged)?;
        read_upload(&bytes).map(|record| Self { salt, record }).ok_or(LineFault::Damaged)
    }

    /// For a login.
    pub(super) fn registration(&self) -> ServerRegistration<Suite> {
        (*self.record).clone()
    }

    /// Under which the OPRF key of this record is derived.
    pub(super) fn identifier(&self, name: &UserName) -> Vec<u8> {
        identifier(name, self.salt.as_ref())
    }

    /// A record of the first version, as files of older servers hold.
    #[cfg(test)]
    pub(super) fn seal_unsalted(key: &ServerKey, name: &UserName, password: &Password) -> Self {
        let password = password.expose().as_bytes();
        let client = ClientRegistration::<Suite>::start(&mut OsRng, password).unwrap();
        let server = ServerRegistration::start(key.setup(), client.message, &identifier(name, None)).unwrap();
        let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
        let finished = client.state.finish(&mut OsRng, password, server.message, parameters).unwrap();
        Self { salt: None, record: Box::new(ServerRegistration::finish(finished.message)) }
    }
}
