//! One task a connection: TLS, the way in, then frames to and fro until the end.
//!
//! Thin: [`phase`] says which frame may come when, [`line`](self::line) moves bytes, the hub decides.

mod alive;
mod line;
mod opaque;
mod phase;
mod seen;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use whoelse_hub::{Command, ConnId};
use whoelse_proto::limits::{LOGIN_DEADLINE_S, PING_AFTER_S};
use whoelse_proto::{ALPN, Agent, ClientFrame, Feature, NewAccounts, ProtocolFault, ServerFrame, VersionRange};

use super::admission::{Admission, Place};
use super::driver::Input;
use super::encode::encode;
use super::outbox::{Hears, Order, Outbox};
use crate::accounts::{Accounts, OpenProof};
use alive::Watch;
use line::{Event, Line, LineEnd};
use phase::{Ears, Phase, Step};

/// What all connections share.
pub(super) struct Door {
    pub(super) tls: TlsAcceptor,
    pub(super) accounts: Arc<Accounts>,
    pub(super) admission: Arc<Admission>,
    pub(super) driver: mpsc::Sender<Input>,
    pub(super) title: Agent,
    pub(super) registration: NewAccounts,
    /// Passwords that are hashed at the same time: each takes a core and 19 MiB for some hundredths of a second.
    pub(super) hashing: Semaphore,
}

impl Door {
    /// What the server understands beyond the least.
    fn features(&self) -> Vec<Feature> {
        let invites = (self.registration == NewAccounts::Invited).then(Feature::invite);
        [Feature::private(), Feature::password(), Feature::notices()].into_iter().chain(invites).collect()
    }
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
enum End {
    /// The client closed it, broke it, or sent what is no frame.
    #[error(transparent)]
    Line(#[from] LineEnd),
    /// The client broke the rules.
    #[error("a fault of the client: {0:?}")]
    Fault(ProtocolFault),
    /// The driver ordered it.
    #[error("closed by the server")]
    Ordered,
    /// The client gave no sign of life.
    #[error("no sign of life")]
    Silent,
    /// The client does not read.
    #[error("the client does not read")]
    Stuck,
    /// The server cannot serve it.
    #[error("{0}")]
    Unable(String),
}

impl End {
    fn fault(&self) -> Option<ProtocolFault> {
        match self {
            Self::Line(end) => end.fault(),
            Self::Fault(fault) => Some(fault.clone()),
            Self::Ordered | Self::Silent | Self::Stuck | Self::Unable(_) => None,
        }
    }

    /// Whether there is somebody to say the last words to.
    fn hears_last_words(&self) -> bool {
        match self {
            Self::Line(end) => end.fault().is_some(),
            Self::Fault(_) | Self::Ordered | Self::Unable(_) => true,
            Self::Silent | Self::Stuck => false,
        }
    }
}

/// Serves one connection to its end. Until the client says something, the connection costs little: many say nothing.
pub(super) async fn serve(door: Arc<Door>, socket: TcpStream, peer: SocketAddr, place: Place, outbox: Arc<Outbox>) {
    let deadline = Instant::now() + Duration::from_secs(LOGIN_DEADLINE_S);
    let mut first = [0; 1];
    let speaks = tokio::select! {
        peeked = timeout_at(deadline, socket.peek(&mut first)) => matches!(peeked, Ok(Ok(1..))),
        () = poll_fn(|cx| outbox.poll_finished(cx)) => false,
    };
    if speaks {
        Box::pin(converse(door, socket, peer, place, outbox, deadline)).await;
    }
}

/// Serves a connection whose client has begun to speak.
async fn converse(
    door: Arc<Door>,
    socket: TcpStream,
    peer: SocketAddr,
    place: Place,
    outbox: Arc<Outbox>,
    deadline: Instant,
) {
    // Each phase in a box of its own: what the handshake needs is given back before the long wait.
    let Some(stream) = Box::pin(handshake(&door, socket, peer, &outbox, deadline)).await else { return };
    let line = Line::new(stream, Arc::clone(&outbox));
    let conn = Conn {
        id: place.conn(),
        door,
        line,
        outbox,
        peer,
        phase: Phase::Connected,
        attached: None,
        owed: None,
        owes_room: OwesRoom::No,
        held_until: None,
        place,
    };
    conn.run(deadline).await;
}

/// TLS with our protocol, or nothing.
async fn handshake(
    door: &Door,
    socket: TcpStream,
    peer: SocketAddr,
    outbox: &Outbox,
    deadline: Instant,
) -> Option<TlsStream<TcpStream>> {
    let accepted = tokio::select! {
        accepted = timeout_at(deadline, door.tls.accept(socket)) => accepted,
        () = poll_fn(|cx| outbox.poll_finished(cx)) => return None,
    };
    match accepted {
        Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(ALPN) => Some(stream),
        Ok(Ok(_)) => {
            tracing::debug!(%peer, "another protocol");
            None
        }
        Ok(Err(error)) => {
            tracing::debug!(%peer, %error, "no TLS");
            None
        }
        Err(_elapsed) => {
            tracing::debug!(%peer, "TLS took too long");
            None
        }
    }
}

/// A connection behind its handshake.
struct Conn {
    id: ConnId,
    door: Arc<Door>,
    line: Line,
    outbox: Arc<Outbox>,
    phase: Phase<Box<OpenProof>>,
    /// Held while the driver knows of the connection.
    attached: Option<Attached>,
    /// What waits for room in the driver's queue; until then nothing further is read.
    owed: Option<Input>,
    /// Whether the driver is to hear that there is room for a page.
    owes_room: OwesRoom,
    /// Until when nothing is read: the client sends faster than its share.
    held_until: Option<Instant>,
    /// The address from which the client comes.
    peer: SocketAddr,
    place: Place,
}

impl Conn {
    async fn run(mut self, deadline: Instant) {
        let end = self.talk(deadline).await;
        let peer = self.peer;
        tracing::debug!(%peer, conn = self.id.get(), %end, "connection over");
        let Self { line, outbox, attached, place, .. } = self;
        drop(attached);
        if let Some(fault) = end.fault() {
            outbox.finish(encode(&ServerFrame::Fault(fault)));
        }
        if end.hears_last_words() {
            Box::pin(line.close()).await;
        }
        drop(place);
    }

    /// Serves until there is a reason to end.
    async fn talk(&mut self, deadline: Instant) -> End {
        let mut timer = std::pin::pin!(sleep_until(deadline));
        loop {
            let owes = self.owed.is_some() || self.owes_room == OwesRoom::Yes;
            let is_held = self.owed.is_some() || self.held_until.is_some();
            let ears = if is_held { Ears::Closed } else { self.phase.ears() };
            let hold = self.held_until;
            let next = tokio::select! {
                permit = self.door.driver.reserve(), if owes => match permit {
                    Ok(permit) => {
                        if let Some(input) = self.owed.take() {
                            permit.send(input);
                        } else {
                            self.owes_room = OwesRoom::No;
                            permit.send(Input::Hub(Command::Room { conn: self.id }));
                        }
                        Next::Told
                    }
                    Err(_closed) => Next::Over(End::Ordered),
                },
                event = poll_fn(|cx| self.line.poll_next(cx, ears)) => match event {
                    Ok(event) => Next::Event(event),
                    Err(end) => Next::Over(end.into()),
                },
                () = sleep_until(hold.unwrap_or(deadline)), if hold.is_some() => {
                    self.held_until = None;
                    Next::Told
                }
                () = timer.as_mut() => Next::Time,
            };
            let result = match next {
                Next::Told => Ok(()),
                Next::Event(event) => self.on_event(event, timer.as_mut()).await,
                Next::Time => self.on_time(timer.as_mut()),
                Next::Over(end) => Err(end),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    async fn on_event(&mut self, event: Event, timer: Pin<&mut Sleep>) -> Result<(), End> {
        match event {
            Event::Frame(frame) => self.on_frame(frame),
            Event::Verdict => {
                self.phase.on_verdict();
                Ok(())
            }
            Event::Room => {
                self.owes_room = OwesRoom::Yes;
                Ok(())
            }
            Event::Order(Order::Challenge(name)) => {
                let asked_at = Instant::now();
                let result = self.challenge(name).await;
                // The time that the server took is not the client's.
                let deadline = timer.deadline() + asked_at.elapsed();
                timer.reset(deadline);
                result
            }
            Event::Order(Order::RegisterChallenge(name)) => self.register_challenge(name),
            Event::Order(Order::Admit(name)) => {
                tracing::debug!(conn = self.id.get(), %name, "logged in");
                self.phase = Phase::Admitted;
                self.line.admit();
                if self.place.admit().is_err() {
                    return Err(End::Fault(ProtocolFault::Full {}));
                }
                timer.reset(Instant::now() + Duration::from_secs(PING_AFTER_S));
                Ok(())
            }
            Event::Order(Order::Hold(millis)) => {
                self.held_until = Some(Instant::now() + Duration::from_millis(millis));
                Ok(())
            }
            Event::Order(Order::Close) => Err(End::Ordered),
        }
    }

    fn on_frame(&mut self, frame: ClientFrame) -> Result<(), End> {
        let conn = self.id;
        match self.phase.on_frame(frame).map_err(End::Fault)? {
            Step::Greet(versions, hears) => self.greet(versions, hears),
            Step::OpenLogin(name, pass) => self.open_login(name, pass.as_ref()),
            Step::CheckProof(proof, finalization, take_over) => self.check_proof(*proof, &finalization, take_over),
            Step::CheckChange(proof, finalization) => self.check_change(*proof, &finalization),
            Step::FailLogin => self.tell(Command::FailLogin { conn }),
            Step::OpenRegistration(name, invite) => {
                self.tell(Command::OpenRegistration { conn, name, invite, from: self.from() })
            }
            Step::CompleteRegistration(registering, upload) => self.complete_registration(registering, &upload),
            Step::Resume(name, token) => self.tell(Command::Resume { conn, name, shown: opaque::hashed(token) }),
            Step::Request(id, command) => {
                self.line.open_request();
                let command = seen::with_address(command, self.peer);
                self.tell(Command::Request { conn, id, command })
            }
            Step::Acknowledge(up_to) => self.tell(Command::Acknowledge { conn, up_to }),
            Step::Heard => self.tell(Command::Heard { conn }),
            Step::Pong => self.say(&ServerFrame::Pong {}),
        }
    }

    /// Answers the hello, and makes itself known to the driver.
    fn greet(&mut self, versions: VersionRange, hears: Hears) -> Result<(), End> {
        let Some(version) = versions.common(VersionRange::OURS) else {
            return Err(End::Fault(ProtocolFault::Version { supported: VersionRange::OURS }));
        };
        if self.place.check_session().is_err() {
            return Err(End::Fault(ProtocolFault::Full {}));
        }
        self.outbox.client_hears(hears);
        self.owed = Some(Input::Attach { conn: self.id, outbox: Arc::clone(&self.outbox) });
        self.attached = Some(Attached { conn: self.id, driver: self.door.driver.clone() });
        self.say(&ServerFrame::Hello {
            version,
            agent: Agent::new(concat!("whoelse-server ", env!("CARGO_PKG_VERSION"))),
            title: self.door.title.clone(),
            registration: self.door.registration.registration(),
            features: self.door.features(),
        })
    }

    /// Tells the hub, as soon as the driver's queue has room.
    #[expect(clippy::unnecessary_wraps, reason = "one of the answers to a frame, the others can fail")]
    fn tell(&mut self, command: Command) -> Result<(), End> {
        self.owed = Some(Input::Hub(command));
        Ok(())
    }

    /// Writes a frame of the connection's own.
    fn say(&mut self, frame: &ServerFrame) -> Result<(), End> {
        let bytes = encode(frame).ok_or_else(|| End::Unable("a frame could not be written".into()))?;
        self.line.write(&bytes);
        Ok(())
    }

    /// The deadline of the login, or a look at a line that may be dead.
    fn on_time(&mut self, timer: Pin<&mut Sleep>) -> Result<(), End> {
        if !matches!(self.phase, Phase::Admitted) {
            return Err(End::Fault(ProtocolFault::LoginDeadline {}));
        }
        match alive::watch(Instant::now(), self.line.heard_at(), self.line.stuck_since()) {
            Watch::Silent => Err(End::Silent),
            Watch::Stuck => Err(End::Stuck),
            Watch::Ping { next } => {
                timer.reset(next);
                self.say(&ServerFrame::Ping {})
            }
            Watch::Wait { next } => {
                timer.reset(next);
                Ok(())
            }
        }
    }
}

/// Whether the driver is to hear that there is room for a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum OwesRoom {
    #[default]
    No,
    Yes,
}

/// What a connection waited for.
enum Next {
    /// The driver took what it was owed.
    Told,
    Event(Event),
    Time,
    Over(End),
}

/// Tells the driver at the end of a connection, however it comes, that it is gone.
#[derive(Debug)]
struct Attached {
    conn: ConnId,
    driver: mpsc::Sender<Input>,
}

impl Drop for Attached {
    fn drop(&mut self) {
        let gone = Input::Detach { conn: self.conn };
        if let Err(mpsc::error::TrySendError::Full(gone)) = self.driver.try_send(gone)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let driver = self.driver.clone();
            // A driver that is gone needs not to be told.
            runtime.spawn(async move { driver.send(gone).await.unwrap_or_default() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that the task of such a function takes from its start.
    fn bytes_of<A, B, C, D, E, F: Future>(_task: impl Fn(A, B, C, D, E) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_connection_that_says_nothing_holds_less_than_a_kibibyte() {
        let bytes = bytes_of(serve);
        assert!(bytes < 1024, "{bytes} bytes");
    }
}
