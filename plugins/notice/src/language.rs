//! Which of the two languages a visitor reads.

/// The languages a notice is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

/// The language an `accept-language` value likes better; `default` if it likes neither, or both alike.
pub fn choose(accept_language: Option<&[u8]>, default: Language) -> Language {
    let text = String::from_utf8_lossy(accept_language.unwrap_or_default()).to_ascii_lowercase();
    let (mut en, mut zh, mut any) = (None, None, 0);
    for range in text.split(',').take(50) {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight(parameters);
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let best = |known: Option<u32>| Some(known.map_or(weight, |w| w.max(weight)));
        match primary {
            "en" => en = best(en),
            "zh" => zh = best(zh),
            "*" => any = weight,
            _ => {}
        }
    }
    let (en, zh) = (en.unwrap_or(any), zh.unwrap_or(any));
    match en.cmp(&zh) {
        std::cmp::Ordering::Greater => Language::En,
        std::cmp::Ordering::Less => Language::Zh,
        // "zh-CN,en" without weights: the first one named is meant.
        std::cmp::Ordering::Equal if en > 0 => first(&text).unwrap_or(default),
        std::cmp::Ordering::Equal => default,
    }
}

fn first(text: &str) -> Option<Language> {
    text.split(',').take(50).find_map(|range| match range.trim().split(['-', ';']).next().map(str::trim) {
        Some("en") => Some(Language::En),
        Some("zh") => Some(Language::Zh),
        _ => None,
    })
}

/// The weight of a range in thousandths.
fn weight(parameters: &str) -> u32 {
    let Some(q) = parameters.split(';').find_map(|p| p.trim().strip_prefix("q=")) else {
        return 1000;
    };
    match q.trim().parse::<f32>() {
        Ok(q) if (0.0..=1.0).contains(&q) => (q * 1000.0) as u32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Zh};

    fn chosen(text: &str, default: Language) -> Language {
        choose(Some(text.as_bytes()), default)
    }

    #[test]
    fn the_heavier_language_wins() {
        assert_eq!(chosen("zh-CN,zh;q=0.9,en;q=0.8", En), Zh);
        assert_eq!(chosen("en-US,en;q=0.9,zh;q=0.8", Zh), En);
        assert_eq!(chosen("de, en;q=0.3, ZH-Hant;q=0.5", En), Zh);
        assert_eq!(chosen("en;q=0.1, zh;q=0", Zh), En);
    }

    #[test]
    fn alike_means_the_first_named() {
        assert_eq!(chosen("zh-CN,en", En), Zh);
        assert_eq!(chosen("en,zh", Zh), En);
    }

    #[test]
    fn neither_means_the_default() {
        for text in ["", "de", "*", "fr;q=0.5,*;q=0.1", "\u{0}", "en;q=nan", "zh;q=9"] {
            assert_eq!(chosen(text, Zh), Zh, "{text}");
            assert_eq!(chosen(text, En), En, "{text}");
        }
        assert_eq!(choose(None, Zh), Zh);
        assert_eq!(choose(Some(b"\xff\xfe"), En), En);
    }

    #[test]
    fn a_star_counts_for_what_is_not_named() {
        assert_eq!(chosen("en;q=0.2,*", En), Zh);
        assert_eq!(chosen("zh;q=0,*;q=0.5", Zh), En);
    }
}
