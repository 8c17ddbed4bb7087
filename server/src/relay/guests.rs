//! Who may use the relay: devices that sessions have published, each with few lines, and no address with all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use iroh_base::EndpointId;
use iroh_relay::server::clients::Clients;
use iroh_relay::server::{Access, AccessControl, ClientRequest, ConnectionId};
use whoelse_hub::Origin;
use whoelse_proto::DeviceKey;

use crate::net::{Full, Leaves, Places, RelayGuests};

/// Lines of one device at a time: new ones come before the relay has noticed that the old ones are gone.
const MAX_LINES_OF_DEVICE: usize = 4;

/// One origin has at most this part of the places for lines, as of those for sessions.
const SHARE_OF: usize = 2;

/// The guest list.
#[derive(Debug)]
pub(crate) struct GuestList {
    clients: Clients,
    guests: Mutex<Guests<Line>>,
}

/// A line, as the relay knows it.
#[derive(Clone, Copy, Debug)]
struct Line {
    device: EndpointId,
    connection: ConnectionId,
}

#[derive(Debug)]
struct Guests<L> {
    /// Sessions in which a device is published.
    published: BTreeMap<DeviceKey, usize>,
    /// Lines of a device.
    lines: BTreeMap<DeviceKey, usize>,
    /// All lines. When there are too many, the youngest of the origin with the most makes room.
    places: Places<L>,
    last: u64,
}

impl GuestList {
    /// Nobody yet; whoever is shut out is disconnected from these clients.
    pub(super) fn new(clients: Clients, places: usize) -> Self {
        Self { clients, guests: Mutex::new(Guests::new(places)) }
    }

    fn come(&self, line: Line, origin: Origin) -> Result<u64, &'static str> {
        let (place, leaver) = self.lock().come(key_of(line.device), origin, line)?;
        if let Some(Line { device, connection }) = leaver {
            self.clients.disconnect(device, Some(connection));
        }
        Ok(place)
    }

    /// A thread that panics leaves a count behind that is off by one and nothing worse.
    fn lock(&self) -> MutexGuard<'_, Guests<Line>> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RelayGuests for GuestList {
    fn open(&self, device: DeviceKey) {
        *self.lock().published.entry(device).or_default() += 1;
    }

    fn shut(&self, device: DeviceKey) {
        if !self.lock().leave(device) {
            return;
        }
        // What is no point of the curve never came in.
        if let Ok(id) = EndpointId::from_bytes(device.as_bytes()) {
            self.clients.disconnect(id, None);
        }
    }
}

impl<L> Guests<L> {
    fn new(places: usize) -> Self {
        let places = Places::new(places, places.div_ceil(SHARE_OF), Leaves::Youngest);
        Self { published: BTreeMap::new(), lines: BTreeMap::new(), places, last: 0 }
    }

    /// One session less. Gives whether it was the last.
    fn leave(&mut self, device: DeviceKey) -> bool {
        let Some(sessions) = self.published.get_mut(&device) else { return false };
        *sessions = sessions.saturating_sub(1);
        if *sessions == 0 {
            self.published.remove(&device);
            return true;
        }
        false
    }

    /// One line more, unless there is a reason against it. Gives its place, and the line that makes room for it.
    fn come(&mut self, device: DeviceKey, origin: Origin, line: L) -> Result<(u64, Option<L>), &'static str> {
        if !self.published.contains_key(&device) {
            return Err("no session has published this device");
        }
        if self.lines.get(&device).is_some_and(|lines| *lines >= MAX_LINES_OF_DEVICE) {
            return Err("the device has too many lines");
        }
        self.last += 1;
        let leaver = self.places.take(self.last, origin, line).map_err(|Full| "the relay is full")?;
        *self.lines.entry(device).or_default() += 1;
        Ok((self.last, leaver))
    }

    /// One line less.
    fn go(&mut self, device: DeviceKey, place: u64) {
        self.places.leave(place);
        if let Some(lines) = self.lines.get_mut(&device) {
            *lines = lines.saturating_sub(1);
            if *lines == 0 {
                self.lines.remove(&device);
            }
        }
    }
}

/// Where one line comes in, and then its place.
#[derive(Debug)]
pub(super) struct Entrance {
    guests: Arc<GuestList>,
    origin: Origin,
    let_in: OnceLock<(u64, Line)>,
}

impl Entrance {
    /// For a line from there.
    pub(super) const fn new(guests: Arc<GuestList>, origin: Origin) -> Self {
        Self { guests, origin, let_in: OnceLock::new() }
    }

    /// Disconnects the line if its device was shut out, or its place given to another, while it came in.
    pub(super) fn look_again(&self) {
        let Some((place, Line { device, connection })) = self.let_in.get().copied() else { return };
        let guests = self.guests.lock();
        let stays = guests.published.contains_key(&key_of(device)) && guests.places.has(place);
        drop(guests);
        if !stays {
            self.guests.clients.disconnect(device, Some(connection));
        }
    }
}

impl AccessControl for Entrance {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        let line = Line { device: request.endpoint_id(), connection: request.connection_id() };
        match self.guests.come(line, self.origin) {
            Ok(place) => {
                self.let_in.get_or_init(|| (place, line));
                Access::Allow
            }
            Err(reason) => Access::Deny { reason: Some(reason.to_owned()) },
        }
    }

    fn on_disconnect(&self, device: EndpointId, _connection: ConnectionId) {
        if let Some((place, _)) = self.let_in.get() {
            self.guests.lock().go(key_of(device), *place);
        }
    }
}

/// A device as the server knows it.
fn key_of(device: EndpointId) -> DeviceKey {
    DeviceKey::from_bytes(*device.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn device(n: u8) -> DeviceKey {
        DeviceKey::from_bytes([n; 32])
    }

    fn host(n: u8) -> Origin {
        Origin::of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, n)))
    }

    #[test]
    fn one_address_with_many_devices_leaves_the_relay_to_others() {
        let mut guests = Guests::new(4);
        (1..=9).for_each(|n| _ = guests.published.insert(device(n), 1));
        let mut come = |of: u8, from: u8| guests.come(device(of), host(from), of).map(|(_, leaver)| leaver);
        assert_eq!((come(1, 1), come(2, 1)), (Ok(None), Ok(None)));
        assert_eq!(come(3, 1), Err("the relay is full"), "half of the places is the share of one address");
        assert_eq!((come(4, 2), come(5, 2)), (Ok(None), Ok(None)));
        assert_eq!(come(6, 3), Ok(Some(5)), "the youngest of an address with the most makes room");
    }

    #[test]
    fn a_place_is_free_again_once_its_line_is_gone() {
        let mut guests = Guests::new(2);
        (1..=3).for_each(|n| _ = guests.published.insert(device(n), 1));
        let (place, _) = guests.come(device(1), host(1), ()).unwrap();
        assert!(guests.places.has(place));
        assert!(guests.come(device(2), host(1), ()).is_err());
        guests.go(device(1), place);
        assert!(!guests.places.has(place) && guests.lines.is_empty());
        assert!(guests.come(device(2), host(1), ()).is_ok());
    }
}
