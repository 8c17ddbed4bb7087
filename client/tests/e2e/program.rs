//! The program itself: exit statuses, trust, interrupts, words for people.

use nix::sys::signal::Signal;
use serde_json::json;

use super::harness::{Rules, Site, presence, stored, until};

#[test]
fn an_unknown_server_is_refused_unless_it_is_trusted_first_or_by_its_key() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut client = site.start_unknowing(server.port, "hans", &[]);
    let error = client.next();
    assert_eq!((&error["command"], &error["code"]), (&json!("connect"), &json!("unknown_server")));
    assert!(error["text"].as_str().unwrap().contains(&server.fingerprint), "{error}");
    client.ends(3);

    let mut client = site.start_unknowing(server.port, "hans", &["--trust-first"]);
    client.expect(json!({"event": "login", "ok": true}));
    client.logout();
    let mut client = site.start_unknowing(server.port, "hans", &[]);
    client.expect(json!({"event": "login", "ok": true}));
    client.logout();
}

#[test]
fn a_server_with_another_key_than_before_is_refused() {
    let (site, other) = (Site::new(), Site::new());
    let server = site.serve(Rules::default());
    site.login(&server, "hans").logout();
    let old = server.fingerprint.clone();
    let server = other.serve_on(server.stop(), Rules::default());
    let mut client = site.start_unknowing(server.port, "hans", &["--trust-first"]);
    let error = client.next();
    assert_eq!(error["code"], json!("server_key_changed"));
    let text = error["text"].as_str().unwrap();
    assert!(text.contains(&old) && text.contains(&server.fingerprint), "{text}");
    client.ends(3);
    site.login(&server, "hans").logout();
}

#[test]
fn where_nothing_listens_the_status_says_so() {
    let site = Site::new();
    let port = site.serve(Rules::default()).stop();
    let mut client = site.start_unknowing(port, "hans", &["--trust-first", "--give-up-after", "1"]);
    client.expect(json!({"event": "error", "command": "connect", "code": "unreachable"}));
    client.ends(5);
}

#[test]
fn a_program_that_starts_before_the_server_waits_for_it() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "hans").logout();
    let port = server.stop();
    let mut client = site.start_unknowing(port, "hans", &[]);
    let server = site.serve_on(port, Rules::default());
    client.expect(json!({"event": "login", "ok": true}));
    client.logout();
    drop(server);
}

#[test]
fn a_lost_server_is_given_up_after_the_time_set() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut client = site.start(&server, "hans", "falcon", &["--give-up-after", "1"]);
    client.expect(json!({"event": "login", "ok": true}));
    server.kill();
    client.expect(json!({"event": "session_end", "reason": "lost"}));
    client.ends(5);
}

#[test]
fn an_interrupt_logs_out() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = site.login(&server, "yoda");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut hans = site.login(&server, "hans");
        yoda.expect(presence("hans", "login"));
        hans.signal(signal);
        hans.expect(json!({"event": "session_end", "reason": "logout"}));
        hans.ends(0);
        yoda.expect(presence("hans", "logout"));
    }
}

#[test]
fn a_second_interrupt_does_not_wait_for_the_server() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    server.freeze();
    // Signals close to each other count as one.
    until("the client ends", || {
        hans.signal(Signal::SIGINT);
        hans.has_ended()
    });
    hans.ends(5);
}

#[test]
fn a_profile_serves_one_program_at_a_time() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let hans = site.login(&server, "hans");
    site.start(&server, "hans", "falcon", &[]).ends(2);
    hans.logout();
}

#[test]
fn logout_ends_the_session_and_later_lines_are_told_as_not_done() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    hans.line("logout");
    hans.line("message yoda too late");
    hans.expect(json!({"event": "ok", "command": "logout"}));
    let late = "not done: the session was ended by the logout before it";
    hans.expect_all(vec![
        json!({"event": "error", "command": "message", "code": "logged_out", "text": late}),
        json!({"event": "session_end", "reason": "logout"}),
    ]);
    hans.ends(4);

    let mut hans = site.login(&server, "hans");
    hans.line("logout");
    hans.expect(json!({"event": "ok", "command": "logout"}));
    hans.expect(json!({"event": "session_end", "reason": "logout"}));
    hans.ends(0);
}

#[test]
fn people_read_words_and_nothing_that_commands_their_terminal() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    hans.leave("yoda", "red \u{1b}[31malert\u{7}");
    let mut yoda = site.start_plain(&server, "yoda");
    assert_eq!(yoda.next_line(), "You are logged in as yoda.");
    let line = yoda.next_line();
    assert!(line.ends_with("] hans: red ␛[31malert␇"), "{line}");
    let delivered = json!({"event": "sent", "to": "yoda", "state": "delivered"});
    hans.expect_all(vec![presence("yoda", "login"), delivered]);
    hans.deliver("yoda", "hello");
    assert_eq!(yoda.next_line(), "hans: hello");
    yoda.line("whoelse");
    assert!(yoda.next_line().starts_with("  hans  online since "));
    yoda.line("dance");
    assert_eq!(yoda.next_line(), "No command dance; try help.");
    yoda.line("message jaba hi");
    assert_eq!(yoda.next_line(), "There is no user jaba.");
    hans.logout();
    assert_eq!(yoda.next_line(), "hans logged out");
    yoda.line("message hans see you");
    assert_eq!(yoda.next_line(), "Sent. hans is away and gets it at the next login.");
    yoda.line("logout");
    assert_eq!(yoda.next_line(), "You are logged out.");
    yoda.ends(4);
    let mut hans = site.login(&server, "hans");
    hans.expect(stored("yoda", "see you"));
}
