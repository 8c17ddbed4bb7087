//! What can go wrong between the window and the system, one variant per reaction.

use std::io;

use whoelse_client::Holder;

/// Why the system did not do what the window needs. Its words are for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file, a folder or the profile.
    #[error(transparent)]
    Client(#[from] whoelse_client::Error),
    /// There is no screen to draw on.
    #[error(
        "there is no screen: neither WAYLAND_DISPLAY nor DISPLAY is set; start it in a desktop session, or use whoelse-cli"
    )]
    NoDisplay,
    /// The screen that the system names cannot be drawn on.
    #[error("the screen cannot be used: {0}")]
    Display(String),
    /// The graphics driver gives no OpenGL.
    #[error(
        "this computer gives the window no OpenGL 2.1 or later; with Mesa, LIBGL_ALWAYS_SOFTWARE=1 draws without a graphics card: {0}"
    )]
    NoGraphics(String),
    /// The system gives no thread.
    #[error("the system gives this program no thread: {}; end other programs", whoelse_plain::systems_words(.0))]
    Thread(io::Error),
    /// The program that has the profile open does not answer.
    #[error(
        "another program{} has this profile open, and no window of it answers here; close it, or choose another with --profile NAME",
        .0.as_ref().map_or_else(|| ", here or on another computer,".to_owned(), |holder| format!(", {holder},"))
    )]
    NoAnswer(Option<Holder>),
    /// The door for a second start cannot be opened.
    #[error("a second start could not reach this window: {}", whoelse_plain::listen(.0))]
    Door(io::Error),
    /// Something that no browser is given.
    #[error("only links that begin with http:// or https:// are opened")]
    NotALink,
    /// The system has nothing that opens this.
    #[error("the system could not open it: {}", whoelse_plain::systems_words(.0))]
    Open(io::Error),
    /// The tray icon.
    #[error("the icon in the tray: {0}")]
    Tray(String),
    /// Another program has the port.
    #[error(
        "port {0} is taken by another program on this computer, perhaps a server that runs already; choose another port, or end that program"
    )]
    PortTaken(u16),
    /// The demonstration's server.
    #[error("the server could not be started: {0}")]
    Server(#[from] whoelse_server::ServerError),
    /// The invitation to a server in the app.
    #[error(transparent)]
    Invitation(#[from] whoelse_server::admin::AdminError),
    /// The demonstration did not come about.
    #[error("the demonstration could not be prepared: {0}")]
    Demo(String),
    /// The demonstration's folder or windows.
    #[error("{doing} failed: {}", whoelse_plain::file(source))]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
}

/// What became of the promise of a function of this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// For a failed operation of the system.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
