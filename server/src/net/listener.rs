//! The listening socket, and the tasks of the connections that it brought.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use whoelse_hub::ConnId;

use super::conn::{Door, serve};
use super::outbox::Outbox;
use crate::Listen;

/// Connections that the system holds until they are accepted: thousands that come back at the same moment after the
/// server was restarted. The system may cut it (`net.core.somaxconn`).
const BACKLOG: i32 = 4_096;

/// How long to accept nobody after the system had no file or no memory for a connection. Without a pause the listener
/// would spin, for who waits in the backlog stays there.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How long the connections may take to be gone once the server stops.
const STOP_DEADLINE: Duration = Duration::from_secs(7);

/// Opens the listening socket.
///
/// # Errors
/// What the system says: the port is taken or forbidden, the address is not this machine's.
pub(crate) fn bind(listen: Listen) -> io::Result<TcpListener> {
    match listen {
        Listen::At(address) => bind_to(address),
        Listen::Everywhere { port } => bind_to((Ipv6Addr::UNSPECIFIED, port).into()).or_else(|error| {
            // A machine without IPv6.
            let is_taken = matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied);
            if is_taken { Err(error) } else { bind_to((Ipv4Addr::UNSPECIFIED, port).into()) }
        }),
    }
}

fn bind_to(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // On Windows the option means that two servers may share a port.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections and serves them until the server stops; then accepts nobody and waits for those that are left.
pub(super) async fn run(listener: TcpListener, door: Arc<Door>, stopping: CancellationToken) {
    let mut tasks = JoinSet::new();
    let mut last = 0;
    let mut failures = 0_u64;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => {
                    failures = 0;
                    last += 1;
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    admit(&mut tasks, &door, ConnId::new(last), socket, peer);
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        let why = whoelse_plain::systems_words(&error);
                        tracing::warn!("no connection can be accepted: {why}; trying again");
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(result) = tasks.join_next() => report(result),
            () = stopping.cancelled() => break,
        }
    }
    drop(listener);
    door.admission.close_entering();
    let all_gone = async { while tasks.join_next().await.is_some() {} };
    if timeout(STOP_DEADLINE, all_gone).await.is_err() {
        tracing::warn!(connections = tasks.len(), "cutting off connections that do not close");
        tasks.shutdown().await;
    }
}

/// Serves a new connection, if there is a place for it.
fn admit(tasks: &mut JoinSet<()>, door: &Arc<Door>, conn: ConnId, socket: TcpStream, peer: SocketAddr) {
    let outbox = Arc::new(Outbox::default());
    let Ok(place) = door.admission.enter(conn, peer.ip(), &outbox) else {
        tracing::debug!(%peer, "no place for a connection");
        return;
    };
    if let Err(error) = SockRef::from(&socket).set_tcp_nodelay(true) {
        tracing::debug!(%peer, %error, "the connection is gone already");
        return;
    }
    tasks.spawn(serve(Arc::clone(door), socket, peer, place, outbox));
}

/// Whether a connection broke before it was accepted; the next one may be accepted at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn report(result: Result<(), tokio::task::JoinError>) {
    if let Err(error) = result {
        tracing::error!(%error, "the task of a connection broke down");
    }
}
