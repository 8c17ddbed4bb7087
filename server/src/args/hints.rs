//! What is wrong with an argument, with a hint at what was meant.

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, Error};

use super::Arguments;

/// A port, in the place where an order may stand too.
pub(super) fn port(raw: &str) -> Result<u16, String> {
    if raw.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return raw.parse().map_err(|_| "a port is a number from 0 to 65535".to_owned());
    }
    Err(match belongs_to(raw) {
        Some(order) => format!("this is no port and no order; did you mean `whoelse-server {order} {raw}`?"),
        None => "this is no port and no order; `whoelse-server --help` lists the orders".to_owned(),
    })
}

/// The order of which a word is a part: `user` for `add`.
fn belongs_to(word: &str) -> Option<String> {
    let command = Arguments::command();
    let order = command.get_subcommands().find(|order| order.find_subcommand(word).is_some());
    order.map(|order| order.get_name().to_owned())
}

/// A length of time.
pub(super) fn seconds(raw: &str) -> Result<u64, &'static str> {
    raw.parse().map_err(|_| "this is a whole number of seconds, 0 or more")
}

/// Options that people know from other servers, and what stands in their place here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("--port", "the port is the first argument: whoelse-server 4000"),
    ("-p", "the port is the first argument: whoelse-server 4000"),
    ("--timeout", "the timeout is the third argument: whoelse-server 3331 60 1800"),
    ("--host", "the address to listen on is given by --bind"),
    ("--listen", "the address to listen on is given by --bind"),
    ("--data", "the data folder is given by --data-dir"),
    ("--config", "there is no file of settings; --help lists the options"),
    ("--password", "a password is asked for, or read from standard input: others can read a command line"),
];

/// An error with a hint, where an option is one of another server.
pub(super) fn hinted(mut error: Error) -> Error {
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return error };
    let word = given.split('=').next().unwrap_or_default();
    if let Some((_, hint)) = ELSEWHERE.iter().find(|(option, _)| *option == word) {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*hint).into()]));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let words = std::iter::once("whoelse-server").chain(line.split_whitespace()).map(std::ffi::OsString::from);
        Arguments::read(words).unwrap_err().to_string()
    }

    #[test]
    fn a_word_that_belongs_to_an_order_is_put_into_its_place() {
        assert!(told("add hans").contains("did you mean `whoelse-server user add`?"), "{}", told("add hans"));
        assert!(told("revoke 3").contains("did you mean `whoelse-server invite revoke`?"), "{}", told("revoke 3"));
        assert!(told("start").contains("`whoelse-server --help` lists the orders"), "{}", told("start"));
        assert!(told("65536").contains("from 0 to 65535"), "{}", told("65536"));
        assert!(told("3331 1m").contains("whole number of seconds"), "{}", told("3331 1m"));
    }

    #[test]
    fn an_option_of_other_servers_says_what_stands_in_its_place() {
        for (line, hint) in [
            ("--port 4000", "the port is the first argument"),
            ("--port=4000", "the port is the first argument"),
            ("-p 4000", "the port is the first argument"),
            ("--host ::1", "--bind"),
            ("user add hans --password falcon", "standard input"),
        ] {
            assert!(told(line).contains(hint), "{}", told(line));
        }
    }
}
