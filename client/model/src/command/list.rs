//! The list of commands.

/// Which command; what icons, shortcuts and actions hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {
    /// Write to one user.
    Message,
    /// Write to everyone online.
    Broadcast,
    /// Who is online.
    Whoelse,
    /// Who was online in the last seconds.
    Whoelsesince,
    /// Block a user.
    Block,
    /// Unblock a user.
    Unblock,
    /// Who is blocked.
    Blocked,
    /// Ask a user for a private session.
    StartPrivate,
    /// Agree to a private session.
    Accept,
    /// Turn a private session down.
    Decline,
    /// Write in a private session.
    Private,
    /// End a private session.
    StopPrivate,
    /// Note that the code was compared.
    Verify,
    /// Take a contact's new key.
    TrustDevice,
    /// Offer a file in a private session.
    SendFile,
    /// Take a file that is offered.
    TakeFile,
    /// Do not take a file.
    RefuseFile,
    /// Let a file stand still.
    PauseFile,
    /// Go on with a file.
    ResumeFile,
    /// End a file on its way.
    CancelFile,
    /// Share a file.
    Register,
    /// Share a file no longer.
    Unregister,
    /// Find who shares a file.
    SearchFile,
    /// Find who shares parts of a file.
    SearchChunk,
    /// List what is shared.
    Shared,
    /// Fetch a shared file.
    Download,
    /// Read messages back.
    History,
    /// Find messages.
    Search,
    /// Answer a message.
    Reply,
    /// Change the own password.
    Passwd,
    /// Count as active.
    Stay,
    /// The commands.
    Help,
    /// End the session.
    Logout,
}

/// When a command can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnabledWhen {
    /// At any time.
    Always,
    /// From the login to the end of the session, a lost line included: what it does waits for the line.
    SignedIn,
    /// While there is a line: it needs an answer from the server.
    Online,
}

/// What stands behind a command's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Nothing.
    Nothing,
    /// A user's name.
    User,
    /// A user's name, one space, and a text to the end.
    UserAndText,
    /// A text to the end.
    Text,
    /// A number of seconds.
    Seconds,
    /// The number of a transfer.
    Number,
    /// Perhaps a user's name, and more.
    MaybeUser,
    /// A command's name, or nothing.
    MaybeCommand,
}

/// A command as people read it.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// Which.
    pub kind: CommandKind,
    /// The word that gives it.
    pub name: &'static str,
    /// What stands behind the name; optional parts in brackets, empty for nothing.
    pub arguments: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// All there is to know, a few sentences.
    pub help: &'static str,
    /// When it can be given.
    pub enabled: EnabledWhen,
    pub(super) pattern: Pattern,
}

impl CommandSpec {
    /// The command of this name, in any case of letters.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        COMMANDS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
    }

    /// Name and arguments: `message USER TEXT`.
    #[must_use]
    pub fn usage(&self) -> String {
        if self.arguments.is_empty() { self.name.to_owned() } else { format!("{} {}", self.name, self.arguments) }
    }
}

/// Every command there is, in the order of the help.
pub static COMMANDS: &[CommandSpec] = &[
    CommandSpec {
        kind: CommandKind::Message,
        name: "message",
        arguments: "USER TEXT",
        summary: "write to one user",
        help: "Sends TEXT to USER through the server; it is kept there until USER is online. TEXT is everything \
               behind the one space after the name, as written. Without a line it waits on this computer. \
               Refused if USER has no account, is yourself or has blocked you.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::UserAndText,
    },
    CommandSpec {
        kind: CommandKind::Broadcast,
        name: "broadcast",
        arguments: "TEXT",
        summary: "write to everyone online",
        help: "Sends TEXT to every user who is online and has not blocked you. It is not kept for anyone offline. \
               You are told if somebody online does not get it.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Whoelse,
        name: "whoelse",
        arguments: "",
        summary: "list who else is online",
        help: "Lists the users who are online, without yourself and without those who have blocked you.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::Whoelsesince,
        name: "whoelsesince",
        arguments: "SECONDS",
        summary: "list who was online in the last SECONDS",
        help: "Lists the users with a session in the last SECONDS, with their sessions. The server remembers 30 \
               days; more than that lists everyone it knows.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Seconds,
    },
    CommandSpec {
        kind: CommandKind::Block,
        name: "block",
        arguments: "USER",
        summary: "stop a user from reaching and seeing you",
        help: "USER can no longer write to you, reach you in a broadcast or see whether you are online. USER finds out \
               only when writing to you or asking you for a private session. You can still write to USER and see \
               USER. It lasts until you unblock.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Unblock,
        name: "unblock",
        arguments: "USER",
        summary: "undo a block",
        help: "USER can reach and see you again, from this moment on. Refused if USER is not blocked.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Blocked,
        name: "blocked",
        arguments: "",
        summary: "list whom you have blocked",
        help: "Lists the users you have blocked.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::StartPrivate,
        name: "startprivate",
        arguments: "USER",
        summary: "ask a user for a private session",
        help: "Asks USER for a private session: text and files go straight from this device to theirs, \
               and the server sees none of it. USER has 60 seconds to answer. Refused if USER has no \
               account, is yourself, is not online or has blocked you; if there is a session with USER; \
               or if USER has been asked already.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Accept,
        name: "accept",
        arguments: "USER",
        summary: "agree to a private session",
        help: "Agrees to the private session that USER has asked for.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Decline,
        name: "decline",
        arguments: "USER",
        summary: "turn a private session down",
        help: "Turns the private session down that USER has asked for. USER is told.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Private,
        name: "private",
        arguments: "USER TEXT",
        summary: "write in a private session",
        help: "Sends TEXT to USER in the private session with USER, straight to their device and never \
               by way of the server. `private USER download NAME CHUNK` fetches one chunk of a file \
               that USER shares. Refused if there is no session.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::UserAndText,
    },
    CommandSpec {
        kind: CommandKind::StopPrivate,
        name: "stopprivate",
        arguments: "USER",
        summary: "end a private session",
        help: "Ends the private session with USER, or takes back that you asked. USER is told.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::Verify,
        name: "verify",
        arguments: "USER",
        summary: "note that the code was compared",
        help: "Notes that you compared the code of the private session with USER, and that both saw the \
               same: from here on the session is shown as verified as long as their key is the same.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::TrustDevice,
        name: "trustdevice",
        arguments: "USER",
        summary: "take a contact's new key",
        help: "Takes the key that the server showed for USER last, in place of the one that was known. \
               Do so only if USER says that their device is another, or was set up anew.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::User,
    },
    CommandSpec {
        kind: CommandKind::SendFile,
        name: "sendfile",
        arguments: "USER PATH",
        summary: "offer a file in a private session",
        help: "Offers the file at PATH to USER in the private session, or in the next one: until then it \
               waits, also when this program is not running. It goes when USER takes it, and is \
               verified when it is there. cancelfile takes it back.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::UserAndText,
    },
    CommandSpec {
        kind: CommandKind::TakeFile,
        name: "takefile",
        arguments: "NUMBER",
        summary: "take a file that is offered",
        help: "Takes the file that was offered under NUMBER into the download folder.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Number,
    },
    CommandSpec {
        kind: CommandKind::RefuseFile,
        name: "refusefile",
        arguments: "NUMBER",
        summary: "do not take a file",
        help: "Does not take the file that was offered under NUMBER.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Number,
    },
    CommandSpec {
        kind: CommandKind::PauseFile,
        name: "pausefile",
        arguments: "NUMBER",
        summary: "let a file stand still",
        help: "Lets the file under NUMBER stand still on both sides until you go on with it.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Number,
    },
    CommandSpec {
        kind: CommandKind::ResumeFile,
        name: "resumefile",
        arguments: "NUMBER",
        summary: "go on with a file",
        help: "Goes on with the file under NUMBER where it stopped, unless the other side lets it stand still.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Number,
    },
    CommandSpec {
        kind: CommandKind::CancelFile,
        name: "cancelfile",
        arguments: "NUMBER",
        summary: "end a file on its way",
        help: "Ends the file under NUMBER and removes what is there of it.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Number,
    },
    CommandSpec {
        kind: CommandKind::Register,
        name: "register",
        arguments: "PATH",
        summary: "share a file",
        help: "Shares the file at PATH with everybody on this server whom you have not blocked. The \
               server learns its name, size and hash; whoever wants it fetches it from this device.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Unregister,
        name: "unregister",
        arguments: "NAME",
        summary: "share a file no longer",
        help: "Shares the file called NAME no longer.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::SearchFile,
        name: "searchFile",
        arguments: "NAME",
        summary: "find who shares a file",
        help: "Lists the users online who hold chunks of files called NAME. Files of one name with \
               other content are listed apart.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Shared,
        name: "shared",
        arguments: "[PART]",
        summary: "list what is shared",
        help: "Lists the files that users online share, with who holds what of them: those whose name holds PART, in \
               whatever case, or all; at most 100.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::SearchChunk,
        name: "searchChunk",
        arguments: "NAME CHUNKS",
        summary: "find who shares parts of a file",
        help: "Lists the users online who hold any of CHUNKS of files called NAME; CHUNKS are numbers \
               from 1 to 10, as 1,4,7-9.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Download,
        name: "download",
        arguments: "NAME [ROOT]",
        summary: "fetch a shared file",
        help: "Fetches the file called NAME from all users who hold chunks of it. Every chunk is \
               verified, and shared by you as soon as it is there. Refused if files of that name differ: \
               ROOT, which the refusal and `searchFile` show, says which one you mean.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::History,
        name: "history",
        arguments: "[USER] [COUNT] [before ID]",
        summary: "read messages back",
        help: "Shows the last COUNT messages (20 without a number, at most 500) with USER, or of all chats, from this \
               computer's disk, oldest first; with `before ID` those before that message. Private messages are not \
               kept unless you want that.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::MaybeUser,
    },
    CommandSpec {
        kind: CommandKind::Search,
        name: "search",
        arguments: "WORDS",
        summary: "find messages",
        help: "Shows the messages on this computer's disk in which all WORDS occur, newest first; the last word may be \
               unfinished.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Reply,
        name: "reply",
        arguments: "ID TEXT",
        summary: "answer a message",
        help: "Sends TEXT to where the message ID was written, as an answer to it. `history`, `search` and the output \
               for programs show the IDs.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::Text,
    },
    CommandSpec {
        kind: CommandKind::Passwd,
        name: "passwd",
        arguments: "[OLD NEW]",
        summary: "change your password",
        help: "Changes your password. Type passwd alone: it asks for the old and the new password without showing them. \
               OLD and NEW are for programs, which write them to standard input. This session goes on; your other \
               devices have to sign in with the new password. A wrong old password counts like one at a login.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::Stay,
        name: "stay",
        arguments: "",
        summary: "stay signed in",
        help: "Counts as activity and does nothing else: the time to the end of the session by inactivity begins \
               anew.",
        enabled: EnabledWhen::Online,
        pattern: Pattern::Nothing,
    },
    CommandSpec {
        kind: CommandKind::Help,
        name: "help",
        arguments: "[COMMAND]",
        summary: "explain the commands",
        help: "Lists the commands, or explains one of them.",
        enabled: EnabledWhen::Always,
        pattern: Pattern::MaybeCommand,
    },
    CommandSpec {
        kind: CommandKind::Logout,
        name: "logout",
        arguments: "",
        summary: "end the session",
        help: "Waits until the server has everything that you wrote, then ends the session. Others see that you \
               logged out.",
        enabled: EnabledWhen::SignedIn,
        pattern: Pattern::Nothing,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_once_and_can_be_found() {
        for spec in COMMANDS {
            assert_eq!(CommandSpec::find(spec.name).map(|found| found.kind), Some(spec.kind));
            assert_eq!(COMMANDS.iter().filter(|other| other.kind == spec.kind).count(), 1, "{}", spec.name);
        }
    }
}
