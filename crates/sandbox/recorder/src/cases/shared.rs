//! Two plugins that share a VM, of which one does not start, or only where the other has been.

use serde_json::{Value, json};

use super::{ProbeCase, chain, full, merge};

/// What goes wrong. In the VM that tries a plugin out, every callback is called for the first time.
const FAULTS: [(&str, &str); 8] = [
    ("nothing", "context_create#9: log 2 \"never\""),
    ("every root create traps", "context_create#1: log 2 \"root\"; trap unreachable"),
    ("the second root create traps", "context_create#2: log 2 \"second root\"; trap unreachable"),
    ("the second vm start traps", "vm_start#2: log 2 \"second start\"; trap unreachable"),
    ("the second vm start says no", "vm_start#2: log 2 \"second start\"; return 0"),
    ("the second configure traps", "configure#2: log 2 \"second configure\"; trap unreachable"),
    ("the second configure says no", "configure#2: log 2 \"second configure\"; return 0"),
    ("the third create traps", "context_create#3: log 2 \"first stream\"; trap unreachable"),
];

/// Whatever is not said otherwise is only logged.
const WATCHED: [&str; 5] = [
    "vm_start: log 2 \"start\"",
    "configure: log 2 \"configure\"",
    "request_headers: log 2 \"request\"; return 0",
    "response_headers: log 2 \"response\"; return 0",
    "log: log 2 \"end\"",
];

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (name, fault) in FAULTS {
        let script = format!("{fault}\n{}", WATCHED.join("\n"));
        for (first, second) in [
            ("FAIL_CLOSE", "FAIL_CLOSE"),
            ("FAIL_OPEN", "FAIL_OPEN"),
            ("FAIL_RELOAD", "FAIL_RELOAD"),
            ("FAIL_OPEN", "FAIL_CLOSE"),
            ("FAIL_CLOSE", "FAIL_OPEN"),
        ] {
            let plugins = json!([
                {"name": "one", "fail_strategy": first},
                {"name": "two", "fail_strategy": second},
            ]);
            let mut exchange = full();
            merge(&mut exchange, json!({"plugins": plugins}));
            let name = format!("{name}, {first} {second}");
            cases.push(chain(name.clone(), &[&script, &script], exchange.clone()));
            merge(&mut exchange, json!({"before": [before("/first"), before("/second")]}));
            cases.push(chain(format!("{name}, third request"), &[&script, &script], exchange));
        }
    }
    cases
}

fn before(path: &str) -> Value {
    json!({"request": {"path": path}})
}
