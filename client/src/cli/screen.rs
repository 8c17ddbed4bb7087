//! Where the command line writes.

use std::io::{self, IsTerminal as _, Write as _};

use jiff::tz::TimeZone;
use whoelse_model::Request;

use super::above::{Above, Refused};
use super::args::Output;
use super::human::{Human, Style};
use super::json;
use super::news::News;
use super::reader::Unread;
use super::safe;
use crate::clock::now;

/// Standard output, or the place above the line that is being edited.
pub(super) struct Screen {
    output: Output,
    human: Human,
    above: Option<Above>,
    unread: Unread,
}

impl Screen {
    pub(super) fn new(output: Output) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = if plain || !io::stdout().is_terminal() { Style::Plain } else { Style::Ansi };
        Self { output, human: Human { zone: TimeZone::system(), style }, above: None, unread: Unread::of_stdout() }
    }

    /// From here on, a line may be being edited.
    pub(super) fn print_above(&mut self, above: Above) {
        self.above = Some(above);
    }

    /// No line is edited until the end of the program.
    pub(super) fn no_more_lines(&self) {
        if let Some(above) = &self.above {
            above.editor_is_gone();
        }
    }

    /// Leaves the editor, should a line be being edited: takes it off, and undoes what was asked of the terminal, pasting
    /// in brackets. What is said from here on stands where the line stood. Hands back what is due to be asked.
    pub(super) fn leave(&mut self) -> Vec<Request> {
        let mut due = Vec::new();
        if let Some(above) = self.above.take() {
            above.end();
            due = above.due();
            let mut out = io::stdout().lock();
            if let Err(error) = out.write_all(b"\r\x1b[K\x1b[?2004l").and_then(|()| out.flush()) {
                tracing::debug!(%error, "nobody reads");
            }
        }
        due
    }

    /// Says a piece of news.
    ///
    /// # Errors
    /// Nobody reads any more.
    pub(super) fn say(&mut self, news: &News) -> io::Result<()> {
        self.show(news, Vec::new()).map(drop)
    }

    /// Says a piece of news on which requests hang. Hands back those that are due; the others are [`Self::due`] later.
    ///
    /// # Errors
    /// Nobody reads any more.
    pub(super) fn show(&mut self, news: &News, then: Vec<Request>) -> io::Result<Vec<Request>> {
        match self.output {
            Output::Json => {
                json::lines(news).iter().try_for_each(|line| self.put(line))?;
                Ok(self.once_read(then))
            }
            Output::Plain | Output::Terminal => match self.human.lines(news, now()) {
                Some(text) => self.write(fitted(text), then),
                None => Ok(then),
            },
        }
    }

    /// What is to be asked, for what was said before it is shown.
    pub(super) fn due(&mut self) -> Vec<Request> {
        let mut due = self.above.as_ref().map(Above::due).unwrap_or_default();
        due.extend(self.unread.look());
        due
    }

    /// Whether something that was written waits for its reader.
    pub(super) fn is_waiting(&self) -> bool {
        self.unread.is_waiting()
    }

    /// Nobody reads any more.
    pub(super) fn give_up(&mut self) {
        self.unread.give_up();
    }

    /// Writes a line to standard output, at once.
    fn put(&mut self, line: &str) -> io::Result<()> {
        write_line(line)?;
        self.unread.wrote(line.len() as u64 + 1);
        Ok(())
    }

    /// Keeps requests until what was written is read; hands back those that are due.
    fn once_read(&mut self, then: Vec<Request>) -> Vec<Request> {
        // Whoever says without requests takes none back.
        if then.is_empty() {
            return then;
        }
        self.unread.then(then);
        self.unread.look()
    }

    /// Writes lines for a person: above a line that is being edited, or straight out where that cannot keep up.
    fn write(&mut self, text: String, then: Vec<Request>) -> io::Result<Vec<Request>> {
        let Some(above) = &self.above else {
            self.put(&text)?;
            return Ok(self.once_read(then));
        };
        match above.say(text + "\n", then) {
            Ok(()) => Ok(Vec::new()),
            Err(Refused(text, then)) => {
                self.put(text.trim_end_matches('\n'))?;
                Ok(self.once_read(then))
            }
        }
    }
}

/// Lines broken for the terminal that shows them, if there is one: also one behind a pipe such as `tee`.
fn fitted(text: String) -> String {
    match terminal_size::terminal_size() {
        Some((terminal_size::Width(columns), _)) if columns > 0 => safe::wrap(&text, usize::from(columns)),
        Some(_) | None => text,
    }
}

/// Writes a line to standard output, at once.
fn write_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
