//! What is wrong with the cluster as a whole, above every page.

use leptos::prelude::*;
use marketplace_domain::views::frame::Frame;

use crate::{
    components::{Icon, Sign, When},
    i18n::use_lang,
    texts::frame as t,
};

/// The banners; none when all is well.
#[component]
pub fn Banners(
    /// What is known.
    frame: Option<Frame>,
) -> impl IntoView {
    let lang = use_lang();
    let frame = frame.unwrap_or_default();
    let database = frame.database_away_since.map(|since| {
        let (before, after) = t::database_away(lang);
        view! { <p class="banner banner-warn" role="status"><Icon sign=Sign::Warning/><span>{before}<When at=since/>{after}</span></p> }
    });
    let cluster = frame.cluster;
    let stale = cluster.stale_since.map(|since| {
        let (before, after) = t::stale(lang);
        view! { <p class="banner banner-warn" role="status"><Icon sign=Sign::Warning/><span>{before}<When at=since/>{after}</span></p> }
    });
    let crd = cluster.crd_missing.then(|| {
        view! { <p class="banner banner-warn" role="status"><Icon sign=Sign::Warning/><span>{t::crd_missing(lang)}</span></p> }
    });
    let forbidden = (!cluster.forbidden.is_empty()).then(|| {
        let text = t::forbidden(lang, &cluster.forbidden.join(", "));
        view! { <p class="banner banner-warn" role="status"><Icon sign=Sign::Warning/><span>{text}</span></p> }
    });
    let malformed = (!cluster.malformed.is_empty()).then(|| {
        let title = t::malformed(lang, cluster.malformed.len());
        let lines = cluster.malformed.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view();
        view! { <details class="banner"><summary>{title}</summary><ul>{lines}</ul></details> }
    });
    view! { {stale}{database}{crd}{forbidden}{malformed} }
}
