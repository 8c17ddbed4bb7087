//! Who is here, who was, and who did nothing for too long.

use serde_json::{Value, json};

use super::harness::{Client, Rules, Site, message, presence, until};

/// The users of an answer to `whoelsesince`.
fn since(client: &mut Client, seconds: u64) -> Vec<Value> {
    client.line(&format!("whoelsesince {seconds}"));
    let answer = client.next();
    assert_eq!(answer["event"], json!("whoelsesince"), "{answer}");
    answer["users"].as_array().unwrap().clone()
}

fn find<'a>(users: &'a [Value], name: &str) -> Option<&'a Value> {
    users.iter().find(|user| user["name"] == json!(name))
}

#[test]
fn whoelsesince_tells_sessions_that_touch_the_span() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    site.login(&server, "leia").logout();
    let mut yoda = site.login(&server, "yoda");
    let mut hans = site.login(&server, "hans");
    yoda.expect(presence("hans", "login"));
    until("leia's session is over for more than a second", || find(&since(&mut hans, 1), "leia").is_none());
    let mut luke = site.login(&server, "luke");
    for other in [&mut yoda, &mut hans] {
        other.expect(presence("luke", "login"));
    }
    luke.ask("blocked", json!({"event": "blocked", "users": []}));
    luke.logout();
    hans.expect(presence("luke", "logout"));

    // Before the span: leia. Within it: luke. Across its beginning: yoda, who is still here.
    let users = since(&mut hans, 1);
    assert!(find(&users, "hans").is_none() && find(&users, "leia").is_none(), "{users:?}");
    let yoda_now = find(&users, "yoda").unwrap();
    assert_eq!((&yoda_now["online"], &yoda_now["sessions"][0]["to"]), (&json!(true), &Value::Null));
    if let Some(luke_then) = find(&users, "luke") {
        assert_eq!((&luke_then["online"], &luke_then["last_seen"]), (&json!(false), &luke_then["sessions"][0]["to"]));
    }

    let users = since(&mut hans, 1000);
    let names: Vec<&str> = users.iter().map(|user| user["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["leia", "luke", "yoda"]);
    let leia_then = find(&users, "leia").unwrap();
    assert_eq!(leia_then["online"], json!(false));
    assert_eq!(leia_then["sessions"].as_array().unwrap().len(), 1);
    let zero = since(&mut hans, 0);
    assert!(find(&zero, "yoda").is_some() && find(&zero, "leia").is_none(), "{zero:?}");
    hans.refused("whoelsesince -1", "invalid");
    hans.refused("whoelsesince soon", "invalid");
}

#[test]
fn who_does_nothing_valid_for_too_long_is_logged_out_and_others_see_why() {
    let site = Site::new();
    let server = site.serve(Rules { timeout_s: 8, ..Rules::default() });
    let mut hans = site.login(&server, "hans");
    let mut yoda = site.login(&server, "yoda");
    hans.expect(presence("yoda", "login"));
    hans.deliver("yoda", "here I am");
    yoda.expect(message("hans", "here I am"));
    // What yoda does is no activity: receiving, and a command that is none.
    yoda.refused("dance", "invalid");
    let nobody = json!({"event": "blocked", "users": []});
    loop {
        // Hans stays, because he asks.
        hans.line("blocked");
        let event = hans.next();
        if event != nobody {
            assert_eq!(event, presence("yoda", "timeout"));
            hans.expect(nobody);
            break;
        }
    }
    yoda.expect(json!({"event": "session_end", "reason": "timeout"}));
    yoda.ends(4);
    hans.ask("whoelse", json!({"event": "whoelse", "users": []}));
}

#[test]
fn a_lost_line_is_told_only_after_a_grace() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let yoda = site.login(&server, "yoda");
    hans.expect(presence("yoda", "login"));
    let killed = std::time::Instant::now();
    yoda.kill();
    hans.expect(presence("yoda", "lost"));
    assert!(killed.elapsed().as_secs() >= 14, "others see nothing of a short loss");
}
