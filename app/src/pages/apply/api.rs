//! Applying a plugin: what the steps show, what is typed in them, and the sending.
// A server function takes each field of its form by name.
#![allow(clippy::too_many_arguments)]

use std::collections::BTreeMap;

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use marketplace_domain::views::apply::{ApplyTarget, ApplyView};

use crate::error::Result;

/// All that the steps show. With an empty `plugin`, `name` is the resource that is edited; with an empty `name`, the plugin
/// is tried by itself. With `from`, what was typed for that run.
#[server(prefix = "/api", endpoint = "apply/view", input = GetUrl)]
pub async fn load_apply(
    namespace: String,
    name: String,
    #[server(default)] plugin: String,
    #[server(default)] version: String,
    #[server(default)] draft: String,
    #[server(default)] from: String,
) -> Result<ApplyView> {
    use crate::ssr;

    let target = super::target::Address { namespace, name, plugin, version }
        .target()
        .ok_or_else(|| ssr::fail(ssr::ServiceError::NotFound))?;
    match (ssr::draft_id(Some(&draft)), ssr::draft_id(Some(&from))) {
        (None, Some(run)) => ssr::services().apply_view_again(&target, run).await,
        (draft, _) => ssr::services().apply_view(&target, draft).await,
    }
    .map_err(ssr::fail)
}

/// The same for what is typed at this moment; keeps nothing. `draft` is the one that the page was made of.
#[server(prefix = "/api", endpoint = "apply/preview", input = Json)]
pub async fn preview(
    target: ApplyTarget,
    #[server(default)] fields: BTreeMap<String, String>,
    #[server(default)] draft: String,
) -> Result<ApplyView> {
    use crate::{components::form, ssr};

    ssr::services().preview(&target, &form::draft(fields), ssr::draft_id(Some(&draft))).await.map_err(ssr::fail)
}

/// Takes what was typed: keeps it and goes to a step, edits a list, runs the exchange, or applies (`do`, see [`super::target::Do`]).
///
/// What was typed is kept before anything else happens, so nothing is lost whatever comes after.
#[server(prefix = "/api", endpoint = "apply/submit")]
pub async fn submit(
    namespace: String,
    name: String,
    #[server(default)] plugin: String,
    #[server(default)] version: String,
    #[server(default)] draft: String,
    #[server(default)] step: String,
    #[server(rename = "do")]
    #[server(default)]
    what: String,
    #[server(default)] fields: BTreeMap<String, String>,
) -> Result<()> {
    use super::target::{Address, Do, Failed, Step};
    use crate::{components::form, ssr};

    let who = ssr::person();
    let address = Address { namespace, name, plugin, version };
    let target = address.target().ok_or_else(|| ssr::fail(ssr::ServiceError::NotFound))?;
    let (services, mut typed, step) = (ssr::services(), form::draft(fields), Step::from_word(&step));
    let what = Do::parse(&what, step);
    if what == Do::Reload {
        // Which state of the resource the person has seen is found out anew.
        typed.fields.remove("seen");
    }

    let kept =
        services.keep_apply(&target, &typed, ssr::draft_id(Some(&draft)), what.edit()).await.map_err(ssr::fail)?;
    let draft = kept.to_string();
    let to = match what {
        Do::Step(step) => address.step(step, &draft),
        Do::Field(field) => format!("{}#{}", address.step(Step::of(&field), &draft), form::field_id(&field)),
        Do::Reload => address.step(Step::Review, &draft),
        Do::Version => format!("{}#{}", address.step(Step::Configure, &draft), form::field_id("version")),
        Do::Exchange(edit) => {
            let asked = if edit == "try-form" { "&asked=form" } else { "" };
            format!("{}{asked}", address.step(Step::Try, &draft))
        }
        Do::Run => match services.try_apply(&target, &typed, Some(kept), &who).await {
            Ok(run) => format!("{}&run={run}", address.step(Step::Try, &draft)),
            Err(ssr::ServiceError::Invalid { draft: again, .. }) => {
                address.step(Step::Try, &again.map_or(draft, |id| id.to_string()))
            }
            Err(error) => {
                let error = ssr::fail(error);
                let failed = Failed::of(&error).ok_or(error)?;
                format!("{}&failed={}", address.step(Step::Try, &draft), failed.word())
            }
        },
        Do::Edit(edit) => format!("{}{}", address.step(Step::Configure, &draft), super::target::after_edit(&edit)),
        Do::Apply => match services.apply(&target, &typed, Some(kept), &who).await {
            Ok(applied) => {
                address.done(&applied, services.apply_view(&target, None).await.ok().and_then(|view| view.service))
            }
            Err(ssr::ServiceError::Invalid { draft: again, problems }) => {
                let draft = again.map_or(draft, |id| id.to_string());
                address.step(problems.first().map_or(Step::Review, |problem| Step::of(&problem.field)), &draft)
            }
            Err(error) => {
                let error = ssr::fail(error);
                let failed = Failed::of(&error).ok_or(error)?;
                format!("{}&failed={}", address.step(Step::Review, &draft), failed.word())
            }
        },
    };
    ssr::redirect(&to);
    Ok(())
}
