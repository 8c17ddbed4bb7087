//! The login protocol's fixed parts: OPAQUE (RFC 9807) with its suite, identities and channel binding.
//!
//! Both sides take them from here, so that they cannot differ. Running it is the shells' work: it needs
//! randomness.

use argon2::{Argon2, Block, RECOMMENDED_SALT_LEN};
use opaque_ke::errors::InternalError;
use opaque_ke::generic_array::{ArrayLength, GenericArray};
use opaque_ke::ksf::Ksf;
use opaque_ke::{CipherSuite, Identifiers, Ristretto255, TripleDh};

use crate::UserName;

/// OPAQUE-3DH over ristretto255 with SHA-512. The key stretching function is Argon2id, version 0x13, with
/// 19,456 KiB of memory, two passes, one lane, 64 bytes of output and a salt of 16 zero bytes: the OPRF has
/// salted its input (RFC 9807, section 7), the cost is the OWASP password storage cheat sheet's.
#[derive(Clone, Copy, Debug)]
pub struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = Stretch;
}

/// The key stretching function of [`Suite`], in memory that goes back to the system after each password.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch;

/// Blocks of address space asked for, 33 MiB, of which Argon2 touches 19. The allocator of glibc returns a block at
/// once only if it is above 32 MiB (`M_MMAP_THRESHOLD`, mallopt(3)): smaller ones it keeps in pieces after each login.
const RESERVED_BLOCKS: usize = 33 * 1024;

impl Ksf for Stretch {
    fn hash<L: ArrayLength<u8>>(&self, input: GenericArray<u8, L>) -> Result<GenericArray<u8, L>, InternalError> {
        let argon2 = Argon2::default();
        let mut memory = Vec::with_capacity(RESERVED_BLOCKS);
        memory.resize(argon2.params().block_count(), Block::new());
        let mut output = GenericArray::default();
        argon2
            .hash_password_into_with_memory(&input, &[0; RECOMMENDED_SALT_LEN], &mut output, memory.as_mut_slice())
            .map_err(|_| InternalError::KsfError)?;
        Ok(output)
    }
}

/// The server's identity in every exchange.
pub const SERVER_IDENTITY: &[u8] = b"whoelse-server";

/// The label of the TLS exporter (RFC 8446, section 7.5; no context) whose output binds a login to its connection.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-whoelse-login-v1";

/// Bytes taken from the exporter.
pub const EXPORTER_BYTES: usize = 32;

/// What stands in front of the exporter's bytes in the context of a login.
pub const CONTEXT: &[u8] = b"whoelse login v1";

/// The identities of an exchange for `name`.
#[must_use]
pub fn identifiers(name: &UserName) -> Identifiers<'_> {
    Identifiers { client: Some(name.as_str().as_bytes()), server: Some(SERVER_IDENTITY) }
}

/// The context of a login on the connection with these exporter bytes: [`CONTEXT`], then the bytes.
#[must_use]
pub fn context(exporter: &[u8; EXPORTER_BYTES]) -> Vec<u8> {
    [CONTEXT, exporter].concat()
}

/// Bytes of the salt of an account's OPRF key.
pub const SALT_BYTES: usize = 32;

/// The identifier under which a server derives the OPRF key of an account whose record has a salt: the name, then the
/// salt. The salt is drawn when the record is made. Before that the key does not exist, so nobody can have the server
/// evaluate guesses of a password in advance.
#[must_use]
pub fn salted_identifier(name: &UserName, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    [name.as_str().as_bytes(), salt].concat()
}

/// The identifier under which a server derives the OPRF key of an account whose record has no salt, as records of
/// the first format (`$opaque$1$`) have none.
#[must_use]
pub fn credential_identifier(name: &UserName) -> &[u8] {
    name.as_str().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_with_a_salt_has_an_oprf_key_of_its_own() {
        let name = |raw| UserName::new(raw).unwrap();
        let salted = salted_identifier(&name("hans"), &[7; SALT_BYTES]);
        assert_eq!(salted, [b"hans".as_slice(), &[7; SALT_BYTES]].concat());
    }

    #[test]
    fn a_password_is_stretched_as_the_argon2_of_the_suite_does_it() {
        let input = GenericArray::<u8, opaque_ke::generic_array::typenum::U64>::clone_from_slice(&[7; 64]);
        let plain = Ksf::hash(&Argon2::default(), input).unwrap();
        assert_eq!(Stretch.hash(input).unwrap(), plain);
    }
}
