//! The line of a device at the relay: messages of a WebSocket, of which each device has a ration.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use iroh_relay::server::streams::Bucket;
use iroh_relay::{ExportKeyingMaterial, MAX_PACKET_SIZE};
use n0_error::AnyError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};
use tokio_rustls::server::TlsStream;
use tokio_websockets::{Message, Payload, WebSocketStream};

/// Bytes of a message: a batch of packets, and what stands before them.
pub(super) const MAX_MESSAGE_BYTES: usize = MAX_PACKET_SIZE + 1024;

/// Bytes a second that one line may carry on average: a file of a gigabyte in some two minutes. The rest of the relay's
/// time is for others.
const RATION_BYTES_PER_S: i64 = 8 << 20;

/// Bytes that it may send at once after a silence: more than are under way on a link.
const BURST_BYTES: i64 = 8 << 20;

/// How often a ration is handed out.
const RATION_EVERY: Duration = Duration::from_millis(100);

/// A stream of which the first bytes were read already.
pub(super) struct Replayed {
    first: Bytes,
    stream: TlsStream<TcpStream>,
}

impl Replayed {
    /// The stream with these bytes in front.
    pub(super) fn new(first: Bytes, stream: TlsStream<TcpStream>) -> Self {
        Self { first, stream }
    }
}

impl AsyncRead for Replayed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let count = self.first.len().min(buf.remaining());
        buf.put_slice(&self.first.split_to(count));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Replayed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The messages of one device.
pub(super) struct Packets {
    line: WebSocketStream<Replayed>,
    ration: Bucket,
    /// A message beyond the ration, and until when it waits. Meanwhile nothing is read.
    held: Option<(Bytes, Pin<Box<Sleep>>)>,
}

impl Packets {
    /// The messages on this line. `None` if the ration is none.
    pub(super) fn new(line: WebSocketStream<Replayed>) -> Option<Self> {
        let ration = Bucket::new(BURST_BYTES, RATION_BYTES_PER_S, RATION_EVERY).ok()?;
        Some(Self { line, ration, held: None })
    }

    /// What comes on the line, ration or not; `None` at its end.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, AnyError>>> {
        loop {
            match ready!(Pin::new(&mut self.line).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(AnyError::from_std(error)))),
                Some(Ok(message)) if message.is_close() => return Poll::Ready(None),
                Some(Ok(message)) if message.is_binary() => {
                    return Poll::Ready(Some(Ok(message.into_payload().into())));
                }
                // Pings are answered by the WebSocket itself; text means nothing.
                Some(Ok(_)) => {}
            }
        }
    }
}

impl Stream for Packets {
    type Item = Result<Bytes, AnyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.held.is_none() {
            let bytes = match ready!(self.poll_message(cx)) {
                Some(Ok(bytes)) => bytes,
                other => return Poll::Ready(other),
            };
            match self.ration.consume(bytes.len()) {
                Ok(()) => return Poll::Ready(Some(Ok(bytes))),
                Err(until) => self.held = Some((bytes, Box::pin(sleep_until(until)))),
            }
        }
        if let Some((_, wait)) = &mut self.held {
            ready!(wait.as_mut().poll(cx));
        }
        Poll::Ready(self.held.take().map(|(bytes, _)| Ok(bytes)))
    }
}

impl Sink<Bytes> for Packets {
    type Error = AnyError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), AnyError>> {
        Pin::new(&mut self.line).poll_ready(cx).map_err(AnyError::from_std)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> Result<(), AnyError> {
        let message = Message::binary(Payload::from(bytes));
        Pin::new(&mut self.line).start_send(message).map_err(AnyError::from_std)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), AnyError>> {
        Pin::new(&mut self.line).poll_flush(cx).map_err(AnyError::from_std)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), AnyError>> {
        Pin::new(&mut self.line).poll_close(cx).map_err(AnyError::from_std)
    }
}

impl ExportKeyingMaterial for Packets {
    fn export_keying_material<T: AsMut<[u8]>>(&self, output: T, label: &[u8], context: Option<&[u8]>) -> Option<T> {
        let (_, tls) = self.line.get_ref().stream.get_ref();
        tls.export_keying_material(output, label, context).ok()
    }
}
