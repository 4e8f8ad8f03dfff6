//! How the bytes of a text are read, and whether they are a text at all.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A byte order mark decides; then valid UTF-8; then the pattern of zero bytes of UTF-16; then the likeliest older encoding.
pub(super) fn encoding_of(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    if let Some(encoding) = utf16_without_mark(sample) {
        return encoding;
    }
    if mostly_utf8(sample) {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = sample.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    match (even * 10 > pairs * 4, odd * 10 > pairs * 4) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether the sample is UTF-8, perhaps with a few damaged places: more whole sequences than damaged ones.
fn mostly_utf8(sample: &[u8]) -> bool {
    let good: usize = sample
        .utf8_chunks()
        .map(|chunk| chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count())
        .sum();
    let damaged = sample.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    // The sample may end in the middle of a sequence, which is no damage.
    let cut_off = std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_none());
    damaged == 0 || (damaged == 1 && cut_off) || good > damaged
}

pub(super) fn looks_binary(text: &str) -> bool {
    let total = text.chars().count();
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        .count();
    odd * 20 > total
}
