//! Adding, editing and deleting plugins of the catalogue.

mod read;

use marketplace_catalogue::CatalogueError;
use marketplace_domain::{
    Digest, Direction, FailStrategy, ModuleUrl, Origin, Phase, PluginMeta, PluginName, Problem, Reason, Release,
    catalogue::Address,
    draft::Draft,
    views::{
        market::PluginForm,
        verdict::{ModuleView, Source},
    },
};
use read::{hosted, parse};
use uuid::Uuid;

use crate::{
    Services,
    error::{Result, ServiceError},
    modules::file_problem,
};

/// The kind of draft.
pub(crate) const KIND: &str = "plugin";

/// The field with the digest of a module that is with us, in place of an address.
pub(crate) const HOSTED: &str = "hosted";

/// The field with the name its file had.
pub(crate) const HOSTED_NAME: &str = "hostedName";

/// The field of a kept draft with what was wrong with the file that was sent, as JSON. Pages never see it.
pub(crate) const REFUSED_FILE: &str = "refusedFile";

/// The field of a kept draft that was not sent yet.
pub(crate) const UNSENT: &str = "unsent";

/// What can be asked for while a form is being filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormWork {
    /// Look at what is behind the address.
    Look,
    /// Take the digest of what was found there.
    Pin,
    /// Put the uploaded file away, for an address.
    NoFile,
}

impl Services {
    /// The form: what was typed and kept under `draft`, with its problems; else what the edited plugin says now.
    pub async fn plugin_form(&self, editing: Option<&PluginName>, draft: Option<Uuid>) -> Result<PluginForm> {
        let kept = match draft {
            Some(id) => self.catalogue().draft(id, KIND).await?,
            None => None,
        };
        let uses = match editing {
            Some(name) => self.index().uses(name.as_str(), self.states()),
            None => Vec::new(),
        };
        let stored = match editing {
            Some(name) => Some(self.stored(name).await?),
            None => None,
        };
        if stored.as_ref().is_some_and(|(meta, _)| meta.origin == Origin::Builtin) {
            return Err(ServiceError::Builtin);
        }
        let (draft, problems) = match kept {
            Some(mut draft) => {
                let file: Vec<_> = file_problem(&draft).into_iter().collect();
                draft.fields.remove(REFUSED_FILE);
                // Only the file was sent, or a look asked for: the rest is not finished, and says nothing yet.
                let mut problems = match draft.fields.remove(UNSENT) {
                    Some(_) => file,
                    None => self.check_plugin_form(editing, &draft).await?,
                };
                if self.catalogue().away_since().is_some() {
                    problems.push(Problem::at("", Reason::DatabaseAway));
                }
                (draft, problems)
            }
            None => (stored.map_or_else(empty, |(meta, release)| fill(&meta, &release)), Vec::new()),
        };
        let module = self.form_module(&draft).await?;
        Ok(PluginForm { editing: editing.map(ToString::to_string), draft, problems, uses, module })
    }

    /// What is known of the module that a form names.
    async fn form_module(&self, draft: &Draft) -> Result<Option<ModuleView>> {
        let (address, pin) = match (hosted(draft), draft.get("url").parse::<ModuleUrl>()) {
            (Some(digest), _) => (Address::Hosted(digest), None),
            (None, Ok(url)) => {
                let pin = draft.get("sha256").trim().parse().ok().or_else(|| url.image_digest());
                (Address::Url(url), pin)
            }
            (None, Err(_)) => return Ok(None),
        };
        let known = match self.module_view(&address, pin.as_ref()).await {
            // What was typed is shown all the same, without a word on the module.
            Err(ServiceError::DatabaseUnavailable(_)) => return Ok(None),
            known => known?,
        };
        Ok(Some(known).filter(|known| known.source != Source::NotYet))
    }

    /// Keeps a form that is not finished, after carrying out `work`. Returns where.
    pub async fn work_on_plugin(
        &self,
        editing: Option<&PluginName>,
        mut draft: Draft,
        kept: Option<Uuid>,
        work: FormWork,
    ) -> Result<Uuid> {
        if let Some(name) = editing {
            self.editable(name).await?;
        }
        match work {
            FormWork::Look => {
                self.look(draft.get("url"), draft.get("sha256"), true).await?;
            }
            FormWork::Pin => {
                if let Some(Source::Fetched { digest, .. }) = self.form_module(&draft).await?.map(|known| known.source)
                {
                    draft.set("sha256", digest);
                    self.look(draft.get("url"), draft.get("sha256"), false).await?;
                }
            }
            FormWork::NoFile => {
                draft.fields.remove(HOSTED);
                draft.fields.remove(HOSTED_NAME);
            }
        }
        draft.set(UNSENT, "yes");
        let id = kept.unwrap_or_else(Uuid::new_v4);
        self.catalogue().put_draft(id, KIND, &draft).await?;
        Ok(id)
    }

    /// Refuses what cannot be edited.
    pub(crate) async fn editable(&self, name: &PluginName) -> Result<()> {
        if self.stored(name).await?.0.origin == Origin::Builtin { Err(ServiceError::Builtin) } else { Ok(()) }
    }

    /// What is wrong with what was typed. Writes nothing.
    pub async fn check_plugin_form(&self, editing: Option<&PluginName>, draft: &Draft) -> Result<Vec<Problem>> {
        let (mut problems, parsed) = match parse(draft, editing) {
            Ok(parsed) => (Vec::new(), Some(parsed)),
            Err(problems) => (problems, None),
        };
        if let Some(digest) = hosted(draft) {
            match self.catalogue().module_size(&digest).await {
                Ok(Some(_)) | Err(CatalogueError::Unavailable(_)) => {}
                Ok(None) => problems.push(Problem::at("file", Reason::FileGone)),
                Err(error) => return Err(error.into()),
            }
        }
        let name = parsed.map_or_else(|| draft.get("name").parse().ok(), |(meta, _)| Some(meta.name));
        if let (None, Some(name)) = (editing, name) {
            match self.catalogue().plugin(&name).await {
                Ok(None) => {}
                Ok(Some(_)) => problems.push(Problem::at("name", Reason::NameTaken)),
                // Said when the form is sent; until then the rest of it can be checked.
                Err(CatalogueError::Unavailable(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(problems)
    }

    /// Adds a plugin, or changes one. What was typed is kept when something is wrong with it.
    pub async fn save_plugin(
        &self,
        editing: Option<&PluginName>,
        draft: &Draft,
        kept: Option<Uuid>,
        who: &str,
    ) -> Result<PluginName> {
        if let Some(name) = editing {
            self.editable(name).await?;
        }
        let problems = self.check_plugin_form(editing, draft).await?;
        if !problems.is_empty() {
            return Err(self.keep(draft, kept, problems).await);
        }
        let (meta, release) = match parse(draft, editing) {
            Ok(parsed) => parsed,
            Err(problems) => return Err(self.keep(draft, kept, problems).await),
        };
        let saved = match editing {
            Some(_) => self.catalogue().update(&meta, &release, who).await,
            None => self.catalogue().create(&meta, &release, who).await,
        };
        match saved {
            Ok(()) => {}
            Err(CatalogueError::NameTaken) => {
                return Err(self.keep(draft, kept, vec![Problem::at("name", Reason::NameTaken)]).await);
            }
            Err(CatalogueError::ModuleMissing) => {
                return Err(self.keep(draft, kept, vec![Problem::at("file", Reason::FileGone)]).await);
            }
            Err(CatalogueError::VersionTaken) => {
                return Err(self.keep(draft, kept, vec![Problem::at("version", Reason::VersionTaken)]).await);
            }
            Err(CatalogueError::Unavailable(_)) => {
                return Err(self.keep(draft, kept, vec![Problem::at("", Reason::DatabaseAway)]).await);
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(id) = kept {
            self.catalogue().delete_draft(id).await?;
        }
        self.catalogue_changed().await;
        Ok(meta.name)
    }

    /// Deletes a plugin that no resource of the cluster uses.
    pub async fn delete_plugin(&self, name: &PluginName, who: &str) -> Result<()> {
        self.editable(name).await?;
        let uses = self.index().uses(name.as_str(), self.states());
        if !uses.is_empty() {
            return Err(ServiceError::InUse(uses));
        }
        self.catalogue().delete(name, who).await?;
        self.catalogue_changed().await;
        Ok(())
    }

    async fn stored(&self, name: &PluginName) -> Result<(PluginMeta, Release)> {
        let record = self.catalogue().plugin(name).await?.ok_or(ServiceError::NotFound)?;
        let release = self.catalogue().release(name, None).await?.ok_or(ServiceError::NotFound)?;
        Ok((record.meta, release))
    }

    async fn keep(&self, draft: &Draft, kept: Option<Uuid>, problems: Vec<Problem>) -> ServiceError {
        self.keep_draft(KIND, draft, kept, problems).await
    }

    /// Keeps what was typed, and says what is wrong with it.
    pub(crate) async fn keep_draft(
        &self,
        kind: &str,
        draft: &Draft,
        kept: Option<Uuid>,
        problems: Vec<Problem>,
    ) -> ServiceError {
        let id = kept.unwrap_or_else(Uuid::new_v4);
        match self.catalogue().put_draft(id, kind, draft).await {
            Ok(()) => ServiceError::Invalid { draft: Some(id), problems },
            Err(error) => error.into(),
        }
    }
}

fn empty() -> Draft {
    let mut draft = Draft::default();
    for (name, text) in [
        ("category", "security"),
        ("phase", Phase::Default.as_str()),
        ("priority", "100"),
        ("failStrategy", FailStrategy::Close.as_str()),
        ("direction", Direction::Server.as_str()),
    ] {
        draft.set(name, text);
    }
    draft
}

fn fill(meta: &PluginMeta, release: &Release) -> Draft {
    let mut draft = Draft::default();
    draft.set("name", meta.name.as_str());
    draft.set("titleZh", &meta.title.zh);
    draft.set("descriptionEn", &meta.description.en);
    draft.set("descriptionZh", &meta.description.zh);
    draft.set("category", meta.category.as_str());
    draft.set("version", &release.version);
    match &release.address {
        Address::Url(url) => {
            draft.set("url", url.as_str());
            draft.set("sha256", release.sha256.as_ref().map(Digest::as_str).unwrap_or_default());
        }
        Address::Hosted(digest) => draft.set(HOSTED, digest.as_str()),
    }
    draft.set("phase", release.proposal.phase.as_str());
    draft.set("priority", release.proposal.priority.to_string());
    draft.set("failStrategy", release.proposal.fail_strategy.as_str());
    draft.set("direction", release.proposal.direction.as_str());
    let schema = release.schema.as_ref().and_then(|schema| serde_json::to_string_pretty(schema).ok());
    draft.set("schema", schema.unwrap_or_default());
    draft.set("example", release.example.clone().unwrap_or_default());
    draft.set("readmeEn", &release.readme.en);
    draft.set("readmeZh", &release.readme.zh);
    draft
}
