//! This project's protocol (`docs/PROTOCOL.md`). User N has the name `uN` and the password `pw`.
//!
//! What happens at the server is what always happens. The client's Argon2id is left out, at registration and at login:
//! it never runs on the server, and a generator that pays it measures itself. So these accounts are good for nothing
//! but measuring.

use std::time::{SystemTime, UNIX_EPOCH};

use opaque_ke::ksf::Identity;
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, RegistrationResponse, Ristretto255, TripleDh,
};
use rand_core::{OsRng, RngCore};
use whoelse_proto::codec::{FrameReader, encode_into};
use whoelse_proto::limits::MAX_FRAME;
use whoelse_proto::opaque::{context, identifiers};
use whoelse_proto::{
    Agent, Answer, ClientFrame, Command, Content, Envelope, MessageId, Outcome, RequestId, Seq, ServerFrame, Target,
    Text, Timestamp, UserName, VersionRange,
};

use super::{Exporter, Learned, Role, Session};

/// The protocol's suite without its key stretching.
pub(crate) struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = Identity;
}

pub(crate) const PASSWORD: &[u8] = b"pw";

/// How far the login is.
enum Stage {
    Greeting,
    Registering(ClientRegistration<Suite>),
    Registered,
    LoggingIn(Box<ClientLogin<Suite>>),
    Online,
}

pub(super) struct Whoelse {
    name: String,
    role: Role,
    exporter: Exporter,
    reader: FrameReader,
    stage: Stage,
    /// The last message of the bytes at hand: acknowledged once for all of them, as a client does that writes to disk.
    unacknowledged: Option<Seq>,
    requests: RequestId,
    ids: Ids,
}

/// Names for messages: the clock of the first, then a count, with random bytes of this session.
struct Ids {
    at: Timestamp,
    count: u32,
    random: [u8; 6],
}

impl Ids {
    fn new() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut random = [0; 6];
        OsRng.fill_bytes(&mut random);
        Self { at: Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or_default()), count: 0, random }
    }

    fn next(&mut self) -> MessageId {
        self.count += 1;
        // Version and variant take bits of the first three bytes: the count stands behind them.
        let mut bytes = [0; 10];
        for (place, byte) in bytes.iter_mut().zip(self.random.into_iter().chain(self.count.to_be_bytes())) {
            *place = byte;
        }
        MessageId::new(self.at, bytes)
    }
}

type Answered = Result<(), String>;

impl Whoelse {
    pub(super) fn new(id: u32, role: Role) -> Self {
        Self {
            name: format!("u{id}"),
            role,
            exporter: Exporter::default(),
            reader: FrameReader::new(MAX_FRAME),
            stage: Stage::Greeting,
            unacknowledged: None,
            requests: RequestId::default(),
            ids: Ids::new(),
        }
    }

    fn name(&self) -> Result<UserName, String> {
        UserName::new(&self.name).map_err(|error| error.to_string())
    }

    /// Answers the server's hello.
    fn enter(&mut self, out: &mut Vec<u8>) -> Answered {
        let name = self.name()?;
        if matches!(self.role, Role::Newcomer | Role::NewSpeaker) {
            let start = ClientRegistration::<Suite>::start(&mut OsRng, PASSWORD).map_err(|e| e.to_string())?;
            self.stage = Stage::Registering(start.state);
            let registration_request = start.message.serialize().to_vec();
            return say(&ClientFrame::RegisterStart { name, registration_request, invite: None }, out);
        }
        let start = ClientLogin::<Suite>::start(&mut OsRng, PASSWORD).map_err(|e| e.to_string())?;
        self.stage = Stage::LoggingIn(Box::new(start.state));
        say(&ClientFrame::LoginStart { name, credential_request: start.message.serialize().to_vec(), pass: None }, out)
    }

    fn register(&mut self, response: &[u8], out: &mut Vec<u8>) -> Answered {
        let Stage::Registering(state) = std::mem::replace(&mut self.stage, Stage::Registered) else {
            return Err("a register_challenge that nobody asked for".into());
        };
        let name = self.name()?;
        let response = RegistrationResponse::deserialize(response).map_err(|e| e.to_string())?;
        let parameters = ClientRegistrationFinishParameters::new(identifiers(&name), None);
        let finish = state.finish(&mut OsRng, PASSWORD, response, parameters).map_err(|e| e.to_string())?;
        say(&ClientFrame::RegisterFinish { registration_upload: finish.message.serialize().to_vec() }, out)
    }

    fn prove(&mut self, response: &[u8], out: &mut Vec<u8>) -> Answered {
        let Stage::LoggingIn(state) = std::mem::replace(&mut self.stage, Stage::Online) else {
            return Err("a login_challenge that nobody asked for".into());
        };
        let (name, context) = (self.name()?, context(&self.exporter));
        let response = CredentialResponse::deserialize(response).map_err(|e| e.to_string())?;
        let parameters = ClientLoginFinishParameters::new(Some(&context), identifiers(&name), None);
        let finish = state.finish(&mut OsRng, PASSWORD, response, parameters).map_err(|e| e.to_string())?;
        say(
            &ClientFrame::LoginFinish {
                credential_finalization: finish.message.serialize().to_vec(),
                take_over: false,
                new_password: None,
            },
            out,
        )
    }

    fn listen(&mut self, out: &mut Vec<u8>, learned: &mut Learned) -> Answered {
        while let Some(frame) = self.reader.next_frame().map_err(|error| error.to_string())? {
            self.heard(frame, out, learned)?;
        }
        match self.unacknowledged.take() {
            Some(up_to) => say(&ClientFrame::Ack { up_to }, out),
            None => Ok(()),
        }
    }

    fn heard(&mut self, frame: ServerFrame, out: &mut Vec<u8>, learned: &mut Learned) -> Answered {
        match frame {
            ServerFrame::Hello { .. } => self.enter(out),
            ServerFrame::RegisterChallenge { registration_response } => self.register(&registration_response, out),
            ServerFrame::LoginChallenge { credential_response } => self.prove(&credential_response, out),
            ServerFrame::Registered {} | ServerFrame::Roster { more: false, .. } => {
                learned.ready = true;
                Ok(())
            }
            ServerFrame::LoginRefused(whoelse_proto::LoginRefusal::NameTaken { .. }) => {
                // A run before this one made it.
                learned.ready = true;
                Ok(())
            }
            ServerFrame::Deliver(envelope) => {
                arrived(&envelope, learned);
                self.unacknowledged = Some(envelope.seq);
                Ok(())
            }
            ServerFrame::Reply { outcome: Outcome::Ok(Answer::Accepted { .. }), .. } => {
                learned.acknowledged += 1;
                Ok(())
            }
            ServerFrame::Ping {} => say(&ClientFrame::Pong {}, out),
            ServerFrame::LoginRefused(refusal) => Err(format!("login refused: {refusal:?}")),
            ServerFrame::SessionEnded { reason } => Err(format!("session ended: {reason:?}")),
            ServerFrame::Fault(fault) => Err(format!("fault: {fault:?}")),
            ServerFrame::Reply { outcome: Outcome::Refused(refusal), .. } => Err(format!("refused: {refusal:?}")),
            ServerFrame::Welcome { .. }
            | ServerFrame::Roster { more: true, .. }
            | ServerFrame::Presence { .. }
            | ServerFrame::Progress { .. }
            | ServerFrame::Notice(_)
            | ServerFrame::Private(_)
            | ServerFrame::Reply { .. }
            | ServerFrame::InactivityWarning { .. }
            | ServerFrame::Pong {} => Ok(()),
        }
    }

    fn request(&mut self, command: Command, out: &mut Vec<u8>) {
        self.requests = self.requests.next();
        // A request of one short text always fits its frame.
        let _fits = say(&ClientFrame::Request { id: self.requests, command }, out);
    }

    fn message(&mut self, to: Target, body: &[u8], out: &mut Vec<u8>) {
        if let Ok(text) = Text::new(&String::from_utf8_lossy(body)) {
            let id = self.ids.next();
            self.request(Command::Send { id, to, content: Content::Text { text, reply_to: None } }, out);
        }
    }
}

fn say(frame: &ClientFrame, out: &mut Vec<u8>) -> Answered {
    encode_into(frame, MAX_FRAME, out).map_err(|error| error.to_string())
}

fn arrived(envelope: &Envelope, learned: &mut Learned) {
    match &envelope.content {
        Content::Text { text, .. } | Content::Edit { text, .. } => learned.arrived(text.as_str().as_bytes()),
        Content::Reaction { .. } => {}
    }
}

impl Session for Whoelse {
    fn start(&mut self, out: &mut Vec<u8>) {
        let agent = Agent::new("whoelse-bench");
        let _fits = say(&ClientFrame::Hello { versions: VersionRange::OURS, agent, features: Vec::new() }, out);
    }

    fn secured(&mut self, exporter: Exporter) {
        self.exporter = exporter;
    }

    fn feed(&mut self, data: &[u8], out: &mut Vec<u8>, learned: &mut Learned) -> usize {
        self.reader.feed(data);
        learned.fatal = self.listen(out, learned).err();
        data.len()
    }

    fn send(&mut self, to: u32, body: &[u8], out: &mut Vec<u8>) {
        if let Ok(to) = UserName::new(&format!("u{to}")) {
            self.message(Target::User(to), body, out);
        }
    }

    fn broadcast(&mut self, body: &[u8], out: &mut Vec<u8>) {
        self.message(Target::Everyone {}, body, out);
    }

    fn leave(&mut self, out: &mut Vec<u8>) {
        self.request(Command::Logout {}, out);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_messages_of_two_sessions_have_one_id() {
        let (mut one, mut other) = (Ids::new(), Ids::new());
        let ids: BTreeSet<_> = (0..1000).flat_map(|_| [one.next(), other.next()]).collect();
        assert_eq!(ids.len(), 2000);
    }
}
