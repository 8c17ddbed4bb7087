//! A line behind the welcome: one task reads, one writes; both end with the handle, or when the line is dead.
//!
//! A handle that takes no frames stops the reader, and so, through TCP, the server.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::client::TlsStream;
use whoelse_proto::codec::{FrameReader, encode};
use whoelse_proto::limits::{LINE_DEAD_AFTER_S, MAX_FRAME, PING_AFTER_S};
use whoelse_proto::{ClientFrame, ServerFrame};

use super::wire::{READ_BYTES, Wire};
use crate::error::{Error, Result};

/// Frames read ahead of whoever takes them.
const READ_AHEAD: usize = 64;

/// Frames that wait to be written. A message waits on disk, so more need not wait here.
const WRITE_QUEUE: usize = 64;

/// Bytes gathered into one write.
const GATHER_BYTES: usize = 64 * 1024;

/// A line. Dropped, it is cut; [`Line::close`] lets it end in order.
pub(crate) struct Line {
    frames: mpsc::Receiver<Result<ServerFrame>>,
    writer: mpsc::Sender<Vec<u8>>,
    _tasks: JoinSet<()>,
}

/// There is no room for a frame, or no line any more; [`Line::receive`] tells which.
#[derive(Debug)]
pub(crate) struct NoRoom;

impl Line {
    /// Starts both tasks.
    pub(super) fn start(wire: Wire) -> Self {
        let (reading, writing) = split(wire.stream);
        let (to_handle, frames) = mpsc::channel(READ_AHEAD);
        let (writer, to_write) = mpsc::channel(WRITE_QUEUE);
        let mut tasks = JoinSet::new();
        tasks.spawn(write_frames(writing, to_write, to_handle.clone()));
        let source = Source { stream: reading, reader: wire.reader, pings: writer.downgrade() };
        tasks.spawn(read_frames(source, to_handle));
        Self { frames, writer, _tasks: tasks }
    }

    /// Waits for a frame; an error is the end of the line.
    pub(crate) async fn receive(&mut self) -> Result<ServerFrame> {
        self.frames.recv().await.unwrap_or(Err(Error::Closed))
    }

    /// Queues a frame.
    ///
    /// # Errors
    /// The frame was not queued and is handed back to wait: [`NoRoom`].
    pub(crate) fn send(&self, frame: &ClientFrame) -> Result<(), NoRoom> {
        let Ok(place) = self.writer.try_reserve() else { return Err(NoRoom) };
        match encode(frame, MAX_FRAME) {
            Ok(bytes) => place.send(bytes),
            Err(error) => tracing::error!(%error, "a frame is left out"),
        }
        Ok(())
    }

    /// Waits until a frame can be queued.
    pub(crate) async fn room(&self) {
        if self.writer.reserve().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Writes what is queued, says goodbye in TLS and waits, within a bound, for the server to close.
    pub(crate) async fn close(self) {
        let Self { mut frames, writer, _tasks } = self;
        drop(writer);
        let until_closed = async { while let Some(Ok(_)) = frames.recv().await {} };
        if timeout(CLOSE_DEADLINE, until_closed).await.is_err() {
            tracing::debug!("the server did not close the line in time");
        }
    }
}

/// For a line to end in order.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// Whence frames come.
struct Source {
    stream: ReadHalf<TlsStream<TcpStream>>,
    reader: FrameReader,
    /// Weak, so that the writer ends with the handle.
    pings: mpsc::WeakSender<Vec<u8>>,
}

/// Reads frames until the line ends; the last thing handed on is why.
async fn read_frames(mut source: Source, to_handle: mpsc::Sender<Result<ServerFrame>>) {
    loop {
        match source.next().await {
            Ok(ServerFrame::Ping {}) => source.say(&ClientFrame::Pong {}),
            Ok(ServerFrame::Pong {}) => {}
            Ok(ServerFrame::Fault(fault)) => return hand_on(&to_handle, Err(Error::Fault(fault))).await,
            Ok(frame) if to_handle.send(Ok(frame)).await.is_err() => return,
            Ok(_) => {}
            Err(error) => return hand_on(&to_handle, Err(error)).await,
        }
    }
}

/// Hands on the last news of a line; nobody may be listening any more.
async fn hand_on(to_handle: &mpsc::Sender<Result<ServerFrame>>, news: Result<ServerFrame>) {
    if to_handle.send(news).await.is_err() {
        tracing::debug!("the line ended after its handle");
    }
}

impl Source {
    /// The next frame.
    async fn next(&mut self) -> Result<ServerFrame> {
        loop {
            if let Some(frame) = self.reader.next_frame()? {
                return Ok(frame);
            }
            self.read().await?;
        }
    }

    /// Reads some bytes; asks for a sign of life while there are none.
    async fn read(&mut self) -> Result<()> {
        let mut buffer = [0; READ_BYTES];
        let silent_since = Instant::now();
        let dead_at = silent_since + Duration::from_secs(LINE_DEAD_AFTER_S);
        let mut ping_at = silent_since + Duration::from_secs(PING_AFTER_S);
        let count = loop {
            match timeout_at(ping_at.min(dead_at), self.stream.read(&mut buffer)).await {
                Ok(read) => break read.map_err(Error::Broken)?,
                Err(_) if Instant::now() >= dead_at => return Err(Error::Silent),
                Err(_) => self.say(&ClientFrame::Ping {}),
            }
            ping_at += Duration::from_secs(PING_AFTER_S);
        };
        match buffer.get(..count) {
            None | Some([]) => Err(Error::Closed),
            Some(bytes) => {
                self.reader.feed(bytes);
                Ok(())
            }
        }
    }

    /// Sends a ping or a pong. Where the queue is full, what stands in it is a sign of life as well.
    fn say(&self, frame: &ClientFrame) {
        if let (Some(writer), Ok(bytes)) = (self.pings.upgrade(), encode(frame, MAX_FRAME))
            && writer.try_send(bytes).is_err()
        {
            tracing::trace!("no room for a sign of life");
        }
    }
}

/// Writes what is queued, many frames at once, until the handle is gone; then closes in order.
async fn write_frames(
    mut stream: WriteHalf<TlsStream<TcpStream>>,
    mut queue: mpsc::Receiver<Vec<u8>>,
    to_handle: mpsc::Sender<Result<ServerFrame>>,
) {
    while let Some(mut bytes) = queue.recv().await {
        while bytes.len() < GATHER_BYTES
            && let Ok(more) = queue.try_recv()
        {
            bytes.extend_from_slice(&more);
        }
        let write = async {
            stream.write_all(&bytes).await?;
            stream.flush().await
        };
        let error = match timeout(Duration::from_secs(LINE_DEAD_AFTER_S), write).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => Error::Broken(error),
            Err(_) => Error::Silent,
        };
        return hand_on(&to_handle, Err(error)).await;
    }
    if let Err(error) = stream.shutdown().await {
        tracing::debug!(%error, "closing the line");
    }
}
