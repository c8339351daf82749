//! The drawer: one form around all steps. Without scripts every button posts it; with scripts, what is typed is also
//! previewed while the inputs stay as they are.

use std::time::Duration;

use leptos::{ev, form::FromFormData, html, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys};
use marketplace_domain::{
    Lang, Problem,
    views::{apply::ApplyView, run::RunView},
};

use super::{
    api, configure,
    draft::hidden,
    foot::{Doing, foot},
    loading, place, review,
    target::{Address, Failed, Step},
    trial,
};
use crate::{
    components::{
        ErrorView,
        form::{FormContext, input_name},
    },
    error::AppError,
    live::use_live,
    texts::{self, apply as t, traffic},
};

/// How long nobody has typed before the preview is asked for.
const PAUSE: Duration = Duration::from_millis(300);

/// Which state of the page a drawer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What is applied to whom.
    pub address: Address,
    /// The step.
    pub step: Step,
    /// The draft; empty for none.
    pub draft: String,
    /// Why applying failed a moment ago.
    pub failed: Option<Failed>,
    /// Whether the form was asked for.
    pub asked_form: bool,
    /// The run whose result is shown; empty for none.
    pub run: String,
    /// The run whose input is edited again; empty for none.
    pub from: String,
}

/// The steps of one state. A new state makes a new drawer, so that inputs hold what the draft holds.
pub fn drawer(
    at: Place,
    view: ApplyView,
    ran: Option<Result<RunView, AppError>>,
    action: ServerAction<api::Submit>,
    focus: StoredValue<String>,
    lang: Lang,
) -> AnyView {
    let Place { address, step, draft, failed, asked_form, .. } = at;
    let step = if address.steps().contains(&step) { step } else { Step::Try };
    let shown = RwSignal::new(view.clone());
    let lost = RwSignal::new(false);
    let form = NodeRef::<html::Form>::new();
    let problems = move |view: &ApplyView| match step {
        Step::Try => view.trial.problems.clone(),
        _ => view.problems.clone(),
    };
    let cx = FormContext { lang, problems: Signal::derive(move || shown.with(problems)) };
    let refresh = preview(form, shown, lost);
    let mut later = debounce(PAUSE, move |()| refresh());
    let live = use_live();
    Effect::new(move |before: Option<u32>| {
        let now = live.cluster();
        if before.is_some_and(|before| before != now) {
            refresh();
        }
        now
    });
    Effect::new(move |_| find_focus(&focus.get_value()));

    let close = address.close(view.service.as_ref());
    let (editing, alone) = (address.plugin.is_empty(), address.is_alone());
    let current: Signal<ApplyView> = shown.into();
    let (main, side) = match step {
        Step::Configure => {
            (configure::main(&view, asked_form, cx).into_any(), configure::side(&view, current, cx).into_any())
        }
        Step::Place => (
            place::main(&view, cx).into_any(),
            view! { {place::side(current, cx)}{review::warnings(current, cx)} }.into_any(),
        ),
        Step::Try => (trial::main(&view, current, ran, asked_form, cx).into_any(), trial::side(current, cx).into_any()),
        Step::Review => (
            view! { {loading::loading(&view, cx)}{review::main(current, cx)} }.into_any(),
            view! { {place::side(current, cx)}{review::warnings(current, cx)} }.into_any(),
        ),
    };
    let hidden_fields = hidden(&view, step)
        .into_iter()
        .map(|(field, text)| view! { <input type="hidden" name=input_name(&field) value=text/> })
        .collect_view();
    let failure = move || action.value().get().and_then(Result::err);

    view! {
        <a class="drawer-scrim" href=close.clone() tabindex="-1" aria-hidden="true"></a>
        <section class="drawer" aria-labelledby="drawer-title">
            <header class="drawer-head">
                <div>
                    <h1 id="drawer-title" tabindex="-1">{title(&address, &view, lang)}</h1>
                    <p class="drawer-lead">{lead(&view, lang)}</p>
                </div>
                <a class="button drawer-close" href=close.clone() aria-label=t::close(lang) data-close="">
                    <span aria-hidden="true">"×"</span>
                </a>
            </header>
            <ActionForm
                action
                node_ref=form
                attr:class="drawer-form"
                attr:novalidate="novalidate"
                on:input=move |_| later(())
                on:submit:capture=move |_| focus.set_value(focused())
            >
                <button class="visually-hidden" type="submit" name="do" value=format!("step:{}", step.word()) tabindex="-1" aria-hidden="true">
                    {t::update(lang)}
                </button>
                <input type="hidden" name="namespace" value=address.namespace.clone()/>
                <input type="hidden" name="name" value=address.name.clone()/>
                <input type="hidden" name="plugin" value=address.plugin.clone()/>
                <input type="hidden" name="version" value=address.version.clone()/>
                <input type="hidden" name="draft" value=draft/>
                <input type="hidden" name="step" value=step.word()/>
                {hidden_fields}
                {steps(address.steps(), step, current, lang)}
                <div class="drawer-body">
                    <div class="drawer-main">
                        {failed.map(|failed| failure_note(failed, cx))}
                        {move || failure().map(|error| view! { <ErrorView error/> })}
                        {review::obstacles(current, cx)}
                        {main}
                    </div>
                    <div class="drawer-side">
                        {side}
                        <p class="field-hint" role="status">{move || lost.get().then(|| t::preview_failed(lang))}</p>
                    </div>
                </div>
                {foot(current, step, close, Doing { editing, alone }, cx)}
            </ActionForm>
        </section>
    }
    .into_any()
}

fn failure_note(failed: Failed, cx: FormContext) -> AnyView {
    match failed {
        Failed::Changed => review::changed(cx).into_any(),
        other => view! { <ErrorView error=other.error()/> }.into_any(),
    }
}

fn title(address: &Address, view: &ApplyView, lang: Lang) -> String {
    if address.plugin.is_empty() {
        return t::edit_title(lang, &address.name);
    }
    if address.is_alone() {
        return texts::trial::alone_title(lang, &address.plugin);
    }
    t::apply_title(lang, &address.plugin, view.service.as_ref().map_or(&address.name, |service| service.name.as_str()))
}

fn lead(view: &ApplyView, lang: Lang) -> String {
    let plugin = view.plugin.as_ref();
    // The head says the plugin's name, which is Latin; so here the Chinese one is worth its place, in both languages.
    let name = plugin.map(|plugin| plugin.title.zh.clone());
    let version = match view.versions.as_ref().filter(|versions| versions.moves()) {
        Some(versions) => Some(format!("v{} → v{}", versions.installed, versions.chosen)),
        None => plugin.map(|plugin| format!("v{}", plugin.version)),
    };
    let service = view.service.as_ref().map(|service| format!("{} / {}", service.namespace, service.name));
    let proxies = service.is_some().then(|| traffic::proxy_count(lang, view.proxies.len()));
    [name, version, service, proxies]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The steps, as buttons that take what was typed along.
fn steps(all: &'static [Step], now: Step, shown: Signal<ApplyView>, lang: Lang) -> impl IntoView {
    let button = move |step: Step| {
        let label = match step {
            Step::Configure => t::configure(lang),
            Step::Place => t::place(lang),
            Step::Try => texts::trial::step(lang),
            Step::Review => t::review(lang),
        };
        let wrong = move || {
            shown.with(|view| {
                let problems = view.problems.iter().chain(&view.trial.problems);
                problems.into_iter().any(|Problem { field, .. }| !field.is_empty() && Step::of(field) == step)
            })
        };
        view! {
            <li>
                <button
                    type="submit"
                    name="do"
                    value=format!("step:{}", step.word())
                    id=format!("step-{}", step.word())
                    class="step"
                    class:is-current=step == now
                    aria-current=(step == now).then_some("step")
                >
                    {label}
                    {move || {
                        wrong().then(|| view! {
                            <span class="step-wrong" aria-hidden="true">"!"</span>
                            <span class="visually-hidden">{t::problems_here(lang)}</span>
                        })
                    }}
                </button>
            </li>
        }
    };
    view! {
        <nav class="drawer-steps" aria-label=t::steps(lang)>
            <ol>{all.iter().copied().map(button).collect_view()}</ol>
        </nav>
    }
}

/// Asks what the form as it stands would do. Only the newest answer counts.
fn preview(form: NodeRef<html::Form>, shown: RwSignal<ApplyView>, lost: RwSignal<bool>) -> impl Fn() + Copy + 'static {
    let turn = StoredValue::new(0_u32);
    move || {
        // The drawer may be gone by the time nobody has typed for a moment.
        let Some(form) = form.try_get_untracked().flatten() else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        let Ok(typed) = api::Submit::from_form_data(&data) else { return };
        let mine = turn.get_value().wrapping_add(1);
        turn.set_value(mine);
        let target = shown.with_untracked(|view| view.target.clone());
        spawn_local(async move {
            let answer: Result<ApplyView, AppError> = api::preview(target, typed.fields, typed.draft).await;
            if turn.try_get_value() != Some(mine) {
                return;
            }
            lost.set(answer.is_err());
            if let Ok(view) = answer {
                shown.set(view);
            }
        });
    }
}

/// The id of what has the focus.
fn focused() -> String {
    document().active_element().map(|element| element.id()).unwrap_or_default()
}

/// After a new drawer was made: where the address points to, else where the focus was.
fn find_focus(before: &str) {
    let hash = window().location().hash().unwrap_or_default();
    let wanted = hash.strip_prefix('#').filter(|id| id.starts_with("f-")).unwrap_or(before);
    let element =
        document().get_element_by_id(wanted).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element.filter(|_| !wanted.is_empty()) {
        drop(element.focus());
    }
}

/// Escape leaves a field first, and then the drawer.
pub fn close_on_escape() {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, |event| {
            if event.key() != "Escape" || event.default_prevented() {
                return;
            }
            let active =
                document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(field) =
                active.filter(|field| ["INPUT", "TEXTAREA", "SELECT"].contains(&field.tag_name().as_str()))
            {
                drop(field.blur());
                return;
            }
            let close = document().query_selector("[data-close]").ok().flatten();
            if let Some(link) = close.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
                link.click();
            }
        });
        on_cleanup(move || handle.remove());
    });
}
