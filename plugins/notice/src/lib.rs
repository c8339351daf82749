//! Shows a notice on HTML pages.
