//! What the check says of a module before it runs, as the engine wants it.

use super::load::Refusal;
use crate::check::found::{Found, What};
use crate::report::Stage;

/// Envoy's refusal; `None` when it does not even get to refuse, but dies.
pub(crate) fn refusal(found: Found) -> Option<Refusal> {
    match found.what {
        What::CrashesEnvoy(..) => None,
        // Whatever is refused is refused somewhere.
        _ => Some(Refusal { stage: found.stage.unwrap_or(Stage::Header), text: found.envoy_text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::refuse;

    fn of(text: &str) -> (Stage, Option<String>) {
        let refusal = refusal(refuse::first(&wat::parse_str(text).unwrap()).unwrap_err()).unwrap();
        (refusal.stage, refusal.text)
    }

    const MARKER: &str = r#"(func (export "proxy_abi_version_0_2_1"))"#;
    const MALLOC: &str = r#"(func (export "malloc") (param i32) (result i32) i32.const 0)"#;

    #[test]
    fn refusals_come_in_envoys_order_and_words() {
        assert_eq!(of("(module)").0, Stage::Abi);
        let import = r#"(import "env" "proxy_redis_init" (func))"#;
        let (stage, text) = of(&format!("(module {import} {MARKER})"));
        assert_eq!(stage, Stage::Imports);
        assert_eq!(text.as_deref(), Some("Failed to load Wasm module due to a missing import: env.proxy_redis_init"));
        let import = r#"(import "env" "proxy_log" (func (param i64)))"#;
        assert_eq!(
            of(&format!("(module {import} {MARKER})")).1.as_deref(),
            Some(
                "Failed to load Wasm module due to an import type mismatch: env.proxy_log, want: i64 -> void, but host \
                 exports: i32 i32 i32 -> i32"
            )
        );
        assert_eq!(of(&format!("(module {MARKER})")).0, Stage::Allocator);
        let callback = r#"(func (export "proxy_on_request_headers") (param i32 i32) (result i32) i32.const 0)"#;
        assert_eq!(
            of(&format!("(module {MARKER} {MALLOC} {callback})")).1.as_deref(),
            Some(
                "Bad function signature for: proxy_on_request_headers, want: i32 i32 i32 -> i32, but the module exports: \
                 i32 i32 -> i32"
            )
        );
        assert_eq!(of(&format!("(module {MARKER} {MALLOC} (memory 16385))")).0, Stage::Instantiate);
    }
}
