//! A run of the sandbox under its own address: what went in, what came out, and how.

mod api;
mod cost;
mod happened;
mod message;
mod result;
mod trace;

use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_params_map, use_query_map},
};
use marketplace_domain::{
    Lang,
    views::run::{KEPT_BYTES, KEPT_DAYS, KEPT_RUNS, RunView},
};

pub use api::load_run;
pub use result::result;

use crate::{
    components::{ErrorView, PageHead, Skeleton, When},
    i18n::use_lang,
    pages::apply::target::Address,
    texts::run as t,
};

/// The page.
#[component]
pub fn RunPage() -> impl IntoView {
    let lang = use_lang();
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let id = params.with(|params| params.get("id")).unwrap_or_default();
        let page = query.with(|query| query.get("page")).and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
        (id, page)
    });
    let run = Resource::new(move || asked.get(), |(id, page)| api::load_run(id, page));
    view! {
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match run.await {
                    Ok(run) => page(run, lang),
                    Err(error) => view! { <ErrorView error whole=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn page(run: RunView, lang: Lang) -> AnyView {
    let again = Address::of(&run.target).again(&run.id);
    let (created, who, id) = (run.created, run.who.clone(), run.id.clone());
    let engine = run.engine.clone();
    let [name, version, compiler, reference] = engine;
    let exchange = Some(run.name.clone()).filter(|name| !name.is_empty());
    let exchange = exchange.map(|name| view! { <dt>{t::exchange(lang)}</dt><dd>{name}</dd> });
    view! {
        <PageHead title=t::title(lang) lead=t::lead(lang)>
            <A href=again attr:class="button button-primary">{t::edit_again(lang)}</A>
        </PageHead>
        <div class="plugin-columns">
            <div class="plugin-main run">
                {result(&run, lang)}
                {happened::all(&run, lang)}
                {trace::trace(&run, lang)}
            </div>
            <aside class="plugin-side" aria-label=t::cost(lang)>
                <section class="card">
                    <h2>{t::plugins(lang)}</h2>
                    {happened::plugins(&run, lang)}
                </section>
                {cost::cost(&run, lang)}
                <section class="card">
                    <h2>{t::about(lang)}</h2>
                    <dl class="fact-list">
                        {exchange}
                        <dt>{t::ran(lang)}</dt>
                        <dd><When at=created/></dd>
                        <dt>{t::by(lang)}</dt>
                        <dd>{who}</dd>
                        <dt>{t::engine(lang)}</dt>
                        <dd>{format!("{name} {version} ({compiler})")}</dd>
                        <dt>{t::reference(lang)}</dt>
                        <dd>{reference}</dd>
                        <dt>{t::seed(lang)}</dt>
                        <dd>{run.seed.to_string()}</dd>
                        <dt>{t::clock(lang)}</dt>
                        <dd><code>{run.clock.clone()}</code></dd>
                        <dt>{t::files(lang)}</dt>
                        <dd>
                            <a href=format!("/runs/{id}/exchange.json") rel="external" download="">{t::exchange_file(lang)}</a>
                            ", "
                            <a href=format!("/runs/{id}/report.json") rel="external" download="">{t::report_file(lang)}</a>
                        </dd>
                    </dl>
                    <p class="field-hint">{t::kept(lang, KEPT_DAYS, KEPT_RUNS, KEPT_BYTES >> 20)}</p>
                </section>
            </aside>
        </div>
    }
    .into_any()
}
