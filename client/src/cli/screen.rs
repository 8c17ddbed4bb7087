//! Where the command line writes.

use std::io::{self, IsTerminal as _, Write as _};

use jiff::tz::TimeZone;

use super::args::Output;
use super::editor::Printer;
use super::human::{Human, Style};
use super::json;
use super::news::News;
use crate::clock::now;

/// Standard output, or the place above the line that is being edited.
pub(super) struct Screen {
    output: Output,
    human: Human,
    printer: Option<Printer>,
}

impl Screen {
    pub(super) fn new(output: Output) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = if plain || !io::stdout().is_terminal() { Style::Plain } else { Style::Ansi };
        Self { output, human: Human { zone: TimeZone::system(), style }, printer: None }
    }

    /// From here on, a line may be being edited.
    pub(super) fn print_with(&mut self, printer: Printer) {
        self.printer = Some(printer);
    }

    /// Says a piece of news.
    ///
    /// # Errors
    /// Nobody reads any more.
    pub(super) fn say(&mut self, news: &News) -> io::Result<()> {
        match self.output {
            Output::Json => json::lines(news).iter().try_for_each(|line| write_line(line)),
            Output::Plain | Output::Terminal => self.human.lines(news, now()).map_or(Ok(()), |text| self.write(text)),
        }
    }

    /// Writes lines for a person.
    ///
    /// # Errors
    /// Nobody reads any more.
    pub(super) fn write(&mut self, mut text: String) -> io::Result<()> {
        match &mut self.printer {
            Some(printer) => {
                text.push('\n');
                printer.print(text).map_err(io::Error::other)
            }
            None => write_line(&text),
        }
    }
}

/// Writes a line to standard output, at once.
fn write_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}
