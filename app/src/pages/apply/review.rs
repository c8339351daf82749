//! The step Review: what will be sent, how it differs from what is there, and what is in the way.

use leptos::prelude::*;
use marketplace_domain::{Reason, views::apply::ApplyView};

use crate::{
    components::{CodeBlock, Diff, form::FormContext},
    texts::{apply as t, problems},
};

/// The resource and its difference.
pub fn main(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let difference = move || {
        shown.with(|view| {
            if view.exists {
                view! { <Diff lines=view.diff.clone()/> }.into_any()
            } else {
                view! { <p class="muted">{t::difference_new(lang)}</p> }.into_any()
            }
        })
    };
    let resource = move || {
        let text = shown.with(|view| view.resource_yaml.clone());
        (!text.is_empty()).then(|| view! { <CodeBlock text=text label=t::resource_yaml(lang)/> })
    };
    view! {
        {move || shown.with(|view| view.foreign.then(|| view! { <p class="note" role="note">{t::foreign(lang)}</p> }))}
        <section class="apply-section" aria-labelledby="difference-title">
            <h2 id="difference-title">{t::difference(lang)}</h2>
            {difference}
        </section>
        <section class="apply-section" aria-labelledby="resource-title">
            <h2 id="resource-title">{t::resource_yaml(lang)}</h2>
            <p class="field-hint">{t::resource_explained(lang)}</p>
            {resource}
        </section>
    }
}

/// What is worth knowing; beside the steps Place and Review.
pub fn warnings(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    move || {
        shown.with(|view| {
            (!view.warnings.is_empty()).then(|| {
                let lines = view
                    .warnings
                    .iter()
                    .map(|warning| view! { <li>{problems::sentence(lang, &warning.reason)}</li> })
                    .collect_view();
                view! {
                    <section class="note note-warning" aria-labelledby="warnings-title">
                        <h2 id="warnings-title">{t::warnings(lang)}</h2>
                        <ul>{lines}</ul>
                    </section>
                }
            })
        })
    }
}

/// What stops applying as a whole: a conflict with owners, or a change meanwhile. Above each step.
pub fn obstacles(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    move || {
        shown.with(|view| {
            view.problems
                .iter()
                .filter_map(|problem| match &problem.reason {
                    Reason::Conflict(owners) => Some(conflict(owners, cx).into_any()),
                    Reason::ChangedMeanwhile => Some(changed(cx).into_any()),
                    reason if problem.field.is_empty() => {
                        Some(view! { <p class="note note-bad">{problems::sentence(lang, reason)}</p> }.into_any())
                    }
                    _ => None,
                })
                .collect_view()
        })
    }
}

fn conflict(owners: &[(String, String)], cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let rows = owners
        .iter()
        .map(|(field, owner)| view! { <tr><td><code>{field.clone()}</code></td><td>{owner.clone()}</td></tr> })
        .collect_view();
    view! {
        <section class="note note-bad" aria-labelledby="conflict-title">
            <h2 id="conflict-title">{t::conflict_title(lang)}</h2>
            <table class="owners">
                <thead><tr><th scope="col">{t::conflict_field(lang)}</th><th scope="col">{t::conflict_owner(lang)}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p>{t::conflict_explained(lang)}</p>
        </section>
    }
}

/// Somebody changed the resource: what was typed is kept, and the newest state can be looked at.
pub fn changed(cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    view! {
        <section class="note note-bad" aria-labelledby="changed-title">
            <h2 id="changed-title">{t::changed_title(lang)}</h2>
            <p>{t::changed_explained(lang)}</p>
            <button class="button" type="submit" name="do" value="reload">{t::reload(lang)}</button>
        </section>
    }
}
