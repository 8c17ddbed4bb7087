//! Errors of the system in words for people: what is wrong, and what helps.
//!
//! Nobody who uses a program can do anything with `os error 13`. Whoever shows an error names what was being done and to
//! which path or address; these functions give the rest of the sentence, without a capital letter and without a full stop.

use std::io::{Error, ErrorKind};

/// An error about a file or folder: `cannot read notes.txt: ` goes on with this.
#[must_use]
pub fn file(error: &Error) -> String {
    worded(error, FILE)
}

/// An error about an address to listen on: `cannot listen on port 3331: ` goes on with this.
#[must_use]
pub fn listen(error: &Error) -> String {
    worded(error, LISTEN)
}

/// An error of a connection: `no connection to echo-base:3331: ` goes on with this.
#[must_use]
pub fn line(error: &Error) -> String {
    worded(error, LINE)
}

/// Words for kinds of errors.
type Words = &'static [(ErrorKind, &'static str)];

const FILE: Words = &[
    (ErrorKind::NotFound, "there is no such file or folder; check the path"),
    (ErrorKind::PermissionDenied, "this user has no permission; change its owner or rights, or choose another place"),
    (ErrorKind::AlreadyExists, "something of this name is there already; choose another name, or move it away"),
    (ErrorKind::StorageFull, "the disk is full; make room on it"),
    (ErrorKind::QuotaExceeded, "the space of this user on the disk is used up; make room on it"),
    (ErrorKind::ReadOnlyFilesystem, "the disk is read-only; choose another place"),
    (ErrorKind::IsADirectory, "it is a folder; name a file"),
    (ErrorKind::NotADirectory, "a part of the path is a file, not a folder; check the path"),
    (ErrorKind::FileTooLarge, "the disk takes no file of this size; choose another place"),
    (ErrorKind::InvalidFilename, "the disk does not take this name; choose a shorter or simpler one"),
    (ErrorKind::DirectoryNotEmpty, "the folder is not empty; move away what is in it"),
    (ErrorKind::ResourceBusy, IN_USE),
    (ErrorKind::WouldBlock, IN_USE),
    (ErrorKind::StaleNetworkFileHandle, "the network drive is gone; connect it again"),
    (ErrorKind::TimedOut, "the disk does not answer; try again"),
    (ErrorKind::UnexpectedEof, "it ends too early; it may be damaged"),
    (ErrorKind::InvalidData, "it holds something else than text"),
    (ErrorKind::BrokenPipe, "the program that reads it has ended"),
];

const IN_USE: &str = "another program is using it; close that one and try again";

const LISTEN: Words = &[
    (ErrorKind::AddrInUse, "another program uses this port; choose another port, or end that program"),
    (ErrorKind::AddrNotAvailable, "this computer does not have this address; choose one that it has"),
    (ErrorKind::PermissionDenied, "ports below 1024 are the administrator's; choose a port from 1024 to 65535"),
];

const LINE: Words = &[
    (ErrorKind::ConnectionRefused, "nothing listens there; check the address and whether the server is running"),
    (ErrorKind::ConnectionReset, CLOSED),
    (ErrorKind::ConnectionAborted, CLOSED),
    (ErrorKind::BrokenPipe, CLOSED),
    (ErrorKind::NotConnected, CLOSED),
    (ErrorKind::UnexpectedEof, "the other side closed the connection too early"),
    (ErrorKind::TimedOut, "there is no answer; check the address and the network"),
    (ErrorKind::HostUnreachable, "there is no computer at this address, or no way to it; check the address"),
    (ErrorKind::NetworkUnreachable, NO_WAY),
    (ErrorKind::NetworkDown, NO_WAY),
    (ErrorKind::AddrNotAvailable, "this is no address that can be connected to; check it"),
    (ErrorKind::PermissionDenied, "this computer does not permit it; look at its firewall"),
];

const CLOSED: &str = "the other side closed the connection";

const NO_WAY: &str = "this computer has no way there; check its network connection";

/// The words of an error: those of the program that made it, else those for its kind, else the system's.
fn worded(error: &Error, words: Words) -> String {
    let known = || words.iter().find(|(kind, _)| *kind == error.kind()).map(|(_, words)| (*words).to_owned());
    own_words(error).or_else(known).unwrap_or_else(|| systems_words(error))
}

/// What the system or a library says, without its numbers. The sentence of an error that has no words here.
#[must_use]
pub fn systems_words(error: &Error) -> String {
    without_numbers(&error.to_string())
}

/// What was said without the numbers of the system in it.
#[must_use]
pub fn without_numbers(said: &str) -> String {
    let mut parts = said.split(NUMBER);
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        words.push_str(part.split_once(')').map_or("", |(_, behind)| behind));
    }
    words.trim_end_matches(['.', ' ', '\r', '\n']).to_owned()
}

/// With this the standard library begins the number behind the words of the system.
const NUMBER: &str = " (os error ";

/// What an error says that was made by a program, not by the system.
fn own_words(error: &Error) -> Option<String> {
    let is_own = error.get_ref().is_some_and(|own| !own.to_string().contains(NUMBER));
    is_own.then(|| systems_words(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_the_system_is_shown() {
        // Every number that a system gives, and some that none does.
        for number in 0..200 {
            let error = Error::from_raw_os_error(number);
            for words in [file(&error), listen(&error), line(&error)] {
                assert!(!words.contains("os error") && !words.is_empty() && !words.ends_with('.'), "{number}: {words}");
            }
        }
    }

    #[test]
    fn the_usual_errors_say_what_helps() {
        let error = |kind: ErrorKind| Error::from(kind);
        assert!(file(&error(ErrorKind::NotFound)).ends_with("check the path"));
        assert!(file(&error(ErrorKind::PermissionDenied)).contains("permission"));
        assert!(file(&error(ErrorKind::StorageFull)).ends_with("make room on it"));
        assert!(listen(&error(ErrorKind::AddrInUse)).contains("choose another port"));
        assert!(line(&error(ErrorKind::ConnectionRefused)).contains("nothing listens there"));
    }

    #[test]
    fn an_error_with_words_of_its_own_keeps_them() {
        assert_eq!(file(&Error::other("the disk's thread failed")), "the disk's thread failed");
        assert_eq!(line(&Error::new(ErrorKind::NotFound, "the name has no address.")), "the name has no address");
    }

    #[test]
    fn an_error_that_a_library_wrapped_is_that_of_the_system() {
        let wrapped = |kind, words: &str| Error::new(kind, words.to_owned());
        let refused = wrapped(ErrorKind::PermissionDenied, "Permission denied (os error 13) at path \"/x\"");
        assert!(file(&refused).contains("permission"), "{}", file(&refused));
        let odd = wrapped(ErrorKind::Other, "Input/output error (os error 5) at path \"/x\"");
        assert_eq!(file(&odd), "Input/output error at path \"/x\"");
    }
}
