//! Files for one person: chosen, dropped or pasted, and what is asked before they go.

use std::path::{Path, PathBuf};

use eframe::egui::{ColorImage, Context, Event, Rect, TextureHandle, TextureOptions, Ui, Vec2};
use lucide_icons::Icon;
use whoelse_client::now;
use whoelse_model::{Action, Chat, ChatId, FileOrder, TransferId, TransferState};
use whoelse_proto::UserName;

use super::downloads::into_folder;
use super::overlay::Overlay;
use super::taking::Taking;
use super::{App, cards, entries, words};
use crate::composer::ComposerAction;
use crate::kit::CardAction;
use crate::platform::picker::{Pick, Picked, Picker};
use crate::platform::picture;
use crate::platform::window::takes_drops;
use crate::timeline::Key;
use crate::view::send_file::{self, DropWay, DropWords, PathAction, PathForm, SendAction, SendForm, drop_overlay};
use crate::view::{Panel, PrivateVerb};

/// The widest preview of a pasted image, and the highest, in points.
const PREVIEW: Vec2 = Vec2::new(412.0, 260.0);

/// Days after which an image that was pasted is removed: long enough for whoever was to get it.
const PASTED_DAYS: u64 = 30;

/// What files are chosen for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To send them to somebody.
    Send(UserName),
    /// To share them with everybody.
    Share,
    /// The folder for one file that is fetched.
    FetchInto(FileOrder),
    /// The folder for all of them, from here on.
    DownloadFolder,
}

/// What is asked before files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    to: UserName,
    files: Vec<PathBuf>,
    /// The chat and the words that become a file: they go back there if it is not sent.
    words: Option<(ChatId, String)>,
}

/// Choosing and sending.
pub(super) struct Sending {
    picker: Picker,
    purpose: Option<Purpose>,
    /// The image that was pasted last.
    pasted: Option<TextureHandle>,
    pub(super) taking: Taking,
}

impl Sending {
    pub(super) fn new(picker: Picker) -> Self {
        Self { picker, purpose: None, pasted: None, taking: Taking::default() }
    }
}

impl App {
    /// Lets the person choose files for whom a chat is with.
    pub(super) fn attach(&mut self, chat: &ChatId) {
        if let ChatId::Direct(name) | ChatId::Private(name) = chat {
            self.choose(Purpose::Send(name.clone()));
        }
    }

    /// Opens the system's dialog, or asks for a path where there is none.
    pub(super) fn choose(&mut self, purpose: Purpose) {
        if !self.desktop.has_dialogs() {
            self.overlay = Some(Overlay::Path(purpose, String::new(), String::new()));
            return;
        }
        let (pick, title) = match &purpose {
            Purpose::Send(name) => (Pick::Files, format!("Send to {name}")),
            Purpose::Share => (Pick::Files, "Share with everybody".to_owned()),
            Purpose::FetchInto(_) => (Pick::Folder, "Save into".to_owned()),
            Purpose::DownloadFolder => (Pick::Folder, "Download folder".to_owned()),
        };
        self.sending.purpose = Some(purpose);
        self.sending.picker.ask(pick, &title);
    }

    /// Takes in what was chosen, dropped and pasted.
    pub(super) fn take_files(&mut self, ctx: &Context) {
        if let Some(picked) = self.sending.picker.take()
            && let Some(purpose) = self.sending.purpose.take()
        {
            match picked {
                Picked::Paths(paths) => self.chosen(&purpose, paths),
                Picked::NoDialog => self.overlay = Some(Overlay::Path(purpose, String::new(), String::new())),
            }
        }
        if !self.is_main_shown() {
            return;
        }
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_owned())
                .filter(|path| path.is_absolute())
                .collect()
        });
        if !dropped.is_empty()
            && let Ok(purpose) = self.drop_purpose()
        {
            self.chosen(&purpose, dropped);
        }
        let pasted = ctx.input(|input| {
            let image = |event: &Event| if let Event::PasteImage(image) = event { Some(image.clone()) } else { None };
            input.events.iter().rev().find_map(image)
        });
        if let Some(image) = pasted {
            self.paste(ctx, &image);
        }
    }

    /// What files that are dropped at this moment are for, or why they cannot be.
    fn drop_purpose(&self) -> Result<Purpose, &'static str> {
        match self.tabs.shown() {
            Some(super::tabs::Tab::Chat(ChatId::Direct(name) | ChatId::Private(name))) => {
                Ok(Purpose::Send(name.clone()))
            }
            Some(super::tabs::Tab::Panel(Panel::SharedFiles)) => Ok(Purpose::Share),
            Some(super::tabs::Tab::Chat(ChatId::Everyone)) => Err("To give a file to everyone, use Shared files."),
            Some(super::tabs::Tab::Panel(Panel::WhoWasOnline | Panel::Search)) | None => {
                Err("Open the chat with the person they are for.")
            }
        }
    }

    /// Covers the window while files are held over it.
    pub(super) fn show_drop(&self, ui: &Ui, rect: Rect) {
        if !ui.input(|input| input.raw.hovered_files.iter().any(|file| file.path.is_some())) {
            return;
        }
        let words = match self.drop_purpose() {
            Ok(Purpose::Send(name)) if self.model().privates().open(&name).is_some() => DropWords {
                strong: format!("Drop to send to {name}"),
                text: "Straight to their device. Never through the server.".to_owned(),
                icon: Icon::Lock,
                way: DropWay::Private,
            },
            Ok(Purpose::Send(name)) => DropWords {
                strong: format!("Drop to send to {name} privately"),
                text: "You ask for a private session first.".to_owned(),
                icon: Icon::Lock,
                way: DropWay::Private,
            },
            Ok(Purpose::Share | Purpose::FetchInto(_) | Purpose::DownloadFolder) => DropWords {
                strong: "Drop to share with everybody".to_owned(),
                text: "It stays on this computer until someone downloads it.".to_owned(),
                icon: Icon::FolderSync,
                way: DropWay::Shared,
            },
            Err(why) => DropWords {
                strong: "This cannot be dropped here".to_owned(),
                text: why.to_owned(),
                icon: Icon::Ban,
                way: DropWay::Nowhere,
            },
        };
        drop_overlay(ui, rect, &words);
    }

    fn chosen(&mut self, purpose: &Purpose, paths: Vec<PathBuf>) {
        match purpose {
            Purpose::FetchInto(order) => {
                if let Some(folder) = paths.first() {
                    self.order(into_folder(order.clone(), folder));
                }
            }
            Purpose::DownloadFolder => {
                if let Some(folder) = paths.into_iter().next() {
                    self.set_download_folder(Some(folder));
                }
            }
            Purpose::Send(name) => {
                let files = self.without_folders(paths);
                self.send_files(name, files);
            }
            Purpose::Share => {
                for path in self.without_folders(paths) {
                    self.order(FileOrder::Register { path });
                }
            }
        }
    }

    fn without_folders(&mut self, paths: Vec<PathBuf>) -> Vec<PathBuf> {
        let (files, others): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| path.is_file());
        if let Some(other) = others.first() {
            let name = other.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.tell(format!("{name} is not a file. To send a folder, pack it into a zip file."));
        }
        files
    }

    /// Sends within the session there is; without one, asks first.
    fn send_files(&mut self, to: &UserName, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        if self.model().privates().open(to).is_some() {
            self.offer(to, files);
        } else {
            self.overlay = Some(Overlay::Send(Parcel { to: to.clone(), files, words: None }));
        }
    }

    fn offer(&mut self, to: &UserName, files: Vec<PathBuf>) {
        for path in files {
            self.order(FileOrder::Send { to: to.clone(), path });
        }
        self.open_chat(&ChatId::Private(to.clone()));
    }

    pub(super) fn order(&mut self, order: FileOrder) {
        self.engine.act(Action::Files(order));
    }

    /// Asks before files go to somebody with whom no session is open, or before a pasted image goes.
    pub(super) fn ask_to_send(&mut self, ctx: &Context, parcel: Parcel) {
        let Parcel { to, files, .. } = &parcel;
        let open = self.model().privates().open(to).is_some();
        let online = self.model().contacts().get(to).is_some_and(whoelse_model::Contact::is_online);
        let (title, text, yes) = if open {
            (format!("Send to {to}"), format!("Straight to {to}’s device. Never through the server."), "Send")
        } else if online {
            let text = format!(
                "Files go straight from your computer to {to}’s, never through the server. {to} is asked for a private \
                 session first, and then for each file."
            );
            (format!("Send to {to} privately"), text, "Ask and send")
        } else {
            let text = format!(
                "{to} is not online. The file waits on this computer, and is offered when the two of you have a \
                 private session."
            );
            (format!("Send to {to} later"), text, "Keep for later")
        };
        let listed: Vec<(String, String)> = files.iter().map(|path| listed(path)).collect();
        let picture = self.sending.pasted.as_ref().map(|texture| (texture.id(), fitted(texture.size_vec2())));
        let form = SendForm { title: &title, text: &text, yes, files: &listed, picture };
        match send_file::ask(ctx, &form) {
            None => {}
            Some(SendAction::Send) => self.send_parcel(parcel),
            Some(SendAction::Close) => {
                self.overlay = None;
                self.sending.pasted = None;
                if let Some((chat, words)) = parcel.words {
                    self.write_back(&chat, &words);
                }
            }
        }
    }

    fn send_parcel(&mut self, parcel: Parcel) {
        self.overlay = None;
        self.sending.pasted = None;
        let Parcel { to, files, words: _ } = parcel;
        let online = self.model().contacts().get(&to).is_some_and(whoelse_model::Contact::is_online);
        self.offer(&to, files);
        if online {
            self.do_private(PrivateVerb::Start, to);
        }
    }

    /// An image from the clipboard: it becomes a file of this profile, and is shown before it goes.
    fn paste(&mut self, ctx: &Context, image: &ColorImage) {
        let Ok(Purpose::Send(to)) = self.drop_purpose() else {
            self.tell("An image goes to one person. Open the chat with them first.".to_owned());
            return;
        };
        match self.keep_pasted(image) {
            Ok(path) => {
                let texture = ctx.load_texture("pasted", image.clone(), TextureOptions::LINEAR);
                self.sending.pasted = Some(texture);
                self.overlay = Some(Overlay::Send(Parcel { to, files: vec![path], words: None }));
            }
            Err(cause) => self.tell(format!("The image cannot be sent: {cause}.")),
        }
    }

    fn keep_pasted(&self, image: &ColorImage) -> Result<PathBuf, String> {
        let bytes = picture::png(image).ok_or("it is no picture")?;
        self.keep_as_file("Image", "png", &bytes)
    }

    /// Puts what was pasted into a file of this profile.
    fn keep_as_file(&self, name: &str, extension: &str, bytes: &[u8]) -> Result<PathBuf, String> {
        let folder = self.profile.folder().join("pasted");
        std::fs::create_dir_all(&folder).map_err(|error| whoelse_plain::file(&error))?;
        sweep(&folder);
        let at = self.clock.at(now()).strftime("%Y-%m-%d %H.%M.%S");
        let path = folder.join(format!("{name} {at}.{extension}"));
        std::fs::write(&path, bytes).map_err(|error| whoelse_plain::file(&error))?;
        Ok(path)
    }

    /// A text that is too long for a message: it becomes a file, and is asked about as one.
    pub(super) fn send_as_file(&mut self, chat: &ChatId, text: String) {
        let (ChatId::Direct(to) | ChatId::Private(to)) = chat else { return };
        match self.keep_as_file("Text", "txt", text.as_bytes()) {
            Ok(path) => {
                let parcel = Parcel { to: to.clone(), files: vec![path], words: Some((chat.clone(), text)) };
                self.overlay = Some(Overlay::Send(parcel));
            }
            Err(cause) => {
                self.tell(format!("The text cannot become a file: {cause}."));
                self.write_back(chat, &text);
            }
        }
    }

    fn write_back(&mut self, chat: &ChatId, words: &str) {
        if let Some(open) = self.chats.get_mut(chat) {
            open.put_back(words);
            self.in_composer(chat, ComposerAction::Changed);
        }
    }

    /// Asks for a path, where the system has no dialog.
    pub(super) fn ask_for_path(&mut self, ctx: &Context, purpose: Purpose, path: &str, wrong: &str) {
        let (title, field, yes) = match &purpose {
            Purpose::Send(name) => (format!("Send a file to {name}"), "File", "Send"),
            Purpose::Share => ("Share a file".to_owned(), "File", "Share"),
            Purpose::FetchInto(_) => ("Save into".to_owned(), "Folder", "Save"),
            Purpose::DownloadFolder => ("Download folder".to_owned(), "Folder", "Use"),
        };
        match send_file::ask_path(ctx, &PathForm { title: &title, field, path, wrong, yes, takes_drops: takes_drops() })
        {
            None => {}
            Some(PathAction::Type(path)) => self.overlay = Some(Overlay::Path(purpose, path, String::new())),
            Some(PathAction::Close) => self.overlay = None,
            Some(PathAction::Take) => {
                let chosen = at_home(path.trim());
                let fits = match &purpose {
                    Purpose::Send(_) | Purpose::Share => chosen.is_absolute() && chosen.is_file(),
                    Purpose::FetchInto(_) | Purpose::DownloadFolder => chosen.is_absolute() && chosen.is_dir(),
                };
                if fits {
                    self.overlay = None;
                    self.chosen(&purpose, vec![chosen]);
                } else {
                    let wrong = format!("There is no {} at this path.", field.to_lowercase());
                    self.overlay = Some(Overlay::Path(purpose, path.to_owned(), wrong));
                }
            }
        }
    }

    /// Something was done with a file in a chat.
    pub(super) fn in_file(&mut self, chat: &ChatId, key: Key, action: CardAction) {
        let id = self.model().chats().get(chat).and_then(|chat: &Chat| entries::file(chat, key));
        if let Some(id) = id {
            self.with_file(id, action);
        }
    }

    /// Does something with a file that is on its way, or there.
    pub(super) fn with_file(&mut self, id: TransferId, action: CardAction) {
        match action {
            CardAction::Take => self.fetch(FileOrder::Take { id, folder: None }),
            CardAction::TakeInto => self.choose(Purpose::FetchInto(FileOrder::Take { id, folder: None })),
            CardAction::Refuse => self.order(FileOrder::Refuse { id }),
            CardAction::Pause => self.order(FileOrder::Pause { id }),
            CardAction::Resume => self.order(FileOrder::Resume { id }),
            CardAction::Cancel => self.order(FileOrder::Cancel { id }),
            CardAction::Open | CardAction::ShowInFolder => self.open_file(id, action),
        }
    }

    fn open_file(&mut self, id: TransferId, action: CardAction) {
        let Some(TransferState::Done { path }) = self.model().transfers().get(id).map(|view| &view.transfer.state)
        else {
            return;
        };
        let path = path.clone();
        let opened = match (action, path.parent()) {
            (CardAction::ShowInFolder, Some(folder)) => self.desktop.open_folder(folder),
            _ => self.desktop.open_file(&path),
        };
        if let Err(error) = opened {
            self.tell_path(words::not_opened(&path, &error), &path);
        }
    }
}

/// A path as typed; `~` stands for the person's folder.
fn at_home(typed: &str) -> PathBuf {
    let home = directories::BaseDirs::new().map(|known| known.home_dir().to_owned());
    in_home(typed, home.as_deref())
}

fn in_home(typed: &str, home: Option<&Path>) -> PathBuf {
    let rest = if typed == "~" { Some("") } else { typed.strip_prefix("~/") };
    match (rest, home) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_) | None, _) => PathBuf::from(typed),
    }
}

/// Name and size of a file.
fn listed(path: &Path) -> (String, String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let size =
        std::fs::metadata(path).map_or_else(|error| whoelse_plain::file(&error), |known| cards::bytes(known.len()));
    (name, size)
}

/// The size of a preview: the whole image, no larger than it is.
fn fitted(pixels: Vec2) -> Vec2 {
    let scale = (PREVIEW.x / pixels.x.max(1.0)).min(PREVIEW.y / pixels.y.max(1.0)).min(1.0);
    (pixels * scale).max(Vec2::splat(1.0)).round()
}

/// Removes images that were pasted long ago.
fn sweep(folder: &Path) {
    let long = std::time::Duration::from_secs(PASTED_DAYS * 24 * 60 * 60);
    let Ok(files) = std::fs::read_dir(folder) else { return };
    for file in files.flatten() {
        let age = file.metadata().and_then(|known| known.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > long) {
            // What cannot be removed is tried again with the next image.
            let _ = std::fs::remove_file(file.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_begin_at_the_folder_of_the_person() {
        let home = Some(Path::new("/home/anna"));
        assert_eq!(in_home("~/notes/a.txt", home), Path::new("/home/anna/notes/a.txt"));
        assert_eq!(in_home("~", home), Path::new("/home/anna"));
        assert_eq!(in_home("/srv/~/a.txt", home), Path::new("/srv/~/a.txt"));
        assert_eq!(in_home("~/a.txt", None), Path::new("~/a.txt"));
    }
}
