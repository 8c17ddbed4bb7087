//! The window itself: how it opens, where it was, and what closing it does.

use eframe::egui::{Context, IconData, ViewportBuilder, ViewportCommand, ViewportId, vec2};
use whoelse_model::Phase;

use super::desktop::System;
use super::waker::Waker;
use super::{App, Clock, Start};
use crate::args::Life;
use crate::platform::demo::follow_parent;
use crate::platform::settings::{CloseButton, Geometry};
use crate::start::Beginning;

/// The size of a first window, in points.
const FIRST_SIZE: [f32; 2] = [1280.0, 800.0];
/// Below this size nothing fits.
const LEAST_SIZE: [f32; 2] = [360.0, 480.0];

/// Whether the app is about to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
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
    let options =
        eframe::NativeOptions { viewport: viewport(beginning.settings.settings.window), ..Default::default() };
    eframe::run_native(
        "Whoelse",
        options,
        Box::new(move |context| {
            beginning.opened.mark();
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
                app.closing = Closing::Now;
            }
            Ok(Box::new(app))
        }),
    )
}

fn viewport(geometry: Option<Geometry>) -> ViewportBuilder {
    let size = geometry.map_or(FIRST_SIZE, |geometry| geometry.size);
    let mut viewport = ViewportBuilder::default()
        .with_title("Whoelse")
        .with_app_id("whoelse")
        .with_inner_size(size)
        .with_min_inner_size(LEAST_SIZE)
        .with_icon(icon());
    if let Some(geometry) = geometry {
        viewport = viewport.with_maximized(geometry.maximized);
        if let Some(position) = geometry.position {
            viewport = viewport.with_position(position);
        }
    }
    viewport
}

/// The sign of the app, as the window system shows it.
fn icon() -> IconData {
    let bytes = include_bytes!("../../assets/icon/icon.png");
    eframe::icon_data::from_png_bytes(bytes).unwrap_or_default()
}

impl App {
    /// Ends the app; whoever does not stay signed in is signed out first.
    pub(super) fn quit(&mut self, ctx: &Context) {
        let signs_out = !self.first.form.keep && self.model().session().is_online();
        if signs_out && self.closing == Closing::No {
            self.closing = Closing::SigningOut;
            self.engine.act(whoelse_model::Action::SignOut);
        } else {
            self.closing = Closing::Now;
            ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Close);
        }
    }

    /// Notes where the window is, and does what closing it means.
    pub(super) fn follow_window(&mut self, ctx: &Context) {
        if self.closing == Closing::SigningOut && matches!(self.model().session().phase(), Phase::SignedOut(_)) {
            self.quit(ctx);
        }
        let (geometry, close) = ctx.input(|input| {
            let viewport = input.raw.viewports.get(&ViewportId::ROOT);
            (viewport.and_then(geometry), viewport.is_some_and(eframe::egui::ViewportInfo::close_requested))
        });
        if let Some(geometry) = geometry {
            self.geometry = Some(geometry);
        }
        if close && self.closing != Closing::Now {
            ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::CancelClose);
            self.close_button(ctx);
        }
    }

    fn close_button(&mut self, ctx: &Context) {
        if self.settings.close_button == CloseButton::Quit || !self.desktop.has_tray() {
            self.quit(ctx);
        } else if self.settings.tray_explained {
            ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Visible(false));
        } else {
            self.settings.tray_explained = true;
            self.keep_settings();
            self.tell(
                "Closing leaves Whoelse in the tray, so that messages still reach you. Close again to hide it; Ctrl Q \
                 quits, and Settings can change this."
                    .to_owned(),
            );
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

fn geometry(viewport: &eframe::egui::ViewportInfo) -> Option<Geometry> {
    let inner = viewport.inner_rect?;
    let size = vec2(inner.width(), inner.height());
    let position = viewport.outer_rect.map(|outer| [outer.left(), outer.top()]);
    Some(Geometry { position, size: size.into(), maximized: viewport.maximized.unwrap_or(false) })
}
