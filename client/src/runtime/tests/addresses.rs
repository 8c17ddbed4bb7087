//! What a device tells the server of its addresses.

use whoelse_model::AddressPolicy;
use whoelse_proto::{Addresses, Feature, PeerAddress, PrivateCommand, Standing, VERSION};

use super::*;

/// Lets yoda in at a server that introduces clients to each other.
async fn let_in_to_private(server: &FakeServer) -> FakeLine {
    let record = server.record("yoda", "wise@!@1wise");
    let mut line = server.accept().await.unwrap();
    line.greet_with(VERSION, vec![Feature::private()]).await;
    assert!(line.check(record).await, "the password is proved");
    line.welcome("yoda", SessionKind::New, 1).await;
    line
}

/// The addresses that are made known next. Whom the user has blocked is asked in between.
async fn published(line: &mut FakeLine) -> Addresses {
    loop {
        let (id, command) = request(line).await;
        if command == (Command::Blocked {}) {
            reply(line, id, Answer::Names(Vec::new())).await;
            continue;
        }
        let Command::Private(PrivateCommand::Publish { addresses, .. }) = command else { panic!("{command:?}") };
        reply(line, id, Answer::Standing(Standing::default())).await;
        return addresses;
    }
}

fn hidden() -> Addresses {
    Addresses::new([PeerAddress::Relay {}])
}

fn shows_some(addresses: &Addresses) -> bool {
    addresses.iter().any(|address| matches!(address, PeerAddress::Direct(_)))
}

/// A user with this policy who is in, with the server's end of the line.
async fn signed_in_with(server: &FakeServer, policy: AddressPolicy) -> (User, FakeLine) {
    let mut user = User::new();
    user.ask(Request::ShowAddress(policy));
    user.sign_in(server, Some(server.fingerprint), password());
    let (line, ()) = join!(let_in_to_private(server), user.welcomed());
    (user, line)
}

#[tokio::test]
async fn a_device_that_shows_its_address_to_nobody_never_tells_the_server_one() {
    let server = FakeServer::start().await;
    let (_user, mut line) = signed_in_with(&server, AddressPolicy::ToNobody).await;
    assert_eq!(published(&mut line).await, hidden());
}

#[tokio::test]
async fn a_change_of_the_policy_holds_at_once() {
    let server = FakeServer::start().await;
    let (user, mut line) = signed_in_with(&server, AddressPolicy::ToPeers).await;
    assert!(shows_some(&published(&mut line).await));
    user.ask(Request::ShowAddress(AddressPolicy::ToNobody));
    while published(&mut line).await != hidden() {}
    user.ask(Request::ShowAddress(AddressPolicy::ToPeers));
    while !shows_some(&published(&mut line).await) {}
}
