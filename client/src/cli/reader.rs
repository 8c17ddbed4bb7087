//! What the reader of the output has taken: a pipe holds what was written until somebody reads it.

use std::collections::VecDeque;

use whoelse_model::Request;

/// Requests that hang on what was written, until its reader has it.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// Whether the output is a pipe, whose reader may be behind.
    is_pipe: bool,
    /// Bytes written in all.
    written: u64,
    /// Requests, each with the byte up to which must have been read. A pipe bounds how many.
    waiting: VecDeque<(u64, Request)>,
}

impl Unread {
    /// Of standard output.
    pub(super) fn of_stdout() -> Self {
        Self { is_pipe: is_pipe(), ..Self::default() }
    }

    /// What is to be asked by now.
    pub(super) fn look(&mut self) -> Vec<Request> {
        if self.waiting.is_empty() {
            return Vec::new();
        }
        let unread = if self.is_pipe { bytes_in_pipe() } else { 0 };
        self.due(unread)
    }

    /// So many bytes were written.
    pub(super) const fn wrote(&mut self, bytes: u64) {
        self.written = self.written.saturating_add(bytes);
    }

    /// These are to be asked once all that was written is read.
    pub(super) fn then(&mut self, requests: Vec<Request>) {
        let up_to = self.written;
        self.waiting.extend(requests.into_iter().map(|request| (up_to, request)));
    }

    /// What is to be asked now, where so many bytes wait for the reader.
    fn due(&mut self, unread: u64) -> Vec<Request> {
        let read = self.written.saturating_sub(unread);
        let count = self.waiting.partition_point(|(up_to, _)| *up_to <= read);
        self.waiting.drain(..count).map(|(_, request)| request).collect()
    }

    /// Whether anything waits for the reader.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Nobody reads any more: what waits is never asked.
    pub(super) fn give_up(&mut self) {
        self.waiting.clear();
    }
}

/// Whether standard output is a pipe of which the system tells what it holds. Of anything else, what is written counts
/// as read.
#[cfg(target_os = "linux")]
fn is_pipe() -> bool {
    use rustix::fs::{FileType, fstat};

    fstat(std::io::stdout()).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo)
}

/// Whether standard output is such a pipe: not known on this system.
#[cfg(not(target_os = "linux"))]
const fn is_pipe() -> bool {
    false
}

/// Bytes in the pipe of standard output.
#[cfg(target_os = "linux")]
fn bytes_in_pipe() -> u64 {
    rustix::io::ioctl_fionread(std::io::stdout()).unwrap_or_default()
}

/// Bytes in the pipe of standard output: not known on this system.
#[cfg(not(target_os = "linux"))]
const fn bytes_in_pipe() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use whoelse_proto::MessageId;

    use super::*;

    fn shown(n: u8) -> Vec<Request> {
        vec![Request::Shown { ids: vec![MessageId::from_bytes([n; 16])] }]
    }

    #[test]
    fn what_a_pipe_still_holds_is_not_shown() {
        let mut unread = Unread::default();
        for n in 1..=3 {
            unread.wrote(100);
            unread.then(shown(n));
        }
        assert_eq!(unread.due(300), []);
        assert_eq!(unread.due(101), shown(1));
        assert_eq!(unread.due(100), shown(2));
        assert!(unread.is_waiting());
        assert_eq!(unread.due(0), shown(3));
        assert!(!unread.is_waiting());
    }

    #[test]
    fn what_a_reader_left_behind_is_never_shown() {
        let mut unread = Unread::default();
        unread.wrote(100);
        unread.then(shown(1));
        unread.give_up();
        assert_eq!(unread.due(0), []);
    }
}
