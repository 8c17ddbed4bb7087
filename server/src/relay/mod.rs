//! The relay: passes sealed packets between devices that find no way to each other, or do not want to show theirs.
//!
//! The protocol is iroh's, in a WebSocket over TLS with a certificate of its own. Whoever comes proves the key of a device;
//! served are devices that a session of this server has published, as long as it lasts. It sees keys, addresses, times
//! and sizes, and nothing of what is said: packets are QUIC from device to device.

mod door;
mod guests;
mod packets;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use iroh_relay::server::clients::Clients;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::Listen;
use crate::net::{ACCEPT_PAUSE, OpenRelay, OpenedRelay, RelayIdentity, ServerError, bind};
use door::{Door, MAX_ENTERING};
use guests::GuestList;

/// Lines to the relay at a time; a device has few. Further ones are turned away.
const MAX_LINES: usize = 4_096;

/// Lines there may be of so many files that the process may have open: most are for the sessions.
const FILES_PER_LINE: u64 = 8;

/// Opens a relay that listens there.
pub(crate) fn opener(listen: Listen) -> OpenRelay {
    Box::new(move |paths, files| {
        let identity = RelayIdentity::load_or_make(paths)?;
        let failed = |source| ServerError::Listen { listen, source };
        let listener = bind(listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let named = whoelse_proto::Relay { port: address.port(), certificate: identity.certificate.to_vec() };
        let places = MAX_LINES.min(usize::try_from(files / FILES_PER_LINE).unwrap_or(MAX_LINES));
        let relay = Relay::new(listener, identity, places);
        let guests = relay.guests();
        let files = u64::try_from(places + MAX_ENTERING).unwrap_or(files);
        Ok(OpenedRelay { address, named, guests, files, run: Box::new(|stopping| Box::pin(relay.run(stopping))) })
    })
}

/// A relay that listens and serves nobody yet.
struct Relay {
    listener: TcpListener,
    clients: Clients,
    guests: Arc<GuestList>,
    door: Arc<Door>,
}

impl Relay {
    /// A relay at this socket, with places for so many devices.
    fn new(listener: TcpListener, identity: RelayIdentity, places: usize) -> Self {
        let clients = Clients::default();
        let guests = Arc::new(GuestList::new(clients.clone(), places));
        let door = Arc::new(Door::new(identity.tls, clients.clone(), Arc::clone(&guests)));
        Self { listener, clients, guests, door }
    }

    /// Who may use it.
    fn guests(&self) -> Arc<GuestList> {
        Arc::clone(&self.guests)
    }

    /// Serves until the server stops; then every line is closed.
    async fn run(self, stopping: CancellationToken) {
        let mut entering = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => self.accepted(accepted, &mut entering).await,
                Some(_) = entering.join_next() => {}
                () = stopping.cancelled() => break,
            }
        }
        drop(self.listener);
        entering.shutdown().await;
        self.clients.shutdown().await;
    }

    async fn accepted(&self, accepted: io::Result<(TcpStream, SocketAddr)>, entering: &mut JoinSet<()>) {
        match accepted {
            Ok((socket, peer)) => {
                let Ok(place) = self.door.place(peer.ip()) else {
                    tracing::debug!(%peer, "the relay has no room at its door");
                    return;
                };
                let door = Arc::clone(&self.door);
                entering.spawn(async move {
                    if let Err(error) = door.enter(socket, place).await {
                        tracing::debug!(%peer, %error, "turned away from the relay");
                    }
                });
            }
            Err(error) => {
                tracing::debug!(%error, "the relay cannot accept a connection, trying again");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// For everything from the first byte to the proof of a key.
const ENTER_WITHIN: Duration = Duration::from_secs(10);
