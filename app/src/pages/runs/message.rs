//! A message with and without the plugins, side by side. Signs and words say what colour says.

use leptos::prelude::*;
use marketplace_domain::{
    Lang,
    views::run::{BodyChange, BodyForm, MessageChange, SideRow},
};

use crate::texts::run as t;

/// Which of the two messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client to the upstream.
    Request,
    /// From the upstream to the client.
    Response,
}

/// One message.
pub fn message(way: Way, message: Option<&MessageChange>, lang: Lang) -> AnyView {
    let (id, title, way_words, nothing, own) = match way {
        Way::Request => {
            ("run-request", t::request(lang), t::request_way(lang), t::nothing_upstream(lang), t::as_sent(lang))
        }
        Way::Response => {
            ("run-response", t::response(lang), t::response_way(lang), t::nothing_client(lang), t::as_received(lang))
        }
    };
    let content = match message {
        None => view! { <p class="muted">{nothing}</p> }.into_any(),
        Some(message) => sides(message, title, own, lang),
    };
    view! {
        <section class="run-message" aria-labelledby=id>
            <h2 id=id>{title} " " <span class="muted run-way">{way_words}</span></h2>
            {content}
        </section>
    }
    .into_any()
}

fn sides(message: &MessageChange, label: &'static str, own: &'static str, lang: Lang) -> AnyView {
    let both = !message.own;
    let head = match both {
        true => view! {
            <div class="side-row side-head">
                <span class="side">{t::without(lang)}</span>
                <span class="side">{t::with(lang)}</span>
            </div>
        }
        .into_any(),
        false => view! { <div class="side-row side-head"><span class="side">{own}</span></div> }.into_any(),
    };
    let part = |rows: &[SideRow]| rows.iter().map(|row| side_row(row, both, lang)).collect_view();
    let trailers = (!message.trailers.is_empty()).then(|| {
        view! { <p class="side-part">{t::trailers(lang)}</p>{part(&message.trailers)} }
    });
    let unchanged = (both && !message.changed()).then(|| view! { <p class="muted">{t::unchanged(lang)}</p> });
    let incomplete = (!message.complete).then(|| view! { <p class="note note-warning">{t::incomplete(lang)}</p> });
    view! {
        {unchanged}
        {incomplete}
        <div class="sides" class:sides-own=!both tabindex="0" role="region" aria-label=label>
            {head}
            {part(&message.start)}
            <p class="side-part">{t::headers(lang)}</p>
            {part(&message.headers)}
            {body(&message.body, both, lang)}
            {trailers}
        </div>
    }
    .into_any()
}

fn body(body: &BodyChange, both: bool, lang: Lang) -> impl IntoView + use<> {
    let after = body.after.as_ref().map_or(0, |(_, size)| *size);
    let before = body.before.as_ref().map(|(_, size)| *size).filter(|_| both);
    let empty = body.rows.is_empty();
    let sizes = if empty { t::no_body(lang).to_owned() } else { t::sizes(lang, before, after) };
    let same_to_the_eye = both && body.before != body.after && !body.rows.iter().any(SideRow::differs) && body.cut == 0;
    let how = match body.shown {
        _ if empty => None,
        BodyForm::Text => None,
        BodyForm::Json => Some(t::laid_out(lang)),
        BodyForm::Bytes => Some(t::as_bytes(lang)),
    };
    let notes = [Some(sizes), how.map(str::to_owned), same_to_the_eye.then(|| t::same_to_the_eye(lang).to_owned())];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let rows = body.rows.iter().map(|row| side_row(row, both, lang)).collect_view();
    let cut = (body.cut > 0).then(|| view! { <p class="side-gap">{t::cut(lang, body.cut)}</p> });
    view! {
        <p class="side-part">{t::body(lang)} " " <span class="side-note">{notes}</span></p>
        {rows}
        {cut}
    }
}

fn side_row(row: &SideRow, both: bool, lang: Lang) -> AnyView {
    let removed = |text: &str| {
        view! {
            <del class="side">
                <span class="visually-hidden">{t::removed(lang)} ": "</span>
                <span class="side-sign" aria-hidden="true">"−"</span>
                {text.to_owned()}
            </del>
        }
    };
    let added = |text: &str| {
        view! {
            <ins class="side">
                <span class="visually-hidden">{t::added(lang)} ": "</span>
                <span class="side-sign" aria-hidden="true">"+"</span>
                {text.to_owned()}
            </ins>
        }
    };
    let none = || view! { <span class="side side-none"></span> };
    match row {
        SideRow::Same(text) if both => view! {
            <div class="side-row side-same">
                <span class="side">{text.clone()}</span>
                <span class="side" aria-hidden="true">{text.clone()}</span>
            </div>
        }
        .into_any(),
        SideRow::Same(text) => {
            view! { <div class="side-row"><span class="side">{text.clone()}</span></div> }.into_any()
        }
        SideRow::Changed(before, after) => {
            view! { <div class="side-row side-changed">{removed(before)}{added(after)}</div> }.into_any()
        }
        SideRow::Removed(text) => view! { <div class="side-row">{removed(text)}{none()}</div> }.into_any(),
        SideRow::Added(text) => view! { <div class="side-row">{none()}{added(text)}</div> }.into_any(),
        SideRow::Gap(lines) => view! { <p class="side-gap">{t::gap(lang, *lines)}</p> }.into_any(),
    }
}
