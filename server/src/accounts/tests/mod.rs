//! The accounts as a whole: the file, logins, changes, reloads.

mod change;
mod file;
mod login;
mod reload;
