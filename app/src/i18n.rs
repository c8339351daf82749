//! The language and theme of the page. They come from cookies, are decided on the server before the first byte, and are
//! constants for the life of a page: the switches in the frame load it anew.

use leptos::prelude::*;
pub use marketplace_domain::Lang;

/// How a person wants to see the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
}

/// The colours of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As the system has it.
    #[default]
    Auto,
}

impl Theme {
    /// The value of the `theme` cookie and of the `data-theme` attribute.
    pub fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    /// Reads a cookie's or an attribute's value.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Light, Self::Dark, Self::Auto].into_iter().find(|theme| theme.code() == code)
    }

    /// What the browser's own controls should look like.
    pub fn color_scheme(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "light dark",
        }
    }

    /// The next one, for a switch that goes round.
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Auto,
        }
    }
}

/// The HTML side of [`Lang`].
pub trait LangTag {
    /// The value of the `lang` attribute.
    fn tag(self) -> &'static str;
}

impl LangTag for Lang {
    fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh-CN",
        }
    }
}

/// Makes the preferences known to all components below.
pub fn provide_preferences(preferences: Preferences) -> Lang {
    provide_context(preferences);
    preferences.lang
}

/// The page's language.
pub fn use_lang() -> Lang {
    use_context::<Preferences>().unwrap_or_default().lang
}

/// The page's theme.
pub fn use_theme() -> Theme {
    use_context::<Preferences>().unwrap_or_default().theme
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_go_round() {
        for theme in [Theme::Light, Theme::Dark, Theme::Auto] {
            assert_eq!(Theme::from_code(theme.code()), Some(theme));
            assert_eq!(theme.next().next().next(), theme);
        }
        assert_eq!(Theme::from_code("blue"), None);
    }
}
