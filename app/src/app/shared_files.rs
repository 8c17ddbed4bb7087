//! The panel of shared files: what is searched for, and what the model knows as the view shows it.

use std::collections::BTreeMap;

use eframe::egui::Ui;
use whoelse_client::now;
use whoelse_model::{
    Action, FileOrder, FileSearch, Transfer, TransferId, TransferKind, TransferState, TransferView, Transfers,
};
use whoelse_proto::{Chunks, FileName, FileSize, FoundFile as Found, Timestamp, UserName};

use super::sending::Purpose;
use super::{App, cards};
use crate::kit::Take;
use crate::platform::window::takes_drops;
use crate::view::Center;
use crate::view::shared_files::{
    self as view, Cell, Download, FilesAction, FoundFile, FoundState, Holder, ShareRow, SharedFiles, SourceRow,
};

/// Milliseconds over which the speed of a source is taken.
const SPEED_SPAN_MS: u64 = 1_500;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct FilesPanel {
    state: SharedFiles,
    made: Option<(u64, bool)>,
    /// Since when the session lasts for which all that is shared was asked for.
    listed_in: Option<Timestamp>,
    speeds: BTreeMap<(TransferId, UserName), Speed>,
}

/// How fast somebody gives.
#[derive(Debug)]
struct Speed {
    since: Timestamp,
    bytes: u64,
    a_second: u64,
}

impl App {
    /// Draws the panel.
    pub(super) fn show_files(&mut self, ui: &mut Ui, center: Center) {
        self.list_files();
        self.sync_files();
        self.files.state.takes_drops = takes_drops();
        let actions = view::show(ui, center, &self.files.state);
        self.files.state.take = Take::Nothing;
        for action in actions {
            self.in_files(action);
        }
    }

    /// Something was done in the panel.
    pub(super) fn in_files(&mut self, action: FilesAction) {
        match action {
            FilesAction::Type { search, chunks } => {
                self.files.state.wrong.clear();
                (self.files.state.search, self.files.state.chunks) = (search, chunks);
            }
            FilesAction::Back => self.leave_tab(),
            FilesAction::Search => self.search_files(),
            FilesAction::Download(index) => self.download(index),
            FilesAction::Card(id, action) => self.with_file(id, action),
            FilesAction::Share => self.choose(Purpose::Share),
            FilesAction::Unshare(name) => {
                if let Ok(name) = FileName::new(&name) {
                    self.order(FileOrder::Unregister { name });
                }
            }
            FilesAction::OpenFolder => self.open_download_folder(),
        }
    }

    /// The panel begins with all that is shared: it asks once in a session.
    fn list_files(&mut self) {
        let session = self.model().session();
        let since = session.since().filter(|_| session.is_online());
        if since.is_some() && self.files.listed_in != since {
            self.files.listed_in = since;
            self.search_files();
        }
    }

    fn search_files(&mut self) {
        let state = &mut self.files.state;
        let part = match FileName::new(state.search.trim()) {
            Ok(name) => Some(name),
            Err(_) if state.search.trim().is_empty() => None,
            Err(error) => {
                state.wrong = cards::sentence(&error.to_string());
                return;
            }
        };
        let any_of = match chunks(&state.chunks) {
            Ok(any_of) => any_of,
            Err(wrong) => {
                state.wrong = wrong.to_owned();
                return;
            }
        };
        state.searched = part.as_ref().map_or_else(String::new, ToString::to_string);
        self.engine.act(Action::SearchFiles(FileSearch::listed(part).with_chunks(any_of)));
    }

    fn download(&mut self, index: usize) {
        let found = self.model().transfers().found().and_then(|found| found.get(index));
        if let Some(file) = found.map(|found| found.file.clone()) {
            self.fetch(FileOrder::Download { name: file.name, root: Some(file.root), folder: None });
        }
    }

    /// Makes the panel anew where the model has changed.
    fn sync_files(&mut self) {
        let transfers = self.engine.model().transfers();
        let made = (transfers.revision(), transfers.is_searching());
        if self.files.made == Some(made) {
            return;
        }
        self.files.made = Some(made);
        self.files.take_speeds(transfers, now());
        let FilesPanel { state, speeds, .. } = &mut self.files;
        state.found = match transfers.found() {
            _ if transfers.is_searching() => view::Found::Waiting,
            None => view::Found::NotAsked,
            Some(found) => view::Found::Files(found_files(found, transfers)),
        };
        state.shares = transfers.shares().iter().map(share_row).collect();
        let bytes = transfers.shares().iter().map(|share| share.file.size.bytes()).fold(0, u64::saturating_add);
        state.shares_words = match state.shares.len() {
            0 => String::new(),
            1 => format!("1 file, {}", cards::bytes(bytes)),
            many => format!("{many} files, {}", cards::bytes(bytes)),
        };
        let downloading = |view: &&TransferView| view.transfer.kind == TransferKind::Downloading;
        state.downloads = transfers.iter().rev().filter(downloading).map(|view| download(view, speeds)).collect();
        let private = |view: &&TransferView| !downloading(view) && !view.transfer.state.is_over();
        state.private = transfers.iter().rev().filter(private).map(|view| download(view, speeds)).collect();
        let all = transfers.iter().filter(downloading).map(|view| view.speed).fold(0, u64::saturating_add);
        state.speed = if all == 0 { String::new() } else { format!("{}/s", cards::bytes(all)) };
    }
}

impl FilesPanel {
    /// The field of the search takes the keyboard as it is drawn.
    pub(super) const fn take_keyboard(&mut self) {
        self.state.take = Take::Keyboard;
    }

    /// Follows how fast each source gives.
    fn take_speeds(&mut self, transfers: &Transfers, now: Timestamp) {
        let running = |view: &&TransferView| view.transfer.state == TransferState::Running;
        let mut known = std::mem::take(&mut self.speeds);
        for view in transfers.iter().filter(running) {
            for source in &view.transfer.sources {
                let key = (view.transfer.id, source.name.clone());
                let mut speed = known.remove(&key).unwrap_or(Speed { since: now, bytes: source.bytes, a_second: 0 });
                let span = now.millis().saturating_sub(speed.since.millis());
                if span >= SPEED_SPAN_MS {
                    let a_second = source.bytes.saturating_sub(speed.bytes).saturating_mul(1000) / span;
                    speed = Speed { since: now, bytes: source.bytes, a_second };
                }
                self.speeds.insert(key, speed);
            }
        }
    }
}

/// The chunks that are typed; none is any of them.
fn chunks(typed: &str) -> Result<Option<Chunks>, &'static str> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let list: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    whoelse_model::command::chunks(&list).map(Some).ok_or("Type numbers from 1 to 10, such as 1,4,7-9.")
}

/// What was found, by name; of one name, that which most hold first.
fn found_files(found: &[Found], transfers: &Transfers) -> Vec<FoundFile> {
    let files = found.iter().enumerate().map(|(place, found)| found_file(place, found, transfers));
    let mut files: Vec<FoundFile> = files.collect();
    files.sort_by_cached_key(|file| (file.name.to_lowercase(), std::cmp::Reverse(file.holders.len())));
    files
}

fn found_file(place: usize, found: &Found, transfers: &Transfers) -> FoundFile {
    let file = &found.file;
    let count = usize::from(file.size.chunks());
    let root = file.root.to_string();
    let short: String = root.chars().take(8).collect();
    let (upper, lower) = short.split_at(short.len().min(4));
    let people = match found.holders.len() {
        1 => "1 person online has it".to_owned(),
        many => format!("{many} people online have it"),
    };
    let under_way = |view: &TransferView| {
        let transfer = &view.transfer;
        let same = transfer.name == file.name && transfer.size == file.size.bytes();
        same && transfer.kind == TransferKind::Downloading && !transfer.state.is_over()
    };
    let state = if transfers
        .shares()
        .iter()
        .any(|share| share.file.root == file.root && share.chunks == file.size.all_chunks())
    {
        FoundState::Here
    } else if transfers.iter().any(under_way) {
        FoundState::Downloading
    } else {
        FoundState::Free
    };
    let holders = found.holders.iter().map(|holder| Holder {
        name: holder.name.to_string(),
        chunks: cells(count).map(|chunk| holder.chunks.contains(chunk)).collect(),
    });
    FoundFile {
        name: file.name.as_str().to_owned(),
        facts: format!("{}, {upper} {lower}, {people}", cards::bytes(file.size.bytes())),
        holders: holders.collect(),
        state,
        place,
    }
}

/// The numbers of the chunks of a file.
fn cells(count: usize) -> impl Iterator<Item = u8> {
    (1_u8..).take(count)
}

fn share_row(share: &whoelse_model::Share) -> ShareRow {
    let all = share.file.size.chunks();
    let here = share.chunks.iter().count();
    let extent = if here == usize::from(all) { "Complete".to_owned() } else { format!("{here} of {all} parts") };
    ShareRow { name: share.file.name.as_str().to_owned(), size: cards::bytes(share.file.size.bytes()), extent }
}

fn download(view: &TransferView, speeds: &BTreeMap<(TransferId, UserName), Speed>) -> Download {
    let transfer = &view.transfer;
    let card = cards::card(view, None);
    let shows = !transfer.state.is_over() && transfer.kind == TransferKind::Downloading;
    let size = FileSize::try_from(transfer.size).ok();
    let count = size.map_or(0, |size| usize::from(size.chunks()));
    let chunks = cells(if shows { count } else { 0 }).map(|chunk| cell(transfer, size, chunk)).collect();
    let sources = transfer.sources.iter().filter(|source| shows || source.dropped.is_some()).map(|source| {
        let key = (transfer.id, source.name.clone());
        let speed = speeds.get(&key).map_or(0, |speed| speed.a_second);
        let asked = source.asked.iter().next();
        let words = match (&source.dropped, asked) {
            (Some(why), _) => cards::sentence(why),
            (None, Some(chunk)) => format!("part {chunk}"),
            (None, None) => "waiting".to_owned(),
        };
        let part = asked.map_or(0.0, |chunk| arrived(transfer, size, chunk));
        SourceRow {
            name: source.name.to_string(),
            words,
            part: source.dropped.is_none().then_some(part),
            speed: if speed == 0 { String::new() } else { format!("{}/s", cards::bytes(speed)) },
        }
    });
    Download { id: transfer.id, card, chunks, sources: sources.collect() }
}

fn cell(transfer: &Transfer, size: Option<FileSize>, chunk: u8) -> Cell {
    let part = if transfer.chunks.contains(chunk) { 1.0 } else { arrived(transfer, size, chunk) };
    let arrival = transfer.arrivals.iter().find(|arrival| arrival.chunk == chunk);
    let giver = arrival.and_then(|arrival| arrival.givers.first());
    let letter = giver.and_then(|name| name.as_str().chars().next()).map(|letter| letter.to_uppercase().to_string());
    Cell { part, giver: letter.unwrap_or_default() }
}

/// A chunk is whole once it is verified, and shown so no earlier.
const ALMOST: f32 = 0.99;

/// How much of a chunk is there, from 0 to less than 1.
fn arrived(transfer: &Transfer, size: Option<FileSize>, chunk: u8) -> f32 {
    let Some(size) = size else { return 0.0 };
    let bytes = transfer.arrivals.iter().find(|arrival| arrival.chunk == chunk).map_or(0, |arrival| arrival.bytes);
    cards::part_of(bytes, size.chunk_bytes()).min(ALMOST)
}
