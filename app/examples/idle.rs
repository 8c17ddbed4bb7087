//! Opens the real window of a profile, leaves it alone or hides it, and tells what that cost: frames drawn and why,
//! memory, processor time to the first frame.
//!
//! `cargo run --release -p whoelse --example idle -- PROFILE_FOLDER SECONDS [hidden]`; `app/scripts/idle` makes a
//! profile with ten chats, and a server that has something to tell. Figures are those of Linux.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use eframe::egui::{Ui, ViewportCommand};
use whoelse::app::{App, Clock, NoDesktop, Start};
use whoelse::platform::settings::Settings;
use whoelse::platform::window;
use whoelse_client::{Location, Profile};

/// Frames of the start are not idle ones.
const SETTLE: Duration = Duration::from_secs(15);

/// A window that is to be hidden is hidden after this time, within that of the start.
const HIDE_AT: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(folder) = args.next().map(PathBuf::from) else {
        eprintln!("usage: idle PROFILE_FOLDER SECONDS [hidden]");
        return ExitCode::from(2);
    };
    let seconds = args.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let rests = if args.next().as_deref() == Some("hidden") { Rest::Hidden } else { Rest::Shown };
    match run(folder, Duration::from_secs(seconds), rests) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("idle: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How the window is left alone.
#[derive(Clone, Copy)]
enum Rest {
    Shown,
    Hidden,
}

fn run(folder: PathBuf, idle: Duration, rests: Rest) -> Result<(), Box<dyn std::error::Error>> {
    let profile = Profile::open(&Location::Folder(folder))?;
    let settings = Settings::load(profile.folder()).settings;
    eframe::run_native(
        "Whoelse",
        eframe::NativeOptions::default(),
        Box::new(move |context| {
            let start = Start {
                profile,
                settings,
                desktop: Box::new(NoDesktop),
                clock: Clock::local(),
                server: None,
                profile_name: "idle".to_owned(),
            };
            let app = App::new(&context.egui_ctx, start)?;
            let (ctx, over) = (context.egui_ctx.clone(), Arc::new(AtomicBool::new(false)));
            let ends = Arc::clone(&over);
            std::thread::spawn(move || {
                std::thread::sleep(HIDE_AT);
                if matches!(rests, Rest::Hidden) {
                    window::hide(&ctx);
                }
                std::thread::sleep(SETTLE.saturating_sub(HIDE_AT) + idle);
                // Closing draws a frame of its own.
                ends.store(true, Ordering::Relaxed);
                ctx.send_viewport_cmd(ViewportCommand::Close);
            });
            Ok(Box::new(Watched {
                app,
                began: Instant::now(),
                first: None,
                settled: 0,
                idle: 0,
                passes: 0,
                causes: Vec::new(),
                over,
            }))
        }),
    )?;
    Ok(())
}

/// The app, watched.
struct Watched {
    app: App,
    began: Instant,
    /// Processor time to the first frame.
    first: Option<Duration>,
    settled: u64,
    idle: u64,
    /// Passes in which the news was taken in, and nothing drawn.
    passes: u64,
    causes: Vec<String>,
    over: Arc<AtomicBool>,
}

impl eframe::App for Watched {
    fn logic(&mut self, ctx: &eframe::egui::Context, _: &mut eframe::Frame) {
        if ctx.input(|input| input.viewport().close_requested()) {
            self.tell();
            return;
        }
        self.app.tick(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.app.draw(ui);
        let layer = ui.layer_id();
        let drawn = ui.ctx().graphics(|all| all.get(layer).is_some_and(|list| list.all_entries().next().is_some()));
        if self.began.elapsed() < SETTLE {
            self.settled += 1;
        } else if !self.over.load(Ordering::Relaxed) && !drawn {
            self.passes += 1;
        } else if !self.over.load(Ordering::Relaxed) {
            self.idle += 1;
            self.causes.extend(ui.ctx().repaint_causes().iter().map(ToString::to_string));
        }
        if self.first.is_none() {
            self.first = processor_time();
        }
    }
}

impl Watched {
    fn tell(&self) {
        let seconds = (self.began.elapsed().saturating_sub(SETTLE)).as_secs();
        println!("signed in                    {}", self.app.model().session().is_signed_in());
        println!("chats                        {}", self.app.model().chats().iter().count());
        println!("messages not read            {}", self.app.model().chats().unread());
        println!("processor time to first frame {:?}", self.first.unwrap_or_default());
        println!("frames while starting        {}", self.settled);
        println!("frames in {seconds} s of rest      {}", self.idle);
        println!("passes without drawing       {}", self.passes);
        for cause in &self.causes {
            println!("  because of {cause}");
        }
        println!("anonymous memory             {}", anonymous().unwrap_or_else(|| "not told".to_owned()));
    }
}

/// Processor time of the whole program (`proc_pid_schedstat(5)` counts the first thread alone; this is `stat`).
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // USER_HZ is 100 on every Linux.
    Some(Duration::from_millis(ticks * 10))
}

/// What only this program has in memory.
fn anonymous() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("RssAnon:")).map(|rest| rest.trim().to_owned())
}
