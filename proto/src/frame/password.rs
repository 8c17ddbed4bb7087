//! What a server tells of wrong passwords.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Wrong passwords for an account since its last login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedTries {
    /// How many.
    pub count: u32,
    /// When the last one came.
    pub last: Timestamp,
}
