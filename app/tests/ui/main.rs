//! The views as somebody uses them: found by accessible name, clicked, typed into.

mod common;
mod composer;
mod sign_in;
mod timeline;
mod views;
