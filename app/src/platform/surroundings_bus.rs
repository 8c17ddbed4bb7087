//! The words of a Linux desktop on the session bus.

use std::time::Duration;

use zbus::Message;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator, Proxy, connection};
use zbus::zvariant::{OwnedValue, Value};

use super::surroundings::{Contrast, Said, Screen, Shade, Teller};

/// The desktop answers in milliseconds; one that does not has nothing to say.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The settings that are read, and how the portal calls them.
const WANTED: [(&str, &str); 3] = [
    ("org.gnome.desktop.interface", "text-scaling-factor"),
    ("org.freedesktop.appearance", "contrast"),
    ("org.freedesktop.appearance", "color-scheme"),
];

/// Signals that are listened for.
const SIGNALS: [&str; 3] = [
    "type='signal',interface='org.freedesktop.portal.Settings',member='SettingChanged'",
    "type='signal',interface='org.freedesktop.ScreenSaver',member='ActiveChanged'",
    "type='signal',interface='org.gnome.ScreenSaver',member='ActiveChanged'",
];

/// Listens until the bus is gone or nobody wants to hear.
pub(super) fn listen(teller: &Teller) {
    if let Err(error) = try_listen(teller) {
        tracing::debug!("the desktop says nothing of sizes, colours and locks: {error}");
    }
}

fn try_listen(teller: &Teller) -> zbus::Result<()> {
    let bus = connection::Builder::session()?.method_timeout(ANSWER_WITHIN).build()?;
    let daemon = DBusProxy::new(&bus)?;
    for rule in SIGNALS {
        daemon.add_match_rule(rule.try_into()?)?;
    }
    for (space, key) in WANTED {
        let value = read(&bus, space, key);
        if let Some(said) = value.and_then(|value| said(space, key, &value)) {
            teller.tell(said);
        }
    }
    for message in MessageIterator::from(&bus) {
        if heard(&message?).is_some_and(|said| !teller.tell(said)) {
            return Ok(());
        }
    }
    Ok(())
}

fn read(bus: &Connection, space: &str, key: &str) -> Option<OwnedValue> {
    const PORTAL: &str = "org.freedesktop.portal.Desktop";
    let portal = Proxy::new(bus, PORTAL, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings").ok()?;
    portal.call("Read", &(space, key)).ok()
}

/// What a signal says.
fn heard(message: &Message) -> Option<Said> {
    let header = message.header();
    let body = message.body();
    match header.member()?.as_str() {
        "SettingChanged" => {
            let (space, key, value): (String, String, OwnedValue) = body.deserialize().ok()?;
            said(&space, &key, &value)
        }
        "ActiveChanged" => {
            let locked: bool = body.deserialize().ok()?;
            Some(Said::Screen(if locked { Screen::Locked } else { Screen::Open }))
        }
        _ => None,
    }
}

/// What a setting says.
fn said(space: &str, key: &str, value: &Value<'_>) -> Option<Said> {
    let plain = bare(value);
    let choice = u32::try_from(plain);
    Some(match (space, key) {
        ("org.gnome.desktop.interface", "text-scaling-factor") => Said::TextScale(factor(f64::try_from(plain).ok()?)),
        ("org.freedesktop.appearance", "contrast") => {
            Said::Contrast(if choice.ok()? == 1 { Contrast::High } else { Contrast::Usual })
        }
        ("org.freedesktop.appearance", "color-scheme") => Said::Shade(match choice.ok()? {
            1 => Some(Shade::Dark),
            2 => Some(Shade::Light),
            _ => None,
        }),
        _ => return None,
    })
}

#[expect(clippy::cast_possible_truncation, reason = "sizes of text need no more digits")]
const fn factor(factor: f64) -> f32 {
    factor as f32
}

/// A value without the wrappers that portals put around it.
fn bare<'a, 'v>(value: &'a Value<'v>) -> &'a Value<'v> {
    let mut value = value;
    while let Value::Value(inner) = value {
        value = inner;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(space: &str, key: &str, value: Value<'_>) -> Option<Said> {
        let signal = Message::signal("/a", "org.freedesktop.portal.Settings", "SettingChanged").unwrap();
        heard(&signal.build(&(space, key, value)).unwrap())
    }

    #[test]
    fn sizes_contrast_and_colours_are_understood() {
        let appearance = "org.freedesktop.appearance";
        let scale = changed("org.gnome.desktop.interface", "text-scaling-factor", Value::F64(1.5));
        assert_eq!(scale, Some(Said::TextScale(1.5)));
        assert_eq!(changed(appearance, "contrast", Value::U32(1)), Some(Said::Contrast(Contrast::High)));
        assert_eq!(changed(appearance, "color-scheme", Value::U32(2)), Some(Said::Shade(Some(Shade::Light))));
        assert_eq!(changed(appearance, "color-scheme", Value::U32(0)), Some(Said::Shade(None)));
        let wrapped = Value::Value(Box::new(Value::Value(Box::new(Value::U32(1)))));
        assert_eq!(said(appearance, "color-scheme", &wrapped), Some(Said::Shade(Some(Shade::Dark))));
        assert_eq!(changed(appearance, "accent-color", Value::U32(1)), None);
        assert_eq!(changed(appearance, "contrast", Value::from("high")), None);
    }

    #[test]
    fn a_locked_screen_is_heard_of() {
        let signal = Message::signal("/a", "org.gnome.ScreenSaver", "ActiveChanged").unwrap();
        assert_eq!(heard(&signal.build(&true).unwrap()), Some(Said::Screen(Screen::Locked)));
    }
}
