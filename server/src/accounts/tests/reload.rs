//! What a running server makes of a file that someone else changed.

use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use whoelse_hub::StoreFault;

use crate::accounts::testing::{Place, logs_in, name, upload};
use crate::accounts::{AccountsError, Changes, LineFault, Successor, When};

fn changes(added: &[&str], removed: &[&str], changed: &[&str]) -> Changes {
    let names = |list: &[&str]| list.iter().map(|raw| name(raw)).collect();
    Changes { added: names(added), removed: names(removed), changed: names(changed) }
}

#[test]
fn a_file_that_was_left_alone_changes_nothing() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    for seconds in [9, 9, 8] {
        place.age(seconds);
        assert_eq!(accounts.reload_if_changed().unwrap(), None);
    }
}

#[test]
fn names_come_go_and_get_another_password() {
    let place = Place::new("hans falcon\nyoda wise\nleia blasterpistol\n");
    let accounts = place.open();
    place.write("leia blasterpistol\nhans other\nluke lightsaber\n");
    place.age(9);

    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&["luke"], &["yoda"], &["hans"])));
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    assert!(logs_in(&accounts, "hans", "other") && !logs_in(&accounts, "hans", "falcon"));
    assert!(logs_in(&accounts, "luke", "lightsaber"));
    assert!(!logs_in(&accounts, "yoda", "wise"));
}

#[test]
fn a_file_that_is_being_written_waits() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let accounts = place.open();
    place.write("hans falcon\n");
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    place.age(9);
    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&[], &["yoda"], &[])));
}

#[test]
fn a_broken_file_is_reported_once_and_the_accounts_stay() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    place.write("yoda wise\nbroken\n");
    place.age(9);

    let error = accounts.reload_if_changed().unwrap_err();
    assert!(matches!(error, AccountsError::Line { line: 2, fault: LineFault::NoSecret, .. }));
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    assert!(logs_in(&accounts, "hans", "falcon"));

    fs::remove_file(place.paths().credentials).unwrap();
    assert!(accounts.reload_if_changed().is_err());
    assert_eq!(accounts.reload_if_changed().unwrap(), None);

    place.write("yoda wise\n");
    place.age(9);
    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&["yoda"], &["hans"], &[])));
}

#[test]
fn a_file_that_is_as_it_was_before_it_broke_changes_nothing() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    place.write("broken\n");
    place.age(9);
    assert!(accounts.reload_if_changed().is_err());
    place.write("hans falcon\n");
    place.age(8);
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
}

#[test]
fn sealing_is_no_change_of_a_password_and_a_new_one_in_the_same_step_is() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let accounts = place.open();
    place.open().seal().unwrap();
    place.age(9);
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    assert_eq!(accounts.plain_count(), 0);
    assert!(logs_in(&accounts, "hans", "falcon"));

    let sealed = place.text();
    place.write("hans falcon\nyoda other\n");
    place.age(8);
    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&[], &[], &["yoda"])));

    place.write(&sealed);
    place.age(7);
    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&[], &[], &["yoda"])));
    assert!(logs_in(&accounts, "yoda", "wise"));
}

#[test]
fn an_account_that_the_server_made_itself_is_no_news_and_the_administrators_line_beside_it_is() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    place.write("hans falcon\nyoda wise\n");
    accounts.create(&name("new"), &upload(&accounts, "new", "x")).unwrap();
    place.age(9);
    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&["yoda"], &[], &[])));
    assert!(logs_in(&accounts, "new", "x"));
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
}

#[test]
fn a_password_that_its_owner_changed_holds_at_once_and_is_no_news_of_the_file() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let accounts = place.open();
    accounts.replace(&name("hans"), &upload(&accounts, "hans", "x")).unwrap();
    assert!(!place.text().contains("falcon"));
    place.age(9);
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    for accounts in [accounts, place.open()] {
        assert!(logs_in(&accounts, "hans", "x") && !logs_in(&accounts, "hans", "falcon"));
        assert!(logs_in(&accounts, "yoda", "wise"));
        assert!(accounts.replace(&name("nobody"), &upload(&accounts, "nobody", "x")).is_err());
    }
}

#[test]
fn the_record_of_a_plain_password_is_kept_over_a_reload_that_does_not_touch_it() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    assert!(logs_in(&accounts, "hans", "falcon"));
    place.write("hans falcon\nyoda wise\n");
    place.age(9);
    accounts.reload_if_changed().unwrap();
    assert!(accounts.get(&name("hans")).unwrap().sealed.get().is_some());
}

#[test]
fn the_stamp_is_that_of_the_file_whose_passwords_are_in_force() {
    let place = Place::new("hans falcon\n");
    place.age(9);
    let accounts = place.open();
    let first = accounts.file_stamp().unwrap();
    assert_eq!(place.open().file_stamp(), Some(first));

    place.write("broken");
    place.age(8);
    assert!(accounts.reload_if_changed().is_err());
    assert_eq!(accounts.file_stamp(), Some(first), "the broken file is not in force");

    place.write("yoda wise\n");
    place.age(7);
    accounts.reload_if_changed().unwrap();
    assert_ne!(accounts.file_stamp(), Some(first));
    assert_eq!(accounts.file_stamp(), place.open().file_stamp());

    accounts.create(&name("new"), &upload(&accounts, "new", "x")).unwrap();
    assert_eq!(accounts.reload_if_changed().unwrap(), None, "read at once, for this process wrote it whole");
    assert_eq!(accounts.file_stamp(), place.open().file_stamp());
}

#[test]
fn a_file_that_the_server_made_of_the_one_in_force_is_in_force_at_once() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    let first = accounts.file_stamp().unwrap();
    for new in ["new", "newer"] {
        assert_eq!(accounts.create(&name(new), &upload(&accounts, new, "secret")), Ok(()));
    }
    let is = accounts.file_stamp().unwrap();
    assert_eq!(place.open().file_stamp(), Some(is));
    assert_eq!(accounts.take_successor(), Some(Successor { of: first, is }));
    assert_eq!(accounts.take_successor(), None);
}

#[test]
fn a_file_that_others_changed_before_the_server_did_is_read_first() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    let first = accounts.file_stamp();
    place.write("hans other\n");
    place.age(9);
    assert_eq!(accounts.create(&name("new"), &upload(&accounts, "new", "secret")), Ok(()));
    assert_eq!((accounts.file_stamp(), accounts.take_successor()), (first, None));
}

#[test]
fn a_file_that_was_emptied_or_cut_short_is_reported_and_the_accounts_stay() {
    let all = "hans falcon\nyoda wise\nleia blasterpistol\nluke lightsaber\nchewy wookiee\n";
    for (age, after) in
        (2..9).rev().zip(["", "\n\n", &all[..20], &all[..30], &all[..all.len() - 2], "hans falcon\nyoda wise\n"])
    {
        let place = Place::new(all);
        let accounts = place.open();
        place.write(after);
        place.age(age);
        let error = accounts.reload_if_changed().unwrap_err().to_string();
        assert!(error.contains("credentials.txt") && error.contains("backup"), "{error}");
        assert_eq!(accounts.reload_if_changed().unwrap(), None, "once");
        assert_eq!(accounts.names().len(), 5);
        assert!(logs_in(&accounts, "chewy", "wookiee"));

        place.write(all);
        place.age(1);
        assert_eq!(accounts.reload_if_changed().unwrap(), None, "it is back");
    }
}

#[test]
fn the_last_account_goes_when_it_is_removed_by_order() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    accounts.remove_all(&[name("hans")]).unwrap();
    assert_eq!(accounts.reload(When::Now).unwrap(), Some(changes(&[], &["hans"], &[])));
    assert_eq!(accounts.reload(When::Now).unwrap(), None);
    assert_eq!(place.text(), "");
}

#[test]
fn a_file_is_read_at_once_when_the_administrator_says_so() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    place.write("hans falcon\nyoda wise\n");
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    assert_eq!(accounts.reload(When::Now).unwrap(), Some(changes(&["yoda"], &[], &[])));
}

#[test]
fn a_file_that_was_only_touched_is_in_force_under_its_new_stamp() {
    let place = Place::new("hans falcon\n");
    place.age(9);
    let accounts = place.open();
    let first = accounts.file_stamp().unwrap();
    place.age(8);
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    let touched = accounts.file_stamp().unwrap();
    assert_ne!(touched, first);
    assert_eq!(place.open().file_stamp(), Some(touched));
}

#[test]
fn who_left_by_order_may_not_go_missing_again_once_they_are_back() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    accounts.remove_all(&[name("hans")]).unwrap();
    assert_eq!(accounts.reload(When::Now).unwrap(), Some(changes(&[], &["hans"], &[])));
    place.write("hans falcon\n");
    assert_eq!(accounts.reload(When::Now).unwrap(), Some(changes(&["hans"], &[], &[])));
    place.write("");
    assert!(matches!(accounts.reload(When::Now), Err(AccountsError::Emptied { known: 1, .. })));
}

/// Another file with the length and the time of the old one.
#[cfg(unix)]
#[test]
fn a_file_in_the_place_of_another_with_its_length_and_time_is_read() {
    let place = Place::new("hans falcon\n");
    place.age(9);
    let accounts = place.open();
    assert_eq!(accounts.reload_if_changed().unwrap(), None);
    let credentials = place.paths().credentials;
    let modified = fs::metadata(&credentials).unwrap().modified().unwrap();
    let other = credentials.with_extension("new");
    fs::write(&other, "hans dagger\n").unwrap();
    fs::File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
    fs::rename(&other, &credentials).unwrap();
    assert_eq!(accounts.reload_if_changed().unwrap(), Some(changes(&[], &[], &["hans"])));
}

/// What is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// How often this was logged.
    fn count(&self, words: &str) -> usize {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().matches(words).count()
    }
}

#[test]
fn a_change_that_fails_is_logged_once_until_one_works() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        let place = Place::new("hans falcon\n");
        let accounts = place.open();
        let make = |new: &str| accounts.create(&name(new), &upload(&accounts, new, "secret"));
        for (age, expected) in [(9, 1), (7, 2)] {
            let good = place.text();
            place.write(format!("{good}broken\n"));
            place.age(age);
            for _ in 0..3 {
                assert_eq!(make("luke"), Err(StoreFault::Unavailable));
            }
            assert_eq!(log.count("no account can be made"), expected);
            place.write(good);
            place.age(age - 1);
            assert_eq!(make(&format!("new{age}")), Ok(()));
        }
        assert_eq!(log.count("no account can be made"), 2, "what works is not logged");
    });
}
