//! The model and its runtime: what happened goes in, what is to be done comes out. It draws nothing.

use std::collections::VecDeque;

use whoelse_client::{Busy, Runtime, now};
use whoelse_model::{
    Action, Effect, Event, FileFault, HistoryPage, Input, Model, Notification, PasswordFault, Request,
    command::CommandSpec,
};
use whoelse_proto::{FileName, UserName};

/// Requests that wait for room in the runtime's queue. A person cannot give more; what is beyond is answered as failed.
const MOST_WAITING: usize = 1024;

/// What the model asks of the window and the desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outward {
    /// Tell the person who does not look.
    Notify(Notification),
    /// Tell the person who does not look who asks for a private session.
    NotifyAsked(UserName),
    /// Tell the person who does not look of a file that is offered.
    NotifyOffered(UserName, FileName),
    /// A password that the keyring holds is not good any more.
    PasswordChanged,
    /// Show the commands, or one of them.
    ShowHelp(Option<&'static CommandSpec>),
    /// Show the table of who is, or was, online.
    ShowWhoElse,
}

/// A model with the runtime that does what it asks.
#[derive(Debug)]
pub(super) struct Engine {
    model: Model,
    runtime: Runtime,
    waiting: VecDeque<Request>,
    outward: Vec<Outward>,
    exported: Vec<HistoryPage>,
}

impl Engine {
    pub(super) fn new(runtime: Runtime) -> Self {
        Self { model: Model::new(), runtime, waiting: VecDeque::new(), outward: Vec::new(), exported: Vec::new() }
    }

    /// What the user can see.
    pub(super) const fn model(&self) -> &Model {
        &self.model
    }

    /// Takes in what the runtime tells.
    pub(super) fn drain(&mut self) {
        self.send_waiting();
        for event in self.runtime.drain() {
            if let Event::Exported(page) = event {
                self.exported.push(page);
            } else {
                self.put(Input::Event(event));
            }
        }
    }

    /// Messages that were read to be written elsewhere, since the last call.
    pub(super) fn exported(&mut self) -> Vec<HistoryPage> {
        std::mem::take(&mut self.exported)
    }

    /// Takes in what the person does.
    pub(super) fn act(&mut self, action: Action) {
        self.put(Input::Action(action));
    }

    /// Asks the runtime for something of which the model knows nothing.
    pub(super) fn ask(&mut self, request: Request) {
        self.send(request);
    }

    /// What is asked of window and desktop since the last call.
    pub(super) fn outward(&mut self) -> Vec<Outward> {
        std::mem::take(&mut self.outward)
    }

    fn put(&mut self, input: Input) {
        for effect in self.model.handle(input, now()) {
            match effect {
                Effect::Request(request) => self.send(request),
                Effect::Notify(notification) => self.outward.push(Outward::Notify(notification)),
                Effect::NotifyAsked { by } => self.outward.push(Outward::NotifyAsked(by)),
                Effect::NotifyOffered { by, name } => self.outward.push(Outward::NotifyOffered(by, name)),
                Effect::PasswordChanged => self.outward.push(Outward::PasswordChanged),
                Effect::ShowHelp(about) => self.outward.push(Outward::ShowHelp(about)),
                Effect::ShowWhoElse => self.outward.push(Outward::ShowWhoElse),
            }
        }
    }

    /// Sends in order: behind what waits.
    fn send(&mut self, request: Request) {
        self.waiting.push_back(request);
        self.send_waiting();
        if self.waiting.len() > MOST_WAITING
            && let Some(request) = self.waiting.pop_back()
        {
            self.fail(&request);
        }
    }

    fn send_waiting(&mut self) {
        while let Some(request) = self.waiting.pop_front() {
            if let Err(Busy(request)) = self.runtime.send(request) {
                self.waiting.push_front(*request);
                return;
            }
        }
    }

    /// A request that finds no room fails as it would further on; nothing is lost without a word.
    fn fail(&mut self, request: &Request) {
        let cause = "too much is asked at once".to_owned();
        let event = match request {
            Request::Write { id, .. } | Request::Reply { id, .. } => Event::SaveFailed { id: *id, cause },
            Request::Ask { ask, .. } | Request::Recall { ask, .. } => Event::Unanswered { ask: *ask },
            Request::Files { ask, .. } => {
                let fault = FileFault { code: "busy", text: cause };
                Event::FilesAnswered { ask: *ask, result: Err(fault) }
            }
            Request::ChangePassword { ask, .. } => {
                Event::PasswordAnswered { ask: *ask, result: Err(PasswordFault::Failed { cause }) }
            }
            Request::SignIn(_)
            | Request::Trust { .. }
            | Request::Cancel
            | Request::RetryNow
            | Request::SetHistoryAside
            | Request::Resend { .. }
            | Request::Delete { .. }
            | Request::MarkRead { .. }
            | Request::CountAsDelivered(_)
            | Request::Shown { .. }
            | Request::KeepTrying
            | Request::LoadHistory { .. }
            | Request::Search { .. }
            | Request::Export { .. }
            | Request::KeepDraft { .. }
            | Request::Mute { .. }
            | Request::ClearHistory { .. }
            | Request::Retain(_)
            | Request::RetainPrivate(_)
            | Request::TellRead(_)
            | Request::ShowAddress(_)
            | Request::Repin { .. }
            | Request::Verify { .. }
            | Request::SignOut => Event::DiskTrouble { cause },
        };
        self.put(Input::Event(event));
    }
}
