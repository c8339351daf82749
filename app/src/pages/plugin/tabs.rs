//! The tabs: links, so that each has its address.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use marketplace_domain::Lang;

use crate::{i18n::use_lang, texts::plugin as t};

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The README.
    #[default]
    Overview,
    /// Schema and example.
    Configuration,
    /// All versions.
    Versions,
    /// Where it is in use.
    Uses,
    /// The module.
    Module,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Overview, Self::Configuration, Self::Versions, Self::Uses, Self::Module];

    /// Its word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Configuration => "configuration",
            Self::Versions => "versions",
            Self::Uses => "uses",
            Self::Module => "module",
        }
    }

    /// Reads the word; anything else is the first tab.
    pub fn of(word: Option<&str>) -> Self {
        Self::ALL.into_iter().find(|tab| Some(tab.word()) == word).unwrap_or_default()
    }

    fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Overview => t::overview(lang),
            Self::Configuration => t::configuration(lang),
            Self::Versions => t::versions(lang),
            Self::Uses => t::uses(lang),
            Self::Module => t::module(lang),
        }
    }
}

/// The address of a plugin's page.
pub fn address(name: &str, tab: Tab, version: Option<&str>) -> String {
    let mut query = ParamsMap::new();
    if tab != Tab::Overview {
        query.insert("tab", tab.word().to_owned());
    }
    if let Some(version) = version {
        query.insert("version", version.to_owned());
    }
    format!("/plugins/{name}{}", query.to_query_string())
}

/// The links.
#[component]
pub fn Tabs(name: String, version: Option<String>, tab: Memo<Tab>, counts: (usize, usize)) -> impl IntoView {
    let lang = use_lang();
    let links = Tab::ALL
        .map(|one| {
            let count = match one {
                Tab::Versions => Some(counts.0),
                Tab::Uses => Some(counts.1),
                _ => None,
            };
            view! {
                // Not the router's own link: it calls every link of this path the current one, whatever its query.
                <a
                    href=address(&name, one, version.as_deref())
                    class="tab"
                    aria-current=move || (tab.get() == one).then_some("page")
                    data-noscroll="true"
                >
                    {one.text(lang)}
                    {count.map(|count| view! { " "<span class="tab-count">{count}</span> })}
                </a>
            }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=t::tabs(lang)>{links}</nav> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_tabs() {
        assert_eq!(address("notice", Tab::Overview, None), "/plugins/notice");
        assert_eq!(address("notice", Tab::Uses, Some("1.0.0+a")), "/plugins/notice?tab=uses&version=1%2E0%2E0%2Ba");
        assert_eq!(Tab::of(Some("module")), Tab::Module);
        assert_eq!(Tab::of(Some("colour")), Tab::Overview);
    }
}
