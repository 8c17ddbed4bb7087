//! The parts of the window that F6 goes through: list, tabs, head, timeline, composer.

use eframe::egui::{Context, Id, LayerId, Rect, pos2};

use super::App;
use super::open_chat::OpenChat;
use super::tabs::Step;
use crate::theme::region;
use crate::view::{bars_height, search_id};

/// A part of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    List,
    Tabs,
    Head,
    Timeline,
    Composer,
}

const ALL: [Region; 5] = [Region::List, Region::Tabs, Region::Head, Region::Timeline, Region::Composer];

impl App {
    /// Gives the keyboard to the next part of the window that takes it.
    pub(super) fn step_region(&self, ctx: &Context, step: Step) {
        let content = ctx.content_rect();
        let here = ctx.memory(eframe::egui::Memory::focused).and_then(|id| self.region_of(ctx, content, id));
        let at = here.and_then(|here| ALL.iter().position(|region| *region == here));
        let count = ALL.len();
        let order = (1..=count).map(|distance| match (step, at) {
            (Step::Next, Some(at)) => (at + distance) % count,
            (Step::Next, None) => distance - 1,
            (Step::Previous, at) => (at.unwrap_or(count) + count - distance) % count,
        });
        let goal = order.filter_map(|index| ALL.get(index)).find_map(|&region| self.first_in(ctx, content, region));
        if let Some(goal) = goal {
            ctx.memory_mut(|memory| memory.request_focus(goal));
        }
    }

    fn region_of(&self, ctx: &Context, content: Rect, id: Id) -> Option<Region> {
        let place = ctx.viewport(|viewport| viewport.prev_pass.widgets.get(id).map(|widget| widget.rect))?;
        if self.composer_id() == Some(id) {
            return Some(Region::Composer);
        }
        ALL.into_iter().find(|&region| self.rect_of(ctx, content, region).contains(place.center()))
    }

    /// The first thing in a part that takes the keyboard.
    fn first_in(&self, ctx: &Context, content: Rect, region: Region) -> Option<Id> {
        if region == Region::Composer {
            return self.composer_id();
        }
        let rect = self.rect_of(ctx, content, region);
        // The list begins with the search, from which everything in it is reached.
        let search = search_id();
        if region == Region::List && ctx.viewport(|viewport| viewport.prev_pass.widgets.get(search).is_some()) {
            return Some(search);
        }
        ctx.viewport(|viewport| {
            let widgets = viewport.prev_pass.widgets.get_layer(LayerId::background());
            let mut inside = widgets
                .filter(|widget| widget.enabled && widget.sense.is_focusable() && rect.contains(widget.rect.center()));
            inside.next().map(|widget| widget.id)
        })
    }

    fn composer_id(&self) -> Option<Id> {
        self.tabs.shown_chat().map(OpenChat::composer_id)
    }

    /// Where a part lies. In one column, the list and the rest are never both there.
    fn rect_of(&self, ctx: &Context, content: Rect, part: Region) -> Rect {
        let top = content.top() + bars_height(ctx);
        let narrow = content.width() < region::ONE_COLUMN_BELOW;
        let side = match (narrow, self.main.active) {
            (false, _) => content.left() + self.main.side_width,
            (true, None) => content.right(),
            (true, Some(_)) => content.left(),
        };
        let tabs = if narrow { top } else { top + region::TOP_ROW };
        let head = tabs + region::HEAD_ROW;
        let (from, to) = match part {
            Region::List => return Rect::from_min_max(pos2(content.left(), top), pos2(side, content.bottom())),
            Region::Tabs => (top, tabs),
            Region::Head => (tabs, head),
            Region::Timeline | Region::Composer => (head, content.bottom()),
        };
        Rect::from_min_max(pos2(side, from), pos2(content.right(), to))
    }
}
