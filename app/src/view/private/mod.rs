//! What a private session shows besides its messages: who asks, the way it goes, the code to compare, how it ended.

mod code;
mod foot;
mod head;
mod request;

pub use code::{Code, CodeAction, Sign, dialog as code_dialog};
pub use foot::{Foot, FootAction};
pub use head::{PrivateHead, Way};
pub use request::Request;

pub(super) use code::{height as strip_height, strip};
pub(super) use foot::{HEIGHT as FOOT_HEIGHT, show as foot};
pub(super) use head::show as head;
pub(super) use request::{HEIGHT as REQUEST_HEIGHT, show as show_request};

use whoelse_proto::UserName;

/// What a private chat shows besides its messages.
#[derive(Clone, Debug)]
pub struct Private {
    /// With whom.
    pub peer: UserName,
    /// The head.
    pub head: PrivateHead,
    /// The code, while it is to be compared.
    pub code: Option<Code>,
    /// What stands in place of the composer while no session is open.
    pub foot: Option<Foot>,
}

/// What can be done about a private session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateVerb {
    /// Ask for one, and go to its tab.
    Start,
    /// Agree.
    Accept,
    /// Turn it down.
    Decline,
    /// End it, or take the question back.
    Stop,
    /// The codes are equal.
    Verify,
    /// Show the whole code.
    ShowCode,
    /// Decide about a key that has changed.
    ShowKey,
    /// Go to the chat through the server.
    Direct,
}
