//! An attack on the places at the relay's door.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::client::{Door, dial, failed, host};
use super::verdict::{Holds, Verdict};
use super::{Attack, Site};
use crate::error::{Doing, Result};
use crate::tls;

/// Silent sockets before the first honest one: more than twice the places at the door.
const SOCKETS: usize = 600;

/// Silent sockets that are opened before each further honest one.
const SOCKETS_EACH: usize = 28;

/// Addresses of the attacker.
const HOSTS: u8 = 4;

/// Honest requests.
const PINGS: usize = 40;

/// How long an honest request may take before it counts as turned away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens sockets from four addresses and says nothing; others ask the relay how far away it is.
pub(super) async fn fill_relay(attack: &Attack) -> Result<Verdict> {
    // Free now; should another program take it before the server does, the server says so and ends.
    let free = TcpListener::bind((host(1), 0)).doing("looking for a free port")?;
    let address = free.local_addr().doing("looking for a free port")?;
    drop(free);
    let _site = Site::start(attack, &[&format!("--relay={address}")])?;
    let door = Door { address, tls: tls::client(None)? };
    let mut held = VecDeque::new();
    let mut answered = 0;
    for honest in 0..PINGS {
        for (number, _) in (0..HOSTS).cycle().zip(0..if honest == 0 { SOCKETS } else { SOCKETS_EACH }) {
            // One that is not taken any more is what the attacker expects.
            held.extend(dial(&door, host(60 + number)).await);
            if held.len() > SOCKETS {
                held.pop_front();
            }
        }
        answered += usize::from(matches!(timeout(PATIENCE, ping(&door)).await, Ok(Ok(()))));
    }
    let figure = format!("{answered} of {PINGS} requests from another address answered");
    Ok(Verdict::bounded_if(Holds::from(answered == PINGS), figure))
}

/// Asks the relay for an answer, as a client does that measures how far away it is.
async fn ping(door: &Door) -> Result<()> {
    let socket = dial(door, host(77)).await.map_err(failed)?;
    let connector = TlsConnector::from(Arc::clone(&door.tls));
    let mut stream = connector.connect(ServerName::from(door.address.ip()), socket).await.map_err(failed)?;
    stream.write_all(b"GET /ping HTTP/1.1\r\nHost: relay\r\n\r\n").await.map_err(failed)?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.map_err(failed)?;
    if answer == *b"HTTP/1.1 200" { Ok(()) } else { Err(failed(String::from_utf8_lossy(&answer))) }
}
