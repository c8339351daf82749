//! Fields that are chosen.

use leptos::prelude::*;
use marketplace_domain::Localised;

use super::{Caption, FormContext, field_id, input_name};
use crate::texts::apply as t;

/// Says that a box or a set of boxes was on the page: unchecked boxes send nothing, and are not the same as absent ones.
pub fn present(field: &str) -> impl IntoView + use<> {
    view! { <input type="hidden" name=input_name(&format!("{field}?")) value="1"/> }
}

/// Yes or no.
pub fn yes_no(caption: Caption, value: bool, cx: FormContext) -> AnyView {
    let described = cx.described_by(&caption.field, caption.has_hint());
    view! {
        <div class="field">
            {present(&caption.field)}
            <label class="form-check">
                <input
                    type="checkbox"
                    id=caption.id()
                    name=input_name(&caption.field)
                    value="on"
                    checked=value
                    aria-invalid=cx.invalid(&caption.field)
                    aria-describedby=described
                />
                <span>{caption.title(cx)}</span>
            </label>
            {caption.hint()}
            {caption.problems(cx)}
        </div>
    }
    .into_any()
}

/// One of some. What was typed and is none of them stays in the list, with its problem below.
pub fn one(
    caption: Caption,
    value: String,
    options: Vec<(String, Localised)>,
    default: String,
    cx: FormContext,
) -> AnyView {
    let described = cx.described_by(&caption.field, caption.has_hint());
    let default = options.iter().find(|(known, _)| *known == default).map(|(_, title)| title.get(cx.lang).to_owned());
    let stranger = (!value.is_empty() && !options.iter().any(|(known, _)| *known == value))
        .then(|| view! { <option value=value.clone() selected=true>{value.clone()}</option> });
    let entries = options
        .into_iter()
        .map(|(known, title)| {
            let selected = known == value;
            view! { <option value=known selected=selected>{title.get(cx.lang).to_owned()}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            {caption.label(cx)}
            <select
                class="input"
                id=caption.id()
                name=input_name(&caption.field)
                aria-required=caption.required.then_some("true")
                aria-invalid=cx.invalid(&caption.field)
                aria-describedby=described
            >
                <option value="">{t::nothing_chosen(cx.lang, default.as_deref())}</option>
                {stranger}
                {entries}
            </select>
            {caption.hint()}
            {caption.problems(cx)}
        </div>
    }
    .into_any()
}

/// Any of some, as chips that can be switched.
pub fn many(caption: Caption, options: Vec<(String, Localised, bool)>, cx: FormContext) -> AnyView {
    let described = cx.described_by(&caption.field, caption.has_hint());
    let chips = options
        .into_iter()
        .map(|(value, title, chosen)| {
            let field = format!("{}#{value}", caption.field);
            view! {
                <label class="form-toggle">
                    <input type="checkbox" id=field_id(&field) name=input_name(&field) value="on" checked=chosen/>
                    <span>{title.get(cx.lang).to_owned()}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="form-group form-wide" id=caption.id() tabindex="-1" aria-describedby=described>
            <legend class="field-label">{caption.title(cx)}</legend>
            {present(&caption.field)}
            <div class="form-toggles">{chips}</div>
            {caption.hint()}
            {caption.problems(cx)}
        </fieldset>
    }
    .into_any()
}
