//! Secrets that a server gives out: by which it knows a device again, and by which somebody may make an account.

use std::fmt;

use data_encoding::HEXLOWER;
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

/// The secret of an invitation: whoever shows it may make an account. 128 random bits, which nobody guesses however fast;
/// written as 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InviteSecret(#[serde(with = "serde_bytes")] [u8; 16]);

/// Why a string is no secret of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret of an invitation has 32 hexadecimal digits")]
pub struct InviteSecretError;

impl InviteSecret {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes: a secret.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// Its digits: a secret.
    #[must_use]
    pub fn digits(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl std::str::FromStr for InviteSecret {
    type Err = InviteSecretError;

    fn from_str(raw: &str) -> Result<Self, InviteSecretError> {
        let bytes = HEXLOWER.decode(raw.trim().to_ascii_lowercase().as_bytes()).map_err(|_| InviteSecretError)?;
        bytes.try_into().map(Self).map_err(|_| InviteSecretError)
    }
}

impl fmt::Debug for InviteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_an_invitation_reads_back_from_its_digits_and_is_not_printed() {
        let secret = InviteSecret::from_bytes([0xa7; 16]);
        assert_eq!(secret.expose(), &[0xa7; 16]);
        assert_eq!(secret.digits(), "a7".repeat(16));
        assert_eq!(secret.digits().to_uppercase().parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "InviteSecret(…)");
        for wrong in ["", "a7", &"a7".repeat(17), &"g7".repeat(16)] {
            assert_eq!(wrong.parse::<InviteSecret>(), Err(InviteSecretError), "{wrong}");
        }
    }

    #[test]
    fn a_pass_gives_its_bytes_where_they_are_asked_for_and_is_not_printed() {
        let pass = DevicePass::from_bytes([7; 32]);
        assert_eq!(pass.expose(), &[7; 32]);
        assert_eq!(format!("{pass:?}"), "DevicePass(…)");
    }
}
