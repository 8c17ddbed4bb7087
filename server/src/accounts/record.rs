//! A password as an OPAQUE record: made from a plain one, written as a word that begins with `$opaque$`.

use data_encoding::BASE64URL_NOPAD;
use opaque_ke::errors::ProtocolError;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    RegistrationUpload, ServerLogin, ServerLoginParameters, ServerRegistration,
};
use rand_core::OsRng;
use whoelse_proto::opaque::{Suite, credential_identifier, identifiers};
use whoelse_proto::{Password, UserName};

use super::LineFault;
use super::key::{KeyId, ServerKey};

/// How a sealed password begins; no plain one may.
pub(super) const SEALED: &str = "$opaque$";

/// The version of the written form, behind [`SEALED`]: `$opaque$1$KEY$RECORD`.
const VERSION: &str = "1";

/// What the server keeps of a password: it cannot be read from it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SealedPassword(Box<ServerRegistration<Suite>>);

impl SealedPassword {
    /// From what a client uploaded; `None` if it is no registration upload of the suite.
    pub(super) fn from_upload(upload: &[u8]) -> Option<Self> {
        let record = RegistrationUpload::<Suite>::deserialize(upload).map(ServerRegistration::finish).ok()?;
        // The library ignores what follows a message.
        (record.serialize().as_slice() == upload).then(|| Self(Box::new(record)))
    }

    /// Makes the record of a plain password: both sides of a registration in one place, with its Argon2.
    ///
    /// # Errors
    /// [`ProtocolError`] if the library cannot; no password is known with which it does not.
    pub(super) fn seal(key: &ServerKey, name: &UserName, password: &Password) -> Result<Self, ProtocolError> {
        let password = password.expose().as_bytes();
        let client = ClientRegistration::<Suite>::start(&mut OsRng, password)?;
        let server = ServerRegistration::start(key.setup(), client.message, credential_identifier(name))?;
        let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
        let finished = client.state.finish(&mut OsRng, password, server.message, parameters)?;
        Ok(Self(Box::new(ServerRegistration::finish(finished.message))))
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
            credential_identifier(name),
            parameters,
        )?;
        let parameters = ClientLoginFinishParameters::new(None, identifiers(name), None);
        client.state.finish(&mut OsRng, password, server.message, parameters).map(|_| ())
    }

    /// As it stands in the file.
    pub(super) fn to_word(&self, key: KeyId) -> String {
        format!("{SEALED}{VERSION}${key}${}", BASE64URL_NOPAD.encode(&self.0.serialize()))
    }

    /// Reads a word that begins with [`SEALED`].
    ///
    /// # Errors
    /// [`LineFault::Damaged`] or [`LineFault::OtherKey`].
    pub(super) fn from_word(word: &str, ours: KeyId) -> Result<Self, LineFault> {
        let rest = word.strip_prefix(SEALED).ok_or(LineFault::Damaged)?;
        let mut parts = rest.splitn(3, '$');
        let (Some(VERSION), Some(theirs), Some(record)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(LineFault::Damaged);
        };
        let theirs = KeyId::parse(theirs).ok_or(LineFault::Damaged)?;
        if theirs != ours {
            return Err(LineFault::OtherKey { theirs, ours });
        }
        let bytes = BASE64URL_NOPAD.decode(record.as_bytes()).map_err(|_| LineFault::Damaged)?;
        Self::from_upload(&bytes).ok_or(LineFault::Damaged)
    }

    /// For a login.
    pub(super) fn registration(&self) -> ServerRegistration<Suite> {
        (*self.0).clone()
    }
}
