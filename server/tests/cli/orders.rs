//! Orders of the administrator.

use crate::{Ended, Place};

#[test]
fn accounts_are_added_listed_sealed_and_removed() {
    let place = Place::new("hans falcon\n");
    assert_eq!(place.run_with_input("user add yoda", "wise\n"), Ended::said("added yoda to credentials.txt\n"));
    assert!(place.credentials().starts_with("hans falcon\nyoda $opaque$"), "{}", place.credentials());
    let list = |name: &str, kind: &str| format!("{name:<24} {kind}\n");
    assert_eq!(place.run("user list"), Ended::said(&(list("hans", "plain") + &list("yoda", "sealed"))));
    assert_eq!(place.run("seal"), Ended::said("sealed 1 password in credentials.txt\n"));
    assert_eq!(place.run("seal"), Ended::said("no plain password in credentials.txt\n"));
    assert_eq!(place.run("user remove hans"), Ended::said("removed hans from credentials.txt\n"));
    assert_eq!(place.run("user list"), Ended::said(&list("yoda", "sealed")));
    assert!(!place.credentials().contains("falcon"));
}

#[test]
fn an_account_gets_another_password_and_its_line_stays_where_it_is() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let told = Ended::said("hans has a new password in credentials.txt\n");
    assert_eq!(place.run_with_input("user passwd hans", "solo\n"), told);
    let after = place.credentials();
    assert!(after.starts_with("hans $opaque$2$") && after.ends_with("\nyoda wise\n"), "{after}");
    assert_eq!(place.run_with_input("user passwd hans", "chewbacca\n"), told);
    assert_ne!(place.credentials(), after);
    place.run("user passwd leia").assert_failed(&["no account leia"]);
}

#[test]
fn an_order_that_cannot_be_done_says_why_in_one_line() {
    let place = Place::new("hans falcon\n");
    place.run_with_input("user add hans", "other\n").assert_failed(&["there is an account hans already"]);
    place.run_with_input("user add yoda", "two words\n").assert_failed(&["a password holds letters"]);
    place.run_with_input("user add yoda", "").assert_failed(&["a password has at least one character"]);
    place.run("user remove yoda").assert_failed(&["no account yoda"]);
    place.run("user unlock yoda").assert_failed(&["no account yoda"]);
    place.run("user unlock hans").assert_failed(&["no server runs on"]);
    place.run("invite --host two/words").assert_failed(&["two/words"]);
    place.run("user list --credentials none").assert_failed(&["no file of accounts at none"]);
    assert_eq!(place.credentials(), "hans falcon\n");
}

#[test]
fn an_invitation_carries_the_fingerprint() {
    let place = Place::new("");
    let fingerprint = place.run("fingerprint");
    assert_eq!((fingerprint.status, fingerprint.out.trim_end().len()), (Some(0), 64), "{fingerprint:?}");
    let invitation = format!("whoelse://server.lan:4000#{}", fingerprint.out);
    assert_eq!(place.run("invite --host server.lan --port 4000"), Ended::said(&invitation));
    assert_eq!(place.run("fingerprint"), fingerprint, "the key is made once");
}

#[test]
fn an_invitation_with_a_secret_is_listed_and_taken_back_though_no_server_has_run() {
    let place = Place::new("");
    assert_eq!(place.run("invite list"), Ended::said(""));
    let invited = place.run("invite --host server.lan --uses 3 --days 2");
    assert_eq!(invited.status, Some(0), "{invited:?}");
    let (before, secret) = invited.out.trim_end().split_once(",invite=").unwrap();
    assert!(before.starts_with("whoelse://server.lan:3331#") && secret.len() == 32, "{invited:?}");
    assert!(invited.err.contains("3 accounts") && invited.err.contains("--registration invite"), "{invited:?}");
    assert_eq!(place.run("invite list"), Ended::said("1      0 of 3 used, good for 2 days\n"));
    place.run("invite revoke 2").assert_failed(&["no invitation number 2", "invite list"]);
    assert_eq!(place.run("invite revoke 1"), Ended::said("invitation 1 is taken back\n"));
    assert_eq!(place.run("invite list"), Ended::said(""));
    for words in ["invite --uses 0", "invite --uses 10001", "invite --days 0", "invite --days 367", "invite revoke x"] {
        assert_eq!(place.run(words).status, Some(2), "{words}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_order_that_names_no_folder_touches_nothing_of_a_server_with_a_folder_of_its_own() {
    let place = Place::new("hans falcon\n");
    let home = place.path().join("home");
    for words in [
        "user list",
        "user add yoda",
        "user passwd hans",
        "user remove hans",
        "seal",
        "invite",
        "invite --uses 1",
        "fingerprint",
    ] {
        let mut order = std::process::Command::new(env!("CARGO_BIN_EXE_whoelse-server"));
        order.current_dir(place.path()).args(words.split_whitespace()).stdin(std::process::Stdio::null());
        let output = order.env("HOME", &home).env("XDG_DATA_HOME", home.join("data")).output().unwrap();
        Ended::of(&output).assert_failed(&["no server has used credentials.txt", "--data-dir DIR"]);
    }
    assert_eq!(place.credentials(), "hans falcon\n");
    assert!(!home.exists(), "no key is made");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let place = Place::new("");
    for words in ["nonsense", "99999", "3331 -5", "3331 60 1800 1", "3331 seal", "user add", "--bind here"] {
        let ended = place.run(words);
        assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""), "{words}: {ended:?}");
        assert!(ended.err.starts_with("error: "), "{words}: {ended:?}");
    }
    assert!(!place.path().join("data").exists());
}

#[test]
fn help_and_version_are_no_errors() {
    let place = Place::new("");
    let help = place.run("--help");
    assert_eq!((help.status, help.err.as_str()), (Some(0), ""));
    assert!(help.out.contains("[PORT] [BLOCK_DURATION] [TIMEOUT]"), "{}", help.out);
    assert_eq!(place.run("--version").out, format!("whoelse-server {}\n", env!("CARGO_PKG_VERSION")));
}
