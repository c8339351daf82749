//! Fields that are typed into.

use leptos::prelude::*;

use super::{Caption, FormContext, input_name};
use crate::texts::apply as t;

/// One line.
pub fn text(caption: Caption, value: String, default: String, cx: FormContext) -> AnyView {
    line(caption, value, default, "text", cx)
}

/// One line, with the keyboard that phones show for it.
fn line(caption: Caption, value: String, default: String, inputmode: &'static str, cx: FormContext) -> AnyView {
    let described = cx.described_by(&caption.field, caption.has_hint());
    view! {
        <div class="field">
            {caption.label(cx)}
            <input
                class="input"
                type="text"
                inputmode=inputmode
                id=caption.id()
                name=input_name(&caption.field)
                value=value
                placeholder=default
                autocomplete="off"
                spellcheck="false"
                aria-required=caption.required.then_some("true")
                aria-invalid=cx.invalid(&caption.field)
                aria-describedby=described
            />
            {caption.hint()}
            {caption.problems(cx)}
        </div>
    }
    .into_any()
}

/// Several lines.
pub fn lines(caption: Caption, value: String, default: String, cx: FormContext) -> AnyView {
    area(caption, value, default, "input form-area", cx)
}

/// A piece of YAML.
pub fn raw(caption: Caption, value: String, cx: FormContext) -> AnyView {
    let caption = Caption {
        description: if caption.description.is_empty() { t::raw_hint(cx.lang).to_owned() } else { caption.description },
        ..caption
    };
    area(caption, value, String::new(), "input form-area form-code", cx)
}

fn area(caption: Caption, value: String, default: String, class: &'static str, cx: FormContext) -> AnyView {
    let described = cx.described_by(&caption.field, caption.has_hint());
    let rows = value.lines().count().clamp(3, 12).to_string();
    view! {
        <div class="field form-wide">
            {caption.label(cx)}
            <textarea
                class=class
                id=caption.id()
                name=input_name(&caption.field)
                rows=rows
                placeholder=default
                spellcheck="false"
                aria-required=caption.required.then_some("true")
                aria-invalid=cx.invalid(&caption.field)
                aria-describedby=described
                inner_html=textarea_html(&value)
            ></textarea>
            {caption.hint()}
            {caption.problems(cx)}
        </div>
    }
    .into_any()
}

/// The content of a `<textarea>`, for `inner_html`. Leptos writes children of this element as they are, so that text with
/// `</textarea>` in it would become HTML. HTML drops one line break right behind the opening tag; one that was typed
/// gets another.
pub fn textarea_html(value: &str) -> String {
    let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if escaped.starts_with('\n') { format!("\n{escaped}") } else { escaped }
}

/// A number, with what was typed and its limits.
pub struct Number {
    /// What was typed, number or not.
    pub value: String,
    /// The schema's default.
    pub default: String,
    /// Whether only whole numbers are good.
    pub integer: bool,
    /// The least.
    pub minimum: Option<String>,
    /// The most.
    pub maximum: Option<String>,
}

/// A number. The input takes any text: browsers drop from `type="number"` what is no number, and what was typed would be lost.
pub fn number(caption: Caption, number: Number, cx: FormContext) -> AnyView {
    let Number { value, default, integer, minimum, maximum } = number;
    let limits = t::limits(cx.lang, minimum.as_deref(), maximum.as_deref());
    let description =
        [caption.description.as_str(), limits.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
    let caption = Caption { description: description.join(" · "), ..caption };
    let digits = integer && !minimum.is_some_and(|least| least.starts_with('-'));
    line(caption, value, default, if digits { "numeric" } else { "text" }, cx)
}
