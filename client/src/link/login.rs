//! The login on a fresh line: hello, then a token, a password or a new account, to welcome or refusal.

use whoelse_model::TakeOver;
use whoelse_proto::{
    Agent, ClientFrame, DevicePass, Feature, InviteSecret, LoginRefusal, MissedTries, NewAccounts, Password,
    ResumeToken, Seconds, ServerFrame, SessionKind, Timestamp, UserName, VERSION, VersionRange,
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
    /// A new account with this password, by an invitation if there is one.
    NewAccount(Password, Option<InviteSecret>),
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
    /// A pass for the next login, where the device has none that is good.
    pub(crate) pass: Option<DevicePass>,
    /// Wrong passwords since the last login.
    pub(crate) missed: Option<MissedTries>,
}

/// By what the server knows who logs in.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// As whom.
    pub(crate) name: UserName,
    /// The pass that this device was given.
    pub(crate) pass: Option<DevicePass>,
    /// What becomes of a session elsewhere.
    pub(crate) take_over: TakeOver,
}

/// What the server says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// What it is called; may be empty.
    pub(crate) title: Agent,
    /// Who may make an account.
    pub(crate) registration: NewAccounts,
    /// Whether it introduces clients to each other.
    pub(crate) private: bool,
    /// Whether it lets people change their password.
    pub(crate) password: bool,
}

/// A login that came to an answer.
pub(crate) type Answered<T> = std::result::Result<T, LoginRefusal>;

/// Says hello.
pub(super) async fn greet(wire: &mut Wire) -> Result<Hello> {
    let hello = ClientFrame::Hello {
        versions: VersionRange::OURS,
        agent: Agent::new(AGENT),
        features: vec![Feature::private(), Feature::notices()],
    };
    wire.send(&hello).await?;
    let frame = wire.receive().await?;
    let came = frame_name(&frame);
    let ServerFrame::Hello { version, title, registration, features, .. } = frame else {
        return Err(Error::OutOfOrder(came));
    };
    let private = features.contains(&Feature::private());
    let password = features.contains(&Feature::password());
    let registration = NewAccounts::told(registration, &features);
    if version == VERSION {
        Ok(Hello { title, registration, private, password })
    } else {
        Err(Error::Version { server: version })
    }
}

/// Logs in. The line serves frames of after the login when this returns a welcome.
pub(super) async fn log_in(wire: &mut Wire, who: &Identity, proof: &Proof) -> Result<Answered<Welcome>> {
    match proof {
        Proof::Password(password) => with_password(wire, who, password).await,
        Proof::NewAccount(password, invite) => match register(wire, &who.name, password, invite.clone()).await? {
            Ok(()) => with_password(wire, who, password).await,
            Err(refusal) => Ok(Err(refusal)),
        },
        Proof::Token(token, password) => match (resume(wire, &who.name, token).await?, password) {
            (Err(LoginRefusal::TokenInvalid {}), Some(password)) => with_password(wire, who, password).await,
            (answer, _) => Ok(answer),
        },
    }
}

/// Takes up a session with a token.
async fn resume(wire: &mut Wire, name: &UserName, token: &ResumeToken) -> Result<Answered<Welcome>> {
    wire.send(&ClientFrame::Resume { name: name.clone(), token: token.clone() }).await?;
    welcome(wire, name).await
}

/// What follows a proof of the password.
enum Purpose {
    /// A session.
    Session(TakeOver),
    /// Another password: the registration request of it.
    NewPassword(Vec<u8>),
}

/// Logs in with a password.
async fn with_password(wire: &mut Wire, who: &Identity, password: &Password) -> Result<Answered<Welcome>> {
    match prove(wire, who, password, Purpose::Session(who.take_over)).await? {
        Ok(()) => welcome(wire, &who.name).await,
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Proves the password; gives up where it does not open the challenge, which counts as a wrong one.
async fn prove(wire: &mut Wire, who: &Identity, password: &Password, purpose: Purpose) -> Result<Answered<()>> {
    let Identity { name, pass, .. } = who;
    let (credential_request, open) = OpenLogin::begin(name, password)?;
    wire.send(&ClientFrame::LoginStart { name: name.clone(), credential_request, pass: pass.clone() }).await?;
    let frame = match answer(wire).await? {
        Ok(frame) => frame,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let came = frame_name(&frame);
    let ServerFrame::LoginChallenge { credential_response } = frame else { return Err(Error::OutOfOrder(came)) };
    let finish = match (open.open(credential_response, wire.exporter()?).await?, purpose) {
        (Opened::Proof(credential_finalization), Purpose::Session(take_over)) => {
            let take_over = take_over == TakeOver::Yes;
            ClientFrame::LoginFinish { credential_finalization, take_over, new_password: None }
        }
        (Opened::Proof(credential_finalization), Purpose::NewPassword(request)) => {
            ClientFrame::LoginFinish { credential_finalization, take_over: false, new_password: Some(request) }
        }
        (Opened::WrongPassword, _) => ClientFrame::LoginGiveUp {},
    };
    wire.send(&finish).await?;
    Ok(Ok(()))
}

/// Proves the old password and gives the account another one. There is no session on this line.
pub(super) async fn change_password(
    wire: &mut Wire,
    who: &Identity,
    old: &Password,
    new: &Password,
) -> Result<Answered<()>> {
    let (registration_request, open) = OpenRegistration::begin(&who.name, new)?;
    match prove(wire, who, old, Purpose::NewPassword(registration_request)).await? {
        Ok(()) => complete(wire, open).await,
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Makes the account.
async fn register(
    wire: &mut Wire,
    name: &UserName,
    password: &Password,
    invite: Option<InviteSecret>,
) -> Result<Answered<()>> {
    let (registration_request, open) = OpenRegistration::begin(name, password)?;
    wire.send(&ClientFrame::RegisterStart { name: name.clone(), registration_request, invite }).await?;
    complete(wire, open).await
}

/// Takes the server's part of a registration and uploads the record.
async fn complete(wire: &mut Wire, open: OpenRegistration) -> Result<Answered<()>> {
    let frame = match answer(wire).await? {
        Ok(frame) => frame,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let came = frame_name(&frame);
    let ServerFrame::RegisterChallenge { registration_response } = frame else { return Err(Error::OutOfOrder(came)) };
    let registration_upload = open.seal(registration_response).await?;
    wire.send(&ClientFrame::RegisterFinish { registration_upload }).await?;
    match answer(wire).await? {
        Ok(ServerFrame::Registered {}) => Ok(Ok(())),
        Ok(other) => Err(Error::OutOfOrder(frame_name(&other))),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Waits for the end of the login.
async fn welcome(wire: &mut Wire, expected: &UserName) -> Result<Answered<Welcome>> {
    let frame = match answer(wire).await? {
        Ok(frame) => frame,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let came = frame_name(&frame);
    let ServerFrame::Welcome { name, session, token, timeout, now, since, pass, missed } = frame else {
        return Err(Error::OutOfOrder(came));
    };
    if name != *expected {
        return Err(Error::WrongName(name));
    }
    wire.logged_in();
    Ok(Ok(Welcome { session, token, timeout, now, since, pass, missed }))
}

/// The next frame, if it is no refusal.
async fn answer(wire: &mut Wire) -> Result<Answered<ServerFrame>> {
    let frame = wire.receive().await?;
    if let ServerFrame::LoginRefused(refusal) = frame { Ok(Err(refusal)) } else { Ok(Ok(frame)) }
}
