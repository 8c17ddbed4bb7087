//! Whether the desktop has a tray, now and later: the owner of a name on the session bus.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use zbus::blocking::{Connection, fdo::DBusProxy};
use zbus::names::BusName;

use super::{Teller, TrayEvent};
use crate::platform::error::{Error, Result};

/// Who collects the icons.
/// <https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/>
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Keeps `there` true for as long as there is a tray.
pub(super) fn start(there: Arc<AtomicBool>, teller: Teller) -> Result<()> {
    let work = move || {
        if let Err(error) = follow(&there, &teller) {
            tracing::info!(%error, "whether there is a tray is not known");
        }
        set(&there, &teller, false);
    };
    // Not joined: it waits for the bus.
    thread::Builder::new().name("tray-watch".to_owned()).spawn(work).map(drop).map_err(Error::Thread)
}

/// Follows the name until the bus is gone.
fn follow(there: &AtomicBool, teller: &Teller) -> zbus::Result<()> {
    let bus = DBusProxy::new(&Connection::session()?)?;
    let changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)])?;
    set(there, teller, bus.name_has_owner(BusName::try_from(WATCHER)?)?);
    for change in changes {
        set(there, teller, change.args()?.new_owner().is_some());
    }
    Ok(())
}

/// Notes the state, and tells if it is another.
fn set(there: &AtomicBool, teller: &Teller, is_there: bool) {
    if there.swap(is_there, Ordering::AcqRel) != is_there {
        teller.tell(TrayEvent::Changed);
    }
}
