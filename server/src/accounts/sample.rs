//! The sample accounts of the repository: their passwords are published.

use whoelse_proto::{Password, UserName};

use super::file::{self, Secret};
use super::key::ServerKey;
use crate::data_dir::Paths;

/// Names and passwords of the `credentials.txt` in the repository.
const SAMPLE: [(&str, &str); 10] = [
    ("hans", "falcon"),
    ("yoda", "wise"),
    ("vader", "sithlord"),
    ("r2d2", "socute"),
    ("c3p0", "droid"),
    ("leia", "blasterpistol"),
    ("obiwan", "jedimaster"),
    ("luke", "lightsaber"),
    ("chewy", "wookiee"),
    ("palpatine", "darkside"),
];

/// What some editors put in front of a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether this is the password that is published for a name.
pub(super) fn is_published(name: &str, password: &str) -> bool {
    SAMPLE.contains(&(name, password))
}

/// The accounts of a file that have the password that is published for them, readable or sealed. A file that cannot be
/// read has none: whoever opens it says what is wrong with it. Looking at a sealed one costs an Argon2.
#[must_use]
pub fn published_passwords(paths: &Paths) -> Vec<UserName> {
    let Ok(content) = super::read(&paths.credentials) else { return Vec::new() };
    let text = String::from_utf8_lossy(&content);
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let readable = lines.filter(|(name, word)| is_published(name, word));
    let readable = readable.filter_map(|(name, _)| UserName::new(name).ok());
    readable.chain(sealed(&content, paths)).collect()
}

/// Those whose published password is sealed.
fn sealed(content: &[u8], paths: &Paths) -> Vec<UserName> {
    // Without a key there is nothing sealed; to look makes none.
    if !paths.opaque_key().exists() {
        return Vec::new();
    }
    let Ok(key) = ServerKey::open(&paths.opaque_key()) else { return Vec::new() };
    let Ok(parsed) = file::parse(content, key.id(), &paths.credentials) else { return Vec::new() };
    let has = |(name, password): &(&str, &str)| {
        let (name, password) = (UserName::new(name).ok()?, Password::new(password).ok()?);
        match parsed.accounts.get(&name)? {
            Secret::Sealed(sealed) => sealed.opens_with(&key, &name, &password).then_some(name),
            Secret::Plain(_) => None,
        }
    };
    SAMPLE.iter().filter_map(has).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::testing::{Place, name};
    use super::*;

    #[test]
    fn the_sample_file_is_known_line_by_line() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../credentials.txt");
        let paths = Paths { credentials: repository, ..Place::new("").paths() };
        assert_eq!(published_passwords(&paths).len(), SAMPLE.len());
    }

    #[test]
    fn a_name_of_the_sample_file_with_another_password_is_like_any_other() {
        let place = Place::new("hans falcon2\r\nyoda wise\r\nanna falcon\n");
        assert_eq!(published_passwords(&place.paths()), [name("yoda")]);
        place.write("\u{feff}hans falcon\n");
        assert_eq!(published_passwords(&place.paths()), [name("hans")], "behind the mark of an editor");
        let nowhere = Paths { credentials: place.paths().data_dir.join("none"), ..place.paths() };
        assert!(published_passwords(&nowhere).is_empty());
    }

    #[test]
    fn a_published_password_is_known_when_it_is_sealed_too() {
        let place = Place::new("hans falcon2\nyoda wise\nanna falcon\n");
        assert_eq!(place.open().seal().unwrap(), 3);
        assert_eq!(published_passwords(&place.paths()), [name("yoda")]);
    }
}
