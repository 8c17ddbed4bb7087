//! A chat: head, messages, composer.

use eframe::egui::{Rect, Ui, UiBuilder, pos2};
use whoelse_model::ChatId;
use whoelse_proto::UserName;

use super::action::Action;
use super::contacts::ContactItem;
use super::empty::NothingYet;
use super::head::{self, Head};
use super::private::{self, Private, PrivateVerb, Takes};
use crate::command::{Verb, keys_of};
use crate::composer::{self, Composer, ComposerState};
use crate::kit::{Bar, BarTone, Button, ButtonKind, fill, menu_item, menu_line};
use crate::theme::{palette, region, stroke};
use crate::timeline::{self, Feed, Timeline};

/// What a chat shows.
#[derive(Debug)]
pub struct Chat<'a> {
    /// The head.
    pub head: &'a Head,
    /// Its row in the list, for the menu.
    pub item: &'a ContactItem,
    /// The messages.
    pub feed: Feed<'a>,
    /// The composer's surroundings.
    pub composer: ComposerState<'a>,
    /// What else a private session shows, if it is one.
    pub private: Option<&'a Private>,
    /// The contact's device key has changed: the name, for the bar.
    pub key_changed: Option<&'a UserName>,
    /// What a chat says in which nothing was written yet.
    pub nothing_yet: Option<NothingYet>,
    /// Height below the head that something else takes.
    pub taken: f32,
}

/// What a chat keeps of its own.
pub struct ChatParts<'a> {
    /// Where the messages are scrolled.
    pub timeline: &'a mut Timeline,
    /// What is being written.
    pub composer: &'a mut Composer,
}

/// Draws the chat over `rect`.
pub fn show(ui: &mut Ui, rect: Rect, state: &Chat<'_>, parts: &mut ChatParts<'_>, narrow: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    fill(ui.painter(), rect, 0.0, palette(ui).bg_chat);
    let (top, below) = rect.split_top_bottom_at_y(rect.top() + region::HEAD_ROW);
    let (_, mut below) = below.split_top_bottom_at_y(below.top() + state.taken);
    match state.private {
        Some(private) => {
            let menu = |ui: &mut Ui, actions: &mut Vec<Action>| private_menu(ui, state.item, private, actions);
            private::head(ui, top, &private.peer, &private.head, narrow, &mut actions, menu);
            if let Some(code) = &private.code {
                let strip = cut(&mut below, private::strip_height(rect.width()));
                private::strip(ui, strip, &private.peer, code, &mut actions);
            }
        }
        None => head::show(ui, top, state.head, state.item, narrow, &mut actions, |ui, actions| {
            menu(ui, state.item, actions);
        }),
    }
    if let Some(name) = state.key_changed {
        key_changed(ui, &mut below, name, &mut actions);
    }
    let foot = match state.private.and_then(|private| private.foot.as_ref()) {
        Some(foot) => private::foot_height(ui, rect.width(), foot),
        None => composer::height(ui, parts.composer, &state.composer, rect.width()),
    };
    let (list, foot) = below.split_top_bottom_at_y((below.bottom() - foot).max(below.top()));
    let shown = timeline::show(ui, list, parts.timeline, &state.feed);
    if let Some(private) = state.private.filter(|_| state.feed.entries.is_empty()) {
        private::means(ui, list, private.peer.as_str());
    } else if let Some(words) = &state.nothing_yet {
        super::empty::nothing_yet(ui, list, words);
    }
    actions.extend(shown.into_iter().map(Action::Timeline));
    if let Some((private, instead)) = state.private.and_then(|private| Some((private, private.foot.as_ref()?))) {
        private::foot(ui, foot, &private.peer, instead, &mut actions);
    } else {
        let written = composer::show(ui, foot, parts.composer, &state.composer);
        actions.extend(written.into_iter().map(Action::Composer));
    }
    if state.private.is_some() {
        frame(ui, below);
    }
    actions
}

/// Cuts the upper part off.
fn cut(rect: &mut Rect, height: f32) -> Rect {
    let (upper, lower) = rect.split_top_bottom_at_y(rect.top() + height);
    *rect = lower;
    upper
}

/// The frame around what is private: left, right and below.
fn frame(ui: &Ui, rect: Rect) {
    let colour = palette(ui).private;
    let width = stroke::PRIVATE_FRAME;
    for side in [
        Rect::from_min_max(rect.min, pos2(rect.left() + width, rect.bottom())),
        Rect::from_min_max(pos2(rect.right() - width, rect.top()), rect.max),
        Rect::from_min_max(pos2(rect.left(), rect.bottom() - width), rect.max),
    ] {
        fill(ui.painter(), side, 0.0, colour);
    }
}

/// What the key of a contact's device is no longer what it was: nothing is sent until the user decides.
fn key_changed(ui: &mut Ui, below: &mut Rect, name: &UserName, actions: &mut Vec<Action>) {
    let strong = format!("{name}’s device key has changed.");
    let text = "A new computer, or somebody else. Ask them before you go on.";
    let mut bar = ui.new_child(UiBuilder::new().max_rect(*below).id_salt("key changed"));
    let words = Bar { tone: BarTone::Danger, icon: lucide_icons::Icon::ShieldAlert, strong: &strong, text };
    if words.show(&mut bar, [Button::new(ButtonKind::Outline, "Decide…").small()]).is_some() {
        actions.push(Action::Private(PrivateVerb::ShowKey, name.clone()));
    }
    below.min.y = bar.min_rect().bottom().min(below.bottom());
}

fn menu(ui: &mut Ui, item: &ContactItem, actions: &mut Vec<Action>) {
    common(ui, actions);
    if menu_item(ui, Some(lucide_icons::Icon::Download), "Export…", "", palette(ui).text).clicked() {
        actions.push(Action::ExportChat);
    }
    menu_line(ui);
    super::contacts::contact_menu(ui, item, actions);
}

fn common(ui: &mut Ui, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    if menu_item(ui, Some(lucide_icons::Icon::Search), "Search in this chat", &keys_of(Verb::SearchChat), colours.text)
        .clicked()
    {
        actions.push(Action::SearchChat);
    }
    if menu_item(ui, Some(lucide_icons::Icon::AppWindow), "Open in its own window", "", colours.text).clicked() {
        actions.push(Action::PopOut);
    }
}

fn private_menu(ui: &mut Ui, item: &ContactItem, private: &Private, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    if private.head.way.is_some()
        && menu_item(ui, Some(lucide_icons::Icon::Hash), "Show the code", "", colours.text).clicked()
    {
        actions.push(Action::Private(PrivateVerb::ShowCode, private.peer.clone()));
    }
    let (glyph, words, takes) = match private.takes {
        Takes::Asks => (lucide_icons::Icon::FileCheck, "Always take their files", Takes::Unasked),
        Takes::Unasked => (lucide_icons::Icon::FileQuestionMark, "Ask about their files", Takes::Asks),
    };
    if (private.head.verified || private.takes == Takes::Unasked)
        && menu_item(ui, Some(glyph), words, "", colours.text).clicked()
    {
        actions.push(Action::Private(PrivateVerb::Take(takes), private.peer.clone()));
    }
    common(ui, actions);
    if menu_item(ui, Some(lucide_icons::Icon::Server), "Write through the server", "", colours.text).clicked() {
        actions.push(Action::OpenChat(ChatId::Direct(private.peer.clone())));
    }
    menu_line(ui);
    super::contacts::contact_menu(ui, item, actions);
}
