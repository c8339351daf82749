//! Before anything is sent: whether Envoy would load the module, and a box to confirm that it is wanted all the same.

use leptos::prelude::*;
use marketplace_domain::{Loads, views::apply::ApplyView};

use crate::{
    components::{
        AnswerChip, FieldProblems, ModuleFacts,
        form::{FormContext, field_id, input_name},
    },
    texts::module as t,
};

/// The field of the box.
pub const CONFIRM: &str = "confirmRefused";

/// The verdict, and the box where it is a refusal. As it was when the step was opened: what is typed does not change it.
pub fn loading(view: &ApplyView, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let module = view.loading.clone();
    let refused = module.verdict.loads == Loads::No;
    let confirmed = view.draft.get(CONFIRM) == "yes";
    let problem = format!("{}-problem", field_id(CONFIRM));
    view! {
        <section class="apply-section module-box" aria-labelledby="loading-title">
            <div class="module-head"><h2 id="loading-title">{t::will_it_load(lang)}</h2><AnswerChip verdict=module.verdict/></div>
            {refused.then(|| view! {
                <div class="note note-bad">
                    <p><strong>{t::refused_title(lang)}</strong></p>
                    <p>{t::refused_explained(lang)}</p>
                    <label class="confirm-line" for=field_id(CONFIRM)>
                        <input
                            type="checkbox"
                            id=field_id(CONFIRM)
                            name=input_name(CONFIRM)
                            value="yes"
                            checked=confirmed
                            aria-describedby=problem
                        />
                        {t::confirm_refused(lang)}
                    </label>
                </div>
                <FieldProblems field=CONFIRM problems=cx.problems/>
            })}
            <ModuleFacts module/>
        </section>
    }
}
