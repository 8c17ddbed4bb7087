//! How fast plain streams of iroh are on this computer: what a transfer between two devices is measured against.
//!
//! Gives a number of MiB (1024 where none is named) from one thread to another, each with a device of its own, on eight
//! streams at a time of 1 MiB each, without any protocol, disk or hash.

use std::io::{Error, Result, Write as _};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Instant;

use iroh::endpoint::presets;
use iroh::{Endpoint, EndpointAddr, RelayMode};
use tokio::task::JoinSet;

/// The application protocol name of both.
const ALPN: &[u8] = b"whoelse-streams/1";

/// Bytes on one stream.
const PIECE: usize = 1 << 20;

/// Streams at a time.
const STREAMS: usize = 8;

/// A runtime of one thread, as the messenger has it.
fn on_one_thread<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

async fn endpoint() -> Result<Endpoint> {
    let builder = Endpoint::builder(presets::Minimal).relay_mode(RelayMode::Disabled).alpns(vec![ALPN.to_vec()]);
    builder.bind().await.map_err(Error::other)
}

async fn give(address: Sender<EndpointAddr>) -> Result<()> {
    let endpoint = endpoint().await?;
    address.send(endpoint.addr()).map_err(Error::other)?;
    let Some(incoming) = endpoint.accept().await else { return Ok(()) };
    let connection = incoming.await.map_err(Error::other)?;
    while let Ok((mut sender, _)) = connection.accept_bi().await {
        tokio::spawn(async move { sender.write_all(&vec![7; PIECE]).await });
    }
    Ok(())
}

async fn take(address: EndpointAddr, count: usize) -> Result<()> {
    let endpoint = endpoint().await?;
    let connection = endpoint.connect(address, ALPN).await.map_err(Error::other)?;
    let mut open = JoinSet::new();
    for _ in 0..count {
        if open.len() >= STREAMS {
            open.join_next().await;
        }
        let connection = connection.clone();
        open.spawn(async move {
            let (mut sender, mut receiver) = connection.open_bi().await.map_err(Error::other)?;
            sender.write_all(b"?").await.map_err(Error::other)?;
            receiver.read_to_end(PIECE).await.map_err(Error::other)
        });
    }
    while open.join_next().await.is_some() {}
    Ok(())
}

fn main() -> Result<()> {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1024);
    let (to_taker, address) = channel();
    thread::spawn(move || on_one_thread(give(to_taker)));
    let address = address.recv().map_err(Error::other)?;
    let begin = Instant::now();
    on_one_thread(take(address, count))?;
    let seconds = begin.elapsed().as_secs_f64();
    writeln!(std::io::stdout(), "{count} MiB in {seconds:.2} s: {:.0} MiB/s", count as f64 / seconds)
}
