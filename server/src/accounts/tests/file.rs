//! What may stand in the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use whoelse_proto::{NameError, PasswordError};

use crate::accounts::file::{self, Secret};
use crate::accounts::testing::{Place, logs_in, name};
use crate::accounts::{Accounts, AccountsError, KeyId, LineFault, MissingFile, SecretKind, read_up_to};
use crate::data_dir::Paths;

fn fault(credentials: impl AsRef<[u8]>) -> (usize, LineFault) {
    match Place::new(credentials).try_open() {
        Err(AccountsError::Line { line, fault, .. }) => (line, fault),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_is_read_whatever_ends_its_lines() {
    for text in [
        "hans falcon\nyoda wise\n",
        "hans falcon\r\nyoda wise\r\n",
        "hans falcon\nyoda wise",
        "hans falcon\r\nyoda wise\r",
        "\n\nhans falcon\r\n\r\nyoda wise\n\n",
        "\u{feff}hans falcon\nyoda wise",
    ] {
        let accounts = Place::new(text).open();
        assert_eq!(accounts.names(), BTreeSet::from([name("hans"), name("yoda")]), "{text:?}");
        assert_eq!(accounts.plain_count(), 2);
        assert!(logs_in(&accounts, "yoda", "wise"), "{text:?}");
    }
    assert_eq!(Place::new("").open().names(), BTreeSet::new());
}

#[test]
fn every_character_that_may_stand_in_a_name_or_a_password_does() {
    let odd = "~!@#$%^&*_-+=|\\(){}[]:;\"'<>,.?/`";
    let accounts = Place::new(format!("{odd} {odd}\n#no comment\nHans a\nhans b\n")).open();
    assert_eq!(accounts.names().len(), 4);
    assert!(logs_in(&accounts, odd, odd));
    assert!(logs_in(&accounts, "#no", "comment"));
    assert!(logs_in(&accounts, "Hans", "a") && !logs_in(&accounts, "hans", "a"), "case counts");
}

#[test]
fn a_wrong_line_is_told_by_its_number_and_reason() {
    let long = format!("hans {}", "x".repeat(129));
    let long_name = format!("{} x", "n".repeat(33));
    let cases: [(&[u8], usize, LineFault); 13] = [
        (b"hans falcon\nyoda\n", 2, LineFault::NoSecret),
        (b"hans\tfalcon", 1, LineFault::NoSecret),
        (b"  ", 1, LineFault::Name(NameError::Empty)),
        (b" hans falcon", 1, LineFault::Name(NameError::Empty)),
        (b"hans  falcon", 1, LineFault::Password(PasswordError::Character)),
        (b"hans falcon ", 1, LineFault::Password(PasswordError::Character)),
        (b"hans ", 1, LineFault::Password(PasswordError::Empty)),
        (long.as_bytes(), 1, LineFault::Password(PasswordError::TooLong)),
        (long_name.as_bytes(), 1, LineFault::Name(NameError::TooLong)),
        (b"\nhans a\nyoda b\n\nhans c", 5, LineFault::Duplicate { first: 2 }),
        (b"hans f\xff", 1, LineFault::Password(PasswordError::Character)),
        (b"h\xc3\xa4ns falcon", 1, LineFault::Name(NameError::Character)),
        (b"hans fal\0con", 1, LineFault::Password(PasswordError::Character)),
    ];
    for (text, line, expected) in cases {
        assert_eq!(fault(text), (line, expected), "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn an_error_names_the_file_and_the_line_and_never_a_password() {
    for text in ["hans hunter2\nhans hunter2", "hans hunter2 hunter2", "hunter2", "hans \u{e4}hunter2"] {
        let place = Place::new(text);
        let error = place.try_open().unwrap_err();
        let (shown, inside) = (error.to_string(), format!("{error:?}"));
        assert!(shown.contains("credentials.txt, line "), "{shown}");
        assert!(!shown.contains("hunter2") && !inside.contains("hunter2"), "{shown} {inside}");
    }
    let accounts = Place::new("hans hunter2").open();
    assert!(!format!("{accounts:?}").contains("hunter2"));
}

#[test]
fn a_sealed_password_that_was_damaged_is_told() {
    let place = Place::new("hans falcon\n");
    place.open().seal().unwrap();
    let sealed = place.text();
    let sealed = sealed.trim_end();
    for damaged in [
        sealed.replace("$2$", "$1$"),
        sealed.replace("$2$", "$3$"),
        sealed[..sealed.len() - 4].to_owned(),
        format!("{sealed}AAAA"),
        format!("{}!", &sealed[..sealed.len() - 1]),
        "hans $opaque$".to_owned(),
        "hans $opaque$1$00$AAAA".to_owned(),
    ] {
        place.write(&damaged);
        let error = place.try_open().unwrap_err();
        assert!(matches!(error, AccountsError::Line { line: 1, fault: LineFault::Damaged, .. }), "{damaged}: {error}");
    }
}

#[test]
fn a_password_sealed_for_another_data_folder_is_told_with_both_keys() {
    let (place, other) = (Place::new("hans falcon\n"), Place::new("yoda wise\n"));
    place.open().seal().unwrap();
    other.open();
    other.write(place.text());
    let error = other.try_open().unwrap_err();
    let AccountsError::Line { line: 1, fault: LineFault::OtherKey { theirs, ours }, .. } = error else {
        panic!("{error}")
    };
    assert_ne!(theirs, ours);
    assert!(place.text().contains(&theirs.to_string()));
}

#[test]
fn a_missing_file_is_made_or_refused_with_the_way_to_make_it() {
    let place = Place::new("");
    let path = place.paths().credentials;
    fs::remove_file(&path).unwrap();

    let error = place.try_open().unwrap_err();
    assert!(matches!(&error, AccountsError::Missing(missing) if *missing == path));
    assert!(error.to_string().contains("whoelse-server user add"), "{error}");
    assert!(!path.exists());

    let accounts = Accounts::open(&place.paths(), MissingFile::Create).unwrap();
    assert_eq!(accounts.names(), BTreeSet::new());
    assert_eq!(fs::read(&path).unwrap(), b"");
}

#[test]
fn a_file_that_cannot_be_made_is_told_as_that() {
    let place = Place::new("");
    let paths = place.paths();
    let credentials = paths.data_dir.join("nowhere").join("credentials.txt");
    let opened = Accounts::open(&Paths { credentials, ..paths }, MissingFile::Create);
    assert!(matches!(opened, Err(AccountsError::Io { action: "make", .. })), "{opened:?}");
}

/// As where two servers start at once: the file is not there, and then it cannot be made, because something is.
#[cfg(unix)]
#[test]
fn who_comes_second_to_make_the_file_takes_what_is_there() {
    let place = Place::new("");
    let path = place.paths().credentials;
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(path.with_extension("later"), &path).unwrap();
    let opened = Accounts::open(&place.paths(), MissingFile::Create);
    assert!(matches!(&opened, Err(AccountsError::Missing(missing)) if *missing == path), "{opened:?}");
    fs::write(path.with_extension("later"), "hans falcon\n").unwrap();
    let accounts = Accounts::open(&place.paths(), MissingFile::Create).unwrap();
    assert_eq!(accounts.names(), BTreeSet::from([name("hans")]));
}

#[test]
fn a_file_is_read_up_to_its_limit_and_not_a_byte_more() {
    let place = Place::new("hans falcon\n");
    let path = place.paths().credentials;
    assert_eq!(read_up_to(&path, 12).unwrap().as_slice(), b"hans falcon\n");
    assert!(matches!(read_up_to(&path, 11), Err(AccountsError::Oversized { limit: 11, .. })));
}

#[test]
fn a_file_that_is_none_of_accounts_is_not_read_into_memory() {
    let place = Place::new("");
    let file = fs::File::options().write(true).open(place.paths().credentials).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(place.try_open(), Err(AccountsError::Oversized { .. })));
}

#[test]
fn the_kinds_of_passwords_are_told() {
    let place = Place::new("hans falcon\n");
    place.open().seal().unwrap();
    place.write(place.text() + "yoda wise\n");
    let accounts = place.open();
    let expected = BTreeMap::from([(name("hans"), SecretKind::Sealed), (name("yoda"), SecretKind::Plain)]);
    assert_eq!(accounts.kinds(), expected);
    assert_eq!(accounts.plain_count(), 1);
}

/// Lines of a file: names that differ, passwords, and what ends each.
fn lines() -> impl Strategy<Value = Vec<(String, String, &'static str)>> {
    let password = "[!-~]{1,8}".prop_filter("a sealed one is none", |word| !word.starts_with("$opaque$"));
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r\n\r\n"]);
    let lines = prop::collection::vec(("[!-~]{1,8}", password, end), 1..8);
    lines.prop_map(|mut lines| {
        let mut seen = BTreeSet::new();
        lines.retain(|(name, _, _)| seen.insert(name.clone()));
        lines
    })
}

fn id() -> KeyId {
    KeyId::parse("0123456789abcdef").unwrap()
}

fn plain(content: &[u8]) -> Vec<(String, String)> {
    let accounts = file::parse(content, id(), Path::new("credentials.txt")).unwrap();
    let shown = |secret: &Secret| match secret {
        Secret::Plain(password) => password.expose().to_owned(),
        Secret::Sealed(_) => panic!("none is sealed"),
    };
    accounts.accounts.iter().map(|(name, secret)| (name.to_string(), shown(secret))).collect()
}

proptest! {
    #[test]
    fn a_change_touches_one_account_and_no_byte_of_another(
        lines in lines(), mark in prop::sample::select(vec!["", "\u{feff}"]), chosen in any::<prop::sample::Index>(),
    ) {
        let written = |(name, password, end): &(String, String, &str)| format!("{name} {password}{end}");
        let text = lines.iter().map(written).collect::<Vec<_>>().concat();
        let text = format!("{mark}{}", text.trim_end_matches('\n'));
        let content = text.as_bytes();
        let before = plain(content);
        prop_assert_eq!(before.len(), lines.len());

        let new = name("a-new-name-of-its-own");
        let shape = file::parse(content, id(), Path::new("credentials.txt")).unwrap().shape;
        let lines_added = file::appended(shape, &[(new, "new".to_owned())]);
        let appended = [content, &lines_added].concat();
        prop_assert_eq!(plain(&appended).len(), before.len() + 1);
        prop_assert_eq!(shape.with(&lines_added), file::parse(&appended, id(), Path::new("f")).unwrap().shape);
        let end = lines_added.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (ended, line) = ([content, &lines_added[..end]].concat(), &lines_added[end..]);
        for kept in 0..line.len() {
            // Of a crash: the first byte is written last, and any of the others may be missing.
            let mut torn = [&ended[..], &line[..kept]].concat();
            torn.resize(ended.len() + line.len(), 0);
            torn[ended.len()] = 0;
            prop_assert_eq!(file::finished(&torn), &ended[..]);
            prop_assert_eq!(plain(&torn), before.clone());
        }

        let chosen = name(&lines[chosen.index(lines.len())].0);
        let others: Vec<_> = before.iter().filter(|(name, _)| name != chosen.as_str()).cloned().collect();
        prop_assert_eq!(plain(&file::without(content, &BTreeSet::from([chosen.as_str()]))), others);

        let changed = plain(&file::with_words(content, &BTreeMap::from([(chosen.clone(), "new".to_owned())])));
        let expected = before.into_iter().map(|(name, password)| {
            let password = if name == chosen.as_str() { "new".to_owned() } else { password };
            (name, password)
        });
        prop_assert_eq!(changed, expected.collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = file::parse(&bytes, id(), Path::new("credentials.txt"));
        let _ = file::without(&bytes, &BTreeSet::from(["hans"]));
        let _ = file::with_words(&bytes, &BTreeMap::from([(name("hans"), "x".to_owned())]));
    }
}
