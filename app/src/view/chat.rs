//! A chat: head, messages, composer.

use eframe::egui::{Rect, Ui};

use super::action::Action;
use super::contacts::ContactItem;
use super::head::{self, Head};
use crate::composer::{self, Composer, ComposerState};
use crate::kit::{fill, menu_item, menu_line};
use crate::theme::{palette, region};
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
    let (_, below) = below.split_top_bottom_at_y(below.top() + state.taken);
    head::show(ui, top, state.head, state.item, narrow, &mut actions, |ui, actions| menu(ui, state.item, actions));
    let foot = composer::height(ui, parts.composer, &state.composer, rect.width());
    let (list, foot) = below.split_top_bottom_at_y((below.bottom() - foot).max(below.top()));
    let shown = timeline::show(ui, list, parts.timeline, &state.feed);
    actions.extend(shown.into_iter().map(Action::Timeline));
    let written = composer::show(ui, foot, parts.composer, &state.composer);
    actions.extend(written.into_iter().map(Action::Composer));
    actions
}

fn menu(ui: &mut Ui, item: &ContactItem, actions: &mut Vec<Action>) {
    let colours = palette(ui);
    if menu_item(ui, Some(lucide_icons::Icon::Search), "Search in this chat", "Ctrl F", colours.text).clicked() {
        actions.push(Action::SearchChat);
    }
    if menu_item(ui, Some(lucide_icons::Icon::AppWindow), "Open in its own window", "", colours.text).clicked() {
        actions.push(Action::PopOut);
    }
    if menu_item(ui, Some(lucide_icons::Icon::Download), "Export…", "", colours.text).clicked() {
        actions.push(Action::ExportChat);
    }
    menu_line(ui);
    super::contacts::contact_menu(ui, item, actions);
}
