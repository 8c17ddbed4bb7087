//! What a server says.

use whoelse_proto::*;

use super::variants::each;
use super::{addresses, at, id, name, root, shared, text};

pub(super) fn frames() -> Vec<(String, ServerFrame)> {
    let mut frames = each("", kinds(), |frame| frame);
    frames.extend(each("hello", registrations(), |registration| hello(registration, &["edit"])));
    frames.extend(each("login_refused", login_refusals(), ServerFrame::LoginRefused));
    frames.extend(each("login_refused registration_closed invite", invite_faults(), |fault| {
        ServerFrame::LoginRefused(LoginRefusal::invite(fault))
    }));
    frames.extend(each("welcome", vec![("new", SessionKind::New), ("resumed", SessionKind::Resumed)], welcome));
    frames.extend(each("roster", presences(), |presence| roster(presence, true)));
    frames.extend(each("presence", reasons(), |reason| presence(&[reason])));
    frames.extend(each("deliver", contents(), |content| deliver(Target::User(name("yoda")), content, false)));
    frames.extend(each("deliver to", targets(), |to| deliver(to, plain(), true)));
    frames.extend(each("progress", states(), progress));
    frames.extend(each("reply", outcomes(), |outcome| reply(outcome, false)));
    frames.extend(each("reply", answers(), |answer| reply(Outcome::Ok(answer), false)));
    frames.extend(each("reply states", states(), |state| {
        reply(Outcome::Ok(Answer::States(vec![KnownState::new(id(1), state)])), false)
    }));
    frames.extend(each("reply refused", refusals(), |refusal| reply(Outcome::Refused(refusal), false)));
    frames.extend(each("private", private(), ServerFrame::Private));
    frames.extend(each("private ended", private_ends(), |reason| {
        ServerFrame::Private(PrivateNews::Ended { peer: name("luke"), reason })
    }));
    frames.extend(each("private introduced", purposes(), introduced));
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
        ("login_refused", ServerFrame::LoginRefused(LoginRefusal::UnknownUser { looks_like: None })),
        ("welcome", welcome(SessionKind::New)),
        ("welcome, pass", welcome_with(SessionKind::New, Some(DevicePass::from_bytes([0x78; 32])), None)),
        ("welcome, missed", {
            let missed = MissedTries { count: 3, last: at(4) };
            welcome_with(SessionKind::New, None, Some(missed))
        }),
        ("roster", roster(Presence::Online { since: at(0) }, false)),
        ("roster, empty", ServerFrame::Roster { users: vec![], more: false }),
        ("presence, two", presence(&[PresenceReason::Logout, PresenceReason::Login])),
        ("deliver", deliver(Target::User(name("yoda")), plain(), false)),
        ("private", ServerFrame::Private(PrivateNews::Ended { peer: name("luke"), reason: PrivateEnd::Stopped })),
        ("progress, two", {
            let ids = vec![id(1), id(2)];
            ServerFrame::Progress { state: MessageState::Delivered, peer: name("luke"), ids, at: at(9), lost: false }
        }),
        ("progress, lost", {
            let ids = vec![id(1)];
            ServerFrame::Progress { state: MessageState::Accepted, peer: name("luke"), ids, at: at(9), lost: true }
        }),
        ("notice", ServerFrame::Notice(Notice::InboxDamaged { messages: 3 })),
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
    welcome_with(session, None, None)
}

fn welcome_with(session: SessionKind, pass: Option<DevicePass>, missed: Option<MissedTries>) -> ServerFrame {
    ServerFrame::Welcome {
        name: name("yoda"),
        session,
        token: ResumeToken::from_bytes([0x77; 32]),
        timeout: Seconds::new(1800),
        now: at(5),
        since: at(0),
        pass,
        missed,
    }
}

fn login_refusals() -> Vec<(&'static str, LoginRefusal)> {
    vec![
        ("wrong_password", LoginRefusal::WrongPassword { tries_left: 2 }),
        ("locked", LoginRefusal::Locked { retry_after: Seconds::new(60) }),
        ("already_online", LoginRefusal::AlreadyOnline {}),
        ("unknown_user", LoginRefusal::UnknownUser { looks_like: None }),
        ("name_taken", LoginRefusal::NameTaken { looks_like: None, reserved: false }),
        ("unknown_user looks_like", LoginRefusal::UnknownUser { looks_like: Some(name("yoda")) }),
        ("name_taken looks_like", LoginRefusal::NameTaken { looks_like: Some(name("yoda")), reserved: false }),
        ("name_taken reserved", LoginRefusal::NameTaken { looks_like: None, reserved: true }),
        ("registration_closed", LoginRefusal::closed()),
        ("registration_closed, for a while", LoginRefusal::closed_for(Seconds::new(600))),
        ("token_invalid", LoginRefusal::TokenInvalid {}),
        ("storage", LoginRefusal::Storage {}),
    ]
}

fn invite_faults() -> Vec<(&'static str, InviteFault)> {
    vec![
        ("needed", InviteFault::Needed),
        ("unknown", InviteFault::Unknown),
        ("expired", InviteFault::Expired),
        ("used_up", InviteFault::UsedUp),
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
    ServerFrame::Progress { state, peer: name("luke"), ids: vec![id(1)], at: at(9), lost: false }
}

fn reply(outcome: Outcome, more: bool) -> ServerFrame {
    ServerFrame::Reply { id: RequestId::new(7), more, outcome }
}

fn outcomes() -> Vec<(&'static str, Outcome)> {
    vec![("ok", Outcome::Ok(Answer::Done {})), ("refused", Outcome::Refused(Refusal::Blocked))]
}

fn answers() -> Vec<(&'static str, Answer)> {
    let presence = Presence::Online { since: at(0) };
    let holders = vec![Holder { name: name("luke"), chunks: Chunks::NONE.with(1).with(10) }];
    let sessions = vec![Span { from: at(0), to: Some(at(3)) }, Span { from: at(4), to: None }];
    let busy =
        Seen { name: name("luke"), presence, sessions: vec![Span { from: at(0), to: Some(at(3)) }], earlier: 900 };
    vec![
        ("done", Answer::Done {}),
        ("accepted", Answer::Accepted { at: at(1), skipped: false }),
        ("accepted, skipped", Answer::Accepted { at: at(1), skipped: true }),
        ("users", Answer::Users(vec![Seen { name: name("luke"), presence, sessions: vec![], earlier: 0 }])),
        ("users, sessions", Answer::Users(vec![Seen { name: name("luke"), presence, sessions, earlier: 0 }])),
        ("users, sessions, earlier ones", Answer::Users(vec![busy])),
        ("users, empty", Answer::Users(vec![])),
        ("names", Answer::Names(vec![name("vader")])),
        ("states", Answer::States(vec![])),
        ("states, lost", Answer::States(vec![KnownState::lost(id(1))])),
        ("standing", Answer::Standing(Standing::default())),
        ("standing, all", Answer::Standing(standing())),
        ("registered", Answer::Registered { known: false }),
        ("found", Answer::Found(vec![])),
        ("found, held", Answer::Found(vec![FoundFile { file: shared(), holders }])),
    ]
}

fn private() -> Vec<(&'static str, PrivateNews)> {
    let Introduction { peer, purpose, number, device, .. } = introduction(Purpose::Session {});
    let nowhere = Introduction { peer, purpose, number, device, addresses: Addresses::default() };
    vec![
        ("asked", PrivateNews::Asked { by: name("luke"), expires_in: Seconds::new(60) }),
        ("ended", PrivateNews::Ended { peer: name("luke"), reason: PrivateEnd::Declined }),
        ("introduced", PrivateNews::Introduced(nowhere)),
    ]
}

fn private_ends() -> Vec<(&'static str, PrivateEnd)> {
    vec![
        ("declined", PrivateEnd::Declined),
        ("expired", PrivateEnd::Expired),
        ("stopped", PrivateEnd::Stopped),
        ("logout", PrivateEnd::Logout),
        ("timeout", PrivateEnd::Timeout),
        ("lost", PrivateEnd::Lost),
    ]
}

fn purposes() -> Vec<(&'static str, Purpose)> {
    vec![
        ("session", Purpose::Session {}),
        ("fetch", Purpose::Fetch { root: root() }),
        ("serve", Purpose::Serve { root: root() }),
    ]
}

fn introduction(purpose: Purpose) -> Introduction {
    let device = DeviceKey::from_bytes([0x22; 32]);
    Introduction { peer: name("luke"), purpose, number: 3, device, addresses: addresses() }
}

fn introduced(purpose: Purpose) -> ServerFrame {
    ServerFrame::Private(PrivateNews::Introduced(introduction(purpose)))
}

fn standing() -> Standing {
    Standing {
        open: vec![name("luke")],
        asking: vec![name("leia")],
        asked: vec![Question { by: name("vader"), expires_in: Seconds::new(9) }],
        relay: Some(Relay { port: 3332, certificate: vec![0x30, 0x82] }),
    }
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
        ("offline", Refusal::Offline),
        ("no_device", Refusal::NoDevice),
        ("no_relay", Refusal::NoRelay),
        ("session_open", Refusal::SessionOpen),
        ("request_pending", Refusal::RequestPending),
        ("no_request", Refusal::NoRequest),
        ("no_session", Refusal::NoSession),
        ("no_file", Refusal::NoFile),
        ("full", Refusal::Full),
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
