//! For tests: a place with a file of accounts, and the client's side of the protocol.

use std::fs::{self, File};
use std::time::SystemTime;

use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, RegistrationResponse,
};
use rand_core::OsRng;
use whoelse_proto::UserName;
use whoelse_proto::opaque::{EXPORTER_BYTES, Suite, context, identifiers};

use super::{Accounts, AccountsError, MissingFile};
use crate::data_dir::Paths;

/// What the TLS exporter gave on a connection.
pub(crate) const EXPORTER: [u8; EXPORTER_BYTES] = [5; EXPORTER_BYTES];

/// A folder with `credentials.txt` and a data folder, gone at the end of the test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new(credentials: impl AsRef<[u8]>) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write(credentials);
        place
    }

    pub(crate) fn paths(&self) -> Paths {
        let folder = self.folder.path();
        Paths { data_dir: folder.join("data"), credentials: folder.join("credentials.txt") }
    }

    pub(crate) fn open(&self) -> Accounts {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Accounts, AccountsError> {
        Accounts::open(&self.paths(), MissingFile::Refuse)
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.paths().credentials).unwrap()
    }

    /// Writes the file as an administrator does.
    pub(crate) fn write(&self, credentials: impl AsRef<[u8]>) {
        fs::write(self.paths().credentials, credentials).unwrap();
    }

    /// Makes the file look as if it had been left alone for so long.
    pub(crate) fn age(&self, seconds: u64) {
        let then = SystemTime::now() - std::time::Duration::from_secs(seconds);
        File::options().write(true).open(self.paths().credentials).unwrap().set_modified(then).unwrap();
    }
}

pub(crate) fn name(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

/// The record of an account that a client makes.
pub(crate) fn upload(accounts: &Accounts, of: &str, password: &str) -> Vec<u8> {
    let client = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let (salt, response) = accounts.register_challenge(&name(of), &client.message.serialize()).unwrap();
    let response = RegistrationResponse::deserialize(&response).unwrap();
    let of = name(of);
    let parameters = ClientRegistrationFinishParameters::new(identifiers(&of), None);
    let finished = client.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap();
    Accounts::new_record(&salt, &finished.message.serialize()).unwrap()
}

/// A login whose client saw these exporter bytes, and the server [`EXPORTER`].
pub(crate) fn logs_in_over(accounts: &Accounts, of: &str, password: &str, seen: &[u8; EXPORTER_BYTES]) -> bool {
    let client = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let of = name(of);
    let (open, response) = accounts.login_challenge(&of, &client.message.serialize(), &EXPORTER).unwrap();
    let response = CredentialResponse::deserialize(&response).unwrap();
    let context = context(seen);
    let parameters = ClientLoginFinishParameters::new(Some(&context), identifiers(&of), None);
    match client.state.finish(&mut OsRng, password.as_bytes(), response, parameters) {
        Ok(finished) => open.finish(&finished.message.serialize()).is_ok(),
        Err(_) => false,
    }
}

/// Whether a password opens an account.
pub(crate) fn logs_in(accounts: &Accounts, of: &str, password: &str) -> bool {
    logs_in_over(accounts, of, password, &EXPORTER)
}
