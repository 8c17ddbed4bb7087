//! Private sessions: every way they begin and end, seen from both sides.

use serde_json::{Value, json};

use super::harness::{Client, Rules, Server, Site};

/// Hans and yoda, logged in.
fn two(rules: Rules) -> (Site, Server, Client, Client) {
    let site = Site::new();
    let server = site.serve(rules);
    let yoda = site.login(&server, "yoda");
    let mut hans = site.login(&server, "hans");
    hans.line("whoelse");
    hans.until("whoelse");
    (site, server, hans, yoda)
}

/// Agrees to what was asked.
fn accept(client: &mut Client, by: &str) {
    assert_eq!(client.until("private_request")["user"], by);
    client.line(&format!("accept {by}"));
}

/// Both see the session open, with the same code, straight from device to device.
pub(crate) fn both_open(hans: &mut Client, yoda: &mut Client) -> Value {
    let at_hans = both_open_somehow(hans, yoda);
    assert_eq!(at_hans["route"], "direct");
    at_hans
}

/// Both see the session open, with the same code.
pub(crate) fn both_open_somehow(hans: &mut Client, yoda: &mut Client) -> Value {
    let (at_hans, at_yoda) = (hans.until("private_open"), yoda.until("private_open"));
    assert_eq!((&at_hans["user"], &at_yoda["user"]), (&json!("yoda"), &json!("hans")));
    for part in ["code", "digits"] {
        assert_eq!(at_hans[part], at_yoda[part]);
    }
    assert!(at_hans["code"].as_str().unwrap().split(' ').count() >= 7);
    at_hans
}

/// Hans and yoda in a private session.
pub(crate) fn in_session(rules: Rules) -> (Site, Server, Client, Client) {
    let (site, server, mut hans, mut yoda) = two(rules);
    hans.start_private("yoda");
    accept(&mut yoda, "hans");
    both_open(&mut hans, &mut yoda);
    (site, server, hans, yoda)
}

fn closed(client: &mut Client, user: &str, reason: &str) {
    let event = client.until("private_closed");
    assert_eq!((&event["user"], &event["reason"]), (&json!(user), &json!(reason)));
}

/// The session is over for one of these reasons: the server and the other device tell it, and either may be first.
fn closed_as_told_first(client: &mut Client, user: &str, reasons: [&str; 2]) {
    let event = client.until("private_closed");
    assert_eq!(event["user"], user);
    assert!(reasons.iter().any(|reason| event["reason"] == *reason), "{event}");
}

/// Waits until the server knows that the session is over: it hears that on another connection than this client's, and
/// an end that is asked for meanwhile is granted.
fn over(client: &mut Client, with: &str) {
    loop {
        client.line(&format!("stopprivate {with}"));
        let answer = std::iter::repeat_with(|| client.next()).find(|event| event["command"] == "stopprivate").unwrap();
        if answer["code"] == "no_session" {
            return;
        }
        assert_eq!(answer["event"], "ok", "{answer}");
    }
}

pub(crate) fn says(from: &mut Client, to: &mut Client, names: [&str; 2], text: &str) {
    from.line(&format!("private {} {text}", names[1]));
    let heard = to.until("private");
    assert_eq!((&heard["from"], &heard["text"]), (&json!(names[0]), &json!(text)));
    assert_eq!(from.until("sent")["state"], "accepted");
    assert_eq!(from.until("sent")["state"], "delivered");
}

#[test]
fn two_who_agree_speak_straight_to_each_other_while_everything_else_goes_on() {
    let (_site, _server, mut hans, mut yoda) = in_session(Rules::default());
    says(&mut hans, &mut yoda, ["hans", "yoda"], "psst");
    says(&mut yoda, &mut hans, ["yoda", "hans"], "what?");
    hans.deliver("yoda", "in public");
    assert_eq!(yoda.until("message")["text"], "in public");
    says(&mut hans, &mut yoda, ["hans", "yoda"], "and again");
    hans.refused("startprivate yoda", "session_open");
    hans.refused("private leia hi", "no_session");
}

#[test]
fn a_question_that_is_declined_is_told() {
    let (_site, _server, mut hans, mut yoda) = two(Rules::default());
    hans.start_private("yoda");
    hans.refused("startprivate yoda", "request_pending");
    assert_eq!(yoda.until("private_request")["user"], "hans");
    yoda.line("decline hans");
    assert_eq!(yoda.until("ok")["command"], "decline");
    closed(&mut hans, "yoda", "declined");
    hans.refused("private yoda hi", "no_session");
    yoda.line("accept hans");
    assert_eq!(yoda.until("error")["code"], "no_request");
}

#[test]
fn a_question_that_nobody_answers_expires_on_both_sides() {
    let (_site, _server, mut hans, mut yoda) = two(Rules { question_s: 1, ..Rules::default() });
    hans.start_private("yoda");
    assert_eq!(yoda.until("private_request")["user"], "hans");
    closed(&mut hans, "yoda", "expired");
    closed(&mut yoda, "hans", "expired");
    yoda.refused("accept hans", "no_request");
    hans.refused("private yoda hi", "no_session");
    // It may be put again.
    hans.start_private("yoda");
    accept(&mut yoda, "hans");
    both_open(&mut hans, &mut yoda);
}

#[test]
fn whoever_goes_away_while_a_question_is_open_ends_it() {
    let (site, server, mut hans, mut yoda) = two(Rules::default());
    hans.start_private("yoda");
    yoda.until("private_request");
    yoda.line("logout");
    closed(&mut hans, "yoda", "logout");
    closed(&mut yoda, "hans", "logout");
    yoda.logout_whatever_comes();
    let mut yoda = site.login(&server, "yoda");
    hans.start_private("yoda");
    yoda.until("private_request");
    hans.line("logout");
    closed(&mut yoda, "hans", "logout");
    closed(&mut hans, "yoda", "logout");
}

#[test]
fn a_question_that_is_taken_back_is_told() {
    let (_site, _server, mut hans, mut yoda) = two(Rules::default());
    hans.start_private("yoda");
    yoda.until("private_request");
    hans.line("stopprivate yoda");
    closed(&mut hans, "yoda", "here");
    closed(&mut yoda, "hans", "stopped");
    yoda.refused("accept hans", "no_request");
}

#[test]
fn who_cannot_be_asked_is_not_asked() {
    let (site, server, mut hans, mut yoda) = two(Rules::default());
    hans.refused("startprivate jaba", "unknown_user");
    hans.refused("startprivate hans", "self");
    hans.refused("startprivate leia", "offline");
    yoda.line("block hans");
    assert_eq!(yoda.until("ok")["command"], "block");
    hans.refused("startprivate yoda", "blocked");
    let mut leia = site.login(&server, "leia");
    leia.start_private("yoda");
    // The first question that yoda hears is leia's.
    assert_eq!(yoda.until("private_request")["user"], "leia");
}

#[test]
fn a_block_while_asked_reads_as_declined() {
    let (_site, _server, mut hans, mut yoda) = two(Rules::default());
    hans.start_private("yoda");
    yoda.until("private_request");
    yoda.line("block hans");
    closed(&mut hans, "yoda", "declined");
    closed(&mut yoda, "hans", "declined");
}

#[test]
fn a_block_during_a_session_leaves_it_open() {
    let (_site, _server, mut hans, mut yoda) = in_session(Rules::default());
    yoda.line("block hans");
    assert_eq!(yoda.until("ok")["command"], "block");
    says(&mut hans, &mut yoda, ["hans", "yoda"], "still here");
    hans.line("stopprivate yoda");
    closed(&mut yoda, "hans", "stopped");
}

#[test]
fn two_who_ask_each_other_at_once_have_one_session() {
    let (_site, _server, mut hans, mut yoda) = two(Rules::default());
    hans.line("startprivate yoda");
    yoda.line("startprivate hans");
    both_open(&mut hans, &mut yoda);
    says(&mut hans, &mut yoda, ["hans", "yoda"], "one");
    hans.line("stopprivate yoda");
    closed(&mut yoda, "hans", "stopped");
    over(&mut yoda, "hans");
}

#[test]
fn either_side_ends_it_and_the_other_is_told() {
    let (_site, _server, mut hans, mut yoda) = in_session(Rules::default());
    hans.line("stopprivate yoda");
    closed(&mut hans, "yoda", "here");
    closed(&mut yoda, "hans", "stopped");
    hans.start_private("yoda");
    accept(&mut yoda, "hans");
    both_open(&mut hans, &mut yoda);
    yoda.line("stopprivate hans");
    closed(&mut yoda, "hans", "here");
    closed(&mut hans, "yoda", "stopped");
    over(&mut hans, "yoda");
}

#[test]
fn a_logout_ends_it_and_says_so() {
    let (_site, _server, mut hans, mut yoda) = in_session(Rules::default());
    hans.line("logout");
    closed(&mut yoda, "hans", "logout");
    closed(&mut hans, "yoda", "logout");
    assert_eq!(hans.until("session_end")["reason"], "logout");
    yoda.refused("private hans hi", "no_session");
}

#[test]
fn a_timeout_ends_it_and_says_so_and_private_words_keep_it_off() {
    let (_site, _server, mut hans, mut yoda) = in_session(Rules { timeout_s: 12, ..Rules::default() });
    for n in 0..2 {
        std::thread::sleep(std::time::Duration::from_secs(2));
        says(&mut hans, &mut yoda, ["hans", "yoda"], &format!("word {n}"));
    }
    // Yoda said nothing all the time, and hans nothing else.
    closed_as_told_first(&mut hans, "yoda", ["timeout", "stopped"]);
    closed_as_told_first(&mut yoda, "hans", ["timeout", "stopped"]);
    assert_eq!(yoda.until("session_end")["reason"], "timeout");
    hans.refused("private yoda hi", "no_session");
}

#[test]
fn a_killed_peer_is_noticed_without_the_servers_help() {
    let (_site, server, mut hans, yoda) = in_session(Rules::default());
    server.freeze();
    yoda.kill();
    closed(&mut hans, "yoda", "lost");
    server.thaw();
    hans.refused("private yoda hi", "no_session");
}

#[test]
fn a_device_that_is_another_is_told_and_nothing_is_sent_until_it_is_trusted() {
    let (site, server, mut hans, yoda) = in_session(Rules::default());
    yoda.kill();
    closed(&mut hans, "yoda", "lost");
    std::fs::remove_file(site.profile("yoda").join("device.json")).unwrap();
    let mut yoda = site.login(&server, "yoda");
    hans.until("presence");
    hans.start_private("yoda");
    accept(&mut yoda, "hans");
    let warning = hans.until("error");
    assert_eq!(warning["code"], "device_changed", "{warning}");
    closed(&mut hans, "yoda", "impostor");
    hans.line("trustdevice yoda");
    hans.until("ok");
    closed_as_told_first(&mut yoda, "hans", ["stopped", "lost"]);
    hans.start_private("yoda");
    accept(&mut yoda, "hans");
    both_open(&mut hans, &mut yoda);
}

#[test]
fn a_code_that_was_compared_is_remembered() {
    let (_site, _server, mut hans, mut yoda) = in_session(Rules::default());
    hans.line("verify yoda");
    hans.until("ok");
    hans.line("stopprivate yoda");
    closed(&mut yoda, "hans", "stopped");
    hans.start_private("yoda");
    accept(&mut yoda, "hans");
    assert_eq!(both_open(&mut hans, &mut yoda)["key"], "verified");
}

#[test]
fn a_server_that_stops_ends_it_with_the_reason() {
    let (_site, server, mut hans, mut yoda) = in_session(Rules::default());
    server.stop();
    // Each is told by the server, or by the other who was told first.
    closed(&mut hans, "yoda", "lost");
    closed(&mut yoda, "hans", "lost");
}
