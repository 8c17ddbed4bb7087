//! The client's side of OPAQUE for programs that have no library for it: a line in, a line out.
//!
//! | line in | line out |
//! | --- | --- |
//! | `register PASSWORD` | `request HEX` |
//! | `registered NAME RESPONSE-HEX` | `upload HEX` |
//! | `login PASSWORD` | `request HEX` |
//! | `challenged NAME EXPORTER-HEX RESPONSE-HEX` | `finalization HEX`, or `closed`: the challenge did not open |
//!
//! What makes no sense is answered `error …`. Randomness comes from the operating system.

use std::io::{self, BufRead, Write};

use data_encoding::HEXLOWER;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialResponse, RegistrationResponse,
};
use rand_core::OsRng;
use whoelse_proto::opaque::{EXPORTER_BYTES, Suite, context, identifiers};
use whoelse_proto::{Password, UserName};

/// An exchange that waits for the server's part.
#[expect(clippy::large_enum_variant, reason = "there is one, for as long as the program runs")]
enum Open {
    Nothing,
    Registration(ClientRegistration<Suite>, Password),
    Login(ClientLogin<Suite>, Password),
}

type Failure = Box<dyn std::error::Error>;

fn main() -> io::Result<()> {
    let mut open = Open::Nothing;
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = answer(&mut open, &line?).unwrap_or_else(|failure| format!("error {failure}"));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(open: &mut Open, line: &str) -> Result<String, Failure> {
    let words: Vec<_> = line.split(' ').collect();
    match (words.as_slice(), std::mem::replace(open, Open::Nothing)) {
        (["register", password], _) => register(open, Password::new(password)?),
        (["login", password], _) => login(open, Password::new(password)?),
        (["registered", name, response], Open::Registration(state, password)) => {
            registered(state, &password, &UserName::new(name)?, response)
        }
        (["challenged", name, exporter, response], Open::Login(state, password)) => {
            challenged(state, &password, &UserName::new(name)?, exporter, response)
        }
        _ => Err("no such line here".into()),
    }
}

fn register(open: &mut Open, password: Password) -> Result<String, Failure> {
    let start = ClientRegistration::start(&mut OsRng, password.expose().as_bytes())?;
    *open = Open::Registration(start.state, password);
    Ok(format!("request {}", HEXLOWER.encode(&start.message.serialize())))
}

fn registered(
    state: ClientRegistration<Suite>,
    password: &Password,
    name: &UserName,
    response: &str,
) -> Result<String, Failure> {
    let response = RegistrationResponse::deserialize(&HEXLOWER.decode(response.as_bytes())?)?;
    let parameters = ClientRegistrationFinishParameters::new(identifiers(name), None);
    let finish = state.finish(&mut OsRng, password.expose().as_bytes(), response, parameters)?;
    Ok(format!("upload {}", HEXLOWER.encode(&finish.message.serialize())))
}

fn login(open: &mut Open, password: Password) -> Result<String, Failure> {
    let start = ClientLogin::start(&mut OsRng, password.expose().as_bytes())?;
    *open = Open::Login(start.state, password);
    Ok(format!("request {}", HEXLOWER.encode(&start.message.serialize())))
}

fn challenged(
    state: ClientLogin<Suite>,
    password: &Password,
    name: &UserName,
    exporter: &str,
    response: &str,
) -> Result<String, Failure> {
    let exporter: [u8; EXPORTER_BYTES] =
        HEXLOWER.decode(exporter.as_bytes())?.try_into().map_err(|_| "the exporter gives 32 bytes")?;
    let response = CredentialResponse::deserialize(&HEXLOWER.decode(response.as_bytes())?)?;
    let context = context(&exporter);
    let parameters = ClientLoginFinishParameters::new(Some(&context), identifiers(name), None);
    match state.finish(&mut OsRng, password.expose().as_bytes(), response, parameters) {
        Ok(finish) => Ok(format!("finalization {}", HEXLOWER.encode(&finish.message.serialize()))),
        Err(_) => Ok("closed".into()),
    }
}
