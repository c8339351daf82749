//! What the fields of a form have in common: label, hint, problems.

use leptos::prelude::*;

use super::{FormContext, field_id};
use crate::{components::FieldProblems, texts::apply as t};

/// What stands above a field.
#[derive(Clone)]
pub struct Caption {
    /// The field of the draft.
    pub field: String,
    /// What it is called, in the page's language.
    pub title: String,
    /// What it does; may be empty.
    pub description: String,
    /// Whether it is needed.
    pub required: bool,
}

impl Caption {
    /// The id of its input.
    pub fn id(&self) -> String {
        field_id(&self.field)
    }

    /// Whether there is a hint to point to.
    pub fn has_hint(&self) -> bool {
        !self.description.is_empty()
    }

    /// The title with its mark.
    pub fn title(&self, cx: FormContext) -> impl IntoView + use<> {
        let title = self.title.clone();
        let mark = self.required.then(|| {
            view! {
                <span class="form-required" aria-hidden="true">" *"</span>
                <span class="visually-hidden">{t::required(cx.lang)}</span>
            }
        });
        view! { {title}{mark} }
    }

    /// The label of its input.
    pub fn label(&self, cx: FormContext) -> impl IntoView + use<> {
        view! { <label class="field-label" for=self.id()>{self.title(cx)}</label> }
    }

    /// What it does.
    pub fn hint(&self) -> Option<impl IntoView + use<>> {
        let id = format!("{}-hint", self.id());
        let text = self.description.clone();
        self.has_hint().then(|| view! { <p class="field-hint" id=id>{text}</p> })
    }

    /// What is wrong with it, as of now.
    pub fn problems(&self, cx: FormContext) -> impl IntoView + use<> {
        view! { <FieldProblems field=self.field.clone() problems=cx.problems/> }
    }
}
