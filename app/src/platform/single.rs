//! One window per profile: a second start calls the first through its door and ends.
//!
//! The door is a port on the loopback address and a secret that lies beside it in a file of the profile, which only
//! its owner may read. That is the same on every system, needs no short path as a Unix socket does and no rights on a
//! pipe; whoever cannot read the file can knock, and is not heard. Who holds the profile is known by its lock alone.

use std::fs;
use std::io::{self, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use whoelse_client::{Holder, files};
use whoelse_proto::Invitation;

use super::Wake;
use super::error::{Error, Result};

/// The file that says where the door is.
const FILE: &str = "window.json";

/// Bytes of the secret: nobody guesses 256 bits.
const SECRET_BYTES: usize = 32;

/// Bytes of a call: the secret in hexadecimal, an invitation with the longest host, two ends of line.
const MAX_CALL_BYTES: usize = 1024;

/// Lines of a call: secret and invitation.
const CALL_LINES: usize = 2;

/// Time for a whole call. Both ends are on this computer; a longer one is somebody who holds the door.
const CALL_TIME: Duration = Duration::from_secs(1);

/// Time for the answer: somebody who says nothing may stand before this caller.
const ANSWER_TIME: Duration = Duration::from_secs(3);

/// How long a second start tries: the first may be at its own start.
const KNOCK_FOR: Duration = Duration::from_secs(4);

/// Between two tries.
const KNOCK_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Calls that wait for the window: more than anybody starts in a frame.
const CALLS: usize = 16;

/// What the first window says to a call that it will follow.
const HEARD: &[u8] = b"heard\n";

/// A second start of the profile: the window comes to the front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What the second start was given.
    pub invitation: Option<Invitation>,
}

/// Where the door is, as in the file.
#[derive(Serialize, Deserialize, Default)]
struct Whereabouts {
    port: u16,
    secret: String,
}

/// The door of a running window. Dropped, it closes.
#[derive(Debug)]
pub struct Door {
    file: PathBuf,
    address: SocketAddr,
    closing: Arc<AtomicBool>,
    calls: Receiver<Call>,
    thread: Option<JoinHandle<()>>,
}

impl Door {
    /// Opens the door of a profile that this program holds.
    ///
    /// # Errors
    /// [`Error::Door`], [`Error::Client`] or [`Error::Thread`]. A window without a door works; a second start says
    /// that it cannot reach it.
    pub fn open(folder: &Path, wake: Wake) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::Door)?;
        let address = listener.local_addr().map_err(Error::Door)?;
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(|error| Error::Door(io::Error::other(error)))?;
        let secret = HEXLOWER.encode(&secret);
        let file = folder.join(FILE);
        files::replace(&file, &Whereabouts { port: address.port(), secret: secret.clone() })?;
        let (sender, calls) = mpsc::sync_channel(CALLS);
        let closing = Arc::new(AtomicBool::new(false));
        let porter = Porter { listener, secret, closing: Arc::clone(&closing), calls: sender, wake };
        let thread = thread::Builder::new().name("door".to_owned()).spawn(move || porter.run());
        Ok(Self { file, address, closing, calls, thread: Some(thread.map_err(Error::Thread)?) })
    }

    /// The calls since the last time.
    pub fn take_calls(&self) -> impl Iterator<Item = Call> {
        self.calls.try_iter()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
        self.closing.store(true, Ordering::Release);
        // A call wakes the porter; if none gets through, the porter ends with the program.
        if TcpStream::connect_timeout(&self.address, CALL_TIME).is_ok()
            && let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread at the door panicked");
        }
    }
}

/// Answers the door, one caller after the other.
struct Porter {
    listener: TcpListener,
    secret: String,
    closing: Arc<AtomicBool>,
    calls: SyncSender<Call>,
    wake: Wake,
}

impl Porter {
    fn run(self) {
        for stream in self.listener.incoming() {
            if self.closing.load(Ordering::Acquire) {
                return;
            }
            match stream.and_then(|stream| self.answer(stream)) {
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(%error, "a call at the door came to nothing");
                    // Whatever lets no call through must not turn into a busy loop.
                    thread::sleep(KNOCK_AGAIN_AFTER);
                }
            }
        }
    }

    /// Hears one caller out and tells them that they were heard.
    fn answer(&self, mut stream: TcpStream) -> io::Result<()> {
        let text = read_call(&mut stream, Instant::now() + CALL_TIME)?;
        let call = understand(&text, &self.secret).ok_or(io::ErrorKind::InvalidData)?;
        self.calls.try_send(call).map_err(|_| io::ErrorKind::QuotaExceeded)?;
        (self.wake)();
        stream.set_write_timeout(Some(CALL_TIME))?;
        stream.write_all(HEARD)
    }
}

/// Reads up to the second end of line, for as long as a call may take.
fn read_call(stream: &mut TcpStream, deadline: Instant) -> io::Result<String> {
    let mut text = Vec::new();
    let mut piece = [0; MAX_CALL_BYTES];
    while text.split(|&byte| byte == b'\n').count() <= CALL_LINES {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let length = stream.read(&mut piece)?;
        text.extend_from_slice(piece.get(..length).unwrap_or_default());
        if length == 0 || text.len() > MAX_CALL_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    String::from_utf8(text).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// What a caller wants who knows the secret; `None` for everybody else.
fn understand(text: &str, secret: &str) -> Option<Call> {
    let (told, rest) = text.split_once('\n')?;
    let invitation = rest.strip_suffix('\n')?;
    if !is_same(told.as_bytes(), secret.as_bytes()) {
        return None;
    }
    match invitation {
        "" => Some(Call { invitation: None }),
        given => Some(Call { invitation: Some(given.parse().ok()?) }),
    }
}

/// Compares in a time that says nothing of where the two differ.
fn is_same(told: &[u8], secret: &[u8]) -> bool {
    told.len() == secret.len() && told.iter().zip(secret).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Calls the window that has this profile open. Waits for some seconds: it may be at its start.
///
/// # Errors
/// [`Error::NoAnswer`] if no window hears: another program holds the profile.
pub fn knock(folder: &Path, invitation: Option<&Invitation>, holder: Option<&Holder>) -> Result<()> {
    let deadline = Instant::now() + KNOCK_FOR;
    loop {
        match call(folder, invitation) {
            Ok(()) => return Ok(()),
            Err(cause) if Instant::now() >= deadline => {
                tracing::debug!(%cause, "nobody hears");
                return Err(Error::NoAnswer(holder.cloned()));
            }
            Err(_) => thread::sleep(KNOCK_AGAIN_AFTER),
        }
    }
}

/// Calls once.
fn call(folder: &Path, invitation: Option<&Invitation>) -> io::Result<()> {
    let place: Whereabouts = files::read(&folder.join(FILE)).map_err(io::Error::other)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, place.port));
    let mut stream = TcpStream::connect_timeout(&address, CALL_TIME)?;
    stream.set_write_timeout(Some(CALL_TIME))?;
    stream.set_read_timeout(Some(ANSWER_TIME))?;
    let invitation = invitation.map(ToString::to_string).unwrap_or_default();
    stream.write_all(format!("{}\n{invitation}\n", place.secret).as_bytes())?;
    let mut answer = [0; HEARD.len()];
    stream.read_exact(&mut answer)?;
    if answer == HEARD { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
        door: Door,
        woken: Arc<AtomicUsize>,
    }

    fn scene() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let door = Door::open(folder.path(), wake).unwrap();
        Scene { folder, door, woken }
    }

    impl Scene {
        fn calls(&self) -> Vec<Call> {
            self.door.take_calls().collect()
        }

        /// Sends raw bytes and gives what came back until the porter hangs up.
        fn says(&self, bytes: &[u8]) -> Vec<u8> {
            let mut stream = TcpStream::connect(self.door.address).unwrap();
            // The porter may hang up before it has read all.
            let _ = stream.write_all(bytes);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            answer
        }

        fn secret(&self) -> String {
            files::read::<Whereabouts>(&self.folder.path().join(FILE)).unwrap().secret
        }
    }

    #[test]
    fn a_second_start_raises_the_window() {
        let scene = scene();
        knock(scene.folder.path(), None, None).unwrap();
        assert_eq!(scene.calls(), [Call { invitation: None }]);
        assert_eq!(scene.woken.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_second_start_hands_its_invitation_over() {
        let scene = scene();
        let invitation: Invitation = "whoelse://[fe80::1%eth0]:4000".parse().unwrap();
        knock(scene.folder.path(), Some(&invitation), None).unwrap();
        assert_eq!(scene.calls(), [Call { invitation: Some(invitation) }]);
    }

    #[test]
    fn whoever_does_not_know_the_secret_is_not_heard() {
        let scene = scene();
        let secret = scene.secret();
        let other = HEXLOWER.encode(&[7; SECRET_BYTES]);
        for bytes in [
            format!("{other}\n\n"),
            format!("{}\n\n", &secret[1..]),
            format!("{secret}0\n\n"),
            "\n\n".to_owned(),
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        ] {
            assert_eq!(scene.says(bytes.as_bytes()), b"");
        }
        assert_eq!((scene.calls(), scene.woken.load(Ordering::SeqCst)), (vec![], 0));
    }

    #[test]
    fn bad_calls_end_without_effect_and_the_next_good_one_is_heard() {
        let scene = scene();
        let secret = scene.secret();
        let endless = vec![b'x'; 1024 * 1024];
        let no_invitation = format!("{secret}\nhttp://elsewhere\n");
        let no_text = [secret.as_bytes(), b"\n\xFF\xFE\n"].concat();
        for bytes in [&endless[..], no_invitation.as_bytes(), &no_text] {
            assert_eq!(scene.says(bytes), b"");
        }
        knock(scene.folder.path(), None, None).unwrap();
        assert_eq!(scene.calls().len(), 1);
    }

    #[test]
    fn a_caller_who_says_nothing_holds_the_door_for_a_moment_only() {
        let scene = scene();
        let _silent = TcpStream::connect(scene.door.address).unwrap();
        knock(scene.folder.path(), None, None).unwrap();
        assert_eq!(scene.calls().len(), 1);
    }

    #[test]
    fn a_window_that_follows_no_calls_keeps_a_few_of_them() {
        let scene = scene();
        let call = format!("{}\n\n", scene.secret());
        let heard = (0..CALLS + 2).filter(|_| scene.says(call.as_bytes()) == HEARD).count();
        assert_eq!((heard, scene.calls().len()), (CALLS, CALLS));
    }

    #[test]
    fn behind_a_closed_door_nobody_hears() {
        let scene = scene();
        let Scene { folder, door, .. } = scene;
        drop(door);
        assert!(!folder.path().join(FILE).exists());
        assert!(call(folder.path(), None).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_secret_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let scene = scene();
        let rights = fs::metadata(scene.folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(rights & 0o777, 0o600);
    }
}
