//! What two devices say to each other.

use whoelse_proto::peer::{Farewell, FileEnd, FileTrouble, PeerAnswer, PeerAsk, PeerFrame, PeerHello, PeerReveal};
use whoelse_proto::*;

use super::variants::each;
use super::{Message, id, name, root, shared, text};

pub(super) fn messages() -> Vec<(String, Message)> {
    let hello = |random| PeerHello { from: name("hans"), to: name("yoda"), number: 7, random };
    let first = [
        ("peer hello, bound", Message::PeerHello(hello(vec![0x51; 64]))),
        ("peer hello, answered", Message::PeerHello(hello(vec![0x32; 32]))),
        ("peer reveal", Message::PeerReveal(PeerReveal { random: [0x33; 32] })),
    ];
    let first = first.into_iter().map(|(name, message)| (name.to_owned(), message));
    let words = each("peer", frames(), Message::Peer);
    let asks = each("peer ask", asks(), Message::PeerAsk);
    let answers = each("peer answer", answers(), Message::PeerAnswer);
    first.chain(words).chain(asks).chain(answers).collect()
}

fn frames() -> Vec<(&'static str, PeerFrame)> {
    let SharedFile { name, size, root } = shared();
    vec![
        ("text", PeerFrame::Text { id: id(9), text: text("psst") }),
        ("ack", PeerFrame::Ack { id: id(9) }),
        ("offer", PeerFrame::Offer { id: 1, name, size, root }),
        ("take", PeerFrame::Take { id: 1 }),
        ("refuse", PeerFrame::Refuse { id: 1, why: None }),
        ("refuse, the disk is full", refuse(FileTrouble::DiskFull)),
        ("refuse, unwritable", refuse(FileTrouble::Unwritable)),
        ("refuse, wrong", refuse(FileTrouble::Wrong)),
        ("refuse, too many", refuse(FileTrouble::TooMany)),
        ("refuse, other", refuse(FileTrouble::Other)),
        ("withdraw", PeerFrame::Withdraw { id: 1, why: None }),
        ("withdraw, unreadable", withdraw(FileTrouble::Unreadable)),
        ("withdraw, changed", withdraw(FileTrouble::Changed)),
        ("pause, by the sender", PeerFrame::Pause { id: 1, end: FileEnd::Sender }),
        ("pause, by the recipient", PeerFrame::Pause { id: 1, end: FileEnd::Recipient }),
        ("resume", PeerFrame::Resume { id: 1, end: FileEnd::Sender }),
        ("received", PeerFrame::Received { id: 1 }),
        ("bye, stopped", PeerFrame::Bye { farewell: Farewell::Stopped }),
        ("bye, logout", PeerFrame::Bye { farewell: Farewell::Logout }),
        ("bye, timeout", PeerFrame::Bye { farewell: Farewell::Timeout }),
        ("bye, lost", PeerFrame::Bye { farewell: Farewell::Lost }),
    ]
}

fn refuse(why: FileTrouble) -> PeerFrame {
    PeerFrame::Refuse { id: 1, why: Some(why) }
}

fn withdraw(why: FileTrouble) -> PeerFrame {
    PeerFrame::Withdraw { id: 1, why: Some(why) }
}

fn asks() -> Vec<(&'static str, PeerAsk)> {
    vec![
        ("manifest", PeerAsk::Manifest { root: root() }),
        ("piece", PeerAsk::Piece { root: root(), piece: 3 }),
        ("named", PeerAsk::Named { name: shared().name }),
    ]
}

fn answers() -> Vec<(&'static str, PeerAnswer)> {
    let SharedFile { size, root, .. } = shared();
    vec![
        ("bytes", PeerAnswer::Bytes { count: 1 << 20 }),
        ("file", PeerAnswer::File { size, root, chunks: Chunks::NONE.with(1).with(10) }),
        ("no", PeerAnswer::No {}),
    ]
}
