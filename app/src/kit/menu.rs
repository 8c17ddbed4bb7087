//! What floats above a view: tooltips, menus and dialogs.

use eframe::egui::{
    Align2, Area, Color32, Context, CornerRadius, CursorIcon, EventFilter, Frame, Id, Key, LayerId, Margin, Modal,
    Modifiers, Popup, PopupCloseBehavior, Response, Role, Sense, Stroke, Ui, Vec2, ViewportId, WidgetInfo,
};
use lucide_icons::Icon;

use super::paint::{Ring, elided, fill, focus_ring, icon, put};
use crate::theme::{
    Palette, control, icon as icon_size, ink, palette, palette_of, radius, shadow, space, stroke, style,
};

/// The frame of tooltips, menus and popups.
pub fn popup_frame(colours: &Palette) -> Frame {
    Frame::new()
        .fill(colours.bg_popup)
        .stroke(Stroke::new(stroke::HAIRLINE, colours.line))
        .corner_radius(CornerRadius::from(radius::CARD))
        .inner_margin(Margin::same(6))
        .shadow(shadow::POPUP.of(colours))
}

/// Widest tooltip in points.
const TIP_WIDTH: f32 = 320.0;

/// Says `text` when the pointer rests on `response`.
pub fn tip(response: Response, text: &str) -> Response {
    response.on_hover_ui(|ui| {
        ui.set_max_width(TIP_WIDTH);
        let colours = palette(ui);
        super::paragraph(ui, ink(style::META, colours.text), text);
    })
}

/// A menu that opens at `response` when it is clicked; returns whether it is open.
pub fn menu_of(response: &Response, width: f32, content: impl FnOnce(&mut Ui)) -> bool {
    let frame = popup_frame(palette_of(&response.ctx));
    Popup::menu(response)
        .frame(frame)
        .gap(space::X2)
        .width(width)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .show(|ui| {
            ui.set_width(width);
            content(ui);
        })
        .is_some()
}

/// Draws an item of a menu over its whole width.
pub fn menu_item(ui: &mut Ui, glyph: Option<Icon>, text: &str, keys: &str, tone: Color32) -> Response {
    let colours = palette(ui);
    let size = Vec2::new(ui.available_width(), control::BUTTON);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let surface = match (response.is_pointer_button_down_on(), response.hovered() || response.has_focus()) {
        (true, _) => colours.press,
        (false, true) => colours.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    fill(ui.painter(), rect, radius::CONTROL, surface);
    let mut left = rect.left_center() + Vec2::new(space::X3, 0.0);
    if let Some(glyph) = glyph {
        icon(ui.painter(), glyph, left + Vec2::new(icon_size::BASE / 2.0, 0.0), icon_size::BASE, tone);
        left.x += icon_size::BASE + space::X3 + 2.0;
    }
    let mut right = rect.right() - space::X3;
    if !keys.is_empty() {
        let cap = super::key_cap(ui, rect.right_center() - Vec2::new(space::X3, 0.0), &crate::caps::on_caps(keys));
        right = cap.left() - space::X3;
    }
    let words = elided(ui.painter(), ink(style::LABEL, tone), text, right - left.x);
    put(ui.painter(), Align2::LEFT_CENTER, left, words);
    focus_ring(ui, &response, rect, radius::CONTROL, Ring::Inside);
    step_by_arrows(ui, &response);
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, text));
    if response.clicked() {
        // A click of the pointer closes the menu by itself; Enter does not.
        ui.close();
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// The items of a menu, as the last pass drew them and as this one does.
#[derive(Clone, Default)]
struct Items {
    pass: u64,
    before: Vec<Id>,
    now: Vec<Id>,
}

/// Lets the arrows go from item to item of a menu, around its ends and never out of it.
fn step_by_arrows(ui: &Ui, item: &Response) {
    let (memory, pass) = (Id::unique("items").with(ui.layer_id()), ui.ctx().cumulative_pass_nr());
    let is_focused = item.has_focus();
    let items = ui.data_mut(|data| {
        let items = data.get_temp_mut_or_default::<Items>(memory);
        if items.pass != pass {
            items.before = std::mem::take(&mut items.now);
            items.pass = pass;
        }
        items.now.push(item.id);
        if is_focused { items.before.clone() } else { Vec::new() }
    });
    let Some(at) = items.iter().position(|id| *id == item.id) else { return };
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(item.id, filter));
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let next = if pressed(Key::ArrowDown) {
        (at + 1) % items.len()
    } else if pressed(Key::ArrowUp) {
        (at + items.len() - 1) % items.len()
    } else {
        return;
    };
    if let Some(next) = items.get(next) {
        ui.memory_mut(|memory| memory.request_focus(*next));
    }
}

/// A hairline between the parts of a menu.
pub fn menu_line(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), space::X3 + 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(stroke::HAIRLINE, palette(ui).line));
}

/// Where a dialog stands and how large it is.
#[derive(Clone, Copy, Debug)]
pub struct Dialog<'a> {
    /// What a screen reader calls it.
    pub name: &'a str,
    /// Width and height; a height of 0 is that of the content.
    pub size: Vec2,
    /// Distance from the top edge; `None` is the middle.
    pub top: Option<f32>,
}

/// A dialog on the scrim; true if the user wants it closed by Esc or a click beside it. When it opens, its first
/// control takes the keyboard, unless the content gives it to another.
pub fn dialog(ctx: &Context, dialog: Dialog<'_>, content: impl FnOnce(&mut Ui)) -> bool {
    let colours = palette_of(ctx);
    let frame = Frame::new()
        .fill(colours.bg_popup)
        .stroke(Stroke::new(stroke::HAIRLINE, colours.line))
        .corner_radius(CornerRadius::from(radius::DIALOG))
        .shadow(shadow::DIALOG.of(colours));
    let id = Id::unique(("dialog", dialog.name));
    let screen = ctx.content_rect();
    let room = screen.size() - Vec2::splat(2.0 * space::X3);
    let size = dialog.size.min(room);
    let area = match dialog.top {
        Some(top) => Modal::default_area(id).anchor(Align2::CENTER_TOP, Vec2::new(0.0, top.min(room.y / 4.0))),
        None => Modal::default_area(id),
    };
    let area: Area = area.accessible_name(dialog.name).role(Role::Dialog);
    let pass = ctx.cumulative_pass_nr();
    let last_shown = ctx.data_mut(|data| {
        let last = data.get_temp::<u64>(id);
        data.insert_temp(id, pass);
        last
    });
    if last_shown.is_none_or(|last| last + 1 < pass) {
        remember_focus(ctx);
        ctx.memory_mut(eframe::egui::Memory::stop_text_input);
        ctx.data_mut(|data| data.insert_temp(id.with("opening"), Opening));
        ctx.request_repaint();
    }
    let shown = Modal::new(id).area(area).frame(frame).backdrop_color(colours.scrim).show(ctx, |ui| {
        ui.set_width(size.x);
        if dialog.size.y > 0.0 {
            ui.set_height(size.y);
        }
        content(ui);
    });
    if ctx.memory(|memory| memory.focused().is_some()) {
        ctx.data_mut(|data| data.remove_temp::<Opening>(id.with("opening")));
    } else if ctx.data(|data| data.get_temp::<Opening>(id.with("opening"))).is_some()
        && let Some(first) = first_control(ctx, shown.response.layer_id)
    {
        ctx.memory_mut(|memory| memory.request_focus(first));
    }
    let (kept, last) = (KeptFocus::of(ctx.viewport_id()), ctx.memory(eframe::egui::Memory::focused));
    ctx.data_mut(|data| {
        let kept = data.get_temp_mut_or_default::<KeptFocus>(kept);
        (kept.pass, kept.last) = (pass, last);
    });
    shown.should_close()
}

/// The first widget of a layer that takes the keyboard, as the last frame drew it.
fn first_control(ctx: &Context, layer: LayerId) -> Option<Id> {
    ctx.viewport(|viewport| {
        let mut widgets = viewport.prev_pass.widgets.get_layer(layer);
        widgets.find(|widget| widget.enabled && widget.sense.is_focusable()).map(|widget| widget.id)
    })
}

/// A dialog that has opened and whose first control has not taken the keyboard yet.
#[derive(Clone, Copy, Default)]
struct Opening;

/// What had the keyboard before a dialog opened, until no dialog is left.
#[derive(Clone, Copy, Default)]
struct KeptFocus {
    before: Option<Id>,
    /// The pass in which a dialog was drawn last, and what had the keyboard in it.
    pass: u64,
    last: Option<Id>,
}

impl KeptFocus {
    /// Under which it is kept for a window.
    fn of(window: ViewportId) -> Id {
        Id::unique(("focus before dialogs", window))
    }
}

/// Remembers what has the keyboard. A dialog that opens from another one leaves it at what the first has remembered.
fn remember_focus(ctx: &Context) {
    let (before, pass) = (ctx.memory(eframe::egui::Memory::focused), ctx.cumulative_pass_nr());
    let kept = KeptFocus::of(ctx.viewport_id());
    ctx.data_mut(|data| data.get_temp_mut_or_insert_with(kept, || KeptFocus { before, pass, last: None }).pass = pass);
}

/// Gives the keyboard back to what had it before the dialogs, once none is drawn any more. Called behind all that a
/// pass draws: what has taken the keyboard since keeps it.
pub fn give_focus_back(ctx: &Context) {
    let id = KeptFocus::of(ctx.viewport_id());
    let Some(kept) = ctx.data(|data| data.get_temp::<KeptFocus>(id)) else { return };
    if kept.pass == ctx.cumulative_pass_nr() {
        return;
    }
    ctx.data_mut(|data| data.remove_temp::<KeptFocus>(id));
    let focused = ctx.memory(eframe::egui::Memory::focused);
    if let Some(before) = kept.before
        && (focused.is_none() || focused == kept.last)
    {
        ctx.memory_mut(|memory| memory.request_focus(before));
    }
}
