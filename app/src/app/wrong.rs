//! What is wrong with a name or a password that is typed, in words for below its field.

use whoelse_proto::limits::{MAX_NAME_BYTES, MAX_PASSWORD_BYTES};
use whoelse_proto::{NameError, PasswordError};

/// Below the field of a name that cannot be one.
pub(super) fn name(error: NameError) -> String {
    match error {
        NameError::Empty => "A name has at least one character.".to_owned(),
        NameError::TooLong => format!("A name has at most {MAX_NAME_BYTES} characters."),
        NameError::Character => format!("A name holds {SIGNS}."),
    }
}

/// Below the field of a password that cannot be one.
pub(super) fn password(error: PasswordError) -> String {
    match error {
        PasswordError::Empty => "A password has at least one character.".to_owned(),
        PasswordError::TooLong => format!("A password has at most {MAX_PASSWORD_BYTES} characters."),
        PasswordError::Character => format!("A password holds {SIGNS}."),
    }
}

/// What names and passwords are made of.
const SIGNS: &str = "letters from a to z, digits and signs such as - _ . only: no spaces, no accents, no other scripts";
