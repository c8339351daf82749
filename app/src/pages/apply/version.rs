//! Which version of the catalogue an edited resource has, and which it is to have.

use leptos::prelude::*;
use marketplace_domain::views::apply::{VersionChoice, Versions};

use crate::{
    components::{
        AnswerChip, FieldProblems,
        form::{FormContext, field_id, input_name},
    },
    texts::{apply as t, module},
};

/// The field of the list.
const CHOSEN: &str = "toVersion";

/// The list, and what the choice means.
pub fn choice(versions: &Versions, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let Versions { installed, chosen, all } = versions.clone();
    let newer = versions.latest().filter(|latest| *latest != installed && *latest != chosen);
    let newer = newer.map(
        |latest| view! { <p class="note note-warning" role="note">{t::version_newer(lang, &installed, latest)}</p> },
    );
    let moves = versions.moves().then(|| {
        let verdict = all.iter().find(|one| one.version == chosen).map(|one| one.verdict);
        view! {
            <div class="note" role="status">
                <p><strong>{t::version_moves(lang, &installed, &chosen)}</strong></p>
                <p>{t::version_moved_hint(lang)}</p>
                {verdict.map(|verdict| view! { <p>{module::will_it_load(lang)} " " <AnswerChip verdict/></p> })}
            </div>
        }
    });
    // Whoever comes for the newer version finds it chosen.
    let offered = if versions.moves() { chosen.clone() } else { versions.latest().unwrap_or(&chosen).to_owned() };
    let options = all
        .into_iter()
        .map(|VersionChoice { version, latest, verdict }| {
            let text = t::version_option(lang, &version, version == installed, latest, module::chip(lang, verdict));
            let selected = version == offered;
            view! { <option value=version selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <section class="apply-section" id=field_id("version") tabindex="-1" aria-labelledby="version-title">
            <h2 id="version-title">{t::version(lang)}</h2>
            {newer}
            <div class="field">
                <label class="field-label" for=field_id(CHOSEN)>{t::version_choose(lang)}</label>
                <div class="trial-choose">
                    <select class="input" id=field_id(CHOSEN) name=input_name(CHOSEN)>{options}</select>
                    <button class="button" type="submit" name="do" value="version" id="take-version">{t::version_take(lang)}</button>
                </div>
                {(!versions.moves()).then(|| view! { <p class="field-hint">{t::version_stays(lang)}</p> })}
                <FieldProblems field="version".to_owned() problems=cx.problems/>
            </div>
            {moves}
        </section>
    }
}
