//! The foot of the drawer: what is wrong, with ways to each field, and the way on.

use leptos::prelude::*;
use marketplace_domain::views::apply::ApplyView;

use super::{draft::node_title, loading::CONFIRM, target::Step, trial::MODULE};
use crate::{
    components::form::FormContext,
    texts::{apply as t, common, module, problems, trial},
};

/// More problems than this are counted, not listed.
const LISTED: usize = 4;

/// What is done in the drawer.
#[derive(Debug, Clone, Copy)]
pub struct Doing {
    /// A resource is edited.
    pub editing: bool,
    /// A plugin is tried by itself: nothing is applied in the end.
    pub alone: bool,
}

/// The foot.
pub fn foot(shown: Signal<ApplyView>, step: Step, close: String, doing: Doing, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let wrong = move || shown.with(|view| !view.problems.is_empty());
    let next = match step {
        Step::Configure if doing.alone => view! {
            <button class="button button-primary" type="submit" name="do" value="step:try" id="next">
                {trial::next_try(lang)}
            </button>
        }
        .into_any(),
        Step::Try if doing.alone => view! {
            <button class="button button-primary" type="submit" name="do" value="run" id="next">{trial::run(lang)}</button>
        }
        .into_any(),
        Step::Configure => view! {
            <button class="button button-primary" type="submit" name="do" value="step:place" id="next">
                {t::next_place(lang)}
            </button>
        }
        .into_any(),
        Step::Place => view! {
            <button class="button button-primary" type="submit" name="do" value="step:try" id="next">
                {trial::next_try(lang)}
            </button>
        }
        .into_any(),
        Step::Try => view! {
            <button class="button button-primary" type="submit" name="do" value="step:review" id="next">
                {t::next_review(lang)}
            </button>
        }
        .into_any(),
        Step::Review => view! {
            <button
                class="button button-primary"
                class:is-doubtful=wrong
                type="submit"
                name="do"
                value="apply"
                id="next"
                aria-describedby="apply-problems"
            >
                {if doing.editing { t::save(lang) } else { t::apply(lang) }}
            </button>
        }
        .into_any(),
    };
    view! {
        <div class="drawer-foot">
            <div class="drawer-foot-problems" id="apply-problems" aria-live="polite">
                {move || shown.with(|view| summary(view, step, cx))}
            </div>
            <a class="button" href=close>{common::cancel(lang)}</a>
            {next}
        </div>
    }
}

fn summary(view: &ApplyView, step: Step, cx: FormContext) -> AnyView {
    let lang = cx.lang;
    let found = if step == Step::Try { &view.trial.problems } else { &view.problems };
    if found.is_empty() {
        let text =
            if step == Step::Review && view.cannot.is_none() { t::ready(lang) } else { t::nothing_changed_yet(lang) };
        return view! { <p class="muted">{text}</p> }.into_any();
    }
    let lines = found
        .iter()
        .take(LISTED)
        .map(|problem| {
            let sentence = problems::sentence(lang, &problem.reason);
            let text = match title(view, &problem.field, cx) {
                Some(title) => t::problem_at(lang, &title, &sentence),
                None => sentence,
            };
            if problem.field.is_empty() {
                view! { <li>{text}</li> }.into_any()
            } else {
                let to = format!("field:{}", problem.field);
                view! { <li><button class="link-button" type="submit" name="do" value=to>{text}</button></li> }
                    .into_any()
            }
        })
        .collect_view();
    let more = found.len().saturating_sub(LISTED);
    view! {
        <div class="drawer-problems">
            <span>{t::problem_count(lang, found.len())}</span>
            <ul>{lines}{(more > 0).then(|| view! { <li>{t::more_problems(lang, more)}</li> })}</ul>
        </div>
    }
    .into_any()
}

/// What a field is called on its step.
fn title(view: &ApplyView, field: &str, cx: FormContext) -> Option<String> {
    let lang = cx.lang;
    let known = match field {
        "try.yaml" => trial::yaml_label(lang),
        "try.more" => trial::more(lang),
        "try.request.method" => trial::method(lang),
        "try.request.path" => trial::path(lang),
        "try.request.authority" => trial::authority(lang),
        "try.request.http" => trial::http(lang),
        "try.request.body" | "try.upstream.body" => trial::body(lang),
        "try.upstream.status" => trial::status(lang),
        "try.upstream.delay" => trial::delay(lang),
        "try.upstream.fail" => trial::fail(lang),
        MODULE => t::module(lang),
        header if header.starts_with("try.") => trial::headers(lang),
        "version" => t::version(lang),
        "phase" => t::phase(lang),
        "priority" => t::priority(lang),
        "direction" => t::direction(lang),
        "ports" => t::ports(lang),
        "failStrategy" => t::fail_strategy(lang),
        "pullPolicy" => t::pull_policy(lang),
        "pullSecret" => t::pull_secret(lang),
        "name" => t::resource_name(lang),
        "url" => t::url(lang),
        "sha256" => t::sha256(lang),
        "yaml" => t::yaml(lang),
        "config" => t::configuration(lang),
        CONFIRM => module::will_it_load(lang),
        env if env.starts_with("env") => {
            let number = env.split('.').nth(1).and_then(|number| number.parse::<usize>().ok());
            return Some(number.map_or_else(|| t::environment(lang).to_owned(), |number| t::env_row(lang, number + 1)));
        }
        other => {
            let named = view.form.as_ref().and_then(|form| node_title(form, other, lang));
            return named
                .map(str::to_owned)
                .or_else(|| other.rsplit('/').next().map(str::to_owned))
                .filter(|t| !t.is_empty());
        }
    };
    Some(known.to_owned())
}
