use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use super::*;

/// A host with the list of its wakings.
struct Scene {
    folder: tempfile::TempDir,
    host: Host,
    woken: mpsc::Receiver<()>,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let (host, woken) = host_in(folder.path());
    Scene { folder, host, woken }
}

fn host_in(folder: &Path) -> (Host, mpsc::Receiver<()>) {
    let (sender, woken) = mpsc::channel();
    let sender = Mutex::new(sender);
    let wake: Wake = Arc::new(move || sender.lock().unwrap().send(()).unwrap_or_default());
    (Host::new(folder, wake), woken)
}

impl Scene {
    /// Waits for a state, woken at each change.
    fn wait(&self, is_it: impl Fn(&State) -> bool) -> State {
        loop {
            let state = self.host.state();
            if is_it(&state) {
                return state;
            }
            self.woken.recv().unwrap();
        }
    }

    fn started(&self, wanted: Wanted) -> Hosting {
        self.host.start(wanted);
        let state = self.wait(|state| matches!(state, State::Running(_) | State::Failed { .. }));
        let State::Running(hosting) = state else { panic!("{state:?}") };
        hosting
    }
}

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap().local_addr().unwrap().port()
}

fn on_port(port: u16) -> Wanted {
    Wanted { port, ..Wanted::default() }
}

fn answers(port: u16) -> bool {
    TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok()
}

#[test]
fn a_started_host_is_reached_under_its_invitations_and_stops() {
    let scene = scene();
    assert_eq!(scene.host.state(), State::Stopped);
    let hosting = scene.started(on_port(free_port()));
    assert!(answers(hosting.port));
    assert!(!hosting.invitations.is_empty());
    for invitation in hosting.invitations.iter().chain([&hosting.own]) {
        assert_eq!((invitation.port, invitation.fingerprint), (hosting.port, Some(hosting.fingerprint)));
    }
    scene.host.stop();
    scene.wait(|state| *state == State::Stopped);
    assert!(!answers(hosting.port));
}

#[test]
fn a_server_that_makes_accounts_by_invitation_hands_out_one_with_a_secret() {
    let scene = scene();
    let wanted = Wanted { registration: NewAccounts::Invited, ..on_port(free_port()) };
    let hosting = scene.started(wanted);
    assert_eq!(hosting.terms, Some(TERMS));
    assert!(hosting.own.secret.is_some());
    assert!(hosting.invitations.iter().all(|invitation| invitation.secret == hosting.own.secret));
}

#[test]
fn a_server_for_this_computer_alone_is_reached_here_and_at_no_other_address() {
    let scene = scene();
    let wanted = Wanted { reach: Reach::ThisComputer, ..on_port(0) };
    let hosting = scene.started(wanted);
    assert_eq!(hosting.invitations.as_slice(), std::slice::from_ref(&hosting.own));
    assert!(answers(hosting.port));
    // Another address of the same computer, which no packet leaves.
    let other = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), hosting.port));
    assert!(TcpStream::connect(other).is_err());
}

#[test]
fn the_server_keeps_its_key_and_its_files_stay_in_the_profile() {
    let scene = scene();
    let first = scene.started(on_port(free_port()));
    let Scene { folder, host, .. } = scene;
    drop(host);
    assert!(!answers(first.port));

    let (host, woken) = host_in(folder.path());
    let again = Scene { folder, host, woken };
    let second = again.started(on_port(first.port));
    assert_eq!((second.fingerprint, second.port), (first.fingerprint, first.port));
    assert!(again.folder.path().join("server").join("credentials.txt").is_file());
}

#[test]
fn a_port_in_use_is_told_and_no_other_is_taken() {
    let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let scene = scene();
    scene.host.start(on_port(port));
    let failed = scene.wait(|state| matches!(state, State::Failed { .. }));
    assert!(matches!(&failed, State::Failed { cause } if cause.contains(&port.to_string())), "{failed:?}");

    drop(taken);
    assert_eq!(scene.started(on_port(port)).port, port);
}

#[test]
fn a_host_that_cannot_start_says_why_and_may_be_tried_again() {
    let scene = scene();
    std::fs::write(scene.folder.path().join("server"), "in the way").unwrap();
    scene.host.start(on_port(free_port()));
    let failed = scene.wait(|state| matches!(state, State::Failed { .. }));
    assert!(matches!(&failed, State::Failed { cause } if cause.contains("server")), "{failed:?}");

    std::fs::remove_file(scene.folder.path().join("server")).unwrap();
    scene.started(on_port(free_port()));
}

#[test]
fn orders_that_do_not_fit_the_state_change_nothing() {
    let scene = scene();
    scene.host.stop();
    assert_eq!(scene.host.state(), State::Stopped);
    let hosting = scene.started(on_port(free_port()));
    scene.host.start(on_port(free_port()));
    assert_eq!(scene.host.state(), State::Running(hosting));
}
