//! The connection's part of logins and registrations: OPAQUE, tokens, and what the hub is told of them.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use whoelse_hub::{Command, Record, Token, TokenHash};
use whoelse_proto::opaque::{EXPORTER_BYTES, EXPORTER_LABEL};
use whoelse_proto::{ProtocolFault, ResumeToken, ServerFrame, UserName};

use super::phase::Phase;
use super::{Conn, End};
use crate::accounts::{Accounts, LoginFault, OpenProof, Pace};

impl Conn {
    /// A client asks for a login.
    pub(super) fn open_login(&mut self, name: UserName) -> Result<(), End> {
        Accounts::check_request(self.phase.login_request().unwrap_or_default())?;
        self.tell(Command::OpenLogin { conn: self.id, name })
    }

    /// The hub lets a login have its challenge.
    pub(super) async fn challenge(&mut self, name: UserName) -> Result<(), End> {
        let Some(request) = self.phase.take_login_request() else { return Ok(()) };
        let exporter = self
            .line
            .tls()
            .export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None)
            .map_err(|error| End::Unable(error.to_string()))?;
        let door = Arc::clone(&self.door);
        let pace = door.accounts.challenge_pace(&name);
        let answer = move || door.accounts.login_challenge(&name, &request, &exporter);
        let (proof, credential_response) = match pace {
            Pace::Quick => answer()?,
            Pace::Hashing => self.in_turn(answer).await??,
        };
        self.phase = Phase::Challenged(Box::new(proof));
        self.say(&ServerFrame::LoginChallenge { credential_response })
    }

    /// Hashes a password on a thread of its own, in turn with others.
    async fn in_turn<T: Send + 'static>(&self, hash: impl FnOnce() -> T + Send + 'static) -> Result<T, End> {
        let turn = self.door.hashing.acquire().await.map_err(|error| End::Unable(error.to_string()))?;
        let hashed = spawn_blocking(hash).await.map_err(|error| End::Unable(error.to_string()));
        drop(turn);
        hashed
    }

    /// The hub lets a registration go on.
    pub(super) fn register_challenge(&mut self, name: UserName) -> Result<(), End> {
        let Some(request) = self.phase.take_register_request() else { return Ok(()) };
        let registration_response = self.door.accounts.register_challenge(&name, &request)?;
        self.phase = Phase::Registering(name);
        self.say(&ServerFrame::RegisterChallenge { registration_response })
    }

    /// The client's last word of a login.
    pub(super) fn check_proof(&mut self, proof: OpenProof, finalization: &[u8]) -> Result<(), End> {
        let conn = self.id;
        match proof.finish(finalization) {
            Ok(()) => self.tell(Command::ProveLogin { conn, fresh: fresh_token()? }),
            Err(_wrong) => self.tell(Command::FailLogin { conn }),
        }
    }

    /// The client's last word of a registration.
    pub(super) fn complete_registration(&mut self, name: UserName, record: Record) -> Result<(), End> {
        Accounts::check_upload(&record.0)?;
        self.tell(Command::CompleteRegistration { conn: self.id, name, record, from: self.peer.ip() })
    }
}

impl From<LoginFault> for End {
    fn from(fault: LoginFault) -> Self {
        match fault {
            LoginFault::Malformed => Self::Fault(ProtocolFault::Malformed {}),
            LoginFault::Unsealed => Self::Unable(fault.to_string()),
        }
    }
}

/// A token with the hash under which it is kept.
pub(super) fn hashed(token: ResumeToken) -> Token {
    let hash = TokenHash::from_bytes(Sha256::digest(token.expose()).into());
    Token { token, hash }
}

/// A token for a session that may begin.
fn fresh_token() -> Result<Token, End> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| End::Unable(error.to_string()))?;
    Ok(hashed(ResumeToken::from_bytes(bytes)))
}
