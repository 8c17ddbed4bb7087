//! The salt of an account's OPRF key: drawn when its record is made, kept in the record.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use rand_core::{OsRng, RngCore};
use whoelse_proto::UserName;
use whoelse_proto::opaque::{SALT_BYTES, credential_identifier, salted_identifier};

use super::key::ServerKey;

/// The context under which the salt of a name without an account is derived (BLAKE3's `derive_key`).
const UNKNOWN_CONTEXT: &str = "whoelse-server 2026 salt of a name without an account v1";

/// Makes the OPRF key of one record differ from that of every other record, also of the same name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; SALT_BYTES]);

impl Salt {
    /// A fresh one.
    pub(super) fn draw() -> Self {
        let mut bytes = [0; SALT_BYTES];
        OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The one under which a name without an account is answered: always the same for a name, as the salt of a record
    /// is, and not to be computed without the server's key.
    pub(super) fn of_unknown(key: &ServerKey, name: &UserName) -> Self {
        let material = zeroize::Zeroizing::new([&key.setup().serialize()[..], name.as_str().as_bytes()].concat());
        Self(blake3::derive_key(UNKNOWN_CONTEXT, &material))
    }

    pub(crate) const fn from_bytes(bytes: [u8; SALT_BYTES]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; SALT_BYTES] {
        &self.0
    }

    /// As a word of a record.
    pub(super) fn to_word(self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// From a word of a record.
    pub(super) fn parse(word: &str) -> Option<Self> {
        BASE64URL_NOPAD.decode(word.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The identifier under which the OPRF key of a record is derived. Records of the first format have no salt.
pub(super) fn identifier(name: &UserName, salt: Option<&Salt>) -> Vec<u8> {
    salt.map_or_else(|| credential_identifier(name).to_vec(), |salt| salted_identifier(name, &salt.0))
}
