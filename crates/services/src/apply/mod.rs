//! Applying a plugin to a service, editing what is there, uninstalling.
//!
//! The fields that a person typed ([`marketplace_domain::views::apply::ApplyView`] names them) are read into a resource,
//! checked by our own rules, then by the cluster in a dry run, and only then written.

mod prefill;
mod preview;
mod read;
mod refused;
mod resource;
pub(crate) mod subject;

use marketplace_catalogue::{Action, Entry};
use marketplace_cluster::WriteError;
use marketplace_domain::{
    Namespace, ObjectName,
    draft::Draft,
    views::apply::{Applied, ApplyTarget, ApplyView},
};
use subject::Subject;
use uuid::Uuid;

use crate::{
    Change, Services, configure,
    error::{Result, ServiceError},
    trial::{self, cast::Cast},
};

/// The kind of draft.
pub(crate) const KIND: &str = "apply";

/// The field of the version that an edited resource is moved to; empty for the one it has.
const VERSION: &str = "version";

/// The field of the version that is chosen in the list.
const TO_VERSION: &str = "toVersion";

impl Services {
    /// What the steps show; with a kept draft, as it was typed.
    pub async fn apply_view(&self, target: &ApplyTarget, draft: Option<Uuid>) -> Result<ApplyView> {
        let kept = match draft {
            Some(id) => self.catalogue().draft(id, KIND).await?,
            None => None,
        };
        let subject = self.subject(target, kept.as_ref().map_or("", |draft| draft.get(VERSION))).await?;
        let draft = match kept {
            Some(draft) => complete(&subject, draft),
            None => prefill::prefill(&subject),
        };
        let (draft, refused) = refused::take(draft);
        let mut view = preview::view(self, &subject, draft);
        refused::show(&mut view, refused);
        Ok(view)
    }

    /// The same with what was typed for a run that is kept: to be edited and run again.
    pub async fn apply_view_again(&self, target: &ApplyTarget, run: Uuid) -> Result<ApplyView> {
        let Some(draft) = self.typed_for(run, target).await? else { return self.apply_view(target, None).await };
        self.preview(target, &draft, None).await
    }

    /// The same for what is typed now. Keeps nothing, writes nothing. `kept` is the draft that the page began with: what the
    /// cluster said against it stands until something else is typed.
    pub async fn preview(&self, target: &ApplyTarget, draft: &Draft, kept: Option<Uuid>) -> Result<ApplyView> {
        let subject = self.subject(target, draft.get(VERSION)).await?;
        let draft = complete(&subject, draft.clone());
        let refused = self.still_refused(&subject, &draft, kept).await;
        let mut view = preview::view(self, &subject, draft);
        refused::show(&mut view, refused);
        Ok(view)
    }

    /// Keeps what was typed, after carrying out `edit` (`add:<field>`, `remove:<field>/N`, `form`, `yaml`, `version`,
    /// `sample`, `try-form`, `try-yaml`). Returns where.
    pub async fn keep_apply(
        &self,
        target: &ApplyTarget,
        draft: &Draft,
        kept: Option<Uuid>,
        edit: Option<&str>,
    ) -> Result<Uuid> {
        let subject = self.subject(target, draft.get(VERSION)).await?;
        let mut draft = draft.clone();
        match edit {
            Some("sample") => trial::samples::take(&subject, &mut draft),
            Some("version") => self.change_version(&subject, &mut draft).await?,
            Some(edit) => match edit.strip_prefix("try-") {
                Some(view) => trial::fields::switch(&mut draft, view),
                None => configure::edit(subject.schema(), &mut draft, edit),
            },
            None => {
                let standing = self.still_refused(&subject, &complete(&subject, draft.clone()), kept).await;
                refused::put(&mut draft, &standing);
            }
        }
        let id = kept.unwrap_or_else(Uuid::new_v4);
        self.catalogue().put_draft(id, KIND, &draft).await?;
        Ok(id)
    }

    /// Takes the version that is chosen in the list, and what was typed as its configuration into that version's form.
    async fn change_version(&self, before: &Subject, draft: &mut Draft) -> Result<()> {
        let Some(versions) = &before.versions else { return Ok(()) };
        let chosen = Some(draft.get(TO_VERSION)).filter(|chosen| *chosen != versions.installed).unwrap_or_default();
        let chosen = chosen.to_owned();
        let configured = configure::configured(before.schema(), draft);
        let after = self.subject(&before.target, &chosen).await?;
        draft.set(VERSION, chosen);
        // That an unloadable module is wanted was said of the other one.
        draft.fields.remove(read::CONFIRM);
        if let Some(value) = configured.value {
            draft.set("yaml", configured.yaml);
            if !configure::fill(after.schema(), &value, draft) {
                draft.set("mode", "yaml");
            }
        }
        Ok(())
    }

    /// Checks, dry-runs, applies and records. What was typed is kept when something is wrong.
    pub async fn apply(&self, target: &ApplyTarget, draft: &Draft, kept: Option<Uuid>, who: &str) -> Result<Applied> {
        let subject = self.subject(target, draft.get(VERSION)).await?;
        if subject.alone() {
            return Err(ServiceError::NotFound);
        }
        let draft = complete(&subject, draft.clone());
        let configured = configure::configured(subject.schema(), &draft);
        let said = read::read(&subject, &draft, &configured);
        let desired = match resource::desired(&subject, &said) {
            Some(mut desired) if said.problems.is_empty() => {
                let seen = Some(draft.get("seen")).filter(|seen| !seen.is_empty());
                desired.resource_version = subject.existing.as_ref().and_then(|_| seen.map(str::to_owned));
                desired
            }
            _ => return Err(self.keep_draft(KIND, &draft, kept, said.problems).await),
        };
        if let Err(error) = self.cluster().dry_run(&desired).await {
            return Err(self.keep_refused(draft, kept, refused::problems(error)).await);
        }
        let (before, after) = resource::resources(self, &subject, &said);
        let applied = match self.cluster().apply(&desired).await {
            Ok(applied) => applied,
            Err(error) => return Err(self.keep_refused(draft, kept, refused::problems(error)).await),
        };
        if applied.changed {
            let mut entry = Entry::new(who, if subject.existing.is_some() { Action::Edited } else { Action::Applied });
            entry.plugin = subject.plugin.as_ref().map(|plugin| plugin.name.clone());
            entry.namespace = Some(desired.namespace.to_string());
            entry.service = subject.key.as_ref().map(|key| key.name.to_string());
            entry.resource = Some(desired.name.to_string());
            entry.before = Some(before).filter(|text| !text.is_empty());
            entry.after = Some(after);
            self.record(&entry).await;
        }
        if let Some(id) = kept {
            let _ = self.catalogue().delete_draft(id).await;
        }
        Ok(Applied {
            namespace: desired.namespace.to_string(),
            resource: desired.name.to_string(),
            changed: applied.changed,
        })
    }

    /// Takes a plugin resource out of the cluster. `uid` makes sure that it is the one the person saw.
    pub async fn uninstall(&self, namespace: &Namespace, resource: &ObjectName, uid: &str, who: &str) -> Result<()> {
        let index = self.index();
        let key = marketplace_domain::extension::ExtensionKey { namespace: namespace.clone(), name: resource.clone() };
        let before = self.cluster().raw(namespace, resource).map(resource::clean);
        let uid = Some(uid).filter(|uid| !uid.is_empty());
        let deleted = self.cluster().delete(namespace, resource, uid).await.map_err(|error| match error {
            WriteError::Forbidden(words) => ServiceError::Forbidden(words),
            WriteError::ChangedMeanwhile | WriteError::Conflict(_) => ServiceError::ChangedMeanwhile,
            WriteError::Gone | WriteError::CrdMissing => ServiceError::NotFound,
            WriteError::Unreachable(words) => ServiceError::ClusterUnavailable(words),
            WriteError::Refused { message, .. } => ServiceError::Forbidden(message),
        })?;
        if deleted.existed {
            let mut entry = Entry::new(who, Action::Uninstalled);
            let installed = index.all.get(&key);
            entry.plugin = installed.and_then(|i| i.plugin.as_ref()).map(|plugin| plugin.name.clone());
            entry.namespace = Some(namespace.to_string());
            entry.service = installed.and_then(|i| i.services.first()).map(|service| service.name.to_string());
            entry.resource = Some(resource.to_string());
            entry.before = before.as_ref().map(configure::yaml::write);
            self.record(&entry).await;
        }
        Ok(())
    }

    /// What was done is done: a record that cannot be written is an incident for the log, not a failure for the person.
    async fn record(&self, entry: &Entry) {
        if let Err(error) = self.catalogue().record(entry).await {
            tracing::error!(%error, ?entry, "an action could not be recorded");
        }
        let _ = self.changes.send(Change::Catalogue);
    }
}

/// Who takes part in a run of what is typed.
pub(crate) async fn cast(services: &Services, target: &ApplyTarget, draft: &Draft) -> Result<Cast> {
    let subject = services.subject(target, draft.get(VERSION)).await?;
    let draft = complete(&subject, draft.clone());
    let configured = configure::configured(subject.schema(), &draft);
    let said = read::read(&subject, &draft, &configured);
    Ok(preview::cast(&subject, &draft, &configured, &said))
}

/// A draft that lacks fields (an older page, a form sent by hand) gets those that nobody typed from the prefilled one.
/// Fields of lists and boxes are not filled up: there, missing means removed or unchecked.
fn complete(subject: &Subject, mut draft: Draft) -> Draft {
    let all = prefill::prefill(subject);
    let tried = draft.has("try.mode");
    for (name, text) in all.fields {
        let list = name.starts_with("config") || name.starts_with("env.") || (tried && trial::fields::is_trial(&name));
        if !list && !draft.has(&name) {
            draft.set(name, text);
        }
    }
    draft
}
