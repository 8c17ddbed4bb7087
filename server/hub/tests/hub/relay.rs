//! The relay: whom it is named to, whom it serves, and what goes without one.

use whoelse_hub::ConnId;
use whoelse_proto as proto;
use whoelse_proto::{Addresses, DeviceKey, FileSize, PeerAddress, PrivateCommand, SharedFile};

use crate::house::{House, name};

/// Everyone named is online, at a server with a relay.
fn with_relay<const N: usize>(names: [&str; N]) -> (House, [ConnId; N]) {
    let (mut house, conns) = House::with_online(names);
    house.hub.name_relay(proto::Relay { port: 3332, certificate: vec![0x30] });
    (house, conns)
}

impl House {
    /// Publishes a device that shows no address.
    fn publish_hidden(&mut self, conn: ConnId, key: u8) {
        let addresses = Addresses::new([PeerAddress::Relay {}]);
        self.private(conn, PrivateCommand::Publish { device: DeviceKey::from_bytes([key; 32]), addresses });
    }
}

#[test]
fn a_device_is_let_into_the_relay_before_it_is_told_of_it_and_not_twice() {
    let (mut house, [hans]) = with_relay(["hans"]);
    house.publish(hans, 1, 1);
    assert_eq!(house.news(), ["relay: opens to key 1", "hans: open [] asking [] asked [] relay 3332"]);
    house.publish(hans, 1, 2);
    assert_eq!(house.news(), ["hans: open [] asking [] asked [] relay 3332"]);
}

#[test]
fn another_device_of_the_session_takes_the_place_of_the_one_before() {
    let (mut house, [hans]) = with_relay(["hans"]);
    house.publish(hans, 1, 1);
    house.news();
    house.publish(hans, 2, 1);
    assert_eq!(
        house.news(),
        ["relay: shuts out key 1", "relay: opens to key 2", "hans: open [] asking [] asked [] relay 3332"]
    );
}

#[test]
fn a_device_is_shut_out_when_its_session_ends_and_not_when_its_line_is_lost() {
    let (mut house, [hans, yoda]) = with_relay(["hans", "yoda"]);
    house.publish(hans, 1, 1);
    house.publish(yoda, 2, 2);
    house.news();
    house.ask(hans, proto::Command::Logout {});
    assert!(house.news().contains(&"relay: shuts out key 1".to_owned()));
    house.cut(yoda);
    house.pass(14);
    assert!(!house.news().iter().any(|news| news.starts_with("relay")), "a line may come back");
    house.pass(1);
    assert!(house.news().contains(&"relay: shuts out key 2".to_owned()));
}

#[test]
fn a_program_without_a_device_has_nothing_to_do_with_the_relay() {
    let (mut house, [hans]) = with_relay(["hans"]);
    house.ask(hans, proto::Command::Logout {});
    assert!(!house.news().iter().any(|news| news.starts_with("relay")));
}

#[test]
fn a_device_that_shows_no_address_is_introduced_where_there_is_a_relay() {
    let (mut house, [hans, yoda]) = with_relay(["hans", "yoda"]);
    house.publish_hidden(hans, 1);
    house.publish(yoda, 2, 2);
    house.private(hans, PrivateCommand::Start { name: name("yoda") });
    house.news();
    house.private(yoda, PrivateCommand::Accept { name: name("hans") });
    assert_eq!(
        house.news(),
        [
            "yoda: done",
            "yoda: introduced to hans: session, key 1 at relay",
            "hans: introduced to yoda: session, key 2 at 2"
        ]
    );
}

#[test]
fn without_a_relay_whoever_shows_no_address_asks_nobody_and_is_not_asked() {
    let (mut house, [hans, yoda]) = House::with_online(["hans", "yoda"]);
    house.publish_hidden(hans, 1);
    house.publish(yoda, 2, 2);
    let root = proto::FileRoot::from_bytes([7; 32]);
    let file =
        SharedFile { name: proto::FileName::new("plans").unwrap(), size: FileSize::try_from(100).unwrap(), root };
    let register = proto::FilesCommand::Register { chunks: file.size.all_chunks(), file };
    house.ask(hans, proto::Command::Files(register));
    house.news();
    house.private(hans, PrivateCommand::Start { name: name("yoda") });
    house.private(yoda, PrivateCommand::Start { name: name("hans") });
    house.ask(yoda, proto::Command::Files(proto::FilesCommand::Fetch { root, holder: name("hans") }));
    assert_eq!(house.news(), ["hans: refused NoRelay", "yoda: refused NoRelay", "yoda: refused NoRelay"]);
}
