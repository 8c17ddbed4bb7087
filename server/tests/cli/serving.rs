//! Starts and ends of the server.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout};

use crate::{Ended, Place};

/// A server that has said what it listens on.
struct Running {
    child: Child,
    /// What it said.
    said: Vec<String>,
    _out: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(place: &Place, words: &str) -> Self {
        let mut child = place.command(words).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        while !said.iter().any(|line: &String| line.starts_with("data folder")) {
            let Some(line) = out.next() else { panic!("{:?}", Ended::of(&child.wait_with_output().unwrap())) };
            said.push(line.unwrap());
        }
        Self { child, said, _out: out }
    }

    fn after(&self, start: &str) -> &str {
        self.said.iter().find_map(|line| line.strip_prefix(start)).unwrap().trim()
    }

    fn address(&self) -> SocketAddr {
        self.after("listening on").parse().unwrap()
    }

    /// Sends a signal and waits for the end.
    #[cfg(unix)]
    fn end(self, signal: &str) -> Ended {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success());
        Ended::of(&self.child.wait_with_output().unwrap())
    }
}

#[test]
fn the_server_says_where_it_listens_its_fingerprint_and_its_data_folder() {
    let place = Place::new("");
    let mut server = Running::start(&place, "0 --bind 127.0.0.1");
    assert!(server.address().ip().is_loopback());
    TcpStream::connect(server.address()).unwrap();
    assert_eq!(server.after("fingerprint"), place.run("fingerprint").out.trim_end());
    assert_eq!(server.after("data folder"), place.path().join("data").display().to_string());
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

#[test]
fn a_server_that_makes_accounts_by_invitation_says_how_to_invite_and_plain_invite_does() {
    let place = Place::new("");
    let mut server = Running::start(&place, "0 --bind 127.0.0.1 --registration invite");
    assert!(server.after("accounts").contains("whoelse-server invite --data-dir"));
    let invited = place.run("invite");
    assert!(invited.out.contains(",invite="), "{invited:?}");
    assert!(invited.out.starts_with(&format!("whoelse://{}#", server.address())), "{invited:?}");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_signal_stops_the_server_cleanly_and_it_starts_again_on_the_same_port_at_once() {
    let place = Place::new("");
    let first = Running::start(&place, "0 --bind 127.0.0.1");
    let address = first.address();
    let _client = TcpStream::connect(address).unwrap();
    assert_eq!(first.end("-TERM"), Ended::said(""));

    let again = Running::start(&place, &format!("{} --bind 127.0.0.1", address.port()));
    assert_eq!(again.address(), address);
    assert_eq!(again.end("-INT"), Ended::said(""));
    assert!(!place.path().join("data/whoelse.sqlite-wal").exists(), "the database is closed");
}

#[test]
fn a_second_server_on_the_same_data_folder_stops_and_names_it() {
    let place = Place::new("");
    let mut first = Running::start(&place, "0 --bind 127.0.0.1");
    let folder = place.path().join("data").display().to_string();
    place.run("0 --bind 127.0.0.1").assert_failed(&[&folder, "in use by another whoelse-server"]);
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let mut next = Running::start(&place, "0 --bind 127.0.0.1");
    next.child.kill().unwrap();
    next.child.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn plain_passwords_are_warned_of_by_number_and_sealed_ones_are_not() {
    let place = Place::new("hans hunter2\nyoda hunter3\n");
    let ended = Running::start(&place, "0 --bind 127.0.0.1").end("-TERM");
    assert_eq!(ended.status, Some(0));
    assert!(ended.err.contains("plain passwords in credentials.txt: 2") && !ended.err.contains("hunter"), "{ended:?}");
    place.run("seal");
    assert_eq!(Running::start(&place, "0 --bind 127.0.0.1").end("-TERM"), Ended::said(""));
}

#[test]
fn a_start_that_fails_says_why_in_one_line() {
    let place = Place::new("hans hunter2\nyoda\n");
    let broken = place.run("0 --bind 127.0.0.1");
    broken.assert_failed(&["credentials.txt, line 2: a line is a name, one space and a password"]);
    place.run("0 --credentials none --registration closed").assert_failed(&["no file of accounts at none", "user add"]);
    place.run("0 --credentials .").assert_failed(&[". is no file", "--credentials PATH"]);
    #[cfg(unix)]
    {
        let pipe = place.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        place.run("0 --credentials pipe").assert_failed(&["pipe is no file", "--credentials PATH"]);
    }

    let unwritable = Place::new("");
    fs::write(unwritable.path().join("data"), "a file").unwrap();
    let folder = unwritable.path().join("data").display().to_string();
    unwritable.run("0").assert_failed(&["the data folder", &folder, "cannot be used", "--data-dir DIR"]);
}

#[test]
fn a_database_that_is_not_what_it_was_stops_the_start_in_one_line_that_names_file_and_remedy() {
    let place = Place::new("");
    let mut server = Running::start(&place, "0 --bind 127.0.0.1");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let database = place.path().join("data/whoelse.sqlite");
    fs::rename(&database, place.path().join("kept")).unwrap();
    place
        .run("0 --bind 127.0.0.1")
        .assert_failed(&["whoelse.sqlite-wal holds what was taken last", "move the log away"]);
    fs::remove_file(place.path().join("data/whoelse.sqlite-wal")).unwrap();
    fs::write(&database, b"").unwrap();
    place.run("0 --bind 127.0.0.1").assert_failed(&["whoelse.sqlite is empty, though it was not", "a backup"]);
}

#[cfg(unix)]
#[test]
fn no_order_writes_to_a_file_of_accounts_that_lost_half_of_its_lines() {
    let place = Place::new("anna one\nbert two\ncleo three\ndora four\n");
    assert_eq!(Running::start(&place, "0 --bind 127.0.0.1").end("-TERM").status, Some(0));
    let cut = "anna one\n";
    fs::write(place.path().join("credentials.txt"), cut).unwrap();
    let told = ["3 of 4 accounts are gone", "a backup", "user remove"];
    for words in ["user add emil", "user passwd anna"] {
        place.run_with_input(words, "five\n").assert_failed(&told);
    }
    place.run("seal").assert_failed(&told);
    assert_eq!(place.credentials(), cut);
    assert_eq!(Running::start(&place, "0 --bind 127.0.0.1").end("-TERM").status, Some(0));
    assert_eq!(place.run("seal").status, Some(0), "a start takes the file as it is");
}

#[cfg(unix)]
#[test]
fn a_hang_up_without_a_terminal_has_the_accounts_read_again_and_ends_nothing() {
    let place = Place::new("anna one\n");
    let mut server = Running::start(&place, "0 --bind 127.0.0.1");
    let mut log = BufReader::new(server.child.stderr.take().unwrap()).lines().map(Result::unwrap);
    fs::write(place.path().join("credentials.txt"), "anna one\nhans falcon\n").unwrap();
    let pid = server.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    let mut missing = vec!["the accounts are read again", "published with the program: hans"];
    while !missing.is_empty() {
        let line = log.next().unwrap_or_else(|| panic!("it ended without a word of it: {missing:?}"));
        missing.retain(|told| !line.contains(told));
    }
    TcpStream::connect(server.address()).unwrap();
    assert_eq!(server.end("-TERM").status, Some(0));
}

#[cfg(unix)]
#[test]
fn orders_beside_a_running_server_are_done_by_it() {
    let place = Place::new("anna one\nbert two\n");
    let server = Running::start(&place, "0 --bind 127.0.0.1");
    assert_eq!(place.run("user kick anna"), Ended::said("the session of anna, if there was one, is over\n"));
    assert_eq!(place.run("user unlock anna").status, Some(0));
    assert_eq!(place.run("user remove anna"), Ended::said("removed anna from credentials.txt\n"));
    assert_eq!(place.credentials(), "bert two\n");
    assert_eq!(server.end("-TERM").status, Some(0));
}

#[cfg(unix)]
#[test]
fn accounts_that_nobody_used_are_pruned_by_their_age_and_not_without_consent() {
    let place = Place::new("anna one\nbert two\n");
    assert_eq!(Running::start(&place, "0 --bind 127.0.0.1").end("-TERM").status, Some(0));
    assert_eq!(place.run("user prune"), Ended::said("no account is 90 days old without a login\n"));
    let asked = place.run("user prune --days 0");
    assert_eq!((asked.status, asked.out.as_str()), (Some(1), "anna\nbert\n"), "{asked:?}");
    assert!(asked.err.contains("nothing was removed"), "{asked:?}");
    let pruned = place.run("user prune --days 0 --yes");
    assert_eq!(pruned, Ended::said("anna\nbert\nremoved 2 accounts from credentials.txt\n"));
    assert_eq!(place.credentials(), "");
}
