//! The server's OPAQUE key: the file `opaque.key`, and the id by which a record names it.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use opaque_ke::ServerSetup;
use rand_core::OsRng;
use whoelse_proto::opaque::Suite;
use zeroize::Zeroizing;

use super::AccountsError;
use crate::whole_file;

/// The first line of the file: what it is, in which version.
const MAGIC: &[u8] = b"whoelse opaque key 1\n";

/// The context under which a key becomes its id (BLAKE3's `derive_key`).
const ID_CONTEXT: &str = "whoelse-server 2025 opaque key id v1";

/// Bytes of an id: enough that no two servers share one by chance.
const ID_BYTES: usize = 8;

/// Names a key without telling anything of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId([u8; ID_BYTES]);

impl KeyId {
    /// From its hexadecimal digits.
    pub(in crate::accounts) fn parse(digits: &str) -> Option<Self> {
        HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The key under which every record of this server is made.
pub(super) struct ServerKey {
    setup: ServerSetup<Suite>,
    id: KeyId,
}

impl ServerKey {
    /// Reads the key, or makes one where there is none. Of two processes that make one at the same time the
    /// second takes the first one's.
    ///
    /// # Errors
    /// [`AccountsError::Key`] if the file holds something else, [`AccountsError::Io`].
    pub(super) fn open(path: &Path) -> Result<Self, AccountsError> {
        match fs::read(path) {
            Ok(bytes) => Self::parse(&Zeroizing::new(bytes), path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(AccountsError::io("read", path)(error)),
        }
    }

    fn make(path: &Path) -> Result<Self, AccountsError> {
        let setup = ServerSetup::<Suite>::new(&mut OsRng);
        let bytes = Zeroizing::new([MAGIC, &setup.serialize()].concat());
        match whole_file::create(path, &bytes) {
            Ok(()) => Ok(Self::of(setup)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let bytes = fs::read(path).map_err(AccountsError::io("read", path))?;
                Self::parse(&Zeroizing::new(bytes), path)
            }
            Err(error) => Err(AccountsError::io("make", path)(error)),
        }
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self, AccountsError> {
        let damaged = || AccountsError::Key(path.to_path_buf());
        let body = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
        let setup = ServerSetup::<Suite>::deserialize(body).map_err(|_| damaged())?;
        // The library reads past nothing and ignores what follows.
        if setup.serialize().as_slice() != body {
            return Err(damaged());
        }
        Ok(Self::of(setup))
    }

    fn of(setup: ServerSetup<Suite>) -> Self {
        let serialized = Zeroizing::new(setup.serialize().to_vec());
        let digest = Zeroizing::new(blake3::derive_key(ID_CONTEXT, &serialized));
        let mut id = [0; ID_BYTES];
        id.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        Self { setup, id: KeyId(id) }
    }

    pub(super) const fn setup(&self) -> &ServerSetup<Suite> {
        &self.setup
    }

    pub(super) const fn id(&self) -> KeyId {
        self.id
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_ever_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("opaque.key");
        let made = ServerKey::open(&path).unwrap();
        let read = ServerKey::open(&path).unwrap();
        assert_eq!(made.id(), read.id());
        assert_eq!(made.setup().serialize(), read.setup().serialize());
    }

    #[test]
    fn two_who_make_the_key_at_once_get_the_same_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("opaque.key");
        let ids: Vec<KeyId> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(|| ServerKey::open(&path).unwrap().id())).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    }

    #[test]
    fn who_comes_second_takes_the_key_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("opaque.key");
        let first = ServerKey::open(&path).unwrap();
        assert_eq!(ServerKey::make(&path).unwrap().id(), first.id());
    }

    #[test]
    fn a_key_that_cannot_be_made_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let refused = ServerKey::open(&folder.path().join("no folder").join("opaque.key")).err();
        assert!(matches!(refused, Some(AccountsError::Io { action: "make", .. })), "{refused:?}");
    }

    #[test]
    fn a_damaged_key_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("opaque.key");
        ServerKey::open(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        let longer = [whole.as_slice(), b"x"].concat();
        for bytes in [&whole[..whole.len() - 1], &whole[1..], &[], &longer] {
            fs::write(&path, bytes).unwrap();
            assert!(matches!(ServerKey::open(&path), Err(AccountsError::Key(_))));
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let folder = tempfile::tempdir().unwrap();
        let key = ServerKey::open(&folder.path().join("opaque.key")).unwrap();
        assert_eq!(format!("{key:?}"), format!("ServerKey {{ id: {}, .. }}", key.id()));
    }
}
