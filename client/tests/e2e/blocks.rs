//! What a block does, and what undoes it.

use serde_json::{Value, json};

use super::harness::{Client, Rules, Site, message, presence, stored};

fn done(command: &str) -> Value {
    json!({"event": "ok", "command": command})
}

fn names(client: &mut Client, command: &str) -> Vec<String> {
    client.line(command);
    let answer = client.next();
    assert_eq!(answer["event"], json!(command.split(' ').next().unwrap()), "{answer}");
    answer["users"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_block_cuts_every_way_to_whoever_blocks_and_unblocking_opens_it_again() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = site.login(&server, "yoda");
    let mut hans = site.login(&server, "hans");
    let mut leia = site.login(&server, "leia");
    yoda.expect(presence("hans", "login"));
    yoda.expect(presence("leia", "login"));
    hans.expect(presence("leia", "login"));

    yoda.ask("block hans", done("block"));
    yoda.ask("block hans", done("block"));
    yoda.ask("blocked", json!({"event": "blocked", "users": ["hans"]}));
    hans.refused("message yoda hi", "blocked");
    hans.line("broadcast hi all");
    hans.expect(json!({"event": "sent", "to": null, "state": "accepted"}));
    hans.expect(json!({"event": "skipped"}));
    leia.expect(json!({"event": "broadcast", "from": "hans", "text": "hi all", "stored": false}));
    assert_eq!(names(&mut hans, "whoelse"), ["leia"]);
    assert_eq!(names(&mut hans, "whoelsesince 100"), ["leia"]);
    assert_eq!(names(&mut leia, "whoelse"), ["hans", "yoda"]);

    // The one who blocks still reaches and sees the blocked one.
    yoda.deliver("hans", "I still can");
    hans.expect(message("yoda", "I still can"));
    assert_eq!(names(&mut yoda, "whoelse"), ["hans", "leia"]);

    // No notice of comings and goings; the next thing hans hears is leia's.
    yoda.logout();
    leia.expect(presence("yoda", "logout"));
    let mut yoda = site.login(&server, "yoda");
    leia.expect(presence("yoda", "login"));
    leia.deliver("hans", "yoda was away");
    hans.expect(message("leia", "yoda was away"));

    yoda.ask("blocked", json!({"event": "blocked", "users": ["hans"]}));
    yoda.ask("unblock hans", done("unblock"));
    yoda.refused("unblock hans", "not_blocked");
    yoda.refused("block yoda", "self");
    yoda.refused("block jaba", "unknown_user");
    hans.deliver("yoda", "again");
    yoda.expect(message("hans", "again"));
    assert_eq!(names(&mut hans, "whoelse"), ["leia", "yoda"]);
}

#[test]
fn a_block_outlasts_sessions_of_both_sides() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    hans.leave("yoda", "before");
    hans.logout();
    let mut yoda = site.login(&server, "yoda");
    yoda.expect(stored("hans", "before"));
    yoda.ask("block hans", done("block"));
    yoda.logout();
    let server = site.serve_on(server.stop(), Rules::default());

    let mut hans = site.login(&server, "hans");
    hans.refused("message yoda after", "blocked");
    let mut yoda = site.login(&server, "yoda");
    yoda.ask("blocked", json!({"event": "blocked", "users": ["hans"]}));
    assert_eq!(names(&mut hans, "whoelse"), Vec::<String>::new());
}

#[test]
fn a_message_that_was_accepted_before_the_block_is_delivered() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let mut yoda = site.login(&server, "yoda");
    hans.expect(presence("yoda", "login"));
    // The recipient's computer stands still: the message is accepted and not delivered when the block comes.
    yoda.freeze();
    hans.ask("message yoda under way", json!({"event": "sent", "to": "yoda", "state": "accepted"}));
    yoda.line("block hans");
    yoda.thaw();
    yoda.expect_all(vec![message("hans", "under way"), done("block")]);
}
