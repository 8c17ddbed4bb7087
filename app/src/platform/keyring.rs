//! Passwords in the system's keyring, only where the user asked for it.
//!
//! A keyring may ask its owner to unlock it, for minutes: all of it happens on a thread of its own.

use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;

use data_encoding::HEXLOWER;
use whoelse_proto::Password;
use zeroize::Zeroizing;

use super::Wake;
use super::error::{Error, Result};
use super::settings::Account;

/// Under which name the keyring shows what is kept.
const SERVICE: &str = "Whoelse";

/// Orders that wait for the keyring: a user gives one at a time.
const ORDERS: usize = 8;

/// What the user is told where there is no keyring.
pub const NO_KEYRING: &str = "This computer cannot save your password.";

/// What the keyring has to say.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// The password of an account, or that there is none.
    Found {
        /// Whose.
        account: Account,
        /// What is kept.
        password: Option<Password>,
    },
    /// The password is in the keyring.
    Kept(Account),
    /// The password is not in the keyring, or never was.
    Forgotten(Account),
    /// The keyring did not do it.
    Failed {
        /// For whom.
        account: Account,
        /// Why not.
        cause: Failure,
    },
}

/// Why the keyring did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There is none; [`NO_KEYRING`] says what it means.
    #[error("{NO_KEYRING}")]
    NoKeyring,
    /// It stays locked, or its owner said no.
    #[error("This computer’s password store is locked, so your password was not saved.")]
    Locked,
    /// Something else.
    #[error("This computer’s password store did not answer: {0}.")]
    Other(String),
}

/// What can keep a secret under a name.
trait Vault: Send + 'static {
    fn get(&self, user: &str) -> Result<Option<Zeroizing<String>>, Failure>;
    fn set(&self, user: &str, secret: &str) -> Result<(), Failure>;
    fn delete(&self, user: &str) -> Result<(), Failure>;
}

enum Order {
    Find(Account),
    Keep(Account, Password),
    Forget(Account),
}

/// The system's keyring. Orders go in, news come out.
#[derive(Debug)]
pub struct Keyring {
    orders: SyncSender<Order>,
    news: Receiver<News>,
}

impl Keyring {
    /// Starts the thread. The keyring itself is asked at the first order.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn start(wake: Wake) -> Result<Self> {
        Self::with(SystemVault, wake)
    }

    fn with(vault: impl Vault, wake: Wake) -> Result<Self> {
        let (orders, to_do) = mpsc::sync_channel(ORDERS);
        // As many as orders can be on their way, with the one being done: telling never waits.
        let (tell, news) = mpsc::sync_channel(ORDERS + 1);
        let work = move || {
            for order in to_do {
                if tell.send(perform(&vault, order)).is_err() {
                    return;
                }
                wake();
            }
        };
        // Not joined: a keyring that waits for its owner must not hold the program.
        thread::Builder::new().name("keyring".to_owned()).spawn(work).map_err(Error::Thread)?;
        Ok(Self { orders, news })
    }

    /// Asks for the password of an account.
    pub fn find(&self, account: Account) {
        self.order(Order::Find(account));
    }

    /// Has a password kept, in place of an earlier one.
    pub fn keep(&self, account: Account, password: Password) {
        self.order(Order::Keep(account, password));
    }

    /// Has a password forgotten.
    pub fn forget(&self, account: Account) {
        self.order(Order::Forget(account));
    }

    /// The news since the last time.
    pub fn take_news(&self) -> impl Iterator<Item = News> {
        self.news.try_iter()
    }

    fn order(&self, order: Order) {
        match self.orders.try_send(order) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => tracing::warn!("the keyring does not follow; an order is dropped"),
            Err(TrySendError::Disconnected(_)) => tracing::warn!("the keyring's thread is gone"),
        }
    }
}

/// Does what was ordered.
fn perform(vault: &impl Vault, order: Order) -> News {
    let (account, done) = match order {
        Order::Find(account) => match find(vault, &account) {
            Ok(password) => return News::Found { account, password },
            Err(cause) => return News::Failed { account, cause },
        },
        Order::Keep(account, password) => {
            let done = vault.set(&user(&account), password.expose()).map(|()| News::Kept(account.clone()));
            (account, done)
        }
        Order::Forget(account) => {
            let done = vault.delete(&user(&account)).map(|()| News::Forgotten(account.clone()));
            (account, done)
        }
    };
    done.unwrap_or_else(|cause| News::Failed { account, cause })
}

/// What is kept for an account. What cannot be a password was not put there by this program.
fn find(vault: &impl Vault, account: &Account) -> Result<Option<Password>, Failure> {
    Ok(vault.get(&user(account))?.and_then(|secret| Password::new(&secret).ok()))
}

/// The name of an account in the keyring: readable, and different for every server.
fn user(account: &Account) -> String {
    let server = HEXLOWER.encode(account.server.as_bytes());
    format!("{} at {server}", account.name)
}

/// The keyring of this system: Secret Service, Keychain or Credential Manager.
struct SystemVault;

impl Vault for SystemVault {
    fn get(&self, user: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        match entry(user)?.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    fn set(&self, user: &str, secret: &str) -> Result<(), Failure> {
        entry(user)?.set_password(secret).map_err(|error| failure(&error))
    }

    fn delete(&self, user: &str) -> Result<(), Failure> {
        match entry(user)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

fn entry(user: &str) -> Result<keyring::Entry, Failure> {
    if let Err(error) = keyring::Entry::store_status() {
        tracing::info!(%error, "there is no keyring");
        return Err(Failure::NoKeyring);
    }
    keyring::Entry::new(SERVICE, user).map_err(|error| failure(&error))
}

/// What a fault of the keyring means. Some faults carry the secret itself: their text is never used.
fn failure(error: &keyring::Error) -> Failure {
    use keyring::Error as Fault;
    match error {
        Fault::NoStorageAccess(_) => Failure::Locked,
        Fault::NoDefaultStore => Failure::NoKeyring,
        Fault::PlatformFailure(cause) => Failure::Other(cause.to_string()),
        Fault::BadEncoding(_) | Fault::BadDataFormat(..) => Failure::Other("it holds something else".to_owned()),
        Fault::TooLong(_, limit) => Failure::Other(format!("it takes at most {limit} characters")),
        // The enum is open to further faults; none of those left tells an owner of a keyring anything.
        Fault::NoEntry | Fault::BadStoreFormat(_) | Fault::Invalid(..) | Fault::Ambiguous(_) | _ => {
            Failure::Other("it refused".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use whoelse_proto::{Fingerprint, UserName};

    use super::*;

    /// A keyring in memory, or one that refuses.
    #[derive(Clone, Default)]
    struct TestVault {
        kept: Arc<Mutex<BTreeMap<String, String>>>,
        refuses: Option<Failure>,
    }

    impl Vault for TestVault {
        fn get(&self, user: &str) -> Result<Option<Zeroizing<String>>, Failure> {
            self.refusal()?;
            Ok(self.kept.lock().unwrap().get(user).cloned().map(Zeroizing::new))
        }
        fn set(&self, user: &str, secret: &str) -> Result<(), Failure> {
            self.refusal()?;
            self.kept.lock().unwrap().insert(user.to_owned(), secret.to_owned());
            Ok(())
        }
        fn delete(&self, user: &str) -> Result<(), Failure> {
            self.refusal()?;
            self.kept.lock().unwrap().remove(user);
            Ok(())
        }
    }

    impl TestVault {
        fn refusal(&self) -> Result<(), Failure> {
            self.refuses.clone().map_or(Ok(()), Err)
        }
    }

    fn hans_on(server: u8) -> Account {
        Account { server: Fingerprint::from_bytes([server; 32]), name: UserName::new("hans").unwrap() }
    }

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    /// A keyring with a queue of its wakings.
    fn started(vault: TestVault) -> (Keyring, Receiver<()>) {
        let (woken, waking) = mpsc::channel();
        let woken = Mutex::new(woken);
        let wake: Wake = Arc::new(move || woken.lock().unwrap().send(()).unwrap_or_default());
        (Keyring::with(vault, wake).unwrap(), waking)
    }

    fn next(keyring: &Keyring, waking: &Receiver<()>) -> News {
        waking.recv().unwrap();
        keyring.news.recv().unwrap()
    }

    #[test]
    fn a_password_is_kept_found_and_forgotten_for_one_server_alone() {
        let (keyring, waking) = started(TestVault::default());
        keyring.keep(hans_on(1), password("falcon*solo"));
        assert_eq!(next(&keyring, &waking), News::Kept(hans_on(1)));
        keyring.find(hans_on(1));
        let found = Some(password("falcon*solo"));
        assert_eq!(next(&keyring, &waking), News::Found { account: hans_on(1), password: found });
        keyring.find(hans_on(2));
        assert_eq!(next(&keyring, &waking), News::Found { account: hans_on(2), password: None });
        keyring.forget(hans_on(1));
        assert_eq!(next(&keyring, &waking), News::Forgotten(hans_on(1)));
        keyring.find(hans_on(1));
        assert_eq!(next(&keyring, &waking), News::Found { account: hans_on(1), password: None });
    }

    #[test]
    fn where_there_is_no_keyring_that_is_said() {
        let (keyring, waking) = started(TestVault { refuses: Some(Failure::NoKeyring), ..TestVault::default() });
        keyring.keep(hans_on(1), password("falcon*solo"));
        let News::Failed { account, cause } = next(&keyring, &waking) else { panic!("kept") };
        assert_eq!((account, cause.to_string()), (hans_on(1), NO_KEYRING.to_owned()));
    }

    #[test]
    fn something_else_in_its_place_is_no_password() {
        let vault = TestVault::default();
        vault.set(&user(&hans_on(1)), "not\na password").unwrap();
        assert_eq!(find(&vault, &hans_on(1)), Ok(None));
    }

    #[test]
    fn no_failure_says_what_was_to_be_kept() {
        let secret = || b"falcon*solo".to_vec();
        for fault in [
            keyring::Error::BadEncoding(secret()),
            keyring::Error::BadDataFormat(secret(), "x".into()),
            keyring::Error::TooLong("password".into(), 8),
        ] {
            assert!(!format!("{:?}", failure(&fault)).contains("falcon"));
        }
    }
}
