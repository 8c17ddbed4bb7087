//! The right half: name and password, and what the server said to them.

use eframe::egui::{Rect, Response, Ui, Vec2, pos2};
use lucide_icons::Icon;

use super::super::password::{SHORT, is_short};
use super::{CanRegister, Focus, Keyring, SignIn, SignInAction, SignInForm};
use crate::kit::{
    BarTone, Button, ButtonKind, Field, FieldState, Note, checkbox, entered, focus_whole, hairline_below, icon, label,
    label_at, minutes_at_most, note, note_that_says, paragraph, say_at_once, space as gap, told,
};
use crate::theme::{icon as icon_size, ink, numbers, palette, space, style};

/// Space between a field and the next label.
const BETWEEN: f32 = 14.0;
/// Space between a label and its field.
const UNDER_LABEL: f32 = 6.0;
/// Width of the button that signs in.
const SIGN_IN: f32 = 128.0;

pub(super) fn title(ui: &mut Ui, text: &str) {
    let title = label(ui, ink(style::TITLE, palette(ui).text), text);
    say_at_once(ui.ctx(), title.id);
    gap(ui, space::X5 + 2.0);
}

fn field_label(ui: &mut Ui, text: &str) {
    label(ui, ink(style::LABEL, palette(ui).text), text);
    gap(ui, UNDER_LABEL);
}

fn hint(ui: &mut Ui, text: &str) {
    gap(ui, space::X2 + 1.0);
    paragraph(ui, ink(style::META, palette(ui).text_3), text);
}

/// A line below a field about what is wrong with it.
fn wrong(ui: &mut Ui, text: &str) {
    let colours = palette(ui);
    gap(ui, space::X3 - 1.0);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(icon_size::BASE), eframe::egui::Sense::hover());
        let centre = rect.center() + Vec2::new(-1.0, 1.0);
        icon(ui.painter(), Icon::CircleAlert, centre, icon_size::SMALL, colours.danger);
        gap(ui, space::X2);
        told(ui, ink(style::SMALL, colours.danger), text);
    });
}

/// Whether a known server is chosen and what it is called.
fn known(state: &SignIn) -> Option<&super::KnownServer> {
    state.chosen.and_then(|index| state.servers.get(index))
}

/// In a narrower field the address needs all the room.
const SUFFIX_FROM: f32 = 260.0;

fn server_field(ui: &mut Ui, state: &SignIn, form: &mut SignInForm, standing: FieldState) -> Response {
    let colours = palette(ui);
    field_label(ui, "Server");
    let field = Field::new("Server").hint("Address or invitation").icon(Icon::Server).state(standing);
    let pinned = known(state).is_some_and(|server| !server.pinned.is_empty() && form.server == server.address);
    let field = if pinned {
        field.suffix(Some(Icon::ShieldCheck), "Known server", colours.accent)
    } else if form.server.is_empty() || ui.available_width() < SUFFIX_FROM {
        field
    } else {
        field.suffix(None, if state.invitation.is_empty() { "New server" } else { "Invitation" }, colours.text_3)
    };
    let response = field.show(ui, &mut form.server);
    claim_if_empty(form, &response, |form| &form.server);
    response
}

fn name_field(ui: &mut Ui, form: &mut SignInForm, standing: FieldState) -> Response {
    field_label(ui, "Name");
    let standing = if form.wrong.name.is_empty() { standing } else { FieldState::Error };
    let response = Field::new("Name").hint("Your name").state(standing).show(ui, &mut form.name);
    claim_if_empty(form, &response, |form| &form.name);
    if !form.wrong.name.is_empty() {
        wrong(ui, &form.wrong.name);
    }
    response
}

fn password_field(ui: &mut Ui, form: &mut SignInForm, standing: FieldState) -> Response {
    field_label(ui, "Password");
    let standing = if form.wrong.password.is_empty() { standing } else { FieldState::Error };
    let SignInForm { password, reveal, .. } = form;
    let response = Field::new("Password").hint("Your password").secret(reveal).state(standing).show(ui, password);
    claim_if_empty(form, &response, |form| &form.password);
    if !form.wrong.password.is_empty() {
        wrong(ui, &form.wrong.password);
    }
    response
}

/// A field that is empty takes the keyboard when its page comes up.
fn claim_if_empty(form: &mut SignInForm, field: &Response, text: impl Fn(&SignInForm) -> &String) {
    if text(form).is_empty() && field.enabled() {
        form.claim(field);
    }
}

/// Enter does what the page is for; where something is missing, it goes on to the first empty field.
fn on_enter(
    ui: &Ui,
    fields: &[&Response],
    ready: bool,
    form: &mut SignInForm,
    action: SignInAction,
    actions: &mut Vec<SignInAction>,
) {
    if !fields.iter().any(|field| entered(field)) {
        return;
    }
    if ready {
        actions.push(action);
    } else {
        form.focus = Focus::Wanted;
        ui.ctx().request_repaint();
    }
}

/// The same button; it takes the keyboard if the page waits to give it away.
pub(super) fn claimed<'a>(form: &mut SignInForm, button: &'a Response) -> &'a Response {
    form.claim(button);
    button
}

/// A row of buttons.
pub(super) fn buttons(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::X3 + 2.0;
        content(ui);
    });
}

/// The line below the server: what to type, or what the invitation there is for.
fn below_server(ui: &mut Ui, state: &SignIn) {
    if state.invitation.is_empty() {
        hint(ui, "Paste the invitation you got, or ask whoever runs the server for its address.");
    } else {
        gap(ui, space::X2 + 1.0);
        paragraph(ui, ink(style::META, palette(ui).accent), &state.invitation);
    }
}

/// The line below the password: what becomes of it, or what is wrong. Both take the same room, so that nothing jumps.
fn below_password(ui: &mut Ui, trouble: &str) {
    let top = ui.cursor().top();
    if trouble.is_empty() {
        hint(ui, "Your password never leaves this computer.");
    } else {
        wrong(ui, trouble);
    }
    let used = ui.cursor().top() - top;
    gap(ui, (BELOW_PASSWORD - used).max(0.0));
}

/// Height of a line below the password.
const BELOW_PASSWORD: f32 = 34.0;

/// The heading and the fields of whoever signs in, with what is wrong with the password.
fn credentials(
    ui: &mut Ui,
    state: &SignIn,
    form: &mut SignInForm,
    standing: FieldState,
    (heading, trouble): (&str, &str),
) -> [Response; 3] {
    title(ui, heading);
    if !state.news.is_empty() {
        let text = Note { tone: BarTone::Accent, icon: Icon::Info, strong: &state.news, text: "", countdown: "" };
        note(ui, text);
        gap(ui, BETWEEN);
    }
    let server = server_field(ui, state, form, standing);
    below_server(ui, state);
    gap(ui, BETWEEN);
    let name = name_field(ui, form, standing);
    gap(ui, BETWEEN);
    let password = password_field(ui, form, if trouble.is_empty() { standing } else { FieldState::Error });
    below_password(ui, trouble);
    gap(ui, space::X4);
    [server, name, password]
}

/// Name and password, with what was wrong with the last password; empty for nothing.
pub(super) fn sign_in(
    ui: &mut Ui,
    trouble: &str,
    state: &SignIn,
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    let heading = known(state).map_or_else(|| "Sign in".to_owned(), |server| format!("Sign in to {}", server.title));
    let fields = credentials(ui, state, form, FieldState::Normal, (&heading, trouble));
    checkbox(ui, &mut form.keep, "Keep me signed in on this computer");
    if form.keep && state.keyring == Keyring::Absent {
        hint(ui, "After a while without use you are asked for your password again: this computer cannot store it.");
    }
    gap(ui, space::X4);
    let filled = !form.server.trim().is_empty() && !form.name.is_empty() && !form.password.is_empty();
    let can_sign_in = filled && form.wrong.is_nothing();
    let sign_in = ("Sign in", SignInAction::SignIn, can_sign_in);
    let create = ("Create account", SignInAction::ShowCreate, true);
    // Whoever was invited to a new server has no account there yet.
    let [main, other] = if state.invitation.is_empty() { [sign_in, create] } else { [create, sign_in] };
    buttons(ui, |ui| {
        let (words, action, ready) = &main;
        let button = Button::new(ButtonKind::Primary, words).form().width(SIGN_IN).enabled(*ready);
        if claimed(form, &ui.add(button)).clicked() {
            actions.push(action.clone());
        }
        let (words, action, ready) = &other;
        if ui.add(Button::new(ButtonKind::Outline, words).form().enabled(*ready)).clicked() {
            actions.push(action.clone());
        }
    });
    // Enter signs in whoever has typed all of it: an account may be there already.
    on_enter(ui, &fields.each_ref(), can_sign_in, form, SignInAction::SignIn, actions);
    foot(ui, state);
}

/// What the profile is called that is opened without being asked for.
const DEFAULT_PROFILE: &str = "default";

fn foot(ui: &mut Ui, state: &SignIn) {
    let colours = palette(ui);
    let rect = ui.max_rect();
    let row = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 32.0), pos2(rect.right(), rect.bottom() + 5.0));
    if ui.min_rect().bottom() > row.top() {
        return;
    }
    hairline_below(ui.painter(), row.translate(Vec2::new(0.0, -row.height())), colours.line);
    let format = numbers(style::META, colours.text_3);
    let middle = row.center().y + 4.0;
    // Whoever has one profile need not know of them.
    let profile = if state.profile == DEFAULT_PROFILE { String::new() } else { format!("Profile: {}", state.profile) };
    let right = eframe::egui::Align2::RIGHT_CENTER;
    let end = label_at(ui, right, pos2(row.right(), middle), format, &profile, row.width() / 2.0);
    let words = match known(state) {
        Some(server) if !server.pinned.is_empty() => {
            format!("Encrypted. You have trusted this server since {}.", server.pinned)
        }
        Some(_) | None => "Encrypted, and Whoelse checks that it is your server.".to_owned(),
    };
    let centre = pos2(row.left() + icon_size::SMALL / 2.0, middle);
    icon(ui.painter(), Icon::Lock, centre, icon_size::SMALL, colours.text_3);
    let left = pos2(row.left() + icon_size::SMALL + 6.0, middle);
    let room = end.left() - space::X4 - left.x;
    label_at(ui, eframe::egui::Align2::LEFT_CENTER, left, format, &words, room);
}

/// Waiting for the server, with everything where it was.
pub(super) fn connecting(ui: &mut Ui, state: &SignIn, form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    let heading = format!("Connecting to {}", address(&form.server));
    let _ = credentials(ui, state, form, FieldState::Disabled, (&heading, ""));
    let cancel = ui.add(Button::new(ButtonKind::Outline, "Cancel").form());
    form.claim_later(ui, &cancel);
    if cancel.clicked() {
        actions.push(SignInAction::Cancel);
    }
}

/// A server as it is typed, without the fingerprint and the secret that an invitation carries.
fn address(typed: &str) -> &str {
    let typed = typed.trim();
    let typed = typed.strip_prefix("whoelse://").unwrap_or(typed);
    typed.split_once('#').map_or(typed, |(address, _)| address)
}

/// The password is wrong: the form says so, and is ready for the next one.
pub(super) fn wrong_password(
    ui: &mut Ui,
    (tries_left, pause): (u32, Option<u64>),
    state: &SignIn,
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    let tries = if tries_left == 1 { "1 try left".to_owned() } else { format!("{tries_left} tries left") };
    let then = pause.map_or_else(|| "then a pause".to_owned(), |seconds| format!("then a pause of {seconds} s"));
    sign_in(ui, &format!("Wrong password. {tries}, {then}."), state, form, actions);
}

/// The name is locked.
pub(super) fn locked(ui: &mut Ui, left: u64, state: &SignIn, form: &mut SignInForm) {
    let heading = known(state).map_or_else(|| "Sign in".to_owned(), |server| format!("Sign in to {}", server.title));
    title(ui, &heading);
    let strong = format!("{} is locked for {left} s", form.name);
    let countdown = format!("{}:{:02}", left / 60, left % 60);
    let text = "Three wrong passwords in a row. Trying now is refused and does not make it longer.";
    let spoken = format!("{} is locked for {}. {text}", form.name, minutes_at_most(left));
    let locked = Note { tone: BarTone::Warn, icon: Icon::Lock, strong: &strong, text, countdown: &countdown };
    note_that_says(ui, locked, &spoken);
    gap(ui, space::X5);
    let _ = server_field(ui, state, form, FieldState::Normal);
    gap(ui, BETWEEN);
    let _ = name_field(ui, form, FieldState::Normal);
    gap(ui, BETWEEN);
    let _ = password_field(ui, form, FieldState::Normal);
    gap(ui, space::X4);
    checkbox(ui, &mut form.keep, "Keep me signed in on this computer");
    gap(ui, space::X4);
    ui.add(Button::new(ButtonKind::Primary, &format!("Sign in again in {countdown}")).form().enabled(false));
    let rect = ui.max_rect();
    let format = ink(style::SMALL, palette(ui).text_3);
    let at = pos2(rect.left(), rect.bottom() - 8.0);
    let text = "Forgot it? Whoever runs the server can set a new password.";
    if ui.min_rect().bottom() < at.y - 12.0 {
        label_at(ui, eframe::egui::Align2::LEFT_CENTER, at, format, text, rect.width());
    }
}

/// The server does not answer.
pub(super) fn not_reached(
    ui: &mut Ui,
    host: &str,
    cause: &str,
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    title(ui, "Server not reached");
    field_label(ui, "Server");
    let server = Field::new("Server").icon(Icon::Server).state(FieldState::Error).show(ui, &mut form.server);
    gap(ui, BETWEEN);
    let strong = format!("{host} does not answer");
    note(ui, Note { tone: BarTone::Danger, icon: Icon::ServerOff, strong: &strong, text: cause, countdown: "" });
    gap(ui, space::X6);
    buttons(ui, |ui| {
        let again = ui.add(Button::new(ButtonKind::Primary, "Try again").icon(Icon::RotateCw).form());
        if claimed(form, &again).clicked() {
            actions.push(SignInAction::SignIn);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Back").form()).clicked() {
            actions.push(SignInAction::Back);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Host on this computer").form()).clicked() {
            actions.push(SignInAction::ShowHost);
        }
    });
    if entered(&server) {
        actions.push(SignInAction::SignIn);
    }
}

/// The name is online elsewhere.
pub(super) fn already_online(ui: &mut Ui, form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    title(ui, "Already signed in");
    let _ = name_field(ui, form, FieldState::Normal);
    gap(ui, BETWEEN);
    let strong = format!("{} is already online", form.name);
    let text = "From another window or computer. Only one session per name: ending it there signs it out.";
    note(ui, Note { tone: BarTone::Warn, icon: Icon::MonitorSmartphone, strong: &strong, text, countdown: "" });
    gap(ui, space::X6);
    buttons(ui, |ui| {
        let again = ui.add(Button::new(ButtonKind::Primary, "Try again").icon(Icon::RotateCw).form());
        if claimed(form, &again).clicked() {
            actions.push(SignInAction::SignIn);
        }
        if ui.add(Button::new(ButtonKind::Outline, "End it there and sign in here").form()).clicked() {
            actions.push(SignInAction::TakeOver);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Use another name").form()).clicked() {
            actions.push(SignInAction::Back);
        }
    });
}

/// There is no account of that name.
pub(super) fn unknown_name(
    ui: &mut Ui,
    registration: CanRegister,
    like: Option<&str>,
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    title(ui, "Unknown name");
    let _ = name_field(ui, form, FieldState::Normal);
    gap(ui, BETWEEN);
    let strong = format!("No account named {}", form.name);
    let meant = like.map(|like| format!("Names are case-sensitive. Did you mean {like}?"));
    let other = match registration {
        CanRegister::Yes => "Names are case-sensitive. If you are new here, create the account now.",
        CanRegister::Again => {
            "You had an account of this name here before. If nobody removed it, ask whoever runs the server before you \
             give a password here."
        }
        CanRegister::WithInvitation => {
            "Names are case-sensitive. New people need an invitation here: paste it in place of the server."
        }
        CanRegister::No => {
            "Names are case-sensitive. This server lets no new people in: ask whoever runs it for an account."
        }
    };
    let text = meant.as_deref().unwrap_or(other);
    note(ui, Note { tone: BarTone::Accent, icon: Icon::UserSearch, strong: &strong, text, countdown: "" });
    gap(ui, space::X6);
    buttons(ui, |ui| {
        // Nobody may have a name that looks like another one's.
        if registration != CanRegister::No
            && like.is_none()
            && claimed(form, &ui.add(Button::new(ButtonKind::Primary, "Create account").form())).clicked()
        {
            actions.push(SignInAction::ShowCreate);
        }
        if claimed(form, &ui.add(Button::new(ButtonKind::Ghost, "Change name").form())).clicked() {
            actions.push(SignInAction::Back);
        }
    });
}

/// A new account.
pub(super) fn create_account(
    ui: &mut Ui,
    trouble: &str,
    state: &SignIn,
    form: &mut SignInForm,
    actions: &mut Vec<SignInAction>,
) {
    title(ui, "Create account");
    field_label(ui, "Server");
    let field = Field::new("Server").hint("Address or invitation").icon(Icon::Server);
    let server = field.show(ui, &mut form.server);
    claim_if_empty(form, &server, |form| &form.server);
    if !state.invitation.is_empty() {
        below_server(ui, state);
    }
    gap(ui, BETWEEN);
    let name = name_field(ui, form, FieldState::Normal);
    gap(ui, BETWEEN);
    let password = password_field(ui, form, FieldState::Normal);
    if is_short(&form.password) {
        hint(ui, SHORT);
    }
    gap(ui, BETWEEN);
    field_label(ui, "Password again");
    let differs = !form.again.is_empty() && form.again != form.password;
    let standing = if differs { FieldState::Error } else { FieldState::Normal };
    let SignInForm { again, reveal, .. } = form;
    let last = Field::new("Password again").hint("The same").secret(reveal).state(standing).show(ui, again);
    claim_if_empty(form, &last, |form| &form.again);
    if differs {
        wrong(ui, "The two passwords differ.");
    } else if !trouble.is_empty() {
        wrong(ui, trouble);
    }
    gap(ui, space::X5);
    let filled = !form.server.trim().is_empty() && !form.name.is_empty() && !form.password.is_empty();
    let ready = filled && form.wrong.is_nothing() && form.again == form.password;
    buttons(ui, |ui| {
        if ui.add(Button::new(ButtonKind::Primary, "Create account").form().enabled(ready)).clicked() {
            actions.push(SignInAction::CreateAccount);
        }
        if ui.add(Button::new(ButtonKind::Ghost, "Back").form()).clicked() {
            actions.push(SignInAction::Back);
        }
    });
    if filled && differs && [&server, &name, &password, &last].into_iter().any(entered) {
        focus_whole(&last, &form.again);
        return;
    }
    on_enter(ui, &[&server, &name, &password, &last], ready, form, SignInAction::CreateAccount, actions);
}
