//! Rows laid out, kept while they are near the screen.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::{Galley, Painter};

use super::body::{Body, Setting};
use super::entry::{Entry, Key, Look};
use super::rows::{Row, RowPlace};
use super::{bubble, compact};
use crate::theme::{ink, style};

/// Rows kept: several screens of short lines. Beyond it, those that were not drawn last are dropped.
const MOST_ROWS: usize = 512;

struct Kept {
    entry: Arc<Entry>,
    place: RowPlace,
    body: Arc<Body>,
    used: u64,
}

/// Laid out rows by their key.
#[derive(Default)]
pub(super) struct Cache {
    rows: HashMap<Key, Kept>,
    frame: u64,
    setting: u64,
    /// Laid out by egui every frame; another one means that egui has rebuilt its atlas, and that ours point nowhere.
    probe: Option<Arc<Galley>>,
}

impl Cache {
    /// Begins a frame; forgets everything that was laid out for another setting.
    pub(super) fn begin(&mut self, painter: &Painter, setting: &Setting<'_>) {
        self.frame += 1;
        let probe = crate::kit::galley(painter, ink(style::BODY, setting.colours.text), "·");
        let same_atlas = self.probe.as_ref().is_some_and(|known| Arc::ptr_eq(known, &probe));
        let fingerprint = fingerprint(setting, painter.pixels_per_point());
        if !same_atlas || fingerprint != self.setting {
            self.rows.clear();
        }
        self.probe = Some(probe);
        self.setting = fingerprint;
        if self.rows.len() > MOST_ROWS {
            let last = self.frame - 1;
            self.rows.retain(|_, kept| kept.used >= last);
        }
    }

    /// The row laid out.
    pub(super) fn body(&mut self, painter: &Painter, setting: &Setting<'_>, row: &Row) -> Arc<Body> {
        let frame = self.frame;
        if let Some(kept) = self.rows.get_mut(&row.entry.key)
            && kept.place == row.place
            && Arc::ptr_eq(&kept.entry, &row.entry)
        {
            kept.used = frame;
            return Arc::clone(&kept.body);
        }
        let body = Arc::new(match setting.look {
            Look::Compact => compact::lay_out(painter, setting, row),
            Look::Bubbles => bubble::lay_out(painter, setting, row),
        });
        let entry = Arc::clone(&row.entry);
        let kept = Kept { entry, place: row.place, body: Arc::clone(&body), used: frame };
        self.rows.insert(row.entry.key, kept);
        body
    }
}

fn fingerprint(setting: &Setting<'_>, pixels_per_point: f32) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    setting.width.to_bits().hash(&mut hasher);
    pixels_per_point.to_bits().hash(&mut hasher);
    std::ptr::from_ref(setting.colours).hash(&mut hasher);
    (setting.dark, setting.look, setting.route, setting.company, setting.query, setting.today).hash(&mut hasher);
    hasher.finish()
}
