//! The sample accounts of the repository: their passwords are published.

use std::path::Path;

use whoelse_proto::UserName;

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

/// The accounts of a file that have, readable, the password that is published for them. A file that cannot be read has
/// none: whoever opens it says what is wrong with it.
#[must_use]
pub fn published_passwords(credentials: &Path) -> Vec<UserName> {
    let Ok(content) = super::read(credentials) else { return Vec::new() };
    let content = String::from_utf8_lossy(&content);
    let lines = content.lines().filter_map(|line| line.split_once(' '));
    let published = lines.filter(|line| SAMPLE.contains(line));
    published.filter_map(|(name, _)| UserName::new(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_file_is_known_line_by_line() {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../credentials.txt");
        assert_eq!(published_passwords(&repository).len(), SAMPLE.len());
    }

    #[test]
    fn a_name_of_the_sample_file_with_another_password_is_like_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.txt");
        std::fs::write(&path, "hans falcon2\r\nyoda wise\r\nanna falcon\n").unwrap();
        assert_eq!(published_passwords(&path), [UserName::new("yoda").unwrap()]);
        assert!(published_passwords(&folder.path().join("none")).is_empty());
    }
}
