//! Small drawings. Never the only thing that says something.

use leptos::prelude::*;

/// What a drawing shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Four tiles: the marketplace.
    Market,
    /// Three connected points: traffic.
    Traffic,
    /// Lines: the list of installed plugins.
    Installed,
    /// A clock: activity.
    Activity,
    /// A magnifying glass.
    Search,
    /// A plus.
    Plus,
    /// Three lines: the menu.
    Menu,
    /// A triangle with a mark.
    Warning,
    /// A tick.
    Check,
    /// An empty box.
    Empty,
}

impl Sign {
    /// The lines of the drawing, in a square of 20.
    fn path(self) -> &'static str {
        match self {
            Self::Market => "M3 3h5.5v5.5H3zM11.5 3H17v5.5h-5.5zM3 11.5h5.5V17H3zM11.5 11.5H17V17h-5.5z",
            Self::Traffic => {
                "M6.8 9.1l6.4-3.2M6.8 10.9l6.4 3.2M5 7.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4M15 2.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4M15 12.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4"
            }
            Self::Installed => "M3 5h14M3 10h14M3 15h9",
            Self::Activity => "M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M10 6v4.3l2.8 1.7",
            Self::Search => "M9 3.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M13 13l4 4",
            Self::Plus => "M10 4v12M4 10h12",
            Self::Menu => "M3 5h14M3 10h14M3 15h14",
            Self::Warning => "M10 3l8 14H2zM10 8v4.5M10 14.6v.4",
            Self::Check => "M4 10.5l4 4l8-9",
            Self::Empty => "M3 7l7-4l7 4v7l-7 4l-7-4zM3 7l7 4l7-4M10 11v7",
        }
    }
}

/// A drawing, hidden from who cannot see it: the words beside it say what it says.
#[component]
pub fn Icon(
    /// What it shows.
    sign: Sign,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=sign.path()></path>
        </svg>
    }
}
