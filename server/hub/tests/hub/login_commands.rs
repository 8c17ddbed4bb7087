//! The commands of a login, with secrets made of a number.

use std::net::IpAddr;

use whoelse_hub::{Command, ConnId, Fresh, Pass, PassHash, TakeOver, Token, TokenHash};
use whoelse_proto::{DevicePass, LoginRefusal, ResumeToken, UserName};

pub(crate) fn token(n: u64) -> Token {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Token { token: ResumeToken::from_bytes(bytes), hash: TokenHash::from_bytes(bytes) }
}

/// What the shell draws for a session, by a number.
pub(crate) fn fresh(n: u64) -> Fresh {
    let token = token(n);
    let bytes = *token.hash.as_bytes();
    Fresh { token, pass: Pass { pass: DevicePass::from_bytes(bytes), hash: PassHash::from_bytes(bytes) } }
}

pub(crate) fn open_login(conn: ConnId, name: UserName) -> Command {
    Command::OpenLogin { conn, name, pass: None, from: HERE }
}

pub(crate) fn prove_login(conn: ConnId, n: u64) -> Command {
    Command::ProveLogin { conn, fresh: fresh(n), take_over: TakeOver::No }
}

/// Whence every connection comes.
pub(crate) const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

/// A refusal in words.
pub(crate) fn login_refusal(refusal: LoginRefusal) -> String {
    match refusal {
        LoginRefusal::WrongPassword { tries_left } => format!("wrong password, {tries_left} left"),
        LoginRefusal::Locked { retry_after } => format!("locked for {}", retry_after.get()),
        LoginRefusal::UnknownUser { looks_like: None } => "UnknownUser".to_owned(),
        LoginRefusal::UnknownUser { looks_like: Some(like) } => format!("UnknownUser, like {like}"),
        LoginRefusal::NameTaken { reserved: true, .. } => "NameTaken, reserved".to_owned(),
        LoginRefusal::NameTaken { looks_like: None, .. } => "NameTaken".to_owned(),
        LoginRefusal::NameTaken { looks_like: Some(like), .. } => format!("NameTaken, like {like}"),
        LoginRefusal::AlreadyOnline {}
        | LoginRefusal::RegistrationClosed { .. }
        | LoginRefusal::TokenInvalid {}
        | LoginRefusal::Storage {} => format!("{refusal:?}"),
    }
}
