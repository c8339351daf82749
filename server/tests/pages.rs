//! Every page, as a browser without scripts gets it: the whole router on a real Postgres and the demo mesh.
#![allow(clippy::unwrap_used)]

mod support;

#[path = "pages/apply_form.rs"]
mod apply_form;
#[path = "pages/catalogue_form.rs"]
mod catalogue_form;
#[path = "pages/every_page.rs"]
mod every_page;
#[path = "pages/module_form.rs"]
mod module_form;
#[path = "pages/refusals.rs"]
mod refusals;
#[path = "pages/try_form.rs"]
mod try_form;
#[path = "pages/version_form.rs"]
mod version_form;
