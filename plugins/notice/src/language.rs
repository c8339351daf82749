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
    let other = match default {
        Language::En => Language::Zh,
        Language::Zh => Language::En,
    };
    let offered = [default, other];
    let tags = offered.iter().map(|language| Some(language.tag()));
    let liked = accept_language.and_then(|accepted| plugin_kit::language::choose(accepted, tags));
    if liked == Some(1) { other } else { default }
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
