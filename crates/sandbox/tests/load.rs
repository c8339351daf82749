//! The check says what Envoy 1.40 said, word for word, of every module of `load/answers.tsv`: each was given to it as the
//! module of a listener's filter, and its first line about it noted.
#![allow(clippy::unwrap_used)]

use marketplace_sandbox::check::{found::What, look};
use marketplace_sandbox::report::{Stage, Verdict};

const ANSWERS: &str = include_str!("load/answers.tsv");

fn bytes(module: &str) -> Vec<u8> {
    if let Some(hex) = module.strip_prefix("hex:") {
        return (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect();
    }
    let parts = [
        ("{plugin}", "{marker}{malloc}{memory}"),
        ("{marker}", r#"(func (export "proxy_abi_version_0_2_1"))"#),
        ("{malloc}", r#"(func (export "malloc") (param i32) (result i32) i32.const 1024)"#),
        ("{memory}", r#"(memory (export "memory") 1)"#),
    ];
    let text = parts.into_iter().fold(module.to_owned(), |text, (from, to)| text.replace(from, to));
    wat::parse_str(format!("(module {text})")).unwrap_or_else(|error| panic!("{module}: {error}"))
}

/// Where Envoy is when it writes this.
fn stage(text: &str) -> Stage {
    const STAGES: [(&str, Stage); 8] = [
        ("Failed to parse corrupted Wasm module", Stage::Header),
        ("Missing or unknown Proxy-Wasm ABI version", Stage::Abi),
        ("Failed to load Wasm bytecode", Stage::Compile),
        ("Failed to load Wasm module due to", Stage::Imports),
        ("Failed to initialize Wasm code", Stage::Imports),
        ("Failed to create new Wasm instance", Stage::Instantiate),
        ("Wasm module is missing malloc function.", Stage::Allocator),
        ("Bad function signature for: ", Stage::Exports),
    ];
    STAGES.into_iter().find(|(start, _)| text.starts_with(start)).unwrap_or_else(|| panic!("{text}")).1
}

#[test]
fn the_check_says_what_envoy_said() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in ANSWERS.lines().filter(|line| !line.starts_with('#')) {
        let (answer, module) = line.split_once('\t').unwrap();
        let checked = look(&bytes(module));
        let dies = checked.refusal().is_some_and(|found| matches!(found.what, What::CrashesEnvoy(..)));
        let said = match (checked.refusal(), checked.envoy_text()) {
            (None, _) => "loads",
            _ if dies => "dies",
            (Some(_), None) => "refused without a word",
            (Some(_), Some(text)) => text,
        };
        count += 1;
        if said != answer {
            wrong.push(format!("{module}\n    Envoy: {answer}\n    here:  {said}"));
        } else if let Some(text) = checked.envoy_text() {
            assert_eq!(checked.stage(), Some(stage(text)), "{module}");
        }
        assert_eq!(checked.verdict() == Verdict::Loads, answer == "loads", "{module}");
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300, "{count}");
}
