//! What a server says.

use whoelse_proto::*;

use super::variants::each;
use super::{at, id, name, text};

pub(super) fn frames() -> Vec<(String, ServerFrame)> {
    let mut frames = each("", kinds(), |frame| frame);
    frames.extend(each("hello", registrations(), |registration| hello(registration, &["edit"])));
    frames.extend(each("login_refused", login_refusals(), ServerFrame::LoginRefused));
    frames.extend(each("welcome", vec![("new", SessionKind::New), ("resumed", SessionKind::Resumed)], welcome));
    frames.extend(each("roster", presences(), |presence| roster(presence, true)));
    frames.extend(each("presence", reasons(), |reason| presence(&[reason])));
    frames.extend(each("deliver", contents(), |content| deliver(Target::User(name("yoda")), content, false)));
    frames.extend(each("deliver to", targets(), |to| deliver(to, plain(), true)));
    frames.extend(each("progress", states(), progress));
    frames.extend(each("reply", outcomes(), |outcome| reply(outcome, false)));
    frames.extend(each("reply", answers(), |answer| reply(Outcome::Ok(answer), false)));
    frames.extend(each("reply states", states(), |state| {
        reply(Outcome::Ok(Answer::States(vec![KnownState { id: id(1), state }])), false)
    }));
    frames.extend(each("reply refused", refusals(), |refusal| reply(Outcome::Refused(refusal), false)));
    frames.extend(each("session_ended", session_ends(), |reason| ServerFrame::SessionEnded { reason }));
    frames.extend(each("fault", faults(), ServerFrame::Fault));
    frames
}

fn kinds() -> Vec<(&'static str, ServerFrame)> {
    vec![
        ("hello", hello(Registration::Open, &[])),
        ("login_challenge", ServerFrame::LoginChallenge { credential_response: vec![0x22; 320] }),
        ("register_challenge", ServerFrame::RegisterChallenge { registration_response: vec![0x55; 64] }),
        ("registered", ServerFrame::Registered {}),
        ("login_refused", ServerFrame::LoginRefused(LoginRefusal::UnknownUser {})),
        ("welcome", welcome(SessionKind::New)),
        ("roster", roster(Presence::Online { since: at(0) }, false)),
        ("roster, empty", ServerFrame::Roster { users: vec![], more: false }),
        ("presence, two", presence(&[PresenceReason::Logout, PresenceReason::Login])),
        ("deliver", deliver(Target::User(name("yoda")), plain(), false)),
        ("progress, two", {
            let ids = vec![id(1), id(2)];
            ServerFrame::Progress { state: MessageState::Delivered, peer: name("luke"), ids, at: at(9) }
        }),
        ("reply, more", reply(Outcome::Ok(Answer::Names(vec![name("vader"), name("luke")])), true)),
        ("inactivity_warning", ServerFrame::InactivityWarning { remaining: Seconds::new(60) }),
        ("session_ended", ServerFrame::SessionEnded { reason: SessionEnd::Logout }),
        ("fault", ServerFrame::Fault(ProtocolFault::Malformed {})),
        ("ping", ServerFrame::Ping {}),
        ("pong", ServerFrame::Pong {}),
    ]
}

fn hello(registration: Registration, features: &[&str]) -> ServerFrame {
    let features = features.iter().map(|&feature| Feature::new(feature)).collect();
    let (agent, title) = (Agent::new("whoelse-server 0.1.0"), Agent::new("Echo Base"));
    ServerFrame::Hello { version: 1, agent, title, registration, features }
}

fn registrations() -> Vec<(&'static str, Registration)> {
    vec![("open", Registration::Open), ("closed", Registration::Closed)]
}

fn welcome(session: SessionKind) -> ServerFrame {
    ServerFrame::Welcome {
        name: name("yoda"),
        session,
        token: ResumeToken::from_bytes([0x77; 32]),
        timeout: Seconds::new(1800),
        now: at(5),
        since: at(0),
    }
}

fn login_refusals() -> Vec<(&'static str, LoginRefusal)> {
    vec![
        ("wrong_password", LoginRefusal::WrongPassword { tries_left: 2 }),
        ("locked", LoginRefusal::Locked { retry_after: Seconds::new(60) }),
        ("already_online", LoginRefusal::AlreadyOnline {}),
        ("unknown_user", LoginRefusal::UnknownUser {}),
        ("name_taken", LoginRefusal::NameTaken {}),
        ("registration_closed", LoginRefusal::RegistrationClosed {}),
        ("token_invalid", LoginRefusal::TokenInvalid {}),
        ("storage", LoginRefusal::Storage {}),
    ]
}

fn roster(presence: Presence, more: bool) -> ServerFrame {
    let users = vec![
        RosterEntry { name: name("luke"), presence },
        RosterEntry { name: name("r2d2"), presence: Presence::Offline { last_seen: None } },
    ];
    ServerFrame::Roster { users, more }
}

fn presences() -> Vec<(&'static str, Presence)> {
    vec![
        ("online", Presence::Online { since: at(0) }),
        ("offline", Presence::Offline { last_seen: None }),
        ("offline, last_seen", Presence::Offline { last_seen: Some(at(0)) }),
    ]
}

fn presence(reasons: &[PresenceReason]) -> ServerFrame {
    let changes = reasons.iter().map(|&reason| PresenceChange { name: name("luke"), reason, at: at(2) }).collect();
    ServerFrame::Presence { changes }
}

fn reasons() -> Vec<(&'static str, PresenceReason)> {
    vec![
        ("login", PresenceReason::Login),
        ("logout", PresenceReason::Logout),
        ("timeout", PresenceReason::Timeout),
        ("lost", PresenceReason::Lost),
    ]
}

fn deliver(to: Target, content: Content, stored: bool) -> ServerFrame {
    ServerFrame::Deliver(Envelope {
        seq: Seq::new(41),
        id: id(2),
        from: name("luke"),
        to,
        content,
        sent_at: at(1),
        stored,
    })
}

fn plain() -> Content {
    Content::Text { text: text("hi"), reply_to: None }
}

fn targets() -> Vec<(&'static str, Target)> {
    vec![
        ("user, stored", Target::User(name("yoda"))),
        ("everyone, stored", Target::Everyone {}),
        ("group, stored", Target::Group(GroupId::from_bytes([0x88; 16]))),
    ]
}

fn contents() -> Vec<(&'static str, Content)> {
    vec![
        ("text", plain()),
        ("text, reply_to", Content::Text { text: text("There is no try."), reply_to: Some(id(1)) }),
        ("edit", Content::Edit { of: id(1), text: text("Do, or do not.") }),
        ("reaction", Content::Reaction { to: id(1), emoji: "👍".into() }),
    ]
}

fn states() -> Vec<(&'static str, MessageState)> {
    vec![("accepted", MessageState::Accepted), ("delivered", MessageState::Delivered), ("read", MessageState::Read)]
}

fn progress(state: MessageState) -> ServerFrame {
    ServerFrame::Progress { state, peer: name("luke"), ids: vec![id(1)], at: at(9) }
}

fn reply(outcome: Outcome, more: bool) -> ServerFrame {
    ServerFrame::Reply { id: RequestId::new(7), more, outcome }
}

fn outcomes() -> Vec<(&'static str, Outcome)> {
    vec![("ok", Outcome::Ok(Answer::Done {})), ("refused", Outcome::Refused(Refusal::Blocked))]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let presence = Presence::Online { since: at(0) };
    let sessions = vec![Span { from: at(0), to: Some(at(3)) }, Span { from: at(4), to: None }];
    vec![
        ("done", Answer::Done {}),
        ("accepted", Answer::Accepted { at: at(1), skipped: false }),
        ("accepted, skipped", Answer::Accepted { at: at(1), skipped: true }),
        ("users", Answer::Users(vec![Seen { name: name("luke"), presence, sessions: vec![] }])),
        ("users, sessions", Answer::Users(vec![Seen { name: name("luke"), presence, sessions }])),
        ("users, empty", Answer::Users(vec![])),
        ("names", Answer::Names(vec![name("vader")])),
        ("states", Answer::States(vec![])),
    ]
}

fn refusals() -> Vec<(&'static str, Refusal)> {
    vec![
        ("unknown_user", Refusal::UnknownUser),
        ("yourself", Refusal::Yourself),
        ("blocked", Refusal::Blocked),
        ("not_blocked", Refusal::NotBlocked),
        ("too_long", Refusal::TooLong),
        ("invalid", Refusal::Invalid),
        ("storage", Refusal::Storage),
        ("unsupported", Refusal::Unsupported),
        ("duplicate_id", Refusal::DuplicateId),
    ]
}

fn session_ends() -> Vec<(&'static str, SessionEnd)> {
    vec![
        ("logout", SessionEnd::Logout),
        ("timeout", SessionEnd::Timeout),
        ("server_stop", SessionEnd::ServerStop),
        ("replaced", SessionEnd::Replaced),
        ("revoked", SessionEnd::Revoked),
        ("too_slow", SessionEnd::TooSlow),
    ]
}

fn faults() -> Vec<(&'static str, ProtocolFault)> {
    vec![
        ("version", ProtocolFault::Version { supported: VersionRange::OURS }),
        ("oversized", ProtocolFault::Oversized { limit: 65_536 }),
        ("malformed", ProtocolFault::Malformed {}),
        ("out_of_order", ProtocolFault::OutOfOrder {}),
        ("login_deadline", ProtocolFault::LoginDeadline {}),
        ("full", ProtocolFault::Full {}),
    ]
}
