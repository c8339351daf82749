//! What is wrong with what a person typed: data, not failure. Said in words by the pages, in the reader's language.

use serde::{Deserialize, Serialize};

use crate::fetch::FetchProblem;

/// One problem, at one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The form field it belongs to, e.g. `priority`, `env.2.name`, or, for the plugin's configuration, `config` with a
    /// JSON pointer behind it: `config/patterns/0/match`. Empty for the form as a whole.
    pub field: String,
    /// What is wrong.
    pub reason: Reason,
}

impl Problem {
    /// At a field.
    pub fn at(field: impl Into<String>, reason: Reason) -> Self {
        Self { field: field.into(), reason }
    }
}

/// What can be wrong. Each has its own sentence in each language (`app`, `texts::problems`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Nothing was given.
    Required,
    /// Longer than so many characters.
    TooLong(u32),
    /// A name not made of lower-case letters, digits and hyphens.
    NameMalformed,
    /// A plugin of this name exists.
    NameTaken,
    /// This version exists already.
    VersionTaken,
    /// A version's name with characters that are not allowed.
    VersionMalformed,
    /// None of the values that can be chosen.
    NotAChoice,
    /// Not 64 hexadecimal digits.
    DigestMalformed,
    /// An address that Istio would refuse, drop silently, or never fetch; why, in a word of [`crate::module_url::BadUrl`].
    AddressBad(crate::module_url::BadUrl),
    /// A priority that is no whole number from 1 to 1000.
    PriorityOutOfRange,
    /// YAML that does not parse.
    YamlSyntax {
        /// Line, from 1.
        line: u32,
        /// Column, from 1.
        column: u32,
        /// The parser's words (English).
        message: String,
    },
    /// The configuration is no mapping.
    ConfigNotAnObject,
    /// The configuration is larger than so many bytes.
    ConfigTooLarge(u32),
    /// A number that reaches the plugin changed (beyond 2^53; Istio carries configuration as floating point).
    NumberChanges(String),
    /// The schema: the value has another type than this one (JSON's names).
    SchemaType(String),
    /// The schema: smaller than.
    SchemaMinimum(String),
    /// The schema: larger than.
    SchemaMaximum(String),
    /// The schema: shorter than so many characters.
    SchemaMinLength(u64),
    /// The schema: longer than so many characters.
    SchemaMaxLength(u64),
    /// The schema: fewer than so many items.
    SchemaMinItems(u64),
    /// The schema: more than so many items.
    SchemaMaxItems(u64),
    /// The schema: does not match this regular expression.
    SchemaPattern(String),
    /// The schema: none of these values.
    SchemaEnum(Vec<String>),
    /// The schema: an item stands twice.
    SchemaUnique,
    /// The schema: this property is needed.
    SchemaRequired(String),
    /// The schema: this property is not known.
    SchemaUnknown(String),
    /// The schema: anything else, in the validator's words (English).
    SchemaOther(String),
    /// An environment variable's name that is no C identifier.
    EnvNameMalformed,
    /// An environment variable stands twice.
    EnvDuplicate,
    /// `ISTIO_META_…` is Istio's own.
    EnvReserved,
    /// HOST with a value.
    EnvHostWithValue,
    /// More than so many.
    TooMany(u32),
    /// Not a port from 1 to 65535.
    PortMalformed,
    /// The same port twice.
    PortDuplicate,
    /// Ports never match on a waypoint.
    PortsOnWaypoint,
    /// Outbound direction never matches on a waypoint.
    DirectionOnWaypoint,
    /// Inbound direction never matches on a gateway: all its listeners count as outbound.
    DirectionOnGateway,
    /// Worth knowing: pods of these other services get the plugin too, since they are the same pods.
    AlsoReaches(Vec<String>),
    /// Worth knowing: none of the service's ports is HTTP, and HTTP plugins see HTTP only.
    NoHttpPort,
    /// Worth knowing: the plugin reads this variable from the proxy container's own environment.
    EnvFromHost(String),
    /// Worth knowing: nothing fixes the content behind the address, so proxies may run different versions of it.
    NotPinned,
    /// The name of a pull secret that cannot be one.
    SecretMalformed,
    /// A pull secret with an address that is no image.
    SecretNotImage,
    /// A resource of this name exists and is not this one.
    ResourceTaken,
    /// The service is not there (any more).
    ServiceGone,
    /// No proxy would get the plugin; why.
    NoProxy(NoProxy),
    /// The plugin would run in the whole mesh and nobody confirmed it.
    WholeMeshUnconfirmed,
    /// Envoy would not load the module, and nobody confirmed that it is wanted all the same.
    WouldNotLoad,
    /// No file was chosen.
    FileMissing,
    /// A file that is larger than so many bytes.
    FileTooLarge(u64),
    /// A file that is not WebAssembly.
    FileNotWasm,
    /// A module that is to be with us is not there (any more).
    FileGone,
    /// The file could not be looked at; nothing was kept of it.
    FileUnchecked,
    /// The cluster refused it; its words.
    ClusterRefused(String),
    /// Others own these fields: `(field, manager)`.
    Conflict(Vec<(String, String)>),
    /// The resource changed since it was read.
    ChangedMeanwhile,
    /// The cluster does not answer; nothing was changed, or nobody knows.
    ClusterAway(String),
    /// The database does not answer; nothing was changed.
    DatabaseAway,
    /// The cluster does not know WasmPlugin: Istio is not installed there.
    CrdMissing,
    /// We have no right to do this; the cluster's words.
    Forbidden(String),
    /// An exchange that cannot be run as it is typed.
    Exchange {
        /// One of the codes of the exchange's format, e.g. `unknown_field`.
        code: String,
        /// The path inside the exchange, e.g. `callouts[0].status`; empty for the whole.
        path: String,
        /// The reader's words (English).
        message: String,
        /// Line and column of what was typed as YAML, from 1.
        at: Option<(u32, u32)>,
    },
    /// Nobody but a proxy can get at the module of this address or digest.
    ModuleElsewhere(String),
    /// The module could not be fetched for a run.
    ModuleNotFetched(FetchProblem),
    /// The login for the module's registry could not be read.
    PullSecret {
        /// The Secret.
        name: String,
        /// Why not.
        why: BadSecret,
    },
    /// The run's report is larger than so many bytes, the most that is kept.
    RunTooLarge(u32),
}

/// Why a pull secret gives no login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BadSecret {
    /// There is none of this name in the namespace.
    Gone,
    /// It is there, and not of the type for image registries.
    OtherType,
    /// The marketplace's account may not read it.
    Forbidden,
    /// The cluster does not answer.
    Away,
}

/// Why no proxy gets a plugin for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoProxy {
    /// The service selects no pods.
    NoPods,
    /// Its pods have no sidecar.
    NoSidecar,
    /// Its pods are in the ambient mesh without a waypoint.
    AmbientWithoutWaypoint,
    /// Its pods are proxyless.
    Proxyless,
    /// It has no selector of its own.
    NoSelector,
}
