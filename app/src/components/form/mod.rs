//! A plugin's configuration as a form, drawn from [`FormNode`]: plain HTML inputs that hold what was typed and whose names
//! lead back to the draft. Inputs are never made anew while somebody types: only problems, which are signals, change.

mod choices;
mod groups;
mod inputs;
mod names;
mod parts;
#[cfg(test)]
mod tests;

use leptos::prelude::*;
use marketplace_domain::{
    Lang, Problem,
    form::{FormKind, FormNode},
};

pub use inputs::textarea_html;
pub use names::{draft, field_id, input_name};
pub use parts::Caption;

/// What every field of a form needs.
#[derive(Clone, Copy)]
pub struct FormContext {
    /// The page's language.
    pub lang: Lang,
    /// What is wrong, as of now.
    pub problems: Signal<Vec<Problem>>,
}

impl FormContext {
    /// Whether a field has a problem.
    pub fn is_wrong(self, field: &str) -> bool {
        self.problems.with(|all| all.iter().any(|problem| problem.field == field))
    }

    /// The value of `aria-invalid`.
    pub fn invalid(self, field: &str) -> impl Fn() -> Option<&'static str> + Clone + Send + Sync + use<> {
        let field = field.to_owned();
        move || self.is_wrong(&field).then_some("true")
    }

    /// The value of `aria-describedby`: the hint, and the problems while there are some.
    pub fn described_by(self, field: &str, hint: bool) -> impl Fn() -> Option<String> + Clone + Send + Sync + use<> {
        let (field, id) = (field.to_owned(), field_id(field));
        move || {
            let hint = hint.then(|| format!("{id}-hint"));
            let problem = self.is_wrong(&field).then(|| format!("{id}-problem"));
            let ids: Vec<String> = hint.into_iter().chain(problem).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    }
}

/// Draws a field, and everything inside it.
pub fn field(node: FormNode, cx: FormContext) -> AnyView {
    let FormNode { field, title, description, required, kind, problems: _ } = node;
    let caption = Caption {
        title: title.get(cx.lang).to_owned(),
        description: description.get(cx.lang).to_owned(),
        required,
        field,
    };
    match kind {
        FormKind::Text { value, default, multiline: false } => inputs::text(caption, value, default, cx),
        FormKind::Text { value, default, multiline: true } => inputs::lines(caption, value, default, cx),
        FormKind::Number { value, default, integer, minimum, maximum } => {
            inputs::number(caption, inputs::Number { value, default, integer, minimum, maximum }, cx)
        }
        FormKind::Raw { value } => inputs::raw(caption, value, cx),
        FormKind::Bool { value } => choices::yes_no(caption, value, cx),
        FormKind::Choice { value, options, default } => choices::one(caption, value, options, default, cx),
        FormKind::Many { options } => choices::many(caption, options, cx),
        FormKind::Object { children } => groups::object(caption, children, cx),
        FormKind::List { items } => groups::list(caption, items, cx),
        FormKind::Map { rows } => groups::map(caption, rows, cx),
        FormKind::OneOf { chosen, options, child } => groups::one_of(caption, chosen, options, *child, cx),
    }
}

/// The names of all inputs that [`field`] draws for a node: whatever else a draft holds goes into hidden inputs.
pub fn input_fields(node: &FormNode, into: &mut Vec<String>) {
    let own = &node.field;
    match &node.kind {
        FormKind::Text { .. } | FormKind::Number { .. } | FormKind::Choice { .. } | FormKind::Raw { .. } => {
            into.push(own.clone());
        }
        FormKind::Bool { .. } => into.extend([own.clone(), format!("{own}?")]),
        FormKind::Many { options } => {
            into.push(format!("{own}?"));
            into.extend(options.iter().map(|(value, ..)| format!("{own}#{value}")));
        }
        FormKind::Object { children } => children.iter().for_each(|child| input_fields(child, into)),
        FormKind::List { items } => {
            for item in items {
                into.push(format!("{}?", item.field));
                input_fields(item, into);
            }
        }
        FormKind::Map { rows } => {
            for (key, _, value) in rows {
                into.push(key.clone());
                input_fields(value, into);
            }
        }
        FormKind::OneOf { child, .. } => {
            into.push(format!("{own}@variant"));
            input_fields(child, into);
        }
    }
}
