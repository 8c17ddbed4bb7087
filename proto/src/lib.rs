//! The words on the wire: names, texts, messages, the frame codec, limits and versions.
//!
//! Pure: no socket, file, clock or randomness. `docs/PROTOCOL.md` describes the same for writers of
//! clients in other languages; every message has its bytes in `tests/golden`.

pub mod codec;
mod device;
mod file;
mod frame;
mod id;
mod invitation;
mod key;
pub mod limits;
mod name;
pub mod opaque;
pub mod peer;
mod secret;
mod sight;
mod skeleton;
mod text;
mod time;
mod verification;

pub use device::{Addresses, DeviceKey, PeerAddress, Vantage};
pub use file::{Chunks, ChunksError, FileName, FileNameError, FileRoot, FileSize, FileSizeError};
pub use frame::{
    Agent, Answer, ClientFrame, Command, Content, Envelope, Feature, FilesCommand, FoundFile, GroupId, Holder,
    Introduction, InviteFault, KnownState, LoginRefusal, Lookup, MessageState, MissedTries, Naming, NewAccounts,
    Notice, Outcome, Presence, PresenceChange, PresenceReason, PrivateCommand, PrivateEnd, PrivateNews, ProtocolFault,
    Purpose, Question, Refusal, Registration, Relay, RosterEntry, Seen, ServerFrame, SessionEnd, SessionKind,
    SharedFile, Span, Standing, Target, VersionRange,
};
pub use id::{MessageId, RequestId, ResumeToken, Seq};
pub use invitation::{DEFAULT_PORT, Invitation, InvitationError};
pub use key::{Fingerprint, FingerprintError};
pub use name::{NameError, Password, PasswordError, UserName};
pub use secret::{DevicePass, InviteSecret, InviteSecretError};
pub use sight::{is_blank, is_invisible, is_joining};
pub use skeleton::{Skeleton, Unfit, unfit};
pub use text::{Text, TextError};
pub use time::{Seconds, Timestamp};
pub use verification::{DIGIT_GROUPS, EMOJI, Emoji, End, TABLE as EMOJI_TABLE, Verification, commitment};

/// The version of the protocol that this crate speaks.
pub const VERSION: u16 = 1;

/// The application protocol name in the TLS handshake (RFC 7301).
pub const ALPN: &[u8] = b"whoelse/1";
