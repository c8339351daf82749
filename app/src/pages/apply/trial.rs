//! The step Try: the exchange as a form or as YAML, the plugins that it passes, and what came of the last run.

use leptos::{either::Either, prelude::*};
use leptos_router::components::A;
use marketplace_domain::{
    draft::Draft,
    views::{
        apply::ApplyView,
        run::RunView,
        trial::{HeaderRow, SampleTitle, TrialPlugin, TrialView},
    },
};

use super::target::Address;
use crate::{
    components::{
        ErrorView, Field, FieldProblems,
        form::{self, FormContext, field_id, input_name},
    },
    error::Result,
    pages::runs,
    texts::{apply, problems, run, trial as t},
};

/// Methods that people use most; any other can be typed.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The exchange, and what came of the last run.
pub fn main(
    view: &ApplyView,
    shown: Signal<ApplyView>,
    ran: Option<Result<RunView>>,
    asked_form: bool,
    cx: FormContext,
) -> impl IntoView + use<> {
    let lang = cx.lang;
    let trial = &view.trial;
    let done = ran.is_some();
    let result = ran.map(|ran| match ran {
        Ok(run) => Either::Left(view! {
            {runs::result(&run, lang)}
            <p><A href=format!("/runs/{}", run.id)>{run::permalink(lang)}</A></p>
        }),
        Err(error) => Either::Right(view! { <ErrorView error/> }),
    });
    let alone = Address::of(&view.target).is_alone();
    let editor = editor(view, alone, asked_form, cx);
    // What is typed stays in sight until it ran, and while something is wrong with it.
    let open = !done || !trial.problems.is_empty();
    view! {
        <section class="apply-section" aria-labelledby="trial-title">
            <div class="apply-section-head">
                <h2 id="trial-title">{t::title(lang)}</h2>
                <button class="button button-primary" type="submit" name="do" value="run" id="run">
                    {if done { t::run_again(lang) } else { t::run(lang) }}
                </button>
            </div>
            <p class="field-hint">{t::explained(lang)}</p>
        </section>
        {obstacles(shown, cx)}
        {result}
        {if done {
            Either::Left(view! {
                <details class="trial-edit" open=open>
                    <summary class="button">{t::edit_sample(lang)}</summary>
                    {editor}
                </details>
            })
        } else {
            Either::Right(editor)
        }}
    }
}

/// Getting at the module: typed nowhere on this step.
pub const MODULE: &str = "try.module";

/// What stops a run and belongs to no field of this step.
fn obstacles(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    move || {
        shown.with(|view| {
            let lines = view
                .trial
                .problems
                .iter()
                .filter(|problem| !problem.field.starts_with("try.") || problem.field == MODULE)
                .map(|problem| view! { <li>{problems::sentence(lang, &problem.reason)}</li> })
                .collect::<Vec<_>>();
            (!lines.is_empty()).then(|| {
                view! {
                    <section class="note note-bad" id=field_id(MODULE) tabindex="-1" aria-labelledby="trial-obstacles">
                        <h3 id="trial-obstacles">{t::other_problems(lang)}</h3>
                        <ul>{lines}</ul>
                    </section>
                }
            })
        })
    }
}

fn editor(view: &ApplyView, alone: bool, asked_form: bool, cx: FormContext) -> AnyView {
    let (trial, draft) = (&view.trial, &view.draft);
    let lang = cx.lang;
    let fields = match trial.by_yaml {
        true => {
            let note =
                asked_form.then(|| view! { <p class="note note-warning" role="status">{t::form_cannot(lang)}</p> });
            view! { {note}{area("try.yaml", t::yaml_label(lang), t::yaml_hint(lang), &trial.yaml, 12, true, cx)} }
                .into_any()
        }
        false => view! {
            {request(trial, draft, cx)}
            {upstream(trial, draft, cx)}
            {area("try.more", t::more(lang), t::more_hint(lang), draft.get("try.more"), 5, true, cx)}
        }
        .into_any(),
    };
    view! {
        <div class="trial-editor">
            <div class="trial-head">
                {(!trial.samples.is_empty()).then(|| samples(&trial.samples, draft.get("try.sample"), alone, cx))}
                {switch(trial.by_yaml, cx)}
            </div>
            {fields}
        </div>
    }
    .into_any()
}

fn samples(titles: &[SampleTitle], chosen: &str, alone: bool, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let options = titles
        .iter()
        .enumerate()
        .map(|(number, title)| {
            let value = number.to_string();
            let selected = value == chosen;
            view! { <option value=value selected=selected>{t::sample_title(lang, title)}</option> }
        })
        .collect_view();
    let id = field_id("try.sample");
    let hint = format!("{id}-hint");
    // Only the plugin's own know what it is configured with.
    let own = titles.iter().any(|title| matches!(title, SampleTitle::Own(_)));
    let explained = match (own, alone) {
        (false, _) => t::sample_hint_general(lang),
        (true, true) => t::sample_hint_alone(lang),
        (true, false) => t::sample_hint(lang),
    };
    view! {
        <div class="field trial-sample">
            <label class="field-label" for=id.clone()>{t::sample(lang)}</label>
            <div class="trial-choose">
                <select class="input" id=id name=input_name("try.sample") aria-describedby=hint.clone()>{options}</select>
                <button class="button" type="submit" name="do" value="sample" id="take-sample">{t::take_sample(lang)}</button>
            </div>
            <p class="field-hint" id=hint>{explained}</p>
        </div>
    }
}

fn switch(yaml: bool, cx: FormContext) -> impl IntoView {
    let button = move |word: &'static str, label: &'static str, on: bool| {
        view! {
            <button
                type="submit"
                name="do"
                value=word
                id=word
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
            {button("try-form", apply::form(cx.lang), !yaml)}
            {button("try-yaml", apply::yaml(cx.lang), yaml)}
        </div>
    }
}

fn request(trial: &TrialView, draft: &Draft, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let http2 = draft.get("try.request.http") == "2";
    view! {
        <fieldset class="form-group trial-message">
            <legend class="apply-legend">{t::request(lang)}</legend>
            <div class="trial-start">
                {line(draft, "try.request.method", t::method(lang), Some("trial-methods"), cx)}
                {line(draft, "try.request.path", t::path(lang), None, cx)}
                {line(draft, "try.request.authority", t::authority(lang), None, cx)}
                <Field field="try.request.http" label=t::http(lang) problems=cx.problems>
                    <select class="input" id=field_id("try.request.http") name=input_name("try.request.http")>
                        <option value="1" selected=!http2>{t::http1(lang)}</option>
                        <option value="2" selected=http2>{t::http2(lang)}</option>
                    </select>
                </Field>
            </div>
            <datalist id="trial-methods">{METHODS.map(|method| view! { <option value=method></option> })}</datalist>
            {headers("request", trial.request.clone(), cx)}
            {area("try.request.body", t::body(lang), t::body_hint(lang), draft.get("try.request.body"), 3, false, cx)}
        </fieldset>
    }
}

fn upstream(trial: &TrialView, draft: &Draft, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let fails = [
        ("", t::fail_none(lang)),
        ("connect", t::fail_connect(lang)),
        ("reset", t::fail_reset(lang)),
        ("reset_after_headers", t::fail_reset_after_headers(lang)),
        ("no_answer", t::fail_no_answer(lang)),
    ];
    let chosen = draft.get("try.upstream.fail");
    let fails = fails.map(|(word, label)| view! { <option value=word selected=word == chosen>{label}</option> });
    view! {
        <fieldset class="form-group trial-message">
            <legend class="apply-legend">{t::upstream(lang)}</legend>
            <div class="trial-start">
                {line(draft, "try.upstream.status", t::status(lang), None, cx)}
                {line(draft, "try.upstream.delay", t::delay(lang), None, cx)}
                <Field field="try.upstream.fail" label=t::fail(lang) problems=cx.problems>
                    <select class="input" id=field_id("try.upstream.fail") name=input_name("try.upstream.fail")>{fails}</select>
                </Field>
            </div>
            {headers("upstream", trial.upstream.clone(), cx)}
            {area("try.upstream.body", t::body(lang), "", draft.get("try.upstream.body"), 4, false, cx)}
        </fieldset>
    }
}

fn line(
    draft: &Draft,
    field: &'static str,
    label: &'static str,
    list: Option<&'static str>,
    cx: FormContext,
) -> impl IntoView + use<> {
    let value = draft.get(field).to_owned();
    view! {
        <Field field=field label=label problems=cx.problems>
            <input
                class="input form-code"
                type="text"
                id=field_id(field)
                name=input_name(field)
                value=value
                list=list
                autocomplete="off"
                spellcheck="false"
                aria-invalid=cx.invalid(field)
                aria-describedby=cx.described_by(field, false)
            />
        </Field>
    }
}

fn headers(message: &'static str, rows: Vec<HeaderRow>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let request = message == "request";
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(place, row)| {
            let field = |part: &str| format!("try.{message}.headers.{}.{part}", row.number);
            let input = |field: String, label: &'static str, value: String| {
                view! {
                    <div class="field">
                        <input
                            class="input form-code"
                            type="text"
                            id=field_id(&field)
                            name=input_name(&field)
                            value=value
                            aria-label=label
                            placeholder=label
                            autocomplete="off"
                            spellcheck="false"
                            aria-invalid=cx.invalid(&field)
                            aria-describedby=cx.described_by(&field, false)
                        />
                        <FieldProblems field=field.clone() problems=cx.problems/>
                    </div>
                }
            };
            view! {
                <div class="trial-header" role="group" aria-label=t::header_row(lang, request, place + 1)>
                    {input(field("name"), t::header_name(lang), row.name.clone())}
                    {input(field("value"), t::header_value(lang), row.value.clone())}
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="trial-headers">
            <p class="field-label">{t::headers(lang)}</p>
            {rows}
            <button class="form-add" type="submit" name="do" value="step:try" id=format!("add-{message}-header")>
                {t::header_add(lang)}
            </button>
        </div>
    }
}

fn area(
    field: &'static str,
    label: &'static str,
    hint: &'static str,
    text: &str,
    least: usize,
    code: bool,
    cx: FormContext,
) -> impl IntoView + use<> {
    let rows = (text.lines().count() + 1).clamp(least, 24).to_string();
    let class = if code { "input form-area form-code" } else { "input form-area form-code trial-body" };
    let html = form::textarea_html(text);
    view! {
        <Field field=field label=label hint=hint problems=cx.problems>
            <textarea
                class=class
                id=field_id(field)
                name=input_name(field)
                rows=rows
                spellcheck="false"
                autocomplete="off"
                aria-invalid=cx.invalid(field)
                aria-describedby=cx.described_by(field, !hint.is_empty())
                inner_html=html
            ></textarea>
        </Field>
    }
}

/// The plugins that will run.
pub fn side(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let one = move |plugin: &TrialPlugin| {
        let this = plugin.this.then(|| view! { <span class="visually-hidden">{t::this_plugin(lang)}</span> });
        let why = plugin.left_out.map(|why| view! { <span class="chain-place">{t::left_out_why(lang, why)}</span> });
        view! {
            <li
                class="chain-plugin"
                class:is-this=plugin.this
                class:is-left-out=plugin.left_out.is_some()
                aria-current=plugin.this.then_some("true")
            >
                <span class="chain-name">{plugin.name.clone()}{this}</span>
                {why}
            </li>
        }
    };
    view! {
        <section aria-labelledby="trial-chain">
            <h2 id="trial-chain">{t::chain(lang)}</h2>
            <p class="field-hint">{t::chain_explained(lang)}</p>
            <ol class="chain trial-chain">
                {move || shown.with(|view| view.trial.chain.iter().map(one).collect_view())}
            </ol>
            {move || shown.with(|view| {
                let names = view.trial.unknown_env.join(", ");
                (!names.is_empty()).then(|| view! { <p class="field-hint">{t::unknown_env(lang)} " " <code>{names}</code></p> })
            })}
        </section>
    }
}
