//! The server's side of a login and of a registration (RFC 9807).

use std::fmt;

use opaque_ke::errors::ProtocolError;
use opaque_ke::{
    CredentialFinalization, CredentialRequest, RegistrationRequest, ServerLogin, ServerLoginParameters,
    ServerRegistration,
};
use rand_core::OsRng;
use whoelse_proto::UserName;
use whoelse_proto::opaque::{self, EXPORTER_BYTES, Suite, identifiers};

use super::record::{SealedPassword, record_bytes};
use super::salt::{Salt, identifier};
use super::{Accounts, SecretKind};

/// Why there is no challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginFault {
    /// The client's bytes are no message of the protocol.
    #[error("the login message is malformed")]
    Malformed,
    /// The record of a plain password could not be made.
    #[error("the password of the account could not be sealed")]
    Unsealed,
}

/// How long a challenge takes to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A fraction of a millisecond.
    Quick,
    /// As long as Argon2 does: the first login with a plain password.
    Hashing,
}

/// The client did not prove the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password was not proved")]
pub struct WrongProof;

/// A login that waits for the client's proof.
pub struct OpenProof {
    state: ServerLogin<Suite>,
    name: UserName,
    context: Vec<u8>,
}

impl Accounts {
    /// Answers a client's credential request. For a name without an account the answer looks like any other and
    /// no proof fits it.
    ///
    /// Takes a fraction of a millisecond; at the first login with a plain password as long as Argon2 does.
    ///
    /// # Errors
    /// [`LoginFault`].
    pub fn login_challenge(
        &self,
        name: &UserName,
        credential_request: &[u8],
        exporter: &[u8; EXPORTER_BYTES],
    ) -> Result<(OpenProof, Vec<u8>), LoginFault> {
        let request = read_request(credential_request)?;
        let account = self.get(name);
        let (record, identifier) = match &account {
            Some(account) => {
                let sealed = account.sealed(&self.sealers, name).ok_or(LoginFault::Unsealed)?;
                (Some(sealed.registration()), sealed.identifier(name))
            }
            None => (None, identifier(name, Some(&Salt::of_unknown(&self.key, name)))),
        };
        let context = opaque::context(exporter);
        let parameters = ServerLoginParameters { context: Some(&context), identifiers: identifiers(name) };
        let login = ServerLogin::start(&mut OsRng, self.key.setup(), record, request, &identifier, parameters)
            .map_err(malformed)?;
        let proof = OpenProof { state: login.state, name: name.clone(), context };
        Ok((proof, login.message.serialize().to_vec()))
    }

    /// Whether a client's credential request can be answered. To be asked before the login counts as begun: what is
    /// no request at all is no guess.
    ///
    /// # Errors
    /// [`LoginFault::Malformed`].
    pub fn check_request(credential_request: &[u8]) -> Result<(), LoginFault> {
        read_request(credential_request).map(|_| ())
    }

    /// How long [`Accounts::login_challenge`] for this name takes.
    #[must_use]
    pub fn challenge_pace(&self, name: &UserName) -> Pace {
        match self.get(name) {
            Some(account) if account.kind() == SecretKind::Plain && account.sealed.get().is_none() => Pace::Hashing,
            Some(_) | None => Pace::Quick,
        }
    }

    /// Answers a client's registration request, under an OPRF key that exists from here on: the salt that comes with
    /// the answer goes into the record. A registration that is not completed leaves nothing, and nothing that was
    /// computed with its answer fits a later one.
    ///
    /// # Errors
    /// [`LoginFault::Malformed`].
    pub fn register_challenge(
        &self,
        name: &UserName,
        registration_request: &[u8],
    ) -> Result<(Salt, Vec<u8>), LoginFault> {
        let request = RegistrationRequest::<Suite>::deserialize(registration_request).map_err(malformed)?;
        whole(&request.serialize(), registration_request)?;
        let salt = Salt::draw();
        let started = ServerRegistration::start(self.key.setup(), request, &identifier(name, Some(&salt)));
        Ok((salt, started.map_err(malformed)?.message.serialize().to_vec()))
    }

    /// The record that a client's registration upload makes, for [`Accounts::create`].
    ///
    /// # Errors
    /// [`LoginFault::Malformed`].
    pub fn new_record(salt: &Salt, upload: &[u8]) -> Result<Vec<u8>, LoginFault> {
        let record = record_bytes(salt, upload);
        SealedPassword::from_record_bytes(&record).map(|_| record).ok_or(LoginFault::Malformed)
    }
}

impl OpenProof {
    /// Checks the client's proof.
    ///
    /// # Errors
    /// [`WrongProof`], also where the bytes are no proof at all.
    pub fn finish(self, credential_finalization: &[u8]) -> Result<(), WrongProof> {
        let finalization =
            CredentialFinalization::<Suite>::deserialize(credential_finalization).map_err(|_| WrongProof)?;
        whole(&finalization.serialize(), credential_finalization).map_err(|_| WrongProof)?;
        let parameters = ServerLoginParameters { context: Some(&self.context), identifiers: identifiers(&self.name) };
        self.state.finish(finalization, parameters).map(|_| ()).map_err(|_| WrongProof)
    }
}

impl fmt::Debug for OpenProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenProof").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whatever the library minds comes from the bytes that it was given.
fn malformed(_: ProtocolError) -> LoginFault {
    LoginFault::Malformed
}

fn read_request(bytes: &[u8]) -> Result<CredentialRequest<Suite>, LoginFault> {
    let request = CredentialRequest::<Suite>::deserialize(bytes).map_err(malformed)?;
    whole(&request.serialize(), bytes)?;
    Ok(request)
}

/// Refuses bytes behind a message, which the library ignores.
fn whole(message: &[u8], bytes: &[u8]) -> Result<(), LoginFault> {
    if message == bytes { Ok(()) } else { Err(LoginFault::Malformed) }
}
