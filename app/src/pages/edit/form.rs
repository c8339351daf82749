//! The form itself.

use std::{collections::BTreeSet, time::Duration};

use leptos::{ev, form::FromFormData, html, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys};
use leptos_router::components::A;
use marketplace_domain::{Category, Direction, FailStrategy, Phase, Problem, views::market::PluginForm};

use super::{
    api::{self, SaveForm},
    fields::{Inputs, Line},
    module::ModulePart,
};
use crate::{
    components::Summary,
    i18n::use_lang,
    keyboard,
    press::Press,
    texts::{common, edit as t, words},
};

/// How long nobody has typed before what is typed is checked.
const PAUSE: Duration = Duration::from_millis(350);

/// The form, with everything typed so far. With scripts it is checked while one types: a field's problems are shown once
/// it was left, those of all fields once the form was sent.
#[component]
pub fn EditForm(
    form: PluginForm,
    name: Option<String>,
    draft: Option<String>,
    save: ServerAction<SaveForm>,
) -> impl IntoView {
    let lang = use_lang();
    // A file that was sent says nothing about the rest.
    let sent = form.problems.iter().any(|problem| problem.field != "file");
    let found = RwSignal::new(form.problems.clone());
    let left = RwSignal::new(BTreeSet::<String>::new());
    let problems = Signal::derive(move || {
        let mut all = found.get();
        if !sent {
            left.with(|left| all.retain(|problem| problem.field == "file" || left.contains(&problem.field)));
        }
        all
    });
    let node = NodeRef::<html::Form>::new();
    let press = Press::watch();
    let check = move || check_typed(node, move |problems| press.after(move || drop(found.try_set(problems))));
    let mut later = debounce(PAUSE, move |()| check());
    let on_leave = move |event: ev::FocusEvent| {
        if let Some(field) = field_of(&event) {
            press.after(move || {
                left.try_update(|left| left.insert(field));
                check();
            });
        }
    };
    if !form.problems.is_empty() {
        Effect::new(|_| keyboard::focus("#summary"));
    }

    let inputs = Inputs { lang, draft: form.draft.clone(), problems };
    let name_input = match &name {
        None => inputs.line("name", t::name_hint(lang), Line::Code),
        Some(name) => view! {
            <div class="field">
                <span class="field-label">{t::name(lang)}</span>
                <strong>{name.clone()}</strong>
                <p class="field-hint">{t::name_fixed(lang)}</p>
            </div>
        }
        .into_any(),
    };
    let back = name.as_ref().map_or_else(|| "/".to_owned(), |name| format!("/plugins/{name}"));
    let submit = if name.is_some() { t::submit_edit(lang) } else { t::submit_add(lang) };

    view! {
        <Summary problems=form.problems name_of=t::field/>
        <ActionForm action=save node_ref=node attr:class="plugin-form" attr:novalidate="novalidate" on:input=move |_| later(()) on:focusout=on_leave on:pointerdown=move |_| press.begin()>
            // What the Enter key means: the first button of a form.
            <button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true">{submit}</button>
            <input type="hidden" name="editing" value=name.unwrap_or_default()/>
            <input type="hidden" name="draft" value=draft.unwrap_or_default()/>
            <section class="card plugin-form-part" aria-labelledby="part-about">
                <h2 id="part-about">{t::about(lang)}</h2>
                <div class="field-pair">{name_input}{inputs.line("titleZh", t::title_zh_hint(lang), Line::Chinese)}</div>
                <div class="field-pair">
                    {inputs.area("descriptionEn", t::description_hint(lang), 3, false)}
                    {inputs.area("descriptionZh", t::description_hint(lang), 3, false)}
                </div>
                <div class="field-pair">
                    {inputs.choice("category", Category::ALL.map(|one| (one.as_str(), words::category(lang, one))))}
                    {inputs.line("version", t::version_hint(lang), Line::Code)}
                </div>
            </section>
            <ModulePart inputs=inputs.clone() module=form.module form=node press/>
            <section class="card plugin-form-part" aria-labelledby="part-proposed">
                <h2 id="part-proposed">{t::proposed(lang)}</h2>
                <p class="muted">{t::proposed_hint(lang)}</p>
                <div class="field-pair">
                    {inputs.choice("phase", Phase::ALL.map(|one| (one.as_str(), words::phase(lang, one))))}
                    {inputs.line("priority", t::priority_hint(lang), Line::Number)}
                </div>
                <div class="field-pair">
                    {inputs.choice("failStrategy", FailStrategy::ALL.map(|one| (one.as_str(), words::fail_strategy(lang, one))))}
                    {inputs.choice("direction", Direction::ALL.map(|one| (one.as_str(), words::direction(lang, one))))}
                </div>
            </section>
            <section class="card plugin-form-part" aria-labelledby="part-configuration">
                <h2 id="part-configuration">{t::configuration(lang)}</h2>
                {inputs.area("schema", t::schema_hint(lang), 8, true)}
                {inputs.area("example", t::example_hint(lang), 5, true)}
                {inputs.area("readmeEn", t::readme_hint(lang), 8, true)}
                {inputs.area("readmeZh", t::readme_hint(lang), 8, true)}
            </section>
            <div class="form-end">
                <span class="muted">{t::checked(lang)}</span>
                <A href=back attr:class="button">{common::cancel(lang)}</A>
                <button class="button button-primary" type="submit" disabled=move || save.pending().get()>{submit}</button>
            </div>
        </ActionForm>
    }
}

/// The field of the draft whose input was left.
fn field_of(event: &ev::FocusEvent) -> Option<String> {
    let name = event.target()?.dyn_into::<web_sys::Element>().ok()?.get_attribute("name")?;
    Some(name.strip_prefix("fields[")?.strip_suffix(']')?.to_owned())
}

/// Asks what is wrong now. An answer that does not come changes nothing: sending the form says it in any case.
fn check_typed(node: NodeRef<html::Form>, answered: impl FnOnce(Vec<Problem>) + 'static) {
    // The form may be gone by the time nobody has typed for a moment.
    let Some(form) = node.try_get_untracked().flatten() else { return };
    let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
    let Ok(SaveForm { editing, fields, .. }) = SaveForm::from_form_data(&data) else { return };
    spawn_local(async move {
        if let Ok(problems) = api::check_form(editing, fields).await {
            answered(problems);
        }
    });
}
