//! The views by name.

use std::sync::Arc;

use eframe::egui::{self, Id, Vec2, vec2};
use lucide_icons::Icon;
use whoelse::composer::{Composer, ComposerAction, ComposerState, Hint, NoOffers, SendKey};
use whoelse::kit::Presence;
use whoelse::timeline::{Company, Entry, Feed, Key, Look, Route, Timeline, TimelineAction};
use whoelse::view::{self, Action, Chat, ChatParts, FirstStart, Head, HeadRoute, Inactivity, Lost, Main, NoChat, Standing};
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
            "reconnecting" => main.bars.lost = Some(Lost { retry_in: Some(8) }),
            "inactivity" => main.bars.inactivity = Some(Inactivity { left: 48, after_minutes: 29 }),
            "no-chat" | "first" | "narrow-list" => main.active = None,
            "long" => {
                entries = mock::long_chat(5000);
                new_from = None;
            }
            _ => {}
        }
        let look = if name.contains("bubbles") { Look::Bubbles } else { Look::Compact };
        let composer = if name == "narrow-bubbles" { Composer::with_draft("Thanks! I will") } else { Composer::default() };
        Self {
            name: name.to_owned(),
            main,
            timeline: Timeline::opened_at(None),
            composer,
            entries,
            revision: 1,
            look,
            new_from,
        }
    }

    pub(crate) fn show(&mut self, ui: &mut egui::Ui) {
        let rect = ui.max_rect();
        let Self { name, main, timeline, composer, entries, revision, look, new_from } = self;
        let head = Head {
            name: "yoda".to_owned(),
            standing: Standing::One(Presence::Online, "Online since 08:52".to_owned()),
            route: HeadRoute::Server,
            unread_elsewhere: 6,
        };
        let item = main.contacts.sections.first().and_then(|section| section.items.first()).cloned();
        let actions = view::show_main(ui, rect, main, |ui, center, actions| match name.as_str() {
            "no-chat" => NoChat { online: 6 }.show(ui, center.rect, actions),
            "first" => {
                let invitation = "whoelse://10.4.0.12:3331#8f3ac10d77e2419bd05c22af9e61b384".to_owned();
                FirstStart { invitation }.show(ui, center.rect, actions);
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
                    look: *look,
                    route: Route::Server,
                    company: Company::Two,
                    query: "",
                };
                let blocked = (name == "blocked").then_some("yoda");
                let composer_state = ComposerState {
                    id: Id::unique("composer"),
                    placeholder: "Message yoda",
                    route: Route::Server,
                    hint: Hint { icon: Icon::Server, text: "Through the server. Kept for yoda if offline.", warns: false },
                    blocked,
                    reply: (name == "reply").then_some(("yoda", "Good numbers.")),
                    send_key: SendKey::Enter,
                    limit: MAX_TEXT_BYTES,
                    offers: &NoOffers,
                };
                let chat = Chat { head: &head, item, feed, composer: composer_state };
                actions.extend(view::show_chat(ui, center.rect, &chat, ChatParts { timeline, composer }, center.narrow));
            }
        });
        for action in actions {
            self.act(&action);
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
