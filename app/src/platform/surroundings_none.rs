//! Elsewhere than on Linux, the window system itself tells what the person likes.

use super::surroundings::Teller;

/// Hears nothing.
pub(super) const fn listen(_: &Teller) {}
