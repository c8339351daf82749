//! One plugin in the grid.

use leptos::prelude::*;
use leptos_router::components::A;
use marketplace_domain::views::market::MarketCard;

use crate::{
    components::{Chip, PhaseChip, Tile, Tone, TwoNames, VerdictChip, When},
    i18n::use_lang,
    texts::{market as t, words},
};

/// A card; all of it is the link.
#[component]
pub fn Card(
    /// The plugin.
    card: MarketCard,
) -> impl IntoView {
    let lang = use_lang();
    let MarketCard { name, title, description, category, origin, phase, verdict, version, updated, services } = card;
    view! {
        <li>
            <article class="plugin-tile">
                <div class="plugin-body">
                    <div class="plugin-names">
                        <Tile name=name.clone() category/>
                        <h2><A href=format!("/plugins/{name}") attr:class="plugin-link"><TwoNames title/></A></h2>
                    </div>
                    <p class="plugin-text">{description.get(lang).to_owned()}</p>
                    <div class="plugin-chips">
                        <Chip text=words::category(lang, category) tone=Tone::Accent/>
                        <PhaseChip phase/>
                        <VerdictChip verdict/>
                    </div>
                </div>
                <div class="plugin-foot">
                    <span>"v"{version}</span>
                    <span>{t::in_use(lang, services)}</span>
                    <span><span class="visually-hidden">{t::updated(lang)}" "</span><When at=updated day=true/></span>
                    <span class="plugin-foot-end">{words::origin(lang, origin)}</span>
                </div>
            </article>
        </li>
    }
}
