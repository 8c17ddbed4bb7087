//! What an administrator reads where the system refuses something: the path, what is wrong in plain words, what helps.

use std::fs;

use crate::Place;

/// Runs a failing order; its one line names the path and holds these words, and none of the system's numbers.
fn assert_plain(place: &Place, words: &str, told: &[&str]) {
    let ended = place.run(words);
    ended.assert_failed(told);
    assert!(!ended.err.contains("os error") && !ended.err.contains("(code "), "{words}: {ended:?}");
}

#[test]
fn a_file_of_accounts_that_cannot_be_read_is_told_by_its_path_and_what_helps() {
    let place = Place::new("");
    fs::create_dir(place.path().join("folder")).unwrap();
    for order in ["user list", "seal", "user remove hans", "user kick hans", "0 --bind 127.0.0.1"] {
        assert_plain(&place, &format!("{order} --credentials folder"), &["folder", "name a file"]);
        let below_a_file = format!("{order} --credentials credentials.txt/x");
        assert_plain(&place, &below_a_file, &["credentials.txt/x", "check the path"]);
    }
    let nowhere = "0 --bind 127.0.0.1 --credentials no/where.txt";
    assert_plain(&place, nowhere, &["cannot make no/where.txt", "check the path"]);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told_by_its_path_and_what_helps() {
    let place = Place::new("hans falcon\n");
    fs::write(place.path().join("data"), "a file").unwrap();
    for order in ["fingerprint", "invite --uses 1", "seal", "0 --bind 127.0.0.1"] {
        assert_plain(&place, order, &["data", ";"]);
    }
    let place = Place::new("hans falcon\n");
    fs::create_dir_all(place.path().join("data/tls.key")).unwrap();
    assert_plain(&place, "fingerprint", &["data/tls.key", "it is a folder"]);
    let place = Place::new("");
    fs::create_dir_all(place.path().join("data/whoelse.sqlite")).unwrap();
    assert_plain(&place, "invite list", &["data/whoelse.sqlite"]);
    assert_plain(&place, "0 --bind 127.0.0.1", &["data/whoelse.sqlite"]);
}

#[test]
fn a_port_that_cannot_be_had_is_told_with_what_helps() {
    let place = Place::new("");
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let start = format!("{port} --bind 127.0.0.1");
    assert_plain(&place, &start, &[&format!("cannot listen on 127.0.0.1:{port}"), "choose another port"]);
}
