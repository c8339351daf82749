//! One installed plugin in the table.

use leptos::prelude::*;
use leptos_router::components::A;
use marketplace_domain::{
    Lang,
    views::traffic::{InstalledRow, Scope, StateSummary},
};

use crate::{
    components::{Chip, PhaseChip, StateChip, StateReasons, Tone, When},
    texts::{common, traffic as t},
};

/// What a plugin is called, and below it the other name and the version, or that it is not of the marketplace.
pub fn names(row: &InstalledRow, lang: Lang) -> (String, String) {
    match &row.plugin {
        Some(plugin) => {
            let first = plugin.title.get(lang).to_owned();
            let other = plugin.title.get(lang.other()).to_owned();
            let version = format!("v{}", plugin.version);
            let second = if other == first || other.is_empty() { version } else { format!("{other} · {version}") };
            (first, second)
        }
        None => (row.resource.clone(), t::not_in_market(lang).to_owned()),
    }
}

/// Edit and Uninstall.
pub fn actions(row: &InstalledRow, lang: Lang) -> impl IntoView + use<> {
    let base = format!("/installed/{}/{}", row.namespace, row.resource);
    view! {
        <A href=format!("{base}/edit") attr:class="button button-small" attr:aria-label=t::edit_this(lang, &row.resource)>
            {common::edit(lang)}
        </A>
        <A
            href=format!("{base}/uninstall")
            attr:class="button button-small button-danger"
            attr:aria-label=t::uninstall_this(lang, &row.resource)
        >
            {t::uninstall(lang)}
        </A>
    }
}

/// How the proxies are, with the reasons.
#[component]
pub fn States(
    /// The states.
    state: StateSummary,
) -> impl IntoView {
    view! {
        <div class="states">
            <StateChip state=state.clone()/>
            <StateReasons state/>
        </div>
    }
}

/// A row, which becomes a card on small screens: each cell knows the name of its column.
pub fn row(row: InstalledRow, lang: Lang) -> impl IntoView {
    let (first, second) = names(&row, lang);
    let links = actions(&row, lang);
    let title = match &row.plugin {
        Some(plugin) => view! { <A href=format!("/plugins/{}", plugin.name)>{first}</A> }.into_any(),
        None => first.into_any(),
    };
    let scope = match &row.scope {
        Scope::Services(services) if !services.is_empty() => services
            .iter()
            .enumerate()
            .map(|(n, service)| {
                let comma = (n > 0).then_some(", ");
                let href = format!("/services/{}/{}", service.namespace, service.name);
                let name = service.name.to_string();
                view! { {comma}<A href=href>{name}</A> }
            })
            .collect_view()
            .into_any(),
        other => t::scope(lang, other).into_any(),
    };
    let hint = t::scope_hint(lang, &row.scope).map(|hint| view! { <span class="cell-second">{hint}</span> });
    let priority = match row.priority {
        Some(priority) => view! { <span class="cell-number">{priority}</span> }.into_any(),
        None => view! { <span class="cell-second">{t::priority_unset(lang)}</span> }.into_any(),
    };
    let manager = row.manager.clone().unwrap_or_else(|| t::by_unknown(lang).to_owned());
    let outdated = row.plugin.as_ref().is_some_and(|plugin| plugin.outdated);
    view! {
        <tr>
            <td data-label=t::plugin(lang)>
                <span class="cell-first">{title}</span>
                <span class="cell-second">{second}</span>
                {outdated.then(|| view! { <Chip text=t::outdated(lang) tone=Tone::Warn/> })}
            </td>
            <td data-label=t::scope_column(lang)>{scope}{hint}</td>
            <td data-label=common::namespace(lang)>
                {row.namespace.clone()}
                <span class="cell-second">{row.resource.clone()}</span>
            </td>
            <td data-label=t::phase_column(lang)>
                <PhaseChip phase=row.phase/>
                " "
                {priority}
            </td>
            <td data-label=t::state_column(lang)><States state=row.state/></td>
            <td data-label=t::installed_column(lang)>
                <When at=row.created/>
                <span class="cell-second">{manager}</span>
            </td>
            <td class="cell-actions">{links}</td>
        </tr>
    }
}
