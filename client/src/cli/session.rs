//! The command line at work: inputs to the talk, and what it says done.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use whoelse_model::{Event, Request};
use whoelse_proto::{MessageId, Timestamp, UserName};

use super::above::Above;
use super::args::{Output, Start};
use super::editor::{LineEditor, Names};
use super::inputs::{Input, Interrupts, Line, LineSource, queue, read_line, watch_signals};
use super::news::News;
use super::outcome::Status;
use super::screen::Screen;
use super::talk::{Commander, Do, Talk};
use super::terminal::TerminalMode;
use crate::clock::{fresh_message_id, now};
use crate::error::Result;
use crate::profile::Profile;
use crate::runtime::{Busy, Runtime};

/// How long to wait before a request is offered again to a runtime that had no room.
const BUSY: Duration = Duration::from_millis(20);

/// How long to wait before looking again whether a reader has taken what was written.
const READING: Duration = Duration::from_millis(5);

/// For a reader to take what was written before the end. What it does not take is shown again at the next start.
const LAST_READING: Duration = Duration::from_secs(2);

/// Messages shown that are reported at once: few, so that their authors hear soon, and one write to the disk.
const SHOWN_AT_ONCE: usize = 16;

/// For the server to answer the logout of a program whose output is lost.
const LOGGING_OUT: Duration = Duration::from_secs(2);

/// The command line at work.
pub(super) struct Session {
    pub(super) start: Start,
    pub(super) me: UserName,
    pub(super) profile: Profile,
    pub(super) screen: Screen,
    pub(super) events: VecDeque<Event>,
    runtime: Runtime,
    inputs: Receiver<Input>,
    to_inputs: SyncSender<Input>,
    /// Requests that the runtime had no room for.
    requests: VecDeque<Request>,
    /// Messages that were shown and are not reported yet.
    shown: Vec<MessageId>,
    names: Names,
    pub(super) interrupts: Interrupts,
    mode: TerminalMode,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What was waited for.
pub(super) enum Waited {
    /// An event.
    Event(Event),
    /// A line.
    Line(Line),
    /// The user interrupts.
    Interrupt,
    /// The terminal was closed.
    HangUp,
    /// The time is over.
    TimeOver,
}

/// Whether the source of lines has been asked for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Idle,
    Asked,
}

/// The time left until a moment.
fn until(at: Timestamp) -> Duration {
    Duration::from_millis(at.millis().saturating_sub(now().millis()))
}

impl Session {
    /// Starts the client on a profile.
    ///
    /// # Errors
    /// [`crate::Error::Thread`].
    pub(super) fn open(start: Start, me: UserName, profile: Profile) -> Result<Self> {
        let (to_inputs, inputs) = queue();
        let waker = to_inputs.clone();
        // Where the queue is full, what stands in it leads to the events as well.
        let runtime = Runtime::start(profile.clone(), move || drop(waker.try_send(Input::Events)))?;
        let (mode, interrupts) = (TerminalMode::found(), Interrupts::default());
        watch_signals(to_inputs.clone(), interrupts.clone(), mode.clone())?;
        let screen = Screen::new(start.output);
        let (events, requests, names) = (VecDeque::new(), VecDeque::new(), Arc::new(Mutex::new(Vec::new())));
        let shown = Vec::new();
        Ok(Self {
            start,
            me,
            profile,
            screen,
            events,
            runtime,
            inputs,
            to_inputs,
            requests,
            shown,
            names,
            interrupts,
            mode,
        })
    }

    /// Signs in, then talks until the end.
    pub(super) fn run(mut self) -> Status {
        let me = match self.sign_in() {
            Ok(me) => me,
            Err(status) => return status,
        };
        let lines = match self.open_lines(&me) {
            Ok(lines) => lines,
            Err(error) => {
                eprintln!("whoelse-cli: {error}");
                return Status::Usage;
            }
        };
        let commander = match self.start.output {
            Output::Terminal => Commander::Person,
            Output::Plain | Output::Json => Commander::Program,
        };
        let mut talk =
            Talk::new(me, commander, self.start.patience, fresh_message_id).accepting(self.start.accepts.clone());
        let mut reading = Reading::Idle;
        loop {
            match (reading, talk.wants_line()) {
                (Reading::Idle, true) => {
                    lines.ask();
                    reading = Reading::Asked;
                }
                (Reading::Idle, false) => self.screen.no_more_lines(),
                (Reading::Asked, _) => {}
            }
            let to_do = match self.wait(talk.gives_up_at().map(until)) {
                Waited::Event(event) => self.tell(&mut talk, event),
                Waited::Line(line) => {
                    reading = Reading::Idle;
                    talk.take_line(line)
                }
                Waited::Interrupt => talk.interrupt(),
                Waited::HangUp => talk.hang_up(),
                Waited::TimeOver => talk.give_up(),
            };
            if let Some(status) = self.perform(to_do) {
                return status;
            }
        }
    }

    /// Hands the talk an event, and the completion the names that it brings.
    fn tell(&self, talk: &mut Talk, event: Event) -> Vec<Do> {
        let names_change = matches!(event, Event::Roster { .. } | Event::Presence(_));
        let to_do = talk.take_event(event, now());
        if names_change {
            *self.names.lock().unwrap_or_else(PoisonError::into_inner) = talk.names();
        }
        to_do
    }

    /// Leaves the terminal as it was found.
    fn leave(&mut self) {
        let due = self.screen.leave();
        self.ask_all(due);
        self.let_read();
        self.mode.restore();
    }

    /// Does what the talk says. The status with which the program ends, if it does.
    fn perform(&mut self, to_do: Vec<Do>) -> Option<Status> {
        if to_do.iter().any(|one| matches!(one, Do::Finish(_))) {
            self.leave();
        }
        for one in to_do {
            match one {
                Do::Say(news) => {
                    if let Err(error) = self.screen.say(&news) {
                        return Some(self.output_lost(&error));
                    }
                }
                Do::Show { message, then } => match self.screen.show(&News::Received(message), then) {
                    Ok(due) => self.ask_all(due),
                    Err(error) => return Some(self.output_lost(&error)),
                },
                Do::Ask(request) => self.ask(request),
                Do::Finish(status) => return Some(status),
            }
        }
        None
    }

    /// Whoever is to read it cannot, or went away: says so where that may be read, and logs out in order.
    fn output_lost(&mut self, error: &std::io::Error) -> Status {
        eprintln!("whoelse-cli: the output cannot be written: {}", whoelse_plain::file(error));
        self.screen.give_up();
        self.ask(Request::SignOut);
        let until_out = Instant::now() + LOGGING_OUT;
        loop {
            let is_over = match self.wait(Some(until_out.saturating_duration_since(Instant::now()))) {
                Waited::Event(event) => matches!(event, Event::SessionEnded(_) | Event::LineLost { .. }),
                Waited::Line(_) => false,
                Waited::Interrupt | Waited::HangUp | Waited::TimeOver => true,
            };
            if is_over {
                return Status::OutputLost;
            }
        }
    }

    /// Asks the runtime, now or as soon as it has room. What was shown is gathered.
    pub(super) fn ask(&mut self, request: Request) {
        if let Request::Shown { ids } = request {
            self.shown.extend(ids);
            if self.shown.len() >= SHOWN_AT_ONCE {
                self.report_shown();
            }
            return;
        }
        // What was shown before is acknowledged before: a logout must not overtake it.
        if request == Request::SignOut {
            self.let_read();
        }
        self.report_shown();
        self.requests.push_back(request);
        self.flush();
    }

    fn ask_all(&mut self, requests: Vec<Request>) {
        for request in requests {
            self.ask(request);
        }
    }

    /// Gives the reader of the output the time to take what was written, and reports it.
    fn let_read(&mut self) {
        let until = Instant::now() + LAST_READING;
        loop {
            let due = self.screen.due();
            self.ask_all(due);
            if !self.screen.is_waiting() || Instant::now() >= until {
                break;
            }
            std::thread::sleep(READING);
        }
        self.report_shown();
    }

    /// Reports what was shown.
    fn report_shown(&mut self) {
        if !self.shown.is_empty() {
            self.requests.push_back(Request::Shown { ids: std::mem::take(&mut self.shown) });
            self.flush();
        }
    }

    fn flush(&mut self) {
        while let Some(request) = self.requests.pop_front() {
            if let Err(Busy(request)) = self.runtime.send(request) {
                self.requests.push_front(*request);
                return;
            }
        }
    }

    /// Waits for something to happen, at most this long.
    pub(super) fn wait(&mut self, at_most: Option<Duration>) -> Waited {
        let until = at_most.and_then(|span| Instant::now().checked_add(span));
        loop {
            self.flush();
            if let Some(event) = self.events.pop_front() {
                return Waited::Event(event);
            }
            self.events.extend(self.runtime.drain());
            if !self.events.is_empty() {
                continue;
            }
            let due = self.screen.due();
            self.ask_all(due);
            self.report_shown();
            let reading = self.screen.is_waiting().then_some(READING);
            let busy = (!self.requests.is_empty()).then_some(BUSY);
            let soon = [reading, busy].into_iter().flatten().min();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let input = match [soon, left].into_iter().flatten().min() {
                Some(wait) => self.inputs.recv_timeout(wait),
                None => self.inputs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match input {
                Ok(Input::Events) => {}
                Ok(Input::Line(line)) => return Waited::Line(line),
                Ok(Input::HangUp) => return Waited::HangUp,
                Ok(Input::Interrupt) | Err(RecvTimeoutError::Disconnected) => return Waited::Interrupt,
                Err(RecvTimeoutError::Timeout) if left.is_none_or(|left| soon.is_some_and(|soon| soon < left)) => {}
                Err(RecvTimeoutError::Timeout) => return Waited::TimeOver,
            }
        }
    }

    /// Says a piece of news, if anybody reads it.
    pub(super) fn say(&mut self, news: &News) {
        if let Err(error) = self.screen.say(news) {
            tracing::debug!(%error, "nobody reads");
        }
    }

    /// Opens the source of lines: the editor at a terminal, else standard input.
    fn open_lines(&mut self, me: &UserName) -> Result<LineSource> {
        if self.start.output == Output::Terminal {
            self.interrupts.are_inputs();
            let recall = self.profile.recall();
            let above = Above::default();
            let editor = LineEditor::new(me, Arc::clone(&self.names), above.clone(), recall)
                .and_then(|mut editor| editor.printer().map(|printer| (editor, printer)));
            if let Ok((mut editor, printer)) = editor {
                let waker = self.to_inputs.clone();
                above.start(printer, move || drop(waker.try_send(Input::Events)))?;
                self.screen.print_above(above);
                return LineSource::start(move || editor.read(), self.to_inputs.clone());
            }
        }
        LineSource::start(|| read_line(&mut std::io::stdin().lock()), self.to_inputs.clone())
    }
}
