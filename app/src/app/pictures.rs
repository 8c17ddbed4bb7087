//! Pictures among the files of private sessions, decoded on a thread of their own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions, Vec2, vec2};
use whoelse_model::{TransferId, TransferKind, TransferState, Transfers};

use super::waker::Waker;
use crate::kit::{PICTURE_MAX, Picture};
use crate::platform::picture;

/// Pictures kept as textures; of the others, the oldest give way and are cards alone.
const MOST: usize = 64;
/// Files that wait to be looked into; what is beyond is asked again with the next frame.
const WAITING: usize = 8;
/// Pixels of a texture: twice the points of [`PICTURE_MAX`], sharp on screens of twice the usual density.
const MOST_PIXELS: (u32, u32) = (544, 400);

/// What became of a file that was looked into.
enum Seen {
    /// Its size in pixels, before it is decoded.
    Size(TransferId, Vec2),
    /// It is decoded.
    Decoded(TransferId, ColorImage),
    /// It cannot be shown.
    Not(TransferId),
}

/// What is known of a file.
#[derive(Default)]
struct Known {
    size: Option<Vec2>,
    texture: Option<TextureHandle>,
    revision: u64,
}

/// Pictures by their transfers.
pub(super) struct Pictures {
    known: BTreeMap<TransferId, Known>,
    work: Option<SyncSender<(TransferId, PathBuf)>>,
    seen: Option<Receiver<Seen>>,
    waker: Waker,
    /// The revision of the transfers at the last look.
    looked: u64,
}

impl std::fmt::Debug for Pictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pictures").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Pictures {
    pub(super) const fn new(waker: Waker) -> Self {
        Self { known: BTreeMap::new(), work: None, seen: None, waker, looked: 0 }
    }

    /// The picture of a transfer, as far as it is known.
    pub(super) fn of(&self, id: TransferId) -> Option<Picture> {
        let known = self.known.get(&id)?;
        Some(Picture { texture: known.texture.as_ref().map(TextureHandle::id), size: known.size? })
    }

    /// Changes with the picture of a transfer.
    pub(super) fn revision_of(&self, id: TransferId) -> u64 {
        self.known.get(&id).map_or(0, |known| known.revision)
    }

    /// Takes in what was decoded, and looks into files that have come.
    pub(super) fn follow(&mut self, ctx: &Context, transfers: &Transfers) {
        while let Some(seen) = self.seen.as_ref().and_then(|seen| seen.try_recv().ok()) {
            self.take(ctx, seen);
        }
        if self.looked == transfers.revision() {
            return;
        }
        self.looked = transfers.revision();
        let there = transfers.iter().rev().filter_map(|view| match (&view.transfer.state, &view.transfer.kind) {
            (TransferState::Done { path }, TransferKind::Sending { .. } | TransferKind::Receiving { .. }) => {
                picture::is_picture(view.transfer.name.as_str()).then_some((view.transfer.id, path))
            }
            _ => None,
        });
        // Older ones gave way, and would again.
        let new = there.take(MOST).filter(|(id, _)| !self.known.contains_key(id));
        let new: Vec<(TransferId, PathBuf)> = new.map(|(id, path)| (id, path.clone())).collect();
        for (id, path) in new {
            self.look_into(id, path);
        }
    }

    fn look_into(&mut self, id: TransferId, path: PathBuf) {
        if self.work.is_none() {
            self.start();
        }
        let Some(work) = &self.work else { return };
        match work.try_send((id, path)) {
            Ok(()) => _ = self.known.insert(id, Known::default()),
            // The next look asks again.
            Err(_) => self.looked = 0,
        }
        while self.known.len() > MOST {
            self.known.pop_first();
        }
    }

    /// Starts the thread. Without one there are no pictures, and cards show all the rest.
    fn start(&mut self) {
        let (work, taken) = mpsc::sync_channel::<(TransferId, PathBuf)>(WAITING);
        let (tell, seen) = mpsc::sync_channel(2 * WAITING);
        let waker = self.waker.clone();
        let run = move || {
            while let Ok((id, path)) = taken.recv() {
                let told = look(&path, |news| tell.send(news(id)).is_ok().then(|| waker.wake()));
                if told.is_none() {
                    return;
                }
            }
        };
        match thread::Builder::new().name("pictures".to_owned()).spawn(run) {
            Ok(_) => (self.work, self.seen) = (Some(work), Some(seen)),
            Err(error) => tracing::warn!("{error}: no pictures"),
        }
    }

    fn take(&mut self, ctx: &Context, seen: Seen) {
        let (Seen::Size(id, _) | Seen::Decoded(id, _) | Seen::Not(id)) = &seen;
        let Some(known) = self.known.get_mut(id) else { return };
        known.revision += 1;
        match seen {
            Seen::Size(_, size) => known.size = Some(shown_size(size)),
            Seen::Decoded(id, image) => {
                let name = format!("picture {}", id.get());
                known.texture = Some(ctx.load_texture(name, image, TextureOptions::LINEAR));
            }
            Seen::Not(_) => known.size = None,
        }
    }
}

/// Looks into a file and tells what there is; `None` once nobody listens.
fn look(path: &std::path::Path, tell: impl Fn(&dyn Fn(TransferId) -> Seen) -> Option<()>) -> Option<()> {
    let Some((width, height)) = picture::size(path) else { return tell(&|id| Seen::Not(id)) };
    tell(&|id| Seen::Size(id, vec2(width as f32, height as f32)))?;
    let (width, height) = MOST_PIXELS;
    match picture::small(path, width, height) {
        Some(image) => tell(&|id| Seen::Decoded(id, image.clone())),
        None => tell(&|id| Seen::Not(id)),
    }
}

/// The size in points at which a picture of this many pixels is shown: no larger than it is, and no larger than fits.
fn shown_size(pixels: Vec2) -> Vec2 {
    let scale = (PICTURE_MAX.x / pixels.x).min(PICTURE_MAX.y / pixels.y).min(1.0);
    (pixels * scale).max(Vec2::splat(1.0)).round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_shown_no_larger_than_they_are_or_fit() {
        assert_eq!(shown_size(vec2(100.0, 50.0)), vec2(100.0, 50.0));
        assert_eq!(shown_size(vec2(544.0, 100.0)), vec2(272.0, 50.0));
        assert_eq!(shown_size(vec2(100.0, 4000.0)), vec2(5.0, 200.0));
    }
}
