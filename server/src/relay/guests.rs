//! Who may use the relay: devices that sessions have published, each with few lines.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use iroh_base::EndpointId;
use iroh_relay::server::clients::Clients;
use iroh_relay::server::{Access, AccessControl, ClientRequest, ConnectionId};
use whoelse_proto::DeviceKey;

use crate::net::RelayGuests;

/// Lines of one device at a time: new ones come before the relay has noticed that the old ones are gone.
const MAX_LINES_OF_DEVICE: usize = 4;

/// The guest list.
#[derive(Debug)]
pub(crate) struct GuestList {
    clients: Clients,
    places: usize,
    guests: Mutex<Guests>,
}

#[derive(Debug, Default)]
struct Guests {
    /// Sessions in which a device is published.
    published: BTreeMap<DeviceKey, usize>,
    /// Lines of a device.
    lines: BTreeMap<DeviceKey, usize>,
    /// Lines in all.
    total: usize,
}

impl GuestList {
    /// Nobody yet; whoever is shut out is disconnected from these clients.
    pub(super) fn new(clients: Clients, places: usize) -> Self {
        Self { clients, places, guests: Mutex::default() }
    }

    /// Disconnects a device that was shut out while it came in.
    pub(super) fn look_again(&self, device: EndpointId) {
        if !self.lock().published.contains_key(&key_of(device)) {
            self.clients.disconnect(device, None);
        }
    }

    /// A thread that panics leaves a count behind that is off by one and nothing worse.
    fn lock(&self) -> MutexGuard<'_, Guests> {
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

impl Guests {
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

    /// One line more, unless there is a reason against it.
    fn come(&mut self, device: DeviceKey, places: usize) -> Result<(), &'static str> {
        if !self.published.contains_key(&device) {
            return Err("no session has published this device");
        }
        if self.total >= places {
            return Err("the relay is full");
        }
        let lines = self.lines.entry(device).or_default();
        if *lines >= MAX_LINES_OF_DEVICE {
            return Err("the device has too many lines");
        }
        *lines += 1;
        self.total += 1;
        Ok(())
    }

    /// One line less.
    fn go(&mut self, device: DeviceKey) {
        self.total = self.total.saturating_sub(1);
        if let Some(lines) = self.lines.get_mut(&device) {
            *lines = lines.saturating_sub(1);
            if *lines == 0 {
                self.lines.remove(&device);
            }
        }
    }
}

impl AccessControl for GuestList {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        match self.lock().come(key_of(request.endpoint_id()), self.places) {
            Ok(()) => Access::Allow,
            Err(reason) => Access::Deny { reason: Some(reason.to_owned()) },
        }
    }

    fn on_disconnect(&self, device: EndpointId, _connection: ConnectionId) {
        self.lock().go(key_of(device));
    }
}

/// A device as the server knows it.
fn key_of(device: EndpointId) -> DeviceKey {
    DeviceKey::from_bytes(*device.as_bytes())
}
