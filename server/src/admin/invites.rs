//! Invitations with a secret: given out, listed and taken back beside the running server, which reads them from the
//! database when somebody shows one.

use whoelse_proto::{InviteSecret, Seconds};

use super::{AdminError, now};
use crate::data_dir::{DataDir, DataDirError, Paths};
use crate::invites;
use crate::store::{self, Invite, SqliteStore};

/// Accounts for which one invitation may be: a whole school, and no second way of leaving the door open.
pub const MAX_USES: u32 = 10_000;

/// Days for which an invitation may be good: a year.
pub const MAX_DAYS: u32 = 366;

/// Invitations that there may be at a time: each looked up by its hash, and all of them in a list that a person reads.
pub const MAX_INVITES: u64 = 10_000;

/// Seconds of a day.
const DAY_S: u64 = 24 * 60 * 60;

/// For what an invitation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many accounts may be made by it, at most [`MAX_USES`].
    pub uses: u32,
    /// For how many days it is good, at most [`MAX_DAYS`].
    pub days: u32,
}

impl Terms {
    /// For one person who reads mail within the week.
    pub const USUAL: Self = Self { uses: 1, days: 7 };
}

/// Gives out an invitation and returns its secret, which is kept nowhere.
///
/// # Errors
/// [`AdminError::TooManyInvites`], [`AdminError::NotInvited`], [`AdminError::DataDir`] or [`AdminError::Store`].
pub fn invite(paths: &Paths, terms: Terms) -> Result<InviteSecret, AdminError> {
    make_database(paths)?;
    let secret = invites::draw().map_err(|error| AdminError::NotInvited(error.to_string()))?;
    let (hash, now) = (invites::hash(&secret), now());
    let uses = terms.uses.clamp(1, MAX_USES);
    let ends_at = now.plus(Seconds::new(u64::from(terms.days.clamp(1, MAX_DAYS)) * DAY_S));
    let given = store::change(&paths.database(), |db| {
        if store::invites::count(db)? >= MAX_INVITES {
            return Ok(None);
        }
        store::invites::give(db, hash, uses, now, ends_at).map(Some)
    })?;
    given.map(|_| secret).ok_or(AdminError::TooManyInvites)
}

/// Every invitation that was given out and not taken back, oldest first. One whose time is over is listed for a while.
///
/// # Errors
/// [`AdminError::Store`].
pub fn list_invites(paths: &Paths) -> Result<Vec<Invite>, AdminError> {
    Ok(store::look(&paths.database(), store::invites::list)?)
}

/// Takes an invitation back: nobody makes an account by it any more.
///
/// # Errors
/// [`AdminError::NoSuchInvite`] or [`AdminError::Store`].
pub fn revoke_invite(paths: &Paths, number: u64) -> Result<(), AdminError> {
    let is_gone =
        paths.database().exists() && store::change(&paths.database(), |db| store::invites::revoke(db, number))?;
    if is_gone { Ok(()) } else { Err(AdminError::NoSuchInvite(number)) }
}

/// Makes the database where no server has run yet.
fn make_database(paths: &Paths) -> Result<(), AdminError> {
    if paths.database().exists() {
        return Ok(());
    }
    match DataDir::open(paths.clone()) {
        Ok(_held) => SqliteStore::open(&paths.database()).map(drop).map_err(AdminError::Store),
        // The server that has the folder is about to make it, or says in its log why it cannot.
        Err(DataDirError::InUse(_)) => Ok(()),
        Err(error @ (DataDirError::NoHome | DataDirError::Unwritable { .. })) => Err(error.into()),
    }
}
