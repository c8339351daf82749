//! Adding, editing and deleting plugins of the catalogue.

use marketplace_catalogue::CatalogueError;
use marketplace_domain::{
    Digest, Direction, FailStrategy, Localised, ModuleUrl, Origin, Phase, PluginMeta, PluginName, Priority, Problem,
    Proposal, Reason, Release,
    catalogue::{Address, is_version},
    draft::Draft,
    module_url::BadUrl,
    names::BadName,
    views::{
        market::PluginForm,
        verdict::{ModuleView, Source},
    },
};
use uuid::Uuid;

use crate::{
    Services,
    configure::{self, yaml},
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

/// Most characters of a README.
const MAX_README: usize = 200_000;

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

/// Reads the form; all problems at once.
fn parse(draft: &Draft, editing: Option<&PluginName>) -> std::result::Result<(PluginMeta, Release), Vec<Problem>> {
    let mut problems = Vec::new();
    let name = match editing {
        Some(name) => Some(name.clone()),
        None => match draft.get("name").trim().parse::<PluginName>() {
            Ok(name) => Some(name),
            Err(bad) => {
                problems.push(Problem::at(
                    "name",
                    match bad {
                        BadName::Empty => Reason::Required,
                        BadName::TooLong(most) => Reason::TooLong(most as u32),
                        BadName::Malformed => Reason::NameMalformed,
                    },
                ));
                None
            }
        },
    };
    let title_zh = text(draft, "titleZh", 80, true, &mut problems);
    let description = Localised::new(
        text(draft, "descriptionEn", 500, true, &mut problems),
        text(draft, "descriptionZh", 500, true, &mut problems),
    );
    let category = choice(draft, "category", &mut problems);
    let version = draft.get("version").trim().to_owned();
    if version.is_empty() {
        problems.push(Problem::at("version", Reason::Required));
    } else if !is_version(&version) {
        problems.push(Problem::at("version", Reason::VersionMalformed));
    }
    let (address, sha256) = match hosted(draft) {
        Some(digest) => (Some(Address::Hosted(digest.clone())), Some(digest)),
        None => elsewhere(draft, &mut problems),
    };
    let phase = choice(draft, "phase", &mut problems);
    let fail_strategy = choice(draft, "failStrategy", &mut problems);
    let direction = choice(draft, "direction", &mut problems);
    let priority = draft.get("priority").parse::<Priority>().ok();
    if priority.is_none() {
        problems.push(Problem::at("priority", Reason::PriorityOutOfRange));
    }
    let schema = schema(draft, &mut problems);
    let example = text(draft, "example", yaml::MAX_BYTES, false, &mut problems);
    if let Err(reason) = yaml::parse(&example) {
        problems.push(Problem::at("example", reason));
    }
    let readme = Localised::new(
        text(draft, "readmeEn", MAX_README, false, &mut problems),
        text(draft, "readmeZh", MAX_README, false, &mut problems),
    );
    match (name, category, address, phase, priority, fail_strategy, direction) {
        (
            Some(name),
            Some(category),
            Some(address),
            Some(phase),
            Some(priority),
            Some(fail_strategy),
            Some(direction),
        ) if problems.is_empty() => {
            let title = Localised::new(name.as_str(), title_zh);
            let meta = PluginMeta { name, title, description, category, origin: Origin::Added };
            let proposal = Proposal { phase, priority, fail_strategy, direction };
            let example = Some(example).filter(|example| !example.trim().is_empty());
            let samples = Vec::new();
            let release = Release { version, address, sha256, schema, example, readme, proposal, samples };
            Ok((meta, release))
        }
        _ => Err(problems),
    }
}

/// The module that is with us, where the form names one.
fn hosted(draft: &Draft) -> Option<Digest> {
    draft.get(HOSTED).parse().ok()
}

/// The address that was typed, and the digest of what is there.
fn elsewhere(draft: &Draft, problems: &mut Vec<Problem>) -> (Option<Address>, Option<Digest>) {
    let url = match draft.get("url").parse::<ModuleUrl>() {
        Ok(url) => Some(url),
        Err(BadUrl::Empty) => {
            problems.push(Problem::at("url", Reason::Required));
            None
        }
        Err(bad) => {
            problems.push(Problem::at("url", Reason::AddressBad(bad)));
            None
        }
    };
    let sha256 = match draft.get("sha256").trim() {
        "" => url.as_ref().and_then(ModuleUrl::image_digest),
        typed => match typed.parse::<Digest>() {
            Ok(digest) => Some(digest),
            Err(_) => {
                problems.push(Problem::at("sha256", Reason::DigestMalformed));
                None
            }
        },
    };
    (url.map(Address::Url), sha256)
}

fn text(draft: &Draft, field: &str, most: usize, required: bool, problems: &mut Vec<Problem>) -> String {
    let text = draft.get(field).trim();
    if required && text.is_empty() {
        problems.push(Problem::at(field, Reason::Required));
    }
    if text.chars().count() > most {
        problems.push(Problem::at(field, Reason::TooLong(most as u32)));
    }
    text.replace("\r\n", "\n")
}

fn choice<T: std::str::FromStr>(draft: &Draft, field: &str, problems: &mut Vec<Problem>) -> Option<T> {
    let parsed = draft.get(field).parse().ok();
    if parsed.is_none() {
        problems.push(Problem::at(field, Reason::NotAChoice));
    }
    parsed
}

/// JSON is YAML, so the schema may be written in either, and errors have a place.
fn schema(draft: &Draft, problems: &mut Vec<Problem>) -> Option<serde_json::Value> {
    let typed = draft.get("schema");
    if typed.trim().is_empty() {
        return None;
    }
    match yaml::parse(typed) {
        Ok(schema) if schema.is_object() => match configure::validator(&schema) {
            Ok(_) => return Some(schema),
            Err(words) => problems.push(Problem::at("schema", Reason::SchemaOther(words.chars().take(300).collect()))),
        },
        Ok(_) => problems.push(Problem::at("schema", Reason::SchemaType("object".into()))),
        Err(reason) => problems.push(Problem::at("schema", reason)),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Draft {
        let mut draft = empty();
        for (name, text) in [
            ("name", "check-header"),
            ("titleZh", "检查请求头"),
            ("descriptionEn", "Checks a header."),
            ("descriptionZh", "检查一个请求头。"),
            ("version", "1.0.0"),
            ("url", "oci://registry:5000/check-header:latest"),
        ] {
            draft.set(name, text);
        }
        draft
    }

    #[test]
    fn a_good_form_is_a_plugin() {
        let (meta, release) = parse(&good(), None).unwrap();
        assert_eq!(meta.title, Localised::new("check-header", "检查请求头"));
        assert_eq!(release.address, Address::Url("oci://registry:5000/check-header:latest".parse().unwrap()));
        assert_eq!(fill(&meta, &release).get("url"), "oci://registry:5000/check-header:latest");
    }

    #[test]
    fn each_mistake_stands_at_its_field() {
        for (field, typed, reason) in [
            ("name", "Check Header", Reason::NameMalformed),
            ("name", "", Reason::Required),
            ("titleZh", "  ", Reason::Required),
            ("version", "1 0", Reason::VersionMalformed),
            ("url", "10.0.0.5:5000/p", Reason::AddressBad(BadUrl::NoScheme("oci://10.0.0.5:5000/p".into()))),
            ("sha256", "ABC", Reason::DigestMalformed),
            ("priority", "0", Reason::PriorityOutOfRange),
            ("priority", "1001", Reason::PriorityOutOfRange),
            ("priority", "ten", Reason::PriorityOutOfRange),
            ("category", "nonsense", Reason::NotAChoice),
            ("schema", "[1]", Reason::SchemaType("object".into())),
        ] {
            let mut draft = good();
            draft.set(field, typed);
            assert_eq!(parse(&draft, None).unwrap_err(), [Problem::at(field, reason)], "{field}={typed}");
        }
    }
}
