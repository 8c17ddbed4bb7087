//! Private sessions in the window: what their tabs show, and what the person does about them.

use eframe::egui::Context;
use lucide_icons::Icon;
use whoelse_client::now;
use whoelse_model::{Action, ChatId, Model, PrivateSession, PrivateStage, Route, Trust};
use whoelse_proto::limits::PRIVATE_REQUEST_S;
use whoelse_proto::{PrivateCommand, Seconds, Timestamp, UserName};

use super::overlay::Overlay;
use super::{App, bars, people, words};
use crate::kit::{ButtonKind, Presence};
use crate::platform::notify::Note;
use crate::platform::settings::Account;
use crate::view::confirm::{self, Question, Reply};
use crate::view::{
    Code, CodeAction, Foot, FootAction, Private, PrivateHead, PrivateVerb, Request, Sign, Takes, Way, code_dialog,
};

impl App {
    /// Does what the person wants about a private session.
    pub(super) fn do_private(&mut self, verb: PrivateVerb, name: UserName) {
        let private = ChatId::Private(name.clone());
        match verb {
            PrivateVerb::Start => self.start_private(name),
            PrivateVerb::Accept => {
                self.open_chat(&private);
                self.command_private(PrivateCommand::Accept { name });
            }
            PrivateVerb::Decline => self.command_private(PrivateCommand::Decline { name }),
            PrivateVerb::Stop => self.command_private(PrivateCommand::Stop { name }),
            PrivateVerb::Verify => self.engine.act(Action::Verify { peer: name }),
            PrivateVerb::Differ => self.end_for_codes(name),
            PrivateVerb::ShowCode => self.overlay = Some(Overlay::Code(name)),
            PrivateVerb::ShowKey => self.overlay = Some(Overlay::DeviceKey(name)),
            PrivateVerb::Direct => self.open_chat(&ChatId::Direct(name)),
            PrivateVerb::Take(takes) => self.take_from(&name, takes),
        }
    }

    /// With whom the private session is that is shown, if it is open.
    pub(super) fn shown_session(&self) -> Option<UserName> {
        match self.tabs.shown_chat()? {
            ChatId::Private(name) => self.model().privates().open(name).map(|session| session.peer.clone()),
            ChatId::Everyone | ChatId::Direct(_) => None,
        }
    }

    /// Goes to the tab of private words, and asks for a session if none is open or asked for.
    fn start_private(&mut self, name: UserName) {
        self.open_chat(&ChatId::Private(name.clone()));
        match self.model().privates().get(&name) {
            Some(PrivateStage::Open(_) | PrivateStage::Asking { .. } | PrivateStage::Linking) => {}
            Some(PrivateStage::Asked { .. }) => self.command_private(PrivateCommand::Accept { name }),
            Some(PrivateStage::Over { .. }) | None => self.command_private(PrivateCommand::Start { name }),
        }
    }

    /// Ends a session whose codes differ, and says what to do.
    fn end_for_codes(&mut self, name: UserName) {
        self.tell(words::codes_differ(name.as_str()));
        self.command_private(PrivateCommand::Stop { name });
    }

    fn command_private(&mut self, command: PrivateCommand) {
        self.engine.act(Action::Private(command));
    }

    /// Who asks for a private session: the one whose time ends first, and how many more.
    pub(super) fn request(&self, ctx: &Context, now: Timestamp) -> Option<Request> {
        let questions: Vec<(&UserName, Timestamp)> = self.model().privates().questions().collect();
        let (name, until) = questions.iter().min_by_key(|(_, until)| *until)?;
        let left = bars::counted(ctx, *until, now);
        Some(Request { name: (*name).clone(), left, more: questions.len() - 1 })
    }

    /// Asks whom the chat that is shown is with.
    pub(super) fn start_private_here(&mut self) {
        if let Some(ChatId::Direct(name)) = self.tabs.shown_chat().cloned() {
            self.do_private(PrivateVerb::Start, name);
        }
    }

    /// Ends the session that is shown.
    pub(super) fn end_private_here(&mut self) {
        if let Some(name) = self.shown_session() {
            self.do_private(PrivateVerb::Stop, name);
        }
    }

    /// Who asks for a private session; of several, whose question ends first.
    pub(super) fn asked_by(&self) -> Option<UserName> {
        let first = self.model().privates().questions().min_by_key(|(_, until)| *until)?;
        Some(first.0.clone())
    }

    /// Answers whoever asks for a private session.
    pub(super) fn answer(&mut self, verb: PrivateVerb) {
        if let Some(name) = self.asked_by() {
            self.do_private(verb, name);
        }
    }

    /// Tells the person who does not look who asks.
    pub(super) fn notify_asked(&mut self, by: UserName) {
        self.notify_direct(by, "Asks for a private session");
    }

    /// Tells the person who does not look of a file that is offered.
    pub(super) fn notify_offered(&mut self, by: UserName, name: &str) {
        let private = ChatId::Private(by.clone());
        self.tell_outside(Note { chat: private, from: by, text: format!("Sends {name}"), unread: 1 });
    }

    fn notify_direct(&mut self, by: UserName, text: &str) {
        if self.look == whoelse_model::Look::Here {
            // The bar across the window says it.
            return;
        }
        self.tell_outside(Note { chat: ChatId::Direct(by.clone()), from: by, text: text.to_owned(), unread: 1 });
    }

    /// Draws the dialog with the whole code of a session, as long as there is one.
    pub(super) fn show_code(&mut self, ctx: &Context, name: &UserName) {
        let Some(session) = self.model().privates().open(name) else {
            self.overlay = None;
            return;
        };
        let (code, verified) = (code(session), session.trust == Trust::Verified);
        match code_dialog(ctx, name, &code, verified) {
            None => {}
            Some(CodeAction::Verify) => {
                self.overlay = None;
                self.engine.act(Action::Verify { peer: name.clone() });
            }
            Some(CodeAction::Differ) => {
                self.overlay = None;
                self.end_for_codes(name.clone());
            }
            Some(CodeAction::Copy) => ctx.copy_text(code.digits),
            Some(CodeAction::Close) => self.overlay = None,
        }
    }

    /// Asks what to make of a contact's key that has changed.
    pub(super) fn ask_about_key(&mut self, ctx: &Context, name: UserName) {
        let Some(change) = self.model().privates().device_change(&name) else {
            self.overlay = None;
            return;
        };
        let pinned = self.clock.short(change.pinned_at, now());
        let title = format!("{name}’s device key has changed");
        let text = format!(
            "Since {pinned} you knew {name} by another key. Either {name} has a new computer or profile, or somebody \
             else pretends to be {name}. Nothing was sent. Ask {name} by another way; if the device is new, trust its \
             key, and compare the code once the session is open."
        );
        let question =
            Question { title: &title, text: &text, yes: "Trust the new key", kind: ButtonKind::OutlineDanger };
        if let Some(reply) = confirm::ask(ctx, &question) {
            self.overlay = None;
            if reply == Reply::Yes {
                self.engine.act(Action::TrustDevice { peer: name });
            }
        }
    }
}

/// What a private chat shows besides its messages.
pub(super) fn view(ctx: &Context, model: &Model, peer: &UserName, take_from: &[Account], now: Timestamp) -> Private {
    let chat = ChatId::Private(peer.clone());
    let line = model.session().is_online();
    let contact = people::contact(model, &chat);
    let absent = if line { Presence::Offline } else { Presence::WasOffline };
    let presence = contact.map_or(absent, |contact| people::presence(contact, line));
    let stage = model.privates().get(peer);
    let open = model.privates().open(peer);
    let verified = open.is_some_and(|session| session.trust == Trust::Verified);
    let here = model.chats().get(&chat).map_or(0, whoelse_model::Chat::unread);
    let head = PrivateHead {
        presence,
        way: open.map(|session| match session.route {
            Route::Direct | Route::Relayed if model.privates().is_interrupted(peer) => Way::Looking,
            Route::Direct => Way::Direct,
            Route::Relayed => Way::Relay,
        }),
        standing: standing(stage).to_owned(),
        verified,
        muted: None,
        unread_elsewhere: model.chats().unread().saturating_sub(here),
    };
    let code = open.filter(|_| !verified).map(code);
    let foot = if open.is_some() { None } else { Some(foot(ctx, peer, stage, presence, now)) };
    let server = model.session().server().and_then(|server| server.fingerprint);
    let is_peer = |account: &Account| account.name == *peer && Some(account.server) == server;
    let takes = if take_from.iter().any(is_peer) { Takes::Unasked } else { Takes::Asks };
    Private { peer: peer.clone(), head, code, foot, takes }
}

const fn standing(stage: Option<&PrivateStage>) -> &'static str {
    match stage {
        Some(PrivateStage::Open(_)) => "",
        Some(PrivateStage::Asking { .. } | PrivateStage::Asked { .. }) => "Not open yet",
        Some(PrivateStage::Linking) => "Connecting",
        Some(PrivateStage::Over { .. }) | None => "Not open",
    }
}

fn code(session: &PrivateSession) -> Code {
    let signs = session.verification.emoji().map(|emoji| Sign { emoji: emoji.sign, name: emoji.name });
    Code { signs: signs.to_vec(), digits: session.verification.digits.clone() }
}

fn foot(ctx: &Context, peer: &UserName, stage: Option<&PrivateStage>, presence: Presence, now: Timestamp) -> Foot {
    let left = |until: Timestamp| {
        let left = bars::counted(ctx, until, now);
        format!("{}:{:02} left", left / 60, left % 60)
    };
    match stage {
        Some(PrivateStage::Asking { since }) => Foot {
            icon: Icon::Clock,
            strong: format!("Waiting for {peer} to accept."),
            text: String::new(),
            left: left(since.plus(Seconds::new(PRIVATE_REQUEST_S))),
            actions: vec![FootAction::TakeBack],
        },
        Some(PrivateStage::Asked { until }) => Foot {
            icon: Icon::Lock,
            strong: format!("{peer} asks for a private session."),
            text: String::new(),
            left: left(*until),
            actions: vec![FootAction::Accept, FootAction::Decline],
        },
        Some(PrivateStage::Linking) => Foot {
            icon: Icon::ArrowLeftRight,
            strong: "Connecting the two devices.".to_owned(),
            text: "This takes a moment.".to_owned(),
            left: String::new(),
            actions: vec![FootAction::TakeBack],
        },
        Some(PrivateStage::Open(_) | PrivateStage::Over { .. }) | None => over(peer, presence),
    }
}

fn over(peer: &UserName, presence: Presence) -> Foot {
    let strong = "No private session is open.".to_owned();
    match presence {
        Presence::Online => Foot {
            icon: Icon::Lock,
            strong,
            text: "What was written here is gone when you close this chat.".to_owned(),
            left: String::new(),
            actions: vec![FootAction::Ask, FootAction::Direct],
        },
        Presence::Offline | Presence::WasOffline | Presence::WasOnline => Foot {
            icon: Icon::Lock,
            strong,
            text: format!("{peer} is not online. What was written here is gone when you close this chat."),
            left: String::new(),
            actions: vec![FootAction::Direct],
        },
    }
}

#[cfg(test)]
mod tests {
    use whoelse_model::{Event, Input};
    use whoelse_proto::{DeviceKey, End, Verification};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn name(raw: &str) -> UserName {
        UserName::new(raw).unwrap()
    }

    #[test]
    fn a_session_whose_devices_look_for_each_other_says_so_and_is_still_written_in() {
        let (hans, yoda, device) = (name("hans"), name("yoda"), DeviceKey::from_bytes([2; 32]));
        let own = End { name: &hans, device: DeviceKey::from_bytes([1; 32]), nonce: [1; 32] };
        let verification = Verification::of(own, End { name: &yoda, device, nonce: [2; 32] });
        let (trust, route, peer) = (Trust::Verified, Route::Direct, yoda.clone());
        let session = PrivateSession { peer, device, verification, trust, route, since: NOW };
        let mut model = Model::new();
        let mut way = |event| {
            model.handle(Input::Event(event), NOW);
            let shown = view(&Context::default(), &model, &yoda, &[], NOW);
            (shown.head.way, shown.foot.is_some())
        };
        assert_eq!(way(Event::PrivateOpened(session)), (Some(Way::Direct), false));
        assert_eq!(way(Event::PrivateInterrupted { peer: yoda.clone() }), (Some(Way::Looking), false));
        let resumed = Event::PrivateResumed { peer: yoda.clone(), route: Route::Relayed };
        assert_eq!(way(resumed), (Some(Way::Relay), false));
    }
}
