//! Servers and clients that are stopped, killed and started again: nothing accepted is lost, nothing comes twice.

use serde_json::{Value, json};

use super::harness::{Rules, Site, message, presence, stored, until};

fn end(reason: &str) -> Value {
    json!({"event": "session_end", "reason": reason})
}

fn login() -> Value {
    json!({"event": "login", "ok": true})
}

fn sent(to: &str, state: &str) -> Value {
    json!({"event": "sent", "to": to, "state": state})
}

#[test]
fn a_server_that_stops_tells_everybody_and_starts_again_on_its_port_at_once() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    hans.leave("yoda", "before the stop");
    let port = server.stop();
    hans.expect(end("server_stop"));
    let server = site.serve_on(port, Rules::default());
    hans.expect(login());
    let mut yoda = site.login(&server, "yoda");
    yoda.expect(stored("hans", "before the stop"));
    hans.expect_all(vec![presence("yoda", "login"), sent("yoda", "delivered")]);
    hans.deliver("yoda", "after it");
    yoda.expect(message("hans", "after it"));
    hans.logout();
}

#[test]
fn what_a_server_accepted_arrives_once_though_it_is_killed_at_that_moment() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    for n in 1..=3 {
        hans.leave("yoda", &format!("accepted {n}"));
    }
    let port = server.kill();
    let server = site.serve_on(port, Rules::default());
    hans.expect(end("lost"));
    hans.expect(login());

    let mut yoda = site.login(&server, "yoda");
    for n in 1..=3 {
        yoda.expect(stored("hans", &format!("accepted {n}")));
    }
    yoda.logout();
    let mut yoda = site.login(&server, "yoda");
    yoda.ask("blocked", json!({"event": "blocked", "users": []}));
    yoda.logout();
}

#[test]
fn what_is_written_while_the_server_is_away_is_sent_when_it_is_back() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let port = server.stop();
    hans.expect(end("server_stop"));
    for n in 1..=3 {
        hans.line(&format!("message yoda kept {n}"));
    }
    until("three messages wait on the disk", || site.outbox("hans") == 3);
    let server = site.serve_on(port, Rules::default());
    hans.expect(login());
    for _ in 1..=3 {
        hans.expect(sent("yoda", "accepted"));
    }
    let mut yoda = site.login(&server, "yoda");
    for n in 1..=3 {
        yoda.expect(stored("hans", &format!("kept {n}")));
    }
}

#[test]
fn a_client_killed_with_messages_in_its_outbox_sends_each_once_when_it_starts_again() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    // The server stands still: what the client sends is neither taken nor refused.
    server.freeze();
    for n in 1..=5 {
        hans.line(&format!("message yoda unsent {n}"));
    }
    until("five messages wait on the disk", || site.outbox("hans") == 5);
    hans.kill();
    server.thaw();

    let mut hans = site.login(&server, "hans");
    for _ in 1..=5 {
        hans.expect(sent("yoda", "accepted"));
    }
    let mut yoda = site.login(&server, "yoda");
    for n in 1..=5 {
        yoda.expect(stored("hans", &format!("unsent {n}")));
    }
    assert_eq!(site.outbox("hans"), 0);
    yoda.logout();
    let mut yoda = site.login(&server, "yoda");
    yoda.ask("blocked", json!({"event": "blocked", "users": []}));
    yoda.logout();
}

#[test]
fn a_recipient_killed_before_it_has_the_message_gets_it_once_at_the_next_start() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let yoda = site.login(&server, "yoda");
    hans.expect(presence("yoda", "login"));
    yoda.freeze();
    hans.ask("message yoda wait for it", sent("yoda", "accepted"));
    yoda.kill();
    let mut yoda = site.login(&server, "yoda");
    yoda.expect(stored("hans", "wait for it"));
    yoda.ask("blocked", json!({"event": "blocked", "users": []}));
}
