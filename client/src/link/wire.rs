//! Frames over a secured stream, one at a time: the manner of the login.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use whoelse_proto::codec::{FrameReader, encode};
use whoelse_proto::limits::{MAX_FRAME, MAX_FRAME_BEFORE_LOGIN};
use whoelse_proto::opaque::{EXPORTER_BYTES, EXPORTER_LABEL};
use whoelse_proto::{ClientFrame, ServerFrame};

use crate::error::{Error, Result};

/// Bytes asked of the socket at once: one TLS record.
pub(super) const READ_BYTES: usize = 16 * 1024;

/// A secured stream with what was read of the next frame.
pub(super) struct Wire {
    pub(super) stream: TlsStream<TcpStream>,
    pub(super) reader: FrameReader,
    buffer: Vec<u8>,
}

impl Wire {
    /// Frames over `stream`, within the limits of before the login.
    pub(super) fn new(stream: TlsStream<TcpStream>) -> Self {
        Self { stream, reader: FrameReader::new(MAX_FRAME_BEFORE_LOGIN), buffer: vec![0; READ_BYTES] }
    }

    /// The bytes that bind a login to this connection.
    pub(super) fn exporter(&self) -> Result<[u8; EXPORTER_BYTES]> {
        let (_, tls) = self.stream.get_ref();
        tls.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None)
            .map_err(|error| Error::Broken(io::Error::other(error)))
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &ClientFrame) -> Result<()> {
        let bytes = encode(frame, MAX_FRAME_BEFORE_LOGIN)?;
        self.stream.write_all(&bytes).await.map_err(Error::Broken)?;
        self.stream.flush().await.map_err(Error::Broken)
    }

    /// Waits for a frame. Pings are answered, faults become errors.
    pub(super) async fn receive(&mut self) -> Result<ServerFrame> {
        loop {
            let frame = self.read_frame().await?;
            if let ServerFrame::Fault(fault) = frame {
                return Err(Error::Fault(fault));
            } else if frame == (ServerFrame::Ping {}) {
                self.send(&ClientFrame::Pong {}).await?;
            } else if frame != (ServerFrame::Pong {}) {
                return Ok(frame);
            }
        }
    }

    /// From the welcome on, the limits of after the login hold.
    pub(super) fn logged_in(&mut self) {
        self.reader.set_limit(MAX_FRAME);
    }

    /// The next frame, whatever it is.
    async fn read_frame(&mut self) -> Result<ServerFrame> {
        loop {
            if let Some(frame) = self.reader.next_frame()? {
                return Ok(frame);
            }
            let count = self.stream.read(&mut self.buffer).await.map_err(Error::Broken)?;
            match self.buffer.get(..count) {
                None | Some([]) => return Err(Error::Closed),
                Some(bytes) => self.reader.feed(bytes),
            }
        }
    }
}

/// A frame's name, for telling that it came at the wrong time.
pub(super) fn frame_name(frame: &ServerFrame) -> &'static str {
    match frame {
        ServerFrame::Hello { .. } => "hello",
        ServerFrame::LoginChallenge { .. } => "login_challenge",
        ServerFrame::RegisterChallenge { .. } => "register_challenge",
        ServerFrame::Registered {} => "registered",
        ServerFrame::LoginRefused(_) => "login_refused",
        ServerFrame::Welcome { .. } => "welcome",
        ServerFrame::Roster { .. } => "roster",
        ServerFrame::Presence { .. } => "presence",
        ServerFrame::Deliver(_) => "deliver",
        ServerFrame::Progress { .. } => "progress",
        ServerFrame::Notice(_) => "notice",
        ServerFrame::Private(_) => "private",
        ServerFrame::Reply { .. } => "reply",
        ServerFrame::InactivityWarning { .. } => "inactivity_warning",
        ServerFrame::SessionEnded { .. } => "session_ended",
        ServerFrame::Fault(_) => "fault",
        ServerFrame::Ping {} => "ping",
        ServerFrame::Pong {} => "pong",
    }
}
