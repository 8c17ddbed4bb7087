//! The menu of a message: everything that can be done with it, by pointer or by keys.

use std::sync::Arc;

use eframe::egui::{Response, Ui};
use lucide_icons::Icon;

use super::entry::{Entry, EntryKind, Key, Mark, Retry, TimelineAction, Written};
use super::list::Timeline;
use super::markdown::{Block, parse};
use crate::kit::{CardAction, menu_item, menu_line};
use crate::theme::palette;

/// Width of the menu.
pub(super) const MENU: f32 = 220.0;

/// Links that the menu opens: whoever writes more of them is answered with the pointer.
const MOST_LINKS: usize = 3;

/// Something that can be done with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Reply,
    /// The text as it was written.
    Copy,
    /// The text without the marks of its forms.
    CopyShown,
    CopySelection,
    CopyCode,
    OpenLink(String),
    /// The address of the only link, or of the one under the pointer.
    CopyLink(String),
    /// The address of one of several links.
    CopyOneLink(String),
    ShowAnswered(Key),
    Card(CardAction),
    Retry,
    Delete,
}

impl Item {
    fn icon(&self) -> Icon {
        match self {
            Self::Reply => Icon::Reply,
            Self::Copy => Icon::Copy,
            Self::CopyShown => Icon::Type,
            Self::CopySelection => Icon::TextSelect,
            Self::CopyCode => Icon::Code,
            Self::OpenLink(_) => Icon::ExternalLink,
            Self::CopyLink(_) | Self::CopyOneLink(_) => Icon::Link,
            Self::ShowAnswered(_) => Icon::CornerLeftUp,
            Self::Card(action) => card_icon(*action),
            Self::Retry => Icon::RotateCw,
            Self::Delete => Icon::Trash2,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Reply => "Reply".to_owned(),
            Self::Copy => "Copy text".to_owned(),
            Self::CopyShown => "Copy without marks".to_owned(),
            Self::CopySelection => "Copy selection".to_owned(),
            Self::CopyCode => "Copy code".to_owned(),
            Self::OpenLink(target) => format!("Open {}", short(target)),
            Self::CopyLink(_) => "Copy link".to_owned(),
            Self::CopyOneLink(target) => format!("Copy link {}", short(target)),
            Self::ShowAnswered(_) => "Go to the answered message".to_owned(),
            Self::Card(action) => action.words().to_owned(),
            Self::Retry => "Try again".to_owned(),
            Self::Delete => "Delete".to_owned(),
        }
    }

    /// The key that does the same with a chosen message.
    const fn keys(&self) -> &'static str {
        match self {
            Self::Reply => "R",
            Self::Copy => "Ctrl C",
            Self::CopyShown => "Ctrl Shift C",
            Self::Retry => "T",
            Self::Delete => "Delete",
            Self::CopySelection
            | Self::CopyCode
            | Self::OpenLink(_)
            | Self::CopyLink(_)
            | Self::CopyOneLink(_)
            | Self::ShowAnswered(_)
            | Self::Card(_) => "",
        }
    }
}

const fn card_icon(action: CardAction) -> Icon {
    match action {
        CardAction::Take => Icon::Download,
        CardAction::TakeInto => Icon::FolderInput,
        CardAction::Refuse | CardAction::Cancel => Icon::X,
        CardAction::Pause => Icon::Pause,
        CardAction::Resume => Icon::Play,
        CardAction::Open => Icon::ExternalLink,
        CardAction::ShowInFolder => Icon::FolderOpen,
    }
}

/// An address without its scheme.
fn short(target: &str) -> &str {
    target.split_once("://").map_or(target, |(_, to)| to)
}

/// What can be done with a message, in the order of the menu; with the link under the pointer first.
fn items(entry: &Entry, selects: bool, pointed: Option<&str>) -> Vec<Item> {
    let EntryKind::Message(written) = &entry.kind else { return Vec::new() };
    if let Some(card) = &written.card {
        return card.actions.iter().rev().copied().map(Item::Card).collect();
    }
    let link = |link: &str| [Item::OpenLink(link.to_owned()), Item::CopyLink(link.to_owned())];
    let mut items: Vec<Item> = pointed.map(link).into_iter().flatten().collect();
    items.extend([Item::Reply, Item::Copy]);
    if shown(&entry.text).trim() != entry.text.trim() {
        items.push(Item::CopyShown);
    }
    if selects {
        items.push(Item::CopySelection);
    }
    if code(&entry.text).is_some() {
        items.push(Item::CopyCode);
    }
    if pointed.is_none() {
        items.extend(link_items(links(&entry.text)));
    }
    items.extend(written.quote.as_ref().and_then(|quote| quote.key).map(Item::ShowAnswered));
    if may_retry(written) {
        items.push(Item::Retry);
    }
    if may_delete(written) {
        items.push(Item::Delete);
    }
    items
}

/// What can be done with the links of a message.
fn link_items(links: Vec<String>) -> Vec<Item> {
    if let [only] = links.as_slice() {
        return vec![Item::OpenLink(only.clone()), Item::CopyLink(only.clone())];
    }
    links.into_iter().flat_map(|link| [Item::OpenLink(link.clone()), Item::CopyOneLink(link)]).collect()
}

/// Whether a message has a menu; what has happened has none.
pub(super) const fn has_menu(entry: &Entry) -> bool {
    match &entry.kind {
        EntryKind::Message(written) => match &written.card {
            Some(card) => !card.actions.is_empty(),
            None => true,
        },
        EntryKind::Notice(_) => false,
    }
}

/// Draws the items of the menu of a message; the response of the first.
pub(super) fn draw(ui: &mut Ui, timeline: &Timeline, key: Key, actions: &mut Vec<TimelineAction>) -> Option<Response> {
    let entry = timeline.entry(key)?;
    let colours = palette(ui);
    let is_chosen = timeline.chosen == Some(key);
    let mut first = None;
    let pointed = timeline.pointed.as_deref();
    for item in items(&entry, timeline.selection.is_some(), pointed) {
        if item == Item::Delete || pointed.is_some() && item == Item::Reply {
            menu_line(ui);
        }
        let tone = if item == Item::Delete { colours.danger } else { colours.text };
        let keys = if is_chosen { item.keys() } else { "" };
        let response = menu_item(ui, Some(item.icon()), &item.words(), keys, tone);
        if response.clicked() {
            run(ui, timeline, (key, &entry.text), item, actions);
        }
        first.get_or_insert(response);
    }
    first
}

fn run(ui: &Ui, timeline: &Timeline, (key, text): (Key, &str), item: Item, actions: &mut Vec<TimelineAction>) {
    match item {
        Item::Reply => actions.push(TimelineAction::Reply(key)),
        Item::Copy => ui.ctx().copy_text(text.to_owned()),
        Item::CopyShown => ui.ctx().copy_text(shown(text)),
        Item::CopySelection => {
            if let Some(text) = timeline.selected_text() {
                ui.ctx().copy_text(text);
            }
        }
        Item::CopyCode => ui.ctx().copy_text(code(text).unwrap_or_default()),
        Item::CopyLink(target) | Item::CopyOneLink(target) => ui.ctx().copy_text(target),
        Item::OpenLink(target) => actions.push(TimelineAction::Open(target)),
        Item::ShowAnswered(answered) => actions.push(TimelineAction::Show(answered)),
        Item::Card(action) => actions.push(TimelineAction::File(key, action)),
        Item::Retry => actions.push(TimelineAction::Retry(key)),
        Item::Delete => actions.push(TimelineAction::Delete(key)),
    }
}

impl Timeline {
    /// The entry of a key, if it is loaded.
    pub(super) fn entry(&self, key: Key) -> Option<Arc<Entry>> {
        let row = self.rows.binary_search_by_key(&key, |row| row.entry.key).ok()?;
        self.rows.get(row).map(|row| Arc::clone(&row.entry))
    }

    /// The message of a key that is no file.
    pub(super) fn written(&self, key: Key) -> Option<(Arc<Entry>, Written)> {
        let entry = self.entry(key)?;
        let EntryKind::Message(written) = &entry.kind else { return None };
        let written = written.clone();
        written.card.is_none().then_some((entry, written))
    }
}

/// Whether sending a message again may help.
pub(super) fn may_retry(written: &Written) -> bool {
    written.trouble.as_ref().is_some_and(|trouble| trouble.failed && trouble.retry == Retry::Possible)
}

/// Whether a message is the user's own and not sent.
pub(super) const fn may_delete(written: &Written) -> bool {
    matches!(written.mark, Some(Mark::Saved | Mark::Failed))
}

/// A text without the marks of its forms.
pub(crate) fn shown(text: &str) -> String {
    let words = |block: Block| match block {
        Block::Paragraph(spans) => spans.into_iter().map(|span| span.text).collect(),
        Block::Code { text, .. } => text,
    };
    parse(text).into_iter().map(words).collect::<Vec<String>>().join("\n")
}

/// The code of a text, if it has any.
fn code(text: &str) -> Option<String> {
    let code = |block| if let Block::Code { text, .. } = block { Some(text) } else { None };
    let codes: Vec<String> = parse(text).into_iter().filter_map(code).collect();
    (!codes.is_empty()).then(|| codes.join("\n"))
}

/// The first links of a text, each once.
fn links(text: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for block in parse(text) {
        let Block::Paragraph(spans) = block else { continue };
        for link in spans.into_iter().filter_map(|span| span.link) {
            if links.len() < MOST_LINKS && !links.contains(&link) {
                links.push(link);
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Quote, Trouble};

    fn entry(text: &str, written: Written) -> Entry {
        let at = jiff::civil::date(2026, 11, 20).at(9, 40, 0, 0);
        Entry { key: Key(1), kind: EntryKind::Message(written), text: text.to_owned(), at }
    }

    fn own() -> Written {
        Written {
            author: "hans".into(),
            own: true,
            quote: None,
            mark: Some(Mark::Read),
            steps: Vec::new(),
            trouble: None,
            card: None,
        }
    }

    #[test]
    fn a_plain_message_is_answered_or_copied() {
        assert_eq!(items(&entry("Until ten.", own()), false, None), [Item::Reply, Item::Copy]);
    }

    #[test]
    fn everything_that_the_pointer_reaches_in_a_message_is_in_its_menu() {
        let text = "see **this**: https://a.b/c\n```rust\nfn main() {}\n```";
        let quote = Some(Quote { key: Some(Key(7)), author: "yoda".into(), text: "hm".to_owned() });
        let trouble = Some(Trouble { text: "Not sent.".to_owned(), retry: Retry::Possible, failed: true });
        let written = Written { quote, trouble, mark: Some(Mark::Failed), ..own() };
        let expected = [
            Item::Reply,
            Item::Copy,
            Item::CopyShown,
            Item::CopySelection,
            Item::CopyCode,
            Item::OpenLink("https://a.b/c".to_owned()),
            Item::CopyLink("https://a.b/c".to_owned()),
            Item::ShowAnswered(Key(7)),
            Item::Retry,
            Item::Delete,
        ];
        assert_eq!(items(&entry(text, written), true, None), expected);
        assert_eq!(shown(text), "see this: https://a.b/c\nfn main() {}");
        assert_eq!(code(text).as_deref(), Some("fn main() {}"));
    }

    #[test]
    fn the_link_under_the_pointer_stands_first_in_the_menu() {
        let [first, second] = ["https://a.b/c", "https://d.e/f"].map(str::to_owned);
        let entry = entry("https://a.b/c or https://d.e/f", own());
        let pointed = [Item::OpenLink(second.clone()), Item::CopyLink(second.clone()), Item::Reply, Item::Copy];
        assert_eq!(items(&entry, false, Some(&second)), pointed);
        let all = [
            Item::Reply,
            Item::Copy,
            Item::OpenLink(first.clone()),
            Item::CopyOneLink(first),
            Item::OpenLink(second.clone()),
            Item::CopyOneLink(second),
        ];
        assert_eq!(items(&entry, false, None), all);
    }
}
