//! What bytes are that are not WebAssembly, for people who gave the wrong file.

use super::found::Looks;

/// By how they begin. Nothing is unpacked.
pub(super) fn looks(bytes: &[u8]) -> Looks {
    const BY_START: [(&[u8], Looks); 11] = [
        (b"\x1f\x8b", Looks::Gzip),
        (b"PK\x03\x04", Looks::Zip),
        (b"\x28\xb5\x2f\xfd", Looks::Zstd),
        (b"\x7fELF", Looks::Executable),
        (b"MZ", Looks::Executable),
        (b"\xfe\xed\xfa", Looks::Executable),
        (b"\xcf\xfa\xed\xfe", Looks::Executable),
        (b"\xca\xfe\xba\xbe", Looks::Executable),
        (b"!<arch>\n", Looks::Executable),
        (b"version https://git-lfs", Looks::GitLfs),
        (b"BC\xc0\xde", Looks::Executable),
    ];
    if bytes.is_empty() {
        return Looks::Empty;
    }
    if let Some((_, looks)) = BY_START.iter().find(|(start, _)| bytes.starts_with(start)) {
        return *looks;
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Looks::Tar;
    }
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A character that was cut in two at the end of what was looked at.
        Err(error) if start.len() - error.valid_up_to() < 4 && error.valid_up_to() > 0 => {
            std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return Looks::Other,
    };
    if text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()) {
        return Looks::Other;
    }
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.as_bytes() {
        [b'<', ..] => Looks::Html,
        [b'{' | b'[', ..] => Looks::Json,
        [b'(', ..] if text.starts_with("(module") || text.starts_with("(;") => Looks::Wat,
        [b';', b';', ..] => Looks::Wat,
        _ => Looks::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_people_mix_up_are_told_apart() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let cases: [(&[u8], Looks); 9] = [
            (b"", Looks::Empty),
            (b"\x1f\x8b\x08\0", Looks::Gzip),
            (&tar, Looks::Tar),
            (b"\x7fELF\x02", Looks::Executable),
            (b"  <!doctype html>", Looks::Html),
            (b"{\"schemaVersion\": 2}", Looks::Json),
            (b"(module)", Looks::Wat),
            ("plain ä".as_bytes(), Looks::Text),
            (b"\x00\x01\xff\xfe", Looks::Other),
        ];
        for (bytes, expected) in cases {
            assert_eq!(looks(bytes), expected, "{bytes:?}");
        }
    }
}
