//! The desktop app.

use std::process::ExitCode;

use clap::Parser as _;
use whoelse::args::Args;
use whoelse::start::{self, Beginning};

fn main() -> ExitCode {
    start::run(&Args::parse(), open)
}

/// Shows the window until it closes.
fn open(beginning: Beginning) -> eframe::Result {
    eframe::run_native(
        "Whoelse",
        eframe::NativeOptions::default(),
        Box::new(move |_| {
            beginning.opened.mark();
            Ok(Box::new(Blank))
        }),
    )
}

/// An empty window.
struct Blank;

impl eframe::App for Blank {
    fn ui(&mut self, _: &mut eframe::egui::Ui, _: &mut eframe::Frame) {}
}
