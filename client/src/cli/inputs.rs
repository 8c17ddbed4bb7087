//! What the command line waits for, gathered into one bounded queue.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use zeroize::Zeroizing;

use super::outcome::INTERRUPTED;
use super::terminal::TerminalMode;
use crate::error::{Error, Result};

/// Inputs that wait: a wake-up, a line, an interrupt, and room.
const QUEUE: usize = 8;

/// Bytes of one line: the longest text as a JSON string, six bytes for each of its own, with its command.
const MAX_LINE_BYTES: usize = 128 * 1024;

/// Something to act on.
#[derive(Debug)]
pub(super) enum Input {
    /// The runtime has events.
    Events,
    /// A line, or the end of them.
    Line(Line),
    /// The user interrupts the program.
    Interrupt,
    /// The terminal was closed.
    HangUp,
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

/// What an interrupt does.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupts(Arc<AtomicBool>);

impl Interrupts {
    /// From here on an interrupt is an input: somebody waits for it.
    pub(super) fn are_inputs(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn end_the_program(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// Reports Ctrl-C, the polite request to end and the end of the terminal as inputs. While a person is at a question, they end the
/// program.
///
/// # Errors
/// [`Error::Thread`].
pub(super) fn watch_signals(to: SyncSender<Input>, interrupts: Interrupts, mode: TerminalMode) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Thread)?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen().map_err(Error::Thread)?
    };
    let work = move || {
        while let Some(signal) = runtime.block_on(signals.next()) {
            if interrupts.end_the_program() {
                mode.restore();
                std::process::exit(INTERRUPTED.into());
            }
            if to.send(signal).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("whoelse-signals".to_owned()).spawn(work).map_err(Error::Thread).map(drop)
}

/// The signals that mean: end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// The terminal is closed; `None` where the program was started so that it outlives it (nohup).
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = if outlives_its_terminal() { None } else { Some(signal(SignalKind::hangup())?) };
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate, hang_up })
    }

    /// Waits for one; `None` where there will be none.
    async fn next(&mut self) -> Option<Input> {
        let Self { interrupt, terminate, hang_up } = self;
        let hung_up = async {
            match hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            interrupted = interrupt.recv() => interrupted.map(|()| Input::Interrupt),
            terminated = terminate.recv() => terminated.map(|()| Input::Interrupt),
            hung_up = hung_up => hung_up.map(|()| Input::HangUp),
        }
    }
}

/// Whether whoever started the program had it ignore the end of its terminal. Linux tells (proc(5), `SigIgn`).
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    /// The bit of SIGHUP, the first signal.
    const HANG_UP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANG_UP != 0)
}

/// The signals that mean: end.
#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    stop: tokio::signal::windows::CtrlBreak,
    /// The console window is closed.
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self { interrupt: ctrl_c()?, stop: ctrl_break()?, close: ctrl_close()? })
    }

    /// Waits for one; `None` where there will be none.
    async fn next(&mut self) -> Option<Input> {
        tokio::select! {
            interrupted = self.interrupt.recv() => interrupted.map(|()| Input::Interrupt),
            stopped = self.stop.recv() => stopped.map(|()| Input::Interrupt),
            closed = self.close.recv() => closed.map(|()| Input::HangUp),
        }
    }
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
