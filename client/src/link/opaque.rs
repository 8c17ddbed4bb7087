//! The client's side of OPAQUE (RFC 9807). The password stays on this computer; Argon2 runs off the async threads.

use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, RegistrationResponse,
};
use rand_core::OsRng;
use tokio::task::spawn_blocking;
use whoelse_proto::opaque::{EXPORTER_BYTES, Suite, context, identifiers};
use whoelse_proto::{Password, UserName};

use crate::error::{Error, Result};

/// A login that waits for the server's challenge.
pub(super) struct OpenLogin {
    state: ClientLogin<Suite>,
    name: UserName,
    password: Password,
}

/// What the challenge led to.
pub(super) enum Opened {
    /// The password opened it: the proof for the server.
    Proof(Vec<u8>),
    /// It did not.
    WrongPassword,
}

impl OpenLogin {
    /// Begins a login: the request for the server, and what to keep meanwhile.
    pub(super) fn begin(name: &UserName, password: &Password) -> Result<(Vec<u8>, Self)> {
        let start =
            ClientLogin::<Suite>::start(&mut OsRng, password.expose().as_bytes()).map_err(|_| Error::LoginProtocol)?;
        let open = Self { state: start.state, name: name.clone(), password: password.clone() };
        Ok((start.message.serialize().to_vec(), open))
    }

    /// Opens the challenge of the server on the connection with these exporter bytes.
    pub(super) async fn open(self, response: Vec<u8>, exporter: [u8; EXPORTER_BYTES]) -> Result<Opened> {
        run(move || {
            let response = CredentialResponse::<Suite>::deserialize(&response).map_err(|_| Error::LoginProtocol)?;
            let context = context(&exporter);
            let parameters = ClientLoginFinishParameters::new(Some(&context), identifiers(&self.name), None);
            let password = self.password.expose().as_bytes();
            match self.state.finish(&mut OsRng, password, response, parameters) {
                Ok(finish) => Ok(Opened::Proof(finish.message.serialize().to_vec())),
                Err(_) => Ok(Opened::WrongPassword),
            }
        })
        .await
    }
}

/// A registration that waits for the server's part.
pub(super) struct OpenRegistration {
    state: ClientRegistration<Suite>,
    name: UserName,
    password: Password,
}

impl OpenRegistration {
    /// Begins a registration: the request for the server, and what to keep meanwhile.
    pub(super) fn begin(name: &UserName, password: &Password) -> Result<(Vec<u8>, Self)> {
        let start = ClientRegistration::<Suite>::start(&mut OsRng, password.expose().as_bytes())
            .map_err(|_| Error::LoginProtocol)?;
        let open = Self { state: start.state, name: name.clone(), password: password.clone() };
        Ok((start.message.serialize().to_vec(), open))
    }

    /// Makes the record for the server.
    pub(super) async fn seal(self, response: Vec<u8>) -> Result<Vec<u8>> {
        run(move || {
            let response = RegistrationResponse::<Suite>::deserialize(&response).map_err(|_| Error::LoginProtocol)?;
            let parameters = ClientRegistrationFinishParameters::new(identifiers(&self.name), None);
            let password = self.password.expose().as_bytes();
            let finish =
                self.state.finish(&mut OsRng, password, response, parameters).map_err(|_| Error::LoginProtocol)?;
            Ok(finish.message.serialize().to_vec())
        })
        .await
    }
}

/// Runs heavy work off the async threads.
async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.map_err(|_| Error::LoginProtocol)?
}
