//! Who signs in where with what, and what is remembered of it while the program runs.

use whoelse_model::{Credential, SignIn, TakeOver};
use whoelse_proto::{Fingerprint, InviteSecret, Password, Timestamp, UserName};

use super::conversation::Owner;
use crate::error::Result;
use crate::link::{Attempt, Backoff, Greeting, Identity, Proof, Welcome};
use crate::profile::{KnownServer, Login, Profile};

/// What a failed attempt leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Persistence {
    /// The user waits for the outcome and will decide.
    Once,
    /// There is, or was, a session: it is tried again.
    UntilToldOtherwise,
}

/// An account that is, or is being, signed in.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) name: UserName,
    /// The key that the server must have: the invitation's, the pinned one, or the one that the user trusts.
    pub(super) expected: Option<Fingerprint>,
    pub(super) persistence: Persistence,
    pub(super) backoff: Backoff,
    credential: Credential,
    /// By what a new account is made.
    invite: Option<InviteSecret>,
    take_over: TakeOver,
    /// The pin of this address, where an invitation names another key and the user has not decided between them.
    contradicted: Option<KnownServer>,
}

impl Account {
    /// An account to sign in.
    pub(super) fn new(sign_in: SignIn, profile: &Profile) -> Self {
        let SignIn { server, name, credential, trusted, take_over } = sign_in;
        let known = profile.known_server(&server.host, server.port);
        let expected = trusted.or(server.fingerprint).or(known.as_ref().map(|known| known.fingerprint));
        let contradicted = known.filter(|known| trusted.is_none() && expected != Some(known.fingerprint));
        let persistence = match credential {
            Credential::KeptToken => Persistence::UntilToldOtherwise,
            Credential::Password(_) | Credential::NewAccount(_) => Persistence::Once,
        };
        let (host, port, invite) = (server.host, server.port, server.secret);
        let backoff = Backoff::default();
        Self { host, port, name, expected, persistence, backoff, credential, invite, take_over, contradicted }
    }

    /// The pin that an invitation contradicts, and the key that the invitation names.
    pub(super) fn contradiction(&self) -> Option<(&KnownServer, Fingerprint)> {
        Some((self.contradicted.as_ref()?, self.expected?))
    }

    /// Whose conversation it is; known once the server's key is.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.expected.map(|server| Owner { server, name: self.name.clone() })
    }

    /// The next attempt. `None` if there is neither token nor password.
    pub(super) fn attempt(&self, profile: &Profile) -> Option<Attempt> {
        let proof = self.proof(profile)?;
        let pass = self.expected.and_then(|server| profile.pass(server, &self.name));
        let who = Identity { name: self.name.clone(), pass, take_over: self.take_over };
        let (host, port, expected) = (self.host.clone(), self.port, self.expected);
        Some(Attempt { host, port, expected, who, proof })
    }

    /// With what to log in: once there was a session, its token, and behind it the password.
    fn proof(&self, profile: &Profile) -> Option<Proof> {
        let token = || self.expected.and_then(|server| profile.token(server, &self.name));
        match (&self.credential, self.persistence) {
            (Credential::Password(password), Persistence::Once) => Some(Proof::Password(password.clone())),
            (Credential::NewAccount(password), _) => Some(Proof::NewAccount(password.clone(), self.invite.clone())),
            (Credential::Password(password), Persistence::UntilToldOtherwise) => Some(match token() {
                Some(token) => Proof::Token(token, Some(password.clone())),
                None => Proof::Password(password.clone()),
            }),
            (Credential::KeptToken, _) => token().map(|token| Proof::Token(token, None)),
        }
    }

    /// Notes that the user is in: from here on the line is kept up, and the profile knows server and token.
    pub(super) fn welcomed(
        &mut self,
        greeting: &Greeting,
        welcome: &Welcome,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<()> {
        self.persistence = Persistence::UntilToldOtherwise;
        self.take_over = TakeOver::No;
        self.invite = None;
        if let Credential::NewAccount(password) = &self.credential {
            self.credential = Credential::Password(Password::clone(password));
        }
        profile.keep_token(greeting.fingerprint, &self.name, &welcome.token)?;
        if let Some(pass) = &welcome.pass {
            profile.keep_pass(greeting.fingerprint, &self.name, pass)?;
        }
        let login = Login { name: self.name.clone(), title: greeting.title.as_str().to_owned(), at: now };
        profile.note_login(&self.host, self.port, login)
    }

    /// The user changed the password.
    pub(super) fn has_password(&mut self, new: Password) {
        if let Credential::Password(password) | Credential::NewAccount(password) = &mut self.credential {
            *password = new;
        }
    }

    /// Forgets token and password: the session is over.
    pub(super) fn forget(&mut self, profile: &Profile) -> Result<()> {
        self.persistence = Persistence::Once;
        self.credential = Credential::KeptToken;
        self.expected.map_or(Ok(()), |server| profile.forget_token(server, &self.name))
    }
}
