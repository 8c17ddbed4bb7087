//! What first servers get wrong: a port that is taken after a restart, a client that says nothing and holds up everybody.

use std::net::TcpStream;

use serde_json::json;

use super::harness::{Client, Rules, Server, Site};

/// Takes what a client prints until it has heard and delivered so many messages; gives what it heard.
fn heard(client: &mut Client, hears: usize, delivers: usize) -> Vec<String> {
    let (mut texts, mut delivered) = (Vec::new(), 0);
    while texts.len() < hears || delivered < delivers {
        let event = client.next();
        if event["event"] == "message" {
            texts.push(event["text"].as_str().unwrap().to_owned());
        }
        delivered += usize::from(event["event"] == "sent" && event["state"] == "delivered");
    }
    texts
}

fn texts(by: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{by} {n}")).collect()
}

#[test]
fn a_server_starts_again_on_its_port_twenty_times_under_load_and_nothing_is_lost() {
    const ROUNDS: usize = 20;
    const EACH: usize = 10;
    let site = Site::new();
    let mut server = site.serve(Rules::default());
    let (mut hans, mut yoda) = (site.login(&server, "hans"), site.login(&server, "yoda"));
    let again = |server: Server, round: usize| if round.is_multiple_of(2) { server.stop() } else { server.kill() };
    for round in 0..ROUNDS {
        for n in 0..EACH {
            hans.line(&format!("message yoda hans {}", round * EACH + n));
        }
        server = site.serve_on(again(server, round), Rules::default());
    }
    assert_eq!(heard(&mut yoda, ROUNDS * EACH, 0), texts("hans", ROUNDS * EACH));
    heard(&mut hans, 0, ROUNDS * EACH);
}

#[test]
fn fifty_who_say_nothing_hold_up_nobody() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let silent: Vec<_> = (0..50).map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap()).collect();
    let (mut hans, mut yoda) = (site.login(&server, "hans"), site.login(&server, "yoda"));
    yoda.line("whoelse");
    yoda.until("whoelse");
    hans.line("message yoda in spite of them");
    assert_eq!(yoda.until("message")["text"], json!("in spite of them"));
    drop(silent);
}
