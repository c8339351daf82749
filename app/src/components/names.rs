//! A plugin's tile and its two names.

use leptos::prelude::*;
use marketplace_domain::{Category, Lang, Localised};

use crate::i18n::{LangTag, use_lang};

/// Two letters on the colour of the category, for a plugin without an icon.
#[component]
pub fn Tile(
    /// The plugin's name in addresses.
    #[prop(into)]
    name: String,
    /// What it is for.
    category: Category,
    /// Whether it stands at the head of a page.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let size = if large { " tile-large" } else { "" };
    view! { <span class=format!("tile tile-{}{size}", category.as_str()) aria-hidden="true">{letters(&name)}</span> }
}

/// The first letters of the first two words, or of the first one: `data-masking` is `Dm`, `notice` is `No`.
fn letters(name: &str) -> String {
    let mut words = name.split('-').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let head = first.chars().next().map(|c| c.to_ascii_uppercase());
    let tail = words.next().and_then(|word| word.chars().next()).or_else(|| first.chars().nth(1));
    head.into_iter().chain(tail).collect()
}

/// Both names, the one in the page's language first.
#[component]
pub fn TwoNames(
    /// The names.
    title: Localised,
) -> impl IntoView {
    let lang = use_lang();
    let second = match lang.other() {
        Lang::En => title.en.clone(),
        Lang::Zh => title.zh.clone(),
    };
    let first = title.get(lang).to_owned();
    let second = (!second.is_empty() && second != first)
        .then(|| view! { <span class="name-second" lang=lang.other().tag()>{second}</span> });
    view! {
        <span class="name-first">{first}</span>
        " "
        {second}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters() {
        for (name, expected) in
            [("data-masking", "Dm"), ("notice", "No"), ("a", "A"), ("local-rate-limit", "Lr"), ("9-x", "9x"), ("", "")]
        {
            assert_eq!(letters(name), expected, "{name}");
        }
    }
}
