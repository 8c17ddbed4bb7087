//! What the command line has to say, before it is put into words or JSON.

use whoelse_model::command::CommandKind;
use whoelse_model::{ChatId, Closing, HistoryTrouble, Message, PasswordFault, PrivateSession, Recall, Route, Transfer};
use whoelse_proto::{
    DeviceKey, Fingerprint, FoundFile, InviteFault, LoginRefusal, MessageId, MissedTries, PresenceChange, Refusal,
    Seconds, Seen, SessionEnd, SharedFile, Timestamp, UserName,
};

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The user is in.
    LoggedIn {
        /// As whom.
        name: UserName,
        /// Wrong passwords since the last login.
        missed: Option<MissedTries>,
    },
    /// Wrong passwords since the last login, told when a lost line is back.
    WrongPasswords(MissedTries),
    /// The user is not let in.
    LoginRefused(LoginRefusal),
    /// A message arrived.
    Received(Message),
    /// An own message came to a state.
    Sent(Sent),
    /// A broadcast did not reach some.
    Skipped,
    /// Somebody came or went.
    Presence(PresenceChange),
    /// Who is online.
    Whoelse(Vec<Seen>),
    /// Who was.
    Whoelsesince(Vec<Seen>),
    /// Who is blocked.
    Blocked(Vec<UserName>),
    /// A command was done.
    Done {
        /// Which.
        kind: CommandKind,
        /// Whom it was about.
        about: Option<UserName>,
    },
    /// Somebody asks for a private session.
    PrivateAsked {
        /// Who.
        by: UserName,
    },
    /// A private session is open.
    PrivateOpened(PrivateSession),
    /// The link of a private session died; it is looked for again.
    PrivateInterrupted {
        /// With whom.
        peer: UserName,
    },
    /// It was found, and the session goes on.
    PrivateResumed {
        /// With whom.
        peer: UserName,
        /// How.
        route: Route,
    },
    /// A private session goes another way.
    PrivateRerouted {
        /// With whom.
        peer: UserName,
        /// How.
        route: Route,
    },
    /// A question or a private session is over.
    PrivateClosed {
        /// With whom.
        peer: UserName,
        /// Why.
        why: Closing,
    },
    /// A file on its way.
    Transfer(Transfer),
    /// Who shares a file.
    Files(Vec<FoundFile>),
    /// A file is shared.
    Registered {
        /// Which.
        file: SharedFile,
        /// Whether somebody else shares it too.
        known: bool,
    },
    /// Messages that were read back.
    Recalled {
        /// What was asked for.
        what: Recall,
        /// The messages.
        messages: Vec<Message>,
    },
    /// The answer to a command that a program named.
    Answer {
        /// Its name.
        reference: String,
        /// The answer.
        news: Box<News>,
    },
    /// The commands.
    Help(String),
    /// Something was not done.
    Failed(Failure),
    /// The session is over.
    SessionEnd(End),
    /// The line is lost and will be tried again.
    LineLost {
        /// Why.
        cause: String,
        /// When.
        retry_at: Timestamp,
        /// The clock.
        now: Timestamp,
    },
    /// A first line cannot be made and will be tried again.
    NotConnected {
        /// Why.
        cause: String,
    },
    /// The line is back.
    LineBack(Back),
    /// The program ends when the user has read why.
    PressEnter,
    /// The session ends soon without a valid action.
    InactivityWarning(Seconds),
}

/// An own message and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Which.
    pub(super) id: MessageId,
    /// Where to.
    pub(super) chat: ChatId,
    /// How far.
    pub(super) state: SentState,
    /// Whether the recipient is there.
    pub(super) recipient: Recipient,
}

/// How far an own message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SentState {
    /// On this computer's disk, for there is no line.
    Saved,
    /// On the server's disk.
    Accepted,
    /// On the recipient's disk.
    Delivered,
    /// Gone with the account that it waited for.
    Lost,
}

/// Whether a recipient is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recipient {
    /// Online, or everyone.
    Online,
    /// Not online, or hidden.
    Offline,
}

/// Something that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The command's name; empty where no command led to it.
    pub(super) command: String,
    /// The word for it.
    pub(super) code: &'static str,
    /// What is wrong, for people: begins with a word of ours, for a name is never capitalised.
    pub(super) text: String,
}

/// Why the session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The server said so.
    Told(SessionEnd),
    /// The line was lost and could not be made again.
    Lost,
}

/// As what a line is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Back {
    /// The session goes on; others saw nothing.
    Unnoticed,
    /// The session was lost, and another began.
    Anew,
    /// Another session began after the one whose end was told.
    Next,
}

/// What stands in for the name of a command where none led to a failure.
pub(super) const CONNECT: &str = "connect";

impl Failure {
    /// The password was not changed.
    pub(super) fn password_kept(fault: &PasswordFault) -> Self {
        let (code, text) = match fault {
            PasswordFault::Refused(LoginRefusal::RegistrationClosed { retry_after: Some(wait), .. }) => {
                ("full", format!("the password was changed too often; try again in {} s", wait.get()))
            }
            PasswordFault::Refused(refusal) => (login_code(refusal), super::human::login_refused(refusal)),
            PasswordFault::Unsupported => {
                ("unsupported", "this server cannot change passwords; ask whoever runs it".to_owned())
            }
            PasswordFault::Failed { cause } => {
                ("unanswered", format!("{cause}; if the old password is refused from here on, the new one holds"))
            }
        };
        Self { command: command_name(CommandKind::Passwd).to_owned(), code, text }
    }

    /// The server refused a command.
    pub(super) fn refused(command: CommandKind, refusal: Refusal, about: Option<&UserName>) -> Self {
        let code = whoelse_model::command::refusal_code(refusal);
        Self {
            command: command_name(command).to_owned(),
            code,
            text: refusal_text(command, refusal, about.map_or("somebody", UserName::as_str)),
        }
    }

    /// An unknown server may not be trusted.
    pub(super) fn unknown_server(shown: Fingerprint) -> Self {
        let text = format!("this server is not known; its key has the fingerprint {shown}; give --trust-fingerprint");
        Self { command: CONNECT.to_owned(), code: "unknown_server", text }
    }

    /// A server has another key than the pinned one.
    pub(super) fn key_changed(pinned: Fingerprint, shown: Fingerprint) -> Self {
        let text = format!(
            "the key of this server, or of the invitation to it, is another than the known one; nothing was sent; known \
             {pinned}, shown {shown}; \
             if the administrator confirms the shown one, give it with --trust-fingerprint"
        );
        Self { command: CONNECT.to_owned(), code: "server_key_changed", text }
    }

    /// A contact has another key than before.
    pub(super) fn device_changed(peer: &UserName, pinned: DeviceKey, shown: DeviceKey) -> Self {
        let text = format!(
            "the device of {peer} has another key than before; nothing was sent; known {pinned}, shown {shown}; \
             either {peer} has another device or was set up anew, or somebody pretends to be {peer}: ask them by another \
             way; trustdevice {peer} takes the new key"
        );
        Self { command: String::new(), code: "device_changed", text }
    }

    /// The server did what no honest server does.
    pub(super) fn distrusted(peer: &UserName, cause: &str) -> Self {
        Self { command: String::new(), code: "distrusted", text: format!("{cause} ({peer}); nothing was sent") }
    }

    /// There is no line.
    pub(super) fn connect(cause: &str) -> Self {
        Self { command: CONNECT.to_owned(), code: "unreachable", text: cause.to_owned() }
    }

    /// The history cannot be opened.
    pub(super) fn history(trouble: &HistoryTrouble) -> Self {
        Self { command: CONNECT.to_owned(), code: "disk", text: trouble.to_string() }
    }

    /// The disk of this computer refuses something.
    pub(super) fn disk(cause: String) -> Self {
        Self { command: String::new(), code: "disk", text: cause }
    }

    /// A message could not be put on the disk of this computer.
    pub(super) fn not_saved(command: CommandKind, cause: String) -> Self {
        Self { command: command_name(command).to_owned(), code: "disk", text: cause }
    }

    /// The message that was to be answered is not on this computer.
    pub(super) fn no_such_message(command: CommandKind) -> Self {
        let text = "there is no such message on this computer; history and search show the ids".to_owned();
        Self { command: command_name(command).to_owned(), code: "no_message", text }
    }

    /// A command stands behind the one that ended the session.
    pub(super) fn behind_logout(command: String) -> Self {
        let text = "not done: the session was ended by the logout before it".to_owned();
        Self { command, code: "logged_out", text }
    }

    /// The line was lost before the answer.
    pub(super) fn unanswered(command: CommandKind) -> Self {
        let text = "the connection was lost before the answer; it may or may not have been done".to_owned();
        Self { command: command_name(command).to_owned(), code: "unanswered", text }
    }
}

/// The word for why somebody is not let in.
pub(super) const fn login_code(refusal: &LoginRefusal) -> &'static str {
    match refusal {
        LoginRefusal::WrongPassword { .. } => "wrong_password",
        LoginRefusal::Locked { .. } => "locked",
        LoginRefusal::AlreadyOnline {} => "already_online",
        LoginRefusal::UnknownUser { .. } => "unknown_user",
        LoginRefusal::NameTaken { reserved: true, .. } => "name_reserved",
        LoginRefusal::NameTaken { reserved: false, .. } => "name_taken",
        LoginRefusal::RegistrationClosed { invite: None, .. } => "closed",
        LoginRefusal::RegistrationClosed { invite: Some(fault), .. } => match fault {
            InviteFault::Needed => "invite_needed",
            InviteFault::Unknown => "invite_unknown",
            InviteFault::Expired => "invite_expired",
            InviteFault::UsedUp => "invite_used_up",
        },
        LoginRefusal::TokenInvalid {} => "token_invalid",
        LoginRefusal::Storage {} => "storage",
    }
}

/// A command's name.
pub(super) fn command_name(kind: CommandKind) -> &'static str {
    whoelse_model::command::COMMANDS.iter().find(|spec| spec.kind == kind).map_or("", |spec| spec.name)
}

/// A refusal for people.
fn refusal_text(command: CommandKind, refusal: Refusal, about: &str) -> String {
    match refusal {
        Refusal::UnknownUser => format!("there is no user {about}"),
        Refusal::Yourself => "that is yourself".to_owned(),
        Refusal::Blocked => format!("refused: {about} has blocked you; nothing was stored"),
        Refusal::NotBlocked => format!("there is no block on {about}"),
        Refusal::TooLong => "that is too long".to_owned(),
        Refusal::Invalid => "the server does not understand that".to_owned(),
        Refusal::Storage => "the server cannot write to its disk; nothing was taken".to_owned(),
        Refusal::Unsupported => "the server does not do that".to_owned(),
        Refusal::DuplicateId => "the server has another message of this id".to_owned(),
        Refusal::Offline => format!("user {about} is not online"),
        Refusal::NoDevice => {
            format!("private sessions are not possible with the program of {about}, or with this server")
        }
        Refusal::NoRelay => {
            format!("your address or that of {about} is never to be shown, and this server has no relay to hide it")
        }
        Refusal::SessionOpen => format!("there is a private session with {about}"),
        Refusal::RequestPending => format!("user {about} has been asked and has not answered yet"),
        Refusal::NoRequest => format!("there is no request for a private session from {about}"),
        Refusal::NoSession => format!("there is no private session with {about}"),
        Refusal::NoFile => "there is no such file".to_owned(),
        Refusal::Full => whoelse_model::command::full(command, about),
    }
}
