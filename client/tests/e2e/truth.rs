//! What is told of a message is so: delivered is what the reader has, and everything that is delivered is told.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::harness::{Rules, Server, Site, presence};

/// A program of a user whose session the profile keeps, with its output in a pipe that nobody reads yet.
fn unread(site: &Site, server: &Server, user: &str) -> std::process::Child {
    let mut command: Command = site.at_terminal(server, user);
    command.arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

fn ids(output: &str, event: &str) -> BTreeSet<String> {
    let events = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.filter(|one| one["event"] == event).map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// Bytes that wait in a pipe.
#[cfg(target_os = "linux")]
fn waiting(pipe: &std::process::ChildStdout) -> u64 {
    rustix::io::ioctl_fionread(pipe).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_dead_reader_left_in_its_pipe_was_not_delivered_and_is_written_again() {
    const MESSAGES: usize = 3;
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "yoda").kill();
    let mut hans = site.login(&server, "hans");
    let mut yoda = unread(&site, &server, "yoda");
    let pipe = yoda.stdout.take().unwrap();
    let words = "x".repeat(3000);
    for _ in 0..MESSAGES {
        hans.line(&format!("message yoda {words}"));
    }
    while waiting(&pipe) < (MESSAGES * words.len()) as u64 {
        std::thread::yield_now();
    }
    yoda.kill().unwrap();
    yoda.wait().unwrap();
    drop(pipe);
    hans.line("blocked");
    loop {
        let event = hans.next();
        if event["event"] == "blocked" {
            break;
        }
        assert_ne!(event["state"], "delivered", "{event}");
    }
    let mut yoda = site.login(&server, "yoda");
    for _ in 0..MESSAGES {
        assert_eq!(yoda.until("message")["text"], json!(words));
    }
}

#[test]
fn a_reader_that_stalls_and_is_killed_gets_at_the_next_start_what_it_did_not_read() {
    const MESSAGES: usize = 100;
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "yoda").kill();
    let mut hans = site.login(&server, "hans");
    let mut yoda = unread(&site, &server, "yoda");
    let words = "x".repeat(3000);
    let (mut accepted, mut delivered) = (BTreeSet::new(), BTreeSet::new());
    let mut hear = |hans: &mut super::harness::Client, event: Value| {
        let _ = &hans;
        let id = event["id"].as_str().unwrap_or_default().to_owned();
        match event["state"].as_str() {
            Some("accepted") => _ = accepted.insert(id),
            Some("delivered") => _ = delivered.insert(id),
            _ => {}
        }
        (accepted.len(), accepted.clone(), delivered.clone())
    };
    for _ in 0..MESSAGES {
        hans.line(&format!("message yoda {words}"));
    }
    let mut told = (0, BTreeSet::new(), BTreeSet::new());
    while told.0 < MESSAGES {
        let event = hans.next();
        told = hear(&mut hans, event);
    }
    yoda.kill().unwrap();
    yoda.wait().unwrap();
    let mut read = String::new();
    yoda.stdout.take().unwrap().read_to_string(&mut read).unwrap();
    let read = ids(&read, "message");
    assert!(read.len() < MESSAGES, "the pipe holds no more");
    hans.line("blocked");
    loop {
        let event = hans.next();
        if event["event"] == "blocked" {
            break;
        }
        told = hear(&mut hans, event);
    }
    assert!(told.2.is_subset(&read), "only what the reader has is told as delivered");

    let mut yoda = site.login(&server, "yoda");
    let mut again = BTreeSet::new();
    while read.union(&again).count() < MESSAGES {
        again.insert(yoda.until("message")["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(read.union(&again).cloned().collect::<BTreeSet<_>>(), told.1);
    yoda.ask("blocked", json!({"event": "blocked", "users": []}));
    yoda.logout();
    let mut yoda = site.login(&server, "yoda");
    yoda.ask("blocked", json!({"event": "blocked", "users": []}));
}

#[test]
fn everything_that_was_delivered_meanwhile_is_told_and_told_once() {
    const MESSAGES: usize = 600;
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    for n in 0..MESSAGES {
        hans.line(&format!("message luke word {n}"));
    }
    for _ in 0..MESSAGES {
        hans.expect(json!({"event": "sent", "to": "luke", "state": "accepted"}));
    }
    hans.logout();
    let mut luke = site.login(&server, "luke");
    for n in 0..MESSAGES {
        assert_eq!(luke.next()["text"], format!("word {n}"));
    }
    luke.logout();
    let mut hans = site.login(&server, "hans");
    for _ in 0..MESSAGES {
        hans.expect(json!({"event": "sent", "to": "luke", "state": "delivered"}));
    }
    hans.logout();
    site.login(&server, "hans").logout();
}

#[test]
fn an_output_that_cannot_be_written_ends_the_program_with_a_word_and_a_logout() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    site.login(&server, "yoda").kill();
    hans.expect(presence("yoda", "login"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = site.at_terminal(&server, "yoda");
    let yoda = command.arg("--json").stdin(Stdio::piped()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    hans.line("message yoda are you there?");
    let ended = yoda.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(6));
    let words = String::from_utf8(ended.stderr).unwrap();
    assert!(words.starts_with("whoelse-cli: the output cannot be written: ") && words.lines().count() == 1, "{words}");
    assert_eq!(hans.until("presence"), presence("yoda", "logout"));
    let mut yoda = site.login(&server, "yoda");
    assert_eq!(yoda.next()["text"], "are you there?", "what could not be written comes again");
}
