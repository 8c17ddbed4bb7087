//! One connection of an attacker or of a user, step by step.
//!
//! Accounts are made as in the load generator: without the client's Argon2id, which never runs on the server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, RegistrationResponse,
};
use rand_core::{OsRng, RngCore};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use whoelse_proto::codec::{FrameReader, encode};
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::opaque::{EXPORTER_BYTES, EXPORTER_LABEL, context, identifiers};
use whoelse_proto::{
    Addresses, Agent, Answer, ClientFrame, Command, Content, DeviceKey, DevicePass, Feature, LoginRefusal, MessageId,
    Outcome, PeerAddress, PrivateCommand, Refusal, RequestId, ServerFrame, Target, Text, Timestamp, UserName,
    VersionRange,
};

use crate::error::{Error, Result};
use crate::protocol::{PASSWORD, Suite};

/// How long any answer may take before it counts as none. Nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes read at once.
const READ_BYTES: usize = 16 * 1024;

/// Where a server is, and how to speak to it.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) address: SocketAddr,
    pub(super) tls: Arc<ClientConfig>,
}

/// An address of this machine that nobody else has: another host, as the server sees it.
pub(super) fn host(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, number))
}

/// Opens a socket from a host.
pub(super) async fn dial(door: &Door, from: IpAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    socket.connect(door.address).await
}

/// What stops an attack before it has shown anything.
pub(super) fn failed(cause: impl std::fmt::Display) -> Error {
    Error::Connection { id: 0, cause: cause.to_string() }
}

pub(super) fn name(raw: &str) -> Result<UserName> {
    UserName::new(raw).map_err(failed)
}

/// A new name for a message.
pub(super) fn message_id() -> MessageId {
    let mut random = [0; 10];
    OsRng.fill_bytes(&mut random);
    MessageId::new(Timestamp::from_millis(0), random)
}

pub(super) fn message(id: MessageId, to: Target, text: &str) -> Result<Command> {
    let content = Content::Text { text: Text::new(text).map_err(failed)?, reply_to: None };
    Ok(Command::Send { id, to, content })
}

/// A connection behind its TLS handshake and its hello.
pub(super) struct Client {
    stream: TlsStream<TcpStream>,
    reader: FrameReader,
    /// What one read takes.
    buffer: Vec<u8>,
    requests: RequestId,
    /// By which the server knows this device again.
    pub(super) pass: Option<DevicePass>,
}

impl Client {
    /// Connects from a host and says hello.
    pub(super) async fn enter(door: &Door, from: IpAddr) -> Result<Self> {
        let entering = async {
            let socket = dial(door, from).await.map_err(failed)?;
            socket.set_nodelay(true).map_err(failed)?;
            let connector = TlsConnector::from(Arc::clone(&door.tls));
            let stream = connector.connect(ServerName::from(door.address.ip()), socket).await.map_err(failed)?;
            let (reader, buffer) = (FrameReader::new(MAX_FRAME), vec![0; READ_BYTES]);
            let mut client = Self { stream, reader, buffer, requests: RequestId::default(), pass: None };
            let features = vec![Feature::private()];
            let hello = ClientFrame::Hello { versions: VersionRange::OURS, agent: Agent::new("attacker"), features };
            client.say(&hello).await?;
            match client.hear().await? {
                ServerFrame::Hello { .. } => Ok(client),
                other => Err(failed(format!("{other:?} where a hello was due"))),
            }
        };
        timeout(PATIENCE, entering).await.map_err(failed)?
    }

    pub(super) async fn say(&mut self, frame: &ClientFrame) -> Result<()> {
        let bytes = encode(frame, MAX_FRAME).map_err(failed)?;
        self.stream.write_all(&bytes).await.map_err(failed)?;
        self.stream.flush().await.map_err(failed)
    }

    /// The next frame that is no ping. Given up, none is lost.
    pub(super) async fn hear(&mut self) -> Result<ServerFrame> {
        loop {
            match self.reader.next_frame().map_err(failed)? {
                Some(ServerFrame::Ping {}) => self.say(&ClientFrame::Pong {}).await?,
                Some(ServerFrame::Fault(fault)) => return Err(failed(format!("fault: {fault:?}"))),
                Some(frame) => return Ok(frame),
                None => match self.stream.read(&mut self.buffer).await.map_err(failed)? {
                    0 => return Err(failed("the server closed the connection")),
                    count => self.reader.feed(self.buffer.get(..count).unwrap_or_default()),
                },
            }
        }
    }

    /// Waits for a frame of which something is picked; acknowledges what is delivered meanwhile.
    pub(super) async fn hear_that<T>(&mut self, pick: impl Fn(ServerFrame) -> Option<T>) -> Result<T> {
        let picked = async {
            loop {
                let frame = self.hear().await?;
                if let ServerFrame::Deliver(envelope) = &frame {
                    self.say(&ClientFrame::Ack { up_to: envelope.seq }).await?;
                }
                if let Some(picked) = pick(frame) {
                    return Ok(picked);
                }
            }
        };
        timeout(PATIENCE, picked).await.map_err(failed)?
    }

    /// Asks for something without waiting for the answer.
    pub(super) async fn post(&mut self, command: Command) -> Result<RequestId> {
        self.requests = self.requests.next();
        self.say(&ClientFrame::Request { id: self.requests, command }).await?;
        Ok(self.requests)
    }

    /// Asks, and waits for the last part of the answer.
    pub(super) async fn ask(&mut self, command: Command) -> Result<std::result::Result<Answer, Refusal>> {
        let asked = self.post(command).await?;
        let outcome = self.hear_that(|frame| match frame {
            ServerFrame::Reply { id, more: false, outcome } if id == asked => Some(outcome),
            _ => None,
        });
        match outcome.await? {
            Outcome::Ok(answer) => Ok(Ok(answer)),
            Outcome::Refused(refusal) => Ok(Err(refusal)),
        }
    }

    /// The server's part of a registration.
    pub(super) async fn challenge(
        &mut self,
        user: &UserName,
        request: Vec<u8>,
    ) -> Result<std::result::Result<Vec<u8>, LoginRefusal>> {
        self.say(&ClientFrame::RegisterStart { name: user.clone(), registration_request: request, invite: None })
            .await?;
        self.hear_that(|frame| match frame {
            ServerFrame::RegisterChallenge { registration_response } => Some(Ok(registration_response)),
            ServerFrame::LoginRefused(refusal) => Some(Err(refusal)),
            _ => None,
        })
        .await
    }

    /// Completes an account with an upload, which may be anybody's.
    pub(super) async fn upload(&mut self, upload: Vec<u8>) -> Result<std::result::Result<(), LoginRefusal>> {
        self.say(&ClientFrame::RegisterFinish { registration_upload: upload }).await?;
        self.hear_that(|frame| match frame {
            ServerFrame::Registered {} => Some(Ok(())),
            ServerFrame::LoginRefused(refusal) => Some(Err(refusal)),
            _ => None,
        })
        .await
    }

    /// Makes an account.
    pub(super) async fn register(&mut self, user: &UserName) -> Result<std::result::Result<(), LoginRefusal>> {
        let start = ClientRegistration::<Suite>::start(&mut OsRng, PASSWORD).map_err(failed)?;
        let response = match self.challenge(user, start.message.serialize().to_vec()).await? {
            Ok(response) => response,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let response = RegistrationResponse::deserialize(&response).map_err(failed)?;
        let parameters = ClientRegistrationFinishParameters::new(identifiers(user), None);
        let finish = start.state.finish(&mut OsRng, PASSWORD, response, parameters).map_err(failed)?;
        self.upload(finish.message.serialize().to_vec()).await
    }

    /// Begins a login and gives it up: a wrong password.
    pub(super) async fn guess(&mut self, user: &UserName) -> Result<std::result::Result<(), LoginRefusal>> {
        let start = ClientLogin::<Suite>::start(&mut OsRng, PASSWORD).map_err(failed)?;
        let credential_request = start.message.serialize().to_vec();
        self.say(&ClientFrame::LoginStart { name: user.clone(), credential_request, pass: None }).await?;
        let challenged = self.hear_that(|frame| match frame {
            ServerFrame::LoginChallenge { .. } => Some(Ok(())),
            ServerFrame::LoginRefused(refusal) => Some(Err(refusal)),
            _ => None,
        });
        if let Err(refusal) = challenged.await? {
            return Ok(Err(refusal));
        }
        self.say(&ClientFrame::LoginGiveUp {}).await?;
        self.hear_that(|frame| match frame {
            ServerFrame::LoginRefused(refusal) => Some(Err(refusal)),
            _ => None,
        })
        .await
    }

    /// Logs in and reads the roster.
    pub(super) async fn log_in(&mut self, user: &UserName) -> Result<std::result::Result<(), LoginRefusal>> {
        let start = ClientLogin::<Suite>::start(&mut OsRng, PASSWORD).map_err(failed)?;
        let credential_request = start.message.serialize().to_vec();
        self.say(&ClientFrame::LoginStart { name: user.clone(), credential_request, pass: self.pass.clone() }).await?;
        let response = self.hear_that(|frame| match frame {
            ServerFrame::LoginChallenge { credential_response } => Some(Ok(credential_response)),
            ServerFrame::LoginRefused(refusal) => Some(Err(refusal)),
            _ => None,
        });
        let response = match response.await? {
            Ok(response) => CredentialResponse::deserialize(&response).map_err(failed)?,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (_, tls) = self.stream.get_ref();
        let exporter = tls.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None)?;
        let context = context(&exporter);
        let parameters = ClientLoginFinishParameters::new(Some(&context), identifiers(user), None);
        let finish = start.state.finish(&mut OsRng, PASSWORD, response, parameters).map_err(failed)?;
        let credential_finalization = finish.message.serialize().to_vec();
        self.say(&ClientFrame::LoginFinish { credential_finalization, take_over: false, new_password: None }).await?;
        let welcomed = self.hear_that(|frame| match frame {
            ServerFrame::Welcome { pass, .. } => Some(Ok(pass)),
            ServerFrame::LoginRefused(refusal) => Some(Err(refusal)),
            _ => None,
        });
        match welcomed.await? {
            Ok(pass) => self.pass = pass.or(self.pass.take()),
            Err(refusal) => return Ok(Err(refusal)),
        }
        self.hear_that(|frame| matches!(frame, ServerFrame::Roster { more: false, .. }).then_some(())).await?;
        Ok(Ok(()))
    }

    /// A user of a new account, logged in from a host.
    pub(super) async fn newcomer(door: &Door, from: IpAddr, user: &UserName) -> Result<Self> {
        let mut client = Self::enter(door, from).await?;
        client.register(user).await?.map_err(|refusal| failed(format!("no account {user}: {refusal:?}")))?;
        client.log_in(user).await?.map_err(|refusal| failed(format!("no session of {user}: {refusal:?}")))?;
        Ok(client)
    }

    /// Makes a device known, so that private sessions and files can be asked for.
    pub(super) async fn publish(&mut self, key: u8) -> Result<()> {
        let address = SocketAddr::new(host(1), 40_000 + u16::from(key));
        let addresses = Addresses::new([PeerAddress::Direct(address)]);
        let publish = PrivateCommand::Publish { device: DeviceKey::from_bytes([key; 32]), addresses };
        let answer = self.ask(Command::Private(publish)).await?;
        answer.map(|_| ()).map_err(|refusal| failed(format!("no device: {refusal:?}")))
    }

    /// Says goodbye and waits for the end of the connection.
    pub(super) async fn leave(mut self) -> Result<()> {
        self.post(Command::Logout {}).await?;
        self.hear_that(|frame| matches!(frame, ServerFrame::SessionEnded { .. }).then_some(())).await
    }

    /// Ends the line without a word.
    pub(super) fn cut(self) {
        drop(self);
    }
}
