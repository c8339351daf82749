//! Which language, compiler and SDK a module comes from, by what they leave in it. Guesses, and only for people.

use std::collections::BTreeMap;

use memchr::memmem;
use wasmparser::{BinaryReader, ProducersSectionReader};

use super::facts::Facts;
use super::refuse::{HIGRESS_IMPORTS, HIGRESS_MARKER, markers};
use crate::report::{Producers, Sdk};

/// Values per field of `producers`, and bytes of one.
const MOST: usize = 32;
const LONGEST: usize = 200;

/// See the module.
pub(super) struct Origin {
    pub(super) producers: Producers,
    pub(super) language: Option<String>,
    pub(super) sdk: Option<Sdk>,
    pub(super) vendor: Option<String>,
}

/// Looks at sections, names and constants.
pub(super) fn origin(facts: &Facts<'_>) -> Origin {
    let producers = producers(facts);
    let traces = Traces { facts };
    let language = language(&producers, &traces).map(str::to_owned);
    let sdk = sdk(language.as_deref(), &traces);
    let higress = markers(facts).iter().any(|(name, _)| *name == HIGRESS_MARKER)
        || facts.imports.iter().any(|import| import.module == "env" && HIGRESS_IMPORTS.contains(&import.name));
    Origin { producers, language, sdk, vendor: higress.then(|| "higress".to_owned()) }
}

fn producers(facts: &Facts<'_>) -> Producers {
    let mut all: Producers = BTreeMap::from([("language".to_owned(), vec![]), ("processed-by".to_owned(), vec![])]);
    let Some((_, section)) = facts.custom.iter().find(|(name, _)| *name == "producers") else { return all };
    let Ok(fields) = ProducersSectionReader::new(BinaryReader::new(section, 0)) else { return all };
    for field in fields.into_iter().flatten().take(MOST) {
        let values = all.entry(clip(field.name)).or_default();
        for value in field.values.into_iter().flatten().take(MOST) {
            values.push(clip(format!("{} {}", value.name, value.version).trim_end()));
        }
    }
    all
}

fn clip(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Where compilers leave traces.
struct Traces<'a, 'b> {
    facts: &'b Facts<'a>,
}

impl Traces<'_, '_> {
    fn export(&self, name: &str) -> bool {
        self.facts.exports.iter().any(|export| export.name == name)
    }

    fn section(&self, name: &str) -> bool {
        self.facts.custom.iter().any(|(known, _)| *known == name)
    }

    fn named(&self, part: &str) -> bool {
        let names = self.facts.custom.iter().filter(|(name, _)| *name == "name");
        names.into_iter().any(|(_, section)| memmem::find(section, part.as_bytes()).is_some())
    }

    fn constant(&self, part: &str) -> bool {
        self.in_data(part.as_bytes())
    }

    /// One finder for all segments: Go has a hundred thousand small ones.
    fn in_data(&self, part: &[u8]) -> bool {
        let finder = memmem::Finder::new(part);
        self.facts.data.iter().any(|data| finder.find(data).is_some())
    }

    /// What follows `part` in a constant, as far as it looks like a version.
    fn version_behind(&self, part: &str) -> Option<String> {
        let finder = memmem::Finder::new(part);
        self.facts.data.iter().find_map(|data| {
            finder.find_iter(data).find_map(|at| {
                let rest = data.get(at + part.len()..)?;
                let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-+".contains(byte);
                let version: Vec<u8> = rest.iter().copied().take_while(plain).take(64).collect();
                let version = String::from_utf8(version).ok()?;
                version.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
            })
        })
    }
}

fn language(producers: &Producers, traces: &Traces<'_, '_>) -> Option<&'static str> {
    let said = |field: &str, start: &str| {
        producers.get(field).is_some_and(|values| values.iter().any(|value| value.starts_with(start)))
    };
    // TinyGo goes through LLVM and says that it is C; so does Zig.
    let tinygo = said("processed-by", "TinyGo")
        || traces.export("tinygo_getCurrentStackPointer")
        || traces.named("runtime.runtimePanicAt")
        || traces.named("runtime.runtimePanic")
            && !traces.section("go:buildid")
            && !traces.section("go.buildid")
            && !said("language", "Go");
    let go = said("language", "Go") || traces.section("go:buildid") || traces.section("go.buildid");
    let assemblyscript = traces.export("__rtti_base")
        || traces.export("__pin") && traces.export("__unpin")
        || traces.named("~lib/rt/")
        || traces.wide_constant("~lib/")
        || traces.facts.imports.iter().any(|import| import.module == "env" && import.name == "abort");
    let clang = producers.get("processed-by").is_some_and(|values| values.iter().any(|value| value.contains("clang")));
    let known = [
        ("tinygo", tinygo),
        ("go", go),
        ("rust", said("language", "Rust") || said("processed-by", "rustc") || traces.constant("/rustc/")),
        ("zig", said("language", "Zig") || said("processed-by", "Zig") || traces.named("debug.panicExtra")),
        ("assemblyscript", assemblyscript),
        ("c++", said("language", "C_plus_plus") || traces.named("__cxa_") || traces.named("operator new(")),
        ("c", said("language", "C") || clang),
        ("other", producers.get("language").is_some_and(|values| !values.is_empty())),
    ];
    let known = known.into_iter().find(|(_, is)| *is).map(|(language, _)| language);
    // Where all sections were stripped, a panic of TinyGo's runtime is still in the data.
    known.or_else(|| traces.constant("unsafe.Slice/String: len out of range").then_some("tinygo"))
}

fn sdk(language: Option<&str>, traces: &Traces<'_, '_>) -> Option<Sdk> {
    let sdk = |name: &str, version: Option<String>| Some(Sdk { name: name.to_owned(), version });
    match language? {
        "rust" => {
            // Panics carry the path of their source: …/proxy-wasm-0.2.4/src/dispatcher.rs.
            let version = traces.version_behind("/proxy-wasm-").map(|version| version.trim_end_matches('-').to_owned());
            let there = version.is_some() || traces.named("proxy_wasm") || traces.constant("proxy-wasm");
            if there { sdk("proxy-wasm", version) } else { None }
        }
        "go" | "tinygo" => {
            let homes = ["proxy-wasm", "tetratelabs", "higress-group", "wasilibs"];
            let path = |home: &str| format!("github.com/{home}/proxy-wasm-go-sdk");
            let found = homes.into_iter().map(path).find(|path| traces.named(path) || traces.constant(path))?;
            // A line of the build's own list: the module, a tab, its version.
            let version = traces.version_behind(&format!("{found}\tv"));
            sdk("proxy-wasm-go-sdk", version)
        }
        "assemblyscript" => {
            let known = [
                ("proxy-wasm-sdk-as", "@gcoredev/proxy-wasm-sdk-as"),
                ("@solo-io/proxy-runtime", "@solo-io/proxy-runtime"),
            ];
            let (_, name) = known.into_iter().find(|(part, _)| traces.named(part) || traces.wide_constant(part))?;
            sdk(name, None)
        }
        "c" | "c++" => {
            let there =
                traces.named("RootContext") || traces.named("ContextBase") || traces.named("proxy_wasm_intrinsics");
            if there { sdk("proxy-wasm-cpp-sdk", None) } else { None }
        }
        "zig" => traces.named("proxy-wasm-zig-sdk").then(|| sdk("proxy-wasm-zig-sdk", None))?,
        _ => None,
    }
}

impl Traces<'_, '_> {
    /// AssemblyScript's strings are UTF-16.
    fn wide_constant(&self, part: &str) -> bool {
        let wide: Vec<u8> = part.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.in_data(&wide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stripped_module_of_tinygo_is_known_by_its_runtime() {
        let text = "unsafe.Slice/String: len out of rangegithub.com/tetratelabs/proxy-wasm-go-sdk/proxywasm/types";
        let bytes = wat::parse_str(format!(r#"(module (memory 1) (data (i32.const 64) "{text}"))"#)).unwrap();
        let origin = origin(&Facts::read(&bytes));
        assert_eq!(origin.language.as_deref(), Some("tinygo"));
        assert_eq!(origin.sdk.map(|sdk| (sdk.name, sdk.version)), Some(("proxy-wasm-go-sdk".to_owned(), None)));
    }
}
