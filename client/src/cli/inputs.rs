//! What the command line waits for, gathered into one bounded queue.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Inputs that wait: a wake-up, a line, an interrupt, and room.
const QUEUE: usize = 8;

/// Bytes of one line: the longest text with its command, and room to tell that it is too long.
const MAX_LINE_BYTES: usize = 32 * 1024;

/// Something to act on.
#[derive(Debug)]
pub(super) enum Input {
    /// The runtime has events.
    Events,
    /// A line, or the end of them.
    Line(Line),
    /// The user interrupts the program.
    Interrupt,
}

/// What a source of lines gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, without its end.
    Text(String),
    /// A line of more than [`MAX_LINE_BYTES`].
    TooLong,
    /// A line that is no UTF-8.
    NotText,
    /// There are no more.
    End,
    /// The user pressed Ctrl-C in the editor.
    Interrupted,
}

/// The queue of inputs.
pub(super) fn queue() -> (SyncSender<Input>, Receiver<Input>) {
    sync_channel(QUEUE)
}

/// A thread that reads one line each time it is asked.
#[derive(Debug)]
pub(super) struct LineSource(Sender<()>);

impl LineSource {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub(super) fn start(mut read: impl FnMut() -> Line + Send + 'static, to: SyncSender<Input>) -> Result<Self> {
        let (ask, asked) = channel();
        let work = move || {
            while asked.recv().is_ok() {
                if to.send(Input::Line(read())).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("whoelse-lines".to_owned()).spawn(work).map_err(Error::Thread)?;
        Ok(Self(ask))
    }

    /// Asks for the next line.
    pub(super) fn ask(&self) {
        if self.0.send(()).is_err() {
            tracing::debug!("the source of lines is gone");
        }
    }
}

/// Reads a line, of which no more than the bound is held in memory.
pub(super) fn read_line(from: &mut impl BufRead) -> Line {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut fits = true;
    let mut any = false;
    loop {
        let Ok(buffer) = from.fill_buf() else { return if any { finish(&bytes, fits) } else { Line::End } };
        if buffer.is_empty() {
            return if any { finish(&bytes, fits) } else { Line::End };
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        fits = fits && bytes.len() + part.len() <= MAX_LINE_BYTES;
        if fits {
            bytes.extend_from_slice(part);
        }
        let used = end.map_or(buffer.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            return finish(&bytes, fits);
        }
    }
}

/// A line of the bytes read.
fn finish(bytes: &[u8], fits: bool) -> Line {
    if !fits {
        return Line::TooLong;
    }
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or(Line::NotText, |text| Line::Text(text.to_owned()))
}

/// Reports Ctrl-C, and on Unix the polite request to end, as inputs.
///
/// # Errors
/// [`Error::Thread`].
pub(super) fn watch_signals(to: SyncSender<Input>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
    let work = move || {
        runtime.block_on(async { while signal().await && to.send(Input::Interrupt).is_ok() {} });
    };
    thread::Builder::new().name("whoelse-signals".to_owned()).spawn(work).map_err(Error::Thread)?;
    Ok(())
}

/// Waits for a signal. Whether there was one.
#[cfg(unix)]
async fn signal() -> bool {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return tokio::signal::ctrl_c().await.is_ok() };
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt.is_ok(),
        terminate = terminate.recv() => terminate.is_some(),
    }
}

/// Waits for a signal. Whether there was one.
#[cfg(not(unix))]
async fn signal() -> bool {
    tokio::signal::ctrl_c().await.is_ok()
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(raw: &[u8]) -> Vec<Line> {
        let mut from = BufReader::with_capacity(7, raw);
        let mut lines = Vec::new();
        loop {
            let line = read_line(&mut from);
            if line == Line::End {
                return lines;
            }
            lines.push(line);
        }
    }

    fn text(raw: &str) -> Line {
        Line::Text(raw.to_owned())
    }

    #[test]
    fn lines_end_with_either_sign_or_with_the_input() {
        assert_eq!(
            lines(b"whoelse\nmessage yoda hi\r\n\nlast"),
            [text("whoelse"), text("message yoda hi"), text(""), text("last")]
        );
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn a_line_that_is_too_long_or_no_text_does_not_spoil_the_next() {
        let mut raw = vec![b'x'; MAX_LINE_BYTES + 1];
        raw.extend_from_slice(b"\n\xff\xfe\nwhoelse\n");
        assert_eq!(lines(&raw), [Line::TooLong, Line::NotText, text("whoelse")]);
    }
}
