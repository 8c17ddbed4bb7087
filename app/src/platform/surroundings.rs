//! What the desktop says of whoever sits at it: how large and how strong they like things, whether it is dark, and
//! whether the screen is locked. Linux desktops tell it on the session bus, as long as the window is open:
//! <https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html>.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::error::{Error, Result};
use super::{Wake, surroundings_bus as bus};

/// Changes that wait: more than a person makes before the next frame.
const WAITING: usize = 64;

/// Something that the desktop says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said {
    /// Text is to be this many times as large as usual.
    TextScale(f32),
    /// Everything is to be told apart easily, or as usual.
    Contrast(Contrast),
    /// Windows are to be dark, or light; none says nothing.
    Shade(Option<Shade>),
    /// Whether the screen is locked.
    Screen(Screen),
}

/// How strongly things are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contrast {
    /// As the theme has it.
    #[default]
    Usual,
    /// As strongly as can be.
    High,
}

/// Dark or light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// Whether somebody may be at the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// It is in use.
    #[default]
    Open,
    /// It is locked: nobody sees the window.
    Locked,
}

/// What the desktop says, heard on a thread of its own.
#[derive(Debug)]
pub struct Surroundings {
    said: Receiver<Said>,
}

impl Surroundings {
    /// Begins to listen; `wake` is called when something was said.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub fn listen(wake: Wake) -> Result<Self> {
        let (tell, said) = sync_channel(WAITING);
        let hear = move || bus::listen(&Teller { tell, wake });
        thread::Builder::new().name("surroundings".to_owned()).spawn(hear).map_err(Error::Thread)?;
        Ok(Self { said })
    }

    /// What was said since the last call.
    pub fn take(&self) -> impl Iterator<Item = Said> + '_ {
        self.said.try_iter()
    }
}

/// Tells the window.
pub(super) struct Teller {
    tell: SyncSender<Said>,
    wake: Wake,
}

#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the window system itself tells it there"))]
impl Teller {
    /// Tells one thing; false once nobody listens. What finds no room is said again with the next change.
    pub(super) fn tell(&self, said: Said) -> bool {
        let heard = !matches!(self.tell.try_send(said), Err(std::sync::mpsc::TrySendError::Disconnected(_)));
        (self.wake)();
        heard
    }
}
