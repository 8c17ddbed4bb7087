//! The connection's part of logins and registrations: OPAQUE, tokens, and what the hub is told of them.

use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use whoelse_hub::{Command, Fresh, Pass, PassHash, Record, TakeOver, Token, TokenHash};
use whoelse_proto::opaque::{EXPORTER_BYTES, EXPORTER_LABEL};
use whoelse_proto::{DevicePass, ProtocolFault, ResumeToken, ServerFrame, UserName};

use super::phase::{Phase, RegisterRequest, Registering};
use super::{Conn, End};
use crate::accounts::{Accounts, LoginFault, OpenProof, Pace};

impl Conn {
    /// A client asks for a login.
    pub(super) fn open_login(&mut self, name: UserName, shown: Option<&DevicePass>) -> Result<(), End> {
        Accounts::check_request(self.phase.login_request().unwrap_or_default())?;
        let pass = shown.map(pass_hash);
        self.tell(Command::OpenLogin { conn: self.id, name, pass, from: self.from() })
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
        let Some(RegisterRequest { request, invite }) = self.phase.take_register_request() else { return Ok(()) };
        let (salt, registration_response) = self.door.accounts.register_challenge(&name, &request)?;
        self.phase = Phase::Registering(Registering { name, salt, invite });
        self.say(&ServerFrame::RegisterChallenge { registration_response })
    }

    /// The client's last word of a login.
    pub(super) fn check_proof(
        &mut self,
        proof: OpenProof,
        finalization: &[u8],
        take_over: TakeOver,
    ) -> Result<(), End> {
        let conn = self.id;
        match proof.finish(finalization) {
            Ok(()) => self.tell(Command::ProveLogin { conn, fresh: fresh()?, take_over }),
            Err(_wrong) => self.tell(Command::FailLogin { conn }),
        }
    }

    /// The client's proof of the old password, where it wants another one.
    pub(super) fn check_change(&mut self, proof: OpenProof, finalization: &[u8]) -> Result<(), End> {
        let conn = self.id;
        match proof.finish(finalization) {
            Ok(()) => self.tell(Command::ProveChange { conn }),
            Err(_wrong) => self.tell(Command::FailLogin { conn }),
        }
    }

    /// The client's last word of a registration.
    pub(super) fn complete_registration(&mut self, registering: Registering, upload: &[u8]) -> Result<(), End> {
        let Registering { name, salt, invite } = registering;
        let record = Record(Accounts::new_record(&salt, upload)?);
        self.tell(Command::CompleteRegistration { conn: self.id, name, record, invite, from: self.from() })
    }

    /// Whence the client comes, as the hub is told.
    pub(super) const fn from(&self) -> IpAddr {
        self.peer.ip().to_canonical()
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

/// The hash under which a pass is kept.
fn pass_hash(pass: &DevicePass) -> PassHash {
    PassHash::from_bytes(Sha256::digest(pass.expose()).into())
}

/// The secrets for a session that may begin.
fn fresh() -> Result<Fresh, End> {
    let pass = DevicePass::from_bytes(random()?);
    let hash = pass_hash(&pass);
    Ok(Fresh { token: hashed(ResumeToken::from_bytes(random()?)), pass: Pass { pass, hash } })
}

fn random() -> Result<[u8; 32], End> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| End::Unable(error.to_string()))?;
    Ok(bytes)
}
