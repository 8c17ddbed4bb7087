//! The desktop app.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use eframe::egui::{Context, Ui, ViewportCommand};
use eframe::{App, CreationContext, Frame, NativeOptions};
use whoelse::args::{Args, Life};
use whoelse::platform::settings::Settings;
use whoelse::platform::tray::{Tray, TrayEvent};
use whoelse::platform::window::{self, Closing, TrayPlace};
use whoelse::platform::{Result, Services, Wake, demo};
use whoelse::start::{self, Beginning};

fn main() -> ExitCode {
    start::run(&Args::parse(), open)
}

/// Shows the window until it closes.
fn open(beginning: Beginning) -> eframe::Result {
    let viewport = window::builder(beginning.settings.settings.window);
    let options = NativeOptions { viewport, ..NativeOptions::default() };
    eframe::run_native("Whoelse", options, Box::new(move |made| Ok(Box::new(Shell::new(beginning, made)?))))
}

/// The window without its content: what the system asks of it.
struct Shell {
    settings: Settings,
    services: Services,
    is_quitting: bool,
}

impl Shell {
    fn new(beginning: Beginning, made: &CreationContext<'_>) -> Result<Self> {
        beginning.opened.mark();
        let ctx = made.egui_ctx.clone();
        if beginning.life == Life::Parents {
            let ctx = ctx.clone();
            demo::follow_parent(move || ctx.send_viewport_cmd(ViewportCommand::Close))?;
        }
        let wake: Wake = Arc::new(move || ctx.request_repaint());
        let services = Services::start(beginning.profile, &wake);
        Ok(Self { settings: beginning.settings.settings, services, is_quitting: beginning.life == Life::Parents })
    }

    /// Follows second starts and the tray.
    fn hear(&mut self, ctx: &Context) {
        if self.services.door.as_ref().is_some_and(|door| door.take_calls().count() > 0) {
            window::raise(ctx);
        }
        let events: Vec<TrayEvent> = self.services.tray.iter().flat_map(Tray::take_events).collect();
        for event in events {
            match event {
                TrayEvent::Open => window::raise(ctx),
                TrayEvent::Changed if self.tray() == TrayPlace::Missing => window::raise(ctx),
                TrayEvent::Changed => {}
                TrayEvent::ToggleMute => self.settings.notifications.muted = !self.settings.notifications.muted,
                TrayEvent::Quit => {
                    self.is_quitting = true;
                    ctx.send_viewport_cmd(ViewportCommand::Close);
                }
            }
        }
    }

    fn tray(&self) -> TrayPlace {
        let is_there = self.services.tray.as_ref().is_some_and(Tray::is_there);
        if is_there { TrayPlace::There } else { TrayPlace::Missing }
    }

    /// Closes to the tray, or for good.
    fn close(&mut self, ctx: &Context) {
        match window::closing(&self.settings, self.tray()) {
            Closing::Hide | Closing::HideAndExplain if !self.is_quitting => {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                window::hide(ctx);
            }
            Closing::Quit | Closing::Hide | Closing::HideAndExplain => self.keep_place(ctx),
        }
    }

    fn keep_place(&mut self, ctx: &Context) {
        let place = ctx.input(|input| window::geometry(input.viewport(), self.settings.window));
        self.settings.window = place.or(self.settings.window);
        if let Some(keeper) = &self.services.keeper {
            keeper.keep(self.settings.clone());
        }
    }
}

impl App for Shell {
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        self.hear(ctx);
        if ctx.input(|input| input.viewport().close_requested()) {
            self.close(ctx);
        }
    }

    fn ui(&mut self, _: &mut Ui, _: &mut Frame) {}
}
