//! The window itself: how it opens, where it was, and what closing it does.

use eframe::egui::{Context, IconData, ViewportCommand, ViewportId};
use whoelse_model::{Phase, PrivateStage};

use super::desktop::System;
use super::overlay::Overlay;
use super::waker::Waker;
use super::{App, Clock, Start};
use crate::args::Life;
use crate::caps::on_caps;
use crate::platform::demo::follow_parent;
use crate::platform::window::{self, Closing, TrayPlace};
use crate::start::Beginning;

/// Whether the app is about to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ending {
    /// No.
    #[default]
    No,
    /// As soon as the session has ended.
    SigningOut,
    /// At once.
    Now,
}

/// Shows the window until it closes.
///
/// # Errors
/// What the window system says.
pub fn open(beginning: Beginning) -> eframe::Result {
    let viewport = window::builder(beginning.settings.settings.window).with_icon(icon());
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    eframe::run_native(
        "Whoelse",
        options,
        Box::new(move |context| {
            beginning.opened.mark();
            bring_onto_a_screen(context);
            let ctx = &context.egui_ctx;
            let Beginning { profile, settings, server, life, .. } = beginning;
            let desktop = System::new(profile.folder(), &Waker::new(ctx.clone()).wake_fn());
            let profile_name = profile.folder().file_name().map_or_else(String::new, |n| n.to_string_lossy().into());
            let start = Start {
                profile,
                settings: settings.settings,
                desktop: Box::new(desktop),
                clock: Clock::local(),
                server,
                profile_name,
            };
            let mut app = App::new(ctx, start)?;
            if let Some(notice) = settings.notice {
                app.tell(notice.to_string());
            }
            if life == Life::Parents {
                let ctx = ctx.clone();
                follow_parent(move || ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Close))?;
                app.ending = Ending::Now;
            }
            Ok(Box::new(app))
        }),
    )
}

/// A screen may be gone since the window was on it.
fn bring_onto_a_screen(context: &eframe::CreationContext<'_>) {
    let Some(window) = context.winit_window() else { return };
    let Ok(mut place) = window.outer_position() else { return };
    let pixels = |x: i32, y: i32, width: u32, height: u32| {
        let pixels = |size: u32| i32::try_from(size).unwrap_or(i32::MAX / 4);
        [x, y, pixels(width), pixels(height)]
    };
    let screens: Vec<window::Pixels> = window
        .available_monitors()
        .map(|screen| pixels(screen.position().x, screen.position().y, screen.size().width, screen.size().height))
        .collect();
    let size = window.outer_size();
    if let Some([x, y]) = window::rescued(pixels(place.x, place.y, size.width, size.height), &screens) {
        (place.x, place.y) = (x, y);
        window.set_outer_position(place);
    }
}

/// The sign of the app, as the window system shows it.
fn icon() -> IconData {
    let bytes = include_bytes!("../../assets/icon/icon.png");
    eframe::icon_data::from_png_bytes(bytes).unwrap_or_default()
}

impl App {
    /// Ends the app; asks first if something would be lost with it.
    pub(super) fn quit(&mut self, ctx: &Context) {
        match self.lost_by_quitting() {
            Some(what) if self.ending == Ending::No => {
                ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Visible(true));
                ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Focus);
                self.overlay = Some(Overlay::Quit(what));
            }
            Some(_) | None => self.end(ctx),
        }
    }

    /// What ends with the app, in words; nothing if it can be taken up again at the next start.
    fn lost_by_quitting(&self) -> Option<String> {
        let mut lost = Vec::new();
        if self.is_hosting() {
            lost.push("The server on this computer stops, and everybody who is signed in to it is disconnected. It starts again with Whoelse.");
        }
        if self.model().privates().iter().any(|(_, stage)| matches!(stage, PrivateStage::Open(_))) {
            lost.push("Your private sessions end. Their messages are not stored anywhere and are lost.");
        }
        (!lost.is_empty()).then(|| lost.join(" "))
    }

    /// Ends the app; whoever does not stay signed in is signed out first.
    pub(super) fn end(&mut self, ctx: &Context) {
        if self.signs_out() && self.ending == Ending::No {
            self.ending = Ending::SigningOut;
            self.engine.act(whoelse_model::Action::SignOut);
        } else {
            self.ending = Ending::Now;
            ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Close);
        }
    }

    /// Signs out whoever does not stay signed in, where the system ends the app and asks nobody: *Quit* in the menu bar of
    /// macOS.
    pub(super) fn end_unasked(&mut self) {
        if self.signs_out() && self.ending == Ending::No {
            self.engine.act(whoelse_model::Action::SignOut);
        }
    }

    /// Whether the session ends with the app.
    fn signs_out(&self) -> bool {
        !self.first.form.keep && self.model().session().is_online()
    }

    /// Notes where the window is, and does what closing it means.
    pub(super) fn follow_window(&mut self, ctx: &Context) {
        if self.ending == Ending::SigningOut && matches!(self.model().session().phase(), Phase::SignedOut(_)) {
            self.end(ctx);
        }
        let before = self.geometry.or(self.settings.window);
        let zoom = ctx.zoom_factor();
        let (geometry, close) = ctx.input(|input| match input.raw.viewports.get(&ViewportId::ROOT) {
            Some(viewport) => (window::geometry(viewport, before, zoom), viewport.close_requested()),
            None => (None, false),
        });
        self.geometry = geometry.or(before);
        if close && self.ending != Ending::Now {
            ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::CancelClose);
            self.close_button(ctx);
        }
    }

    fn close_button(&mut self, ctx: &Context) {
        let tray = if self.desktop.has_tray() { TrayPlace::There } else { TrayPlace::Missing };
        match window::closing(&self.settings, tray) {
            Closing::Quit => self.quit(ctx),
            Closing::Hide => window::hide(ctx),
            Closing::HideAndExplain => {
                self.settings.tray_explained = true;
                self.keep_settings();
                self.tell(on_caps(
                    "Closing leaves Whoelse in the tray, so that messages still reach you. Close again to hide it; \
                     Ctrl+Q quits, and Settings can change this.",
                ));
            }
        }
    }

    /// Puts on disk where the window was.
    pub(super) fn keep_geometry(&mut self) {
        if self.geometry.is_some() && self.geometry != self.settings.window {
            self.settings.window = self.geometry;
            self.keep_settings();
        }
    }
}
