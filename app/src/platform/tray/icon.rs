//! The icon itself, by the crate that knows the trays of all systems.

use tray_icon::menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::badge::{self, Picture};
use super::{Face, Teller, TrayEvent};
use crate::platform::error::{Error, Result};

const OPEN: &str = "open";
const MUTE: &str = "mute";
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
        MUTE => choices.tell(TrayEvent::ToggleMute),
        QUIT => choices.tell(TrayEvent::Quit),
        _ => {}
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
    mute: CheckMenuItem,
    plain: Picture,
    face: Face,
}

impl Shown {
    fn make() -> Result<Self> {
        let plain = badge::app_icon().map_err(Error::Tray)?;
        let mute = CheckMenuItem::with_id(MUTE, "Mute notifications", true, false, None);
        let menu = Menu::with_items(&[
            &MenuItem::with_id(OPEN, "Open Whoelse", true, None),
            &mute,
            &PredefinedMenuItem::separator(),
            &MenuItem::with_id(QUIT, "Quit", true, None),
        ]);
        let menu = menu.map_err(|error| Error::Tray(error.to_string()))?;
        let face = Face::default();
        let icon = TrayIconBuilder::new()
            .with_id("whoelse")
            .with_title("Whoelse")
            .with_tooltip(tooltip(face))
            .with_icon(rendered(&plain, face)?)
            .with_menu(Box::new(menu))
            .with_menu_on_left_click(false)
            .build();
        Ok(Self { icon: icon.map_err(|error| Error::Tray(error.to_string()))?, mute, plain, face })
    }

    fn show(&mut self, face: Face) -> Result<()> {
        if face == self.face {
            return Ok(());
        }
        self.face = face;
        self.mute.set_checked(face.muted);
        let shown = self.icon.set_icon(Some(rendered(&self.plain, face)?));
        let told = self.icon.set_tooltip(Some(tooltip(face)));
        shown.and(told).map_err(|error| Error::Tray(error.to_string()))
    }
}

/// What the pointer over the icon, and a screen reader, is told.
fn tooltip(face: Face) -> String {
    let muted = if face.muted { ", muted" } else { "" };
    match face.unread {
        0 => format!("Whoelse{muted}"),
        1 => format!("Whoelse: 1 unread message{muted}"),
        more => format!("Whoelse: {more} unread messages{muted}"),
    }
}

fn rendered(plain: &Picture, face: Face) -> Result<Icon> {
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
        let tip = |unread, muted| tooltip(Face { unread, muted });
        assert_eq!(tip(0, false), "Whoelse");
        assert_eq!(tip(1, false), "Whoelse: 1 unread message");
        assert_eq!(tip(120, true), "Whoelse: 120 unread messages, muted");
    }
}
