//! From a line to a command.

use std::path::PathBuf;

use whoelse_proto::limits::MAX_CHUNKS;
use whoelse_proto::{
    Chunks, FileName, FileNameError, FileRoot, MessageId, NameError, Password, PasswordError, Seconds, Text, TextError,
    UserName,
};

use super::list::{COMMANDS, CommandKind, CommandSpec, Pattern};
use super::{files, password, private, recall};
use crate::transfer::TransferId;

/// A command with its arguments, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLine {
    /// Write to one user.
    Message {
        /// Whom.
        to: UserName,
        /// What.
        text: Text,
    },
    /// Write to everyone online.
    Broadcast {
        /// What.
        text: Text,
    },
    /// Who is online.
    Whoelse,
    /// Who was online in the last seconds.
    Whoelsesince(Seconds),
    /// Block a user.
    Block(UserName),
    /// Unblock a user.
    Unblock(UserName),
    /// Who is blocked.
    Blocked,
    /// Ask a user for a private session.
    StartPrivate(UserName),
    /// Agree to one.
    Accept(UserName),
    /// Turn one down.
    Decline(UserName),
    /// Write in a private session.
    Private {
        /// To whom.
        to: UserName,
        /// What.
        text: Text,
    },
    /// Fetch a chunk from the peer of a private session.
    PrivateDownload {
        /// From whom.
        from: UserName,
        /// Of which file.
        name: FileName,
        /// Which.
        chunk: u8,
    },
    /// End a private session.
    StopPrivate(UserName),
    /// The code was compared.
    Verify(UserName),
    /// Take a contact's new key.
    TrustDevice(UserName),
    /// Offer a file in a private session.
    SendFile {
        /// To whom.
        to: UserName,
        /// Which.
        path: PathBuf,
    },
    /// Take a file that is offered.
    TakeFile(TransferId),
    /// Do not take it.
    RefuseFile(TransferId),
    /// Let a file stand still.
    PauseFile(TransferId),
    /// Go on with it.
    ResumeFile(TransferId),
    /// End it.
    CancelFile(TransferId),
    /// Share a file.
    Register(PathBuf),
    /// Share it no longer.
    Unregister(FileName),
    /// Who shares a file.
    SearchFile(FileName),
    /// Who shares chunks of a file.
    SearchChunk(FileName, Chunks),
    /// What is shared, under names that hold this.
    Shared(Option<FileName>),
    /// Fetch a shared file.
    Download {
        /// What it is called.
        name: FileName,
        /// Which of several contents of that name.
        root: Option<FileRoot>,
    },
    /// Read messages back.
    History {
        /// With whom; `None` is everybody.
        with: Option<UserName>,
        /// How many.
        count: usize,
        /// Before which.
        before: Option<MessageId>,
    },
    /// Find messages.
    Search {
        /// All of which occur.
        words: String,
    },
    /// Answer a message.
    Reply {
        /// Which.
        to: MessageId,
        /// What.
        text: Text,
    },
    /// Change the own password.
    Passwd {
        /// The one that holds.
        old: Password,
        /// The one to come.
        new: Password,
    },
    /// Count as active.
    Stay,
    /// The commands, or one of them.
    Help(Option<&'static CommandSpec>),
    /// End the session.
    Logout,
}

impl CommandLine {
    /// Which command it is.
    #[must_use]
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Message { .. } => CommandKind::Message,
            Self::Broadcast { .. } => CommandKind::Broadcast,
            Self::Whoelse => CommandKind::Whoelse,
            Self::Whoelsesince(_) => CommandKind::Whoelsesince,
            Self::Block(_) => CommandKind::Block,
            Self::Unblock(_) => CommandKind::Unblock,
            Self::Blocked => CommandKind::Blocked,
            Self::StartPrivate(_) => CommandKind::StartPrivate,
            Self::Accept(_) => CommandKind::Accept,
            Self::Decline(_) => CommandKind::Decline,
            Self::Private { .. } | Self::PrivateDownload { .. } => CommandKind::Private,
            Self::StopPrivate(_) => CommandKind::StopPrivate,
            Self::Verify(_) => CommandKind::Verify,
            Self::TrustDevice(_) => CommandKind::TrustDevice,
            Self::SendFile { .. } => CommandKind::SendFile,
            Self::TakeFile(_) => CommandKind::TakeFile,
            Self::RefuseFile(_) => CommandKind::RefuseFile,
            Self::PauseFile(_) => CommandKind::PauseFile,
            Self::ResumeFile(_) => CommandKind::ResumeFile,
            Self::CancelFile(_) => CommandKind::CancelFile,
            Self::Register(_) => CommandKind::Register,
            Self::Unregister(_) => CommandKind::Unregister,
            Self::SearchFile(_) => CommandKind::SearchFile,
            Self::SearchChunk(..) => CommandKind::SearchChunk,
            Self::Shared(_) => CommandKind::Shared,
            Self::Download { .. } => CommandKind::Download,
            Self::History { .. } => CommandKind::History,
            Self::Search { .. } => CommandKind::Search,
            Self::Reply { .. } => CommandKind::Reply,
            Self::Passwd { .. } => CommandKind::Passwd,
            Self::Stay => CommandKind::Stay,
            Self::Help(_) => CommandKind::Help,
            Self::Logout => CommandKind::Logout,
        }
    }
}

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing but white space.
    #[error("no command; try help")]
    Empty,
    /// No command has this name.
    #[error("no command {word}{}", suggestion(*nearest))]
    Unknown {
        /// What stands in its place, shortened.
        word: String,
        /// A command whose name is nearly that.
        nearest: Option<&'static str>,
    },
    /// An argument is missing.
    #[error("{what} is missing; usage: {}", command.usage())]
    Missing {
        /// Of which command.
        command: &'static CommandSpec,
        /// What.
        what: &'static str,
    },
    /// There is more behind the arguments.
    #[error("too many arguments; usage: {}", command.usage())]
    Excess {
        /// Of which command.
        command: &'static CommandSpec,
    },
    /// What should be a user's name is none.
    #[error("{cause}; usage: {}", command.usage())]
    Name {
        /// Of which command.
        command: &'static CommandSpec,
        /// What is wrong with it.
        cause: NameError,
    },
    /// What should be a password is none.
    #[error("{cause}; usage: {}", command.usage())]
    Password {
        /// Of which command.
        command: &'static CommandSpec,
        /// What is wrong with it.
        cause: PasswordError,
    },
    /// What should be a text is none.
    #[error("{cause}; usage: {}", command.usage())]
    Text {
        /// Of which command.
        command: &'static CommandSpec,
        /// What is wrong with it.
        cause: TextError,
    },
    /// What should be a file's name is none.
    #[error("{cause}; usage: {}", command.usage())]
    FileName {
        /// Of which command.
        command: &'static CommandSpec,
        /// What is wrong with it.
        cause: FileNameError,
    },
    /// What should name chunks does not.
    #[error("CHUNKS are numbers from 1 to {MAX_CHUNKS}, as 1,4,7-9; usage: {}", command.usage())]
    Chunks {
        /// Of which command.
        command: &'static CommandSpec,
    },
    /// What should be the number of a transfer is none.
    #[error("NUMBER is the number of a file on its way; usage: {}", command.usage())]
    Number {
        /// Of which command.
        command: &'static CommandSpec,
    },
    /// What should name a message does not, or the count is none.
    #[error("COUNT is a number from 1, ID the id of a message; usage: {}", command.usage())]
    Message {
        /// Of which command.
        command: &'static CommandSpec,
    },
    /// What should be a number of seconds is none.
    #[error("SECONDS is a whole number, 0 or more; usage: {}", command.usage())]
    Seconds {
        /// Of which command.
        command: &'static CommandSpec,
    },
}

impl ParseError {
    /// The command that the line names, if it names one.
    #[must_use]
    pub const fn command(&self) -> Option<&'static CommandSpec> {
        match self {
            Self::Empty | Self::Unknown { .. } => None,
            Self::Missing { command, .. }
            | Self::Excess { command }
            | Self::Name { command, .. }
            | Self::Password { command, .. }
            | Self::Text { command, .. }
            | Self::FileName { command, .. }
            | Self::Chunks { command }
            | Self::Number { command }
            | Self::Message { command }
            | Self::Seconds { command } => Some(command),
        }
    }

    /// The word for it in the output for programs (`docs/BEHAVIOUR.md`, Output for programs).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text { cause: TextError::TooLong, .. } => "too_long",
            Self::Empty
            | Self::Unknown { .. }
            | Self::Missing { .. }
            | Self::Excess { .. }
            | Self::Name { .. }
            | Self::Password { .. }
            | Self::Text { cause: TextError::Empty, .. }
            | Self::FileName { .. }
            | Self::Chunks { .. }
            | Self::Number { .. }
            | Self::Message { .. }
            | Self::Seconds { .. } => "invalid",
        }
    }
}

/// What the error adds for a word that is nearly a command.
fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(|| "; try help".to_owned(), |name| format!("; did you mean {name}?"))
}

/// Reads a line: a command's name, perhaps behind one `/`, and its arguments.
///
/// # Errors
/// [`ParseError`], whose text names the usage, or the nearest command for a misspelt one.
pub fn parse(line: &str) -> Result<CommandLine, ParseError> {
    let line = line.trim_end_matches(['\n', '\r']).trim_start();
    let line = line.strip_prefix('/').unwrap_or(line);
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if word.is_empty() {
        return Err(ParseError::Empty);
    }
    let command = CommandSpec::find(word).ok_or_else(|| unknown(word))?;
    match command.kind {
        CommandKind::Message => message(command, rest),
        CommandKind::Broadcast => Ok(CommandLine::Broadcast { text: text(command, rest)? }),
        CommandKind::Whoelse => nothing(command, rest).map(|()| CommandLine::Whoelse),
        CommandKind::Whoelsesince => Ok(CommandLine::Whoelsesince(seconds(command, rest)?)),
        CommandKind::Block => Ok(CommandLine::Block(user(command, rest)?)),
        CommandKind::Unblock => Ok(CommandLine::Unblock(user(command, rest)?)),
        CommandKind::Blocked => nothing(command, rest).map(|()| CommandLine::Blocked),
        CommandKind::StartPrivate => user(command, rest).map(CommandLine::StartPrivate),
        CommandKind::Accept => user(command, rest).map(CommandLine::Accept),
        CommandKind::Decline => user(command, rest).map(CommandLine::Decline),
        CommandKind::StopPrivate => user(command, rest).map(CommandLine::StopPrivate),
        CommandKind::Verify => user(command, rest).map(CommandLine::Verify),
        CommandKind::TrustDevice => user(command, rest).map(CommandLine::TrustDevice),
        CommandKind::Private => private::parse(command, rest),
        CommandKind::SendFile => files::send(command, rest),
        CommandKind::TakeFile => files::number(command, rest).map(CommandLine::TakeFile),
        CommandKind::RefuseFile => files::number(command, rest).map(CommandLine::RefuseFile),
        CommandKind::PauseFile => files::number(command, rest).map(CommandLine::PauseFile),
        CommandKind::ResumeFile => files::number(command, rest).map(CommandLine::ResumeFile),
        CommandKind::CancelFile => files::number(command, rest).map(CommandLine::CancelFile),
        CommandKind::Register => files::path(command, rest).map(CommandLine::Register),
        CommandKind::Unregister => files::name(command, rest).map(CommandLine::Unregister),
        CommandKind::SearchFile => files::name(command, rest).map(CommandLine::SearchFile),
        CommandKind::Download => files::download(command, rest),
        CommandKind::SearchChunk => files::search_chunk(command, rest),
        CommandKind::Shared => files::shared(command, rest),
        CommandKind::History => recall::history(command, rest),
        CommandKind::Search => recall::search(command, rest),
        CommandKind::Reply => recall::reply(command, rest),
        CommandKind::Passwd => password::parse(command, rest),
        CommandKind::Stay => nothing(command, rest).map(|()| CommandLine::Stay),
        CommandKind::Help => help(command, rest),
        CommandKind::Logout => nothing(command, rest).map(|()| CommandLine::Logout),
    }
}

/// The most characters of a word that an error repeats.
const MAX_REPEATED: usize = 40;

/// Letters that may be wrong in a word that is still taken for a command.
const MAX_TYPOS: usize = 2;

/// The error for a word that is no command.
fn unknown(word: &str) -> ParseError {
    let lower = word.to_ascii_lowercase();
    // A word that is longer than any name with its typos is like none; comparing a long one costs its length for each.
    let letters = lower.chars().take(MAX_REPEATED + 1).count();
    let nearest = COMMANDS
        .iter()
        .filter(|spec| letters <= spec.name.len() + MAX_TYPOS)
        .map(|spec| (strsim::osa_distance(&lower, spec.name), spec.name))
        // A word of which every letter would be wrong is like no command.
        .filter(|(distance, name)| *distance <= MAX_TYPOS && *distance < name.len().min(lower.len()))
        .min()
        .map(|(_, name)| name);
    let shown = word.chars().filter(|c| !c.is_control()).take(MAX_REPEATED).collect();
    ParseError::Unknown { word: shown, nearest }
}

/// `USER TEXT`, the text kept as written behind exactly one space.
fn message(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    let rest = rest.trim_start();
    let (name, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let to = user(command, name)?;
    Ok(CommandLine::Message { to, text: text(command, words)? })
}

pub(super) fn text(command: &'static CommandSpec, rest: &str) -> Result<Text, ParseError> {
    if rest.is_empty() {
        return Err(ParseError::Missing { command, what: "TEXT" });
    }
    Text::new(rest).map_err(|cause| ParseError::Text { command, cause })
}

pub(super) fn user(command: &'static CommandSpec, rest: &str) -> Result<UserName, ParseError> {
    let name = one_word(command, rest, "USER")?;
    UserName::new(name).map_err(|cause| ParseError::Name { command, cause })
}

fn seconds(command: &'static CommandSpec, rest: &str) -> Result<Seconds, ParseError> {
    let digits = one_word(command, rest, "SECONDS")?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ParseError::Seconds { command });
    }
    // More digits than a number holds are still a whole number: longer than the server remembers.
    Ok(Seconds::new(digits.parse().unwrap_or(u64::MAX)))
}

fn help(command: &'static CommandSpec, rest: &str) -> Result<CommandLine, ParseError> {
    if rest.trim().is_empty() {
        return Ok(CommandLine::Help(None));
    }
    let word = one_word(command, rest, "COMMAND")?;
    let word = word.strip_prefix('/').unwrap_or(word);
    let about = CommandSpec::find(word).ok_or_else(|| unknown(word))?;
    Ok(CommandLine::Help(Some(about)))
}

fn nothing(command: &'static CommandSpec, rest: &str) -> Result<(), ParseError> {
    if rest.trim().is_empty() { Ok(()) } else { Err(ParseError::Excess { command }) }
}

pub(super) fn one_word<'a>(
    command: &'static CommandSpec,
    rest: &'a str,
    what: &'static str,
) -> Result<&'a str, ParseError> {
    let word = rest.trim();
    if word.is_empty() {
        return Err(ParseError::Missing { command, what });
    }
    if word.contains(char::is_whitespace) {
        return Err(ParseError::Excess { command });
    }
    Ok(word)
}

impl Pattern {
    /// Whether the first argument is a user's name.
    pub(super) const fn begins_with_user(self) -> bool {
        match self {
            Self::User | Self::UserAndText | Self::MaybeUser => true,
            Self::Nothing | Self::Text | Self::Seconds | Self::Number | Self::MaybeCommand => false,
        }
    }
}

#[cfg(test)]
mod tests;
