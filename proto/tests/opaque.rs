//! A whole registration and login with the suite, identities and channel binding of this protocol.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use opaque_ke::errors::ProtocolError;
use opaque_ke::{
    ClientLogin, ClientLoginFinishParameters, ClientRegistration, ClientRegistrationFinishParameters,
    CredentialFinalization, CredentialRequest, CredentialResponse, RegistrationRequest, RegistrationResponse,
    RegistrationUpload, ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup,
};
use rand_core::OsRng;
use whoelse_proto::UserName;
use whoelse_proto::opaque::{EXPORTER_BYTES, Suite, context, credential_identifier, identifiers};

const LINE: [u8; EXPORTER_BYTES] = [1; EXPORTER_BYTES];

/// What one side of a login holds true.
struct Side<'a> {
    name: &'a str,
    exporter: [u8; EXPORTER_BYTES],
}

fn name(raw: &str) -> UserName {
    UserName::new(raw).unwrap()
}

fn register(setup: &ServerSetup<Suite>, user: &str, password: &str) -> ServerRegistration<Suite> {
    let name = name(user);
    let start = ClientRegistration::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let request = start.message.serialize();
    assert_eq!(request.len(), 32);
    let request = RegistrationRequest::deserialize(&request).unwrap();
    let response = ServerRegistration::start(setup, request, credential_identifier(&name)).unwrap().message.serialize();
    assert_eq!(response.len(), 64);
    let response = RegistrationResponse::deserialize(&response).unwrap();
    let parameters = ClientRegistrationFinishParameters::new(identifiers(&name), None);
    let finish = start.state.finish(&mut OsRng, password.as_bytes(), response, parameters).unwrap();
    let upload = finish.message.serialize();
    assert_eq!(upload.len(), 192);
    ServerRegistration::finish(RegistrationUpload::deserialize(&upload).unwrap())
}

/// Runs a login; gives the keys of both sides, or what the client finds wrong.
fn login(
    setup: &ServerSetup<Suite>,
    record: Option<ServerRegistration<Suite>>,
    password: &str,
    client: &Side<'_>,
    server: &Side<'_>,
) -> Result<(Vec<u8>, Vec<u8>), ProtocolError> {
    let start = ClientLogin::<Suite>::start(&mut OsRng, password.as_bytes()).unwrap();
    let ke1 = start.message.serialize();
    assert_eq!(ke1.len(), 96);
    let ke1 = CredentialRequest::deserialize(&ke1).unwrap();
    let (server_name, server_context) = (name(server.name), context(&server.exporter));
    let parameters =
        || ServerLoginParameters { context: Some(&server_context), identifiers: identifiers(&server_name) };
    let id = credential_identifier(&server_name);
    let answer = ServerLogin::start(&mut OsRng, setup, record, ke1, id, parameters()).unwrap();
    let ke2 = answer.message.serialize();
    assert_eq!(ke2.len(), 320);
    let (client_name, client_context) = (name(client.name), context(&client.exporter));
    let finish = start.state.finish(
        &mut OsRng,
        password.as_bytes(),
        CredentialResponse::deserialize(&ke2).unwrap(),
        ClientLoginFinishParameters::new(Some(&client_context), identifiers(&client_name), None),
    )?;
    let ke3 = finish.message.serialize();
    assert_eq!(ke3.len(), 64);
    let session = answer.state.finish(CredentialFinalization::deserialize(&ke3).unwrap(), parameters()).unwrap();
    Ok((finish.session_key.to_vec(), session.session_key.to_vec()))
}

#[test]
fn the_right_password_on_one_line_gives_both_sides_one_key() {
    let setup = ServerSetup::<Suite>::new(&mut OsRng);
    let record = register(&setup, "yoda", "force");
    let side = Side { name: "yoda", exporter: LINE };
    let (client, server) = login(&setup, Some(record), "force", &side, &side).unwrap();
    assert_eq!(client, server);
}

#[test]
fn a_wrong_password_does_not_open_the_challenge() {
    let setup = ServerSetup::<Suite>::new(&mut OsRng);
    let record = register(&setup, "yoda", "force");
    let side = Side { name: "yoda", exporter: LINE };
    assert!(matches!(login(&setup, Some(record), "farce", &side, &side), Err(ProtocolError::InvalidLoginError)));
}

#[test]
fn an_unknown_name_looks_like_a_wrong_password() {
    let setup = ServerSetup::<Suite>::new(&mut OsRng);
    let side = Side { name: "jarjar", exporter: LINE };
    assert!(matches!(login(&setup, None, "force", &side, &side), Err(ProtocolError::InvalidLoginError)));
}

#[test]
fn a_login_relayed_to_another_line_fails() {
    let setup = ServerSetup::<Suite>::new(&mut OsRng);
    let record = register(&setup, "yoda", "force");
    let client = Side { name: "yoda", exporter: LINE };
    let server = Side { name: "yoda", exporter: [2; EXPORTER_BYTES] };
    assert!(matches!(login(&setup, Some(record), "force", &client, &server), Err(ProtocolError::InvalidLoginError)));
}

#[test]
fn a_record_serves_no_other_name() {
    let setup = ServerSetup::<Suite>::new(&mut OsRng);
    let record = register(&setup, "yoda", "force");
    let side = Side { name: "luke", exporter: LINE };
    assert!(matches!(login(&setup, Some(record), "force", &side, &side), Err(ProtocolError::InvalidLoginError)));
}
