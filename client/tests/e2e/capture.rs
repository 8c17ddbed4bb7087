//! What passes the server during a private session: nothing of it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use super::harness::{Rules, Site};
use super::private::both_open;

/// Words that are found wherever they are.
pub(crate) const CANARIES: usize = 32;

/// Bytes that the server may see of two logins, an introduction and its pings.
const MOST: usize = 64 * 1024;

/// All that clients and server say to each other, in both directions.
type Capture = Arc<Mutex<Vec<u8>>>;

fn pass(mut from: TcpStream, mut to: TcpStream, capture: &Capture) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
        capture.lock().unwrap().extend_from_slice(&buffer[..count]);
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Stands before the server and writes down what passes.
fn tap(server: u16) -> (u16, Capture) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, capture) = (listener.local_addr().unwrap().port(), Capture::default());
    let kept = Arc::clone(&capture);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (back, forth) = (Arc::clone(&kept), Arc::clone(&kept));
            let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || pass(client, server, &forth));
            thread::spawn(move || pass(server_too, client_too, &back));
        }
    });
    (port, capture)
}

pub(crate) fn holds(hay: &[u8], needle: &str) -> bool {
    hay.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn nothing_of_a_private_session_passes_the_server() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let (port, capture) = tap(server.port);
    let folder = site.profile("yoda").join("in");
    let accept = ["--trust-first", "--accept-files", folder.to_str().unwrap()];
    let mut yoda = site.start_unknowing(port, "yoda", &accept);
    yoda.until("login");
    let mut hans = site.start_unknowing(port, "hans", &["--trust-first"]);
    hans.until("login");
    hans.start_private("yoda");
    yoda.until("private_request");
    yoda.line("accept hans");
    both_open(&mut hans, &mut yoda);

    let canaries: Vec<_> = (0..CANARIES).map(|n| format!("canary-{n}-{}", "tweet".repeat(4))).collect();
    for canary in &canaries {
        hans.line(&format!("private yoda {canary}"));
        assert_eq!(yoda.until("private")["text"], json!(canary));
    }
    let path = site.profile("hans").join("canaries.txt");
    fs::write(&path, canaries.join("\n").repeat(4096)).unwrap();
    hans.line(&format!("sendfile yoda {}", path.display()));
    let there = loop {
        let event = yoda.until("transfer");
        if event["state"] == "done" {
            break event["path"].as_str().unwrap().to_owned();
        }
    };
    assert_eq!(fs::read(&there).unwrap(), fs::read(&path).unwrap());

    let captured = capture.lock().unwrap().clone();
    assert!(!captured.is_empty() && captured.len() < MOST, "{} bytes passed the server", captured.len());
    let kept = site.server_files();
    for canary in &canaries {
        assert!(!holds(&captured, canary) && !kept.iter().any(|file| holds(file, canary)), "{canary}");
    }
}
