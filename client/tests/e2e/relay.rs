//! The relay of the server: who hides their address talks through it, and without it not at all.

use std::fs;

use serde_json::json;

use super::harness::{Client, Rules, Server, Site, password};
use super::private::{both_open_somehow, says};

/// Lets nobody learn its address.
const HIDDEN: &str = "--never-show-address";

fn hidden(site: &Site, server: &Server, user: &str, more: &[&str]) -> Client {
    let mut client = site.start(server, user, password(user), &[&[HIDDEN], more].concat());
    client.expect(json!({"event": "login", "ok": true}));
    client
}

/// Asks for a session and has it accepted.
fn open(hans: &mut Client, yoda: &mut Client) -> serde_json::Value {
    hans.start_private("yoda");
    assert_eq!(yoda.until("private_request")["user"], "hans");
    yoda.line("accept hans");
    both_open_somehow(hans, yoda)
}

#[test]
fn two_who_show_no_address_talk_and_send_files_through_the_relay() {
    let site = Site::new();
    let server = site.serve_with_relay(Rules::default(), "0");
    let folder = site.profile("yoda").join("in");
    let mut yoda = hidden(&site, &server, "yoda", &["--accept-files", folder.to_str().unwrap()]);
    let mut hans = hidden(&site, &server, "hans", &[]);
    assert_eq!(open(&mut hans, &mut yoda)["route"], "relay");
    says(&mut hans, &mut yoda, ["hans", "yoda"], "psst");
    says(&mut yoda, &mut hans, ["yoda", "hans"], "what?");
    let path = site.profile("hans").join("plans.txt");
    fs::write(&path, "a long time ago ".repeat(1 << 18)).unwrap();
    hans.line(&format!("sendfile yoda {}", path.display()));
    let there = loop {
        let event = yoda.until("transfer");
        if event["state"] == "done" {
            break event["path"].as_str().unwrap().to_owned();
        }
    };
    assert_eq!(fs::read(&there).unwrap(), fs::read(&path).unwrap());
    hans.line("stopprivate yoda");
    assert_eq!(yoda.until("private_closed")["reason"], "stopped");
}

#[test]
fn one_who_shows_an_address_and_one_who_does_not_talk_through_the_relay() {
    let site = Site::new();
    let server = site.serve_with_relay(Rules::default(), "0");
    let mut yoda = site.login(&server, "yoda");
    let mut hans = hidden(&site, &server, "hans", &[]);
    assert_eq!(open(&mut hans, &mut yoda)["route"], "relay");
    says(&mut yoda, &mut hans, ["yoda", "hans"], "who is there?");
}

#[test]
fn without_a_relay_whoever_shows_no_address_is_refused_and_told_why() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = site.login(&server, "yoda");
    let mut hans = hidden(&site, &server, "hans", &[]);
    hans.line("startprivate yoda");
    let error = hans.until("error");
    assert_eq!((&error["command"], &error["code"]), (&json!("startprivate"), &json!("no_relay")));
    assert!(error["text"].as_str().unwrap().contains("relay"), "{error}");
    yoda.line("startprivate hans");
    assert_eq!(yoda.until("error")["code"], "no_relay");
}
