//! Sentences that follow from what happened.

use std::path::Path;

use super::*;

#[test]
fn the_end_by_inactivity_names_the_time_as_it_is() {
    let ended = |seconds| ended(SessionEnd::Timeout, Some(Seconds::new(seconds)));
    assert_eq!(ended(40), "Signed out after 40 seconds without action.");
    assert_eq!(ended(60), "Signed out after 1 minute without action.");
    assert_eq!(ended(1800), "Signed out after 30 minutes without action.");
}

#[test]
fn a_folder_that_nothing_opens_is_named_without_the_system_s_words() {
    let cause = std::io::Error::other("Launcher \"gio\" failed with ExitStatus(unix_wait_status(512))");
    let words = not_opened(Path::new("/home/anna/Downloads"), &Error::Open(cause));
    assert_eq!(words, "No program on this computer opens /home/anna/Downloads.");
    assert_eq!(
        not_opened(Path::new("/x"), &Error::NotALink),
        "Only links that begin with http:// or https:// are opened."
    );
}
