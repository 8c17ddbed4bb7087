//! What is said while a line is being edited: it is shown above that line.
//!
//! The editor takes such words only while it reads keys, one at a time, and whoever offers them waits for that. So a
//! thread offers them, and the talk waits for nobody.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use whoelse_model::Request;

use super::editor::Printer;
use crate::error::{Error, Result};

/// Lines that wait for the editor: some screens full.
const QUEUE: usize = 1_000;

/// For the editor to take what still waits when the program ends.
const LEAVING: Duration = Duration::from_secs(1);

/// The words that wait, shared by the talk, the editor and the thread between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Above(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Words>,
    /// What is to be asked, for the words before it are shown.
    due: Vec<Request>,
    editor: Editor,
    offering: Offering,
}

/// Words that wait, and what is to be asked once they are shown.
#[derive(Debug)]
struct Words {
    text: String,
    then: Vec<Request>,
}

/// What the editor does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Editor {
    /// It is about to read keys: what is offered before that could overtake what it holds already.
    #[default]
    Coming,
    /// It reads keys.
    Reading,
    /// It will not be asked for another line.
    Gone,
}

/// What the thread does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Offering {
    /// It waits for words.
    #[default]
    On,
    /// It ends once none wait.
    Ending,
    /// It has ended.
    Ended,
}

/// There is no room, or nobody to show it; the words are handed back, with what was to be asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String, pub(super) Vec<Request>);

impl Above {
    /// Starts the thread, which ends with [`Self::end`]. It calls `shown` when something is due to be asked.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub(super) fn start(&self, printer: Printer, shown: impl Fn() + Send + 'static) -> Result<JoinHandle<()>> {
        let shared = self.clone();
        let work = move || {
            shared.offer(printer, shown);
            shared.change(|state| state.offering = Offering::Ended);
        };
        thread::Builder::new().name("whoelse-above".to_owned()).spawn(work).map_err(Error::Thread)
    }

    /// Shows lines above the one that is being edited, as soon as the editor takes them.
    ///
    /// # Errors
    /// [`Refused`].
    pub(super) fn say(&self, text: String, then: Vec<Request>) -> std::result::Result<(), Refused> {
        let mut state = self.lock();
        if state.offering != Offering::On || state.lines.len() >= QUEUE {
            return Err(Refused(text, then));
        }
        state.lines.push_back(Words { text, then });
        self.0.changed.notify_all();
        Ok(())
    }

    /// What is to be asked, for what was said before it is shown.
    pub(super) fn due(&self) -> Vec<Request> {
        std::mem::take(&mut self.lock().due)
    }

    /// The editor reads keys.
    pub(super) fn editor_reads(&self) {
        self.editor_is(Editor::Reading);
    }

    /// The editor has a line, and will read the next one.
    pub(super) fn editor_pauses(&self) {
        self.editor_is(Editor::Coming);
    }

    /// No line is asked for any more.
    pub(super) fn editor_is_gone(&self) {
        self.editor_is(Editor::Gone);
    }

    /// Waits, within a bound, until what was said is with the editor. From here on, nothing more is taken.
    pub(super) fn end(&self) {
        self.change(|state| state.offering = Offering::Ending);
        let waited = self.0.changed.wait_timeout_while(self.lock(), LEAVING, |state| state.offering != Offering::Ended);
        if waited.is_ok_and(|(_, waited)| waited.timed_out()) {
            tracing::debug!("the editor does not take what is said");
        }
    }

    /// Offers what waits, all at once, whenever the editor can take it.
    fn offer(&self, mut printer: Printer, shown: impl Fn()) {
        while let Some(Words { text, mut then }) = self.next() {
            if let Err(error) = printer.print(text) {
                tracing::debug!(%error, "nobody reads");
                return;
            }
            if !then.is_empty() {
                self.change(|state| state.due.append(&mut then));
                shown();
            }
        }
    }

    /// What to offer next; `None` at the end.
    fn next(&self) -> Option<Words> {
        let is_idle = |state: &mut State| match (state.offering, state.editor) {
            (Offering::On, Editor::Coming) => true,
            (Offering::On, Editor::Reading | Editor::Gone) => state.lines.is_empty(),
            (Offering::Ending | Offering::Ended, _) => false,
        };
        let mut state = self.0.changed.wait_while(self.lock(), is_idle).unwrap_or_else(PoisonError::into_inner);
        let mut all = Words { text: String::new(), then: Vec::new() };
        for Words { text, then } in state.lines.drain(..) {
            all.text.push_str(&text);
            all.then.extend(then);
        }
        (!all.text.is_empty()).then_some(all)
    }

    fn editor_is(&self, editor: Editor) {
        self.change(|state| state.editor = editor);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;

    /// An editor that takes words when it is asked for them.
    struct Slow(SyncSender<String>);

    impl rustyline::ExternalPrinter for Slow {
        fn print(&mut self, words: String) -> rustyline::Result<()> {
            self.0.send(words).map_err(std::io::Error::other)?;
            Ok(())
        }
    }

    fn start() -> (Above, Receiver<String>) {
        let (to_test, shown) = sync_channel(0);
        let above = Above::default();
        above.start(Box::new(Slow(to_test)), || {}).unwrap();
        (above, shown)
    }

    fn line(n: usize) -> String {
        format!("{n}\n")
    }

    #[test]
    fn what_is_said_waits_for_the_editor_and_holds_nobody_up() {
        let (above, shown) = start();
        for n in 0..QUEUE {
            above.say(line(n), Vec::new()).unwrap();
        }
        assert_eq!(above.say(line(QUEUE), Vec::new()), Err(Refused(line(QUEUE), Vec::new())), "there is no room");

        above.editor_reads();
        assert_eq!(shown.recv().unwrap(), (0..QUEUE).map(line).collect::<String>());
        above.say(line(1), Vec::new()).unwrap();
        assert_eq!(shown.recv().unwrap(), line(1));
    }

    #[test]
    fn what_hangs_on_words_is_due_once_they_are_shown() {
        let (above, shown) = start();
        above.say(line(1), vec![Request::RetryNow]).unwrap();
        assert_eq!(above.due(), []);
        above.editor_is_gone();
        shown.recv().unwrap();
        above.end();
        assert_eq!(above.due(), [Request::RetryNow]);
    }

    #[test]
    fn without_an_editor_to_come_it_is_shown_at_once() {
        let (above, shown) = start();
        above.editor_is_gone();
        above.say(line(1), Vec::new()).unwrap();
        assert_eq!(shown.recv().unwrap(), line(1));
    }

    #[test]
    fn the_end_waits_for_what_was_said_and_takes_no_more() {
        let (above, shown) = start();
        above.say(line(1), Vec::new()).unwrap();
        let ending = thread::spawn({
            let above = above.clone();
            move || above.end()
        });
        assert_eq!(shown.recv().unwrap(), line(1));
        ending.join().unwrap();
        assert_eq!(above.say(line(2), Vec::new()), Err(Refused(line(2), Vec::new())));
    }

    #[test]
    fn an_editor_whose_terminal_is_gone_ends_it() {
        let (above, shown) = start();
        drop(shown);
        above.editor_reads();
        above.say(line(1), Vec::new()).unwrap();
        above.end();
        assert_eq!(above.say(line(2), Vec::new()), Err(Refused(line(2), Vec::new())));
    }
}
