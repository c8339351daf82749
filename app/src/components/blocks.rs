//! Text as it is: code, and the difference of two texts.

use leptos::prelude::*;
use marketplace_domain::views::apply::DiffLine;

use crate::{i18n::use_lang, texts::common as t};

/// A piece of code that can be scrolled with the keyboard.
#[component]
pub fn CodeBlock(
    /// The code.
    #[prop(into)]
    text: String,
    /// What it is, for who cannot see it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! { <pre class="code" tabindex="0" role="region" aria-label=label><code>{text}</code></pre> }
}

/// A difference, line by line. The sign is text, so colour is not all that tells.
#[component]
pub fn Diff(
    /// Its lines.
    lines: Vec<DiffLine>,
) -> impl IntoView {
    let lang = use_lang();
    if lines.iter().all(|line| line.sign == ' ') {
        return view! { <p class="muted">{t::unchanged_lines(lang)}</p> }.into_any();
    }
    let rows = lines
        .into_iter()
        .map(|line| {
            let (class, word) = match line.sign {
                '+' => ("diff-line diff-added", Some(t::added_line(lang))),
                '-' => ("diff-line diff-removed", Some(t::removed_line(lang))),
                _ => ("diff-line", None),
            };
            let word = word.map(|word| view! { <span class="visually-hidden">{word}": "</span> });
            view! {
                <span class=class>
                    {word}
                    <span class="diff-sign" aria-hidden="true">{line.sign.to_string()}</span>
                    {line.text}
                    "\n"
                </span>
            }
        })
        .collect_view();
    view! { <pre class="code diff" tabindex="0" role="region" aria-label=t::changes(lang)><code>{rows}</code></pre> }
        .into_any()
}
