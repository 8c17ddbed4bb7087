//! `--demo`: a server on a free port of the loopback address, and two windows that chat by it.
//!
//! The windows are programs of their own, each with its profile: exactly what two users have, where two viewports of
//! one program would be a second kind of start that nobody else uses. The program that the user started has no window;
//! it holds server and folder until both windows are closed, and takes all of it away.
//! A window ends when its standard input does, so none outlives a demonstration that was killed; a folder that did is
//! swept away by the next one.

mod conversation;
mod folder;

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use whoelse_proto::{Agent, Fingerprint, UserName};
use whoelse_server::{Config, Listen, Server};

use self::folder::DemoFolder;
use super::display;
use super::error::{Error, Result};
use super::host;
use super::settings::{Account, AccountTabs, Geometry, Settings, Tab};

/// Who chats, with the passwords of the sample accounts, from left to right on the screen.
const PEOPLE: [(&str, &str); 2] = [("hans", "falcon"), ("yoda", "wise")];

/// How large each window is, in points; both fit beside one another on a laptop, and show two columns.
const WINDOW: [f32; 2] = [640.0, 620.0];

/// Where the first window is, in points.
const FIRST_AT: [f32; 2] = [0.0, 48.0];

/// Between two looks at the windows: closing one is noticed at once by whoever looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A server with two profiles that are signed in there.
#[derive(Debug)]
pub struct Demo {
    folder: DemoFolder,
    server: Server,
}

impl Demo {
    /// Starts the server and has both write their conversation.
    ///
    /// # Errors
    /// [`Error::Server`], [`Error::Demo`] or [`Error::Io`]; then nothing is left.
    pub async fn prepare(temporary: &Path) -> Result<Self> {
        let folder = DemoFolder::make(temporary)?;
        let server = serve(folder.path()).await?;
        let invitation = server.invitation("127.0.0.1");
        let places = PEOPLE.map(|(name, password)| (folder.path().join(name), name, password));
        // The client waits on its thread; the server must go on meanwhile.
        let held = tokio::task::spawn_blocking(move || conversation::hold(&invitation, &places));
        held.await.map_err(|error| Error::Demo(error.to_string()))??;
        let [(first, _), (second, _)] = PEOPLE;
        for (place, [me, other]) in [[first, second], [second, first]].into_iter().enumerate() {
            settings(server.fingerprint(), place, me, other)?.save(&folder.path().join(me))?;
        }
        Ok(Self { folder, server })
    }

    /// The profiles of the two, each signed in.
    #[must_use]
    pub fn profiles(&self) -> Vec<PathBuf> {
        PEOPLE.iter().map(|(name, _)| self.folder.path().join(name)).collect()
    }

    /// Stops the server and takes the folder away.
    pub async fn end(self) {
        self.server.stop().await;
        drop(self.folder);
    }
}

/// Where a window stands, from left to right, with the chat that it shows.
fn settings(server: Fingerprint, place: usize, me: &str, other: &str) -> Result<Settings> {
    let name = |name: &str| UserName::new(name).map_err(|error| Error::Demo(error.to_string()));
    let left = FIRST_AT[0] + place as f32 * WINDOW[0];
    let mut settings = Settings::default();
    settings.window = Some(Geometry { position: Some([left, FIRST_AT[1]]), size: WINDOW, maximized: false });
    let account = Account { server, name: name(me)? };
    settings.set_tabs(AccountTabs { account, open: vec![Tab::Everyone, Tab::Chat(name(other)?)], active: 1 });
    Ok(settings)
}

/// Starts a server for this computer alone.
async fn serve(folder: &Path) -> Result<Server> {
    let credentials = folder.join("credentials.txt");
    let accounts = PEOPLE.map(|(name, password)| format!("{name} {password}\n"));
    std::fs::write(&credentials, accounts.concat()).map_err(Error::io("writing the demonstration's accounts"))?;
    let mut config = Config::new(folder.join("server"), credentials);
    config.listen = Listen::At(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    config.title = Agent::new("Demonstration");
    Ok(Server::start(config).await?)
}

/// Shows the demonstration until both windows are closed or the user ends it.
///
/// # Errors
/// Whatever kept it from coming about.
pub fn run() -> Result<()> {
    display::check()?;
    let program = std::env::current_exe().map_err(Error::io("looking for this program"))?;
    host::runtime()?.block_on(async {
        let demo = Demo::prepare(&std::env::temp_dir()).await?;
        let shown = show(&demo, program.as_os_str()).await;
        demo.end().await;
        shown
    })
}

/// Opens the windows and waits for their end.
async fn show(demo: &Demo, program: &OsStr) -> Result<()> {
    let mut windows = Vec::new();
    for profile in demo.profiles() {
        windows.push(Window::open(program, &profile)?);
    }
    let ended = tokio::select! {
        ended = closed(&mut windows) => ended,
        signal = ended_by_user() => signal,
    };
    windows.iter_mut().for_each(Window::close);
    ended
}

/// Waits until every window is closed. One that failed to open ends the demonstration.
async fn closed(windows: &mut [Window]) -> Result<()> {
    loop {
        let mut all_closed = true;
        for window in windows.iter_mut() {
            match window.0.try_wait().map_err(Error::io("waiting for a window"))? {
                Some(status) if !status.success() => return Err(failed(status)),
                Some(_) => {}
                None => all_closed = false,
            }
        }
        if all_closed {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn failed(status: ExitStatus) -> Error {
    Error::Demo(format!("a window failed ({status}); what it said stands above"))
}

/// Waits for Ctrl-C, the end of the terminal, or the system's wish that this program end.
async fn ended_by_user() -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(Error::io("listening for signals"));
        let (mut terminated, mut hung_up) = (listen(SignalKind::terminate())?, listen(SignalKind::hangup())?);
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map_err(Error::io("listening for Ctrl-C")),
            _ = terminated.recv() => Ok(()),
            _ = hung_up.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(Error::io("listening for Ctrl-C"))
}

/// A window of the demonstration: a program that ends when its standard input does.
struct Window(Child);

impl Window {
    fn open(program: &OsStr, profile: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(profile).arg("--demo-window").stdin(Stdio::piped());
        command.spawn().map(Self).map_err(Error::io("opening a window"))
    }

    /// Asks it to close, and sees to it.
    fn close(&mut self) {
        drop(self.0.stdin.take());
        for _ in 0..CLOSE_LOOKS {
            match self.0.try_wait() {
                Ok(Some(_)) | Err(_) => return,
                Ok(None) => std::thread::sleep(LOOK_EVERY),
            }
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Looks at a window that was asked to close before it is made to: two seconds.
const CLOSE_LOOKS: u32 = 10;

/// Calls `ended` once standard input ends: with whoever started this window.
///
/// # Errors
/// [`Error::Thread`].
pub fn follow_parent(ended: impl FnOnce() + Send + 'static) -> Result<()> {
    let work = move || {
        // Nothing is ever written there; its end is the news.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        ended();
    };
    std::thread::Builder::new().name("parent".to_owned()).spawn(work).map(drop).map_err(Error::Thread)
}

#[cfg(test)]
mod tests {
    use whoelse_client::{Location, Profile};
    use whoelse_proto::UserName;

    use super::*;
    use crate::theme::region;

    #[test]
    fn both_windows_fit_side_by_side_on_a_laptop_and_show_two_columns() {
        let right = |place| {
            let settings = settings(Fingerprint::from_bytes([1; 32]), place, "hans", "yoda").unwrap();
            let window = settings.window.unwrap();
            (window.position.unwrap()[0], window.position.unwrap()[0] + window.size[0])
        };
        let ((_, first), (second, end)) = (right(0), right(1));
        assert!(first <= second && end <= 1280.0, "{first} {second} {end}");
        const { assert!(WINDOW[0] >= region::ONE_COLUMN_BELOW) };
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_are_left_signed_in_and_nothing_is_left_at_the_end() {
        let temporary = tempfile::tempdir().unwrap();
        let demo = Demo::prepare(temporary.path()).await.unwrap();
        let invitation = demo.server.invitation("127.0.0.1");
        for (profile, (name, _)) in demo.profiles().into_iter().zip(PEOPLE) {
            let open = Profile::open(&Location::Folder(profile.clone())).unwrap();
            assert!(open.keeps_token(&invitation.host, invitation.port, &UserName::new(name).unwrap()), "{name}");
            assert!(Settings::load(&profile).settings.window.is_some());
        }

        demo.end().await;

        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_demonstration_ends_with_its_windows() {
        let window =
            |command: &str| Window(Command::new("sh").args(["-c", command]).stdin(Stdio::piped()).spawn().unwrap());
        assert!(closed(&mut [window("true"), window("true")]).await.is_ok());
        let refused = closed(&mut [window("exit 3"), window("cat")]).await;
        assert!(matches!(refused, Err(Error::Demo(cause)) if cause.contains('3')));
    }

    #[cfg(unix)]
    #[test]
    fn a_window_closes_when_it_is_asked_to() {
        let mut window = Window(Command::new("cat").stdin(Stdio::piped()).spawn().unwrap());
        window.close();
        assert!(window.0.try_wait().unwrap().unwrap().success());
    }
}
