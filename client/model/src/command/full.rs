//! What it means that a server, or a device, has as much as it takes.

use super::CommandKind;

/// Why a command was refused as too much, what became of it, and until when: the end of a sentence. `user` is whom the
/// command named.
#[must_use]
pub fn full(command: CommandKind, user: &str) -> String {
    match command {
        CommandKind::Message | CommandKind::Reply => format!(
            "the inbox of {user} is full, or full of what you sent; nothing was stored, send it again once {user} has \
             read some"
        ),
        CommandKind::Private => format!(
            "the device of {user} has not confirmed what was sent before; nothing was sent, send it again in a moment"
        ),
        CommandKind::StartPrivate => {
            format!(
                "you asked {user} too often, or one of you has as many private sessions as there may be; ask again in ten seconds"
            )
        }
        CommandKind::Accept => {
            format!("you or {user} have as many private sessions as there may be; end one and accept again")
        }
        CommandKind::Block => "you have blocked as many people as the server keeps; unblock somebody first".to_owned(),
        CommandKind::Register => {
            "you share as many files as the server lists for one user; unregister one first".to_owned()
        }
        CommandKind::Download | CommandKind::SearchFile | CommandKind::SearchChunk | CommandKind::Shared => {
            "you asked for too many files at once; try again in a minute".to_owned()
        }
        CommandKind::Broadcast
        | CommandKind::Whoelse
        | CommandKind::Whoelsesince
        | CommandKind::Unblock
        | CommandKind::Blocked
        | CommandKind::Decline
        | CommandKind::StopPrivate
        | CommandKind::Verify
        | CommandKind::TrustDevice
        | CommandKind::SendFile
        | CommandKind::TakeFile
        | CommandKind::RefuseFile
        | CommandKind::PauseFile
        | CommandKind::ResumeFile
        | CommandKind::CancelFile
        | CommandKind::Unregister
        | CommandKind::History
        | CommandKind::Search
        | CommandKind::Passwd
        | CommandKind::Stay
        | CommandKind::Help
        | CommandKind::Logout => "the server has as much of it as it takes; try again in a minute".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fills_an_inbox_reads_whose_and_until_when() {
        let text = full(CommandKind::Message, "yoda");
        assert!(text.contains("the inbox of yoda is full") && text.contains("once yoda has read some"), "{text}");
        assert!(full(CommandKind::StartPrivate, "yoda").contains("ten seconds"));
    }
}
