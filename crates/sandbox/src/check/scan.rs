//! Envoy's own first look at the bytes, before V8 sees them. Its reading is not quite that of Wasm, and what it refuses
//! is refused with other words, so it is done here the way Envoy does it.

use crate::abi::Version;

/// The bytes do not hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrupted;

/// The ABI version by the first known marker, up to the end of the first export section.
pub fn abi_version(bytes: &[u8]) -> Result<Option<Version>, Corrupted> {
    // Fewer bytes than a header has are no module, but Envoy only misses the marker.
    if bytes.len() >= 8 && !bytes.starts_with(b"\0asm") {
        return Err(Corrupted);
    }
    for section in sections(bytes) {
        let (id, start, end) = section?;
        if id != 7 {
            continue;
        }
        let mut at = start;
        let count = varint(bytes, &mut at, end)?;
        if at + count as usize > end {
            return Err(Corrupted);
        }
        for _ in 0..count {
            let size = varint(bytes, &mut at, end)? as usize;
            let name = bytes.get(at..at + size).filter(|_| at + size <= end).ok_or(Corrupted)?;
            at += size;
            let kind = *bytes.get(at).ok_or(Corrupted)?;
            at += 1;
            let version = std::str::from_utf8(name).ok().and_then(Version::of_marker);
            if let Some(version) = version.filter(|_| kind == 0) {
                return Ok(Some(version));
            }
            varint(bytes, &mut at, bytes.len())?;
        }
        return Ok(None);
    }
    Ok(None)
}

/// What Envoy reads once the marker is found: the names of functions, and the frames of all sections.
pub fn names_and_frames(bytes: &[u8]) -> Result<(), Corrupted> {
    let mut names_read = false;
    for section in sections(bytes) {
        let (id, start, end) = section?;
        if id != 0 {
            continue;
        }
        let mut at = start;
        let size = varint(bytes, &mut at, end)? as usize;
        let name = bytes.get(at..at + size).filter(|_| at + size <= end).ok_or(Corrupted)?;
        if name == b"name" && !names_read {
            names_read = true;
            function_names(bytes.get(at + size..end).unwrap_or_default())?;
        }
    }
    Ok(())
}

fn function_names(section: &[u8]) -> Result<(), Corrupted> {
    let (mut at, end) = (0, section.len());
    while at < end {
        let id = section.get(at).copied().unwrap_or_default();
        at += 1;
        let size = varint(section, &mut at, end)? as usize;
        if at + size > end {
            return Err(Corrupted);
        }
        let start = at;
        if id != 1 {
            at += size;
            continue;
        }
        let count = varint(section, &mut at, end)?;
        if at + count as usize > end {
            return Err(Corrupted);
        }
        for _ in 0..count {
            varint(section, &mut at, end)?;
            let length = varint(section, &mut at, end)? as usize;
            if at + length > end {
                return Err(Corrupted);
            }
            at += length;
        }
        if start + size != at {
            return Err(Corrupted);
        }
    }
    Ok(())
}

/// Id, begin and end of each section behind the header.
pub(super) fn sections(bytes: &[u8]) -> impl Iterator<Item = Result<(u8, usize, usize), Corrupted>> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let id = *bytes.get(at)?;
        at += 1;
        let section = varint(bytes, &mut at, bytes.len()).and_then(|size| {
            let end = at + size as usize;
            if end > bytes.len() { Err(Corrupted) } else { Ok((id, at, end)) }
        });
        at = section.map_or(bytes.len(), |(_, _, end)| end);
        Some(section)
    })
}

/// A number as Envoy reads it: at most five bytes, at most 30 bits.
fn varint(bytes: &[u8], at: &mut usize, end: usize) -> Result<u32, Corrupted> {
    let mut total: u32 = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = *bytes.get(*at).filter(|_| *at < end).ok_or(Corrupted)?;
        *at += 1;
        let value = u32::from(byte & 0x7f);
        if shift == 28 && value > 3 {
            return Err(Corrupted);
        }
        total |= value << shift;
        if byte & 0x80 == 0 {
            return Ok(total);
        }
    }
    Err(Corrupted)
}
