//! What people and programs read where the system refuses something: plain words with the path or address, and what helps.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::json;

use super::harness::{Rules, Site};

/// No number of the system, but these words.
fn assert_plain(text: &str, words: &[&str]) {
    assert!(!text.contains("os error"), "{text}");
    for word in words {
        assert!(text.contains(word), "{word} is not in {text}");
    }
}

#[test]
fn a_profile_that_cannot_be_used_is_told_by_its_path() {
    let site = Site::new();
    let file = site.profile("taken");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "a file").unwrap();
    for folder in [file.clone(), file.join("below")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whoelse-cli"));
        command.args(["--user", "hans", "--password-stdin", "--data-dir"]).arg(&folder).stdin(Stdio::null());
        let ended = command.output().unwrap();
        assert_eq!(ended.status.code(), Some(2));
        assert_plain(&String::from_utf8_lossy(&ended.stderr), &[file.to_str().unwrap(), ";"]);
    }
}

#[test]
fn what_is_no_server_of_this_kind_is_told_as_that() {
    let site = Site::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        // Whoever asks gets an answer of the web; the attempts end with the client.
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let mut client = site.start_unknowing(port, "hans", &["--give-up-after", "0"]);
    let error = client.next();
    assert_eq!((&error["command"], &error["code"]), (&json!("connect"), &json!("unreachable")));
    assert_plain(error["text"].as_str().unwrap(), &["no Whoelse server", "check the port"]);
    client.ends(5);
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_its_path() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let missing = site.profile("hans").join("no such file");
    hans.line(&format!("register {}", missing.display()));
    let error = hans.until("error");
    assert_eq!((&error["command"], &error["code"]), (&json!("register"), &json!("file")));
    assert_plain(error["text"].as_str().unwrap(), &[missing.to_str().unwrap(), "check the path"]);
}
