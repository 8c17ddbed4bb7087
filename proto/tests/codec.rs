//! Frames on a line: cut, glued, oversized, many at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod samples;

use samples::messages;
use whoelse_proto::codec::{DecodeError, FrameReader, decode, encode, encode_into};
use whoelse_proto::limits::{FRAME_HEADER, MAX_FRAME, MAX_FRAME_BEFORE_LOGIN};
use whoelse_proto::{ClientFrame, Seq};

#[test]
fn a_body_cut_anywhere_is_refused() {
    for (name, message) in messages() {
        let frame = message.encode();
        let body = &frame[FRAME_HEADER..];
        for cut in 0..body.len() {
            assert!(message.decode_same_side(&body[..cut]).is_err(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn a_frame_that_comes_byte_by_byte_is_read_once_it_is_whole() {
    let frame = encode(&ClientFrame::Ack { up_to: Seq::new(70_000) }, MAX_FRAME).unwrap();
    let mut reader = FrameReader::new(MAX_FRAME);
    for (at, byte) in frame.iter().enumerate() {
        assert_eq!(reader.next_frame::<ClientFrame>().unwrap(), None, "before byte {at}");
        assert_eq!(reader.is_mid_frame(), at > 0);
        reader.feed(&[*byte]);
    }
    assert_eq!(reader.next_frame().unwrap(), Some(ClientFrame::Ack { up_to: Seq::new(70_000) }));
    assert!(!reader.is_mid_frame());
}

#[test]
fn frames_glued_together_and_cut_anywhere_are_read_in_order() {
    let frames: Vec<_> = (0..5).map(|n| ClientFrame::Ack { up_to: Seq::new(n * 1000) }).collect();
    let mut line = Vec::new();
    for frame in &frames {
        encode_into(frame, MAX_FRAME, &mut line).unwrap();
    }
    for cut in 0..=line.len() {
        let mut reader = FrameReader::new(MAX_FRAME);
        let mut read = Vec::new();
        for part in [&line[..cut], &line[cut..]] {
            reader.feed(part);
            while let Some(frame) = reader.next_frame::<ClientFrame>().unwrap() {
                read.push(frame);
            }
        }
        assert_eq!(read, frames, "cut at {cut}");
    }
}

#[test]
fn an_oversized_frame_is_refused_by_its_header_alone() {
    let mut reader = FrameReader::new(MAX_FRAME_BEFORE_LOGIN);
    reader.feed(&u32::try_from(MAX_FRAME_BEFORE_LOGIN).unwrap().to_be_bytes());
    assert_eq!(reader.next_frame::<ClientFrame>().unwrap(), None, "the limit itself is allowed");

    for size in [MAX_FRAME_BEFORE_LOGIN + 1, u32::MAX as usize] {
        let mut reader = FrameReader::new(MAX_FRAME_BEFORE_LOGIN);
        reader.feed(&u32::try_from(size).unwrap().to_be_bytes());
        let result = reader.next_frame::<ClientFrame>();
        assert!(
            matches!(result, Err(DecodeError::Oversized { size: s, limit: MAX_FRAME_BEFORE_LOGIN }) if s == size),
            "{result:?}"
        );
    }
}

#[test]
fn the_limit_after_the_login_holds_for_frames_that_came_with_it() {
    let long = ClientFrame::RegisterFinish { registration_upload: vec![0; MAX_FRAME_BEFORE_LOGIN] };
    let mut reader = FrameReader::new(MAX_FRAME_BEFORE_LOGIN);
    reader.feed(&encode(&ClientFrame::Ping {}, MAX_FRAME).unwrap());
    reader.feed(&encode(&long, MAX_FRAME).unwrap());
    assert_eq!(reader.next_frame().unwrap(), Some(ClientFrame::Ping {}));
    reader.set_limit(MAX_FRAME);
    assert_eq!(reader.next_frame().unwrap(), Some(long));
}

#[test]
fn bytes_behind_a_message_are_refused() {
    for (name, message) in messages() {
        let mut body = message.encode().split_off(FRAME_HEADER);
        body.push(0xc0);
        assert!(matches!(message.decode_same_side(&body), Err(DecodeError::Trailing(1))), "{name}");
    }
}

#[test]
fn an_empty_body_is_refused() {
    let result = decode::<ClientFrame>(&[]);
    assert!(matches!(result, Err(DecodeError::Malformed(_))), "{result:?}");
}

#[test]
fn an_empty_reader_holds_no_memory_and_a_large_frame_leaves_none_behind() {
    let mut reader = FrameReader::new(MAX_FRAME);
    assert_eq!(reader.memory(), 0);
    reader.feed(&encode(&ClientFrame::RegisterFinish { registration_upload: vec![0; 60_000] }, MAX_FRAME).unwrap());
    assert!(reader.memory() >= 60_000);
    assert!(reader.next_frame::<ClientFrame>().unwrap().is_some());
    assert_eq!(reader.next_frame::<ClientFrame>().unwrap(), None);
    assert_eq!(reader.memory(), 0);
}

#[test]
fn a_beginning_behind_a_large_frame_does_not_keep_its_memory() {
    let mut reader = FrameReader::new(MAX_FRAME);
    let mut line = encode(&ClientFrame::RegisterFinish { registration_upload: vec![0; 60_000] }, MAX_FRAME).unwrap();
    line.push(0);
    reader.feed(&line);
    assert!(reader.next_frame::<ClientFrame>().unwrap().is_some());
    assert_eq!(reader.next_frame::<ClientFrame>().unwrap(), None);
    assert!(reader.is_mid_frame());
    assert!((1..4096).contains(&reader.memory()), "{} bytes", reader.memory());
}

#[test]
fn many_small_frames_in_one_read_are_not_moved_for_each() {
    // Moving what is left behind each of them would move 220 GB.
    const FRAMES: usize = 200_000;
    let ping = encode(&ClientFrame::Ping {}, MAX_FRAME).unwrap();
    let mut reader = FrameReader::new(MAX_FRAME);
    reader.feed(&ping.repeat(FRAMES));
    for _ in 0..FRAMES {
        assert_eq!(reader.next_frame().unwrap(), Some(ClientFrame::Ping {}));
    }
    assert_eq!(reader.next_frame::<ClientFrame>().unwrap(), None);
    assert_eq!(reader.memory(), 0);
}
