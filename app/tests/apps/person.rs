//! Somebody at a window of their own.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use eframe::egui::accesskit::{Action, Role};
use eframe::egui::{Key, Modifiers, OutputCommand, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use jiff::tz::TimeZone;
use tempfile::TempDir;
use whoelse::app::{App, Clock, Desktop, DesktopEvent, InOrder, Start};
use whoelse::platform;
use whoelse::platform::notify::{Note, SessionNote};
use whoelse::platform::settings::{Account, Privacy, Settings};
use whoelse::platform::tray::Face;
use whoelse_client::{Location, Profile};
use whoelse_model::ChatId;
use whoelse_proto::Password;

use crate::house::{House, password};

/// No step of these tests may take longer, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(45);

/// Rings when any window of a test wants to be drawn.
pub(crate) struct Bell {
    pull: Sender<()>,
    heard: Receiver<()>,
}

impl Bell {
    pub(crate) fn new() -> Rc<Self> {
        let (pull, heard) = mpsc::channel();
        Rc::new(Self { pull, heard })
    }

    /// Waits until it rings; false if it is too late.
    fn wait(&self, deadline: Instant) -> bool {
        let rang = self.heard.recv_timeout(deadline.saturating_duration_since(Instant::now())).is_ok();
        while self.heard.try_recv().is_ok() {}
        rang
    }
}

/// News is drawn within this time; what asks for a later frame is a countdown, or the caret.
const SOON: Duration = Duration::from_millis(20);

/// A desktop that notes what it is told, and does nothing.
#[derive(Debug)]
struct Noting(Rc<RefCell<Vec<Note>>>);

impl Desktop for Noting {
    fn notify(&mut self, note: Note, _: Privacy) {
        self.0.borrow_mut().push(note);
    }

    fn tell_session(&mut self, _: SessionNote) {}

    fn withdraw(&mut self, _: &ChatId) {}

    fn show(&mut self, _: Face) {}

    fn has_tray(&self) -> bool {
        false
    }

    fn has_dialogs(&self) -> bool {
        false
    }

    fn open_link(&mut self, _: &str) -> platform::Result<()> {
        Ok(())
    }

    fn open_file(&mut self, _: &Path) -> platform::Result<()> {
        Ok(())
    }

    fn open_folder(&mut self, _: &Path) -> platform::Result<()> {
        Ok(())
    }

    fn find_password(&mut self, _: Account) {}

    fn keep_password(&mut self, _: Account, _: Password) {}

    fn forget_password(&mut self, _: Account) {}

    fn events(&mut self) -> Vec<DesktopEvent> {
        Vec::new()
    }
}

/// A person with a window.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    notes: Rc<RefCell<Vec<Note>>>,
    window: Option<Harness<'static, Option<App>>>,
    bell: Rc<Bell>,
    folder: TempDir,
}

impl Person {
    /// Somebody whose window was never open.
    pub(crate) fn new(name: &'static str, bell: &Rc<Bell>) -> Self {
        let notes = Rc::default();
        Self { name, notes, window: None, bell: Rc::clone(bell), folder: tempfile::tempdir().unwrap() }
    }

    /// The same person at a computer where their window was never open.
    pub(crate) fn on_another_computer(&self) -> Self {
        Self::new(self.name, &self.bell)
    }

    /// Opens the window.
    pub(crate) fn open(&mut self) {
        let profile = Profile::open(&Location::Folder(self.folder.path().join("profile"))).unwrap();
        let settings = Settings::load(profile.folder()).settings;
        let start = Start {
            profile,
            settings,
            desktop: Box::new(Noting(Rc::clone(&self.notes))),
            clock: Clock::of(TimeZone::UTC),
            server: None,
            profile_name: self.name.to_owned(),
        };
        let mut start = Some(start);
        let ring = self.bell.pull.clone();
        let builder = Harness::builder().with_size(Vec2::new(1280.0, 800.0)).allow_missing_glyphs();
        let builder = builder.with_context_setup(move |ctx| {
            ctx.set_request_repaint_callback(move |wish| {
                if wish.delay <= SOON {
                    // At the end of a test nobody hears it.
                    let _ = ring.send(());
                }
            });
        });
        let window = builder.build_ui_state(
            move |ui, app: &mut Option<App>| {
                let Some(app) = app else {
                    *app = start.take().map(|start| App::new(ui.ctx(), start).unwrap());
                    return;
                };
                app.tick(ui.ctx());
                app.draw(ui);
            },
            None,
        );
        self.window = Some(window);
        self.look();
    }

    /// Closes the window as the person would.
    pub(crate) fn close(&mut self) {
        self.window = None;
    }

    pub(crate) fn window(&self) -> &Harness<'static, Option<App>> {
        self.window.as_ref().unwrap()
    }

    /// The app behind the window.
    pub(crate) fn app(&self) -> &App {
        self.window().state().as_ref().unwrap()
    }

    /// The texts of the notifications that were shown.
    pub(crate) fn notified(&self) -> Vec<String> {
        self.notes.borrow().iter().map(|note| note.text.clone()).collect()
    }

    /// Gives the window another size, in points, and draws points of so many pixels.
    pub(crate) fn resize(&mut self, size: Vec2, pixels_per_point: f32) {
        let window = self.window.as_mut().unwrap();
        // The size is taken in the frame behind that of the scale.
        window.set_pixels_per_point(pixels_per_point);
        window.step();
        window.set_size(size);
        window.step();
        window.step();
        window.step();
    }

    /// Draws the window twice: what was clicked is done in the first, and shown in the second. Where input waits for a
    /// later frame, until it was taken.
    pub(crate) fn look(&mut self) {
        let window = self.window.as_mut().unwrap();
        window.step();
        window.step();
        while InOrder::is_waiting(&window.ctx) {
            window.step();
            window.step();
        }
        assert_eq!(self.nameless(), Vec::<String>::new(), "controls of {} without a name", self.name);
    }

    /// What can be clicked or typed into, and does not say what it is.
    fn nameless(&self) -> Vec<String> {
        let nodes = self.window().root().children_recursive();
        let is_control = |node: &Node<'_>| {
            let node = node.accesskit_node().data().clone();
            let takes = |action| node.supports_action(action);
            // A window has its title, and a scroll bar is what it scrolls.
            let is_egui_s = matches!(node.role(), Role::Window | Role::ScrollBar);
            !is_egui_s && (takes(Action::Click) || takes(Action::Focus))
        };
        let unnamed = nodes.filter(|node| is_control(node) && label(node).trim().is_empty());
        unnamed.map(|node| format!("{:?} at {}", node.accesskit_node().role(), node.rect())).collect()
    }

    /// The names of the controls of a role that are on the screen.
    pub(crate) fn names(&self, role: Role) -> Vec<String> {
        self.window().query_all_by_role(role).map(|node| label(&node)).collect()
    }

    /// Looks until it is so, each time something rings.
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        until(&mut [self], what, |all| is_so(all[0]));
    }

    /// Draws the window once.
    pub(crate) fn step(&mut self) {
        self.window.as_mut().unwrap().step();
    }

    /// What the last frame put on the clipboard.
    pub(crate) fn copied(&self) -> Option<String> {
        let commands = &self.window().output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            OutputCommand::CopyImage(_) | OutputCommand::OpenUrl(_) | OutputCommand::TextSelectionSettled(_) => None,
        })
    }

    /// Whether something with this label is on the screen.
    pub(crate) fn sees(&self, label: &str) -> bool {
        self.window().query_all_by_label(label).next().is_some()
    }

    /// Whether something whose label holds this is on the screen.
    pub(crate) fn sees_part(&self, label: &str) -> bool {
        self.window().query_all_by_label_contains(label).next().is_some()
    }

    /// What everything on the screen is called that has a name.
    pub(crate) fn labels(&self) -> Vec<String> {
        let words = |node: Node<'_>| node.accesskit_node().label().or_else(|| node.accesskit_node().value());
        self.window().root().children_recursive().filter_map(words).collect()
    }

    /// The same in one text, for a test that fails.
    fn seen(&self) -> String {
        self.labels().join("\n")
    }

    /// Where the fields are that are written into in one line: what they hold is scrolled.
    pub(crate) fn places_of_fields(&self) -> Vec<eframe::egui::Rect> {
        self.window().query_all_by_role(Role::TextInput).map(|node| node.rect()).collect()
    }

    /// How many things on the screen have a label that holds this.
    pub(crate) fn count_of_part(&self, label: &str) -> usize {
        self.window().query_all_by_label_contains(label).count()
    }

    /// The rows of the dialog that is open.
    pub(crate) fn rows_of_dialog(&self) -> Vec<String> {
        let dialog = self.window().query_all_by_role(Role::Dialog).last().unwrap();
        let rows = dialog.children_recursive().filter(|node| node.accesskit_node().role() == Role::ListBoxOption);
        rows.map(|node| label(&node)).collect()
    }

    /// Where a field lies.
    pub(crate) fn place_of_field(&self, field: &str) -> eframe::egui::Rect {
        field_of(self.window(), field).rect()
    }

    /// Where the control lies that has the keyboard.
    pub(crate) fn place_of_focus(&self) -> Option<eframe::egui::Rect> {
        let mut nodes = self.window().root().children_recursive();
        nodes.find(|node| node.accesskit_node().is_focused()).map(|node| node.rect())
    }

    /// What the control that has the keyboard is called.
    pub(crate) fn focused(&self) -> Option<String> {
        let mut nodes = self.window().root().children_recursive();
        nodes.find(|node| node.accesskit_node().is_focused()).map(|node| label(&node))
    }

    /// What stands in a field of one line.
    pub(crate) fn value_of(&self, field: &str) -> String {
        let node = self.window().get_by_role_and_label(Role::TextInput, field);
        node.accesskit_node().value().unwrap_or_default()
    }

    /// Makes this computer a server, at a port of the system's choice.
    pub(crate) fn host(&mut self) {
        self.click("Host on this computer");
        self.write("Port", "0");
        self.click("Start the server");
        self.until("that it runs", |me| me.sees_part("Running at "));
    }

    /// Signs out, and waits for the first screen.
    pub(crate) fn app_signs_out(&mut self) {
        self.press(Modifiers::COMMAND, Key::K);
        self.type_on("sign out");
        self.press(Modifiers::NONE, Key::Enter);
        self.click("Yes, sign out");
        self.until("the first screen", |me| me.sees_part("You signed out."));
    }

    fn button<'a>(&'a self, name: &'a str) -> Node<'a> {
        self.window().get_by_role_and_label(Role::Button, name)
    }

    /// The buttons, fields and tabs with their places; where there is a dialog, those in it.
    pub(crate) fn controls(&self) -> Vec<(String, eframe::egui::Rect)> {
        let roles =
            [Role::Button, Role::TextInput, Role::MultilineTextInput, Role::Tab, Role::RadioButton, Role::Switch];
        let is_control = |node: &Node<'_>| roles.contains(&node.accesskit_node().role());
        let of = |nodes: Vec<Node<'_>>| nodes.iter().map(|node| (label(node), node.rect())).collect();
        let dialog = self.window().query_all_by_role(Role::Dialog).last();
        match dialog {
            Some(dialog) => of(dialog.children_recursive().filter(is_control).collect()),
            None => of(self.window().root().children_recursive().filter(is_control).collect()),
        }
    }

    /// Clicks a button.
    pub(crate) fn click(&mut self, name: &str) {
        self.button(name).click();
        self.look();
    }

    /// Clicks the button of this name that was drawn last: the one on top.
    pub(crate) fn click_last(&mut self, name: &str) {
        let buttons = self.window().query_all_by_role_and_label(Role::Button, name).collect::<Vec<_>>();
        buttons.last().unwrap_or_else(|| panic!("no button {name}\n{}", self.seen())).click();
        self.look();
    }

    /// Clicks the button of this name in the card of a file.
    pub(crate) fn click_in_card(&mut self, name: &str) {
        self.click_last(name);
    }

    /// Whether there is a field of this name.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.window().query_all_by_role(Role::MultilineTextInput).any(|node| label(&node) == name)
    }

    /// The first label that begins like this.
    pub(crate) fn label_with(&self, begins: &str) -> Option<String> {
        self.labels().into_iter().find(|label| label.starts_with(begins))
    }

    /// Types where the keyboard is.
    pub(crate) fn type_on(&mut self, text: &str) {
        self.event(eframe::egui::Event::Text(text.to_owned()));
        self.look();
    }

    /// Puts something into the input of the next frame.
    pub(crate) fn event(&mut self, event: eframe::egui::Event) {
        self.input(|input| input.events.push(event));
    }

    /// Changes the input of the next frame.
    pub(crate) fn input(&mut self, change: impl FnOnce(&mut eframe::egui::RawInput)) {
        change(self.window.as_mut().unwrap().input_mut());
    }

    /// Clicks a control of this role.
    pub(crate) fn click_as(&mut self, role: Role, name: &str) {
        self.window().get_by_role_and_label(role, name).click();
        self.look();
    }

    /// Clicks the row of a list whose words begin like this.
    pub(crate) fn click_row(&mut self, begins: &str) {
        let row = self.rows().find(|node| label(node).starts_with(begins));
        row.unwrap_or_else(|| panic!("no row of {begins}\n{}", self.seen())).click();
        self.look();
    }

    /// Whether there is a row whose words begin and go on like this.
    pub(crate) fn sees_row(&self, begins: &str, with: &str) -> bool {
        self.rows().any(|node| label(&node).starts_with(begins) && label(&node).contains(with))
    }

    fn rows(&self) -> impl Iterator<Item = Node<'_>> {
        self.window().query_all_by_role(Role::ListBoxOption)
    }

    /// Whether a message in the timeline reads like this.
    pub(crate) fn sees_message(&self, with: &[&str]) -> bool {
        let items = self.window().query_all_by_role(Role::ListItem).collect::<Vec<_>>();
        items.iter().any(|node| with.iter().all(|part| label(node).contains(part)))
    }

    /// The middle of the message that holds these words.
    pub(crate) fn place_of_message(&self, with: &str) -> eframe::egui::Pos2 {
        let items = self.window().query_all_by_role(Role::ListItem).collect::<Vec<_>>();
        let item = items.iter().find(|node| label(node).contains(with));
        item.unwrap_or_else(|| panic!("no message {with}\n{}", self.seen())).rect().center()
    }

    /// The middle of the row of a list whose words begin like this, if it is on the screen.
    pub(crate) fn place_of_row(&self, begins: &str) -> Option<eframe::egui::Pos2> {
        self.rows().find(|node| label(node).starts_with(begins)).map(|node| node.rect().center())
    }

    /// The middle of a tab, if it is on the screen.
    pub(crate) fn place_of_tab(&self, name: &str) -> Option<eframe::egui::Pos2> {
        let tab = self.window().query_all_by_role_and_label(Role::Tab, name).next();
        tab.map(|node| node.rect().center())
    }

    /// Where the first thing is whose label holds this.
    pub(crate) fn place_of_part(&self, label: &str) -> eframe::egui::Rect {
        let found = self.window().query_all_by_label_contains(label).next();
        found.unwrap_or_else(|| panic!("nothing reads {label}\n{}", self.seen())).rect()
    }

    /// Types into a field.
    pub(crate) fn write(&mut self, field: &str, text: &str) {
        let window = self.window.as_mut().unwrap();
        field_of(window, field).focus();
        window.step();
        field_of(window, field).type_text(text);
        self.look();
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.window().key_press_modifiers(modifiers, key);
        self.look();
    }

    /// Signs in at a server that this profile has not seen.
    pub(crate) fn sign_in(&mut self, house: &House) {
        self.write("Server", &house.address().to_string());
        self.write("Name", self.name);
        self.write("Password", &password(self.name));
        self.click("Sign in");
        self.until("the fingerprint", |me| me.sees("It matches, trust it"));
        self.click("It matches, trust it");
        self.until("the chats", |me| me.sees_row("Everyone", ""));
    }

    /// Writes a message in the chat that is open.
    pub(crate) fn say(&mut self, composer: &str, text: &str) {
        self.write(composer, text);
        self.press(Modifiers::NONE, Key::Enter);
    }
}

fn field_of<'a>(window: &'a Harness<'static, Option<App>>, name: &'a str) -> Node<'a> {
    let roles = [Role::TextInput, Role::PasswordInput, Role::MultilineTextInput];
    let fields = roles.into_iter().flat_map(|role| window.query_all_by_role(role).collect::<Vec<_>>());
    fields.into_iter().find(|node| label(node) == name).unwrap_or_else(|| panic!("no field {name}"))
}

fn label(node: &Node<'_>) -> String {
    node.accesskit_node().label().unwrap_or_default()
}

/// Everybody looks until it is so for one of them: what one sees may wait for another's window.
pub(crate) fn until(people: &mut [&mut Person], what: &str, is_so: impl Fn(&[&mut Person]) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    let bell = Rc::clone(&people[0].bell);
    loop {
        for person in people.iter_mut() {
            person.look();
        }
        if is_so(people) {
            return;
        }
        if !bell.wait(deadline) || Instant::now() > deadline {
            let seen = people.iter().map(|person| format!("{} sees:\n{}", person.name, person.seen()));
            panic!("it does not come about: {what}\n{}", seen.collect::<Vec<_>>().join("\n\n"));
        }
    }
}
