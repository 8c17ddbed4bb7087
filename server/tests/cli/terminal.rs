//! Orders of an administrator at a terminal.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use nix::pty::openpty;
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::Place;

/// An order at a terminal of its own: questions for passwords come by the terminal itself.
struct Terminal {
    child: Child,
    screen: File,
    seen: String,
}

impl Terminal {
    fn start(order: &Command) -> Self {
        let pair = openpty(None, None).unwrap();
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(order.get_program()).args(order.get_args());
        command.current_dir(order.get_current_dir().unwrap());
        let side = || Stdio::from(pair.slave.try_clone().unwrap());
        let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
        Self { child, screen: File::from(pair.master), seen: String::new() }
    }

    /// Waits until these words stand on the screen, behind those waited for before.
    fn shows(&mut self, words: &str) {
        let mut buffer = [0; 1024];
        loop {
            if let Some(place) = self.seen.find(words) {
                self.seen.drain(..place + words.len());
                return;
            }
            let count = self.screen.read(&mut buffer).unwrap_or(0);
            assert!(count > 0, "{words:?} is not in {:?}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(buffer.get(..count).unwrap()));
        }
    }

    /// Waits until keys are taken as they are, without being shown: from there on Ctrl-C is one of them.
    fn hides(&self) {
        while tcgetattr(&self.screen).unwrap().local_flags.intersects(LocalFlags::ECHO | LocalFlags::ISIG) {
            std::thread::yield_now();
        }
    }

    fn press(&mut self, keys: &str) {
        self.screen.write_all(keys.as_bytes()).unwrap();
    }

    /// The order ends with this status, and what is typed is shown again.
    fn ends(mut self, status: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(status), "{}", self.seen);
        assert!(tcgetattr(&self.screen).unwrap().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[test]
fn a_password_is_typed_twice_and_not_shown() {
    let place = Place::new("hans falcon\n");
    let mut order = Terminal::start(&place.command("user add anna"));
    order.shows("Password for anna: ");
    order.press("tauntaun7\r");
    order.shows("Repeat the password: ");
    order.press("tauntaun7\r");
    order.shows("added anna to credentials.txt");
    order.ends(0);
    assert!(place.credentials().contains("anna $opaque$"));
}

#[test]
fn what_is_wrong_with_a_password_is_told_before_it_is_typed_again() {
    let place = Place::new("hans falcon\n");
    let mut order = Terminal::start(&place.command("user add hans"));
    order.shows("there is an account hans already");
    order.ends(1);
    let mut order = Terminal::start(&place.command("user add anna"));
    order.shows("Password for anna: ");
    order.press("two words\r");
    order.shows("a password holds letters");
    order.ends(1);
    let mut order = Terminal::start(&place.command("user passwd hans"));
    order.shows("Password for hans: ");
    order.press("tauntaun7\r");
    order.shows("Repeat the password: ");
    order.press("tauntaun8\r");
    order.shows("the two passwords differ; nothing was changed");
    order.ends(1);
    assert_eq!(place.credentials(), "hans falcon\n");
}

#[test]
fn ctrl_c_at_a_password_changes_nothing_and_restores_the_terminal() {
    let place = Place::new("hans falcon\n");
    let mut order = Terminal::start(&place.command("user add anna"));
    order.shows("Password for anna: ");
    order.hides();
    order.press("half\u{3}");
    order.shows("interrupted; nothing was changed");
    order.ends(1);
    assert_eq!(place.credentials(), "hans falcon\n");
}
