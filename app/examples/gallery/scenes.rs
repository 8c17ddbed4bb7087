//! The views by name.

use std::sync::Arc;

use eframe::egui::{self, Id, Vec2, vec2};
use lucide_icons::Icon;
use whoelse::composer::{Composer, ComposerAction, ComposerState, Hint, NoOffers, SendKey, Shortcodes};
use whoelse::kit::{Presence, Take};
use whoelse::timeline::{Company, Entry, Feed, Key, Look, Route, Timeline, TimelineAction};
use whoelse::view::confirm::{self, ExportForm, Question};
use whoelse::view::search::{self, AllSearch, Hit};
use whoelse::view::send_file::{self, DropWay, DropWords, SendForm};
use whoelse::view::settings::{self, Settings, SettingsAction};
use whoelse::view::sign_in::{self, HasAccount, Hosting, Page, SignIn, SignInForm};
use whoelse::view::who_was_online;
use whoelse::view::{
    self, Action, Chat, ChatParts, FirstStart, Head, HeadRoute, Inactivity, Lost, LostTo, Main, NoChat, Standing,
};
use whoelse::view::{keys, switcher};
use whoelse_proto::UserName;
use whoelse_proto::limits::MAX_TEXT_BYTES;

use crate::mock;

pub(crate) struct Scene {
    name: String,
    main: Main,
    timeline: Timeline,
    composer: Composer,
    entries: Vec<Arc<Entry>>,
    revision: u64,
    look: Look,
    new_from: Option<Key>,
    form: SignInForm,
    settings: Settings,
}

pub(crate) fn size_of(name: &str) -> Vec2 {
    if name.starts_with("narrow") { vec2(420.0, 760.0) } else { vec2(1280.0, 800.0) }
}

impl Scene {
    pub(crate) fn new(name: &str) -> Self {
        let mut main = mock::main_view("yoda");
        let mut entries = mock::chat_with_yoda();
        let mut new_from = Some(Key(4));
        match name {
            "reconnecting" => main.bars.lost = Some(Lost { retry_in: Some(8), to: LostTo::Server }),
            "inactivity" => main.bars.inactivity = Some(Inactivity { left: 48, after: "30 minutes".to_owned() }),
            "no-chat" | "first" | "narrow-list" => main.active = None,
            "long" => {
                entries = mock::long_chat(5000);
                new_from = None;
            }
            _ => {}
        }
        let look = if name.contains("bubbles") { Look::Bubbles } else { Look::Compact };
        let composer =
            if name == "narrow-bubbles" { Composer::with_draft("Thanks! I will") } else { Composer::default() };
        Self {
            name: name.to_owned(),
            main,
            timeline: Timeline::opened_at(None),
            composer,
            entries,
            revision: 1,
            look,
            new_from,
            form: mock::form(name),
            settings: mock::settings(),
        }
    }

    pub(crate) fn show(&mut self, ui: &mut egui::Ui) {
        let rect = ui.max_rect();
        if let Some(page) = page_of(&self.name) {
            let state = SignIn { page, ..mock::sign_in(&self.name) };
            for action in sign_in::show(ui, rect, &state, &mut self.form) {
                println!("{action:?}");
            }
            return;
        }
        let Self { name, main, timeline, composer, entries, revision, look, new_from, .. } = self;
        let head = mock_head();
        let item = main.contacts.sections.first().and_then(|section| section.items.first()).cloned();
        let actions = view::show_main(ui, rect, main, |ui, center, actions| match name.as_str() {
            "no-chat" => NoChat { online: 6 }.show(ui, center.rect, actions),
            "first" => {
                let invitation = "whoelse://10.4.0.12:3331#8f3ac10d77e2419bd05c22af9e61b384".to_owned();
                FirstStart { invitation }.show(ui, center.rect, actions);
            }
            "search" => drop(search::panel(ui, center, &mock_search(), Take::Nothing)),
            "who" => {
                for action in who_was_online::show(ui, center, &mock::who_was_online()) {
                    println!("{action:?}");
                }
            }
            _ => {
                let Some(item) = &item else { return };
                let feed = Feed {
                    name: "yoda",
                    entries,
                    revision: *revision,
                    today: mock::TODAY,
                    new_from: *new_from,
                    more_before: false,
                    more_after: false,
                    unread: 0,
                    look: *look,
                    route: Route::Server,
                    company: Company::Two,
                    query: "",
                };
                let composer_state = mock_composer(name);
                let chat = Chat {
                    head: &head,
                    item,
                    feed,
                    composer: composer_state,
                    private: None,
                    key_changed: None,
                    nothing_yet: None,
                    taken: 0.0,
                };
                actions.extend(view::show_chat(
                    ui,
                    center.rect,
                    &chat,
                    &mut ChatParts { timeline, composer },
                    center.narrow,
                ));
            }
        });
        for action in actions {
            self.act(&action);
        }
        self.overlay(ui);
    }

    fn overlay(&mut self, ui: &egui::Ui) {
        match self.name.as_str() {
            "settings" => {
                for action in settings::show(ui.ctx(), &self.settings) {
                    match action {
                        SettingsAction::Show(section) => self.settings.section = section,
                        SettingsAction::Change(chosen) => self.settings.preferences = chosen,
                        other => println!("{other:?}"),
                    }
                }
            }
            "keys" => drop(keys::show(ui.ctx(), "")),
            "block" => {
                let text = confirm::block_text("luke");
                let kind = whoelse::kit::ButtonKind::Danger;
                let _ = confirm::ask(ui.ctx(), &Question { title: "Block luke?", text: &text, yes: "Block", kind });
            }
            "drop" => {
                let words = DropWords {
                    strong: "Drop to send to luke".to_owned(),
                    text: "Straight to their device. Never through the server.".to_owned(),
                    icon: Icon::Lock,
                    way: DropWay::Private,
                };
                send_file::drop_overlay(ui, ui.max_rect(), &words);
            }
            "code" => {
                let luke = UserName::new("luke").ok();
                let shown = luke.and_then(|luke| view::code_dialog(ui.ctx(), &luke, &mock::code(), false));
                println!("{shown:?}");
            }
            "send" => {
                let files = [("hangar-racks.png".to_owned(), "1.8 MB".to_owned())];
                let text = "Files go straight from your computer to luke’s, never through the server. luke is asked for \
                            a private session first, and then for each file.";
                let form = SendForm {
                    title: "Send to luke privately",
                    text,
                    yes: "Ask and send",
                    files: &files,
                    picture: None,
                };
                let _ = send_file::ask(ui.ctx(), &form);
            }
            "export" => drop(confirm::export(ui.ctx(), "yoda", ExportForm::Text)),
            _ => {}
        }
        if self.name == "switcher" {
            for action in switcher::show(ui.ctx(), &mock::switcher()) {
                println!("{action:?}");
            }
        }
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Composer(ComposerAction::Send(text)) => {
                let mut entry = self.entries.last().map(|entry| (**entry).clone());
                if let Some(entry) = &mut entry {
                    entry.key = Key(entry.key.0 + 1);
                    entry.text.clone_from(text);
                }
                self.entries.extend(entry.map(Arc::new));
                self.revision += 1;
                self.timeline.go_to_end();
            }
            Action::Timeline(TimelineAction::Show(key)) => self.timeline.go_to(*key),
            Action::MoveTab(from, to) => {
                let tab = self.main.tabs.remove(*from);
                self.main.tabs.insert(*to, tab);
                self.main.active = Some(*to);
            }
            Action::ShowTab(index) => self.main.active = Some(*index),
            other => println!("{other:?}"),
        }
    }
}

fn mock_composer(scene: &str) -> ComposerState<'static> {
    ComposerState {
        id: Id::unique("composer"),
        placeholder: "Message yoda",
        route: Route::Server,
        attach: true,
        hint: Hint { icon: Icon::Server, text: "Through the server. Kept for yoda if offline.", warns: false },
        blocked: (scene == "blocked").then_some("yoda"),
        reply: (scene == "reply").then_some(("yoda", "Good numbers.")),
        send_key: SendKey::Enter,
        shortcodes: Shortcodes::BecomeEmoji,
        recent: &[],
        limit: MAX_TEXT_BYTES,
        offers: &NoOffers,
    }
}

fn page_of(name: &str) -> Option<Page> {
    Some(match name {
        "sign-in" | "narrow-sign-in" => Page::Form,
        "trust" => Page::Trust {
            fingerprint: "8F3A C10D 77E2 419B D05C 22AF 9E61 B384 0C7D F5E9 6A12 48B0 D7C3 915E 3BF4 A026"
                .split(' ')
                .map(str::to_owned)
                .collect(),
        },
        "locked" => Page::Locked { left: 43 },
        "wrong" => Page::WrongPassword { tries_left: 2, pause: Some(60) },
        "not-reached" => Page::NotReached {
            host: "echo-base".to_owned(),
            cause: "Tried for 5 s at port 3331. It may be off, or a firewall is in between.".to_owned(),
        },
        "already" => Page::AlreadyOnline,
        "create" => Page::CreateAccount { trouble: String::new() },
        "unknown" => Page::UnknownName { registration: sign_in::CanRegister::Yes, like: None },
        "key-changed" => Page::KeyChanged {
            pinned: "8F3A C10D 77E2 419B …".to_owned(),
            pinned_on: "12 Nov".to_owned(),
            shown: "51E7 09BC A4D8 F233 …".to_owned(),
        },
        "host" => Page::Host(Hosting::Stopped { trouble: String::new() }),
        "hosting" => Page::Host(Hosting::Running {
            invitation: "whoelse://10.4.0.12:3331#8f3ac10d77e2419bd05c".to_owned(),
            address: "10.4.0.12:3331".to_owned(),
            reach: sign_in::Reach::Network,
            entry: sign_in::Entry::Anyone,
            account: HasAccount::No,
        }),
        _ => return None,
    })
}

fn mock_search() -> AllSearch {
    let hit = |chat: &str, author: &str, text: &str, time: &str| Hit {
        chat: chat.to_owned(),
        everyone: chat == "Everyone",
        author: author.to_owned(),
        text: text.to_owned(),
        time: time.to_owned(),
    };
    AllSearch {
        query: "load test".to_owned(),
        words: "load test".to_owned(),
        chosen: 0,
        from: None,
        people: vec!["me".to_owned(), "yoda".to_owned()],
        when: "Any time".to_owned(),
        hits: Some(vec![
            hit("yoda", "yoda", "Morning. Is the load test still running on the small box?", "08:57"),
            hit(
                "Everyone",
                "vader",
                "A long line that speaks of many things before it comes to the load test of the week",
                "Wed",
            ),
        ]),
    }
}

fn mock_head() -> Head {
    Head {
        name: "yoda".to_owned(),
        standing: Standing::One(Presence::Online, "Online since 08:52".to_owned()),
        route: HeadRoute::Server,
        muted: None,
        unread_elsewhere: 6,
    }
}
