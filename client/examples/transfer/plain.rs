//! Plain streams of iroh, without any protocol, disk or hash: what the computer gives.

use std::io::{Error, Result, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use iroh::endpoint::presets;
use iroh::{Endpoint, EndpointAddr, RelayMode};
use tokio::task::JoinSet;

use super::{lines, own};

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

/// Gives whoever asks, until they leave. Its address is its first line.
pub(super) fn give() -> Result<()> {
    on_one_thread(async {
        let endpoint = endpoint().await?;
        let mut out = std::io::stdout();
        writeln!(out, "{}", serde_json::to_string(&endpoint.addr())?)?;
        out.flush()?;
        let Some(incoming) = endpoint.accept().await else { return Ok(()) };
        let connection = incoming.await.map_err(Error::other)?;
        while let Ok((mut sender, _)) = connection.accept_bi().await {
            tokio::spawn(async move { sender.write_all(&vec![7; PIECE]).await });
        }
        Ok(())
    })
}

async fn take(address: EndpointAddr, count: u64) -> Result<()> {
    let endpoint = endpoint().await?;
    let connection = endpoint.connect(address, ALPN).await.map_err(Error::other)?;
    let mut open = JoinSet::new();
    for _ in 0..count {
        if open.len() >= STREAMS
            && let Some(taken) = open.join_next().await
        {
            taken.map_err(Error::other)??;
        }
        let connection = connection.clone();
        open.spawn(async move {
            let (mut sender, mut receiver) = connection.open_bi().await.map_err(Error::other)?;
            sender.write_all(b"?").await.map_err(Error::other)?;
            receiver.read_to_end(PIECE).await.map_err(Error::other)
        });
    }
    while let Some(taken) = open.join_next().await {
        taken.map_err(Error::other)??;
    }
    Ok(())
}

/// Takes so many MiB from another process. Gives MiB a second.
pub(super) fn measure(count: u64) -> Result<f64> {
    let giver = Command::new(own()?).arg("give").stdout(Stdio::piped()).spawn()?;
    let (_giver, mut lines) = lines(giver)?;
    let address = serde_json::from_str(&lines.next().unwrap_or_default())?;
    let begin = Instant::now();
    on_one_thread(take(address, count))?;
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}
