//! Files from device to device: offered in a private session, or shared with everybody.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::harness::{Client, Rules, Site};
use super::private::in_session;

const MIB: usize = 1 << 20;

/// A file of so many bytes that are alike nowhere.
fn file(folder: &Path, name: &str, bytes: usize) -> PathBuf {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut content = Vec::with_capacity(bytes + 8);
    while content.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        content.extend((state >> 8).to_le_bytes());
    }
    content.truncate(bytes);
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// The next word of a transfer that is over, or of this state.
fn transfer(client: &mut Client, state: &str) -> Value {
    loop {
        let event = client.next();
        let is_transfer = event["event"] == "transfer" || event["event"] == "file_offer";
        if is_transfer && event["state"] == state {
            return event;
        }
        assert!(!is_transfer || event["state"] != "failed", "{event}");
    }
}

/// Plays a scene again until it catches a file on its way: a file may be there before this program sees its first bytes.
fn until_caught(scene: impl Fn() -> Option<()>) {
    const MAX_TRIES: u32 = 10;
    assert!((0..MAX_TRIES).any(|_| scene().is_some()), "each time the file was there at once");
}

/// Waits for the first bytes of a transfer; tells how many there are.
fn first_bytes(client: &mut Client) -> Option<u64> {
    loop {
        let event = client.until("transfer");
        match event["done"].as_u64().unwrap() {
            _ if event["state"] == "done" => return None,
            0 => {}
            done => return Some(done),
        }
    }
}

/// Waits for the end of the private session; nothing if the transfer was over before.
fn cut_off(client: &mut Client) -> Option<()> {
    loop {
        let event = client.next();
        if event["event"] == "private_closed" {
            return Some(());
        }
        if event["event"] == "transfer" && event["state"] == "done" {
            return None;
        }
    }
}

/// Who holds the one file that is found, asked again until the server has heard what `holder` fetched: the server
/// hears it on another connection than the one that asks.
fn holders_with(asker: &mut Client, search: &str, holder: &str) -> Vec<Value> {
    const MAX_TRIES: u32 = 10_000;
    for _ in 0..MAX_TRIES {
        asker.line(search);
        let found = asker.until("files");
        let holders = found["files"][0]["holders"].as_array().cloned().unwrap_or_default();
        if holders.iter().any(|is| is["user"] == holder) {
            return holders;
        }
    }
    panic!("{search} never names {holder}");
}

fn path_of(event: &Value) -> PathBuf {
    PathBuf::from(event["path"].as_str().unwrap())
}

#[test]
fn a_file_offered_in_a_private_session_arrives_whole() {
    let (site, _server, mut hans, mut yoda) = in_session(Rules::default());
    let path = file(&site.profile("hans"), "plans.pdf", 3 * MIB + 17);
    hans.line(&format!("sendfile yoda {}", path.display()));
    let offer = transfer(&mut yoda, "offered");
    assert_eq!((&offer["event"], &offer["user"]), (&json!("file_offer"), &json!("hans")));
    assert_eq!((&offer["name"], &offer["size"]), (&json!("plans.pdf"), &json!(3 * MIB + 17)));
    yoda.line(&format!("takefile {}", offer["id"]));
    let there = transfer(&mut yoda, "done");
    assert_eq!(fs::read(path_of(&there)).unwrap(), fs::read(&path).unwrap());
    assert_eq!(path_of(&there).parent().unwrap(), site.profile("yoda").join("downloads"));
    transfer(&mut hans, "done");
}

#[test]
fn a_file_that_is_not_wanted_is_told() {
    let (site, _server, mut hans, mut yoda) = in_session(Rules::default());
    let path = file(&site.profile("hans"), "plans.pdf", 100);
    hans.line(&format!("sendfile yoda {}", path.display()));
    let offer = transfer(&mut yoda, "offered");
    yoda.line(&format!("refusefile {}", offer["id"]));
    transfer(&mut hans, "refused");
    hans.refused(&format!("sendfile jaba {}", path.display()), "unknown_user");
    hans.refused(&format!("sendfile hans {}", path.display()), "self");
}

#[test]
fn a_file_whose_recipient_was_killed_goes_on_where_it_stopped() {
    until_caught(kill_the_recipient);
}

fn kill_the_recipient() -> Option<()> {
    let (site, server, mut hans, mut yoda) = in_session(Rules::default());
    // Long enough to be seen on its way.
    let path = file(&site.profile("hans"), "plans.pdf", 256 * MIB);
    hans.line(&format!("sendfile yoda {}", path.display()));
    let offer = transfer(&mut yoda, "offered");
    yoda.line(&format!("takefile {}", offer["id"]));
    let before = first_bytes(&mut yoda)?;
    yoda.kill();
    cut_off(&mut hans)?;
    let mut yoda = site.login(&server, "yoda");
    hans.start_private("yoda");
    assert_eq!(yoda.until("private_request")["user"], "hans");
    yoda.line("accept hans");
    let mut first = None;
    let there = loop {
        let event = yoda.next();
        if event["event"] == "transfer" && event["state"] == "running" && event["done"] != 0 {
            first.get_or_insert(event["done"].as_u64().unwrap());
        }
        if event["state"] == "done" {
            break event;
        }
    };
    assert!(first.unwrap() + 8 * MIB as u64 >= before, "{first:?} after {before}");
    assert_eq!(fs::read(path_of(&there)).unwrap(), fs::read(&path).unwrap());
    transfer(&mut hans, "done");
    Some(())
}

#[test]
fn a_file_whose_sender_was_killed_is_offered_again_and_goes_on_where_it_stopped() {
    until_caught(kill_the_sender);
}

fn kill_the_sender() -> Option<()> {
    let (site, server, mut hans, mut yoda) = in_session(Rules::default());
    let path = file(&site.profile("hans"), "plans.pdf", 256 * MIB);
    hans.line(&format!("sendfile yoda {}", path.display()));
    let offer = transfer(&mut yoda, "offered");
    yoda.line(&format!("takefile {}", offer["id"]));
    let before = first_bytes(&mut yoda)?;
    hans.kill();
    cut_off(&mut yoda)?;
    let mut hans = site.login(&server, "hans");
    assert_eq!(transfer(&mut hans, "waiting")["user"], "yoda", "it is kept for her");
    yoda.start_private("hans");
    assert_eq!(hans.until("private_request")["user"], "yoda");
    hans.line("accept yoda");
    let mut last = before;
    let there = loop {
        let event = yoda.until("transfer");
        let done = event["done"].as_u64().unwrap();
        assert!(done >= last, "{done} after {last}: what was verified stays");
        last = done;
        if event["state"] == "done" {
            break event;
        }
    };
    assert!(fs::read(path_of(&there)).unwrap() == fs::read(&path).unwrap());
    transfer(&mut hans, "done");
    Some(())
}

#[test]
fn a_file_for_somebody_away_waits_for_a_private_session_in_a_later_run() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    for name in ["one.pdf", "two.pdf", "three.pdf"] {
        let path = file(&site.profile("hans"), name, 3 * MIB);
        hans.line(&format!("sendfile yoda {}", path.display()));
        assert_eq!(transfer(&mut hans, "waiting")["name"], name);
    }
    hans.line("cancelfile 2");
    transfer(&mut hans, "cancelled");
    hans.logout_whatever_comes();

    let mut yoda = site.login(&server, "yoda");
    let mut hans = site.login(&server, "hans");
    hans.start_private("yoda");
    yoda.until("private_request");
    yoda.line("accept hans");
    let offers = [transfer(&mut yoda, "offered"), transfer(&mut yoda, "offered")];
    for (offer, name) in offers.iter().zip(["one.pdf", "three.pdf"]) {
        assert_eq!(offer["name"], name, "in the order in which they were sent");
        yoda.line(&format!("takefile {}", offer["id"]));
        let there = transfer(&mut yoda, "done");
        assert!(fs::read(path_of(&there)).unwrap() == fs::read(site.profile("hans").join(name)).unwrap());
    }
}

#[test]
fn either_side_lets_a_file_stand_still_and_both_see_it() {
    let (site, _server, mut hans, mut yoda) = in_session(Rules::default());
    let path = file(&site.profile("hans"), "plans.pdf", 64 * MIB);
    hans.line(&format!("sendfile yoda {}", path.display()));
    let sent = transfer(&mut hans, "offered")["id"].clone();
    let taken = transfer(&mut yoda, "offered")["id"].clone();
    hans.line(&format!("pausefile {sent}"));
    assert_eq!(hans.until("ok")["command"], "pausefile");
    yoda.line(&format!("takefile {taken}"));
    transfer(&mut yoda, "paused");
    transfer(&mut hans, "paused");
    yoda.line(&format!("resumefile {taken}"));
    assert_eq!(yoda.until("error")["code"], "invalid", "hans alone goes on with it");
    yoda.line(&format!("pausefile {taken}"));
    yoda.until("ok");
    hans.line(&format!("resumefile {sent}"));
    hans.until("ok");
    yoda.line(&format!("resumefile {taken}"));
    let there = transfer(&mut yoda, "done");
    assert!(fs::read(path_of(&there)).unwrap() == fs::read(&path).unwrap());
    transfer(&mut hans, "done");
}

#[test]
fn a_shared_file_is_found_and_fetched_from_all_who_hold_it() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    let mut yoda = site.login(&server, "yoda");
    let mut leia = site.login(&server, "leia");
    let path = file(&site.profile("hans"), "plans.pdf", 20 * MIB);
    let copy = file(&site.profile("yoda"), "plans.pdf", 20 * MIB);
    hans.line(&format!("register {}", path.display()));
    assert_eq!(hans.until("ok")["known"], false);
    yoda.line(&format!("register {}", copy.display()));
    assert_eq!(yoda.until("ok")["known"], true);

    leia.line("searchFile plans.pdf");
    let found = leia.until("files");
    let holders = found["files"][0]["holders"].as_array().unwrap();
    assert_eq!(holders.iter().map(|holder| holder["user"].clone()).collect::<Vec<_>>(), [json!("hans"), json!("yoda")]);
    leia.line("searchFile other.pdf");
    assert_eq!(leia.until("files")["files"], json!([]));
    for line in ["shared PLAN", "shared", r#"{"command":"shared","name":".pdf"}"#] {
        leia.line(line);
        assert_eq!(leia.until("files")["files"][0]["name"], "plans.pdf", "{line}");
    }
    leia.refused("download other.pdf", "not_available");

    leia.line("download plans.pdf");
    let there = transfer(&mut leia, "done");
    assert_eq!(fs::read(path_of(&there)).unwrap(), fs::read(&path).unwrap());
    // Both are asked; a quick one may have given all before the other is reached.
    let sources = there["sources"].as_array().unwrap();
    assert!(sources.iter().all(|source| [json!("hans"), json!("yoda")].contains(&source["user"])), "{there}");
    assert!(sources.iter().map(|source| source["bytes"].as_u64().unwrap()).sum::<u64>() >= 20 << 20, "{there}");
    let holders = holders_with(&mut hans, "searchChunk plans.pdf 1,10", "leia");
    assert_eq!(holders.iter().map(|holder| holder["user"].clone()).collect::<Vec<_>>(), [json!("leia"), json!("yoda")]);

    hans.line("unregister plans.pdf");
    assert_eq!(hans.until("ok")["command"], "unregister");
    hans.refused("unregister plans.pdf", "no_file");
}

#[test]
fn of_three_who_hold_a_file_one_lies_one_dies_and_the_rest_finish_it() {
    until_caught(fetch_from_three);
}

fn fetch_from_three() -> Option<()> {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let path = file(&site.profile("hans"), "plans.pdf", 256 * MIB);
    let mut holders = ["hans", "yoda", "luke"].map(|user| {
        let mut client = site.login(&server, user);
        let copy = site.profile(user).join("plans.pdf");
        if copy != path {
            fs::copy(&path, &copy).unwrap();
        }
        client.line(&format!("register {}", copy.display()));
        while client.until("ok")["command"] != "register" {}
        Some(client)
    });
    // Yoda's file is another since it was hashed.
    let lie = site.profile("yoda").join("plans.pdf");
    fs::write(&lie, vec![0; 256 * MIB]).unwrap();

    let mut leia = site.login(&server, "leia");
    leia.line("download plans.pdf");
    let mut has_seen_chunk = false;
    let there = loop {
        let event = leia.until("transfer");
        let gave = |user: &str| {
            let sources = event["sources"].as_array().unwrap();
            sources.iter().any(|source| source["user"] == user && source["bytes"].as_u64().unwrap() > 0)
        };
        if gave("luke")
            && gave("hans")
            && let Some(luke) = holders[2].take()
        {
            luke.kill();
        }
        if !has_seen_chunk && event["chunks"] != json!([]) && event["state"] == "running" {
            has_seen_chunk = true;
            let hans = holders[0].as_mut().unwrap();
            // Who has a chunk is a holder at once.
            holders_with(hans, "searchFile plans.pdf", "leia");
        }
        assert_ne!(event["state"], "failed", "{event}");
        if event["state"] == "done" {
            break event;
        }
    };
    if holders[2].is_some() || !has_seen_chunk {
        return None;
    }
    let liar = there["sources"].as_array().unwrap().iter().find(|source| source["user"] == "yoda").unwrap();
    assert_eq!(liar["dropped"], "gave something else than the file");
    assert!(fs::read(path_of(&there)).unwrap() == fs::read(&path).unwrap());
    Some(())
}

#[test]
fn one_chunk_comes_from_the_peer_of_a_private_session() {
    let (site, _server, mut hans, mut yoda) = in_session(Rules::default());
    yoda.line("private leia download plans.pdf 3");
    assert_eq!(yoda.until("error")["code"], "no_session");
    yoda.line("private hans download plans.pdf 3");
    assert_eq!(yoda.until("error")["code"], "not_available");
    let path = file(&site.profile("hans"), "plans.pdf", 5 * MIB);
    hans.line(&format!("register {}", path.display()));
    hans.until("ok");
    yoda.line("private hans download plans.pdf 3");
    let there = transfer(&mut yoda, "done");
    assert_eq!(there["chunks"], json!([3]));
    let (got, original) = (fs::read(path_of(&there)).unwrap(), fs::read(&path).unwrap());
    let chunk = (5 * MIB).div_ceil(10);
    assert_eq!(got[2 * chunk..3 * chunk], original[2 * chunk..3 * chunk]);
    let holders = holders_with(&mut hans, "searchFile plans.pdf", "yoda");
    assert_eq!(holders, [json!({"user": "yoda", "chunks": [3]})]);
}
