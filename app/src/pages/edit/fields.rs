//! The inputs of the form: what was typed, what it is called, what is wrong with it.

use leptos::prelude::*;
use marketplace_domain::{Lang, Problem, draft::Draft};

use crate::{
    components::{
        Field,
        form::{field_id, input_name, textarea_html},
    },
    texts::edit as t,
};

/// What all inputs need.
#[derive(Clone)]
pub struct Inputs {
    /// The page's language.
    pub lang: Lang,
    /// What was typed.
    pub draft: Draft,
    /// What is wrong, as of now.
    pub problems: Signal<Vec<Problem>>,
}

impl Inputs {
    /// One line.
    pub fn line(&self, field: &'static str, hint: &'static str, kind: Line) -> AnyView {
        let (invalid, described) = self.states(field, !hint.is_empty());
        let (label, text, problems) = (t::field(self.lang, field), self.draft.get(field).to_owned(), self.problems);
        let (input_type, class, mode, language) = match kind {
            Line::Number => ("text", "input", Some("numeric"), None),
            Line::Code => ("text", "input code-input", None, None),
            Line::Chinese => ("text", "input", None, Some("zh-CN")),
            Line::Optional => ("text", "input", None, None),
        };
        view! {
            <Field field label hint optional=matches!(kind, Line::Optional) problems>
                <input
                    class=class
                    type=input_type
                    id=field_id(field)
                    name=input_name(field)
                    value=text
                    inputmode=mode
                    lang=language
                    aria-invalid=invalid
                    aria-describedby=described
                    autocomplete="off"
                    spellcheck="false"
                />
            </Field>
        }
        .into_any()
    }

    /// Several lines.
    pub fn area(&self, field: &'static str, hint: &'static str, rows: u8, code: bool) -> AnyView {
        let (invalid, described) = self.states(field, !hint.is_empty());
        let (label, text, problems) = (t::field(self.lang, field), self.draft.get(field).to_owned(), self.problems);
        let class = if code { "input code-input" } else { "input" };
        view! {
            <Field field label hint optional=code problems>
                <textarea
                    class=class
                    id=field_id(field)
                    name=input_name(field)
                    rows=rows
                    aria-invalid=invalid
                    aria-describedby=described
                    spellcheck=if code { "false" } else { "true" }
                    inner_html=textarea_html(&text)
                ></textarea>
            </Field>
        }
        .into_any()
    }

    /// One of some.
    pub fn choice(
        &self,
        field: &'static str,
        options: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> AnyView {
        let (invalid, described) = self.states(field, false);
        let chosen = self.draft.get(field);
        let options = options
            .into_iter()
            .map(|(value, text)| view! { <option value=value selected=value == chosen>{text}</option> })
            .collect_view();
        view! {
            <Field field label=t::field(self.lang, field) problems=self.problems>
                <select class="input" id=field_id(field) name=input_name(field) aria-invalid=invalid aria-describedby=described>
                    {options}
                </select>
            </Field>
        }
        .into_any()
    }

    fn states(
        &self,
        field: &'static str,
        hint: bool,
    ) -> (
        impl Fn() -> Option<&'static str> + Clone + Send + Sync + use<>,
        impl Fn() -> Option<String> + Clone + Send + Sync + use<>,
    ) {
        let problems = self.problems;
        let wrong = move || problems.with(|all| all.iter().any(|problem| problem.field == field));
        let id = field_id(field);
        let described = move || {
            let hint = hint.then(|| format!("{id}-hint"));
            let problem = wrong().then(|| format!("{id}-problem"));
            let ids: Vec<String> = hint.into_iter().chain(problem).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        };
        (move || wrong().then_some("true"), described)
    }
}

/// What goes into a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Words, or nothing.
    Optional,
    /// Words in Chinese.
    Chinese,
    /// A number.
    Number,
    /// A name or an address.
    Code,
}
