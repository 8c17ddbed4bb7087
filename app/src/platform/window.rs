//! The window as the system has it: where it is, how it goes out of sight and comes back, what closing it does.

use eframe::egui::{
    Context, Event, Id, Pos2, UserAttentionType, Vec2, ViewportBuilder, ViewportCommand, ViewportId, ViewportInfo,
};

use super::settings::{CloseButton, Geometry, Settings};

/// The smallest window in which nothing overlaps, in points.
pub const MIN_SIZE: Vec2 = Vec2::new(360.0, 480.0);

/// The window at the very first start, in points.
pub const FIRST_SIZE: Vec2 = Vec2::new(1120.0, 760.0);

/// The largest size and the farthest place that can be meant, in points: beyond any desk of screens.
const FARTHEST: f32 = 16_000.0;

/// By this name desktops know the window, its icon and its notifications.
pub const APP_ID: &str = "whoelse";

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// The app ends.
    Quit,
    /// The window goes to the tray.
    Hide,
    /// The same, and the user is told so, for the first time.
    HideAndExplain,
}

/// Whether the desktop has a tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrayPlace {
    /// It has.
    There,
    /// It has not: a hidden window would be lost.
    Missing,
}

/// What closing the window does here and now.
#[must_use]
pub const fn closing(settings: &Settings, tray: TrayPlace) -> Closing {
    match (settings.close_button, tray) {
        (CloseButton::Quit, _) | (CloseButton::Tray, TrayPlace::Missing) => Closing::Quit,
        (CloseButton::Tray, TrayPlace::There) if settings.tray_explained => Closing::Hide,
        (CloseButton::Tray, TrayPlace::There) => Closing::HideAndExplain,
    }
}

/// The window to open, where it was the last time.
#[must_use]
pub fn builder(kept: Option<Geometry>) -> ViewportBuilder {
    let builder = ViewportBuilder::default().with_app_id(APP_ID).with_title("Whoelse").with_min_inner_size(MIN_SIZE);
    let Some(kept) = kept.and_then(sane) else { return builder.with_inner_size(FIRST_SIZE) };
    let builder = builder.with_inner_size(kept.size).with_maximized(kept.maximized);
    match kept.position {
        Some(position) => builder.with_position(position),
        None => builder,
    }
}

/// A rectangle of the desktop, in pixels: left, top, width, height.
pub type Pixels = [i32; 4];

/// So much of the upper edge must be on a screen that it can be seen and dragged.
const GRIP: [i32; 2] = [200, 24];

/// Where a window goes that no screen shows; `None` for one that can be reached.
#[must_use]
pub fn rescued([left, top, width, height]: Pixels, screens: &[Pixels]) -> Option<[i32; 2]> {
    let reaches = |&[x, y, wide, high]: &Pixels| {
        let across = (left + width).min(x + wide) - left.max(x);
        across >= GRIP[0].min(width) && top >= y && top + GRIP[1] <= y + high
    };
    let &[x, y, wide, high] = screens.first()?;
    if screens.iter().any(reaches) {
        return None;
    }
    Some([x + (wide - width).max(0) / 2, y + (high - height).max(0) / 2])
}

/// A place that a window can have; `None` for what somebody wrote into the file.
fn sane(kept: Geometry) -> Option<Geometry> {
    let is_near = |value: &f32| value.is_finite() && value.abs() <= FARTHEST;
    if !kept.size.iter().all(is_near) {
        return None;
    }
    let size = Vec2::from(kept.size).max(MIN_SIZE).into();
    let position = kept.position.filter(|position| position.iter().all(is_near));
    Some(Geometry { position, size, maximized: kept.maximized })
}

/// Where the window is, to be kept; `before` is what was kept last, `zoom` the size of the text. `None` while there is
/// nothing worth keeping. What is kept are points of the normal size, in which the window is opened.
#[must_use]
pub fn geometry(info: &ViewportInfo, before: Option<Geometry>, zoom: f32) -> Option<Geometry> {
    if info.minimized == Some(true) || info.fullscreen == Some(true) {
        return None;
    }
    let maximized = info.maximized == Some(true);
    if maximized && let Some(before) = before {
        // The size to come back to is that of before.
        return Some(Geometry { maximized, ..before });
    }
    let size = info.inner_rect?.size() * zoom;
    let position = info.outer_rect.map(|rect| rect.min).map(|Pos2 { x, y }| [x * zoom, y * zoom]);
    Some(Geometry { position, size: size.into(), maximized })
}

/// Takes the window out of sight, to come back with [`raise`].
pub fn hide(ctx: &Context) {
    // Wayland knows no hidden windows.
    let command = if is_wayland() { ViewportCommand::Minimized(true) } else { ViewportCommand::Visible(false) };
    ctx.send_viewport_cmd_to(ViewportId::ROOT, command);
    note_hidden(ctx, true);
}

/// Whether the window is out of sight by [`hide`], so that there is nothing to draw. eframe knows of minimised and
/// covered windows alone, and would go on. A task bar may bring the window back too: then it gets the keyboard.
#[must_use]
pub fn is_hidden(ctx: &Context) -> bool {
    if ctx.input(|input| input.events.contains(&Event::WindowFocused(true))) {
        note_hidden(ctx, false);
    }
    ctx.data(|data| data.get_temp(hidden_id())).unwrap_or(false)
}

fn note_hidden(ctx: &Context, hidden: bool) {
    ctx.data_mut(|data| data.insert_temp(hidden_id(), hidden));
}

fn hidden_id() -> Id {
    Id::unique("the window is hidden")
}

/// Brings the window to the front. Where the system does not let it, its entry in the task bar asks for attention.
pub fn raise(ctx: &Context) {
    note_hidden(ctx, false);
    for command in [
        ViewportCommand::Visible(true),
        ViewportCommand::Minimized(false),
        ViewportCommand::Focus,
        ViewportCommand::RequestUserAttention(UserAttentionType::Informational),
    ] {
        ctx.send_viewport_cmd_to(ViewportId::ROOT, command);
    }
    ctx.request_repaint();
}

/// Whether files can be dropped on the window. The library that makes the window hears of none on Wayland.
#[must_use]
pub fn takes_drops() -> bool {
    !is_wayland()
}

/// Whether the window is on a Wayland screen; these are preferred to X11's.
fn is_wayland() -> bool {
    let is_named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "linux") && (is_named("WAYLAND_DISPLAY") || is_named("WAYLAND_SOCKET"))
}

#[cfg(test)]
mod tests {
    use eframe::egui::{RawInput, Rect};

    use super::*;

    const KEPT: Geometry = Geometry { position: Some([-200.0, 40.0]), size: [900.0, 700.0], maximized: false };

    #[test]
    fn closing_hides_only_where_there_is_a_way_back_and_explains_it_once() {
        let mut settings = Settings::default();
        assert_eq!(closing(&settings, TrayPlace::Missing), Closing::Quit);
        assert_eq!(closing(&settings, TrayPlace::There), Closing::HideAndExplain);
        settings.tray_explained = true;
        assert_eq!(closing(&settings, TrayPlace::There), Closing::Hide);
        settings.close_button = CloseButton::Quit;
        assert_eq!(closing(&settings, TrayPlace::There), Closing::Quit);
    }

    #[test]
    fn a_hidden_window_is_not_drawn_until_it_comes_back_by_whatever_way() {
        let ctx = Context::default();
        let frame = |events: Vec<Event>| {
            let mut hidden = false;
            let input = RawInput { events, ..RawInput::default() };
            ctx.run_ui(input, |ui| hidden = is_hidden(ui.ctx())).textures_delta.clear();
            hidden
        };
        assert!(!frame(vec![Event::WindowFocused(true)]));
        hide(&ctx);
        assert!(frame(Vec::new()) && frame(vec![Event::WindowFocused(false)]));
        raise(&ctx);
        assert!(!frame(Vec::new()));
        hide(&ctx);
        assert!(frame(Vec::new()));
        assert!(!frame(vec![Event::WindowFocused(true)]) && !frame(vec![Event::WindowFocused(false)]));
    }

    #[test]
    fn a_window_that_no_screen_shows_comes_back_to_the_middle_of_the_first() {
        let screens = [[0, 0, 1280, 800], [1280, 0, 1920, 1080]];
        for seen in [[100, 100, 900, 700], [-600, 20, 900, 700], [1200, 10, 900, 700], [2900, 300, 900, 700]] {
            assert_eq!(rescued(seen, &screens), None, "{seen:?}");
        }
        assert_eq!(rescued([3000, 300, 900, 700], &screens[..1]), Some([190, 50]));
        assert_eq!(rescued([100, -300, 900, 700], &screens), Some([190, 50]));
        assert_eq!(rescued([100, 790, 900, 700], &screens[..1]), Some([190, 50]));
        assert_eq!(rescued([-880, 100, 900, 700], &screens), Some([190, 50]));
        assert_eq!(rescued([5000, 0, 2000, 2000], &screens[..1]), Some([0, 0]));
        assert_eq!(rescued([0, 0, 1, 1], &[]), None);
    }

    #[test]
    fn the_window_opens_where_it_was() {
        let builder = builder(Some(KEPT));
        assert_eq!(builder.inner_size, Some(Vec2::new(900.0, 700.0)));
        assert_eq!(builder.position, Some(Pos2::new(-200.0, 40.0)));
    }

    #[test]
    fn a_place_that_no_window_can_have_is_not_taken() {
        let absurd = |size, position| builder(Some(Geometry { position, size, maximized: false }));
        assert_eq!(absurd([f32::NAN, 1.0], None).inner_size, Some(FIRST_SIZE));
        assert_eq!(absurd([1e9, 700.0], None).inner_size, Some(FIRST_SIZE));
        assert_eq!(absurd([1.0, 1.0], None).inner_size, Some(MIN_SIZE));
        assert_eq!(absurd([900.0, 700.0], Some([f32::INFINITY, 0.0])).position, None);
    }

    #[test]
    fn what_is_kept_is_the_size_to_come_back_to() {
        let rect = Rect::from_min_size(Pos2::new(5.0, 6.0), Vec2::new(800.0, 600.0));
        let info = ViewportInfo { inner_rect: Some(rect), outer_rect: Some(rect), ..ViewportInfo::default() };
        let plain = Geometry { position: Some([5.0, 6.0]), size: [800.0, 600.0], maximized: false };
        assert_eq!(geometry(&info, Some(KEPT), 1.0), Some(plain));
        let larger = Geometry { position: Some([10.0, 12.0]), size: [1600.0, 1200.0], maximized: false };
        assert_eq!(geometry(&info, Some(KEPT), 2.0), Some(larger), "the text is twice as large");

        let maximized = ViewportInfo { maximized: Some(true), ..info.clone() };
        assert_eq!(geometry(&maximized, Some(KEPT), 1.3), Some(Geometry { maximized: true, ..KEPT }));
        let minimized = ViewportInfo { minimized: Some(true), ..info };
        assert_eq!(geometry(&minimized, Some(KEPT), 1.3), None);
    }
}
