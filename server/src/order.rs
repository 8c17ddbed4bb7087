//! The administrator's orders: asks for what is missing and prints what came of it.

mod invite;

use std::io::{self, BufRead, IsTerminal, Read as _, Write};

use whoelse_proto::limits::MAX_PASSWORD_BYTES;
use whoelse_proto::{Password, UserName};
use whoelse_server::accounts::{AccountsError, SecretKind, oddity};
use whoelse_server::admin::{self, FolderIs};
use whoelse_server::data_dir::{Paths, ServerState};
use zeroize::Zeroizing;

use crate::Failure;
use crate::args::{Order, UserOrder};

/// Bytes of the line on standard input that holds a password, with its end.
const MAX_LINE_BYTES: u64 = MAX_PASSWORD_BYTES as u64 + 2;

/// Does an order.
pub(crate) fn perform(order: &Order, paths: &Paths, folder: FolderIs) -> Result<(), Failure> {
    match order {
        Order::Seal => admin::check_folder(paths, folder).map_err(Failure::from).and_then(|()| seal(paths)),
        Order::User(order) => {
            admin::check_folder(paths, folder)?;
            user(order, paths)
        }
        Order::Fingerprint => {
            admin::check_folder(paths, folder)?;
            fingerprint(paths)
        }
        Order::Invite(wanted) => invite::perform(wanted, paths, folder),
    }
}

fn user(order: &UserOrder, paths: &Paths) -> Result<(), Failure> {
    match order {
        UserOrder::List => list(paths),
        UserOrder::Add { name } => add(name, paths),
        UserOrder::Passwd { name } => set_password(name, paths),
        UserOrder::Remove { name } => remove(name, paths),
        UserOrder::Prune { days, yes } => prune(*days, if *yes { Consent::Given } else { Consent::ToBeAsked }, paths),
        UserOrder::Kick { name } => kick(name, paths),
        UserOrder::Unlock { name } => unlock(name, paths),
    }
}

/// Prints one line; a reader that went away is an error like any other.
fn say(line: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    let written = writeln!(io::stdout().lock(), "{line}");
    written.map_err(|error| format!("cannot write the output: {}", whoelse_plain::file(&error)).into())
}

fn seal(paths: &Paths) -> Result<(), Failure> {
    let path = paths.credentials.display();
    match admin::seal(paths)? {
        0 => say(format_args!("no plain password in {path}")),
        1 => say(format_args!("sealed 1 password in {path}")),
        count => say(format_args!("sealed {count} passwords in {path}")),
    }
}

fn list(paths: &Paths) -> Result<(), Failure> {
    for (name, kind) in admin::list(paths)? {
        let kind = match kind {
            SecretKind::Plain => "plain",
            SecretKind::Sealed => "sealed",
        };
        say(format_args!("{name:<24} {kind}"))?;
    }
    Ok(())
}

fn add(name: &UserName, paths: &Paths) -> Result<(), Failure> {
    // Before the person thinks of a password.
    if paths.credentials.exists() && admin::list(paths)?.contains_key(name) {
        return Err(AccountsError::Exists(name.clone()).into());
    }
    let password = ask_password(name)?;
    admin::add(paths, name, &password)?;
    let names = admin::list(paths)?.into_keys().collect();
    if let Some(odd) = oddity(name, &names) {
        note(&format!("{odd}; people may take it for something else"));
    }
    say(format_args!("added {name} to {}", paths.credentials.display()))
}

/// Says something beside the answer.
fn note(text: &str) {
    eprintln!("whoelse-server: {text}");
}

fn set_password(name: &UserName, paths: &Paths) -> Result<(), Failure> {
    if !admin::list(paths)?.contains_key(name) {
        return Err(AccountsError::Unknown(name.clone()).into());
    }
    let password = ask_password(name)?;
    admin::set_password(paths, name, &password)?;
    say(format_args!("{name} has a new password in {}", paths.credentials.display()))
}

fn remove(name: &UserName, paths: &Paths) -> Result<(), Failure> {
    admin::remove(paths, std::slice::from_ref(name))?;
    say(format_args!("removed {name} from {}", paths.credentials.display()))
}

/// Whether accounts may be removed without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consent {
    Given,
    ToBeAsked,
}

fn prune(days: u32, consent: Consent, paths: &Paths) -> Result<(), Failure> {
    let names = admin::never_used(paths, admin::days_ago(days))?;
    if names.is_empty() {
        return say(format_args!("no account is {days} days old without a login"));
    }
    for name in &names {
        say(format_args!("{name}"))?;
    }
    let count = names.len();
    let accounts = if count == 1 { "account" } else { "accounts" };
    if consent == Consent::ToBeAsked && !is_agreed(&format!("Remove {count} {accounts}? [yes/no] "))? {
        return Err("nothing was removed; --yes removes without a question".into());
    }
    admin::remove(paths, &names)?;
    say(format_args!("removed {count} {accounts} from {}", paths.credentials.display()))
}

/// Asks a person at a terminal; where there is none, nobody agrees.
fn is_agreed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{question}");
    let mut line = String::new();
    io::stdin().lock().take(MAX_LINE_BYTES).read_line(&mut line).map_err(|error| unread(&error))?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "yes" | "y"))
}

fn kick(name: &UserName, paths: &Paths) -> Result<(), Failure> {
    match admin::kick(paths, name)? {
        ServerState::Running => say(format_args!("the session of {name}, if there was one, is over")),
        ServerState::Stopped => {
            Err(format!("no server runs on {}: nobody has a session", paths.data_dir.display()).into())
        }
    }
}

fn unlock(name: &UserName, paths: &Paths) -> Result<(), Failure> {
    match admin::unlock(paths, name)? {
        ServerState::Running => say(format_args!("the running server unlocks {name}")),
        ServerState::Stopped => {
            Err(format!("no server runs on {}: no name is locked", paths.data_dir.display()).into())
        }
    }
}

fn fingerprint(paths: &Paths) -> Result<(), Failure> {
    let fingerprint = admin::fingerprint(paths)?;
    say(format_args!("{fingerprint}"))
}

/// Asks for a new password, twice and without echo; or takes the first line of standard input.
fn ask_password(name: &UserName) -> Result<Password, Failure> {
    if !io::stdin().is_terminal() {
        return read_password(io::stdin().lock());
    }
    let _listens = hear_ctrl_c();
    let ask = |question: &str| rpassword::prompt_password(question).map(Zeroizing::new).map_err(|error| unread(&error));
    let password = Password::new(&ask(&format!("Password for {name}: "))?)?;
    if password.expose() == ask("Repeat the password: ")?.as_str() {
        Ok(password)
    } else {
        Err("the two passwords differ; nothing was changed".into())
    }
}

/// Hears Ctrl-C, which else would end the program before the prompt has the terminal show what is typed again.
#[cfg(unix)]
fn hear_ctrl_c() -> Option<impl Sized> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let inside = runtime.enter();
    let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).ok()?;
    drop(inside);
    Some((signal, runtime))
}

/// The console is as it was when the program ends.
#[cfg(not(unix))]
const fn hear_ctrl_c() -> Option<()> {
    None
}

/// Why there is no answer to a question.
fn unread(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::Interrupted {
        return "interrupted; nothing was changed".into();
    }
    format!("there is no answer: {}", whoelse_plain::systems_words(error)).into()
}

fn read_password(from: impl BufRead) -> Result<Password, Failure> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_PASSWORD_BYTES + 2));
    from.take(MAX_LINE_BYTES + 1).read_line(&mut line).map_err(|error| unread(&error))?;
    Ok(Password::new(line.trim_end_matches(['\r', '\n']))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_first_line_of_standard_input() {
        for input in ["falcon", "falcon\n", "falcon\r\nmore", "falcon\nmore"] {
            assert_eq!(read_password(input.as_bytes()).unwrap().expose(), "falcon");
        }
    }

    #[test]
    fn a_password_that_is_none_is_refused_and_not_printed() {
        let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
        for input in ["", "\n", "two words\n", &long] {
            let failure = read_password(input.as_bytes()).unwrap_err().to_string();
            assert!(failure.starts_with("a password"), "{failure}");
            assert!(!failure.contains("words") && !failure.contains("xxx"), "{failure}");
        }
        assert!(read_password("x".repeat(MAX_PASSWORD_BYTES).as_bytes()).is_ok());
    }
}
