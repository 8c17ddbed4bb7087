//! The binary as an administrator meets it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod orders;
mod serving;
#[cfg(target_os = "linux")]
mod terminal;
mod words;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder to run in, gone at the end of the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new(credentials: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path().join("credentials.txt"), credentials).unwrap();
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn credentials(&self) -> String {
        std::fs::read_to_string(self.path().join("credentials.txt")).unwrap()
    }

    /// The binary with these words, its data in this place.
    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoelse-server"));
        command.current_dir(self.path()).args(words.split_whitespace()).args(["--data-dir", "data"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("RUST_LOG");
        command
    }

    fn run(&self, words: &str) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    fn run_with_input(&self, words: &str, input: &str) -> Ended {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ended::of(&child.wait_with_output().unwrap())
    }
}

/// What came of a run.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ended {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// A success that said this.
    fn said(out: &str) -> Self {
        Self { status: Some(0), out: out.to_owned(), err: String::new() }
    }

    /// A failure with one line that holds these words.
    fn assert_failed(&self, words: &[&str]) {
        assert_eq!((self.status, self.out.as_str(), self.err.lines().count()), (Some(1), "", 1), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word}: {self:?}");
        }
    }
}
