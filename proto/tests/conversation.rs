//! One whole conversation, byte for byte as `docs/PROTOCOL.md` shows it. Randomness and clock are fixed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod login;
mod notation;
mod samples;

use std::fmt::Write;

use login::{Exchange, PASSWORD, exchange};
use samples::{Message, at, id, name, text};
use whoelse_proto::*;

const DOCUMENT: &str = include_str!("../../docs/PROTOCOL.md");

/// Who says a frame, what it is about, and the frame.
type Turn = (&'static str, Message);

fn client(note: &'static str, frame: ClientFrame) -> Turn {
    (note, Message::Client(frame))
}

fn server(note: &'static str, frame: ServerFrame) -> Turn {
    (note, Message::Server(frame))
}

fn request(note: &'static str, n: u32, command: Command) -> Turn {
    client(note, ClientFrame::Request { id: RequestId::new(n), command })
}

fn reply(note: &'static str, n: u32, outcome: Outcome) -> Turn {
    server(note, ServerFrame::Reply { id: RequestId::new(n), more: false, outcome })
}

fn hellos() -> Vec<Turn> {
    let (agent, title) = (Agent::new("whoelse-server 0.1.0"), Agent::new("Echo Base"));
    let (versions, features) = (VersionRange::OURS, vec![]);
    let hello = ServerFrame::Hello { version: 1, agent, title, registration: Registration::Open, features: vec![] };
    vec![
        client("what the client speaks", ClientFrame::Hello { versions, agent: Agent::new("probe 1.0"), features }),
        server("what both will speak", hello),
    ]
}

fn registration(exchange: &Exchange) -> Vec<Turn> {
    let Exchange { registration_request, registration_response, registration_upload, .. } = exchange.clone();
    vec![
        client(
            "yoda wants an account",
            ClientFrame::RegisterStart { name: name("yoda"), registration_request, invite: None },
        ),
        server("the server's part of it", ServerFrame::RegisterChallenge { registration_response }),
        client("the record", ClientFrame::RegisterFinish { registration_upload }),
        server("the account is on the server's disk", ServerFrame::Registered {}),
    ]
}

fn login(exchange: &Exchange) -> Vec<Turn> {
    let Exchange { ke1, ke2, ke3, .. } = exchange.clone();
    let start = ClientFrame::LoginStart { name: name("yoda"), credential_request: ke1, pass: None };
    let welcome = ServerFrame::Welcome {
        name: name("yoda"),
        session: SessionKind::New,
        token: ResumeToken::from_bytes([0x77; 32]),
        timeout: Seconds::new(1800),
        now: at(0),
        since: at(0),
        pass: None,
        missed: None,
    };
    let users = vec![
        RosterEntry { name: name("luke"), presence: Presence::Online { since: at(0) } },
        RosterEntry { name: name("vader"), presence: Presence::Offline { last_seen: None } },
    ];
    vec![
        client("KE1", start),
        server("KE2", ServerFrame::LoginChallenge { credential_response: ke2 }),
        client("KE3", ClientFrame::LoginFinish { credential_finalization: ke3, take_over: false, new_password: None }),
        server("yoda is in", welcome),
        server("everybody else; vader was never here, or hides", ServerFrame::Roster { users, more: false }),
    ]
}

fn messages() -> Vec<Turn> {
    let question = Envelope {
        seq: Seq::new(41),
        id: id(1),
        from: name("luke"),
        to: Target::User(name("yoda")),
        content: Content::Text { text: text("Is the dark side stronger?"), reply_to: None },
        sent_at: at(1),
        stored: false,
    };
    let content = Content::Text { text: text("No. Quicker, easier."), reply_to: Some(id(1)) };
    let answer = Command::Send { id: id(2), to: Target::User(name("luke")), content };
    let accepted = Outcome::Ok(Answer::Accepted { at: at(2), skipped: false });
    let progress = |state, second| ServerFrame::Progress {
        state,
        peer: name("luke"),
        ids: vec![id(2)],
        at: at(second),
        lost: false,
    };
    vec![
        server("luke writes", ServerFrame::Deliver(question)),
        client("it is on yoda's disk", ClientFrame::Ack { up_to: Seq::new(41) }),
        request("yoda answers", 1, answer),
        reply("the answer is on the server's disk", 1, accepted),
        server("it is on luke's disk", progress(MessageState::Delivered, 3)),
        server("luke has seen it", progress(MessageState::Read, 4)),
        request("yoda has seen luke's question", 2, Command::MarkRead { peer: name("luke"), up_to: id(1) }),
        reply("luke will be told", 2, Outcome::Ok(Answer::Done {})),
    ]
}

fn farewell() -> Vec<Turn> {
    let change = PresenceChange { name: name("luke"), reason: PresenceReason::Lost, at: at(20) };
    vec![
        server("luke's line was lost and did not come back", ServerFrame::Presence { changes: vec![change] }),
        request("nobody of this name", 3, Command::Block { name: name("jabba") }),
        reply("refused", 3, Outcome::Refused(Refusal::UnknownUser)),
        server("is yoda still there?", ServerFrame::Ping {}),
        client("yes", ClientFrame::Pong {}),
        request("yoda goes", 4, Command::Logout {}),
        reply("done", 4, Outcome::Ok(Answer::Done {})),
        server("the last frame", ServerFrame::SessionEnded { reason: SessionEnd::Logout }),
    ]
}

fn write_vector(out: &mut String, exchange: &Exchange) {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    writeln!(out, "| value | bytes |\n| --- | --- |").unwrap();
    writeln!(out, "| password | `{PASSWORD}` |").unwrap();
    writeln!(out, "| TLS exporter | `{}` |", hex(&login::EXPORTER)).unwrap();
    writeln!(out, "| blind of the registration | `{}` |", hex(&exchange.registration_blind)).unwrap();
    writeln!(out, "| blind of the login | `{}` |", hex(&exchange.login_blind)).unwrap();
    writeln!(out, "| the client's ephemeral secret key | `{}` |", hex(&exchange.client_secret)).unwrap();
    writeln!(out, "| session key | `{}` |\n", hex(&exchange.session_key)).unwrap();
}

fn document() -> String {
    let exchange = exchange();
    let mut out = String::new();
    write_vector(&mut out, &exchange);
    let turns = [hellos(), registration(&exchange), login(&exchange), messages(), farewell()].concat();
    for (note, message) in turns {
        let frame = message.encode();
        assert_eq!(message.decode_same_side(&frame[limits::FRAME_HEADER..]).unwrap(), message);
        let speaker = match message {
            Message::Client(_) => "client",
            Message::Server(_) => "server",
            Message::PeerHello(_)
            | Message::PeerReveal(_)
            | Message::Peer(_)
            | Message::PeerAsk(_)
            | Message::PeerAnswer(_) => "peer",
        };
        writeln!(out, "{speaker}: {note}\n\n```text\n{}```\n", notation::annotate(&frame)).unwrap();
    }
    out
}

#[test]
fn the_document_shows_the_true_bytes_of_a_conversation() {
    let expected = document();
    assert!(DOCUMENT.contains(expected.trim_end()), "docs/PROTOCOL.md must hold:\n\n<<<\n{expected}>>>");
}
