//! The lines that the editor gives back after a restart, in a file of the profile: commands, and never what somebody
//! wrote to somebody.
//!
//! While the program runs, every line can be called back; the file holds only lines of which each word is a command's,
//! a name's or a number's. A mistyped command may hold anything: it is not kept either.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use whoelse_model::command::{CommandKind, parse};

/// Lines that are kept.
pub(crate) const MAX_LINES: usize = 1000;

/// Bytes of the file that are read: a thousand lines, and room.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The name of the file in the profile's folder.
const FILE: &str = "cli-history.txt";

/// The file of kept lines.
#[derive(Clone, Debug)]
pub(crate) struct Recall(PathBuf);

impl Recall {
    /// The file of the profile in this folder.
    pub(super) fn of(profile: &Path) -> Self {
        Self(profile.join(FILE))
    }

    /// The kept lines, oldest first. A file of an earlier version, which kept all that was typed, is cleaned.
    pub(crate) fn load(&self) -> Vec<String> {
        let Some(text) = self.read() else { return Vec::new() };
        let mut lines: Vec<String> = text.lines().filter_map(kept).collect();
        lines.drain(..lines.len().saturating_sub(MAX_LINES));
        let mut clean = lines.join("\n");
        if !clean.is_empty() {
            clean.push('\n');
        }
        if clean != text {
            self.overwrite(&clean);
        }
        lines
    }

    /// Cleans a file of an earlier version.
    pub(super) fn clean(&self) {
        drop(self.load());
    }

    /// Keeps a line, if it may be kept.
    pub(crate) fn keep(&self, line: &str) {
        let Some(line) = kept(line) else { return };
        let appended = super::make_owner_only(&self.0)
            .map_err(std::io::Error::other)
            .and_then(|()| OpenOptions::new().append(true).open(&self.0)?.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = appended {
            tracing::debug!(%error, "the line is not kept");
        }
    }

    /// Forgets all lines.
    pub(crate) fn forget(&self) {
        if self.0.exists() {
            self.overwrite("");
        }
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("the lines that were typed cannot be removed: {}", whoelse_plain::file(&error));
            }
            Ok(()) | Err(_) => {}
        }
    }

    fn read(&self) -> Option<String> {
        let mut bytes = Vec::new();
        File::open(&self.0).ok()?.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Writes zeros over what is there, so that no word stays where the file lay, then the lines.
    fn overwrite(&self, lines: &str) {
        let written = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).open(&self.0)?;
            let length = file.metadata()?.len();
            std::io::copy(&mut std::io::repeat(0).take(length), &mut file)?;
            file.sync_data()?;
            drop(file);
            fs::write(&self.0, lines)
        };
        if let Err(error) = written() {
            tracing::warn!("the lines that were typed cannot be cleaned: {}", whoelse_plain::file(&error));
        }
    }
}

/// The line as it is kept; `None` if it is not.
fn kept(line: &str) -> Option<String> {
    let line = line.trim();
    let command = parse(line).ok()?;
    holds_no_words(command.kind()).then(|| line.to_owned())
}

/// Whether a command's arguments are names, numbers and paths, and never words of people.
const fn holds_no_words(kind: CommandKind) -> bool {
    match kind {
        CommandKind::Message
        | CommandKind::Broadcast
        | CommandKind::Private
        | CommandKind::Search
        | CommandKind::Reply
        | CommandKind::Passwd => false,
        CommandKind::History
        | CommandKind::Whoelse
        | CommandKind::Whoelsesince
        | CommandKind::Block
        | CommandKind::Unblock
        | CommandKind::Blocked
        | CommandKind::StartPrivate
        | CommandKind::Accept
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
        | CommandKind::Register
        | CommandKind::Unregister
        | CommandKind::SearchFile
        | CommandKind::SearchChunk
        | CommandKind::Shared
        | CommandKind::Download
        | CommandKind::Stay
        | CommandKind::Help
        | CommandKind::Logout => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture() -> (tempfile::TempDir, Recall) {
        let folder = tempfile::tempdir().unwrap();
        let recall = Recall::of(folder.path());
        (folder, recall)
    }

    #[test]
    fn commands_are_kept_and_words_are_not() {
        let (folder, recall) = fixture();
        for line in
            ["whoelse", "block yoda", "message yoda PINEAPPLE", "broadcast PINEAPPLE", "/private yoda PINEAPPLE"]
        {
            recall.keep(line);
        }
        // Mistyped, or not yet a command.
        for line in ["mesage yoda PINEAPPLE", "privat yoda PINEAPPLE", "PINEAPPLE", "block yoda PINEAPPLE", ""] {
            recall.keep(line);
        }
        recall.keep("startprivate yoda ");
        assert_eq!(recall.load(), ["whoelse", "block yoda", "startprivate yoda"]);
        let file = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(file, "whoelse\nblock yoda\nstartprivate yoda\n");
    }

    #[test]
    fn a_file_of_an_earlier_version_is_cleaned() {
        let (folder, recall) = fixture();
        fs::write(folder.path().join(FILE), "#V2\nwhoelse\nprivate yoda the code is PINEAPPLE\nlogout\n").unwrap();
        recall.clean();
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), "whoelse\nlogout\n");
        assert_eq!(recall.load(), ["whoelse", "logout"]);
    }

    #[test]
    fn no_more_lines_are_kept_than_the_editor_takes_and_forgotten_ones_are_gone() {
        let (folder, recall) = fixture();
        for n in 0..MAX_LINES + 10 {
            recall.keep(&format!("whoelsesince {n}"));
        }
        let lines = recall.load();
        assert_eq!((lines.len(), lines[0].as_str()), (MAX_LINES, "whoelsesince 10"));
        recall.forget();
        assert!(!folder.path().join(FILE).exists());
        recall.forget();
        assert_eq!(recall.load(), Vec::<String>::new());
    }
}
