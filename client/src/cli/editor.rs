//! The line editor of a terminal: history, completion of commands and names.

use std::sync::{Arc, Mutex, PoisonError};

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, CompletionType, Config, Context, Editor, ExternalPrinter, Helper, KeyCode, KeyEvent, Modifiers};
use whoelse_model::command::{complete, is_passwd};
use whoelse_proto::{Password, UserName};
use zeroize::Zeroizing;

use super::above::Above;
use super::human::sentence;
use super::inputs::Line;
use crate::profile::{MAX_LINES, Recall};

/// Names for the completion, shared with whoever learns of them.
pub(super) type Names = Arc<Mutex<Vec<UserName>>>;

/// Prints above the line that is being edited.
pub(super) type Printer = Box<dyn ExternalPrinter + Send>;

/// The editor.
pub(super) struct LineEditor {
    editor: Editor<Completes, DefaultHistory>,
    above: Above,
    prompt: String,
    recall: Recall,
}

impl LineEditor {
    /// An editor for `me`, that gives back earlier lines. It tells `above` what it does.
    ///
    /// # Errors
    /// The terminal's.
    pub(super) fn new(me: &UserName, names: Names, above: Above, recall: Recall) -> rustyline::Result<Self> {
        let config = Config::builder()
            .max_history_size(MAX_LINES)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Completes { names, above: above.clone() }));
        // A text may have several lines; Enter alone ends it.
        for (code, modifiers) in [(KeyCode::Enter, Modifiers::ALT), (KeyCode::Char('M'), Modifiers::CTRL_ALT)] {
            editor.bind_sequence(KeyEvent(code, modifiers), Cmd::Newline);
        }
        for line in recall.load() {
            editor.add_history_entry(line)?;
        }
        Ok(Self { editor, above, prompt: format!("{me}> "), recall })
    }

    /// A printer for what happens meanwhile.
    ///
    /// # Errors
    /// The terminal's.
    pub(super) fn printer(&mut self) -> rustyline::Result<Printer> {
        Ok(Box::new(self.editor.create_external_printer()?))
    }

    /// Reads a line.
    pub(super) fn read(&mut self) -> Line {
        let read = self.editor.readline(&self.prompt);
        self.above.editor_pauses();
        match read {
            Ok(line) if is_passwd(&line) => ask_passwords(&line),
            Ok(line) => {
                self.remember(&line);
                Line::Text(line)
            }
            Err(ReadlineError::Interrupted) => Line::Interrupted,
            Err(_) => Line::End,
        }
    }

    /// Any line but one with passwords can be called back while the program runs; few are kept beyond.
    fn remember(&mut self, line: &str) {
        if let Err(error) = self.editor.add_history_entry(line) {
            tracing::debug!(%error, "the line cannot be called back");
        }
        self.recall.keep(line);
    }
}

/// Asks for the old password and twice for the new one, without echo, whatever was typed behind the command. Gives the
/// command with both; an empty line if the user thought better of it, which an empty answer says.
fn ask_passwords(line: &str) -> Line {
    if line.split_whitespace().count() > 1 {
        println!("Passwords on the command line can be read by others, so they are asked for here.");
    }
    asked_passwords().unwrap_or_else(|| {
        println!("Your password is not changed.");
        Line::Text(String::new())
    })
}

/// The command with the passwords that were typed; `None` if one is empty.
fn asked_passwords() -> Option<Line> {
    let ask = |question: &str| rpassword::prompt_password(question).ok().map(Zeroizing::new);
    let old = ask("Old password: ").filter(|typed| !typed.is_empty())?;
    loop {
        let new = ask("New password: ").filter(|typed| !typed.is_empty())?;
        if let Err(error) = Password::new(&new) {
            println!("{}", sentence(&error.to_string()));
        } else if *ask("Repeat the new password: ")? == *new {
            return Some(Line::Text(format!("passwd {} {}", *old, *new)));
        } else {
            println!("The two passwords differ.");
        }
    }
}

/// Completes commands and names, and tells where the editor stands.
struct Completes {
    names: Names,
    above: Above,
}

impl Completer for Completes {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let completions = complete(line, pos, names.iter());
        let start = completions.first().map_or(pos, |completion| completion.start);
        let pair = |text: String| Pair { display: text.trim_end().to_owned(), replacement: text };
        Ok((start, completions.into_iter().map(|completion| pair(completion.text)).collect()))
    }
}

impl Hinter for Completes {
    type Hint = String;

    /// Asked for when the line is first shown, and with each key: the editor reads.
    fn hint(&self, _: &str, _: usize, _: &Context<'_>) -> Option<String> {
        self.above.editor_reads();
        None
    }
}

impl Validator for Completes {
    /// Asked for when the line is ended, while the editor still holds the terminal.
    fn validate(&self, _: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        self.above.editor_pauses();
        Ok(ValidationResult::Valid(None))
    }
}

impl Highlighter for Completes {}
impl Helper for Completes {}
