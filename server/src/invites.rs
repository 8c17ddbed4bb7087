//! The secrets of invitations: drawn here, kept as hashes alone.

use sha2::{Digest, Sha256};
use whoelse_hub::InviteHash;
use whoelse_proto::InviteSecret;

/// A new secret.
///
/// # Errors
/// What the system says that gives no randomness.
pub(crate) fn draw() -> Result<InviteSecret, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(InviteSecret::from_bytes(bytes))
}

/// The hash under which a secret is kept. It needs no salt and no slow hash: 128 random bits are not guessed.
pub(crate) fn hash(secret: &InviteSecret) -> InviteHash {
    InviteHash::from_bytes(Sha256::digest(secret.expose()).into())
}
