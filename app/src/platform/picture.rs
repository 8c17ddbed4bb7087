//! Pictures from files of others: read with limits, and made small before they are shown.

use std::fs::File;
use std::io::{BufReader, Cursor, Seek as _, SeekFrom};
use std::path::Path;

use eframe::egui::{Color32, ColorImage};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Bytes of a file that is looked into: larger ones are opened with the program made for them.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// Pixels of a side.
const MAX_SIDE: u32 = 12_000;
/// Bytes that decoding may take.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// What is decoded: what people take screenshots and photos in.
const FORMATS: [ImageFormat; 4] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP];

/// Whether a file of this name may be a picture that can be shown.
#[must_use]
pub fn is_picture(name: &str) -> bool {
    ImageFormat::from_path(name).is_ok_and(|format| FORMATS.contains(&format))
}

/// The width and height of the picture in a file, without decoding it; `None` if it is none that can be shown.
#[must_use]
pub fn size(path: &Path) -> Option<(u32, u32)> {
    let mut decoder = reader(path)?.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let upright = turned(orientation(&mut decoder), width, height);
    is_in_limits(width, height).then_some(upright)
}

/// The picture in a file, no larger than this; `None` if it cannot be shown.
#[must_use]
pub fn small(path: &Path, width: u32, height: u32) -> Option<ColorImage> {
    let mut decoder = reader(path)?.into_decoder().ok()?;
    let mut limits = limits();
    limits.reserve(decoder.total_bytes()).ok()?;
    decoder.set_limits(limits).ok()?;
    let orientation = orientation(&mut decoder);
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    // Made small first: to turn it takes as much memory again.
    let (width, height) = turned(orientation, width, height);
    let mut small =
        if picture.width() > width || picture.height() > height { picture.thumbnail(width, height) } else { picture };
    small.apply_orientation(orientation);
    let size = [usize::try_from(small.width()).ok()?, usize::try_from(small.height()).ok()?];
    Some(ColorImage::from_rgba_unmultiplied(size, small.into_rgba8().as_raw()))
}

/// A picture as a PNG file.
#[must_use]
pub fn png(picture: &ColorImage) -> Option<Vec<u8>> {
    let [width, height] = picture.size;
    let pixels = picture.pixels.iter().flat_map(Color32::to_srgba_unmultiplied).collect();
    let pixels = image::RgbaImage::from_raw(width.try_into().ok()?, height.try_into().ok()?, pixels)?;
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(pixels).write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

/// How the camera was held, as the file says.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

/// The sides of a picture once it is upright.
const fn turned(orientation: Orientation, width: u32, height: u32) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (height, width)
        }
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (width, height),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    limits
}

const fn is_in_limits(width: u32, height: u32) -> bool {
    width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE
}

/// A reader of what the file's first bytes say it is, with limits.
fn reader(path: &Path) -> Option<ImageReader<BufReader<File>>> {
    // Before it is opened: to open a pipe waits for whoever writes into it.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.rewind().ok()?;
    if length > MAX_FILE_BYTES || !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format().ok()?;
    let format = reader.format()?;
    reader.limits(limits());
    FORMATS.contains(&format).then_some(reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[cfg(unix)]
    #[test]
    fn nobody_waits_for_a_pipe_with_the_name_of_a_picture() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("x.png");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(size(&pipe), None);
    }

    #[test]
    fn a_picture_is_written_read_and_made_small() {
        let folder = tempfile::tempdir().unwrap();
        let picture = ColorImage::filled([400, 100], Color32::from_rgb(9, 8, 7));
        let path = kept(folder.path(), "x.png", &png(&picture).unwrap());
        assert_eq!(size(&path), Some((400, 100)));
        let small = small(&path, 200, 200).unwrap();
        assert_eq!(small.size, [200, 50]);
        assert_eq!(small.pixels[0], Color32::from_rgb(9, 8, 7));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let text = kept(folder.path(), "text.png", b"just words");
        assert_eq!((size(&text), small(&text, 10, 10)), (None, None));
        assert_eq!(size(&folder.path().join("nothing.png")), None);
        // A header that promises 40,000 by 40,000 pixels, and no pixel.
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x9c\x40\0\0\x9c\x40\x08\x06\0\0\0".to_vec();
        bomb.extend_from_slice(&[0xd6, 0x2d, 0x7b, 0x4e]);
        let bomb = kept(folder.path(), "bomb.png", &bomb);
        assert_eq!((size(&bomb), small(&bomb, 10, 10)), (None, None));
        let long = folder.path().join("long.png");
        File::create(&long).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        assert_eq!(size(&long), None);
    }

    /// A JPEG of 40 by 20, red on the left and blue on the right, whose camera was held like this.
    fn photo(orientation: u8) -> Vec<u8> {
        let left_or_right = |x, _| if x < 20 { image::Rgb([255, 0, 0]) } else { image::Rgb([0, 0, 255]) };
        let picture = DynamicImage::ImageRgb8(image::RgbImage::from_fn(40, 20, left_or_right));
        let mut jpeg = Cursor::new(Vec::new());
        picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        // Behind the start of the picture: a TIFF header, and a directory with the one entry 0x0112.
        let mut exif = b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
        [&jpeg[..2], &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photo_stands_upright_however_the_camera_was_held() {
        let folder = tempfile::tempdir().unwrap();
        let is_red = |color: Color32| color.r() > 200 && color.b() < 60;
        // Turned by a quarter, by three, by a half; the left edge is then above, below, on the right.
        for (orientation, upright, red) in [(1, (40, 20), 0), (6, (20, 40), 0), (8, (20, 40), 799), (3, (40, 20), 799)]
        {
            let path = kept(folder.path(), "photo.jpg", &photo(orientation));
            assert_eq!(size(&path), Some(upright), "{orientation}");
            let shown = small(&path, 100, 100).unwrap();
            assert_eq!((shown.size[0], shown.size[1]), (upright.0 as usize, upright.1 as usize), "{orientation}");
            assert!(is_red(shown.pixels[red]) && !is_red(shown.pixels[799 - red]), "{orientation}");
            assert_eq!(small(&path, 10, 10).unwrap().size.iter().max(), Some(&10));
        }
    }

    #[test]
    fn names_tell_what_may_be_a_picture() {
        assert!(is_picture("hangar.PNG") && is_picture("x.webp") && is_picture("x.jpeg"));
        assert!(!is_picture("x.svg") && !is_picture("png") && !is_picture("x.png.exe"));
    }
}
