//! Invitations: printed, listed, taken back.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use whoelse_proto::{DEFAULT_PORT, Invitation, NewAccounts};
use whoelse_server::admin::{self, FolderIs, Terms};
use whoelse_server::data_dir::Paths;
use whoelse_server::store::Invite as Given;

use super::{note, say};
use crate::Failure;
use crate::args::{Invite, InviteOrder};

/// Does an order about invitations.
pub(super) fn perform(wanted: &Invite, paths: &Paths, folder: FolderIs) -> Result<(), Failure> {
    admin::check_folder(paths, folder)?;
    match &wanted.order {
        None => print(wanted, paths),
        Some(InviteOrder::List) => list(paths),
        Some(InviteOrder::Revoke { number }) => revoke(*number, paths),
    }
}

fn print(wanted: &Invite, paths: &Paths) -> Result<(), Failure> {
    // Before anything is said: without a data folder there is no invitation.
    let fingerprint = admin::fingerprint(paths)?;
    let running = admin::running(paths)?;
    let address = running.map(|running| running.address);
    let port = wanted.port.or_else(|| address.map(|address| address.port())).unwrap_or(DEFAULT_PORT);
    let host = wanted.host.as_ref().map_or_else(|| usual_host(address), String::clone);
    let mut invitation = Invitation::at(host, port);
    if invitation.to_string().parse::<Invitation>().as_ref() != Ok(&invitation) {
        return Err(format!("{:?} is no host name and no address", invitation.host).into());
    }
    let registration = running.map(|running| running.registration);
    if let Some(terms) = terms(wanted, registration) {
        invitation.secret = Some(admin::invite(paths, terms)?);
        say_of_secret(terms, registration);
    }
    invitation.fingerprint = Some(fingerprint);
    say(format_args!("{invitation}"))
}

/// For what the secret of an invitation is, if it is to carry one: asked for, or needed by the running server.
fn terms(wanted: &Invite, registration: Option<NewAccounts>) -> Option<Terms> {
    let is_asked_for = wanted.uses.is_some() || wanted.days.is_some();
    let Terms { uses, days } = Terms::USUAL;
    (is_asked_for || registration == Some(NewAccounts::Invited))
        .then(|| Terms { uses: wanted.uses.unwrap_or(uses), days: wanted.days.unwrap_or(days) })
}

/// Says beside the answer what the secret is good for, and where it is good for nothing.
fn say_of_secret(terms: Terms, registration: Option<NewAccounts>) {
    let Terms { uses, days } = terms;
    let accounts = if uses == 1 { "1 account".to_owned() } else { format!("{uses} accounts") };
    let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    note(&format!("{accounts} may be made by it, for {days}; its secret is not kept here and not shown again"));
    match registration {
        Some(NewAccounts::Invited) => {}
        Some(NewAccounts::Anyone) => {
            note("anyone may make an account at the running server; --registration invite asks for invitations");
        }
        Some(NewAccounts::Nobody) => {
            note("nobody makes accounts at the running server; --registration invite takes invitations");
        }
        None => note("no server runs; start it with --registration invite"),
    }
}

fn list(paths: &Paths) -> Result<(), Failure> {
    let now = admin::now();
    for invite in admin::list_invites(paths)? {
        let Given { number, uses, used, ends_at } = invite;
        let left = match ends_at.seconds_since(now).get() {
            0 => "over".to_owned(),
            left => format!("good for {}", length(left)),
        };
        say(format_args!("{number:<6} {used} of {uses} used, {left}"))?;
    }
    Ok(())
}

/// A length of time, in words.
fn length(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    if seconds < HOUR {
        format!("{} minutes", seconds.div_ceil(MINUTE))
    } else if seconds < DAY {
        format!("{} hours", seconds.div_ceil(HOUR))
    } else {
        format!("{} days", seconds.div_ceil(DAY))
    }
}

fn revoke(number: u64, paths: &Paths) -> Result<(), Failure> {
    admin::revoke_invite(paths, number)?;
    say(format_args!("invitation {number} is taken back"))
}

/// Where others reach the server, as far as can be told; says so beside the answer.
fn usual_host(running: Option<SocketAddr>) -> String {
    let bound = running.map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
    if let Some(ip) = bound.filter(IpAddr::is_loopback) {
        note(&format!("the server listens on {ip}: only programs on this computer reach it"));
        return ip.to_string();
    }
    if let Some(ip) = bound.or_else(address_in_network) {
        note("this is the server's address; --host NAME if clients know it by a name");
        return ip.to_string();
    }
    note("this computer has no address in a network; --host NAME if clients know it by another name");
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// The address with which this computer speaks to others. Nothing is sent: the system only looks up the way.
fn address_in_network() -> Option<IpAddr> {
    let ways = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];
    ways.into_iter().find_map(|(from, to)| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        let ip = socket.local_addr().ok()?.ip();
        (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
    })
}
