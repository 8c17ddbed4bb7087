//! The sentences of the app that follow from what happened: what it was, what it means, what to do.
//!
//! Views hold the words on their controls; everything that is put together from facts stands here.

use crate::platform::Error;
use whoelse_model::command::{CommandKind, full};
use whoelse_model::{ChatId, Closing, HistoryRemedy, HistoryTrouble, NoticeKind, PasswordFault, Route};
use whoelse_proto::{InviteFault, LoginRefusal, Refusal, Seconds, SessionEnd, UserName};

use crate::view::NothingYet;

/// What an unusable history means for the person, and what to do.
#[must_use]
pub fn history_unusable(trouble: &HistoryTrouble) -> String {
    let HistoryTrouble { path, cause, remedy } = trouble;
    let then = match remedy {
        HistoryRemedy::SetAside => {
            "It is kept under another name beside the new one; what waits on the server still arrives."
        }
        HistoryRemedy::Wait => "Nothing is lost: sign in again once this is over.",
    };
    format!("{path}: {cause}. {then}")
}

/// What a chat is called.
#[must_use]
pub fn chat_name(chat: &ChatId) -> &str {
    match chat {
        ChatId::Everyone => "Everyone",
        ChatId::Direct(name) | ChatId::Private(name) => name.as_str(),
    }
}

/// What the tab or window of a chat is called.
#[must_use]
pub fn tab_name(chat: &ChatId) -> String {
    match chat {
        ChatId::Everyone | ChatId::Direct(_) => chat_name(chat).to_owned(),
        ChatId::Private(name) => format!("{name} · private"),
    }
}

/// The title of the window of a chat; unlike any title of the window of somebody who is signed in.
#[must_use]
pub fn chat_title(chat: &ChatId, me: &str) -> String {
    format!("Chat: {} ({me}) – Whoelse", tab_name(chat))
}

/// What an empty composer says.
#[must_use]
pub fn placeholder(chat: &ChatId) -> String {
    match chat {
        ChatId::Everyone => "Message everyone online".to_owned(),
        ChatId::Direct(name) => format!("Message {name}"),
        ChatId::Private(name) => format!("Private to {name}, direct"),
    }
}

/// Which way the words of a composer go.
#[must_use]
pub fn route(chat: &ChatId) -> String {
    match chat {
        ChatId::Everyone => "To everyone online now. Not kept for anyone else.".to_owned(),
        ChatId::Direct(name) => format!("Through the server. Kept for {name} if offline."),
        ChatId::Private(name) => format!("Direct to {name}’s device. Never through the server, not kept."),
    }
}

/// Why a message was not sent, and what it means.
#[must_use]
pub fn not_sent(chat: &ChatId, refusal: Refusal) -> String {
    let name = chat_name(chat);
    match refusal {
        Refusal::UnknownUser => format!("Refused: the server has no account named {name}. Nothing was stored."),
        Refusal::Yourself => "Refused: this is your own name. Nothing was stored.".to_owned(),
        Refusal::Blocked => format!("Refused: {name} has blocked you. Nothing was stored."),
        Refusal::TooLong => "Refused: the message is too long. Nothing was stored.".to_owned(),
        Refusal::Storage => match chat {
            ChatId::Everyone => "Not sent: the server’s disk is full. Nobody got it.".to_owned(),
            ChatId::Direct(_) | ChatId::Private(_) => {
                format!("Not sent: the server’s disk is full. {name} did not get it.")
            }
        },
        Refusal::Offline => format!("Not sent: {name} is not online."),
        Refusal::NoSession => format!("Not sent: there is no private session with {name}."),
        Refusal::Invalid
        | Refusal::NotBlocked
        | Refusal::DuplicateId
        | Refusal::NoDevice
        | Refusal::NoRelay
        | Refusal::SessionOpen
        | Refusal::RequestPending
        | Refusal::NoRequest
        | Refusal::NoFile => "Refused: the server does not take this message. Nothing was stored.".to_owned(),
        Refusal::Full => {
            let command = match chat {
                ChatId::Everyone => CommandKind::Broadcast,
                ChatId::Direct(_) => CommandKind::Message,
                ChatId::Private(_) => CommandKind::Private,
            };
            format!("Not sent: {}.", full(command, name))
        }
        Refusal::Unsupported => "Refused: the server is too old for this. Nothing was stored.".to_owned(),
    }
}

/// Whether a message that was refused may be taken another time.
#[must_use]
pub const fn may_retry(refusal: Refusal) -> bool {
    match refusal {
        Refusal::Storage
        | Refusal::Blocked
        | Refusal::UnknownUser
        | Refusal::Offline
        | Refusal::NoSession
        | Refusal::Full => true,
        Refusal::Yourself
        | Refusal::TooLong
        | Refusal::Invalid
        | Refusal::NotBlocked
        | Refusal::DuplicateId
        | Refusal::NoDevice
        | Refusal::NoRelay
        | Refusal::SessionOpen
        | Refusal::RequestPending
        | Refusal::NoRequest
        | Refusal::NoFile
        | Refusal::Unsupported => false,
    }
}

/// The line with which a private session begins.
#[must_use]
pub fn private_opened(at: &str, keeps: bool) -> String {
    let kept = if keeps {
        "Kept on this computer alone, as you chose."
    } else {
        "Nothing here is kept or sent to the server: it is gone when you close this chat."
    };
    format!("Private session opened at {at}. {kept}")
}

/// The line with which a private session ends.
#[must_use]
pub fn private_ended(name: &str, why: Closing) -> String {
    let what = match why {
        Closing::Here => "You ended the private session.".to_owned(),
        Closing::Stopped | Closing::Declined | Closing::Expired => format!("{name} ended the private session."),
        Closing::Logout => format!("{name} signed out, and the private session ended."),
        Closing::Timeout => format!("{name} was signed out after inactivity, and the private session ended."),
        Closing::Lost | Closing::Unreachable => {
            format!("The line to {name}’s device was lost, and the private session ended.")
        }
        Closing::Impostor => format!("The device that answered is not {name}’s. The private session ended."),
    };
    format!("{what} Nothing was stored on the server.")
}

/// Why a question of one’s own for a private session came to nothing.
#[must_use]
pub fn private_not_opened(name: &str, why: Closing) -> String {
    match why {
        Closing::Declined | Closing::Stopped => format!("{name} declined."),
        Closing::Expired => format!("{name} did not answer in 60 s."),
        Closing::Logout | Closing::Timeout | Closing::Lost => format!("{name} went offline before answering."),
        Closing::Unreachable => {
            format!("No way to {name}’s device was found. A firewall may be in between, or the networks are apart.")
        }
        Closing::Impostor => {
            format!("Whoever answered is not the device that the server named for {name}. Nothing was sent.")
        }
        Closing::Here => "You cancelled the request.".to_owned(),
    }
}

/// A question of another for a private session that was not answered.
#[must_use]
pub fn private_missed(name: &str) -> String {
    format!("{name} asked for a private session, but is no longer waiting.")
}

/// What it means that the codes of a private session differ, and what to do.
#[must_use]
pub fn codes_differ(name: &str) -> String {
    format!(
        "The private session with {name} is ended: the codes differ, so somebody may sit between you. Tell {name} and \
         whoever runs the server, and try again on another network."
    )
}

/// How the words of a private session go.
#[must_use]
pub const fn private_route(route: Route) -> &'static str {
    match route {
        Route::Direct => "Private, direct",
        Route::Relayed => "Private, by the relay",
    }
}

/// A broadcast that somebody did not get.
pub const SKIPPED: &str = "Sent. Some people online do not get your broadcasts.";

/// A message that could not be put on this computer's disk.
#[must_use]
pub fn not_saved(cause: &str) -> String {
    format!("Not sent: this computer could not keep it ({cause}).")
}

/// The folder for files is not there, and what comes of that.
#[must_use]
pub fn folder_gone(folder: &std::path::Path, then: &str) -> String {
    format!("The download folder {} is not there. {then}", folder.display())
}

/// What did not open, and what to do about it.
#[must_use]
pub fn not_opened(path: &std::path::Path, error: &Error) -> String {
    if let Error::Open(_) = error {
        format!("No program on this computer opens {}.", path.display())
    } else {
        format!("{}.", super::cards::sentence(&error.to_string()))
    }
}

/// What a notice says.
#[must_use]
pub fn notice(kind: &NoticeKind) -> String {
    match kind {
        NoticeKind::Done { command: CommandKind::Block, user: Some(name) } => {
            format!("You blocked {name}. They cannot write to you or see whether you are online.")
        }
        NoticeKind::Done { command: CommandKind::Unblock, user: Some(name) } => {
            format!("{name} can reach and see you again.")
        }
        NoticeKind::Done { command: CommandKind::Passwd, .. } => "Your password is changed.".to_owned(),
        NoticeKind::PasswordKept(fault) => password_kept(fault),
        NoticeKind::Done { command, .. } => format!("{}: done.", command_words(*command)),
        NoticeKind::Blocked { users } if users.is_empty() => "You have not blocked anybody.".to_owned(),
        NoticeKind::Blocked { users } => {
            let names: Vec<&str> = users.iter().map(UserName::as_str).collect();
            format!("You have blocked {}.", names.join(", "))
        }
        NoticeKind::Refused { command, user, refusal } => refused(*command, user.as_ref(), *refusal),
        NoticeKind::Unanswered { command, user } => {
            let whom = user.as_ref().map_or(String::new(), |name| format!(" {name}"));
            format!(
                "{}{whom}: no answer, because the connection was lost. Check whether it was done.",
                command_words(*command)
            )
        }
        NoticeKind::DeviceChanged { user } => format!(
            "The device of {user} has another key than before. Nothing was sent. Ask {user} by another way whether \
             their device is new; if not, somebody pretends to be {user}."
        ),
        NoticeKind::IntroductionRefused { user, cause } => {
            format!("Refused: {cause} ({user}). Nothing was sent. Tell whoever runs the server.")
        }
        NoticeKind::Registered { name, known: true } => format!("{name} is shared. Others share it too."),
        NoticeKind::Registered { name, known: false } => format!("{name} is shared."),
        NoticeKind::WrongPasswords(missed) if missed.count == 1 => {
            "A wrong password was given for your name since your last sign-in.".to_owned()
        }
        NoticeKind::WrongPasswords(missed) => {
            format!("{} wrong passwords were given for your name since your last sign-in.", missed.count)
        }
        NoticeKind::FilesRefused { cause } | NoticeKind::DiskTrouble { cause } => cause.clone(),
    }
}

/// Why the password was not changed.
#[must_use]
pub fn password_kept(fault: &PasswordFault) -> String {
    match fault {
        PasswordFault::Refused(LoginRefusal::WrongPassword { tries_left }) => {
            let tries = if *tries_left == 1 { "1 try" } else { &format!("{tries_left} tries") };
            format!("Not changed: the old password is wrong. {tries} left, then a pause.")
        }
        PasswordFault::Refused(LoginRefusal::Locked { retry_after }) => {
            format!("Not changed: too many wrong passwords. Try again in {}.", duration(*retry_after))
        }
        PasswordFault::Refused(LoginRefusal::RegistrationClosed { retry_after: Some(wait), .. }) => {
            format!("Not changed: it was changed too often. Try again in {}.", duration(*wait))
        }
        PasswordFault::Refused(LoginRefusal::Storage {}) => {
            "Not changed: the server’s disk is full. Keep using your old password.".to_owned()
        }
        PasswordFault::Refused(
            LoginRefusal::AlreadyOnline {}
            | LoginRefusal::UnknownUser { .. }
            | LoginRefusal::NameTaken { .. }
            | LoginRefusal::RegistrationClosed { retry_after: None, .. }
            | LoginRefusal::TokenInvalid {},
        ) => "Not changed: the account was changed meanwhile. Sign in again.".to_owned(),
        PasswordFault::Unsupported => {
            "Not changed: this server cannot change passwords. Ask whoever runs it.".to_owned()
        }
        PasswordFault::Failed { cause } => {
            format!("{cause}. If your old password is refused, try the new one.")
        }
    }
}

fn refused(command: CommandKind, user: Option<&UserName>, refusal: Refusal) -> String {
    let name = user.map_or("this user", UserName::as_str);
    match refusal {
        Refusal::UnknownUser => format!("The server has no account named {name}. Names are case-sensitive."),
        Refusal::Yourself => format!("{}: not possible with your own name.", command_words(command)),
        Refusal::NotBlocked => format!("You have not blocked {name}."),
        Refusal::Blocked => format!("{name} has blocked you."),
        Refusal::Storage => "The server’s disk is full. Nothing was changed.".to_owned(),
        Refusal::Offline => format!("{name} is not online."),
        Refusal::NoDevice => format!("{name}’s program does not support private sessions."),
        Refusal::NoRelay => {
            format!("You or {name} chose never to show an address, and this server has no relay to hide it.")
        }
        Refusal::SessionOpen => format!("There is a private session with {name}."),
        Refusal::RequestPending => format!("{name} has been asked and has not answered yet."),
        Refusal::NoRequest => format!("{name} has not asked for a private session, or is no longer waiting."),
        Refusal::NoSession => format!("There is no private session with {name}."),
        Refusal::NoFile => "There is no such file.".to_owned(),
        Refusal::Full => format!("{}: {}.", command_words(command), full(command, name)),
        Refusal::TooLong | Refusal::Invalid | Refusal::DuplicateId => {
            format!("{}: the server does not take this.", command_words(command))
        }
        Refusal::Unsupported => format!("{}: the server is too old for this.", command_words(command)),
    }
}

/// A command in the words of a control.
const fn command_words(command: CommandKind) -> &'static str {
    match command {
        CommandKind::Message => "Message",
        CommandKind::Broadcast => "Broadcast",
        CommandKind::Whoelse => "Who is online",
        CommandKind::Whoelsesince => "Who was online",
        CommandKind::Block => "Block",
        CommandKind::Unblock => "Unblock",
        CommandKind::Blocked => "Blocked people",
        CommandKind::StartPrivate => "Private session",
        CommandKind::Accept => "Accept the private session",
        CommandKind::Decline => "Decline the private session",
        CommandKind::Private => "Private message",
        CommandKind::StopPrivate => "End the private session",
        CommandKind::Verify => "Verify",
        CommandKind::TrustDevice => "Trust the new device",
        CommandKind::SendFile => "Send a file",
        CommandKind::TakeFile => "Take the file",
        CommandKind::RefuseFile => "Refuse the file",
        CommandKind::PauseFile => "Pause the file",
        CommandKind::ResumeFile => "Resume the file",
        CommandKind::CancelFile => "Cancel the file",
        CommandKind::Register => "Share a file",
        CommandKind::Unregister => "Stop sharing a file",
        CommandKind::SearchFile | CommandKind::SearchChunk | CommandKind::Shared => "Search shared files",
        CommandKind::Download => "Download",
        CommandKind::History => "Messages",
        CommandKind::Search => "Search",
        CommandKind::Reply => "Reply",
        CommandKind::Passwd => "Change your password",
        CommandKind::Stay => "Stay signed in",
        CommandKind::Help => "Help",
        CommandKind::Logout => "Sign out",
    }
}

/// A time in words: "40 seconds", "1 minute", "30 minutes".
pub(super) fn duration(time: Seconds) -> String {
    let (count, unit) =
        if time.get().is_multiple_of(60) { (time.get() / 60, "minute") } else { (time.get(), "second") };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Why a session is over.
#[must_use]
pub fn ended(reason: SessionEnd, timeout: Option<Seconds>) -> String {
    match (reason, timeout) {
        (SessionEnd::Logout, _) => "You signed out.".to_owned(),
        (SessionEnd::Timeout, Some(timeout)) => format!("Signed out after {} without action.", duration(timeout)),
        (SessionEnd::Timeout, None) => "Signed out because you were not active.".to_owned(),
        (SessionEnd::ServerStop, _) => "The server was stopped.".to_owned(),
        (SessionEnd::Replaced, _) => "You signed in on another computer, so you were signed out here.".to_owned(),
        (SessionEnd::Revoked, _) => {
            "The administrator ended your session. The account may be removed, or have another password.".to_owned()
        }
        (SessionEnd::TooSlow, _) => "The connection was too slow for the server.".to_owned(),
    }
}

/// Why the server did not let the user in, in one line.
#[must_use]
pub fn login_refused(refusal: &LoginRefusal, name: &str) -> String {
    match refusal {
        LoginRefusal::WrongPassword { tries_left } => {
            let tries = if *tries_left == 1 { "1 try" } else { &format!("{tries_left} tries") };
            format!("Wrong password. {tries} left, then a pause.")
        }
        LoginRefusal::Locked { retry_after } => format!("{name} is locked for {} s", retry_after.get()),
        LoginRefusal::AlreadyOnline {} => format!("{name} is already online"),
        LoginRefusal::UnknownUser { .. } => format!("No account named {name}. Names are case-sensitive."),
        LoginRefusal::NameTaken { reserved: true, .. } => {
            format!(
                "You cannot use the name {name}: Whoelse uses it itself, or it could be mistaken for a message of the program."
            )
        }
        LoginRefusal::NameTaken { looks_like: Some(like), .. } => {
            format!("You cannot use the name {name}: it looks like {like}, who has an account.")
        }
        LoginRefusal::NameTaken { looks_like: None, .. } => format!("The name {name} is taken."),
        LoginRefusal::RegistrationClosed { retry_after: None, invite: None } => {
            "Registration is closed. Ask whoever runs the server for an account.".to_owned()
        }
        LoginRefusal::RegistrationClosed { retry_after: None, invite: Some(fault) } => invite_fault(*fault).to_owned(),
        LoginRefusal::RegistrationClosed { retry_after: Some(wait), invite: Some(_) } => {
            format!("Too many wrong invitations. Try again in {}.", duration(*wait))
        }
        LoginRefusal::RegistrationClosed { retry_after: Some(wait), invite: None } => {
            format!("Too many accounts were made lately. Try again in {}.", duration(*wait))
        }
        LoginRefusal::TokenInvalid {} => "The session is over. Sign in again.".to_owned(),
        LoginRefusal::Storage {} => "The server’s disk is full. Nobody can sign in until there is room.".to_owned(),
    }
}

/// What is wrong with an invitation.
const fn invite_fault(fault: InviteFault) -> &'static str {
    match fault {
        InviteFault::Needed => "Accounts are made by invitation here: paste one in place of the server.",
        InviteFault::Unknown => "The server does not know this invitation: it is from elsewhere, or was taken back.",
        InviteFault::Expired => "The time of this invitation is over. Ask for another.",
        InviteFault::UsedUp => "This invitation is used up. Ask for another.",
    }
}

/// Below a composer without a line.
pub const OFFLINE: &str = "Offline. Messages wait on this computer and are sent once the line is back.";

/// Below the composer of everyone.
pub const NOBODY_ONLINE: &str = "You see nobody else online, so this may reach nobody.";

/// Below the composer of somebody without an account.
pub const NO_ACCOUNT: &str = "The server has no account of this name.";

/// Below a message whose recipient's account was removed before it arrived.
pub const LOST: &str = "Did not arrive and will not: the account was removed while it waited.";

/// In place of the table of who was online, without an answer.
pub const NO_TABLE: &str = "No answer: the connection was lost. Try again once it is back.";

/// In place of the table of who was online.
#[must_use]
pub fn table_refused(refusal: Refusal) -> String {
    format!("The server did not tell: {}.", refused(CommandKind::Whoelsesince, None, refusal).trim_end_matches('.'))
}

/// In the middle of a chat in which nothing was written yet; a private one says something of its own.
#[must_use]
pub fn nothing_yet(chat: &ChatId) -> Option<NothingYet> {
    match chat {
        ChatId::Everyone => Some(NothingYet {
            title: "No messages to everyone yet".to_owned(),
            text: "What you write here reaches all who are online at that moment, and is kept for nobody else."
                .to_owned(),
        }),
        ChatId::Direct(name) => Some(NothingYet {
            title: format!("No messages with {name} yet"),
            text: format!(
                "What you write waits for {name} if they are away. Files and words that the server must not see go \
                           over a private session."
            ),
        }),
        ChatId::Private(_) => None,
    }
}

#[cfg(test)]
mod tests;
