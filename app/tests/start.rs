//! The program as it is started where no window can be: it says why, and does not panic. On Windows it says it in a box
//! of the system, which waits for a person.
#![cfg(not(windows))]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

/// Runs the program with this screen, if any, in folders of its own.
fn started(screen: Option<&str>, words: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whoelse"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "RUST_LOG"] {
        command.env_remove(name);
    }
    if let Some(screen) = screen {
        command.env("DISPLAY", screen);
    }
    command.env("TMPDIR", folder.path()).env("XDG_DATA_HOME", folder.path()).env("HOME", folder.path());
    (command.args(words).output().unwrap(), folder)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_screen_it_says_so_and_fails() {
    for words in [&[][..], &["echo-base"], &["--demo"]] {
        let (output, folder) = started(None, words);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.starts_with("whoelse: there is no screen"), "{text}");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it left something behind");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_screen_that_does_not_answer_is_told_without_a_panic() {
    let (output, _folder) = started(Some(":64999"), &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("whoelse: the screen cannot be used"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn help_and_version_need_no_screen() {
    for (word, expected) in [("--help", "Usage: whoelse"), ("--version", "whoelse ")] {
        let (output, _folder) = started(None, &[word]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains(expected));
    }
}

#[test]
fn words_that_make_no_sense_end_with_status_two() {
    let (output, _folder) = started(None, &["http://echo-base"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("whoelse://"), "{}", said(&output));
}
