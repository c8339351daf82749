//! Fields made of fields. Lists grow and shrink by submit buttons, so they need no scripts.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};
use marketplace_domain::{Localised, form::FormNode};

use super::{Caption, FormContext, choices::present, field, field_id, input_name};
use crate::texts::apply as t;

/// Fields of an object; the configuration as a whole has no title and no frame.
pub fn object(caption: Caption, children: Vec<FormNode>, cx: FormContext) -> AnyView {
    let fields = children.into_iter().map(|child| field(child, cx)).collect_view();
    if caption.title.is_empty() {
        return view! {
            <div class="form-fields form-wide" id=caption.id() tabindex="-1">
                {caption.hint()}
                {fields}
                <div class="form-wide">{caption.problems(cx)}</div>
            </div>
        }
        .into_any();
    }
    let described = cx.described_by(&caption.field, caption.has_hint());
    view! {
        <fieldset class="form-group form-wide" id=caption.id() tabindex="-1" aria-describedby=described>
            <legend class="field-label">{caption.title(cx)}</legend>
            {caption.hint()}
            <div class="form-box form-fields">{fields}</div>
            {caption.problems(cx)}
        </fieldset>
    }
    .into_any()
}

/// A list.
pub fn list(caption: Caption, items: Vec<FormNode>, cx: FormContext) -> AnyView {
    let rows = items
        .into_iter()
        .enumerate()
        .map(|(position, item)| {
            let item_field = item.field.clone();
            let labelled = t::item_of(cx.lang, position + 1, &caption.title);
            view! {
                <div class="form-item" role="group" aria-label=labelled.clone()>
                    {present(&item_field)}
                    <div class="form-fields form-item-fields">{field(item, cx)}</div>
                    {remove(&item_field, &labelled, cx)}
                </div>
            }
        })
        .collect_view();
    item_box(&caption, rows.into_any(), cx)
}

/// A map with keys of the user's own.
pub fn map(caption: Caption, rows: Vec<(String, String, FormNode)>, cx: FormContext) -> AnyView {
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(position, (key_field, typed, value))| {
            let labelled = t::item_of(cx.lang, position + 1, &caption.title);
            let item_field = value.field.clone();
            let value = if value.title.get(cx.lang).is_empty() && !matches!(value.kind, super::FormKind::Object { .. })
            {
                FormNode {
                    title: Localised::new(t::map_value(super::Lang::En), t::map_value(super::Lang::Zh)),
                    ..value
                }
            } else {
                value
            };
            let key = Caption {
                field: key_field,
                title: t::map_key(cx.lang).to_owned(),
                description: String::new(),
                required: true,
            };
            let key_input = super::inputs::text(key, typed, String::new(), cx);
            view! {
                <div class="form-item" role="group" aria-label=labelled.clone()>
                    <div class="form-fields form-item-fields">{key_input}{field(value, cx)}</div>
                    {remove(&item_field, &labelled, cx)}
                </div>
            }
        })
        .collect_view();
    item_box(&caption, rows.into_any(), cx)
}

/// What lists and maps have around their items.
fn item_box(caption: &Caption, rows: AnyView, cx: FormContext) -> AnyView {
    let described = cx.described_by(&caption.field, caption.has_hint());
    view! {
        <fieldset class="form-group form-wide" id=caption.id() tabindex="-1" aria-describedby=described>
            <legend class="field-label">{caption.title(cx)}</legend>
            {caption.hint()}
            <div class="form-box">
                <div class="form-items">{rows}</div>
                {add(caption, cx)}
            </div>
            {caption.problems(cx)}
        </fieldset>
    }
    .into_any()
}

/// One of several forms. Choosing another one sends the form, which comes back with the fields of that one.
pub fn one_of(caption: Caption, chosen: usize, options: Vec<Localised>, child: FormNode, cx: FormContext) -> AnyView {
    let variant = format!("{}@variant", caption.field);
    let entries = options
        .into_iter()
        .enumerate()
        .map(|(number, title)| {
            view! {
                <option value=number.to_string() selected=number == chosen>
                    {title.get(cx.lang).to_owned()}
                </option>
            }
        })
        .collect_view();
    let hint = caption.hint();
    view! {
        <fieldset class="form-group form-wide" id=field_id(&format!("{}@", caption.field)) tabindex="-1">
            <legend class="field-label">{caption.title(cx)}</legend>
            {hint}
            <div class="form-box">
                <div class="form-variant">
                    <select
                        class="input"
                        id=field_id(&variant)
                        name=input_name(&variant)
                        aria-label=t::variant_of(cx.lang, &caption.title)
                        on:change=send_form
                    >
                        {entries}
                    </select>
                    <button class="button" type="submit" name="do" value=format!("change:{variant}")>
                        {t::change_variant(cx.lang)}
                    </button>
                </div>
                <div class="form-fields">{field(child, cx)}</div>
            </div>
        </fieldset>
    }
    .into_any()
}

/// Sends the form that a select belongs to.
fn send_form(event: ev::Event) {
    let select = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
    if let Some(form) = select.and_then(|select| select.form()) {
        drop(form.request_submit());
    }
}

fn add(caption: &Caption, cx: FormContext) -> impl IntoView + use<> {
    let label = t::add_to(cx.lang, &caption.title);
    view! {
        <button class="form-add" type="submit" name="do" value=format!("add:{}", caption.field) aria-label=label>
            {t::add(cx.lang)}
        </button>
    }
}

fn remove(item: &str, labelled: &str, cx: FormContext) -> impl IntoView + use<> {
    view! {
        <button
            class="form-remove"
            type="submit"
            name="do"
            value=format!("remove:{item}")
            aria-label=t::remove_item(cx.lang, labelled)
        >
            "×"
        </button>
    }
}
