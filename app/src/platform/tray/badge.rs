//! The picture in the tray: the app's icon, with the number of unread messages in its corner.

/// The app's icon.
const ICON: &[u8] = include_bytes!("../../../assets/icon/icon.png");

/// The badge: red of the danger token, which stands on light and dark panels.
const FILL: [u8; 4] = [0xB2, 0x26, 0x1E, 0xFF];

/// What stands on it.
const INK: [u8; 4] = [0xFF, 0xFF, 0xFF, 0xFF];

/// The badge's diameter as a part of the icon's: readable at 22 pixels, and the icon is still known.
const PART: f32 = 0.62;

/// Digits of 3 × 5 dots, a row a number, and a plus.
const DIGITS: [[u8; 5]; 11] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
    [0b000, 0b010, 0b111, 0b010, 0b000],
];

/// The place of the plus in [`DIGITS`].
const PLUS: usize = 10;

/// Four bytes a pixel: red, green, blue, opacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) rgba: Vec<u8>,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// The app's icon without a badge.
pub(super) fn app_icon() -> Result<Picture, String> {
    let icon = eframe::icon_data::from_png_bytes(ICON).map_err(|error| error.to_string())?;
    Ok(Picture { rgba: icon.rgba, width: icon.width, height: icon.height })
}

impl Picture {
    /// The same with the number of unread messages; without one for none, with `9+` for more than nine.
    pub(super) fn with_badge(&self, unread: u32) -> Self {
        let mut picture = self.clone();
        let signs: &[usize] = match unread {
            0 => return picture,
            1..=9 => &[unread as usize],
            10.. => &[9, PLUS],
        };
        let badge = self.width.min(self.height) as f32 * PART;
        let (left, top) = (self.width as f32 - badge, self.height as f32 - badge);
        picture.disc(left + badge / 2.0, top + badge / 2.0, badge / 2.0);
        // Two signs of three dots with one between them span seven; the disc is wide enough for nine.
        let dot = badge / 9.0;
        let columns = (signs.len() * 4 - 1) as f32;
        let mut x = left + (badge - columns * dot) / 2.0;
        let y = top + (badge - 5.0 * dot) / 2.0;
        for sign in signs {
            picture.sign(DIGITS.get(*sign).copied().unwrap_or_default(), x, y, dot);
            x += 4.0 * dot;
        }
        picture
    }

    fn disc(&mut self, x: f32, y: f32, radius: f32) {
        self.paint(FILL, |px, py| (px - x).hypot(py - y) <= radius);
    }

    fn sign(&mut self, rows: [u8; 5], x: f32, y: f32, dot: f32) {
        self.paint(INK, |px, py| {
            let (column, row) = (((px - x) / dot).floor(), ((py - y) / dot).floor());
            if !(0.0..3.0).contains(&column) || !(0.0..5.0).contains(&row) {
                return false;
            }
            // In range as just checked, so whole and small.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let (column, row) = (column as u32, row as usize);
            rows.get(row).is_some_and(|dots| dots >> (2 - column) & 1 == 1)
        });
    }

    /// Colours every pixel whose middle lies inside.
    fn paint(&mut self, colour: [u8; 4], is_inside: impl Fn(f32, f32) -> bool) {
        let width = self.width.max(1) as usize;
        for (place, pixel) in self.rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = ((place % width) as f32 + 0.5, (place / width) as f32 + 0.5);
            if is_inside(x, y) {
                pixel.copy_from_slice(&colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of pixels of a colour.
    fn pixels(picture: &Picture, colour: [u8; 4]) -> usize {
        picture.rgba.chunks_exact(4).filter(|pixel| **pixel == colour).count()
    }

    #[test]
    fn without_unread_messages_the_icon_is_plain() {
        let icon = app_icon().unwrap();
        assert_eq!(icon.with_badge(0), icon);
        assert_eq!(icon.rgba.len(), (icon.width * icon.height * 4) as usize);
    }

    #[test]
    fn every_number_has_a_badge_of_its_own_up_to_nine() {
        let icon = app_icon().unwrap();
        let pictures: Vec<Picture> = (0..=11).map(|unread| icon.with_badge(unread)).collect();
        for (unread, picture) in pictures.iter().enumerate().take(10) {
            let other = pictures.iter().skip(unread + 1).take(9 - unread);
            assert!(other.into_iter().all(|other| other != picture), "{unread}");
        }
        assert_eq!(pictures[10], pictures[11]);
        assert_eq!(icon.with_badge(u32::MAX), pictures[11]);
    }

    #[test]
    fn the_badge_is_a_disc_with_ink_on_it_in_any_size() {
        for side in [1, 16, 22, 256] {
            let blank = Picture { rgba: vec![0; (side * side * 4) as usize], width: side, height: side };
            let badge = blank.with_badge(8);
            assert_eq!(badge.rgba.len(), blank.rgba.len());
            if side >= 16 {
                assert!(pixels(&badge, FILL) > pixels(&badge, INK) && pixels(&badge, INK) > 0, "{side}");
                assert_eq!(badge.rgba[..4], [0; 4]);
            }
        }
    }
}
