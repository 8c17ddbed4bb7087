//! Conversations between the real programs: a server and clients on the command line, checked line by line.
#![cfg(unix)]

mod blocks;
mod crashes;
mod harness;
mod login;
mod messages;
mod presence;
mod program;
