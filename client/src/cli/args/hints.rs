//! Hints at what was meant by an argument that is none.

use clap::error::{ContextKind, ContextValue, Error};

/// Options that people know from other programs, and what stands in their place here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("--password", "a password is asked for, or read with --password-stdin: others can read a command line"),
    ("--port", "the port stands behind the server: whoelse-cli echo-base 3331"),
    ("-p", "the port stands behind the server: whoelse-cli echo-base 3331"),
    ("--host", "the server is the first argument: whoelse-cli echo-base"),
    ("--server", "the server is the first argument: whoelse-cli echo-base"),
    ("--name", "the user is given by --user"),
    ("--login", "the user is given by --user"),
    ("-u", "the user is given by --user"),
];

/// An error with a hint, where an option is one of another program.
pub(super) fn hinted(mut error: Error) -> Error {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return error };
    let word = given.split('=').next().unwrap_or_default();
    if let Some((_, hint)) = ELSEWHERE.iter().find(|(option, _)| *option == word) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*hint).into()]));
    }
    error
}

/// What is wrong with something that names no server.
pub(super) fn no_server(host: &str) -> String {
    match host.split_once('@') {
        Some((user, server)) if !user.is_empty() && !server.is_empty() && !host.contains("://") => {
            format!("{host:?} is no server; did you mean: whoelse-cli {server} --user {user}")
        }
        Some(_) | None => format!("{host:?} is no server: a host, host:port, [IPv6]:port or an invitation"),
    }
}
