//! Messages and broadcasts, online and offline.

use serde_json::json;

use super::harness::{Rules, Site, message, presence, stored};

#[test]
fn a_message_arrives_and_one_to_nobody_is_refused() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = site.login(&server, "yoda");
    let mut hans = site.login(&server, "hans");
    yoda.expect(presence("hans", "login"));
    hans.ask("whoelse", json!({"event": "whoelse", "users": [{"name": "yoda", "online": true, "last_seen": null}]}));
    hans.deliver("yoda", "Hello from the other side");
    yoda.expect(message("hans", "Hello from the other side"));
    hans.refused("message jaba Hello", "unknown_user");
    hans.refused("message hans Hello", "self");
    hans.refused("whoelsewhere", "invalid");
    hans.refused("message yoda", "invalid");
    hans.refused(&format!("message yoda {}", "x".repeat(16 * 1024 + 1)), "too_long");
    hans.finish(&[json!({"event": "session_end", "reason": "logout"})], 4);
    yoda.expect(presence("hans", "logout"));
    yoda.logout();
}

#[test]
fn a_broadcast_reaches_everyone_online_and_nobody_later() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut yoda = site.login(&server, "yoda");
    let mut leia = site.login(&server, "leia");
    yoda.expect(presence("leia", "login"));
    let mut hans = site.login(&server, "hans");
    for other in [&mut yoda, &mut leia] {
        other.expect(presence("hans", "login"));
    }
    hans.ask("broadcast luke sucks", json!({"event": "sent", "to": null, "state": "accepted"}));
    for other in [&mut yoda, &mut leia] {
        other.expect(json!({"event": "broadcast", "from": "hans", "text": "luke sucks", "stored": false}));
    }
    let mut luke = site.login(&server, "luke");
    luke.ask("blocked", json!({"event": "blocked", "users": []}));
    luke.logout();
}

#[test]
fn messages_for_somebody_offline_arrive_in_order_and_once() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let mut leia = site.login(&server, "leia");
    hans.expect(presence("leia", "login"));
    for n in 1..=20 {
        hans.leave("yoda", &format!("message {n}"));
    }
    leia.leave("yoda", "and one of leia's");

    let mut yoda = site.login(&server, "yoda");
    for n in 1..=20 {
        yoda.expect(stored("hans", &format!("message {n}")));
    }
    yoda.expect(stored("leia", "and one of leia's"));
    let mut news = vec![presence("yoda", "login")];
    news.resize(1 + 20, json!({"event": "sent", "to": "yoda", "state": "delivered"}));
    hans.expect_all(news);
    yoda.logout();
    let mut yoda = site.login(&server, "yoda");
    yoda.ask("blocked", json!({"event": "blocked", "users": []}));
    yoda.logout();
}

#[test]
fn a_script_that_ends_at_once_has_sent_everything() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    for n in 0..300 {
        hans.line(&format!("message yoda line {n}"));
    }
    let accepted = json!({"event": "sent", "to": "yoda", "state": "accepted"});
    let mut expected = vec![accepted; 300];
    expected.push(json!({"event": "session_end", "reason": "logout"}));
    hans.finish(&expected, 0);
    let mut yoda = site.login(&server, "yoda");
    for n in 0..300 {
        yoda.expect(stored("hans", &format!("line {n}")));
    }
    yoda.logout();
}

#[test]
fn who_wrote_to_an_account_that_is_removed_is_told_at_once_or_at_the_next_login() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    hans.leave("yoda", "for an account that goes");
    let mut luke = site.login(&server, "luke");
    luke.leave("yoda", "told later");
    luke.logout_whatever_comes();
    site.order("user remove yoda");
    let lost = hans.until("sent");
    assert_eq!((&lost["state"], &lost["to"]), (&json!("lost"), &json!("yoda")));
    hans.line("history yoda");
    assert_eq!(hans.until("history")["messages"][0]["state"], "lost");

    let mut luke = site.login(&server, "luke");
    assert_eq!(luke.until("sent")["state"], "lost");
    luke.logout_whatever_comes();
    hans.logout_whatever_comes();
}
