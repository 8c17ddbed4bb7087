//! The first screen: the servers that are known, and the way in.

mod form;
mod host;
mod key;
mod refused;
mod servers;

use eframe::egui::{Align, Layout, Rect, Response, Role, Ui, UiBuilder, Vec2};

use crate::kit::{Reveal, fill, hairline_right, rule};
use crate::theme::{palette, radius, region, shadow, space, stroke};

/// What the first screen shows.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Servers that the profile knows.
    pub servers: Vec<KnownServer>,
    /// Which of them is chosen; `None` is another one.
    pub chosen: Option<usize>,
    /// What the right half shows.
    pub page: Page,
    /// Why the last session ended, and other news; may be empty.
    pub news: String,
    /// The profile's name.
    pub profile: String,
    /// Whether this computer's keyring can keep a password.
    pub keyring: Keyring,
    /// What the invitation in the field of the server is for; empty if none is there.
    pub invitation: String,
}

/// A server that the profile knows.
#[derive(Clone, Debug)]
pub struct KnownServer {
    /// What it is called.
    pub title: String,
    /// The name that was used there, and its address or state.
    pub detail: String,
    /// What it is called within "Sign in to …"; empty for none.
    pub address: String,
    /// When its key was pinned, as shown; empty if it is not.
    pub pinned: String,
    /// Whether it runs in this app.
    pub here: bool,
}

/// Whether a password can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// In the system's keyring.
    Present,
    /// There is none: the session is kept, not the password.
    Absent,
}

/// The right half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Name and password.
    Form,
    /// Waiting for the server.
    Connecting,
    /// A server that was not seen before shows its key.
    Trust {
        /// In groups of four.
        fingerprint: Vec<String>,
    },
    /// A server shows another key than the pinned one.
    KeyChanged {
        /// The beginning of the pinned one.
        pinned: String,
        /// When it was pinned.
        pinned_on: String,
        /// The beginning of the shown one.
        shown: String,
    },
    /// The password is wrong.
    WrongPassword {
        /// Tries until the name is locked.
        tries_left: u32,
        /// How long it is locked then, if the server tells.
        pause: Option<u64>,
    },
    /// The name is locked.
    Locked {
        /// Seconds left.
        left: u64,
    },
    /// The server does not answer.
    NotReached {
        /// The host.
        host: String,
        /// What was tried and what may be wrong.
        cause: String,
    },
    /// The history on this computer cannot be opened.
    HistoryUnusable {
        /// What happened.
        what: String,
        /// What it means, with the file.
        meaning: String,
        /// Whether a new one can be begun.
        anew: CanBeginAnew,
    },
    /// The name is online elsewhere.
    AlreadyOnline,
    /// There is no account of that name.
    UnknownName {
        /// Whether one can be made.
        registration: CanRegister,
        /// The account that the name looks like.
        like: Option<String>,
    },
    /// A new account.
    CreateAccount {
        /// What is wrong; may be empty.
        trouble: String,
    },
    /// The server refused for another reason.
    Refused {
        /// What happened.
        what: String,
        /// What it means.
        meaning: String,
    },
    /// This computer as the server.
    Host(Hosting),
}

/// Whether a new history can be begun in the place of one that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanBeginAnew {
    /// It can, once the damaged one is moved away.
    Yes,
    /// It cannot: what stands against it passes.
    No,
}

/// Whether the server makes accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanRegister {
    /// It does.
    Yes,
    /// It does, and this profile had an account of this name there before.
    Again,
    /// With an invitation, and none was given.
    WithInvitation,
    /// It does not.
    No,
}

/// This computer as the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// It can be started.
    Stopped {
        /// Why it could not be started; may be empty.
        trouble: String,
    },
    /// It starts or stops.
    Busy {
        /// Which, for people.
        doing: &'static str,
    },
    /// It runs.
    Running {
        /// What others join with.
        invitation: String,
        /// Where it listens, as people say it.
        address: String,
        /// Who reaches it there.
        reach: Reach,
        /// Who may make an account.
        entry: Entry,
        /// Whether this profile has an account there.
        account: HasAccount,
    },
}

/// Who reaches a server on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Every computer on the networks of this one.
    #[default]
    Network,
    /// Programs on this computer.
    ThisComputer,
}

/// Who may make an account at a server on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Anyone.
    Anyone,
    /// Whoever has the invitation.
    Invited {
        /// How many accounts may be made by it.
        accounts: u32,
        /// For how many days it is good.
        days: u32,
    },
}

/// Whether the profile has an account on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HasAccount {
    /// It was signed in there.
    Yes,
    /// It never was.
    No,
}

/// What is typed on the first screen. Passwords are wiped by whoever takes them.
#[derive(Clone, Default)]
pub struct SignInForm {
    /// Address or invitation.
    pub server: String,
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The password again.
    pub again: String,
    /// Whether to stay signed in.
    pub keep: bool,
    /// Whether the password can be read.
    pub reveal: Reveal,
    /// Whether a new page waits to give the keyboard to its first control.
    pub focus: Focus,
    /// The port to host on.
    pub port: String,
    /// Whether the hosted server makes accounts.
    pub open: bool,
    /// Who reaches the hosted server.
    pub reach: Reach,
    /// What is wrong with what is typed, as it is typed.
    pub wrong: Wrong,
}

/// What is wrong with what is typed, in words for below the field; empty for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    /// With the name.
    pub name: String,
    /// With the password.
    pub password: String,
}

impl Wrong {
    const fn is_nothing(&self) -> bool {
        self.name.is_empty() && self.password.is_empty()
    }
}

/// Whether a page that has come up gives the keyboard away.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Focus {
    /// It did.
    #[default]
    Taken,
    /// To its first empty field, else to its main button.
    Wanted,
    /// To its main button, at this time of the window's clock in seconds.
    At(f64),
}

impl SignInForm {
    /// Gives the keyboard to a control, if the page waits for that.
    fn claim(&mut self, control: &Response) {
        if self.focus == Focus::Wanted {
            control.request_focus();
            self.focus = Focus::Taken;
        }
    }

    /// Gives the keyboard to a control after [`DECISION_DELAY`], so that an Enter meant for the page before does not
    /// press it.
    fn claim_later(&mut self, ui: &Ui, control: &Response) {
        let now = ui.input(|input| input.time);
        match self.focus {
            Focus::Taken => {}
            Focus::Wanted => {
                self.focus = Focus::At(now + DECISION_DELAY.as_secs_f64());
                ui.ctx().request_repaint_after(DECISION_DELAY);
            }
            Focus::At(time) if now < time => ui.ctx().request_repaint_after(DECISION_DELAY),
            Focus::At(_) => {
                self.focus = Focus::Taken;
                control.request_focus();
            }
        }
    }
}

/// How long a page that asks for a decision is seen before Enter decides.
const DECISION_DELAY: std::time::Duration = std::time::Duration::from_millis(700);

impl std::fmt::Debug for SignInForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInForm").field("server", &self.server).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What the user asked for on the first screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInAction {
    /// Choose a known server, or another one.
    Choose(Option<usize>),
    /// Forget a known server.
    Forget(usize),
    /// Sign in with what is typed.
    SignIn,
    /// Make the account that is typed.
    CreateAccount,
    /// Show the page for a new account.
    ShowCreate,
    /// Back to the form.
    Back,
    /// Stop connecting.
    Cancel,
    /// The key is the server's.
    Trust,
    /// The key is not, or nobody knows.
    DoNotConnect,
    /// Pin the new key in place of the old.
    TrustNewKey,
    /// End the session elsewhere and sign in here.
    TakeOver,
    /// Move the damaged history away and sign in again.
    BeginAnew,
    /// Show the page of the server on this computer.
    ShowHost,
    /// Start it.
    StartHost,
    /// Stop it.
    StopHost,
    /// Copy words.
    Copy(String),
}

/// Height of the dialog.
const HEIGHT: f32 = 564.0;
/// Width of the servers.
const SERVERS: f32 = 300.0;
/// Room around the form.
const FORM_PAD: f32 = 33.0;

/// Draws the first screen over `rect`.
pub fn show(ui: &mut Ui, rect: Rect, state: &SignIn, form: &mut SignInForm) -> Vec<SignInAction> {
    let mut actions = Vec::new();
    let colours = palette(ui);
    fill(ui.painter(), rect, 0.0, colours.bg_side);
    let narrow = rect.width() < region::LOGIN_WIDTH;
    let dialog = if narrow {
        rect
    } else {
        let size = Vec2::new(region::LOGIN_WIDTH, HEIGHT.min(rect.height()));
        Rect::from_center_size(rect.center(), size)
    };
    if !narrow {
        let shade = shadow::DIALOG.of(colours).as_shape(dialog, radius::DIALOG);
        ui.painter().add(shade);
    }
    let round = if narrow { 0.0 } else { radius::DIALOG };
    fill(ui.painter(), dialog, round, colours.bg_side);
    let builder = UiBuilder::new().max_rect(dialog).id_salt("sign in").accessibility_role(Role::Form);
    ui.scope_builder(builder, |ui| {
        let right = if narrow {
            dialog
        } else {
            let (left, right) = dialog.split_left_right_at_x(dialog.left() + SERVERS);
            servers::show(ui, left, state, &mut actions);
            hairline_right(ui.painter(), left, colours.line);
            right
        };
        paint_form_ground(ui, right, narrow);
        let inner = if narrow { right.shrink(space::X6) } else { right.shrink2(Vec2::new(FORM_PAD, 28.0)) };
        let layout = Layout::top_down(Align::Min);
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        if narrow {
            servers::menu(&mut child, state, &mut actions);
        }
        let room = Rect::from_min_max(child.cursor().min, inner.max);
        scrolled(&mut child, room, |ui| {
            page(ui, state, form, &mut actions);
            if narrow && state.page == Page::Form && state.servers.is_empty() {
                servers::offer(ui, &mut actions);
            }
        });
    });
    if !narrow {
        rule(ui.painter(), dialog, radius::DIALOG, stroke::HAIRLINE, colours.line);
    }
    actions
}

/// Draws a page into `room`; what is below its end in a low window is scrolled to.
fn scrolled(ui: &mut Ui, room: Rect, content: impl FnOnce(&mut Ui)) {
    // The ring around a button reaches beyond it.
    let around = Rect::from_min_max(room.min - Vec2::splat(RING), room.max + Vec2::splat(RING));
    let mut child = ui.new_child(UiBuilder::new().max_rect(around).id_salt("page"));
    let scroll = eframe::egui::ScrollArea::vertical().id_salt("page").auto_shrink([false, false]);
    scroll.show(&mut child, |ui| {
        let place = Rect::from_min_size(ui.max_rect().min + Vec2::splat(RING), room.size());
        let mut body = ui.new_child(UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Min)));
        content(&mut body);
        ui.allocate_rect(body.min_rect().expand(RING), eframe::egui::Sense::hover());
    });
}

/// Room for the ring of whatever has the keyboard at the edge of a page.
const RING: f32 = 6.0;

fn paint_form_ground(ui: &Ui, rect: Rect, narrow: bool) {
    let round = eframe::egui::CornerRadius::from(radius::DIALOG);
    let corners =
        if narrow { eframe::egui::CornerRadius::ZERO } else { eframe::egui::CornerRadius { nw: 0, sw: 0, ..round } };
    ui.painter().rect_filled(rect, corners, palette(ui).bg_chat);
}

fn page(ui: &mut Ui, state: &SignIn, form: &mut SignInForm, actions: &mut Vec<SignInAction>) {
    match &state.page {
        Page::Form => form::sign_in(ui, "", state, form, actions),
        Page::Connecting => form::connecting(ui, state, form, actions),
        Page::Trust { fingerprint } => key::trust(ui, fingerprint, form, actions),
        Page::KeyChanged { pinned, pinned_on, shown } => key::changed(ui, (pinned, pinned_on), shown, form, actions),
        Page::WrongPassword { tries_left, pause } => {
            form::wrong_password(ui, (*tries_left, *pause), state, form, actions);
        }
        Page::Locked { left } => form::locked(ui, *left, state, form),
        Page::NotReached { host, cause } => form::not_reached(ui, host, cause, form, actions),
        Page::HistoryUnusable { what, meaning, anew } => refused::history_unusable(ui, what, meaning, *anew, actions),
        Page::AlreadyOnline => form::already_online(ui, form, actions),
        Page::UnknownName { registration, like } => {
            form::unknown_name(ui, *registration, like.as_deref(), form, actions);
        }
        Page::CreateAccount { trouble } => form::create_account(ui, trouble, state, form, actions),
        Page::Refused { what, meaning } => refused::refused(ui, what, meaning, form, actions),
        Page::Host(hosting) => host::show(ui, hosting, form, actions),
    }
}
