//! This device's own key, and the keys of contacts' devices.

use std::collections::BTreeMap;
use std::path::Path;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use whoelse_model::{Pin, Pins};
use whoelse_proto::{DeviceKey, Fingerprint, Timestamp, UserName};
use zeroize::Zeroizing;

use super::files;
use crate::clock::random;
use crate::error::{Error, Result};

/// The key by which this device is known: 32 bytes, a secret.
pub(crate) type DeviceSecret = Zeroizing<[u8; 32]>;

/// The file with this device's key.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    secret: String,
}

/// Reads this device's key; one is made where there is none.
pub(super) fn secret(path: &Path) -> Result<DeviceSecret> {
    let kept: Kept = files::read(path)?;
    if kept.secret.is_empty() {
        let secret = Zeroizing::new(random());
        files::replace(path, &Kept { secret: HEXLOWER.encode(&*secret) })?;
        return Ok(secret);
    }
    let bytes = HEXLOWER.decode(kept.secret.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    let damaged = || Error::Damaged { path: path.to_owned(), cause: "no key of 32 bytes".to_owned() };
    bytes.map(Zeroizing::new).ok_or_else(damaged)
}

/// The keys of contacts' devices, by server and name.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct KnownDevices(BTreeMap<String, BTreeMap<String, Known>>);

/// A contact's key.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    key: String,
    since: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verified_at: Option<u64>,
}

impl KnownDevices {
    /// The keys known on a server.
    pub(super) fn pins(&self, server: Fingerprint) -> Pins {
        let all = self.0.get(&server.to_string()).into_iter().flatten();
        Pins::new(all.filter_map(|(name, known)| {
            let bytes: [u8; 32] = HEXLOWER.decode(known.key.as_bytes()).ok()?.try_into().ok()?;
            let pin = Pin {
                device: DeviceKey::from_bytes(bytes),
                since: Timestamp::from_millis(known.since),
                verified_at: known.verified_at.map(Timestamp::from_millis),
            };
            Some((UserName::new(name).ok()?, pin))
        }))
    }

    /// Replaces the keys known on a server.
    pub(super) fn keep(&mut self, server: Fingerprint, pins: &Pins) {
        let known = |pin: &Pin| Known {
            key: pin.device.to_string(),
            since: pin.since.millis(),
            verified_at: pin.verified_at.map(Timestamp::millis),
        };
        let all = pins.iter().map(|(name, pin)| (name.as_str().to_owned(), known(pin)));
        self.0.insert(server.to_string(), all.collect());
    }
}
