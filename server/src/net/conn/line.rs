//! One connection as frames: reads, decodes, writes what its outbox holds, and keeps time of both directions.
//!
//! Holds no buffer while it is idle: bytes are read from the TLS session's own buffer, and both queues give their
//! memory back once they are empty.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::server::TlsStream;
use whoelse_proto::codec::{DecodeError, FrameReader};
use whoelse_proto::limits::{MAX_FRAME, MAX_FRAME_BEFORE_LOGIN, MAX_OPEN_REQUESTS};
use whoelse_proto::{ClientFrame, ProtocolFault};

use super::phase::Ears;
use crate::net::outbox::{Order, Outbox, Room, Taken, WRITE_BYTES};

/// How long the last frames of a connection may take to be written.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// How long a closed connection waits for the client to close as well. A socket closed while the client still writes
/// is reset, and the last frames are lost with it.
const LINGER: Duration = Duration::from_secs(1);

/// Bytes read and thrown away while a closed connection lingers.
const LINGER_BYTES: usize = 256 * 1024;

/// What a line has to say.
#[derive(Debug)]
pub(super) enum Event {
    /// The client sent a frame.
    Frame(ClientFrame),
    /// The driver has an order.
    Order(Order),
    /// The hub's word on what the client tried is on its way out.
    Verdict,
    /// The outbox has room for the next page of a list. Lists come after the login, so no verdict is among what was
    /// taken.
    Room,
}

/// Why a line has nothing more to say.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineEnd {
    /// The client closed.
    #[error("the client closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The client sent what is no frame. Says not what it was: it may hold what a user wrote.
    #[error("the client sent what is no frame")]
    NoFrame(#[from] DecodeError),
}

impl LineEnd {
    /// What the client is told, if it can still be told.
    pub(super) fn fault(&self) -> Option<ProtocolFault> {
        match self {
            Self::Closed | Self::Broken(_) => None,
            Self::NoFrame(DecodeError::Oversized { limit, .. }) => {
                Some(ProtocolFault::Oversized { limit: u32::try_from(*limit).unwrap_or(u32::MAX) })
            }
            Self::NoFrame(DecodeError::Malformed(_) | DecodeError::Trailing(_)) => Some(ProtocolFault::Malformed {}),
        }
    }
}

/// A connection behind its TLS handshake.
#[derive(Debug)]
pub(super) struct Line {
    stream: TlsStream<TcpStream>,
    outbox: Arc<Outbox>,
    reader: FrameReader,
    /// Bytes taken from the outbox; written up to `written`.
    unwritten: Vec<u8>,
    written: usize,
    /// Requests that wait for their answer.
    open_requests: usize,
    /// When bytes came last.
    heard_at: Instant,
    /// Since when the client has not read what is being written.
    stuck_since: Option<Instant>,
}

impl Line {
    /// A line with the limits of before the login.
    pub(super) fn new(stream: TlsStream<TcpStream>, outbox: Arc<Outbox>) -> Self {
        Self {
            stream,
            outbox,
            reader: FrameReader::new(MAX_FRAME_BEFORE_LOGIN),
            unwritten: Vec::new(),
            written: 0,
            open_requests: 0,
            heard_at: Instant::now(),
            stuck_since: None,
        }
    }

    /// The TLS session.
    pub(super) fn tls(&self) -> &rustls::ServerConnection {
        self.stream.get_ref().1
    }

    /// The login is over: frames may be larger.
    pub(super) fn admit(&mut self) {
        self.reader.set_limit(MAX_FRAME);
    }

    /// A request goes to the hub; its answer comes through the outbox.
    pub(super) fn open_request(&mut self) {
        self.open_requests += 1;
    }

    /// When bytes came last.
    pub(super) const fn heard_at(&self) -> Instant {
        self.heard_at
    }

    /// Since when the client has not read what is being written.
    pub(super) const fn stuck_since(&self) -> Option<Instant> {
        self.stuck_since
    }

    /// Puts bytes behind those being written. For frames of the connection's own, of which there are few.
    pub(super) fn write(&mut self, frame: &[u8]) {
        self.unwritten.extend_from_slice(frame);
    }

    /// Writes what is to be written until there is an order, or a frame for open ears.
    ///
    /// # Errors
    /// [`LineEnd`]; the line is of no more use, except to be closed.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>, ears: Ears) -> Poll<Result<Event, LineEnd>> {
        if let Poll::Ready(event) = self.poll_outbox(cx)? {
            return Poll::Ready(Ok(event));
        }
        let is_full = self.open_requests >= MAX_OPEN_REQUESTS || self.unwritten.len() >= WRITE_BYTES;
        if ears == Ears::Closed || is_full {
            return Poll::Pending;
        }
        self.poll_frame(cx).map_ok(Event::Frame)
    }

    /// Writes, and takes from the outbox what fits; ready with what is not for the client.
    fn poll_outbox(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, LineEnd>> {
        loop {
            if self.poll_flush(cx)?.is_pending() {
                // A line that is stuck still hears that it is to be closed.
                return self.outbox.poll_finished(cx).map(|()| Ok(Event::Order(Order::Close)));
            }
            match ready!(self.outbox.poll_take(cx, &mut self.unwritten)) {
                Taken::Order(order) => return Poll::Ready(Ok(Event::Order(order))),
                Taken::Frames { answers, verdicts, room } => {
                    self.open_requests = self.open_requests.saturating_sub(answers);
                    if room == Room::There {
                        return Poll::Ready(Ok(Event::Room));
                    }
                    if verdicts > 0 {
                        return Poll::Ready(Ok(Event::Verdict));
                    }
                }
            }
        }
    }

    /// Writes until nothing is left to be written.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = self.poll_write_all(cx);
        if result.is_pending() {
            self.stuck_since.get_or_insert_with(Instant::now);
        } else {
            self.stuck_since = None;
        }
        result
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.unwritten.get(self.written..).filter(|rest| !rest.is_empty()) {
            self.written += ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            self.stuck_since = None;
        }
        self.written = 0;
        self.unwritten = Vec::new();
        if self.tls().wants_write() {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        }
        Poll::Ready(Ok(()))
    }

    /// The next frame of the client.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<ClientFrame, LineEnd>> {
        loop {
            if let Some(frame) = self.reader.next_frame()? {
                return Poll::Ready(Ok(frame));
            }
            let mut stream = Pin::new(&mut self.stream);
            let bytes = ready!(stream.as_mut().poll_fill_buf(cx))?;
            if bytes.is_empty() {
                return Poll::Ready(Err(LineEnd::Closed));
            }
            self.reader.feed(bytes);
            let count = bytes.len();
            stream.consume(count);
            self.heard_at = Instant::now();
        }
    }

    /// Writes what the outbox holds up to its close, says goodbye, and waits a little for the client to do the same.
    pub(super) async fn close(mut self) {
        let last_words = async {
            std::future::poll_fn(|cx| self.poll_drain(cx)).await?;
            self.stream.shutdown().await
        };
        if let Ok(Ok(())) = timeout(CLOSE_DEADLINE, last_words).await {
            let (socket, _tls) = self.stream.into_inner();
            // Whether the client hung up in time changes nothing: the socket is closed either way.
            let _in_time = timeout(LINGER, linger(socket)).await;
        }
    }

    /// Writes all that the outbox holds.
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_flush(cx))?;
            match self.outbox.poll_take(cx, &mut self.unwritten) {
                Poll::Ready(Taken::Frames { .. } | Taken::Order(_)) => {}
                Poll::Pending => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// Throws away what the client still sends, until it closes.
async fn linger(mut socket: TcpStream) {
    let mut scratch = [0; 2048];
    let mut total = 0;
    while total < LINGER_BYTES {
        match socket.read(&mut scratch).await {
            Ok(0) | Err(_) => return,
            Ok(count) => total += count,
        }
    }
}
