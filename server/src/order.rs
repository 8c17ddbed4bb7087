//! The administrator's orders: asks for what is missing and prints what came of it.

use std::io::{self, BufRead, IsTerminal, Write};

use whoelse_proto::limits::MAX_PASSWORD_BYTES;
use whoelse_proto::{Invitation, Password, UserName};
use whoelse_server::accounts::SecretKind;
use whoelse_server::admin;
use whoelse_server::data_dir::{Paths, ServerState};
use zeroize::Zeroizing;

use crate::Failure;
use crate::args::{Order, UserOrder};

/// Bytes of the line on standard input that holds a password, with its end.
const MAX_LINE_BYTES: u64 = MAX_PASSWORD_BYTES as u64 + 2;

/// Does an order.
pub(crate) fn perform(order: &Order, paths: &Paths) -> Result<(), Failure> {
    match order {
        Order::Seal => seal(paths),
        Order::User(order) => user(order, paths),
        Order::Fingerprint => fingerprint(paths),
        Order::Invite { host, port } => invite(host.as_deref(), *port, paths),
    }
}

fn user(order: &UserOrder, paths: &Paths) -> Result<(), Failure> {
    match order {
        UserOrder::List => list(paths),
        UserOrder::Add { name } => add(name, paths),
        UserOrder::Remove { name } => remove(name, paths),
        UserOrder::Unlock { name } => unlock(name, paths),
    }
}

/// Prints one line; a reader that went away is an error like any other.
fn say(line: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
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
    let password = ask_password(name)?;
    admin::add(paths, name, &password)?;
    say(format_args!("added {name} to {}", paths.credentials.display()))
}

fn remove(name: &UserName, paths: &Paths) -> Result<(), Failure> {
    admin::remove(paths, name)?;
    say(format_args!("removed {name} from {}", paths.credentials.display()))
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

fn invite(host: Option<&str>, port: u16, paths: &Paths) -> Result<(), Failure> {
    let host = host.map_or_else(|| gethostname::gethostname().to_string_lossy().into_owned(), str::to_owned);
    let invitation = Invitation { host, port, fingerprint: Some(admin::fingerprint(paths)?) };
    let text = invitation.to_string();
    if text.parse::<Invitation>().as_ref() != Ok(&invitation) {
        return Err(format!("{:?} is no host name and no address", invitation.host).into());
    }
    say(format_args!("{text}"))
}

/// Asks for a new password, twice and without echo; or takes the first line of standard input.
fn ask_password(name: &UserName) -> Result<Password, Failure> {
    if !io::stdin().is_terminal() {
        return read_password(io::stdin().lock());
    }
    let first = Zeroizing::new(rpassword::prompt_password(format!("Password for {name}: "))?);
    let again = Zeroizing::new(rpassword::prompt_password("Again: ")?);
    if first != again {
        return Err("the two passwords differ".into());
    }
    Ok(Password::new(&first)?)
}

fn read_password(from: impl BufRead) -> Result<Password, Failure> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_PASSWORD_BYTES + 2));
    from.take(MAX_LINE_BYTES + 1).read_line(&mut line)?;
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
