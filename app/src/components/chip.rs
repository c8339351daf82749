//! A word on a soft background.

use leptos::prelude::*;
use marketplace_domain::{Phase, state::Severity};

use crate::{i18n::use_lang, texts::words};

/// The colour of a chip. The word in it says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Says nothing about good or bad.
    #[default]
    Neutral,
    /// Ours.
    Accent,
    /// Good.
    Good,
    /// On its way, or worth a look.
    Warn,
    /// Bad.
    Bad,
}

impl Tone {
    /// The class that carries the colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        }
    }
}

impl From<Option<Severity>> for Tone {
    fn from(severity: Option<Severity>) -> Self {
        match severity {
            Some(Severity::Good) => Self::Good,
            Some(Severity::Waiting | Severity::Warning) => Self::Warn,
            Some(Severity::Bad) => Self::Bad,
            Some(Severity::Unknown) | None => Self::Neutral,
        }
    }
}

/// A chip.
#[component]
pub fn Chip(
    /// Its word.
    #[prop(into)]
    text: String,
    /// Its colour.
    #[prop(optional, into)]
    tone: Tone,
) -> impl IntoView {
    view! { <span class=format!("chip {}", tone.class())>{text}</span> }
}

/// A phase, in Istio's word, with the reader's word behind it where they differ.
#[component]
pub fn PhaseChip(
    /// The phase.
    phase: Phase,
) -> impl IntoView {
    let lang = use_lang();
    let tone = if phase == Phase::Default { Tone::Neutral } else { Tone::Accent };
    view! {
        <span class=format!("chip {}", tone.class()) title=words::phase(lang, phase)>{words::phase_short(lang, phase)}</span>
    }
}
