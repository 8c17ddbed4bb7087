//! Changes of the file: by clients, by the administrator, by both at once.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use whoelse_hub::StoreFault;
use whoelse_proto::Password;

use crate::accounts::testing::{Place, logs_in, name, upload};
use crate::accounts::{Accounts, AccountsError};

fn password(raw: &str) -> Password {
    Password::new(raw).unwrap()
}

/// The names in the file, line by line.
fn lines(place: &Place) -> Vec<String> {
    place.text().lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// What lies beside the file.
fn folder(place: &Place) -> Vec<String> {
    let folder = place.paths().credentials.parent().unwrap().to_path_buf();
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_account_that_a_client_makes_is_appended_sealed_and_logs_in() {
    for (before, start) in [
        ("hans falcon", "hans falcon\nnew $opaque$"),
        ("hans falcon\n", "hans falcon\nnew $opaque$"),
        ("hans falcon\r\n", "hans falcon\r\nnew $opaque$"),
        ("", "new $opaque$"),
    ] {
        let place = Place::new(before);
        let accounts = place.open();
        assert_eq!(accounts.create(&name("new"), &upload(&accounts, "new", "secret")), Ok(()));
        assert!(place.text().starts_with(start), "{:?}", place.text());
        assert!(place.text().ends_with('\n'));
        assert!(!place.text().contains("secret"));
        for accounts in [accounts, place.open()] {
            assert!(logs_in(&accounts, "new", "secret"));
            assert!(!logs_in(&accounts, "new", "falcon"));
        }
        assert_eq!(folder(&place), ["credentials.txt", "data"]);
    }
}

#[test]
fn an_account_that_exists_or_is_malformed_is_not_made() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    let (hans, new) = (upload(&accounts, "hans", "x"), upload(&accounts, "new", "y"));
    let names = ["hans", "new", "new", "junk"].map(name);
    let results =
        accounts.create_all(&[(&names[0], &hans), (&names[1], &new), (&names[2], &new), (&names[3], b"junk")]);
    assert_eq!(results, [Err(StoreFault::Exists), Ok(()), Err(StoreFault::Exists), Err(StoreFault::Unavailable)]);
    assert_eq!(lines(&place), ["hans", "new"]);
    assert_eq!(accounts.names().len(), 2);

    let before = place.text();
    assert_eq!(accounts.create(&name("hans"), &hans), Err(StoreFault::Exists));
    assert_eq!(place.text(), before);
}

#[test]
fn an_account_that_the_administrator_wrote_meanwhile_exists() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    place.write("hans falcon\nnew plain\n");
    assert_eq!(accounts.create(&name("new"), &upload(&accounts, "new", "x")), Err(StoreFault::Exists));
    assert_eq!(accounts.create(&name("other"), &upload(&accounts, "other", "x")), Ok(()));
    assert_eq!(lines(&place), ["hans", "new", "other"]);
}

#[test]
fn a_broken_or_missing_file_is_not_added_to() {
    let place = Place::new("hans falcon\n");
    let accounts = place.open();
    let new = upload(&accounts, "new", "x");
    place.write("hans falcon\nbroken");
    assert_eq!(accounts.create(&name("new"), &new), Err(StoreFault::Unavailable));
    assert_eq!(place.text(), "hans falcon\nbroken");

    fs::remove_file(place.paths().credentials).unwrap();
    assert_eq!(accounts.create(&name("new"), &new), Err(StoreFault::Unavailable));
    assert_eq!(folder(&place), ["data"]);
    assert!(!accounts.names().contains("new"));
    assert!(logs_in(&accounts, "hans", "falcon"));
}

#[test]
fn a_file_that_another_program_keeps_writing_is_not_added_to() {
    /// Where the other program stood still for longer, the file may have looked whole.
    const STOOD_STILL: Duration = Duration::from_millis(200);
    for _ in 0..100 {
        let place = Place::new("hans falcon\n");
        let accounts = place.open();
        let new = upload(&accounts, "new", "x");
        let done = AtomicBool::new(false);
        place.age(0);
        let (created, removed, pause) = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
                while !done.load(Ordering::Relaxed) {
                    place.age(0);
                    longest = longest.max(last.elapsed());
                    last = Instant::now();
                }
                longest.max(last.elapsed())
            });
            let outcome = (accounts.create(&name("new"), &new), accounts.remove_all(&[name("hans")]));
            done.store(true, Ordering::Relaxed);
            (outcome.0, outcome.1, writer.join().unwrap())
        });
        if pause < STOOD_STILL {
            assert_not_added(&place, &accounts, &new, (&created, &removed));
            return;
        }
    }
    panic!("this machine let the other program stand still each time");
}

fn assert_not_added(
    place: &Place,
    accounts: &Accounts,
    new: &[u8],
    (created, removed): (&Result<(), StoreFault>, &Result<(), AccountsError>),
) {
    assert_eq!(*created, Err(StoreFault::Unavailable));
    assert!(matches!(removed, Err(AccountsError::Busy(_))));
    assert_eq!(place.text(), "hans falcon\n");
    assert_eq!(accounts.create(&name("new"), new), Ok(()), "it came to rest");
}

#[test]
fn many_who_change_the_file_at_once_lose_no_line() {
    let place = Place::new("hans falcon\n");
    let server = place.open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (place, server) = (&place, &server);
            scope.spawn(move || {
                // Another process has no memory of the accounts in common with the server.
                let admin = place.open();
                for n in 0..5 {
                    let (client, by_hand) = (format!("client{thread}.{n}"), format!("admin{thread}.{n}"));
                    let record = upload(server, &client, "x");
                    assert_eq!(server.create(&name(&client), &record), Ok(()));
                    admin.add(&name(&by_hand), &password("x")).unwrap();
                }
            });
        }
    });
    assert_eq!(lines(&place).len(), 41);
    assert_eq!(place.open().names().len(), 41);
    assert_eq!(folder(&place), ["credentials.txt", "data"]);
}

#[test]
fn sealing_rewrites_plain_passwords_and_nothing_else() {
    let place = Place::new("hans falcon\r\n\r\nyoda wise\n\nleia blasterpistol");
    assert_eq!(place.open().seal().unwrap(), 3);
    let once = place.text();
    let ends: Vec<&str> = once.split_inclusive('\n').collect();
    assert!(ends[0].starts_with("hans $opaque$2$") && ends[0].ends_with("\r\n"), "{once:?}");
    assert_eq!(ends[1], "\r\n");
    assert!(ends[2].starts_with("yoda $opaque$2$"));
    assert_eq!(ends[3], "\n");
    assert!(ends[4].starts_with("leia $opaque$2$") && !ends[4].ends_with('\n'));
    assert_eq!(place.open().plain_count(), 0);
    assert!(logs_in(&place.open(), "leia", "blasterpistol"));

    assert_eq!(place.open().seal().unwrap(), 0);
    assert_eq!(place.text(), once);
}

#[test]
fn the_administrator_adds_and_removes_accounts() {
    let place = Place::new("hans falcon\nhansel x\n\nyoda wise\n");
    let admin = place.open();
    admin.add(&name("leia"), &password("$opaque$looks-sealed")).unwrap();
    assert!(logs_in(&place.open(), "leia", "$opaque$looks-sealed"));
    let exists = admin.add(&name("yoda"), &password("x")).unwrap_err();
    assert!(matches!(exists, AccountsError::Exists(who) if who == name("yoda")));

    admin.remove_all(&[name("hans")]).unwrap();
    assert!(place.text().starts_with("hansel x\n\nyoda wise\nleia $opaque$"), "{:?}", place.text());
    let before = place.text();
    admin.remove_all(&[name("hans")]).unwrap();
    assert_eq!(place.text(), before);
    let unknown = admin.set_password(&name("hans"), &password("x")).unwrap_err();
    assert!(matches!(unknown, AccountsError::Unknown(who) if who == name("hans")));
    admin.set_password(&name("yoda"), &password("wiser")).unwrap();
    assert!(logs_in(&place.open(), "yoda", "wiser") && !logs_in(&place.open(), "yoda", "wise"));
}

#[cfg(unix)]
#[test]
fn a_change_keeps_the_rights_of_the_file_and_the_link_to_it() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new("hans falcon\n");
    let path = place.paths().credentials;
    let real = path.with_file_name("elsewhere.txt");
    fs::rename(&path, &real).unwrap();
    symlink("elsewhere.txt", &path).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();

    let accounts: Accounts = place.open();
    accounts.create(&name("new"), &upload(&accounts, "new", "x")).unwrap();

    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(lines(&place), ["hans", "new"]);
}

#[test]
fn an_account_that_was_never_finished_is_cut_off_at_the_start_and_takes_no_other_with_it() {
    let place = Place::new("hans falcon\nyoda wise");
    let accounts = place.open();
    accounts.create(&name("new"), &upload(&accounts, "new", "secret")).unwrap();
    let whole = fs::read(place.paths().credentials).unwrap();
    let (before, added) = whole.split_at("hans falcon\nyoda wise\n".len());
    for kept in [1, 2, 9, added.len() - 1, added.len()] {
        let mut torn = [before, &added[..kept]].concat();
        torn[before.len()] = 0;
        place.write(&torn);
        place.age(9);
        let accounts = place.open();
        assert_eq!(accounts.names().len(), 2, "{kept}");
        accounts.tidy();
        assert_eq!(fs::read(place.paths().credentials).unwrap(), before, "{kept}");
    }

    let mut torn = whole.clone();
    torn[before.len()] = 0;
    place.write(&torn);
    place.age(9);
    let accounts = place.open();
    accounts.create(&name("other"), &upload(&accounts, "other", "secret")).unwrap();
    assert_eq!(lines(&place), ["hans", "yoda", "other"], "the next account takes its place");
}

#[test]
fn a_whole_file_is_not_touched_at_the_start() {
    let place = Place::new("hans falcon\n");
    place.age(9);
    let modified = || fs::metadata(place.paths().credentials).unwrap().modified().unwrap();
    let before = modified();
    place.open().tidy();
    assert_eq!(modified(), before);
}

#[test]
fn a_file_of_another_kind_is_not_taken_for_one_that_was_never_finished() {
    for content in [b"h\0a\0n\0s\0 \0f\0".as_slice(), b"hans falcon\n\0\x01\x02\xff", b"\x7fELF\0\0"] {
        let place = Place::new(content);
        assert!(place.try_open().is_err());
        assert_eq!(fs::read(place.paths().credentials).unwrap(), content);
    }
}

#[test]
fn many_accounts_are_added_without_the_file_being_read_or_written_again() {
    let place = Place::new("hans falcon\n");
    place.age(9);
    let accounts = place.open();
    let first = fs::metadata(place.paths().credentials).unwrap();
    for n in 0..5 {
        let of = format!("new{n}");
        accounts.create(&name(&of), &upload(&accounts, &of, "secret")).unwrap();
        assert_eq!(accounts.reload_if_changed().unwrap(), None);
    }
    assert_eq!(lines(&place).len(), 6);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(fs::metadata(place.paths().credentials).unwrap().ino(), first.ino(), "the same file, longer");
    }
    assert_eq!(place.open().file_stamp(), accounts.file_stamp());
}

#[test]
fn nothing_is_added_to_a_file_that_was_emptied() {
    let place = Place::new("hans falcon\nyoda wise\n");
    let accounts = place.open();
    place.write("");
    place.age(9);
    let new = upload(&accounts, "new", "secret");
    assert_eq!(accounts.create(&name("new"), &new), Err(StoreFault::Unavailable));
    assert_eq!(place.text(), "");
}

#[test]
fn copies_that_a_killed_process_left_beside_the_file_are_removed() {
    let place = Place::new("hans falcon\n");
    fs::write(place.paths().credentials.with_file_name(".whoelse-a1b2C3"), "hans old\n").unwrap();
    place.open().tidy();
    assert_eq!(folder(&place), ["credentials.txt", "data"]);
}
