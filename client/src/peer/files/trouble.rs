//! Why a file does not go on: what the other end is told, and what is made of that for people.

use std::io;

use whoelse_proto::UserName;
use whoelse_proto::peer::FileTrouble;

/// What the sender is told of an error of the recipient's disk.
pub(super) fn of_disk(error: &io::Error) -> FileTrouble {
    let is_full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if is_full { FileTrouble::DiskFull } else { FileTrouble::Unwritable }
}

/// What the other end said, for people.
pub(super) fn words(who: &UserName, trouble: FileTrouble) -> String {
    match trouble {
        FileTrouble::DiskFull => format!("the disk of {who} has no room for it"),
        FileTrouble::Unwritable => format!("it cannot be written on the computer of {who}"),
        FileTrouble::Wrong => format!("what arrived at {who} is not what was offered"),
        FileTrouble::Unreadable => format!("it cannot be read any more on the computer of {who}"),
        FileTrouble::Changed => format!("it was changed by {who} after it was offered"),
        FileTrouble::TooMany => format!("too many files wait for an answer from {who}"),
        FileTrouble::Other => format!("the computer of {who} cannot go on with it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_begins_with_a_name_which_a_capital_letter_would_change() {
        let who = UserName::new("leia").unwrap();
        for trouble in [
            FileTrouble::DiskFull,
            FileTrouble::Unwritable,
            FileTrouble::Wrong,
            FileTrouble::Unreadable,
            FileTrouble::Changed,
            FileTrouble::TooMany,
            FileTrouble::Other,
        ] {
            let words = words(&who, trouble);
            assert!(words.contains("leia") && !words.starts_with("leia"), "{words}");
        }
    }

    #[test]
    fn a_full_disk_is_told_apart_from_one_that_cannot_be_written() {
        assert_eq!(of_disk(&io::ErrorKind::StorageFull.into()), FileTrouble::DiskFull);
        assert_eq!(of_disk(&io::ErrorKind::QuotaExceeded.into()), FileTrouble::DiskFull);
        assert_eq!(of_disk(&io::ErrorKind::PermissionDenied.into()), FileTrouble::Unwritable);
    }
}
