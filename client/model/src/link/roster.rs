//! Who is there: the list behind the welcome in one piece, later changes as they come.

use whoelse_proto::{PresenceChange, RosterEntry};

use super::LinkOutput;
use super::line::Broken;
use super::machine::Link;
use crate::event::Event;

/// Users in one roster, and changes held until it is whole: more than a server holds (200,000), some of them twice.
const MAX_ROSTER: usize = 500_000;

/// The list behind the welcome.
#[derive(Debug)]
pub(super) enum Roster {
    /// Its parts are being gathered.
    Gathering {
        /// Users so far.
        users: Vec<RosterEntry>,
        /// Who came and went meanwhile.
        held: Vec<PresenceChange>,
    },
    /// It is told; what comes are changes.
    Whole,
}

impl Default for Roster {
    fn default() -> Self {
        Self::Gathering { users: Vec::new(), held: Vec::new() }
    }
}

impl Link {
    pub(super) fn roster(
        &mut self,
        mut part: Vec<RosterEntry>,
        more: bool,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        part.retain(|entry| entry.name != self.me);
        let Some(line) = &mut self.line else { return Ok(()) };
        let Roster::Gathering { users, held } = &mut line.roster else {
            out.push(LinkOutput::Tell(Event::Roster { users: part, complete: false }));
            return Ok(());
        };
        users.append(&mut part);
        if users.len() > MAX_ROSTER {
            return Err(Broken("the server has more users than this program takes"));
        }
        if !more {
            let (users, held) = (std::mem::take(users), std::mem::take(held));
            line.roster = Roster::Whole;
            out.push(LinkOutput::Tell(Event::Roster { users, complete: true }));
            tell_presence(held, out);
        }
        Ok(())
    }

    pub(super) fn presence(
        &mut self,
        mut changes: Vec<PresenceChange>,
        out: &mut Vec<LinkOutput>,
    ) -> Result<(), Broken> {
        changes.retain(|change| change.name != self.me);
        let Some(line) = &mut self.line else { return Ok(()) };
        match &mut line.roster {
            Roster::Gathering { held, .. } => {
                held.append(&mut changes);
                if held.len() > MAX_ROSTER {
                    return Err(Broken("the server does not come to the end of its list of users"));
                }
            }
            Roster::Whole => tell_presence(changes, out),
        }
        Ok(())
    }
}

fn tell_presence(changes: Vec<PresenceChange>, out: &mut Vec<LinkOutput>) {
    if !changes.is_empty() {
        out.push(LinkOutput::Tell(Event::Presence(changes)));
    }
}
