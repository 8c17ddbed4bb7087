//! The secret by which a server knows a device again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// By which a server knows a device that was logged in before: shown at a login, it lets the device try while strangers
/// have locked the name. It opens nothing by itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DevicePass(#[serde(with = "serde_bytes")] [u8; 32]);

impl DevicePass {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes: a secret.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for DevicePass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DevicePass(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_not_printed() {
        assert_eq!(format!("{:?}", DevicePass::from_bytes([7; 32])), "DevicePass(…)");
    }
}
