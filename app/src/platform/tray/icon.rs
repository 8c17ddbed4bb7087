//! The icon itself, by the crate that knows the trays of all systems.

use tray_icon::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::badge::{self, Picture};
use super::{Face, Teller, TrayEvent};
use crate::platform::error::{Error, Result};
use crate::quiet::QuietFor;

const OPEN: &str = "open";
const END_QUIET: &str = "end quiet";
/// What the menu calls it.
const DO_NOT_DISTURB: &str = "Do not disturb";
const QUIT: &str = "quit";

/// Tells of clicks on the icon and in its menu. The crate takes one listener a process.
pub(super) fn follow_clicks(teller: &Teller) {
    let clicks = teller.clone();
    TrayIconEvent::set_event_handler(Some(move |event: TrayIconEvent| {
        if is_opening(&event) {
            clicks.tell(TrayEvent::Open);
        }
    }));
    let choices = teller.clone();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| match event.id().as_ref() {
        OPEN => choices.tell(TrayEvent::Open),
        END_QUIET => choices.tell(TrayEvent::EndQuiet),
        QUIT => choices.tell(TrayEvent::Quit),
        other => {
            if let Some(quiet) = QuietFor::ALL.into_iter().find(|quiet| quiet.words() == other) {
                choices.tell(TrayEvent::Quiet(quiet));
            }
        }
    }));
}

/// A click of the first button, when it is let go.
fn is_opening(event: &TrayIconEvent) -> bool {
    let TrayIconEvent::Click { button, button_state, .. } = event else { return false };
    *button == MouseButton::Left && *button_state == MouseButtonState::Up
}

/// The icon with its menu, made at the first face.
struct Shown {
    icon: TrayIcon,
    quiet: Submenu,
    end_quiet: MenuItem,
    plain: Picture,
    face: Face,
}

impl Shown {
    fn make() -> Result<Self> {
        let plain = badge::app_icon().map_err(Error::Tray)?;
        let failed = |error: tray_icon::menu::Error| Error::Tray(error.to_string());
        let quiet = Submenu::new(DO_NOT_DISTURB, true);
        for choice in QuietFor::ALL {
            quiet.append(&MenuItem::with_id(choice.words(), choice.words(), true, None)).map_err(failed)?;
        }
        let end_quiet = MenuItem::with_id(END_QUIET, "Turn off", false, None);
        quiet.append(&end_quiet).map_err(failed)?;
        let menu = Menu::with_items(&[
            &MenuItem::with_id(OPEN, "Open Whoelse", true, None),
            &quiet,
            &PredefinedMenuItem::separator(),
            &MenuItem::with_id(QUIT, "Quit", true, None),
        ]);
        let menu = menu.map_err(failed)?;
        let face = Face::default();
        let icon = TrayIconBuilder::new()
            .with_id("whoelse")
            .with_title("Whoelse")
            .with_tooltip(tooltip(&face))
            .with_icon(rendered(&plain, &face)?)
            .with_menu(Box::new(menu))
            .with_menu_on_left_click(false)
            .build();
        Ok(Self { icon: icon.map_err(|error| Error::Tray(error.to_string()))?, quiet, end_quiet, plain, face })
    }

    fn show(&mut self, face: Face) -> Result<()> {
        if face == self.face {
            return Ok(());
        }
        self.quiet.set_text(format!("{DO_NOT_DISTURB}{}", face.quiet.as_deref().unwrap_or_default()));
        self.end_quiet.set_enabled(face.quiet.is_some());
        let shown = self.icon.set_icon(Some(rendered(&self.plain, &face)?));
        let told = self.icon.set_tooltip(Some(tooltip(&face)));
        self.face = face;
        shown.and(told).map_err(|error| Error::Tray(error.to_string()))
    }
}

/// What the pointer over the icon, and a screen reader, is told.
fn tooltip(face: &Face) -> String {
    let quiet = face.quiet.as_ref().map_or_else(String::new, |quiet| format!(", do not disturb{quiet}"));
    match face.unread {
        0 => format!("Whoelse{quiet}"),
        1 => format!("Whoelse: 1 unread message{quiet}"),
        more => format!("Whoelse: {more} unread messages{quiet}"),
    }
}

fn rendered(plain: &Picture, face: &Face) -> Result<Icon> {
    let picture = plain.with_badge(face.unread);
    Icon::from_rgba(picture.rgba, picture.width, picture.height).map_err(|error| Error::Tray(error.to_string()))
}

#[cfg(target_os = "linux")]
pub(super) use on_a_thread::Place;
#[cfg(not(target_os = "linux"))]
pub(super) use on_this_thread::Place;

/// A bus that does not answer must not hold the window: the icon has a thread.
#[cfg(target_os = "linux")]
mod on_a_thread {
    use std::thread;

    use super::{Error, Face, Result, Shown};
    use crate::platform::latest::{self, Newest, Slot};

    /// Where the icon lives.
    pub(in super::super) struct Place(Slot<Face>);

    impl Place {
        pub(in super::super) fn start() -> Result<Self> {
            let (slot, newest) = latest::slot();
            slot.put(Face::default());
            // Not joined: the bus may hold it.
            thread::Builder::new().name("tray".to_owned()).spawn(move || run(&newest)).map_err(Error::Thread)?;
            Ok(Self(slot))
        }

        pub(in super::super) fn show(&self, face: Face) {
            self.0.put(face);
        }
    }

    fn run(newest: &Newest<Face>) {
        let mut shown = match Shown::make() {
            Ok(shown) => shown,
            Err(error) => {
                tracing::info!(%error, "there is no tray");
                return;
            }
        };
        while let Some(face) = newest.wait() {
            if let Err(error) = shown.show(face) {
                tracing::warn!(%error, "the tray shows something old");
            }
        }
    }
}

/// The icon belongs to the thread of the window here.
#[cfg(not(target_os = "linux"))]
mod on_this_thread {
    use std::cell::RefCell;

    use super::{Face, Result, Shown};

    /// Where the icon lives.
    pub(in super::super) struct Place(RefCell<Shown>);

    impl Place {
        pub(in super::super) fn start() -> Result<Self> {
            Ok(Self(RefCell::new(Shown::make()?)))
        }

        pub(in super::super) fn show(&self, face: Face) {
            if let Err(error) = self.0.borrow_mut().show(face) {
                tracing::warn!(%error, "the tray shows something old");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tooltip_says_what_the_badge_shows() {
        let tip = |unread, quiet: Option<&str>| tooltip(&Face { unread, quiet: quiet.map(str::to_owned) });
        assert_eq!(tip(0, None), "Whoelse");
        assert_eq!(tip(1, None), "Whoelse: 1 unread message");
        let quiet = Some(" until 17:30");
        assert_eq!(tip(120, quiet), "Whoelse: 120 unread messages, do not disturb until 17:30");
    }
}
