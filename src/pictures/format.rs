//! What kind of picture bytes are, and how large. Only their own first bytes decide: neither a name nor a `Content-Type`.
//!
//! Nothing is decoded. SVG is none of them, because it can run scripts.

use imagesize::{Compression, ImageType};

/// Bytes of the largest picture that is kept.
pub const SIZE_MAX: u64 = 20 * 1024 * 1024;
/// Pixels of the largest: a browser takes four bytes of memory for each.
pub const PIXELS_MAX: u64 = 50_000_000;
/// Bytes by which the kind of a picture is known.
pub const BEGINNING: usize = 64;

/// A picture that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub media_type: &'static str,
    /// Pixels.
    pub width: u32,
    pub height: u32,
}

/// Why bytes are not kept as a picture, in words for whoever referred to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("The picture has more than 20 MB. Make it smaller: at most 20 MB and 50 megapixels can be kept.")]
    TooLarge,
    #[error("The picture has {0} × {1} pixels. Make it smaller: at most 50 megapixels and 20 MB can be kept.")]
    TooManyPixels(usize, usize),
    #[error("What is there is a web page and no picture. Use the address of the picture itself.")]
    WebPage,
    #[error("The picture is an SVG drawing, which can run scripts and is not kept. Save it as PNG or WebP.")]
    Drawing,
    #[error("What is there is no picture that can be kept. JPEG, PNG, GIF, WebP and AVIF can.")]
    NoPicture,
    #[error("The picture is damaged: its size cannot be read. Save it again.")]
    Damaged,
}

/// The media type of a picture that begins so, if it is one that is kept.
#[must_use]
pub fn media_type(beginning: &[u8]) -> Option<&'static str> {
    match imagesize::image_type(beginning).ok()? {
        ImageType::Jpeg => Some("image/jpeg"),
        ImageType::Png if beginning.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        ImageType::Gif if beginning.starts_with(b"GIF87a") || beginning.starts_with(b"GIF89a") => Some("image/gif"),
        ImageType::Webp => Some("image/webp"),
        ImageType::Heif(Compression::Av1) => Some("image/avif"),
        _ => None,
    }
}

/// What kind of picture these bytes are, all of them.
///
/// # Errors
/// Why they are none, or one that is not kept.
pub fn read(bytes: &[u8]) -> Result<Format, Unfit> {
    if bytes.len() as u64 > SIZE_MAX {
        return Err(Unfit::TooLarge);
    }
    let media_type = media_type(bytes).ok_or_else(|| other(bytes))?;
    let size = imagesize::blob_size(bytes).map_err(|_| Unfit::Damaged)?;
    let pixels = (size.width as u64).saturating_mul(size.height as u64);
    if pixels == 0 {
        return Err(Unfit::Damaged);
    }
    let too_many = Unfit::TooManyPixels(size.width, size.height);
    let (Ok(width), Ok(height), true) = (
        u32::try_from(size.width),
        u32::try_from(size.height),
        pixels <= PIXELS_MAX,
    ) else {
        return Err(too_many);
    };
    Ok(Format {
        media_type,
        width,
        height,
    })
}

/// What bytes are that are no picture, as far as that helps somebody.
#[must_use]
pub fn other(beginning: &[u8]) -> Unfit {
    let text = String::from_utf8_lossy(&beginning[..beginning.len().min(1024)]).to_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if text.contains("<svg") {
        Unfit::Drawing
    } else if text.starts_with("<!doctype html") || text.starts_with("<html") || text.contains("<head") {
        Unfit::WebPage
    } else {
        Unfit::NoPicture
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Unfit, media_type, read};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0]);
        bytes
    }

    fn gif(width: u16, height: u16) -> Vec<u8> {
        [
            b"GIF89a".as_slice(),
            &width.to_le_bytes(),
            &height.to_le_bytes(),
            &[0; 3],
        ]
        .concat()
    }

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08".to_vec();
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        bytes
    }

    fn webp(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
        bytes.extend(&(width - 1).to_le_bytes()[..3]);
        bytes.extend(&(height - 1).to_le_bytes()[..3]);
        bytes
    }

    /// Boxes of ISO/IEC 14496-12: `ftyp`, and `meta` with the size of the one item.
    fn avif(width: u32, height: u32, brand: &[u8; 4]) -> Vec<u8> {
        let boxed = |name: &[u8; 4], content: &[u8]| {
            let size = u32::try_from(content.len() + 8).expect("a size").to_be_bytes();
            [&size[..], name, content].concat()
        };
        let ispe = boxed(
            b"ispe",
            &[&[0; 4][..], &width.to_be_bytes(), &height.to_be_bytes()].concat(),
        );
        let meta = [&[0; 4][..], &boxed(b"iprp", &boxed(b"ipco", &ispe))].concat();
        let ftyp = [&brand[..], &[0; 4], b"mif1miaf"].concat();
        [boxed(b"ftyp", &ftyp), boxed(b"meta", &meta), boxed(b"mdat", &[])].concat()
    }

    #[test]
    fn pictures_are_known_by_their_bytes() {
        for (bytes, media_type, width, height) in [
            (png(640, 480), "image/png", 640, 480),
            (gif(1, 2), "image/gif", 1, 2),
            (jpeg(1200, 800), "image/jpeg", 1200, 800),
            (webp(300, 200), "image/webp", 300, 200),
            (avif(400, 100, b"avif"), "image/avif", 400, 100),
        ] {
            let known = Format {
                media_type,
                width,
                height,
            };
            assert_eq!(read(&bytes), Ok(known));
            assert_eq!(
                super::media_type(&bytes[..bytes.len().min(super::BEGINNING)]),
                Some(media_type)
            );
        }
    }

    #[test]
    fn whatever_else_there_is_is_named_and_not_kept() {
        for (bytes, why) in [
            (b"".to_vec(), Unfit::NoPicture),
            (b"\n<!DOCTYPE html><html>".to_vec(), Unfit::WebPage),
            (b"<?xml version=\"1.0\"?><svg onload='x()'>".to_vec(), Unfit::Drawing),
            (b"%PDF-1.7".to_vec(), Unfit::NoPicture),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".to_vec(), Unfit::NoPicture),
            (avif(4, 1, b"heic"), Unfit::NoPicture),
            (b"\x89PNG but not really, only something".to_vec(), Unfit::NoPicture),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01".to_vec(), Unfit::Damaged),
            (png(0, 10), Unfit::Damaged),
            (png(10_000, 5_001), Unfit::TooManyPixels(10_000, 5_001)),
            (
                png(u32::MAX, u32::MAX),
                Unfit::TooManyPixels(u32::MAX as usize, u32::MAX as usize),
            ),
            (vec![0; 20 * 1024 * 1024 + 1], Unfit::TooLarge),
        ] {
            assert_eq!(read(&bytes), Err(why));
        }
        assert!(read(&png(10_000, 5_000)).is_ok());
    }

    #[test]
    fn no_beginning_of_a_picture_is_too_short_to_be_asked_about() {
        for whole in [png(1, 1), gif(1, 1), jpeg(1, 1), webp(1, 1), avif(1, 1, b"avif")] {
            for length in 0..whole.len() {
                let beginning = &whole[..length];
                let known = read(beginning).map(|format| format.media_type);
                assert!(known.is_err() || known.ok() == media_type(beginning), "{length}");
            }
        }
    }
}
