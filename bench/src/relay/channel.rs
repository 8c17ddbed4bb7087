//! Two tasks a connection, with a channel without bounds between them; as many threads as there are cores.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use crate::error::{Doing, Result};
use crate::protocol::raw::{EVERYONE, LOGIN, split_frame, write_frame};

type Frame = Arc<[u8]>;
type Table = Arc<RwLock<BTreeMap<u32, UnboundedSender<Frame>>>>;

/// Bytes of a buffer for reading, and for writing several frames at once.
const CHUNK: usize = 16 * 1024;

pub(super) fn serve(port: u16, tls: Option<Arc<rustls::ServerConfig>>) -> Result<()> {
    let tls = tls.map(TlsAcceptor::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().doing("starting a runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.doing("listening")?;
        let table = Table::default();
        loop {
            let (stream, _) = listener.accept().await.doing("accepting")?;
            stream.set_nodelay(true).doing("setting up a socket")?;
            let (table, tls) = (Arc::clone(&table), tls.clone());
            tokio::spawn(async move {
                match tls {
                    None => connection(stream, table).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            connection(stream, table).await;
                        }
                    }
                }
            });
        }
    })
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Send + 'static, table: Table) {
    let (mut reader, writer) = split(stream);
    let (sender, receiver) = unbounded_channel();
    let writing = tokio::spawn(write(writer, receiver));
    let (mut id, mut buffer) = (0, Vec::with_capacity(1024));
    while reader.read_buf(&mut buffer).await.is_ok_and(|count| count > 0) {
        let mut rest = buffer.as_slice();
        while let Some((to, payload, behind)) = split_frame(rest) {
            pass_on(&mut id, to, payload, &sender, &table);
            rest = behind;
        }
        let used = buffer.len() - rest.len();
        buffer.drain(..used);
        if buffer.is_empty() && buffer.capacity() > CHUNK {
            buffer = Vec::with_capacity(1024);
        }
    }
    table.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    drop(sender);
    writing.abort();
}

fn pass_on(id: &mut u32, to: u32, payload: &[u8], own: &UnboundedSender<Frame>, table: &Table) {
    let frame = |from| {
        let mut frame = Vec::with_capacity(8 + payload.len());
        write_frame(from, payload, &mut frame);
        Frame::from(frame)
    };
    // A connection that is closing takes nothing any more.
    match to {
        LOGIN => {
            *id = payload.first_chunk().map_or(0, |id| u32::from_be_bytes(*id));
            table.write().unwrap_or_else(PoisonError::into_inner).insert(*id, own.clone());
            let _is_open = own.send(frame(LOGIN));
        }
        EVERYONE => {
            let frame = frame(*id);
            let table = table.read().unwrap_or_else(PoisonError::into_inner);
            for (_, peer) in table.iter().filter(|(peer, _)| *peer != id) {
                let _is_open = peer.send(Arc::clone(&frame));
            }
        }
        _ => {
            if let Some(peer) = table.read().unwrap_or_else(PoisonError::into_inner).get(&to) {
                let _is_open = peer.send(frame(*id));
            }
        }
    }
}

/// Writes what waits, several frames at once.
async fn write(mut writer: impl AsyncWrite + Unpin, mut receiver: UnboundedReceiver<Frame>) {
    let mut buffer: Vec<u8> = Vec::new();
    while let Some(frame) = receiver.recv().await {
        buffer.extend_from_slice(&frame);
        while buffer.len() < CHUNK
            && let Ok(frame) = receiver.try_recv()
        {
            buffer.extend_from_slice(&frame);
        }
        if writer.write_all(&buffer).await.is_err() || writer.flush().await.is_err() {
            return;
        }
        buffer.clear();
        buffer.shrink_to(CHUNK);
    }
}
