//! The views as somebody uses them: found by accessible name, clicked, typed into.

mod bars;
mod common;
mod composer;
mod password;
mod said;
mod sign_in;
mod timeline;
mod views;
