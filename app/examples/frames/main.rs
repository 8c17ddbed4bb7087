//! Measures what a frame of the timeline costs, in processor time of the thread that draws: layout and tessellation,
//! without a window. `cargo run --release -p whoelse --example frames`. Ends with failure beyond a limit.

mod clock;
mod scene;

use std::process::ExitCode;

use clock::Spent;
use scene::Scene;

/// Frames of one measurement.
const FRAMES: usize = 600;
/// Messages of a long chat, and of a short one.
const MANY: u64 = 100_000;
const FEW: u64 = 1_000;
/// A batch of messages that arrive together.
const BATCH: u64 = 1_000;
/// Older messages that are put above.
const OLDER: u64 = 200;
/// Points of one turn of the wheel.
const WHEEL: f32 = 120.0;

/// Milliseconds that 99 of 100 frames stay below.
const STATIC_MS: f64 = 2.0;
const SCROLL_MS: f64 = 4.0;
const JUMP_MS: f64 = 4.0;
const BATCH_MS: f64 = 8.0;
/// A long chat may cost this much more than a short one.
const LONG_TO_SHORT: f64 = 1.2;
/// Points that what is read may move.
const STILL: f32 = 1.0;

fn main() -> ExitCode {
    let mut report = Report::default();
    let short = still(FEW);
    let long = still(MANY);
    report.line("1,000 messages, nothing happens", &short, STATIC_MS);
    report.line("100,000 messages, nothing happens", &long, STATIC_MS);
    report.check("long to short", long.at(0.99) / short.at(0.99), LONG_TO_SHORT, "times");
    report.line("100,000 messages, scrolling", &scrolling(), SCROLL_MS);
    let (jumps, missed) = jumping();
    report.line("100,000 messages, a jump to any of them", &jumps, JUMP_MS);
    report.check("jumps without the message in that frame", missed, 0.0, "");
    report.line("1,000 messages arrive at once, of 5,000", &arriving(), BATCH_MS);
    report.check("200 older ones above move the anchor by", f64::from(older()), f64::from(STILL), "points");
    if report.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

#[derive(Default)]
struct Report {
    failed: bool,
}

impl Report {
    fn line(&mut self, what: &str, spent: &Spent, limit: f64) {
        let (middle, most) = (spent.at(0.5), spent.at(0.99));
        println!("{what:<44} p50 {middle:6.3} ms   p99 {most:6.3} ms   limit {limit} ms");
        self.failed |= most > limit;
    }

    fn check(&mut self, what: &str, value: f64, limit: f64, unit: &str) {
        println!("{what:<44} {value:6.3} {unit}   limit {limit} {unit}");
        self.failed |= value > limit;
    }
}

fn still(count: u64) -> Spent {
    let mut scene = Scene::of(1..count + 1);
    scene.settle();
    (0..FRAMES).map(|_| scene.frame()).collect()
}

fn scrolling() -> Spent {
    let mut scene = Scene::of(1..MANY + 1);
    scene.settle();
    let frames = (0..FRAMES).map(|_| {
        scene.scroll(WHEEL);
        scene.frame()
    });
    frames.collect()
}

/// Jumps over the whole chat, each to another place, in an order that is the same every time.
fn jumping() -> (Spent, f64) {
    let targets = || (1..=FRAMES as u64).map(|n| n * 7_919 % MANY + 1);
    let mut scene = Scene::of(1..MANY + 1);
    scene.settle();
    let spent = targets().map(|key| {
        scene.jump(key);
        scene.frame()
    });
    let spent = spent.collect();
    let mut seen = Scene::of(1..MANY + 1).read_aloud();
    seen.settle();
    let missed = targets().step_by(10).filter(|&key| {
        seen.jump(key);
        seen.frame();
        seen.place(key).is_none()
    });
    (spent, missed.count() as f64)
}

fn arriving() -> Spent {
    let mut scene = Scene::of(1..4_000);
    scene.settle();
    let mut next = 4_000;
    let frames = (0..FRAMES / 10).map(|_| {
        scene.arrive(next..next + BATCH);
        next += BATCH;
        scene.frame()
    });
    frames.collect()
}

fn older() -> f32 {
    let mut scene = Scene::of(10_000..11_000).read_aloud();
    scene.settle();
    scene.jump(10_300);
    scene.settle();
    let before = scene.place(10_300);
    scene.put_above(10_000 - OLDER..10_000);
    scene.settle();
    match (before, scene.place(10_300)) {
        (Some(before), Some(after)) => (after - before).abs(),
        _ => f32::INFINITY,
    }
}
