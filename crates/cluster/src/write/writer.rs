//! The requests that change the cluster.

use std::time::Duration;

use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, Preconditions, ValidationDirective},
    core::DynamicObject,
};
use marketplace_domain::{Namespace, ObjectName};
use serde_json::Value;

use super::{FIELD_MANAGER, plan::Plan, plan::plan, plan::presentable, refusal::write_error};
use crate::{Applied, Deleted, Desired, DryRun, WriteError, plugin::resource};

/// How long a person waits for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Writer {
    client: Client,
}

impl Writer {
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// `seen` is the resource in the version that the person saw, if memory has just that one.
    pub async fn dry_run(&self, desired: &Desired, seen: Option<&Value>) -> Result<DryRun, WriteError> {
        let (plan, stored) = self.prepare(desired, seen).await?;
        let object = match stored {
            Some(stored) if !plan.changed => presentable(&stored),
            _ => presentable(&self.patch(desired, &plan.sent, true).await?),
        };
        Ok(DryRun { changed: plan.changed, sent: plan.sent, object })
    }

    pub async fn apply(&self, desired: &Desired, seen: Option<&Value>) -> Result<Applied, WriteError> {
        let (plan, stored) = self.prepare(desired, seen).await?;
        let created = stored.is_none();
        let object = match stored {
            Some(stored) if !plan.changed => stored,
            _ => self.patch(desired, &plan.sent, false).await?,
        };
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Applied {
            changed: plan.changed,
            created,
            uid: text("/metadata/uid"),
            resource_version: text("/metadata/resourceVersion"),
            object: presentable(&object),
        })
    }

    pub async fn delete(
        &self,
        namespace: &Namespace,
        name: &ObjectName,
        uid: Option<&str>,
    ) -> Result<Deleted, WriteError> {
        let preconditions = uid.map(|uid| Preconditions { uid: Some(uid.to_owned()), resource_version: None });
        let params = DeleteParams { preconditions, ..DeleteParams::default() };
        let api = self.api(namespace);
        match in_time(api.delete(name.as_str(), &params)).await {
            Ok(_) => Ok(Deleted { existed: true }),
            Err(WriteError::Gone) => Ok(Deleted { existed: false }),
            Err(error) => Err(error),
        }
    }

    /// What to send and what is there. Server-side apply has no "only if it is new" and would merge into a resource that
    /// nobody saw, so that is looked after here.
    async fn prepare(&self, desired: &Desired, seen: Option<&Value>) -> Result<(Plan, Option<Value>), WriteError> {
        let stored = match seen {
            Some(seen) => Some(seen.clone()),
            None => self.get(desired).await?,
        };
        if stored.is_none() && desired.resource_version.is_some() {
            return Err(WriteError::Gone);
        }
        let plan = plan(desired, stored.as_ref());
        let version = stored.as_ref().and_then(|stored| stored.pointer("/metadata/resourceVersion")?.as_str());
        // Pressing a button twice is no conflict with oneself.
        if plan.changed && version != desired.resource_version.as_deref() {
            return Err(WriteError::ChangedMeanwhile);
        }
        match plan.kept_by_others.is_empty() {
            true => Ok((plan, stored)),
            false => Err(WriteError::Conflict(plan.kept_by_others)),
        }
    }

    async fn get(&self, desired: &Desired) -> Result<Option<Value>, WriteError> {
        match in_time(self.api(&desired.namespace).get(desired.name.as_str())).await {
            Ok(object) => as_value(&object).map(Some),
            Err(WriteError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn patch(&self, desired: &Desired, sent: &Value, dry_run: bool) -> Result<Value, WriteError> {
        let params = PatchParams {
            dry_run,
            force: false,
            field_manager: Some(FIELD_MANAGER.to_owned()),
            // Otherwise unknown fields are dropped with no more than a warning (`wasmplugin.md` §2).
            field_validation: Some(ValidationDirective::Strict),
        };
        let api = self.api(&desired.namespace);
        let applied = in_time(api.patch(desired.name.as_str(), &params, &Patch::Apply(sent))).await;
        match applied {
            Ok(object) => as_value(&object),
            // A version of something that is gone is a conflict for the API server, too.
            Err(WriteError::ChangedMeanwhile) if desired.resource_version.is_some() => match self.get(desired).await {
                Ok(None) => Err(WriteError::Gone),
                _ => Err(WriteError::ChangedMeanwhile),
            },
            Err(error) => Err(error),
        }
    }

    fn api(&self, namespace: &Namespace) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace.as_str(), &resource())
    }
}

async fn in_time<T>(request: impl Future<Output = kube::Result<T>>) -> Result<T, WriteError> {
    match tokio::time::timeout(PATIENCE, request).await {
        Ok(answer) => answer.map_err(|error| write_error(&error)),
        Err(_) => Err(WriteError::Unreachable("no answer in time".to_owned())),
    }
}

fn as_value(object: &DynamicObject) -> Result<Value, WriteError> {
    serde_json::to_value(object).map_err(|error| WriteError::Unreachable(error.to_string()))
}
