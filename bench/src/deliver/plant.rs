//! Faults put in on purpose, between what a program prints and the oracle: the oracle must see each.

use clap::ValueEnum;
use serde_json::Value;

use super::oracle::User;
use super::plan::USERS;

/// A client that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Plant {
    /// Loses a message.
    Drops,
    /// Prints a message twice.
    Doubles,
    /// Prints a message behind the next of its author.
    Swaps,
    /// Prints another text.
    Alters,
    /// Prints a message that is somebody else's.
    Misdelivers,
    /// Says delivered when the server has a message.
    TellsDelivered,
}

/// One message in so many is hit.
const ONE_IN: u64 = 40;

/// Puts the fault into the events that pass.
#[derive(Default)]
pub(super) struct Planted {
    plant: Option<Plant>,
    passed: u64,
    held: Option<(User, Value)>,
}

impl Planted {
    pub(super) fn new(plant: Option<Plant>) -> Self {
        Self { plant, ..Self::default() }
    }

    /// The events that stand in place of one.
    pub(super) fn pass(&mut self, by: User, mut event: Value) -> Vec<(User, Value)> {
        let Some(plant) = self.plant else { return vec![(by, event)] };
        if plant == Plant::TellsDelivered {
            if event.get("event").is_some_and(|kind| kind == "sent") {
                set(&mut event, "state", "delivered");
            }
            return vec![(by, event)];
        }
        if event.get("event").is_none_or(|kind| kind != "message") {
            return vec![(by, event)];
        }
        if let Some((of, earlier)) = self.held.take_if(|(of, held)| *of == by && held.get("from") == event.get("from"))
        {
            return vec![(by, event), (of, earlier)];
        }
        self.passed += 1;
        if !self.passed.is_multiple_of(ONE_IN) {
            return vec![(by, event)];
        }
        match plant {
            Plant::Drops => Vec::new(),
            Plant::Doubles => vec![(by, event.clone()), (by, event)],
            Plant::Swaps => self.held.replace((by, event)).into_iter().collect(),
            Plant::Alters => {
                let text = event.get("text").and_then(Value::as_str).map(|text| format!("{text}!"));
                set(&mut event, "text", &text.unwrap_or_default());
                vec![(by, event)]
            }
            Plant::Misdelivers => vec![((by + 1) % USERS, event)],
            Plant::TellsDelivered => vec![(by, event)],
        }
    }
}

fn set(event: &mut Value, field: &str, value: &str) {
    if let Some(field) = event.get_mut(field) {
        *field = value.into();
    }
}
