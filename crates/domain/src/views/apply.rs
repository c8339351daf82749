//! Applying a plugin to a service, or editing one that is there.

use serde::{Deserialize, Serialize};

use super::{
    traffic::{PluginRef, ProxyView},
    trial::TrialView,
    verdict::ModuleView,
};
use crate::{Problem, Verdict, draft::Draft, form::FormNode, mesh::ServiceKey, problem::NoProxy};

/// What is applied to whom: the address of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApplyTarget {
    /// A plugin of the catalogue to a service.
    New {
        /// The service.
        service: ServiceKey,
        /// The plugin.
        plugin: String,
        /// The version; empty for the newest.
        version: String,
    },
    /// A resource that is there.
    Edit {
        /// Its namespace.
        namespace: String,
        /// Its name.
        resource: String,
    },
    /// A plugin of the catalogue by itself: it is only tried.
    Alone {
        /// The plugin.
        plugin: String,
        /// The version; empty for the newest.
        version: String,
    },
}

/// Everything the steps show.
///
/// Fields of the draft: `mode` (`form` or `yaml`: which of the two was typed last), `config…` (see [`crate::form`]), `yaml`,
/// `env.N.name`, `env.N.from` (`INLINE` or `HOST`), `env.N.value`, `phase`, `priority`, `direction`, `ports` (with commas),
/// `failStrategy`, `pullPolicy`, `pullSecret`, `name` (of the resource), `url` and `sha256` (only when a foreign resource is
/// edited), `version` (of the catalogue, that an edited resource is moved to; empty for the one it has) and `toVersion` (the
/// one that is chosen in the list), `seen` (the resource version the person looked at), `sent` (`1` once the form was sent: problems of empty
/// fields are shown from then on), and those of the step Try ([`TrialView`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApplyView {
    /// What is applied to whom.
    pub target: ApplyTarget,
    /// The plugin of the catalogue; `None` for a foreign resource whose module is not ours.
    pub plugin: Option<PluginRef>,
    /// The service; `None` when an edited resource reaches none or several.
    pub service: Option<ServiceKey>,
    /// All fields, prefilled where nothing was typed.
    pub draft: Draft,
    /// The form made from the schema; `None` without a schema: YAML only.
    pub form: Option<FormNode>,
    /// The configuration as YAML (what was typed, or made from the form).
    pub yaml: String,
    /// Rows of the environment, one empty at the end.
    pub env: Vec<EnvRow>,
    /// Whether there is a schema, so that the configuration can be a form.
    pub schema: bool,
    /// What the plugin proposes; `None` when it is not one of the catalogue.
    pub proposal: Option<crate::catalogue::Proposal>,
    /// The versions that an edited resource can have; `None` where there is no choice.
    pub versions: Option<Versions>,
    /// Whether the module is an image, so that pull settings matter.
    pub image: bool,
    /// What is wrong; nothing is sent as long as there is something.
    pub problems: Vec<Problem>,
    /// What is worth knowing before applying.
    pub warnings: Vec<Problem>,
    /// The exchange that the step Try runs.
    pub trial: TrialView,
    /// The chain of filters with the plugin in it, in the order of a request.
    pub chain: Vec<ChainLink>,
    /// The proxies that get it.
    pub proxies: Vec<ProxyView>,
    /// Why nobody gets it.
    pub cannot: Option<NoProxy>,
    /// The resource exactly as it is sent, YAML.
    pub resource_yaml: String,
    /// Its difference from what is in the cluster, line by line.
    pub diff: Vec<DiffLine>,
    /// Whether the resource is there already.
    pub exists: bool,
    /// Whether somebody else made it.
    pub foreign: bool,
    /// Whether Envoy would load the module. Where it would not, the field `confirmRefused` must be `yes`.
    pub loading: ModuleView,
}

/// The versions of the catalogue, for a resource that has one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The one that the resource has.
    pub installed: String,
    /// The one that it will have.
    pub chosen: String,
    /// All of them, newest first.
    pub all: Vec<VersionChoice>,
}

impl Versions {
    /// The version that the catalogue offers.
    pub fn latest(&self) -> Option<&str> {
        self.all.iter().find(|choice| choice.latest).map(|choice| choice.version.as_str())
    }

    /// Whether the resource gets another version.
    pub fn moves(&self) -> bool {
        self.chosen != self.installed
    }
}

/// A version to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionChoice {
    /// Its name.
    pub version: String,
    /// Whether it is the one that the catalogue offers.
    pub latest: bool,
    /// Whether Envoy would load its module, as far as somebody looked.
    pub verdict: Verdict,
}

/// One row of the environment, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EnvRow {
    /// The name.
    pub name: String,
    /// `INLINE` or `HOST`.
    pub from: String,
    /// The value.
    pub value: String,
}

/// One filter of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChainLink {
    /// One of Istio's own; the word of `domain::chain::IstioFilter`, e.g. `Jwt`, `Rbac`, `Router`.
    Istio(String),
    /// A plugin.
    Plugin {
        /// The resource's name.
        name: String,
        /// Phase word and priority, e.g. `AUTHN`, 340.
        phase: crate::Phase,
        /// Its priority.
        priority: Option<i32>,
        /// Whether it is the one being applied.
        this: bool,
    },
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// ` `, `+` or `-`.
    pub sign: char,
    /// The line.
    pub text: String,
}

/// What became of an attempt to apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The resource's namespace.
    pub namespace: String,
    /// The resource's name.
    pub resource: String,
    /// Whether anything was written: a resource that is as wanted is left alone.
    pub changed: bool,
}
