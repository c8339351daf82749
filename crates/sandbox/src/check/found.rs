//! What the check can find, as data: codes, subjects and numbers, in no language.

use serde::{Deserialize, Serialize};

use crate::report::{Severity, Stage};

/// One thing found, and what Envoy makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub what: What,
    /// Where in Envoy's load order, where it has a place there.
    pub stage: Option<Stage>,
    /// What Envoy writes, when it refuses and writes anything.
    pub envoy_text: Option<String>,
}

/// The things that can be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Something else altogether.
    NotWasm(Looks),
    /// A component: WebAssembly, but not a core module.
    Component,
    /// A module that is cut, damaged, or has something behind its end.
    Truncated,
    /// There is no marker. With a name: there is one, but it is no function.
    AbiMissing(Option<String>),
    /// The marker of a vendor's own ABI.
    AbiVendor(String),
    /// A marker that Envoy does not know.
    AbiUnknown(String),
    /// It does not validate; the validator's words.
    Invalid(String),
    /// It needs a proposal that Envoy's V8 does not run; the validator's words.
    FeatureOff(String),
    /// A table with more elements than V8 gives.
    TableLimit(u64),
    /// An import that the host does not have. The version is one of the ABI that has it.
    ImportMissing(String, Option<String>),
    /// An import that only a vendor's host has.
    ImportVendor(String),
    /// An import whose type differs.
    ImportType {
        /// `env.proxy_log`
        name: String,
        /// The module's.
        module: String,
        /// The host's.
        host: String,
    },
    /// An import or export whose type kills Envoy.
    CrashesEnvoy(String, String),
    /// A memory that is imported and not as Envoy makes it.
    MemoryImport,
    /// Memory of so many pages at the start.
    MemoryLimit(u64),
    /// A segment that lies outside of its memory or table.
    SegmentOutside(String),
    /// Neither `malloc` nor `proxy_on_memory_allocate`.
    NoAllocator,
    /// An export whose type differs from what Envoy wants.
    ExportType {
        /// `malloc`
        name: String,
        /// The module's.
        module: String,
        /// Envoy's.
        want: String,
    },
    /// An old version of the ABI.
    AbiOld(String),
    /// These markers, of which the first that is known counts.
    SeveralMarkers(Vec<String>),
    /// No memory that the host can read.
    NoMemory,
    /// None of the callbacks of HTTP filters.
    NoHttpCallbacks,
    /// No names of functions.
    NoNameSection,
    /// This import makes gRPC calls.
    Grpc(String),
    /// It calls functions that only some hosts have.
    ForeignFunction,
    /// Envoy runs it, but the sandbox lacks a proposal; the validator's words.
    SandboxFeature(String),
    /// Memory of so many pages at the start, which is more than the sandbox gives.
    SandboxMemory(u64),
    /// A table, or so many elements in one, that the sandbox does not give.
    SandboxTable(u64),
    /// Validating it would take longer than a check may take.
    NotSettled,
    /// These functions of WASI do nothing in Envoy.
    WasiStub(Vec<String>),
    /// So many bytes.
    Size(u64),
    /// So many bytes of sections for debuggers.
    DebugSections(u64),
}

/// What bytes that are no WebAssembly look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Looks {
    /// There are none.
    Empty,
    /// `gzip`
    Gzip,
    /// `tar`
    Tar,
    /// `zip`
    Zip,
    /// Zstandard.
    Zstd,
    /// A program or library of an operating system.
    Executable,
    /// WebAssembly as text.
    Wat,
    /// HTML or XML.
    Html,
    /// A JSON object, such as a manifest.
    Json,
    /// A text that Git's large file storage leaves in place of a file.
    GitLfs,
    /// Text of another kind.
    Text,
    /// Anything.
    Other,
}

impl What {
    /// The contract's word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotWasm(_) => "not_wasm",
            Self::Component => "component",
            Self::Truncated => "truncated",
            Self::AbiMissing(_) => "abi_missing",
            Self::AbiVendor(_) => "abi_vendor",
            Self::AbiUnknown(_) => "abi_unknown",
            Self::Invalid(_) => "invalid",
            Self::FeatureOff(_) => "feature_off",
            Self::TableLimit(_) => "table_limit",
            Self::ImportMissing(..) => "import_missing",
            Self::ImportVendor(_) => "import_vendor",
            Self::ImportType { .. } => "import_type",
            Self::CrashesEnvoy(..) => "crashes_envoy",
            Self::MemoryImport => "memory_import",
            Self::MemoryLimit(_) => "memory_limit",
            Self::SegmentOutside(_) => "segment_outside",
            Self::NoAllocator => "no_allocator",
            Self::ExportType { .. } => "export_type",
            Self::AbiOld(_) => "abi_old",
            Self::SeveralMarkers(_) => "several_markers",
            Self::NoMemory => "no_memory",
            Self::NoHttpCallbacks => "no_http_callbacks",
            Self::NoNameSection => "no_name_section",
            Self::Grpc(_) => "grpc",
            Self::ForeignFunction => "foreign_function",
            Self::SandboxFeature(_) => "sandbox_feature",
            Self::SandboxMemory(_) | Self::SandboxTable(_) | Self::NotSettled => "sandbox_size",
            Self::WasiStub(_) => "wasi_stub",
            Self::Size(_) => "size",
            Self::DebugSections(_) => "debug_sections",
        }
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::AbiOld(_)
            | Self::SeveralMarkers(_)
            | Self::NoMemory
            | Self::NoHttpCallbacks
            | Self::NoNameSection
            | Self::Grpc(_)
            | Self::ForeignFunction
            | Self::SandboxFeature(_)
            | Self::SandboxMemory(_)
            | Self::SandboxTable(_)
            | Self::NotSettled => Severity::Warn,
            Self::WasiStub(_) | Self::Size(_) | Self::DebugSections(_) => Severity::Note,
            _ => Severity::Refuse,
        }
    }

    /// The import, export or marker it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::AbiMissing(name) => name.as_deref(),
            Self::AbiVendor(name)
            | Self::AbiUnknown(name)
            | Self::ImportMissing(name, _)
            | Self::ImportVendor(name)
            | Self::CrashesEnvoy(name, _)
            | Self::ImportType { name, .. }
            | Self::ExportType { name, .. }
            | Self::AbiOld(name)
            | Self::Grpc(name) => Some(name),
            Self::ForeignFunction => Some("env.proxy_call_foreign_function"),
            _ => None,
        }
    }
}
