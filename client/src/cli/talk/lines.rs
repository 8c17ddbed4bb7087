//! From lines to requests, each in its turn.

use whoelse_model::command::{CommandKind, CommandLine, MAX_RECALLED, ParseError, help_text, parse};
use whoelse_model::{Ask, AskId, ChatId, Recall, Request};
use whoelse_proto::{Text, UserName};

use super::super::inputs::Line;
use super::super::news::{Failure, News, command_name};
use super::super::order::{self, Order};
use super::{Commander, Do, LineIs, MAX_AHEAD, Stage, Talk, answer};

/// A line, looked at.
enum Looked {
    /// A command.
    Command(CommandLine),
    /// None.
    Fault(Failure),
    /// The end of the lines.
    End,
    /// Ctrl-C in the editor.
    Interrupted,
    /// Nothing.
    Blank,
}

impl Talk {
    /// Does the line that waits, if its turn has come.
    pub(super) fn proceed(&mut self, out: &mut Vec<Do>) {
        if let Some(line) = self.held.take() {
            let (looked, reference) = self.look(&line);
            if self.stage == Stage::Open && self.is_turn_of(&looked) {
                self.reference = reference;
                let mut done = Vec::new();
                self.do_line(looked, &mut done);
                let reference = self.reference.take();
                // What is said at once is the answer.
                out.extend(done.into_iter().map(|one| match one {
                    Do::Say(news) => answer(reference.clone(), news),
                    Do::Show { .. } | Do::Ask(_) | Do::Finish(_) => one,
                }));
            } else {
                self.held = Some(line);
            }
        }
        if self.stage == Stage::InputEnded && self.is_all_answered() && self.transfers.is_empty() {
            self.stage = Stage::Leaving;
            out.push(Do::Ask(Request::SignOut));
        }
    }

    fn is_all_answered(&self) -> bool {
        self.messages.is_empty() && self.asks.is_empty()
    }

    /// Whether an answer to a message is on its way: where it goes is read from the disk first, and none overtakes it.
    fn is_replying(&self) -> bool {
        self.messages.values().any(|awaited| awaited.kind == CommandKind::Reply)
    }

    /// Whether a line may be done. A person waits for nothing.
    fn is_turn_of(&self, looked: &Looked) -> bool {
        match (self.commander, looked) {
            (Commander::Person, _) | (_, Looked::End | Looked::Interrupted | Looked::Blank) => true,
            (
                Commander::Program,
                Looked::Command(
                    CommandLine::Message { .. } | CommandLine::Broadcast { .. } | CommandLine::Private { .. },
                ),
            ) => self.asks.is_empty() && self.messages.len() < MAX_AHEAD && !self.is_replying(),
            (Commander::Program, Looked::Command(_)) => self.is_all_answered() && self.line == LineIs::Up,
            (Commander::Program, Looked::Fault(_)) => self.is_all_answered(),
        }
    }

    fn do_line(&mut self, looked: Looked, out: &mut Vec<Do>) {
        match looked {
            Looked::Command(command) => self.do_command(command, out),
            Looked::Fault(failure) => {
                self.fail();
                out.push(Do::Say(News::Failed(failure)));
            }
            Looked::End => self.stage = Stage::InputEnded,
            Looked::Interrupted => out.extend(self.interrupt()),
            Looked::Blank => {}
        }
    }

    fn do_command(&mut self, command: CommandLine, out: &mut Vec<Do>) {
        let kind = command.kind();
        let Some(command) = self.do_private(command, out) else { return };
        match command {
            CommandLine::Message { to, text } => self.write(kind, Some(to), text, out),
            CommandLine::Broadcast { text } => self.write(kind, None, text, out),
            CommandLine::Private { to, text } => self.write_private(kind, &to, text, out),
            CommandLine::Whoelse => self.ask(kind, None, Ask::Whoelse, out),
            CommandLine::Whoelsesince(seconds) => self.ask(kind, None, Ask::Whoelsesince(seconds), out),
            CommandLine::Block(name) => self.ask(kind, Some(name.clone()), Ask::Block(name), out),
            CommandLine::Unblock(name) => self.ask(kind, Some(name.clone()), Ask::Unblock(name), out),
            CommandLine::Blocked => self.ask(kind, None, Ask::Blocked, out),
            CommandLine::History { with, count, before } => {
                self.recall(kind, Recall::Latest { with, before }, count, out);
            }
            CommandLine::Search { words } => self.recall(kind, Recall::Search { words }, MAX_RECALLED, out),
            CommandLine::Reply { to, text } => {
                let id = (self.draw)();
                let awaited = self.awaited(kind, None);
                self.messages.insert(id, awaited);
                out.push(Do::Ask(Request::Reply { id, to, text }));
            }
            CommandLine::Passwd { old, new } => {
                let ask = self.note(kind);
                out.push(Do::Ask(Request::ChangePassword { ask, old, new }));
            }
            CommandLine::Stay => self.ask(kind, None, Ask::Stay, out),
            CommandLine::Help(about) => out.push(Do::Say(News::Help(help_text(about)))),
            // `do_private` has done these.
            CommandLine::StartPrivate(_)
            | CommandLine::Accept(_)
            | CommandLine::Decline(_)
            | CommandLine::StopPrivate(_)
            | CommandLine::Verify(_)
            | CommandLine::TrustDevice(_)
            | CommandLine::PrivateDownload { .. }
            | CommandLine::SendFile { .. }
            | CommandLine::TakeFile(_)
            | CommandLine::RefuseFile(_)
            | CommandLine::PauseFile(_)
            | CommandLine::ResumeFile(_)
            | CommandLine::CancelFile(_)
            | CommandLine::Register(_)
            | CommandLine::Unregister(_)
            | CommandLine::SearchFile(_)
            | CommandLine::SearchChunk(..)
            | CommandLine::Shared(_)
            | CommandLine::Download { .. } => {}
            CommandLine::Logout => {
                self.stage = match self.commander {
                    Commander::Person => Stage::Leaving,
                    Commander::Program => Stage::LoggingOut,
                };
                out.push(Do::Say(News::Done { kind, about: None }));
                out.push(Do::Ask(Request::SignOut));
            }
        }
    }

    /// A program gave a line behind the command that ends the session: it is told that it is not done.
    pub(super) fn line_behind_logout(&mut self, line: &Line) -> Vec<Do> {
        let (looked, reference) = self.look(line);
        let command = match looked {
            Looked::Command(command) => command_name(command.kind()).to_owned(),
            Looked::Fault(failure) => failure.command,
            Looked::Blank => return Vec::new(),
            Looked::End | Looked::Interrupted => {
                let is_over = matches!(self.stage, Stage::Resting { .. });
                self.stage = if is_over { self.stage } else { Stage::Leaving };
                return if is_over { vec![Do::Finish(self.status)] } else { Vec::new() };
            }
        };
        self.fail();
        vec![answer(reference, News::Failed(Failure::behind_logout(command)))]
    }

    fn write(&mut self, kind: CommandKind, to: Option<UserName>, text: Text, out: &mut Vec<Do>) {
        let id = (self.draw)();
        let chat = to.clone().map_or(ChatId::Everyone, ChatId::Direct);
        let awaited = self.awaited(kind, to);
        self.messages.insert(id, awaited);
        out.push(Do::Ask(Request::Write { id, chat, text, reply_to: None }));
    }

    fn write_private(&mut self, kind: CommandKind, to: &UserName, text: Text, out: &mut Vec<Do>) {
        let id = (self.draw)();
        let awaited = self.awaited(kind, Some(to.clone()));
        self.messages.insert(id, awaited);
        out.push(Do::Ask(Request::Write { id, chat: Self::private_chat(to), text, reply_to: None }));
    }

    fn note(&mut self, kind: CommandKind) -> AskId {
        self.last_ask += 1;
        let ask = AskId::new(self.last_ask);
        let awaited = self.awaited(kind, None);
        self.asks.insert(ask, awaited);
        ask
    }

    pub(super) fn ask(&mut self, kind: CommandKind, about: Option<UserName>, what: Ask, out: &mut Vec<Do>) {
        self.last_ask += 1;
        let ask = AskId::new(self.last_ask);
        let awaited = self.awaited(kind, about);
        self.asks.insert(ask, awaited);
        out.push(Do::Ask(Request::Ask { ask, what }));
    }

    /// Reads messages back.
    fn recall(&mut self, kind: CommandKind, what: Recall, limit: usize, out: &mut Vec<Do>) {
        let ask = self.note(kind);
        self.recalled.insert(ask, what.clone());
        out.push(Do::Ask(Request::Recall { ask, what, limit }));
    }

    /// Looks at a line, and finds what a program calls it.
    fn look(&self, line: &Line) -> (Looked, Option<String>) {
        match line {
            Line::Text(text) if self.commander == Commander::Program && order::is_object(text) => {
                let Order { reference, command } = Order::read(text);
                (command.map_or_else(Looked::Fault, Looked::Command), reference)
            }
            Line::Text(_) | Line::TooLong | Line::NotText | Line::End | Line::Interrupted => (look(line), None),
        }
    }
}

/// Looks at a line.
fn look(line: &Line) -> Looked {
    let text = match line {
        Line::Text(text) => text,
        Line::TooLong => return fault("", "too_long", "this line is longer than any command"),
        Line::NotText => return fault("", "invalid", "this line is no text in UTF-8"),
        Line::End => return Looked::End,
        Line::Interrupted => return Looked::Interrupted,
    };
    match parse(text) {
        Ok(command) => Looked::Command(command),
        Err(ParseError::Empty) => Looked::Blank,
        Err(error) => {
            fault(error.command().map_or(first_word(text), |spec| spec.name), error.code(), &error.to_string())
        }
    }
}

fn fault(command: &str, code: &'static str, text: &str) -> Looked {
    Looked::Fault(Failure { command: command.to_owned(), code, text: text.to_owned() })
}

/// Characters of an unknown command that are repeated.
const MAX_REPEATED: usize = 40;

/// What stands in place of a command.
fn first_word(text: &str) -> &str {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.char_indices().nth(MAX_REPEATED).and_then(|(end, _)| word.get(..end)).unwrap_or(word)
}
