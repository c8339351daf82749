//! Every word of the pages, in both languages side by side.
//!
//! The compiler checks the keys: each is a function of the language, and one that is not there does not compile. Two
//! languages, one of them without plurals, need no library: `leptos_i18n` and its like would put more bytes into what
//! the browser loads than all of our sentences. Sentences with numbers or names in them are functions written out.

use marketplace_domain::Lang;

/// `key: "English", "中文";` becomes `fn key(lang: Lang) -> &'static str`.
macro_rules! texts {
    ($($key:ident: $en:literal, $zh:literal;)*) => {
        $(
            #[doc = $en]
            pub fn $key(lang: marketplace_domain::Lang) -> &'static str {
                $crate::texts::pick(lang, $en, $zh)
            }
        )*

        #[cfg(test)]
        #[test]
        fn every_text_exists_in_both_languages() {
            $(
                assert!(!$en.trim().is_empty() && !$zh.trim().is_empty(), stringify!($key));
            )*
        }
    };
}

pub mod apply;
pub mod common;
pub mod edit;
pub mod errors;
pub mod fetch;
pub mod frame;
pub mod market;
pub mod module;
pub mod plugin;
pub mod problems;
pub mod run;
pub mod traffic;
pub mod trial;
pub mod words;

/// One of two texts.
pub fn pick<T>(lang: Lang, en: T, zh: T) -> T {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// A number of things in English: `1 service`, `2 services`.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(count)) }
}

/// A number with separators, the same in both languages: `10,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes: `148 KiB`.
pub fn bytes(size: u64) -> String {
    match size {
        0..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{} KiB", size / 1024),
        _ => format!("{}.{} MiB", size / 1_048_576, size % 1_048_576 * 10 / 1_048_576),
    }
}

/// The ends of a digest, enough to compare by eye.
pub fn short_digest(digest: &str) -> String {
    match (digest.get(..8), digest.len().checked_sub(4).and_then(|at| digest.get(at..))) {
        (Some(head), Some(tail)) if digest.len() > 16 => format!("{head}…{tail}"),
        _ => digest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_shortened() {
        assert_eq!(short_digest(&"0123456789abcdef".repeat(4)), "01234567…cdef");
        assert_eq!(short_digest("é"), "é");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(10_000), "10,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(plural(1, "service", "services"), "1 service");
        assert_eq!(plural(0, "service", "services"), "0 services");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(151_552), "148 KiB");
        assert_eq!(bytes(1_572_864), "1.5 MiB");
    }
}
