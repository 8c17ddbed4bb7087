//! Runs from many seeds keep every promise, and the checks find bugs that are put in on purpose.

use whoelse_sim::{Counts, Options, Plant, run};

/// Runs of this test; `cargo run -p whoelse-sim -- --seeds 2000` plays more.
const SEEDS: u64 = 200;

/// Seeds among which a planted bug must show.
const SEEDS_OF_A_PLANT: u64 = 150;

/// Steps that a violation shows.
const TAIL: usize = 60;

#[test]
fn every_promise_is_kept_whatever_breaks() {
    let mut sum = Counts::default();
    for seed in 0..SEEDS {
        match run(seed, Options { plant: None, tail: TAIL }) {
            Ok(counts) => sum.add(&counts),
            Err(violation) => panic!("{violation}"),
        }
    }
    assert_it_was_hard(&sum);
}

/// A run in which nothing happens proves nothing.
fn assert_it_was_hard(sum: &Counts) {
    let Counts {
        steps,
        written,
        welcomes,
        lines_lost,
        abandoned,
        server_crashes,
        server_stops,
        client_crashes,
        refused,
        blocked,
        skipped,
        retried,
        look_ups,
        locks,
        timeouts,
        second_logins_refused,
        taken_over,
        full,
        pages,
        questions,
        introductions,
        files_found,
        accounts_made,
        accounts_refused,
    } = *sum;
    assert!(steps > 100_000 && written > 10_000, "{sum:#?}");
    let all = [
        welcomes,
        lines_lost,
        abandoned,
        server_crashes,
        server_stops,
        client_crashes,
        refused,
        blocked,
        skipped,
        retried,
        look_ups,
        locks,
        timeouts,
        second_logins_refused,
        taken_over,
        full,
        pages,
        questions,
        introductions,
        files_found,
        accounts_made,
        accounts_refused,
    ];
    assert!(all.iter().all(|count| *count >= 20), "{sum:#?}");
}

#[test]
fn a_run_is_played_again_step_by_step() {
    let options = Options::default();

    assert_eq!(run(7, options), run(7, options));
    assert_ne!(run(7, options), run(8, options));
}

/// Words of which one stands in what the checks say to a bug at last.
fn words(plant: Plant) -> &'static [&'static str] {
    match plant {
        Plant::ServerForgetsCommit | Plant::ClientAcksBeforeDisk => &["never got"],
        Plant::ClientForgetsCommit => &["never got", "has it no more"],
        Plant::OutboxDropsFirst => &["to send"],
        Plant::HistoryTakesTwice => &["is told twice"],
        Plant::DiskGoesOnAfterFault | Plant::ServerKnowsNoMessages | Plant::LineSwapsMessages => &["out of order"],
        Plant::ServerIgnoresBlocks => &["has blocked", "sees"],
        Plant::PresenceIsLost => &["sees"],
        Plant::SecondLoginIsLetIn => &["has a session on"],
        Plant::NobodyTimesOut => &["did nothing and ended as"],
        Plant::LogoutIsIgnored => &["signed out and ended as"],
        Plant::InboxesHaveNoBound => &["messages wait for"],
        Plant::AnybodyMakesAccounts => &["accounts are made from"],
        Plant::PageIsLost => &["does not see", "sees"],
        Plant::AskingIsEnough => &["did not agree"],
        Plant::FilesStayListed => &["was given up"],
    }
}

#[test]
fn every_bug_put_in_on_purpose_is_found() {
    for plant in Plant::all() {
        let options = Options { plant: Some(*plant), tail: 0 };
        let mut found = (0..SEEDS_OF_A_PLANT).filter_map(|seed| run(seed, options).err()).map(|found| found.what);
        let fits = |what: &String| words(*plant).iter().any(|word| what.contains(word));
        assert!(found.any(|what| fits(&what)), "{plant:?} is not found");
    }
}
