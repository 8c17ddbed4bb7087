//! The login on a fresh line: hello, then a token, a password or a new account, to welcome or refusal.

use whoelse_proto::{
    Agent, ClientFrame, LoginRefusal, Password, Registration, ResumeToken, Seconds, ServerFrame, SessionKind,
    Timestamp, UserName, VERSION, VersionRange,
};

use super::opaque::{OpenLogin, OpenRegistration, Opened};
use super::wire::{Wire, frame_name};
use crate::error::{Error, Result};

/// How this program names itself.
const AGENT: &str = concat!("whoelse ", env!("CARGO_PKG_VERSION"));

/// With what to log in.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// A password.
    Password(Password),
    /// A new account with this password.
    NewAccount(Password),
    /// A token; and if it is not good any more, the password, if it is at hand.
    Token(ResumeToken, Option<Password>),
}

/// The beginning of a session, as the server tells it.
#[derive(Clone, Debug)]
pub(crate) struct Welcome {
    /// Begun or taken up again.
    pub(crate) session: SessionKind,
    /// The token for the next line.
    pub(crate) token: ResumeToken,
    /// The inactivity timeout.
    pub(crate) timeout: Seconds,
    /// The server's clock.
    pub(crate) now: Timestamp,
    /// When the session began.
    pub(crate) since: Timestamp,
}

/// What the server says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// What it is called; may be empty.
    pub(crate) title: Agent,
    /// Whether it makes accounts.
    pub(crate) registration: Registration,
}

/// A login that came to an answer.
pub(crate) type Answered<T> = std::result::Result<T, LoginRefusal>;

/// Says hello.
pub(super) async fn greet(wire: &mut Wire) -> Result<Hello> {
    let hello = ClientFrame::Hello { versions: VersionRange::OURS, agent: Agent::new(AGENT), features: Vec::new() };
    wire.send(&hello).await?;
    match wire.receive().await? {
        ServerFrame::Hello { version: VERSION, title, registration, .. } => Ok(Hello { title, registration }),
        ServerFrame::Hello { version, .. } => Err(Error::Version { server: version }),
        other => Err(Error::OutOfOrder(frame_name(&other))),
    }
}

/// Logs in. The line serves frames of after the login when this returns a welcome.
pub(super) async fn log_in(wire: &mut Wire, name: &UserName, proof: &Proof) -> Result<Answered<Welcome>> {
    match proof {
        Proof::Password(password) => with_password(wire, name, password).await,
        Proof::NewAccount(password) => match register(wire, name, password).await? {
            Ok(()) => with_password(wire, name, password).await,
            Err(refusal) => Ok(Err(refusal)),
        },
        Proof::Token(token, password) => match (resume(wire, name, token).await?, password) {
            (Err(LoginRefusal::TokenInvalid {}), Some(password)) => with_password(wire, name, password).await,
            (answer, _) => Ok(answer),
        },
    }
}

/// Takes up a session with a token.
async fn resume(wire: &mut Wire, name: &UserName, token: &ResumeToken) -> Result<Answered<Welcome>> {
    wire.send(&ClientFrame::Resume { name: name.clone(), token: token.clone() }).await?;
    welcome(wire, name).await
}

/// Proves the password; gives up where it does not open the challenge, which counts as a wrong one.
async fn with_password(wire: &mut Wire, name: &UserName, password: &Password) -> Result<Answered<Welcome>> {
    let (credential_request, open) = OpenLogin::begin(name, password)?;
    wire.send(&ClientFrame::LoginStart { name: name.clone(), credential_request }).await?;
    let response = match wire.receive().await? {
        ServerFrame::LoginChallenge { credential_response } => credential_response,
        ServerFrame::LoginRefused(refusal) => return Ok(Err(refusal)),
        other => return Err(Error::OutOfOrder(frame_name(&other))),
    };
    let finish = match open.open(response, wire.exporter()?).await? {
        Opened::Proof(credential_finalization) => ClientFrame::LoginFinish { credential_finalization },
        Opened::WrongPassword => ClientFrame::LoginGiveUp {},
    };
    wire.send(&finish).await?;
    welcome(wire, name).await
}

/// Makes the account.
async fn register(wire: &mut Wire, name: &UserName, password: &Password) -> Result<Answered<()>> {
    let (registration_request, open) = OpenRegistration::begin(name, password)?;
    wire.send(&ClientFrame::RegisterStart { name: name.clone(), registration_request }).await?;
    let response = match wire.receive().await? {
        ServerFrame::RegisterChallenge { registration_response } => registration_response,
        ServerFrame::LoginRefused(refusal) => return Ok(Err(refusal)),
        other => return Err(Error::OutOfOrder(frame_name(&other))),
    };
    let registration_upload = open.seal(response).await?;
    wire.send(&ClientFrame::RegisterFinish { registration_upload }).await?;
    match wire.receive().await? {
        ServerFrame::Registered {} => Ok(Ok(())),
        ServerFrame::LoginRefused(refusal) => Ok(Err(refusal)),
        other => Err(Error::OutOfOrder(frame_name(&other))),
    }
}

/// Waits for the end of the login.
async fn welcome(wire: &mut Wire, expected: &UserName) -> Result<Answered<Welcome>> {
    match wire.receive().await? {
        ServerFrame::Welcome { name, session, token, timeout, now, since } => {
            if name != *expected {
                return Err(Error::WrongName(name));
            }
            wire.logged_in();
            Ok(Ok(Welcome { session, token, timeout, now, since }))
        }
        ServerFrame::LoginRefused(refusal) => Ok(Err(refusal)),
        other => Err(Error::OutOfOrder(frame_name(&other))),
    }
}
