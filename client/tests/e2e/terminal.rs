//! A person at a terminal: the line editor, and what happens above the line that is being typed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use nix::pty::openpty;
use nix::sys::signal::Signal;
use nix::sys::termios::{Termios, tcgetattr};

use super::harness::{PATIENCE, Rules, Site, message, presence};

/// A program at a terminal of its own.
struct Terminal {
    child: Child,
    keys: File,
    output: Receiver<Vec<u8>>,
    seen: String,
    before: Termios,
}

impl Terminal {
    fn start(mut command: Command) -> Self {
        let pair = openpty(None, None).unwrap();
        let before = tcgetattr(&pair.slave).unwrap();
        let (stdin, stdout) = (pair.slave.try_clone().unwrap(), pair.slave.try_clone().unwrap());
        let child = command.stdin(stdin).stdout(stdout).spawn().unwrap();
        let keys = File::from(pair.master);
        let mut reading = keys.try_clone().unwrap();
        let (to_test, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = reading.read(&mut buffer) {
                if count == 0 || to_test.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        drop(pair.slave);
        Self { child, keys, output, seen: String::new(), before }
    }

    /// A program whose questions come by the terminal itself, as those for passwords do: it is the terminal of its session.
    #[cfg(target_os = "linux")]
    fn of_its_own(command: &Command) -> Self {
        let mut inside = Command::new("setsid");
        inside.arg("--ctty").arg(command.get_program()).args(command.get_args());
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::start(inside)
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until these words stand on the screen, behind those waited for before.
    fn shows(&mut self, words: &str) {
        loop {
            if let Some(place) = self.seen.find(words) {
                self.seen.drain(..place + words.len());
                return;
            }
            let Ok(bytes) = self.output.recv_timeout(PATIENCE) else { panic!("{words:?} is not in {:?}", self.seen) };
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    /// The program ends with this status and leaves the terminal as it was.
    fn ends(mut self, status: i32) {
        assert_eq!(self.child.wait().unwrap().code(), Some(status));
        let after = tcgetattr(&self.keys).unwrap();
        assert_eq!((after.local_flags, after.input_flags), (self.before.local_flags, self.before.input_flags));
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

/// A profile of yoda's that keeps a session, for there is no password to be typed here.
fn kept_session(site: &Site, server: &super::harness::Server) {
    site.login(server, "yoda").kill();
}

#[test]
fn lines_are_edited_completed_and_left_whole_by_what_arrives_meanwhile() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    kept_session(&site, &server);
    let mut hans = site.login(&server, "hans");
    let mut yoda = Terminal::start(site.at_terminal(&server, "yoda"));
    yoda.shows("You are logged in as yoda.");
    yoda.shows("yoda> ");
    yoda.press("mes");
    yoda.shows("mes");
    hans.deliver("yoda", "are you there?");
    yoda.shows("hans: are you there?");
    yoda.shows("yoda> mes");
    yoda.press("\th\tyes\u{7f}\u{7f}\u{7f}I am\r");
    hans.expect(message("yoda", "I am"));
    yoda.press("message hans one\u{1b}\rtwo\u{1b}\r\u{1b}\rfour\r");
    hans.expect(message("yoda", "one\ntwo\n\nfour"));
    yoda.press("dance\r");
    yoda.shows("No command dance; try help.");
    yoda.press("logout\r");
    yoda.shows("You are logged out.");
    hans.expect(presence("yoda", "logout"));
    yoda.ends(4);
}

#[test]
fn no_word_that_is_typed_to_somebody_is_kept_and_a_closed_terminal_logs_out() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    kept_session(&site, &server);
    let mut hans = site.login(&server, "hans");
    let file = site.profile("yoda").join("cli-history.txt");
    std::fs::write(&file, "#V2\nprivate hans the old code is PINEAPPLE\nwhoelse\n").unwrap();
    let mut yoda = Terminal::start(site.at_terminal(&server, "yoda"));
    yoda.shows("yoda> ");
    yoda.press("message hans the code is PINEAPPLE\r");
    hans.expect(message("yoda", "the code is PINEAPPLE"));
    yoda.press("private hans PINEAPPLE\r");
    yoda.shows("There is no private session with hans.");
    yoda.press("mesage hans PINEAPPLE\r");
    yoda.shows("did you mean message?");
    yoda.press("\u{10}\u{10}");
    yoda.shows("private hans PINEAPPLE");
    yoda.press("\u{15}blocked\r");
    yoda.shows("You have not blocked anybody.");
    super::harness::signal(yoda.child.id(), Signal::SIGHUP);
    assert_eq!(hans.until("presence"), presence("yoda", "logout"));
    yoda.child.wait().unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "whoelse\nblocked\n");
}

#[test]
fn what_arrives_while_lines_are_ended_is_shown_and_holds_nothing_up() {
    const LINES: usize = 300;
    let site = Site::new();
    let server = site.serve(Rules::default());
    kept_session(&site, &server);
    let mut hans = site.login(&server, "hans");
    for n in 0..LINES {
        hans.leave("yoda", &format!("word {n}."));
    }
    let mut yoda = Terminal::start(site.at_terminal(&server, "yoda"));
    for n in 0..LINES {
        yoda.shows(&format!("word {n}."));
        yoda.press("\r");
    }
    yoda.press("logout\r");
    yoda.shows("You are logged out.");
    yoda.ends(0);
}

#[test]
fn a_line_that_is_half_typed_outlives_fifty_messages() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    kept_session(&site, &server);
    let mut hans = site.login(&server, "hans");
    let mut yoda = Terminal::start(site.at_terminal(&server, "yoda"));
    yoda.shows("yoda> ");
    yoda.press("message hans half a li");
    yoda.shows("half a li");
    for n in 0..50 {
        hans.line(&format!("message yoda word {n}."));
    }
    for n in 0..50 {
        yoda.shows(&format!("hans: word {n}."));
    }
    yoda.shows("yoda> message hans half a li");
    yoda.press("ne\r");
    assert_eq!(hans.until("message")["text"], "half a line");
    yoda.press("logout\r");
    yoda.shows("You are logged out.");
    yoda.ends(0);
}

#[test]
fn ctrl_c_logs_out_and_a_request_to_end_restores_the_terminal() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut hans = site.login(&server, "hans");
    kept_session(&site, &server);
    hans.expect(presence("yoda", "login"));
    let mut yoda = Terminal::start(site.at_terminal(&server, "yoda"));
    yoda.shows("yoda> ");
    yoda.press("half a li\u{3}");
    yoda.shows("You are logged out.");
    hans.expect(presence("yoda", "logout"));
    yoda.ends(0);

    kept_session(&site, &server);
    hans.expect(presence("yoda", "login"));
    let mut yoda = Terminal::start(site.at_terminal(&server, "yoda"));
    yoda.shows("yoda> ");
    yoda.press("half a li");
    yoda.shows("half a li");
    super::harness::signal(yoda.child.id(), Signal::SIGTERM);
    yoda.shows("You are logged out.");
    hans.expect(presence("yoda", "logout"));
    yoda.ends(0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_new_account_has_its_password_typed_twice_and_not_three_times() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut command = site.at_terminal(&server, "anna");
    command.arg("--trust-first");
    let mut anna = Terminal::of_its_own(&command);
    anna.shows("Password: ");
    anna.press("h\u{f6}th\r");
    anna.shows("A password holds letters");
    anna.shows("Password: ");
    anna.press("tauntaun7\r");
    anna.shows("Create the account anna? [yes/no] ");
    anna.press("perhaps\r");
    anna.shows("Type yes or no.");
    anna.press("yes\r");
    anna.shows("Repeat the password: ");
    anna.press("tauntaun8\r");
    anna.shows("The two passwords differ.");
    anna.shows("New password: ");
    anna.press("tauntaun9\r");
    anna.shows("Repeat the password: ");
    anna.press("tauntaun9\r");
    anna.shows("You are logged in as anna.");
    anna.shows("anna> ");
    anna.press("logout\r");
    anna.shows("You are logged out.");
    anna.ends(0);
}

#[cfg(target_os = "linux")]
#[test]
fn passwords_behind_the_command_that_changes_them_are_not_taken_but_asked_for() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    kept_session(&site, &server);
    let mut yoda = Terminal::of_its_own(&site.at_terminal(&server, "yoda"));
    yoda.shows("yoda> ");
    yoda.press("passwd wrong dagobah2\r");
    yoda.shows("can be read by others");
    let old = super::harness::password("yoda");
    for (question, answer) in [("Old", old), ("New", "dagobah3"), ("Repeat the new", "dagobah3")] {
        yoda.shows(&format!("{question} password: "));
        yoda.press(&format!("{answer}\r"));
    }
    yoda.shows("Your password has been changed.");
    yoda.press("passwd\r");
    yoda.shows("Old password: ");
    yoda.press("\r");
    yoda.shows("Your password is not changed.");
    yoda.press("logout\r");
    yoda.shows("You are logged out.");
    yoda.ends(0);
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_at_the_password_ends_the_program_and_restores_the_terminal() {
    let site = Site::new();
    let server = site.serve(Rules::default());
    let mut anna = Terminal::of_its_own(&site.at_terminal(&server, "anna"));
    anna.shows("Password: ");
    anna.press("half\u{3}");
    anna.ends(130);
}
