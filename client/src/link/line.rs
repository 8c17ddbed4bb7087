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
use crate::sleep::{Computer, LOOK_EVERY, SleepWatch};
use crate::way::{Way, WayWatch};

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

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interest {
    /// Frames that come.
    pub(crate) frames: bool,
    /// Room for frames to send.
    pub(crate) room: bool,
}

/// What happened to a line.
pub(crate) enum LineNews {
    /// A frame came; an error is the end of the line.
    Frame(Result<ServerFrame>),
    /// There is room to send.
    Room,
}

/// There is no room for a frame, or no line any more; [`Line::next`] tells which.
#[derive(Debug)]
pub(crate) struct NoRoom;

impl Line {
    /// Starts both tasks.
    pub(super) fn start(wire: Wire) -> Self {
        let way = wire.stream.get_ref().0.peer_addr().ok().map(WayWatch::to);
        let (reading, writing) = split(wire.stream);
        let (to_handle, frames) = mpsc::channel(READ_AHEAD);
        let (writer, to_write) = mpsc::channel(WRITE_QUEUE);
        let mut tasks = JoinSet::new();
        tasks.spawn(write_frames(writing, to_write, to_handle.clone()));
        let source = Source {
            stream: reading,
            reader: wire.reader,
            buffer: vec![0; READ_BYTES],
            pings: writer.downgrade(),
            sleep: SleepWatch::start(),
            way,
        };
        tasks.spawn(read_frames(source, to_handle));
        Self { frames, writer, _tasks: tasks }
    }

    /// Waits for news. Given up, none is lost.
    pub(crate) async fn next(&mut self, interest: Interest) -> LineNews {
        let Self { frames, writer, .. } = self;
        tokio::select! {
            frame = frames.recv(), if interest.frames => LineNews::Frame(frame.unwrap_or(Err(Error::Closed))),
            room = writer.reserve(), if interest.room => match room {
                Ok(_) => LineNews::Room,
                // The writer is gone and there will be no room; why stands behind the frames that were read.
                Err(_) => LineNews::Frame(frames.recv().await.unwrap_or(Err(Error::Closed))),
            },
            else => std::future::pending().await,
        }
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
    buffer: Vec<u8>,
    /// Weak, so that the writer ends with the handle.
    pings: mpsc::WeakSender<Vec<u8>>,
    sleep: SleepWatch,
    /// The way to the server.
    way: Option<WayWatch>,
}

/// Reads frames until the line ends; the last thing handed on is why.
async fn read_frames(mut source: Source, to_handle: mpsc::Sender<Result<ServerFrame>>) {
    loop {
        let frame = match source.next().await {
            Ok(ServerFrame::Fault(fault)) => return hand_on(&to_handle, Err(Error::Fault(fault))).await,
            Ok(frame) => frame,
            Err(error) => return hand_on(&to_handle, Err(error)).await,
        };
        if frame == (ServerFrame::Ping {}) {
            source.say(&ClientFrame::Pong {});
        } else if frame != (ServerFrame::Pong {}) && to_handle.send(Ok(frame)).await.is_err() {
            return;
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
        let mut silence = Silence::begin(Instant::now());
        let count = loop {
            let due = silence.due(Instant::now());
            if let Ok(read) = timeout_at(due, self.stream.read(&mut self.buffer)).await {
                break read.map_err(Error::Broken)?;
            }
            let now = Instant::now();
            let computer = self.look(now.saturating_duration_since(due));
            match silence.go_on(now, computer) {
                Next::Wait => {}
                Next::Ping => self.say(&ClientFrame::Ping {}),
                Next::GiveUp => return Err(Error::Silent),
            }
        };
        match self.buffer.get(..count) {
            None | Some([]) => Err(Error::Closed),
            Some(bytes) => {
                self.reader.feed(bytes);
                Ok(())
            }
        }
    }

    /// What this computer did since the last look, `late` being by how much the timer that led here is late.
    fn look(&mut self, late: Duration) -> Computer {
        let way = self.way.as_mut().map(WayWatch::look);
        match self.sleep.look(late) {
            Computer::Ran | Computer::Moved if way == Some(Way::Other) => Computer::Moved,
            computer @ (Computer::Ran | Computer::Moved | Computer::Slept) => computer,
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

/// How long nothing has come.
#[derive(Debug)]
struct Silence {
    ping_at: Instant,
    dead_at: Instant,
}

/// What to do about a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Wait,
    Ping,
    GiveUp,
}

impl Silence {
    fn begin(now: Instant) -> Self {
        Self { ping_at: now + Duration::from_secs(PING_AFTER_S), dead_at: now + Duration::from_secs(LINE_DEAD_AFTER_S) }
    }

    /// When to look again.
    fn due(&self, now: Instant) -> Instant {
        self.ping_at.min(self.dead_at).min(now + LOOK_EVERY)
    }

    /// After sleep the other side has most likely given the line up, and from another network nothing may reach it: it is
    /// asked at once, and not for long.
    fn go_on(&mut self, now: Instant, computer: Computer) -> Next {
        match computer {
            Computer::Ran => {}
            Computer::Slept | Computer::Moved => {
                self.ping_at = now;
                self.dead_at = now + AWAKE_ANSWER;
            }
        }
        if now >= self.dead_at {
            return Next::GiveUp;
        }
        if now >= self.ping_at {
            self.ping_at = now + Duration::from_secs(PING_AFTER_S);
            return Next::Ping;
        }
        Next::Wait
    }
}

/// For the server to answer a computer that woke up: it is on one's own network, or the line is gone.
const AWAKE_ANSWER: Duration = Duration::from_secs(2);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_line_is_asked_and_then_given_up() {
        let start = Instant::now();
        let after = |seconds: u64| start + Duration::from_secs(seconds);
        let mut silence = Silence::begin(start);
        assert_eq!(silence.due(start), after(1), "it looks for a sleep in between");
        assert_eq!(silence.go_on(after(1), Computer::Ran), Next::Wait);
        assert_eq!(silence.go_on(after(PING_AFTER_S), Computer::Ran), Next::Ping);
        assert_eq!(silence.go_on(after(PING_AFTER_S + 1), Computer::Ran), Next::Wait);
        assert_eq!(silence.go_on(after(LINE_DEAD_AFTER_S), Computer::Ran), Next::GiveUp);
    }

    #[test]
    fn after_sleep_or_from_another_network_a_line_is_asked_at_once_and_given_up_soon() {
        for computer in [Computer::Slept, Computer::Moved] {
            let start = Instant::now();
            let mut silence = Silence::begin(start);
            assert_eq!(silence.go_on(start, computer), Next::Ping);
            assert_eq!(silence.go_on(start + LOOK_EVERY, Computer::Ran), Next::Wait);
            assert_eq!(silence.go_on(start + AWAKE_ANSWER, Computer::Ran), Next::GiveUp);
        }
    }
}
