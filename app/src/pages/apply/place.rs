//! The step Place: where in the chain the plugin stands, which traffic it sees, what happens when it fails.

use leptos::prelude::*;
use marketplace_domain::{
    Direction, FailStrategy, Phase, PullPolicy,
    views::apply::{ApplyView, ChainLink},
};

use crate::{
    components::{
        FieldProblems,
        form::{FormContext, field_id, input_name},
    },
    texts::{apply as t, problems, traffic, words},
};

/// The inputs.
pub fn main(view: &ApplyView, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    let draft = &view.draft;
    let phases = radios(
        "phase",
        t::phase(lang),
        t::phase_hint(lang),
        draft.get("phase"),
        Phase::ALL
            .map(|phase| (phase.as_str(), words::phase(lang, phase).to_owned(), t::phase_means(lang, phase)))
            .to_vec(),
        cx,
    );
    let directions = radios(
        "direction",
        t::direction(lang),
        t::direction_hint(lang),
        draft.get("direction"),
        Direction::ALL
            .map(|direction| {
                let word = words::direction(lang, direction).to_owned();
                (direction.as_str(), word, t::direction_means(lang, direction))
            })
            .to_vec(),
        cx,
    );
    let strategies = radios(
        "failStrategy",
        t::fail_strategy(lang),
        "",
        draft.get("failStrategy"),
        FailStrategy::ALL
            .map(|strategy| {
                let mut word = words::fail_strategy(lang, strategy).to_owned();
                if view.proposal.is_some_and(|proposal| proposal.fail_strategy == strategy) {
                    word = format!("{word} · {}", t::proposed(lang));
                }
                (strategy.as_str(), word, t::fail_means(lang, strategy))
            })
            .to_vec(),
        cx,
    );
    let image = view.image.then(|| {
        let policy = draft.get("pullPolicy").to_owned();
        let options = PullPolicy::ALL
            .map(|known| {
                let selected = known.as_str() == policy;
                view! { <option value=known.as_str() selected=selected>{words::pull_policy(lang, known)}</option> }
            })
            .into_iter()
            .collect_view();
        view! {
            <fieldset class="form-group">
                <legend class="apply-legend">{t::image(lang)}</legend>
                <div class="form-fields">
                    <div class="field">
                        <label class="field-label" for=field_id("pullPolicy")>{t::pull_policy(lang)}</label>
                        <select
                            class="input"
                            id=field_id("pullPolicy")
                            name=input_name("pullPolicy")
                            aria-invalid=cx.invalid("pullPolicy")
                            aria-describedby=cx.described_by("pullPolicy", false)
                        >
                            {options}
                        </select>
                        <FieldProblems field="pullPolicy".to_owned() problems=cx.problems/>
                    </div>
                    {line("pullSecret", t::pull_secret(lang), t::pull_secret_hint(lang), draft.get("pullSecret"), cx)}
                </div>
            </fieldset>
        }
    });
    let foreign = view.plugin.is_none().then(|| {
        view! {
            <fieldset class="form-group">
                <legend class="apply-legend">{t::module(lang)}</legend>
                {line("url", t::url(lang), t::url_hint(lang), draft.get("url"), cx)}
                {line("sha256", t::sha256(lang), "", draft.get("sha256"), cx)}
            </fieldset>
        }
    });
    view! {
        {phases}
        <div class="form-fields">
            {line("priority", t::priority(lang), t::priority_hint(lang), draft.get("priority"), cx)}
            {line("ports", t::ports(lang), t::ports_hint(lang), draft.get("ports"), cx)}
        </div>
        {directions}
        {strategies}
        {image}
        {foreign}
        {(!view.exists)
            .then(|| line("name", t::resource_name(lang), t::resource_name_hint(lang), draft.get("name"), cx))}
    }
}

/// A line of text.
fn line(
    field: &'static str,
    title: &'static str,
    hint: &'static str,
    value: &str,
    cx: FormContext,
) -> impl IntoView + use<> {
    let id = field_id(field);
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{title}</label>
            <input
                class="input"
                type="text"
                inputmode=if field == "priority" { "numeric" } else { "text" }
                id=id
                name=input_name(field)
                value=value.to_owned()
                autocomplete="off"
                spellcheck="false"
                aria-invalid=cx.invalid(field)
                aria-describedby=cx.described_by(field, !hint.is_empty())
            />
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldProblems field=field.to_owned() problems=cx.problems/>
        </div>
    }
}

/// Choices with what each means.
fn radios(
    field: &'static str,
    title: &'static str,
    hint: &'static str,
    chosen: &str,
    options: Vec<(&'static str, String, &'static str)>,
    cx: FormContext,
) -> impl IntoView + use<> {
    let id = field_id(field);
    let hint_id = format!("{id}-hint");
    let rows = options
        .into_iter()
        .map(|(word, label, means)| {
            let option_id = format!("{id}-{word}");
            let means_id = format!("{option_id}-means");
            let checked = word == chosen;
            view! {
                <div class="form-radio">
                    <input
                        type="radio"
                        id=option_id.clone()
                        name=input_name(field)
                        value=word
                        checked=checked
                        aria-describedby=means_id.clone()
                    />
                    <label for=option_id>{label}</label>
                    <p class="field-hint" id=means_id>{means}</p>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset
            class="form-group"
            id=id
            tabindex="-1"
            aria-describedby=cx.described_by(field, !hint.is_empty())
        >
            <legend class="apply-legend">{title}</legend>
            {(!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <div class="form-radios">{rows}</div>
            <FieldProblems field=field.to_owned() problems=cx.problems/>
        </fieldset>
    }
}

/// The chain, and who gets it.
pub fn side(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    view! {
        <section aria-labelledby="chain-title">
            <h2 id="chain-title">{t::where_it_runs(lang)}</h2>
            <ol class="chain">
                <li class="chain-istio">{t::request_in(lang)}</li>
                {move || shown.with(|view| view.chain.iter().map(|link| chain_link(link, cx)).collect_view())}
            </ol>
        </section>
        {who(shown, cx)}
    }
}

fn chain_link(link: &ChainLink, cx: FormContext) -> impl IntoView + use<> {
    let lang = cx.lang;
    match link {
        ChainLink::Istio(word) => view! { <li class="chain-istio">{t::istio_filter(lang, word)}</li> }.into_any(),
        ChainLink::Plugin { name, phase, priority, this } => {
            let place = match priority {
                Some(priority) => format!("{} {priority}", words::phase_short(lang, *phase)),
                None => words::phase_short(lang, *phase).to_owned(),
            };
            let this_word = this.then(|| view! { <span class="visually-hidden">{t::this_plugin(lang)}</span> });
            view! {
                <li class="chain-plugin" class:is-this=*this aria-current=this.then_some("true")>
                    <span class="chain-name">{name.clone()}{this_word}</span>
                    <span class="chain-place">{place}</span>
                </li>
            }
            .into_any()
        }
    }
}

/// The proxies that get it.
pub fn who(shown: Signal<ApplyView>, cx: FormContext) -> impl IntoView {
    let lang = cx.lang;
    let list = move || {
        shown.with(|view| {
            let cannot = view.cannot.map(|why| {
                view! {
                    <p class="note note-bad">
                        <strong>{t::nobody(lang)}</strong>
                        " "
                        {problems::no_proxy(lang, why)}
                    </p>
                }
            });
            let proxies = view
                .proxies
                .iter()
                .map(|proxy| {
                    let name = format!("{}/{}", proxy.namespace, proxy.pod);
                    let kind = words::proxy_kind(lang, proxy.kind);
                    let waiting = (!proxy.ready)
                        .then(|| view! { <span class="proxy-waiting">{format!(" · {}", t::not_ready(lang))}</span> });
                    view! { <li><code>{name}</code><span class="muted">{format!(" · {kind}")}</span>{waiting}</li> }
                })
                .collect_view();
            let count = (!view.proxies.is_empty())
                .then(|| view! { <p class="muted">{traffic::proxy_count(lang, view.proxies.len())}</p> });
            view! { {cannot}{count}<ul class="who">{proxies}</ul> }
        })
    };
    view! {
        <section aria-labelledby="who-title">
            <h2 id="who-title">{t::who_gets_it(lang)}</h2>
            {list}
        </section>
    }
}
