//! Which functions the host has and which it calls, by ABI version. One table for the check and for the engine.
//!
//! Names, types and orders were asked from Envoy 1.40 itself: a module that imports or exports a function with a wrong
//! type makes it say the right one. Nothing here says what a function does.

mod table;

pub use table::{CALLBACKS, ENV, WASI};

use std::fmt;

/// The modules under which WASI is linked; both have the same functions.
pub const WASI_MODULES: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

/// How every marker export begins.
pub const MARKER_PREFIX: &str = "proxy_abi_version_";

/// A version of the ABI that Envoy knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// `proxy_abi_version_0_1_0`
    V0_1_0,
    /// `proxy_abi_version_0_2_0`
    V0_2_0,
    /// `proxy_abi_version_0_2_1`
    V0_2_1,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::V0_1_0, Self::V0_2_0, Self::V0_2_1];

    /// The version of a marker export.
    #[must_use]
    pub fn of_marker(export: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.marker() == export)
    }

    /// The export by which a module says it.
    #[must_use]
    pub fn marker(self) -> &'static str {
        match self {
            Self::V0_1_0 => "proxy_abi_version_0_1_0",
            Self::V0_2_0 => "proxy_abi_version_0_2_0",
            Self::V0_2_1 => "proxy_abi_version_0_2_1",
        }
    }

    /// `0.2.1`
    #[must_use]
    pub fn dotted(self) -> &'static str {
        match self {
            Self::V0_1_0 => "0.1.0",
            Self::V0_2_0 => "0.2.0",
            Self::V0_2_1 => "0.2.1",
        }
    }
}

/// The value types that the ABI uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Val {
    /// 32 bits.
    I32,
    /// 64 bits.
    I64,
}

/// A function type of the ABI. Written in Envoy's notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// In order.
    pub params: &'static [Val],
    /// At most one.
    pub result: Option<Val>,
}

impl fmt::Display for Val {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
        })
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.params {
            [] => to.write_str("void")?,
            [first, rest @ ..] => {
                write!(to, "{first}")?;
                rest.iter().try_for_each(|param| write!(to, " {param}"))?;
            }
        }
        match self.result {
            Some(result) => write!(to, " -> {result}"),
            None => to.write_str(" -> void"),
        }
    }
}

/// A function that Envoy links, or one that it looks for in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Without the module's name.
    pub name: &'static str,
    /// What Envoy wants.
    pub ty: FuncType,
    /// With which versions.
    pub versions: &'static [Version],
}

/// The host function that Envoy links for an import of a module with that ABI version.
#[must_use]
pub fn host_function(version: Version, module: &str, name: &str) -> Option<&'static Function> {
    let table = match module {
        "env" => ENV,
        module if WASI_MODULES.contains(&module) => WASI,
        _ => return None,
    };
    let found = table.binary_search_by(|function| function.name.cmp(name)).ok().and_then(|at| table.get(at))?;
    found.versions.contains(&version).then_some(found)
}

/// Whether some version of the ABI has this host function.
#[must_use]
pub fn served_by_any(module: &str, name: &str) -> bool {
    Version::ALL.into_iter().any(|version| host_function(version, module, name).is_some())
}

/// Start functions in the order of Envoy's look-up. The second is looked for only when the first is not there, or has
/// a wrong type.
pub const START: [Function; 2] = [callback("_initialize", &[], None, ALL), callback("_start", &[], None, ALL)];

/// What is looked for beside `_initialize`, in this order, both of them.
pub const MAIN: [Function; 2] =
    [callback("main", &[Val::I32, Val::I32], Some(Val::I32), ALL), callback("__main_void", &[], Some(Val::I32), ALL)];

/// Allocators in the order of Envoy's look-up.
pub const ALLOCATORS: [Function; 2] = [
    callback("malloc", &[Val::I32], Some(Val::I32), ALL),
    callback("proxy_on_memory_allocate", &[Val::I32], Some(Val::I32), ALL),
];

/// The callbacks Envoy looks for in a module of that version, in its order.
pub fn callbacks(version: Version) -> impl Iterator<Item = &'static Function> {
    CALLBACKS.iter().filter(move |function| function.versions.contains(&version))
}

const ALL: &[Version] = &Version::ALL;

const fn callback(
    name: &'static str,
    params: &'static [Val],
    result: Option<Val>,
    versions: &'static [Version],
) -> Function {
    Function { name, ty: FuncType { params, result }, versions }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        for table in [ENV, WASI] {
            assert!(table.windows(2).all(|pair| pair[0].name < pair[1].name));
        }
        assert_eq!(WASI.len(), 45);
    }

    #[test]
    fn types_are_written_as_envoy_writes_them() {
        let ty = |module, name| host_function(Version::V0_2_1, module, name).map(|found| found.ty.to_string());
        assert_eq!(ty("env", "proxy_log").as_deref(), Some("i32 i32 i32 -> i32"));
        assert_eq!(ty("env", "proxy_done").as_deref(), Some("void -> i32"));
        assert_eq!(ty("wasi_unstable", "proc_exit").as_deref(), Some("i32 -> void"));
        assert_eq!(START[0].ty.to_string(), "void -> void");
    }

    #[test]
    fn only_the_functions_of_its_own_version_are_linked() {
        let linked = |name| Version::ALL.map(|version| host_function(version, "env", name).is_some());
        assert_eq!(linked("proxy_clear_route_cache"), [true, false, false]);
        assert_eq!(linked("proxy_continue_stream"), [false, true, true]);
        assert_eq!(linked("proxy_get_log_level"), [false, false, true]);
        assert_eq!(linked("proxy_log"), [true, true, true]);
        assert_eq!(host_function(Version::V0_2_1, "wasi_snapshot_preview1", "proc_raise"), None);
        assert_eq!(host_function(Version::V0_2_1, "wasi", "fd_write"), None);
        assert!(served_by_any("env", "proxy_continue_request"));
    }

    #[test]
    fn headers_callbacks_have_one_type_per_version() {
        for version in Version::ALL {
            let types: Vec<String> = callbacks(version)
                .filter(|found| found.name == "proxy_on_request_headers")
                .map(|found| found.ty.to_string())
                .collect();
            let expected = if version == Version::V0_1_0 { "i32 i32 -> i32" } else { "i32 i32 i32 -> i32" };
            assert_eq!(types, [expected]);
        }
    }
}
