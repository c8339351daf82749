//! The schema as a table, and an example.

use leptos::prelude::*;
use marketplace_domain::views::market::{PluginPage as Plugin, SchemaRow};

use crate::{
    components::{Chip, CodeBlock, Empty},
    i18n::use_lang,
    texts::plugin as t,
};

/// The tab.
#[component]
pub fn Configuration(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    let fields = if plugin.schema.is_empty() {
        view! { <Empty title=t::no_schema(lang) hint=t::no_schema_hint(lang)/> }.into_any()
    } else {
        let rows = plugin.schema.into_iter().map(|row| view! { <Row row/> }).collect_view();
        view! {
            <section>
                <h2>{t::fields(lang)}</h2>
                <div class="table-box" tabindex="0" role="region" aria-label=t::fields(lang)>
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">{t::field(lang)}</th>
                                <th scope="col">{t::about(lang)}</th>
                                <th scope="col">{t::kind(lang)}</th>
                                <th scope="col">{t::default(lang)}</th>
                                <th scope="col">{t::limits(lang)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
        .into_any()
    };
    view! {
        {fields}
        {plugin.example.map(|example| view! {
            <section><h2>{t::example(lang)}</h2><CodeBlock text=example label=t::example(lang)/></section>
        })}
        {plugin.schema_json.map(|json| view! {
            <details><summary>{t::schema_json(lang)}</summary><CodeBlock text=json label=t::schema_json(lang)/></details>
        })}
    }
}

#[component]
fn Row(row: SchemaRow) -> impl IntoView {
    let lang = use_lang();
    let SchemaRow { path, title, description, kind, default, required, limits } = row;
    view! {
        <tr>
            <td class="schema-field"><code class="schema-path">{path}</code></td>
            <td class="schema-about">
                <strong>{title.get(lang).to_owned()}</strong>
                " "
                {required.then(|| view! { <Chip text=t::required(lang)/> })}
                <p>{description.get(lang).to_owned()}</p>
            </td>
            <td>{kind}</td>
            <td class="schema-value">{default.map(|default| view! { <code>{default}</code> })}</td>
            <td class="schema-value">{limits}</td>
        </tr>
    }
}
