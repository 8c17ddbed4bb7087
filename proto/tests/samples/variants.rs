//! Every variant of every enum on the wire, in matches that do not compile while one is missing.

use whoelse_proto::peer::{Farewell, FileEnd, FileTrouble, PeerAnswer, PeerAsk, PeerFrame};
use whoelse_proto::*;

/// An enum whose variants can be told apart and counted.
pub(super) trait Variants {
    /// Their names.
    const ALL: &'static [&'static str];
    /// The name of this one.
    fn variant(&self) -> &'static str;
}

macro_rules! variants {
    ($($enum:ident { $($variant:ident)* })*) => {
        $(impl Variants for $enum {
            const ALL: &'static [&'static str] = &[$(stringify!($variant)),*];
            fn variant(&self) -> &'static str {
                match self { $($enum::$variant { .. } => stringify!($variant)),* }
            }
        })*

        /// The names of all variants.
        pub(crate) fn all() -> Vec<&'static str> {
            [$($enum::ALL),*].concat()
        }
    };
}

variants! {
    ClientFrame {
        Hello LoginStart LoginFinish LoginGiveUp RegisterStart RegisterFinish Resume Request Ack Ping Pong
    }
    Command { Send Whoelse Whoelsesince Block Unblock Blocked MarkRead Lookup Stay Logout Private Files }
    PrivateCommand { Publish Start Accept Decline Stop }
    FilesCommand { Register Unregister Search Fetch }
    Target { User Everyone Group }
    Content { Text Edit Reaction }
    MessageState { Accepted Delivered Read }
    ServerFrame {
        Hello LoginChallenge RegisterChallenge Registered LoginRefused Welcome Roster Presence Deliver Progress Private
        Notice Reply InactivityWarning SessionEnded Fault Ping Pong
    }
    Registration { Open Closed }
    Notice { InboxDamaged }
    SessionKind { New Resumed }
    LoginRefusal {
        WrongPassword Locked AlreadyOnline UnknownUser NameTaken RegistrationClosed TokenInvalid Storage
    }
    InviteFault { Needed Unknown Expired UsedUp }
    Presence { Online Offline }
    PresenceReason { Login Logout Timeout Lost }
    SessionEnd { Logout Timeout ServerStop Replaced Revoked TooSlow }
    ProtocolFault { Version Oversized Malformed OutOfOrder LoginDeadline Full }
    Outcome { Ok Refused }
    PrivateNews { Asked Ended Introduced }
    PrivateEnd { Declined Expired Stopped Logout Timeout Lost }
    Purpose { Session Fetch Serve }
    PeerAddress { Direct Relay }
    Answer {
        Done Accepted Users Names States Standing Registered Found
    }
    PeerFrame { Text Ack Offer Take Refuse Withdraw Pause Resume Received Bye }
    FileEnd { Sender Recipient }
    FileTrouble { DiskFull Unwritable Wrong Unreadable Changed TooMany Other }
    Farewell { Stopped Logout Timeout Lost }
    PeerAsk { Manifest Piece Named }
    PeerAnswer { Bytes File No }
    Refusal {
        UnknownUser Yourself Blocked NotBlocked TooLong Invalid Storage Unsupported DuplicateId Offline NoDevice
        NoRelay SessionOpen RequestPending NoRequest NoSession NoFile Full
    }
}

/// The samples as frames, named `kind label`. Fails while a variant has no sample.
#[track_caller]
pub(super) fn each<T: Variants, F>(kind: &str, samples: Vec<(&str, T)>, frame: impl Fn(T) -> F) -> Vec<(String, F)> {
    for variant in T::ALL {
        assert!(samples.iter().any(|(_, sample)| sample.variant() == *variant), "{kind}: no sample of {variant}");
    }
    let named = |label: &str| format!("{kind} {label}").trim().to_owned();
    samples.into_iter().map(|(label, sample)| (named(label), frame(sample))).collect()
}
