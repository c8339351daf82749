//! How a plugin is on its proxies: one chip, one small bar for each proxy, the reasons in words.

use leptos::prelude::*;
use marketplace_domain::{
    state::Severity,
    views::traffic::{ProxyStateView, StateSummary},
};

use super::{Chip, Tone};
use crate::{
    i18n::use_lang,
    texts::{common, words},
};

/// So many bars are drawn; the chip says the numbers in any case.
const MOST_BARS: usize = 40;

/// The chip and the bars.
#[component]
pub fn StateChip(
    /// The states.
    state: StateSummary,
) -> impl IntoView {
    let lang = use_lang();
    let text = words::states(lang, state.loaded, state.proxies.len(), state.worst);
    let bars = state
        .proxies
        .iter()
        .take(MOST_BARS)
        .map(|proxy| {
            let title = format!("{}: {}", proxy.proxy, words::proxy_state(lang, &proxy.state));
            view! { <span class=format!("bar {}", bar(proxy.state.severity())) title=title></span> }
        })
        .collect_view();
    view! {
        <span class="state">
            <Chip text tone=Tone::from(state.worst)/>
            {(!state.proxies.is_empty()).then(|| view! { <span class="bars" aria-hidden="true">{bars}</span> })}
        </span>
    }
}

fn bar(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "bar-good",
        Severity::Unknown => "bar-unknown",
        Severity::Waiting => "bar-waiting",
        Severity::Warning => "bar-warning",
        Severity::Bad => "bar-bad",
    }
}

/// What proxies say that have not loaded it: each reason once, with how many proxies say so.
#[component]
pub fn StateReasons(
    /// The states.
    state: StateSummary,
) -> impl IntoView {
    let lang = use_lang();
    let reasons = distinct(&state.proxies);
    (!reasons.is_empty()).then(|| {
        let lines = reasons
            .into_iter()
            .map(|(proxy, count)| {
                let state = words::proxy_state(lang, &proxy.state);
                let words = proxy.state.reason().unwrap_or_default().to_owned();
                let many = (count > 1).then(|| format!(" ×{count}"));
                view! { <li><strong>{state}{many}</strong>" "<span class="reason-words">{words}</span></li> }
            })
            .collect_view();
        view! { <ul class="reasons" aria-label=common::reasons(lang)>{lines}</ul> }
    })
}

fn distinct(proxies: &[ProxyStateView]) -> Vec<(ProxyStateView, usize)> {
    let mut found: Vec<(ProxyStateView, usize)> = Vec::new();
    for proxy in proxies.iter().filter(|proxy| proxy.state.reason().is_some()) {
        match found.iter_mut().find(|(known, _)| known.state == proxy.state) {
            Some((_, count)) => *count += 1,
            None => found.push((proxy.clone(), 1)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use marketplace_domain::ProxyState;

    use super::*;

    fn proxy(name: &str, state: ProxyState) -> ProxyStateView {
        ProxyStateView { proxy: format!("shop/{name}"), workload: "cart".into(), state }
    }

    #[test]
    fn a_bar_for_each_proxy_and_the_numbers_in_words() {
        let state = StateSummary {
            proxies: vec![proxy("a", ProxyState::Loaded), proxy("b", ProxyState::Pending)],
            loaded: 1,
            worst: Some(Severity::Waiting),
        };
        let html = view! { <StateChip state/> }.to_html();
        assert!(html.contains("1 / 2 loaded · waiting"), "{html}");
        assert!(html.contains("tone-warn") && html.contains("bar-good") && html.contains("bar-waiting"), "{html}");
        assert!(!html.contains("style="));
    }

    #[test]
    fn each_reason_once() {
        let bad = || ProxyState::Rejected("no such import".into());
        let reasons = distinct(&[proxy("a", bad()), proxy("b", bad()), proxy("c", ProxyState::Loaded)]);
        assert_eq!(reasons.len(), 1);
        assert_eq!(reasons[0].1, 2);
    }
}
