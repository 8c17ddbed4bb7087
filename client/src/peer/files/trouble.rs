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
        FileTrouble::Unwritable => format!("{who} cannot write it where it was to go"),
        FileTrouble::Wrong => format!("{who} got something else than was offered"),
        FileTrouble::Unreadable => format!("{who} cannot read it any more"),
        FileTrouble::Changed => format!("{who} changed it since it was offered"),
        FileTrouble::TooMany => format!("{who} has too many files to answer for"),
        FileTrouble::Other => format!("{who} cannot go on with it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_from_one_that_cannot_be_written() {
        assert_eq!(of_disk(&io::ErrorKind::StorageFull.into()), FileTrouble::DiskFull);
        assert_eq!(of_disk(&io::ErrorKind::QuotaExceeded.into()), FileTrouble::DiskFull);
        assert_eq!(of_disk(&io::ErrorKind::PermissionDenied.into()), FileTrouble::Unwritable);
    }
}
