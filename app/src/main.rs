//! The desktop app.

use std::process::ExitCode;

use clap::Parser as _;
use eframe::egui;
use whoelse::app::{App, Clock, NoDesktop, Start};
use whoelse::platform::settings::Settings;
use whoelse_client::{Location, Profile, ProfileName};

#[derive(Debug, clap::Parser)]
struct Args {
    host: Option<String>,
    port: Option<u16>,
    #[arg(long, default_value = "default")]
    profile: String,
    #[arg(long)]
    data_dir: Option<std::path::PathBuf>,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whoelse: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let location = match args.data_dir {
        Some(folder) => Location::Folder(folder),
        None => Location::Named(ProfileName::new(&args.profile)?),
    };
    let profile = Profile::open(&location)?;
    let settings = Settings::load(profile.folder()).settings;
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("whoelse")
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([360.0, 480.0]);
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let server = args.host.map(|host| format!("whoelse://{host}:{}", args.port.unwrap_or(3331)).parse()).transpose()?;
    eframe::run_native(
        "Whoelse",
        options,
        Box::new(move |context| {
            let start = Start {
                profile,
                settings,
                desktop: Box::new(NoDesktop),
                clock: Clock::local(),
                server,
                profile_name: args.profile,
            };
            Ok(Box::new(App::new(&context.egui_ctx, start)?))
        }),
    )?;
    Ok(())
}
