//! What happens, and behind which message: drawn from the seed before anything runs, so that a seed plays again.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::oracle::User;
use super::proxy::Weather;

/// Users, each with a lasting profile.
pub(super) const USERS: usize = 8;

/// Bytes that a text is lengthened by, at most.
const MAX_PADDING: usize = 600;

/// The most lines for which a reader stalls before it dies: enough to fill the pipe to it.
const MAX_STALL_LINES: usize = 2000;

/// The longest that a program stands still: past the server's patience with a silent connection would only slow the run.
const MAX_PAUSE_MS: u64 = 1500;

/// One blow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// The server is killed and started again.
    KillServer,
    /// The server is told to stop and started again.
    RestartServer,
    /// The server stands still for so many milliseconds.
    FreezeServer(u64),
    /// A client is killed; all that it wrote is read.
    KillClient(User),
    /// A client's input ends: it logs out and is started again.
    RestartClient(User),
    /// A client stands still for so many milliseconds.
    FreezeClient(User, u64),
    /// The reader of a client's output stops reading.
    StallReader(User),
    /// The reader of a client's output is killed with what it did not read, and the client with it.
    KillReader(User),
    /// What the proxy of a user does from here on.
    Turn(User, Weather),
}

/// One message to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) from: User,
    pub(super) to: User,
    pub(super) number: u64,
    pub(super) text: String,
}

/// The whole run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the order in which they are typed.
    pub(super) lines: Vec<Line>,
    /// Each behind how many lines, in that order.
    pub(super) blows: Vec<(usize, Blow)>,
}

impl Plan {
    /// Draws a run of so many messages with so many kills of each side, and twice as many other blows.
    pub(super) fn draw(seed: u64, messages: usize, kills: usize) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let lines = (1_u64..).take(messages).map(|number| line(&mut rng, number)).collect();
        let mut blows = Vec::new();
        for _ in 0..kills {
            blows.push((place(&mut rng, messages), Blow::KillServer));
            let at = place(&mut rng, messages);
            let user = rng.random_range(0..USERS);
            if rng.random_ratio(1, 3) {
                // The reader stops well before it dies, so that messages pile up in between.
                blows.push((at.saturating_sub((messages / 50).min(MAX_STALL_LINES)), Blow::StallReader(user)));
                blows.push((at, Blow::KillReader(user)));
            } else {
                blows.push((at, Blow::KillClient(user)));
            }
            for _ in 0..2 {
                blows.push((place(&mut rng, messages), other_blow(&mut rng)));
            }
            let user = rng.random_range(0..USERS);
            blows.push((place(&mut rng, messages), Blow::Turn(user, Weather::Fair)));
        }
        blows.sort_by_key(|(at, _)| *at);
        Self { lines, blows }
    }
}

fn place(rng: &mut SmallRng, messages: usize) -> usize {
    rng.random_range(0..messages.max(1))
}

fn line(rng: &mut SmallRng, number: u64) -> Line {
    let from = rng.random_range(0..USERS);
    let to = (from + rng.random_range(1..USERS)) % USERS;
    let padding = if rng.random_ratio(1, 8) { rng.random_range(0..MAX_PADDING) } else { 0 };
    Line { from, to, number, text: format!("{number} \u{20ac}{}", "x".repeat(padding)) }
}

fn other_blow(rng: &mut SmallRng) -> Blow {
    let user = rng.random_range(0..USERS);
    let pause = rng.random_range(50..MAX_PAUSE_MS);
    match rng.random_range(0..11_u8) {
        0 => Blow::RestartServer,
        1 => Blow::FreezeServer(pause),
        2 => Blow::RestartClient(user),
        3 | 4 => Blow::FreezeClient(user, pause),
        5 => Blow::Turn(user, Weather::Slow),
        6 => Blow::Turn(user, Weather::Trickle),
        7 => Blow::Turn(user, Weather::Flipped),
        8 => Blow::Turn(user, Weather::HalfClosed),
        9 => Blow::Turn(user, Weather::Reset),
        _ => Blow::Turn(user, Weather::Cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_run_again_with_the_kills_that_were_asked_for() {
        let plan = Plan::draw(7, 500, 20);
        assert_eq!(plan, Plan::draw(7, 500, 20));
        assert_ne!(plan, Plan::draw(8, 500, 20));
        let count = |wanted: fn(&Blow) -> bool| plan.blows.iter().filter(|(_, blow)| wanted(blow)).count();
        assert_eq!(count(|blow| matches!(blow, Blow::KillServer)), 20);
        assert_eq!(count(|blow| matches!(blow, Blow::KillClient(_) | Blow::KillReader(_))), 20);
    }
}
