//! The tabs above the timeline: which, in what order, which is shown. It knows no message.

use whoelse_model::ChatId;

use crate::platform::settings::{Account, AccountTabs, Tab as KeptTab};
use crate::view::Panel;

/// Tabs that are open; the one not looked at for longest gives way. More cannot be told apart in a row.
const MOST_TABS: usize = 30;

/// Closed tabs that can be opened again: more than anybody remembers.
const MOST_CLOSED: usize = 20;

/// What a tab shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    /// A chat.
    Chat(ChatId),
    /// Something else.
    Panel(Panel),
}

impl Tab {
    /// The chat that it shows.
    pub(super) const fn chat(&self) -> Option<&ChatId> {
        match self {
            Self::Chat(chat) => Some(chat),
            Self::Panel(_) => None,
        }
    }

    /// Everyone is always there.
    pub(super) fn is_closable(&self) -> bool {
        *self != Self::Chat(ChatId::Everyone)
    }
}

/// The tabs. The one with everyone is always among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tabs {
    open: Vec<Tab>,
    active: Option<usize>,
    /// Tabs as they were shown, the last one at the end.
    history: Vec<Tab>,
    /// The tab that gives way to the next chat that is looked at.
    preview: Option<Tab>,
    /// Tabs that were closed, the last one at the end.
    closed: Vec<Tab>,
}

impl Default for Tabs {
    fn default() -> Self {
        Self { open: vec![Tab::Chat(ChatId::Everyone)], active: None, ..Self::none() }
    }
}

impl Tabs {
    const fn none() -> Self {
        Self { open: Vec::new(), active: None, history: Vec::new(), preview: None, closed: Vec::new() }
    }

    /// All, from the left.
    pub(super) fn all(&self) -> &[Tab] {
        &self.open
    }

    /// The index of the one that is shown.
    pub(super) const fn active(&self) -> Option<usize> {
        self.active
    }

    /// The one that is shown.
    pub(super) fn shown(&self) -> Option<&Tab> {
        self.active.and_then(|index| self.open.get(index))
    }

    /// The chat that is shown.
    pub(super) fn shown_chat(&self) -> Option<&ChatId> {
        self.shown().and_then(Tab::chat)
    }

    /// The open chats, the one shown last first.
    pub(super) fn last_chats(&self) -> impl Iterator<Item = &ChatId> {
        let others = self.open.iter().filter(|tab| !self.history.contains(tab));
        self.history.iter().rev().chain(others).filter_map(Tab::chat)
    }

    /// Shows a tab that stays, made new at the right end where there is none. The tab that gave way for it, if one did.
    pub(super) fn open(&mut self, tab: Tab) -> Option<Tab> {
        if self.preview.as_ref() == Some(&tab) {
            self.preview = None;
        }
        let index = self.open.iter().position(|known| *known == tab);
        let gone = if index.is_none() { self.make_room() } else { None };
        let index = index.unwrap_or_else(|| {
            self.open.push(tab);
            self.open.len() - 1
        });
        self.show(index);
        gone
    }

    /// Shows a tab that gives way to the next one looked at, unless it is open already. The tab that gave way for it.
    pub(super) fn look_at(&mut self, tab: Tab) -> Option<Tab> {
        if self.open.contains(&tab) {
            let preview = self.preview.take();
            self.open(tab);
            self.preview = preview;
            return None;
        }
        let before = self.preview.take().and_then(|preview| self.open.iter().position(|known| *known == preview));
        let gone = match before {
            Some(index) => {
                let gone = std::mem::replace(self.open.get_mut(index)?, tab.clone());
                self.history.retain(|known| *known != gone);
                self.show(index);
                Some(gone)
            }
            None => self.open(tab.clone()),
        };
        self.preview = Some(tab);
        gone
    }

    /// Whether a tab gives way to the next chat that is looked at.
    pub(super) fn is_preview(&self, tab: &Tab) -> bool {
        self.preview.as_ref() == Some(tab)
    }

    /// Lets a tab stay.
    pub(super) fn keep(&mut self, tab: &Tab) {
        if self.is_preview(tab) {
            self.preview = None;
        }
    }

    /// Lets the tab with an index stay.
    pub(super) fn keep_at(&mut self, index: usize) {
        if let Some(tab) = self.open.get(index).cloned() {
            self.keep(&tab);
        }
    }

    /// The tab that was closed last and is not open.
    pub(super) fn take_closed(&mut self) -> Option<Tab> {
        loop {
            let tab = self.closed.pop()?;
            if !self.open.contains(&tab) {
                return Some(tab);
            }
        }
    }

    /// Shows the tab with an index.
    pub(super) fn show(&mut self, index: usize) {
        let Some(tab) = self.open.get(index).cloned() else { return };
        self.active = Some(index);
        self.history.retain(|known| *known != tab);
        self.history.push(tab);
    }

    /// Shows none: in one column, the list of people.
    pub(super) const fn leave(&mut self) {
        self.active = None;
    }

    /// Closes the tab with an index, and shows the one looked at before it. The tab, if it can be closed.
    pub(super) fn close(&mut self, index: usize) -> Option<Tab> {
        if !self.open.get(index)?.is_closable() {
            return None;
        }
        let shown = self.shown().cloned();
        let tab = self.open.remove(index);
        self.keep(&tab);
        self.closed.push(tab.clone());
        let too_many = self.closed.len().saturating_sub(MOST_CLOSED);
        self.closed.drain(..too_many);
        self.history.retain(|known| *known != tab);
        let next = if shown.as_ref() == Some(&tab) { self.history.last().cloned() } else { shown };
        self.active = next.and_then(|next| self.open.iter().position(|known| *known == next));
        Some(tab)
    }

    /// Puts a tab where another is.
    pub(super) fn move_to(&mut self, from: usize, to: usize) {
        if from >= self.open.len() || to >= self.open.len() {
            return;
        }
        let shown = self.shown().cloned();
        let tab = self.open.remove(from);
        self.open.insert(to, tab);
        self.active = shown.and_then(|shown| self.open.iter().position(|known| *known == shown));
    }

    /// Shows the neighbour of the one that is shown, around the ends.
    pub(super) fn step(&mut self, step: Step) {
        let count = self.open.len();
        let next = match (step, self.active) {
            (Step::Next, Some(index)) => (index + 1) % count,
            (Step::Previous, Some(index)) => (index + count - 1) % count,
            (Step::Next, None) => 0,
            (Step::Previous, None) => count - 1,
        };
        self.show(next);
    }

    /// Makes room for one more.
    fn make_room(&mut self) -> Option<Tab> {
        if self.open.len() < MOST_TABS {
            return None;
        }
        let age = |tab: &Tab| self.history.iter().position(|known| known == tab).map_or(0, |place| place + 1);
        let closable = self.open.iter().enumerate().filter(|(_, tab)| tab.is_closable());
        let oldest = closable.min_by_key(|(_, tab)| age(tab)).map(|(index, _)| index)?;
        self.close(oldest)
    }

    /// As they are written to disk.
    pub(super) fn kept(&self, account: Account) -> AccountTabs {
        let kept: Vec<(usize, KeptTab)> =
            self.open.iter().enumerate().filter_map(|(index, tab)| Some((index, to_disk(tab)?))).collect();
        // None is shown of an index behind the last.
        let active = kept.iter().position(|(index, _)| Some(*index) == self.active).unwrap_or(kept.len());
        AccountTabs { account, open: kept.into_iter().map(|(_, tab)| tab).collect(), active }
    }

    /// As they were on disk.
    pub(super) fn from_kept(kept: &AccountTabs) -> Self {
        let mut new = Self::none();
        let active = kept.open.get(kept.active).map(from_disk);
        for tab in kept.open.iter().map(from_disk).take(MOST_TABS) {
            if !new.open.contains(&tab) {
                new.open.push(tab);
            }
        }
        let everyone = Tab::Chat(ChatId::Everyone);
        if !new.open.contains(&everyone) {
            new.open.insert(0, everyone);
        }
        if let Some(index) = active.and_then(|active| new.open.iter().position(|tab| *tab == active)) {
            new.show(index);
        }
        new
    }
}

/// A tab as it is on disk. Private sessions end with the program, and a search begins anew.
fn to_disk(tab: &Tab) -> Option<KeptTab> {
    match tab {
        Tab::Chat(ChatId::Everyone) => Some(KeptTab::Everyone),
        Tab::Chat(ChatId::Direct(name)) => Some(KeptTab::Chat(name.clone())),
        Tab::Panel(Panel::WhoWasOnline) => Some(KeptTab::WhoWasOnline),
        Tab::Panel(Panel::SharedFiles) => Some(KeptTab::SharedFiles),
        Tab::Chat(ChatId::Private(_)) | Tab::Panel(Panel::Search) => None,
    }
}

fn from_disk(tab: &KeptTab) -> Tab {
    match tab {
        KeptTab::Everyone => Tab::Chat(ChatId::Everyone),
        KeptTab::Chat(name) => Tab::Chat(ChatId::Direct(name.clone())),
        KeptTab::WhoWasOnline => Tab::Panel(Panel::WhoWasOnline),
        KeptTab::SharedFiles => Tab::Panel(Panel::SharedFiles),
    }
}

/// To which neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The one to the right, or below.
    Next,
    /// The one to the left, or above.
    Previous,
}

#[cfg(test)]
mod tests {
    use whoelse_proto::{Fingerprint, UserName};

    use super::*;

    fn hans() -> Account {
        Account { server: Fingerprint::from_bytes([1; 32]), name: UserName::new("hans").unwrap() }
    }

    fn with(name: &str) -> Tab {
        Tab::Chat(ChatId::Direct(UserName::new(name).unwrap()))
    }

    fn three() -> Tabs {
        let mut tabs = Tabs::default();
        for name in ["yoda", "leia", "luke"] {
            assert_eq!(tabs.open(with(name)), None);
        }
        tabs
    }

    #[test]
    fn a_chat_that_is_only_looked_at_gives_way_to_the_next_one() {
        let mut tabs = three();
        assert_eq!(tabs.look_at(with("chewy")), None);
        assert!(tabs.is_preview(&with("chewy")));
        assert_eq!(tabs.look_at(with("vader")), Some(with("chewy")));
        assert_eq!((tabs.all().len(), tabs.active()), (5, Some(4)));

        tabs.look_at(with("yoda"));
        assert!(tabs.is_preview(&with("vader")), "an open tab is shown, and the other one waits");
        tabs.keep(&with("vader"));
        assert_eq!(tabs.look_at(with("chewy")), None);
        assert_eq!(tabs.all().len(), 6);
        tabs.look_at(with("chewy"));
        assert!(tabs.is_preview(&with("chewy")));
        tabs.open(with("chewy"));
        assert!(!tabs.is_preview(&with("chewy")));
    }

    #[test]
    fn tabs_are_opened_again_in_the_order_they_were_closed() {
        let mut tabs = three();
        tabs.close(1);
        tabs.close(1);
        tabs.open(with("yoda"));
        assert_eq!(tabs.take_closed(), Some(with("leia")));
        assert_eq!(tabs.take_closed(), None, "yoda is open");
    }

    #[test]
    fn everyone_is_always_there_and_cannot_be_closed() {
        let mut tabs = Tabs::default();
        assert_eq!(tabs.close(0), None);
        assert_eq!(tabs.all(), [Tab::Chat(ChatId::Everyone)]);
        let none = AccountTabs { account: hans(), open: Vec::new(), active: 7 };
        assert_eq!(Tabs::from_kept(&none).all(), [Tab::Chat(ChatId::Everyone)]);
    }

    #[test]
    fn a_chat_that_is_open_is_shown_and_not_opened_twice() {
        let mut tabs = three();
        tabs.open(with("yoda"));
        assert_eq!((tabs.all().len(), tabs.active()), (4, Some(1)));
    }

    #[test]
    fn closing_the_shown_tab_shows_the_one_looked_at_before() {
        let mut tabs = three();
        tabs.show(1);
        assert_eq!(tabs.close(1), Some(with("yoda")));
        assert_eq!(tabs.shown(), Some(&with("luke")));
    }

    #[test]
    fn closing_another_tab_changes_nothing_of_what_is_shown() {
        let mut tabs = three();
        tabs.close(1);
        assert_eq!((tabs.shown(), tabs.active()), (Some(&with("luke")), Some(2)));
    }

    #[test]
    fn a_moved_tab_stays_shown() {
        let mut tabs = three();
        tabs.move_to(3, 0);
        assert_eq!((tabs.active(), tabs.all().first()), (Some(0), Some(&with("luke"))));
        tabs.move_to(9, 0);
        assert_eq!(tabs.active(), Some(0), "an index beyond the tabs changes nothing");
    }

    #[test]
    fn neighbours_go_around_the_ends() {
        let mut tabs = three();
        tabs.step(Step::Next);
        assert_eq!(tabs.active(), Some(0));
        tabs.step(Step::Previous);
        assert_eq!(tabs.active(), Some(3));
    }

    #[test]
    fn the_tab_not_looked_at_for_longest_gives_way() {
        let mut tabs = Tabs::default();
        for n in 1..MOST_TABS {
            assert_eq!(tabs.open(with(&format!("u{n}"))), None);
        }
        tabs.show(1);
        assert_eq!(tabs.open(with("last")), Some(with("u2")));
        assert_eq!(tabs.all().len(), MOST_TABS);
    }

    #[test]
    fn tabs_are_as_they_were_after_a_restart() {
        let mut tabs = three();
        tabs.open(Tab::Panel(Panel::Search));
        tabs.move_to(1, 2);
        tabs.show(1);
        let again = Tabs::from_kept(&tabs.kept(hans()));
        assert_eq!(again.all(), &tabs.all()[..4], "a search is not opened again");
        assert_eq!(again.active(), Some(1));
    }
}
