//! A field of a form with its label, its description and its problems.

use leptos::prelude::*;
use marketplace_domain::Problem;

use super::{
    form::field_id,
    icon::{Icon, Sign},
};
use crate::{
    i18n::use_lang,
    texts::{common, problems as sentences},
};

/// Label, description and problems around an input. The input itself is the child: it has the id [`field_id`] of the
/// field, and says with `aria-describedby` that `<id>-hint` and `<id>-problem` belong to it.
#[component]
pub fn Field(
    /// The field of the draft.
    #[prop(into)]
    field: String,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What it is for; may be empty.
    #[prop(into, optional)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// What is wrong in the form, as of now.
    problems: Signal<Vec<Problem>>,
    /// The input.
    children: Children,
) -> impl IntoView {
    let lang = use_lang();
    let id = field_id(&field);
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
                {optional.then(|| view! { <span class="field-optional">{common::optional(lang)}</span> })}
            </label>
            {children()}
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldProblems field problems/>
        </div>
    }
}

/// The problems of one field. The place is always there, so that what appears in it is read out.
#[component]
pub fn FieldProblems(
    /// The field of the draft.
    #[prop(into)]
    field: String,
    /// What is wrong in the form, as of now.
    problems: Signal<Vec<Problem>>,
) -> impl IntoView {
    let lang = use_lang();
    let id = format!("{}-problem", field_id(&field));
    let lines = move || {
        problems.with(|all| {
            all.iter()
                .filter(|problem| problem.field == field)
                .map(|problem| {
                    view! {
                        <p class="field-problem">
                            <Icon sign=Sign::Warning/>
                            <span>{sentences::sentence(lang, &problem.reason)}</span>
                        </p>
                    }
                })
                .collect_view()
        })
    };
    view! { <div id=id aria-live="polite">{lines}</div> }
}

/// All problems of a form that was sent, each a link to its field. `name_of` says what a field is called.
#[component]
pub fn Summary(
    /// What is wrong.
    problems: Vec<Problem>,
    /// What a field is called.
    name_of: fn(marketplace_domain::Lang, &str) -> &'static str,
) -> impl IntoView {
    let lang = use_lang();
    (!problems.is_empty()).then(|| {
        let count = problems.len();
        let lines = problems
            .into_iter()
            .map(|problem| {
                let sentence = sentences::sentence(lang, &problem.reason);
                let name = name_of(lang, &problem.field);
                if name.is_empty() {
                    return view! { <li>{sentence}</li> }.into_any();
                }
                view! { <li><a href=format!("#{}", field_id(&problem.field)) rel="external">{name}</a>": "{sentence}</li> }.into_any()
            })
            .collect_view();
        view! {
            <section class="summary" role="alert" aria-labelledby="summary-title" tabindex="-1" id="summary">
                <h2 id="summary-title">{common::problems(lang, count)}</h2>
                <ul>{lines}</ul>
            </section>
        }
    })
}
