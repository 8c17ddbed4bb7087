//! Whatever the values and the bytes: messages read back as written, and no bytes do harm.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod samples;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use samples::messages;
use whoelse_proto::codec::{FrameReader, decode, encode, encode_into};
use whoelse_proto::limits::{FRAME_HEADER, MAX_FEATURES, MAX_FRAME, MAX_NAME_BYTES};
use whoelse_proto::*;

fn name() -> impl Strategy<Value = UserName> {
    vec(b'!'..=b'~', 1..=MAX_NAME_BYTES).prop_map(|raw| UserName::new(std::str::from_utf8(&raw).unwrap()).unwrap())
}

fn text() -> impl Strategy<Value = Text> {
    any::<String>().prop_filter_map("blank", |raw| Text::new(&raw).ok())
}

fn id() -> impl Strategy<Value = MessageId> {
    any::<[u8; 16]>().prop_map(MessageId::from_bytes)
}

fn at() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

fn seconds() -> impl Strategy<Value = Seconds> {
    any::<u64>().prop_map(Seconds::new)
}

fn agent() -> impl Strategy<Value = Agent> {
    any::<String>().prop_map(|raw| Agent::new(&raw))
}

fn features() -> impl Strategy<Value = Vec<Feature>> {
    vec(any::<String>().prop_map(|raw| Feature::new(&raw)), 0..=MAX_FEATURES)
}

fn versions() -> impl Strategy<Value = VersionRange> {
    any::<(u16, u16)>().prop_map(|(min, max)| VersionRange { min, max })
}

fn token() -> impl Strategy<Value = ResumeToken> {
    any::<[u8; 32]>().prop_map(ResumeToken::from_bytes)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..400)
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        (text(), option::of(id())).prop_map(|(text, reply_to)| Content::Text { text, reply_to }),
        (id(), text()).prop_map(|(of, text)| Content::Edit { of, text }),
        (id(), any::<String>()).prop_map(|(to, emoji)| Content::Reaction { to, emoji }),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        name().prop_map(Target::User),
        Just(Target::Everyone {}),
        any::<[u8; 16]>().prop_map(|raw| Target::Group(GroupId::from_bytes(raw))),
    ]
}

fn state() -> impl Strategy<Value = MessageState> {
    prop_oneof![Just(MessageState::Accepted), Just(MessageState::Delivered), Just(MessageState::Read)]
}

fn presence() -> impl Strategy<Value = Presence> {
    prop_oneof![
        at().prop_map(|since| Presence::Online { since }),
        option::of(at()).prop_map(|last_seen| Presence::Offline { last_seen }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        (id(), target(), content()).prop_map(|(id, to, content)| Command::Send { id, to, content }),
        seconds().prop_map(|seconds| Command::Whoelsesince { seconds }),
        name().prop_map(|name| Command::Block { name }),
        (name(), id()).prop_map(|(peer, up_to)| Command::MarkRead { peer, up_to }),
        vec(id(), 0..20).prop_map(|ids| Command::Lookup(Lookup { ids })),
        (key(), addresses())
            .prop_map(|(device, addresses)| Command::Private(PrivateCommand::Publish { device, addresses })),
        (shared(), chunks()).prop_map(|(file, chunks)| Command::Files(FilesCommand::Register { file, chunks })),
    ]
}

fn key() -> impl Strategy<Value = DeviceKey> {
    any::<[u8; 32]>().prop_map(DeviceKey::from_bytes)
}

fn addresses() -> impl Strategy<Value = Addresses> {
    let address = prop_oneof![
        any::<std::net::SocketAddrV4>().prop_map(|at| PeerAddress::Direct(at.into())),
        any::<(std::net::Ipv6Addr, u16)>().prop_map(|at| PeerAddress::Direct(at.into())),
        Just(PeerAddress::Relay {}),
    ];
    vec(address, 0..30).prop_map(Addresses::new)
}

fn chunks() -> impl Strategy<Value = Chunks> {
    (0..1_u16 << limits::MAX_CHUNKS).prop_map(|bits| Chunks::try_from(bits).unwrap())
}

fn shared() -> impl Strategy<Value = SharedFile> {
    let file_name = any::<String>().prop_filter_map("no name", |raw| FileName::new(&raw).ok());
    let size = (0..=limits::MAX_FILE_BYTES).prop_map(|bytes| FileSize::try_from(bytes).unwrap());
    (file_name, size, any::<[u8; 32]>()).prop_map(|(name, size, root)| SharedFile {
        name,
        size,
        root: FileRoot::from_bytes(root),
    })
}

fn introduction() -> impl Strategy<Value = Introduction> {
    (name(), any::<u64>(), key(), addresses()).prop_map(|(peer, number, device, addresses)| Introduction {
        peer,
        purpose: Purpose::Session {},
        number,
        device,
        addresses,
    })
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    prop_oneof![
        (versions(), agent(), features()).prop_map(|(versions, agent, features)| ClientFrame::Hello {
            versions,
            agent,
            features
        }),
        (name(), bytes()).prop_map(|(name, credential_request)| ClientFrame::LoginStart {
            name,
            credential_request,
            pass: None
        }),
        bytes().prop_map(|credential_finalization| ClientFrame::LoginFinish {
            credential_finalization,
            take_over: false,
            new_password: None,
        }),
        (name(), token()).prop_map(|(name, token)| ClientFrame::Resume { name, token }),
        (any::<u32>(), command()).prop_map(|(n, command)| ClientFrame::Request { id: RequestId::new(n), command }),
        any::<u64>().prop_map(|n| ClientFrame::Ack { up_to: Seq::new(n) }),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let span = (at(), option::of(at())).prop_map(|(from, to)| Span { from, to });
    let seen = (name(), presence(), vec(span, 0..5), any::<u32>())
        .prop_map(|(name, presence, sessions, earlier)| Seen { name, presence, sessions, earlier });
    let holder = (name(), chunks()).prop_map(|(name, chunks)| Holder { name, chunks });
    let found = (shared(), vec(holder, 0..5)).prop_map(|(file, holders)| FoundFile { file, holders });
    prop_oneof![
        vec(found, 0..5).prop_map(Answer::Found),
        (at(), any::<bool>()).prop_map(|(at, skipped)| Answer::Accepted { at, skipped }),
        vec(seen, 0..20).prop_map(Answer::Users),
        vec(name(), 0..20).prop_map(Answer::Names),
        vec((id(), state()).prop_map(|(id, state)| KnownState::new(id, state)), 0..20).prop_map(Answer::States),
    ]
}

fn envelope() -> impl Strategy<Value = Envelope> {
    (any::<u64>(), id(), name(), target(), content(), at(), any::<bool>()).prop_map(
        |(seq, id, from, to, content, sent_at, stored)| Envelope {
            seq: Seq::new(seq),
            id,
            from,
            to,
            content,
            sent_at,
            stored,
        },
    )
}

fn server_frame() -> impl Strategy<Value = ServerFrame> {
    let entry = (name(), presence()).prop_map(|(name, presence)| RosterEntry { name, presence });
    let session = prop_oneof![Just(SessionKind::New), Just(SessionKind::Resumed)];
    prop_oneof![
        (name(), session, token(), seconds(), at(), at()).prop_map(|(name, session, token, timeout, now, since)| {
            ServerFrame::Welcome { name, session, token, timeout, now, since, pass: None, missed: None }
        }),
        (vec(entry, 0..20), any::<bool>()).prop_map(|(users, more)| ServerFrame::Roster { users, more }),
        envelope().prop_map(ServerFrame::Deliver),
        (state(), name(), vec(id(), 0..20), at()).prop_map(|(state, peer, ids, at)| ServerFrame::Progress {
            state,
            peer,
            ids,
            at,
            lost: false
        }),
        (any::<u32>(), any::<bool>(), answer()).prop_map(|(n, more, answer)| ServerFrame::Reply {
            id: RequestId::new(n),
            more,
            outcome: Outcome::Ok(answer),
        }),
        introduction().prop_map(|introduction| ServerFrame::Private(PrivateNews::Introduced(introduction))),
        (any::<u8>()).prop_map(|tries_left| ServerFrame::LoginRefused(LoginRefusal::WrongPassword { tries_left })),
    ]
}

proptest! {
    #[test]
    fn every_client_frame_reads_back_as_written(frame in client_frame()) {
        let bytes = encode(&frame, MAX_FRAME).unwrap();
        prop_assert_eq!(decode::<ClientFrame>(&bytes[FRAME_HEADER..]).unwrap(), frame);
    }

    #[test]
    fn every_server_frame_reads_back_as_written(frame in server_frame()) {
        let bytes = encode(&frame, MAX_FRAME).unwrap();
        prop_assert_eq!(decode::<ServerFrame>(&bytes[FRAME_HEADER..]).unwrap(), frame);
    }

    #[test]
    fn frames_are_read_alike_however_the_line_cuts_them(
        frames in vec(client_frame(), 1..10),
        chunks in vec(1..700_usize, 1..50),
    ) {
        let mut line = Vec::new();
        for frame in &frames {
            encode_into(frame, MAX_FRAME, &mut line).unwrap();
        }
        let (mut reader, mut read, mut rest) = (FrameReader::new(MAX_FRAME), Vec::new(), line.as_slice());
        for chunk in chunks.iter().cycle() {
            let (part, behind) = rest.split_at(rest.len().min(*chunk));
            reader.feed(part);
            while let Some(frame) = reader.next_frame::<ClientFrame>().unwrap() {
                read.push(frame);
            }
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(read, frames);
        prop_assert!(!reader.is_mid_frame());
        prop_assert_eq!(reader.memory(), 0);
    }

    #[test]
    fn bytes_at_random_are_refused_or_read_without_harm(body in vec(any::<u8>(), 0..600)) {
        let _ = decode::<ClientFrame>(&body);
        let _ = decode::<ServerFrame>(&body);
    }

    #[test]
    fn a_damaged_message_is_refused_or_read_as_one_that_can_be_written(
        which in any::<prop::sample::Index>(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let messages = messages();
        let (_, message) = which.get(&messages);
        let mut body = message.encode().split_off(FRAME_HEADER);
        for (place, byte) in damage {
            let at = place.index(body.len());
            body[at] = byte;
        }
        if let Ok(read) = message.decode_same_side(&body) {
            prop_assert_eq!(read.decode_same_side(&read.encode()[FRAME_HEADER..]).unwrap(), read);
        }
    }
}
