//! Data that was brought back from a copy, on the server and on the client, and data that is not what it was.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use whoelse_client::{Location, Profile, Runtime};
use whoelse_model::{Credential, Event, Request, SignIn};
use whoelse_proto::{Invitation, SessionEnd};

use super::harness::{Client, PATIENCE, Rules, Server, Site, message, stored};

/// Copies a folder of files and folders.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// What a client is told by the next messages, in order.
fn next_messages(client: &mut Client, count: usize) -> Vec<Value> {
    (0..count).map(|_| client.until("message")["text"].clone()).collect()
}

#[test]
fn what_is_sent_after_the_server_was_brought_back_from_a_copy_arrives_once() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let (mut hans, mut yoda) = (site.login(&server, "hans"), site.login(&server, "yoda"));
    hans.until("presence");
    hans.deliver("yoda", "before the copy");
    yoda.expect(message("hans", "before the copy"));
    let port = server.stop();
    let backup = site.server_folder().with_extension("copy");
    copy(&site.server_folder(), &backup);

    let server = site.serve_on(port, Rules::default());
    assert_eq!(hans.until("login")["ok"], true);
    assert_eq!(yoda.until("login")["ok"], true);
    for n in 0..20 {
        hans.line(&format!("message yoda after the copy {n}"));
    }
    let _ = next_messages(&mut yoda, 20);
    for _ in 0..20 {
        hans.until("sent");
    }
    let port = server.kill();
    fs::remove_dir_all(site.server_folder()).unwrap();
    fs::rename(&backup, site.server_folder()).unwrap();

    let server = site.serve_on(port, Rules::default());
    let later: Vec<Value> = (0..5).map(|n| json!(format!("later {n}"))).collect();
    for text in &later {
        hans.line(&format!("message yoda {}", text.as_str().unwrap()));
        hans.line(&format!("message luke {}", text.as_str().unwrap()));
    }
    assert_eq!(next_messages(&mut yoda, 5), later, "in order, each once, and nothing else");
    let mut luke = site.login(&server, "luke");
    for text in &later {
        luke.expect(stored("hans", text.as_str().unwrap()));
    }
    luke.logout();
    hans.logout_whatever_comes();
    yoda.logout_whatever_comes();
}

#[test]
fn a_damaged_history_is_told_as_trouble_of_the_disk_with_a_way_out() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "hans").logout();
    let history = site.profile("hans").join("history").join(&server.fingerprint).join("68616e73.sqlite");
    fs::write(&history, vec![b'x'; 9999]).unwrap();

    let mut hans = site.start(&server, "hans", super::harness::password("hans"), &[]);
    let error = hans.next();
    assert_eq!(
        (&error["event"], &error["command"], &error["code"]),
        (&json!("error"), &json!("connect"), &json!("disk"))
    );
    let text = error["text"].as_str().unwrap();
    assert!(text.contains(&history.display().to_string()), "{text}");
    assert!(text.ends_with("move it away to begin a new one"), "{text}");
    hans.ends(2);

    fs::rename(&history, history.with_extension("away")).unwrap();
    site.login(&server, "hans").logout();
}

/// A client that takes up the session that a profile keeps.
struct Kept {
    runtime: Runtime,
    woken: std::sync::mpsc::Receiver<()>,
}

impl Kept {
    fn open(folder: &Path, server: &Server) -> Self {
        let (wake, woken) = std::sync::mpsc::channel();
        let waker = move || {
            // The test may have seen enough.
            let _ = wake.send(());
        };
        let runtime = Runtime::start(Profile::open(&Location::Folder(folder.to_owned())).unwrap(), waker).unwrap();
        let fingerprint = Some(server.fingerprint.parse().unwrap());
        let server = Invitation { fingerprint, ..Invitation::at("127.0.0.1".into(), server.port) };
        let name = whoelse_proto::UserName::new("hans").unwrap();
        runtime.send(Request::SignIn(SignIn::new(server, name, Credential::KeptToken))).unwrap();
        Self { runtime, woken }
    }

    fn until(&mut self, fits: impl Fn(&Event) -> bool) {
        while !self.runtime.drain().iter().any(&fits) {
            self.woken.recv_timeout(PATIENCE).unwrap();
        }
    }
}

#[test]
fn a_profile_that_was_copied_to_a_second_computer_tells_the_first_and_does_not_fight_with_it() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "hans").kill();
    let elsewhere = site.profile("hans").with_extension("copy");
    copy(&site.profile("hans"), &elsewhere);
    let mut first = Kept::open(&site.profile("hans"), &server);
    first.until(|event| matches!(event, Event::Welcomed(_)));

    let mut second = Kept::open(&elsewhere, &server);
    second.until(|event| matches!(event, Event::Welcomed(_)));
    first.until(|event| matches!(event, Event::SessionEnded(SessionEnd::Replaced)));

    let mut yoda = site.login(&server, "yoda");
    yoda.deliver("hans", "for whoever is there");
    second.until(|event| matches!(event, Event::Received(message) if message.message.text.as_str().starts_with("for")));
    assert!(!first.runtime.drain().iter().any(|event| matches!(event, Event::Connecting | Event::Received(_))));
}
