//! Which frame may come when: the life of a connection before its login, and after.
//!
//! Pure. Knows no socket and no password; the proof of an open login is the caller's, kept here for its turn.

use whoelse_hub::{InviteHash, TakeOver};
use whoelse_proto::{
    ClientFrame, Command, DevicePass, Feature, ProtocolFault, RequestId, ResumeToken, Seq, UserName, VersionRange,
};

use crate::accounts::Salt;
use crate::invites::hash as invite_hash;
use crate::net::outbox::Hears;

/// Where a connection stands. `P` is what checks the client's last word of a login.
#[derive(Debug)]
pub(crate) enum Phase<P> {
    /// Nothing came yet.
    Connected,
    /// The client may try to get in.
    Greeted,
    /// A login was asked for; the hub has the word.
    LoginAsked(Vec<u8>),
    /// The challenge is with the client.
    Challenged(P),
    /// A registration, or another password, was asked for; the hub has the word.
    RegisterAsked(RegisterRequest),
    /// The server's part of the registration is with the client; the salt goes into the record.
    Registering(Registering),
    /// The client did its part; the hub has the word.
    Judged,
    /// Logged in.
    Admitted,
}

/// A client's request for a registration.
#[derive(Debug, Default)]
pub(crate) struct RegisterRequest {
    /// Its part of OPAQUE.
    pub(crate) request: Vec<u8>,
    /// The invitation that it showed.
    pub(crate) invite: Option<InviteHash>,
}

/// A registration that waits for the client's record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Registering {
    pub(crate) name: UserName,
    pub(crate) salt: Salt,
    /// The invitation that the client showed.
    pub(crate) invite: Option<InviteHash>,
}

/// What a frame asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<P> {
    /// Answer the hello, if there is a common version.
    Greet(VersionRange, Hears),
    /// Ask the hub for a login, with the pass that the client shows.
    OpenLogin(UserName, Option<DevicePass>),
    /// Check the client's proof and tell the hub.
    CheckProof(P, Vec<u8>, TakeOver),
    /// Check the client's proof of the old password and tell the hub; the request for the new one waits in the phase.
    CheckChange(P, Vec<u8>),
    /// Tell the hub that the login failed.
    FailLogin,
    /// Ask the hub for a registration, with the invitation that the client shows.
    OpenRegistration(UserName, Option<InviteHash>),
    /// Make the record of what the client uploaded and hand it to the hub.
    CompleteRegistration(Registering, Vec<u8>),
    /// Ask the hub to resume a session.
    Resume(UserName, ResumeToken),
    /// Hand a request to the hub.
    Request(RequestId, Command),
    /// Hand an acknowledgement to the hub.
    Acknowledge(Seq),
    /// Tell the hub that the line lives.
    Heard,
    /// Answer a ping.
    Pong,
}

/// Whether the next frame may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ears {
    /// It may.
    Open,
    /// Something else comes first; what the client sends waits on the line.
    Closed,
}

impl<P> Phase<P> {
    /// Takes the client's next frame.
    ///
    /// # Errors
    /// A fault, if it may not come here; the connection closes.
    pub(crate) fn on_frame(&mut self, frame: ClientFrame) -> Result<Step<P>, ProtocolFault> {
        match std::mem::replace(self, Self::Judged) {
            Self::Connected => self.hello(&frame),
            Self::Greeted => self.first(frame),
            Self::Challenged(proof) => self.proof(proof, frame),
            Self::Registering(registering) => self.record(registering, frame),
            Self::Admitted => self.admitted(frame),
            Self::LoginAsked(_) | Self::RegisterAsked(_) | Self::Judged => Err(ProtocolFault::OutOfOrder {}),
        }
    }

    /// Whether the phase waits for the client, and not for the hub.
    pub(crate) const fn ears(&self) -> Ears {
        match self {
            Self::LoginAsked(_) | Self::RegisterAsked(_) | Self::Judged => Ears::Closed,
            Self::Connected | Self::Greeted | Self::Challenged(_) | Self::Registering(_) | Self::Admitted => Ears::Open,
        }
    }

    /// The client's request for a login, while the hub has the word.
    pub(crate) fn login_request(&self) -> Option<&[u8]> {
        if let Self::LoginAsked(request) = self { Some(request) } else { None }
    }

    /// The hub lets the login have its challenge: gives the client's request.
    pub(crate) fn take_login_request(&mut self) -> Option<Vec<u8>> {
        if let Self::LoginAsked(request) = self { Some(std::mem::take(request)) } else { None }
    }

    /// The hub lets the registration go on: gives the client's request.
    pub(crate) fn take_register_request(&mut self) -> Option<RegisterRequest> {
        if let Self::RegisterAsked(request) = self { Some(std::mem::take(request)) } else { None }
    }

    /// The hub has spoken: refused, or registered. The client may try again.
    pub(crate) fn on_verdict(&mut self) {
        match self {
            Self::LoginAsked(_) | Self::RegisterAsked(_) | Self::Judged => *self = Self::Greeted,
            Self::Connected | Self::Greeted | Self::Challenged(_) | Self::Registering(_) | Self::Admitted => {}
        }
    }

    fn hello(&mut self, frame: &ClientFrame) -> Result<Step<P>, ProtocolFault> {
        let ClientFrame::Hello { versions, features, .. } = frame else {
            return Err(ProtocolFault::OutOfOrder {});
        };
        if versions.common(VersionRange::OURS).is_none() {
            return Err(ProtocolFault::Version { supported: VersionRange::OURS });
        }
        *self = Self::Greeted;
        let hears = if features.contains(&Feature::notices()) { Hears::Notices } else { Hears::NoNotices };
        Ok(Step::Greet(*versions, hears))
    }

    fn first(&mut self, frame: ClientFrame) -> Result<Step<P>, ProtocolFault> {
        match frame {
            ClientFrame::LoginStart { name, credential_request, pass } => {
                *self = Self::LoginAsked(credential_request);
                Ok(Step::OpenLogin(name, pass))
            }
            ClientFrame::RegisterStart { name, registration_request: request, invite } => {
                let invite = invite.as_ref().map(invite_hash);
                *self = Self::RegisterAsked(RegisterRequest { request, invite });
                Ok(Step::OpenRegistration(name, invite))
            }
            ClientFrame::Resume { name, token } => Ok(Step::Resume(name, token)),
            ClientFrame::Ping {} => {
                *self = Self::Greeted;
                Ok(Step::Pong)
            }
            ClientFrame::Hello { .. }
            | ClientFrame::LoginFinish { .. }
            | ClientFrame::LoginGiveUp {}
            | ClientFrame::RegisterFinish { .. }
            | ClientFrame::Request { .. }
            | ClientFrame::Ack { .. }
            | ClientFrame::Pong {} => Err(ProtocolFault::OutOfOrder {}),
        }
    }

    fn proof(&mut self, proof: P, frame: ClientFrame) -> Result<Step<P>, ProtocolFault> {
        match frame {
            ClientFrame::LoginFinish { credential_finalization, new_password: Some(request), .. } => {
                *self = Self::RegisterAsked(RegisterRequest { request, invite: None });
                Ok(Step::CheckChange(proof, credential_finalization))
            }
            ClientFrame::LoginFinish { credential_finalization, take_over, new_password: None } => {
                let take_over = if take_over { TakeOver::Yes } else { TakeOver::No };
                Ok(Step::CheckProof(proof, credential_finalization, take_over))
            }
            ClientFrame::LoginGiveUp {} => Ok(Step::FailLogin),
            ClientFrame::Ping {} => {
                *self = Self::Challenged(proof);
                Ok(Step::Pong)
            }
            ClientFrame::Hello { .. }
            | ClientFrame::LoginStart { .. }
            | ClientFrame::RegisterStart { .. }
            | ClientFrame::RegisterFinish { .. }
            | ClientFrame::Resume { .. }
            | ClientFrame::Request { .. }
            | ClientFrame::Ack { .. }
            | ClientFrame::Pong {} => Err(ProtocolFault::OutOfOrder {}),
        }
    }

    fn record(&mut self, registering: Registering, frame: ClientFrame) -> Result<Step<P>, ProtocolFault> {
        match frame {
            ClientFrame::RegisterFinish { registration_upload } => {
                Ok(Step::CompleteRegistration(registering, registration_upload))
            }
            ClientFrame::Ping {} => {
                *self = Self::Registering(registering);
                Ok(Step::Pong)
            }
            ClientFrame::Hello { .. }
            | ClientFrame::LoginStart { .. }
            | ClientFrame::LoginFinish { .. }
            | ClientFrame::LoginGiveUp {}
            | ClientFrame::RegisterStart { .. }
            | ClientFrame::Resume { .. }
            | ClientFrame::Request { .. }
            | ClientFrame::Ack { .. }
            | ClientFrame::Pong {} => Err(ProtocolFault::OutOfOrder {}),
        }
    }

    fn admitted(&mut self, frame: ClientFrame) -> Result<Step<P>, ProtocolFault> {
        *self = Self::Admitted;
        match frame {
            ClientFrame::Request { id, command } => Ok(Step::Request(id, command)),
            ClientFrame::Ack { up_to } => Ok(Step::Acknowledge(up_to)),
            ClientFrame::Ping {} => Ok(Step::Pong),
            ClientFrame::Pong {} => Ok(Step::Heard),
            ClientFrame::Hello { .. }
            | ClientFrame::LoginStart { .. }
            | ClientFrame::LoginFinish { .. }
            | ClientFrame::LoginGiveUp {}
            | ClientFrame::RegisterStart { .. }
            | ClientFrame::RegisterFinish { .. }
            | ClientFrame::Resume { .. } => Err(ProtocolFault::OutOfOrder {}),
        }
    }
}

#[cfg(test)]
mod tests {
    use whoelse_proto::{Agent, InviteSecret};

    use super::*;

    /// What stands for the proof of an open login.
    #[derive(Debug, PartialEq, Eq)]
    struct Proof;

    type Tested = Phase<Proof>;

    const SALT: Salt = Salt::from_bytes([6; 32]);

    const SECRET: InviteSecret = InviteSecret::from_bytes([5; 16]);

    fn invite() -> InviteHash {
        invite_hash(&SECRET)
    }

    fn register_start() -> ClientFrame {
        ClientFrame::RegisterStart { name: name(), registration_request: vec![3], invite: Some(SECRET) }
    }

    fn registering() -> Registering {
        Registering { name: name(), salt: SALT, invite: Some(invite()) }
    }

    fn name() -> UserName {
        UserName::new("hans").unwrap()
    }

    fn hello(versions: VersionRange) -> ClientFrame {
        ClientFrame::Hello { versions, agent: Agent::default(), features: Vec::new() }
    }

    /// Every frame that a client may send.
    fn frames() -> Vec<ClientFrame> {
        vec![
            hello(VersionRange::OURS),
            ClientFrame::LoginStart { name: name(), credential_request: vec![1], pass: None },
            ClientFrame::LoginFinish { credential_finalization: vec![2], take_over: false, new_password: None },
            ClientFrame::LoginGiveUp {},
            register_start(),
            ClientFrame::RegisterFinish { registration_upload: vec![4] },
            ClientFrame::Resume { name: name(), token: ResumeToken::from_bytes([5; 32]) },
            ClientFrame::Request { id: RequestId::new(1), command: Command::Whoelse {} },
            ClientFrame::Ack { up_to: Seq::new(1) },
            ClientFrame::Ping {},
            ClientFrame::Pong {},
        ]
    }

    /// What each of [`frames`] asks for in a phase; all others are out of order.
    fn steps(phase: impl Fn() -> Tested) -> Vec<Step<Proof>> {
        let asked = frames().into_iter().map(|frame| phase().on_frame(frame));
        asked
            .filter_map(|result| match result {
                Ok(step) => Some(step),
                Err(fault) => {
                    assert_eq!(fault, ProtocolFault::OutOfOrder {});
                    None
                }
            })
            .collect()
    }

    #[test]
    fn a_client_that_names_notices_is_told_what_is_wrong_with_the_server() {
        let features = vec![Feature::notices()];
        let hello = ClientFrame::Hello { versions: VersionRange::OURS, agent: Agent::default(), features };
        let step = Tested::Connected.on_frame(hello);
        assert_eq!(step, Ok(Step::Greet(VersionRange::OURS, Hears::Notices)));
    }

    #[test]
    fn a_connection_begins_with_a_hello() {
        assert_eq!(steps(|| Phase::Connected), [Step::Greet(VersionRange::OURS, Hears::NoNotices)]);
    }

    #[test]
    fn a_hello_without_a_common_version_is_a_fault() {
        let newer = VersionRange { min: 2, max: 9 };
        let fault = Tested::Connected.on_frame(hello(newer)).unwrap_err();
        assert_eq!(fault, ProtocolFault::Version { supported: VersionRange::OURS });
    }

    #[test]
    fn a_greeted_client_may_log_in_register_resume_and_ping() {
        let token = ResumeToken::from_bytes([5; 32]);
        let expected = [
            Step::OpenLogin(name(), None),
            Step::OpenRegistration(name(), Some(invite())),
            Step::Resume(name(), token),
            Step::Pong,
        ];
        assert_eq!(steps(|| Phase::Greeted), expected);
    }

    #[test]
    fn a_challenged_client_proves_gives_up_or_pings() {
        let expected = [Step::CheckProof(Proof, vec![2], TakeOver::No), Step::FailLogin, Step::Pong];
        assert_eq!(steps(|| Phase::Challenged(Proof)), expected);
    }

    #[test]
    fn a_challenged_client_that_wants_another_password_proves_the_old_one_first() {
        let mut phase = Tested::Challenged(Proof);
        let new_password = Some(vec![7]);
        let finish = ClientFrame::LoginFinish { credential_finalization: vec![2], take_over: false, new_password };
        assert_eq!(phase.on_frame(finish), Ok(Step::CheckChange(Proof, vec![2])));
        assert_eq!(phase.ears(), Ears::Closed);
        let asked = phase.take_register_request().unwrap();
        assert_eq!((asked.request, asked.invite), (vec![7], None));
    }

    #[test]
    fn a_registering_client_completes_or_pings() {
        let expected = [Step::CompleteRegistration(registering(), vec![4]), Step::Pong];
        assert_eq!(steps(|| Phase::Registering(registering())), expected);
    }

    #[test]
    fn a_client_that_is_logged_in_asks_acknowledges_and_pings() {
        let request = Step::Request(RequestId::new(1), Command::Whoelse {});
        let expected = [request, Step::Acknowledge(Seq::new(1)), Step::Pong, Step::Heard];
        assert_eq!(steps(|| Phase::Admitted), expected);
    }

    #[test]
    fn nothing_is_heard_while_the_hub_has_the_word() {
        for phase in
            [|| Tested::LoginAsked(vec![1]), || Phase::RegisterAsked(RegisterRequest::default()), || Phase::Judged]
        {
            assert_eq!(phase().ears(), Ears::Closed);
            assert_eq!(steps(phase), []);
        }
        for mut phase in [Tested::LoginAsked(vec![1]), Phase::RegisterAsked(RegisterRequest::default()), Phase::Judged]
        {
            phase.on_verdict();
            assert!(matches!(phase, Phase::Greeted), "{phase:?}");
            assert_eq!(phase.ears(), Ears::Open);
        }
    }

    #[test]
    fn pings_change_nothing() {
        let mut phase = Tested::Challenged(Proof);
        phase.on_frame(ClientFrame::Ping {}).unwrap();
        assert!(matches!(phase, Phase::Challenged(Proof)));
        let mut phase = Tested::Registering(registering());
        phase.on_frame(ClientFrame::Ping {}).unwrap();
        assert!(matches!(phase, Phase::Registering(_)));
    }

    #[test]
    fn the_whole_way_in_goes_from_the_first_frame_to_the_last() {
        let mut phase = Tested::Connected;
        phase.on_frame(hello(VersionRange::OURS)).unwrap();
        phase.on_frame(ClientFrame::LoginStart { name: name(), credential_request: vec![1], pass: None }).unwrap();
        assert!(phase.take_register_request().is_none());
        assert_eq!(phase.take_login_request(), Some(vec![1]));
        phase = Phase::Challenged(Proof);
        phase.on_frame(ClientFrame::LoginGiveUp {}).unwrap();
        assert_eq!(phase.ears(), Ears::Closed);
        phase.on_verdict();
        phase.on_frame(register_start()).unwrap();
        assert_eq!(phase.take_login_request(), None);
        let asked = phase.take_register_request().unwrap();
        assert_eq!((asked.request, asked.invite), (vec![3], Some(invite())));
    }
}
