//! What the cluster said against a resource that was sent: shown at its fields, and kept with the draft, because nobody could
//! find it out again by looking at what was typed.

use marketplace_cluster::WriteError;
use marketplace_domain::{Problem, Reason, draft::Draft, views::apply::ApplyView};
use uuid::Uuid;

use super::{KIND, complete, subject::Subject};
use crate::{Services, error::ServiceError, trial};

/// The field of a kept draft with what the cluster said against it, as JSON. Pages never see it.
const REFUSED: &str = "refused";

impl Services {
    /// Keeps what was typed together with what the cluster said against it, which nobody could find out again by looking
    /// at the draft.
    pub(crate) async fn keep_refused(
        &self,
        mut draft: Draft,
        kept: Option<Uuid>,
        problems: Vec<Problem>,
    ) -> ServiceError {
        put(&mut draft, &problems);
        self.keep_draft(KIND, &draft, kept, problems).await
    }

    /// What the cluster said against a kept draft and would say again, if `draft` is still the same.
    pub(super) async fn still_refused(&self, subject: &Subject, draft: &Draft, kept: Option<Uuid>) -> Vec<Problem> {
        let Some(id) = kept else { return Vec::new() };
        // Without the database there is still a preview.
        let Some(before) = self.catalogue().draft(id, KIND).await.unwrap_or_default() else { return Vec::new() };
        let (before, mut refused) = take(before);
        refused.retain(|problem| stands(problem) && !of_run(problem));
        if complete(subject, before) == *draft { refused } else { Vec::new() }
    }
}

/// A kept draft, and what the cluster said when it was sent.
pub(super) fn take(mut draft: Draft) -> (Draft, Vec<Problem>) {
    let refused = draft.fields.remove(REFUSED).and_then(|text| serde_json::from_str(&text).ok());
    (draft, refused.unwrap_or_default())
}

/// Writes down what the cluster said against a draft.
pub(super) fn put(draft: &mut Draft, problems: &[Problem]) {
    if !problems.is_empty() {
        draft.set(REFUSED, serde_json::to_string(problems).unwrap_or_default());
    }
}

/// Whether it is about what was sent, and not about the moment: a cluster comes back, and a service that is gone is seen by us.
fn stands(problem: &Problem) -> bool {
    !matches!(problem.reason, Reason::ClusterAway(_) | Reason::CrdMissing | Reason::ServiceGone)
}

/// Whether it is about a run, not about the resource.
fn of_run(problem: &Problem) -> bool {
    trial::fields::is_trial(&problem.field) || matches!(problem.reason, Reason::RunTooLarge(_))
}

/// Shows what the cluster said beside what we say ourselves.
pub(super) fn show(view: &mut ApplyView, refused: Vec<Problem>) {
    for problem in refused {
        // What stopped a run stops nothing else.
        let known = if of_run(&problem) { &mut view.trial.problems } else { &mut view.problems };
        if !known.contains(&problem) {
            known.push(problem);
        }
    }
}

/// What the cluster says against a resource, at the fields of the form.
pub(super) fn problems(error: WriteError) -> Vec<Problem> {
    let whole = |reason| vec![Problem::at("", reason)];
    match error {
        WriteError::Conflict(fields) => whole(Reason::Conflict(fields)),
        WriteError::Forbidden(words) => whole(Reason::Forbidden(words)),
        WriteError::ChangedMeanwhile => whole(Reason::ChangedMeanwhile),
        WriteError::Gone => whole(Reason::ServiceGone),
        WriteError::Unreachable(words) => whole(Reason::ClusterAway(words)),
        WriteError::CrdMissing => whole(Reason::CrdMissing),
        WriteError::Refused { message, causes } if causes.is_empty() => whole(Reason::ClusterRefused(message)),
        WriteError::Refused { causes, .. } => causes
            .into_iter()
            .map(|cause| Problem::at(form_field(&cause.field), Reason::ClusterRefused(cause.message)))
            .collect(),
    }
}

/// The field of the form for a field of the resource.
fn form_field(path: &str) -> String {
    let rest = path.strip_prefix("spec.").unwrap_or(path);
    match rest.split(['.', '[']).next().unwrap_or_default() {
        field @ ("url" | "sha256" | "priority" | "phase" | "failStrategy") => field.to_owned(),
        "imagePullSecret" => "pullSecret".to_owned(),
        "imagePullPolicy" => "pullPolicy".to_owned(),
        "match" => "ports".to_owned(),
        "pluginConfig" => "config".to_owned(),
        "metadata" => "name".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sent_can_stay_refused() {
        let standing = |reason| stands(&Problem::at("", reason));
        assert!(standing(Reason::Conflict(Vec::new())) && standing(Reason::ChangedMeanwhile));
        assert!(!standing(Reason::ClusterAway(String::new())) && !standing(Reason::ServiceGone));
    }
}
