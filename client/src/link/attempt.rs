//! One attempt at a line, from the name of the host to welcome, refusal or failure.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::timeout;
use whoelse_proto::{Agent, Fingerprint, LoginRefusal, NewAccounts, Password};

use super::dial::dial;
use super::line::Line;
use super::login::{self, Answered, Identity, Proof, Welcome, greet, log_in};
use super::tls::{Handshake, secure};
use super::wire::Wire;
use crate::error::{Error, Result};

/// For the handshake.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(5);

/// For the login: what the server grants, and what it waits for an old line to answer, with room for a slow network.
const LOGIN_DEADLINE: Duration =
    Duration::from_secs(whoelse_proto::limits::LOGIN_DEADLINE_S + whoelse_proto::limits::SIGN_OF_LIFE_S + 3);

/// What to attempt.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Host name or address.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// The key that the server must have; without one, the attempt ends when the key is shown.
    pub(crate) expected: Expected,
    /// As whom, and by what the server knows this device.
    pub(crate) who: Identity,
    /// With what.
    pub(crate) proof: Proof,
}

/// What is known of the server's key.
pub(crate) type Expected = Option<Fingerprint>;

/// Who answered.
#[derive(Clone, Debug)]
pub(crate) struct Greeting {
    /// What the server is called; may be empty.
    pub(crate) title: Agent,
    /// Whether it makes accounts.
    pub(crate) registration: NewAccounts,
    /// Whether it introduces clients to each other.
    pub(crate) private: bool,
    /// Its key.
    pub(crate) fingerprint: Fingerprint,
}

/// A line on which the user is logged in.
pub(crate) struct Admitted {
    /// The line.
    pub(crate) line: Line,
    /// What the server said.
    pub(crate) welcome: Welcome,
    /// Under which address the server was reached.
    pub(crate) server_at: Option<IpAddr>,
}

/// How an attempt ended.
pub(crate) enum Ended {
    /// The server showed a key that was not expected; nothing was sent.
    OtherKey(Fingerprint),
    /// The server did not let the user in.
    Refused(Greeting, LoginRefusal),
    /// The user is in.
    Admitted(Greeting, Admitted),
}

/// Attempts a line.
///
/// # Errors
/// [`Error::Unreachable`], [`Error::Handshake`], or what broke the login.
pub(crate) async fn attempt(attempt: Attempt) -> Result<Ended> {
    let Attempt { host, port, expected, who, proof } = attempt;
    let failed = |cause: String| Error::Handshake { host: host.clone(), port, cause };
    let stream = dial(&host, port).await?;
    let handshake = timeout(HANDSHAKE_DEADLINE, secure(stream, expected)).await;
    let (stream, fingerprint) = match (handshake, expected) {
        (Ok(Handshake::Secured(stream)), Some(fingerprint)) => (stream, fingerprint),
        (Ok(Handshake::Secured(_)), None) => return Err(failed("the server's key was not seen".to_owned())),
        (Ok(Handshake::OtherKey(shown)), _) => return Ok(Ended::OtherKey(shown)),
        (Ok(Handshake::Failed(error)), _) => return Err(failed(no_handshake(&error))),
        (Err(_), _) => return Err(failed("no answer to the handshake".to_owned())),
    };
    let login = converse(Wire::new(*stream), fingerprint, &who, &proof);
    timeout(LOGIN_DEADLINE, login).await.map_err(|_| Error::LoginTooSlow)?
}

/// Why there is no TLS with whatever answers.
fn no_handshake(error: &std::io::Error) -> String {
    // What rustls makes of bytes that are no TLS, and of an alert.
    if error.kind() == ErrorKind::InvalidData {
        return "what answers there is no Whoelse server; check the port".to_owned();
    }
    if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) {
        return "it closed the connection at once; perhaps it is no Whoelse server: check the port".to_owned();
    }
    whoelse_plain::line(error)
}

/// What is needed to change a password.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Host name or address.
    pub(crate) host: String,
    /// Port.
    pub(crate) port: u16,
    /// The key that the server must have.
    pub(crate) expected: Fingerprint,
    /// Whose password, and by what the server knows this device.
    pub(crate) who: Identity,
    /// The password that holds.
    pub(crate) old: Password,
    /// The one to come.
    pub(crate) new: Password,
}

/// Changes a password, on a connection of its own beside that of the session.
///
/// # Errors
/// [`Error::Unreachable`], [`Error::Handshake`], [`Error::NoPasswords`] where the server cannot, or what broke it.
pub(crate) async fn change_password(change: Change) -> Result<Answered<()>> {
    let Change { host, port, expected, who, old, new } = change;
    let failed = |cause: &str| Error::Handshake { host: host.clone(), port, cause: cause.to_owned() };
    let stream = dial(&host, port).await?;
    let stream = match timeout(HANDSHAKE_DEADLINE, secure(stream, Some(expected))).await {
        Ok(Handshake::Secured(stream)) => stream,
        Ok(Handshake::OtherKey(_)) => return Err(failed("it shows another key than before")),
        Ok(Handshake::Failed(error)) => return Err(failed(&no_handshake(&error))),
        Err(_elapsed) => return Err(failed("no answer to the handshake")),
    };
    let mut wire = Wire::new(*stream);
    let talk = async {
        if greet(&mut wire).await?.password {
            login::change_password(&mut wire, &who, &old, &new).await
        } else {
            Err(Error::NoPasswords)
        }
    };
    timeout(LOGIN_DEADLINE, talk).await.map_err(|_elapsed| Error::LoginTooSlow)?
}

/// Hello and login on a secured stream.
async fn converse(mut wire: Wire, fingerprint: Fingerprint, who: &Identity, proof: &Proof) -> Result<Ended> {
    let hello = greet(&mut wire).await?;
    let (title, registration, private) = (hello.title, hello.registration, hello.private);
    let greeting = Greeting { title, registration, private, fingerprint };
    match log_in(&mut wire, who, proof).await? {
        Err(refusal) => Ok(Ended::Refused(greeting, refusal)),
        Ok(welcome) => {
            let server_at = wire.stream.get_ref().0.peer_addr().ok().map(|at| at.ip().to_canonical());
            Ok(Ended::Admitted(greeting, Admitted { line: Line::start(wire), welcome, server_at }))
        }
    }
}
