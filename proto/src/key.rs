//! The fingerprint by which a server's key is recognised.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// SHA-256 of a certificate's `SubjectPublicKeyInfo` in DER (the pin of RFC 7469), written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// Why a string is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 hexadecimal digits; spaces and colons between them do not count")]
pub struct FingerprintError;

impl Fingerprint {
    /// Of a public key, as the certificate carries it.
    #[must_use]
    pub fn of_public_key(subject_public_key_info: &[u8]) -> Self {
        Self(Sha256::digest(subject_public_key_info).into())
    }

    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digits in groups of four, four groups a line, for a person to compare.
    #[must_use]
    pub fn grouped(&self) -> String {
        let digits = self.to_string();
        let mut out = String::with_capacity(80);
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && i % 16 == 0 {
                out.push('\n');
            } else if i > 0 && i % 4 == 0 {
                out.push(' ');
            }
            out.push(c);
        }
        out
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = FingerprintError;
    fn from_str(raw: &str) -> Result<Self, FingerprintError> {
        let digits: String =
            raw.chars().filter(|c| !c.is_whitespace() && *c != ':').map(|c| c.to_ascii_lowercase()).collect();
        let bytes = HEXLOWER.decode(digits.as_bytes()).map_err(|_| FingerprintError)?;
        bytes.try_into().map(Self).map_err(|_| FingerprintError)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_as_digits_groups_and_colons() {
        let fingerprint = Fingerprint::of_public_key(b"key");
        let digits = fingerprint.to_string();
        assert_eq!(digits.len(), 64);
        assert_eq!(digits.parse(), Ok(fingerprint));
        assert_eq!(digits.to_uppercase().parse(), Ok(fingerprint));
        assert_eq!(fingerprint.grouped().parse(), Ok(fingerprint));
        assert_eq!(Fingerprint::from_bytes(*fingerprint.as_bytes()), fingerprint);
        assert_eq!("".parse::<Fingerprint>(), Err(FingerprintError));
        assert_eq!(digits[1..].parse::<Fingerprint>(), Err(FingerprintError));
    }

    #[test]
    fn a_person_compares_a_fingerprint_in_four_lines_of_four_groups() {
        let fingerprint = Fingerprint::from_bytes(core::array::from_fn(|n| u8::try_from(n).unwrap()));
        assert_eq!(
            fingerprint.grouped(),
            "0001 0203 0405 0607\n0809 0a0b 0c0d 0e0f\n1011 1213 1415 1617\n1819 1a1b 1c1d 1e1f"
        );
    }
}
