//! The servers that a profile knows, each with the pin of its key.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use whoelse_proto::{Fingerprint, Timestamp, UserName};

/// A server that this profile has trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownServer {
    /// Its host name or address, in lower case.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The pin of its key.
    #[serde(serialize_with = "write_digits", deserialize_with = "read_digits")]
    pub fingerprint: Fingerprint,
    /// When the key was pinned.
    pub pinned_at: Timestamp,
    /// The last login.
    pub last_used: Option<Timestamp>,
    /// As whom.
    pub name: Option<UserName>,
    /// What the server calls itself; may be empty.
    #[serde(default)]
    pub title: String,
}

/// The list of them, most recently used first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct KnownServers(Vec<KnownServer>);

impl KnownServers {
    /// All of them.
    pub(crate) fn all(&self) -> &[KnownServer] {
        &self.0
    }

    /// The one at an address.
    pub(crate) fn at(&self, host: &str, port: u16) -> Option<&KnownServer> {
        self.0.iter().find(|known| is_at(known, host, port))
    }

    /// Pins a key, in place of any other at this address. As whom the user was there stays known: a server with another key
    /// that knows no such account is worth a warning.
    pub(crate) fn pin(&mut self, host: &str, port: u16, fingerprint: Fingerprint, now: Timestamp) {
        if self.at(host, port).is_some_and(|known| known.fingerprint == fingerprint) {
            return;
        }
        let name = self.at(host, port).and_then(|known| known.name.clone());
        self.0.retain(|known| !is_at(known, host, port));
        let host = host.to_ascii_lowercase();
        let new = KnownServer { host, port, fingerprint, pinned_at: now, last_used: None, name, title: String::new() };
        self.0.insert(0, new);
    }

    /// Notes a login.
    pub(crate) fn used(&mut self, host: &str, port: u16, login: Login) {
        let Some(place) = self.0.iter().position(|known| is_at(known, host, port)) else { return };
        let mut known = self.0.remove(place);
        known.last_used = Some(login.at);
        known.name = Some(login.name);
        known.title = login.title;
        self.0.insert(0, known);
    }

    /// Forgets a server and its pin.
    pub(crate) fn forget(&mut self, host: &str, port: u16) {
        self.0.retain(|known| !is_at(known, host, port));
    }
}

/// A login to note.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// As whom.
    pub(crate) name: UserName,
    /// What the server calls itself.
    pub(crate) title: String,
    /// When.
    pub(crate) at: Timestamp,
}

/// Whether a server is the one at an address.
fn is_at(known: &KnownServer, host: &str, port: u16) -> bool {
    known.port == port && known.host.eq_ignore_ascii_case(host)
}

/// A fingerprint as its digits.
fn write_digits<S: Serializer>(fingerprint: &Fingerprint, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(fingerprint)
}

/// A fingerprint from its digits.
fn read_digits<'de, D: Deserializer<'de>>(from: D) -> Result<Fingerprint, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: Timestamp = Timestamp::from_millis(1);
    const TUESDAY: Timestamp = Timestamp::from_millis(2);

    fn key(n: u8) -> Fingerprint {
        Fingerprint::from_bytes([n; 32])
    }

    #[test]
    fn a_pin_holds_for_its_address_in_any_case() {
        let mut servers = KnownServers::default();
        servers.pin("Echo-Base", 3331, key(1), MONDAY);
        assert_eq!(servers.at("echo-base", 3331).map(|known| known.fingerprint), Some(key(1)));
        assert_eq!(servers.at("echo-base", 3332), None);
    }

    #[test]
    fn the_same_key_keeps_the_date_of_its_pin_and_another_takes_its_place() {
        let mut servers = KnownServers::default();
        servers.pin("hoth", 1, key(1), MONDAY);
        servers.pin("hoth", 1, key(1), TUESDAY);
        assert_eq!(servers.at("hoth", 1).map(|known| known.pinned_at), Some(MONDAY));
        servers.pin("hoth", 1, key(2), TUESDAY);
        assert_eq!(servers.all().len(), 1);
        assert_eq!(servers.at("hoth", 1).map(|known| known.fingerprint), Some(key(2)));
    }

    #[test]
    fn the_server_used_last_stands_first() {
        let mut servers = KnownServers::default();
        servers.pin("hoth", 1, key(1), MONDAY);
        servers.pin("endor", 1, key(2), MONDAY);
        let name = UserName::new("yoda").unwrap();
        servers.used("hoth", 1, Login { name: name.clone(), title: "Echo Base".into(), at: TUESDAY });
        let first = &servers.all()[0];
        assert_eq!((first.host.as_str(), &first.name, first.last_used), ("hoth", &Some(name), Some(TUESDAY)));
        servers.forget("hoth", 1);
        assert_eq!(servers.all().len(), 1);
    }

    #[test]
    fn the_list_reads_back_from_its_file() {
        let mut servers = KnownServers::default();
        servers.pin("hoth", 1, key(1), MONDAY);
        let text = serde_json::to_string(&servers).unwrap();
        assert_eq!(serde_json::from_str::<KnownServers>(&text).unwrap(), servers);
    }
}
