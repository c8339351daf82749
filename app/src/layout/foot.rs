//! The foot of the rail: the cluster, language, theme, user.

use leptos::prelude::*;
use marketplace_domain::{Lang, views::frame::Frame};

use crate::{
    i18n::{LangTag, Theme, use_lang, use_theme},
    texts::frame as t,
};

/// The cluster's health and the switches. They are plain forms: they load the page anew, in the new language or colours.
#[component]
pub fn Foot(
    /// The cluster and the user, where they are known.
    frame: Option<Frame>,
) -> impl IntoView {
    let lang = use_lang();
    let next = use_theme().next();
    let user = frame.as_ref().map(|frame| frame.user.clone()).unwrap_or_default();
    view! {
        <div class="foot">
            {frame.map(|frame| view! { <Cluster frame/> })}
            <div class="foot-row" role="group" aria-label=t::settings(lang)>
                <form method="post" action="/preferences">
                    <button class="button button-small" name="lang" value=lang.other().code() lang=lang.other().tag() aria-label=t::switch_language(lang)>
                        <span class:lang-on=lang == Lang::En>"EN"</span>
                        " / "
                        <span class:lang-on=lang == Lang::Zh>"中文"</span>
                    </button>
                </form>
                <form method="post" action="/preferences">
                    <button class="button button-small" name="theme" value=next.code() aria-label=t::switch_theme(lang, theme_word(lang, next))>
                        {theme_word(lang, next)}
                    </button>
                </form>
                {(!user.is_empty()).then(|| view! {
                    <span class="foot-user"><span class="visually-hidden">{t::user(lang)}" "</span>{user}</span>
                })}
            </div>
        </div>
    }
}

#[component]
fn Cluster(frame: Frame) -> impl IntoView {
    let lang = use_lang();
    let cluster = frame.cluster;
    let (dot, health) = match cluster.stale_since {
        None => ("dot dot-good", t::healthy(lang)),
        Some(_) => ("dot dot-bad", t::unhealthy(lang)),
    };
    let name = if cluster.demo { t::demo(lang).to_owned() } else { cluster.name };
    view! {
        <div class="foot-row foot-cluster">
            <span class=dot role="img" aria-label=health title=health></span>
            <span class="foot-name" title=cluster.demo.then(|| t::demo_explained(lang))>{name}</span>
            {cluster.istio_version.map(|version| view! { <span class="foot-version">"Istio "{version}</span> })}
        </div>
    }
}

fn theme_word(lang: Lang, theme: Theme) -> &'static str {
    match theme {
        Theme::Light => t::to_light(lang),
        Theme::Dark => t::to_dark(lang),
        Theme::Auto => t::to_auto(lang),
    }
}
