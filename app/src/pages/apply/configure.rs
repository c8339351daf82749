//! The step Configure: the plugin's configuration, as a form or as YAML, and the environment of its VM.

use leptos::prelude::*;
use marketplace_domain::views::apply::{ApplyView, EnvRow};

use super::{draft::by_yaml, version};
use crate::{
    components::{
        CodeBlock, FieldProblems,
        form::{self, FormContext, field_id, input_name},
    },
    texts::apply as t,
};

/// The inputs.
pub fn main(view: &ApplyView, asked_form: bool, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let yaml = by_yaml(view);
    let has_form = view.schema;
    let inputs = if yaml {
        let note = match (has_form, asked_form) {
            (true, true) => Some(view! { <p class="note note-warning" role="status">{t::form_cannot(lang)}</p> }),
            (true, false) => None,
            (false, _) => Some(view! { <p class="note" role="note">{t::yaml_only(lang)}</p> }),
        };
        view! { {note}{yaml_input(view, cx)} }.into_any()
    } else {
        match view.form.clone() {
            Some(node) if is_empty(&node) => view! { <p class="muted">{t::no_settings(lang)}</p> }.into_any(),
            Some(node) => form::field(node, cx),
            None => ().into_any(),
        }
    };
    view! {
        {view.versions.as_ref().map(|versions| version::choice(versions, cx))}
        <section class="apply-section" aria-labelledby="configuration-title">
            <div class="apply-section-head">
                <h2 id="configuration-title">{t::configuration(lang)}</h2>
                {has_form.then(|| switch(yaml, cx))}
            </div>
            {inputs}
        </section>
        {environment(view.env.clone(), cx)}
    }
}

fn is_empty(node: &marketplace_domain::form::FormNode) -> bool {
    matches!(&node.kind, marketplace_domain::form::FormKind::Object { children } if children.is_empty())
}

fn switch(yaml: bool, cx: FormContext) -> impl IntoView {
    let button = move |word: &'static str, label: &'static str, on: bool| {
        view! {
            <button
                type="submit"
                name="do"
                value=word
                id=format!("mode-{word}")
                class="switch-button"
                class:is-on=on
                aria-pressed=if on { "true" } else { "false" }
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="switch" role="group" aria-label=t::view_of(cx.lang)>
            {button("form", t::form(cx.lang), !yaml)}
            {button("yaml", t::yaml(cx.lang), yaml)}
        </div>
    }
}

fn yaml_input(view: &ApplyView, cx: FormContext) -> impl IntoView + use<> {
    let rows = (view.yaml.lines().count() + 2).clamp(10, 28).to_string();
    view! {
        <div class="field form-wide">
            <label class="visually-hidden" for=field_id("yaml")>{t::yaml_label(cx.lang)}</label>
            <textarea
                class="input form-area form-code"
                id=field_id("yaml")
                name=input_name("yaml")
                rows=rows
                spellcheck="false"
                autocomplete="off"
                aria-invalid=cx.invalid("yaml")
                aria-describedby=cx.described_by("yaml", true)
                inner_html=form::textarea_html(&view.yaml)
            ></textarea>
            <p class="field-hint" id=format!("{}-hint", field_id("yaml"))>{t::yaml_hint(cx.lang)}</p>
            <FieldProblems field="yaml".to_owned() problems=cx.problems/>
            <FieldProblems field="config".to_owned() problems=cx.problems/>
        </div>
    }
}

fn environment(rows: Vec<EnvRow>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let host = rows.iter().any(|row| row.from == "HOST");
    let rows = rows.into_iter().enumerate().map(|(number, row)| env_row(number, row, cx)).collect_view();
    view! {
        <section class="apply-section" aria-labelledby="environment-title">
            <h2 id="environment-title">{t::environment(lang)}</h2>
            <p class="field-hint">{t::environment_hint(lang)}</p>
            {rows}
            <button class="form-add" type="submit" name="do" value="step:configure" id="env-add">
                {t::env_add(lang)}
            </button>
            <p class=if host { "note note-warning" } else { "field-hint" }>{t::env_host_explained(lang)}</p>
            <FieldProblems field="env".to_owned() problems=cx.problems/>
        </section>
    }
}

fn env_row(number: usize, row: EnvRow, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let field = |part: &str| format!("env.{number}.{part}");
    let (name, from, value) = (field("name"), field("from"), field("value"));
    let label = t::env_row(lang, number + 1);
    let host = row.from == "HOST";
    view! {
        <div class="env-row" role="group" aria-label=label>
            <div class="field">
                <label class="field-label field-label-small" for=field_id(&name)>{t::env_name(lang)}</label>
                <input
                    class="input form-code"
                    type="text"
                    id=field_id(&name)
                    name=input_name(&name)
                    value=row.name
                    placeholder="LOG_LEVEL"
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=cx.invalid(&name)
                    aria-describedby=cx.described_by(&name, false)
                />
                <FieldProblems field=name.clone() problems=cx.problems/>
            </div>
            <div class="field">
                <label class="field-label field-label-small" for=field_id(&from)>{t::env_from(lang)}</label>
                <select
                    class="input"
                    id=field_id(&from)
                    name=input_name(&from)
                    aria-invalid=cx.invalid(&from)
                    aria-describedby=cx.described_by(&from, false)
                >
                    <option value="INLINE" selected=!host>{t::env_inline(lang)}</option>
                    <option value="HOST" selected=host>{t::env_host(lang)}</option>
                </select>
                <FieldProblems field=from.clone() problems=cx.problems/>
            </div>
            <div class="field">
                <label class="field-label field-label-small" for=field_id(&value)>{t::env_value(lang)}</label>
                <input
                    class="input form-code"
                    type="text"
                    id=field_id(&value)
                    name=input_name(&value)
                    value=row.value
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=cx.invalid(&value)
                    aria-describedby=cx.described_by(&value, false)
                />
                <FieldProblems field=value.clone() problems=cx.problems/>
            </div>
        </div>
    }
}

/// The YAML beside the form.
pub fn side(view: &ApplyView, shown: Signal<ApplyView>, cx: FormContext) -> Option<impl IntoView + use<>> {
    let lang = cx.lang;
    (!by_yaml(view)).then(|| {
        view! {
            <section aria-labelledby="same-title">
                <h2 id="same-title">{t::same_as_yaml(lang)}</h2>
                {move || view! { <CodeBlock text=shown.with(|view| view.yaml.clone()) label=t::same_as_yaml(lang)/> }}
                <p class="field-hint">{t::same_explained(lang)}</p>
            </section>
        }
    })
}
