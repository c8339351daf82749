//! Older versions of the ABI: their own functions in every phase, and what the other groups ask, in part.

use marketplace_sandbox::abi::Version;
use serde_json::{Value, json};

use super::{CALL_SVC, ProbeCase, bodies, callouts, calls, case, chain, full, pauses, replies, svc, traps, wire};

const OLD: [Version; 2] = [Version::V0_1_0, Version::V0_2_0];
/// One case of so many of each of the other groups.
const EVERY: usize = 11;

/// Where Envoy's answer depends on memory, or on how many VMs it has.
const UNDEFINED: [&str; 2] = ["metrics in ", "waits, edited"];

/// A script for an older version, where all that it calls is there.
fn older(script: &str, version: Version) -> Option<String> {
    let mut script = script.replace("get_log_level >", "get_current_time_nanoseconds >q!");
    if version == Version::V0_1_0 {
        script =
            script.replace("continue_stream 0", "continue_request").replace("continue_stream 1", "continue_response");
        // The third argument of some callbacks is not there.
        if ["continue_stream", "close_stream", "foreign_function:", "%2"].iter().any(|word| script.contains(word)) {
            return None;
        }
    }
    Some(format!("abi {}\n{script}", version.dotted()))
}

/// A case with the plugins that `which` says made for an older version.
fn aged(mut aged: ProbeCase, version: Version, which: impl Fn(usize) -> bool) -> Option<ProbeCase> {
    let plugins = aged.exchange.get_mut("plugins").and_then(Value::as_array_mut)?;
    for (_, plugin) in plugins.iter_mut().enumerate().filter(|(n, _)| which(*n)) {
        let script = plugin.get("probe").and_then(Value::as_str).and_then(|script| older(script, version));
        plugin["probe"] = json!(script?);
    }
    aged.name = format!("{} {}", version.dotted(), aged.name);
    Some(aged)
}

/// What only one version has, or does in another way.
fn families(version: Version) -> Vec<(&'static str, &'static str)> {
    let mut families = vec![
        (
            "missing headers",
            "get_header_map_value 0 \"none\" >>; get_header_map_value 2 \"none\" >>; get_header_map_value 6 \"none\" >>; get_header_map_value 9 \"none\" >>",
        ),
        ("configurations", "get_buffer_bytes 6 0 99 >>; get_buffer_bytes 7 0 99 >>; get_buffer_bytes 7 2 3 >>"),
        (
            "two foreign functions",
            "call_foreign_function \"none\" \"\" >>; call_foreign_function \"clear_route_cache\" \"\" >>",
        ),
        ("unknown streams", "set_effective_context 99; set_effective_context 0; get_header_map_size 0 >"),
    ];
    if version == Version::V0_1_0 {
        families.extend([
            ("get_configuration", "get_configuration >>"),
            (
                "clear_route_cache",
                "clear_route_cache; replace_header_map_value 0 \":path\" \"/other\"; clear_route_cache",
            ),
            ("continue_request", "continue_request"),
            ("continue_response", "continue_response"),
        ]);
    } else {
        families
            .extend([("continue_stream", "continue_stream 0; continue_stream 2"), ("close_stream", "close_stream 0")]);
    }
    families
}

fn in_every_phase() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for version in OLD {
        for (phase, script, exchange) in calls::phases() {
            for (family, ops) in families(version) {
                let made = older(&script, version).map(|script| script.replace("OPS", ops));
                let name = format!("{} {family} in {phase}", version.dotted());
                cases.extend(made.map(|script| case(name, &script, exchange.clone())));
            }
        }
    }
    cases
}

/// Functions of other versions: Envoy refuses the module.
fn refused() -> Vec<ProbeCase> {
    let functions = [
        "get_configuration >>",
        "clear_route_cache",
        "continue_request",
        "continue_response",
        "continue_stream 0",
        "close_stream 0",
        "get_log_level >",
    ];
    let mut cases = Vec::new();
    for version in Version::ALL {
        for function in functions {
            let script = format!("abi {}\nrequest_headers: {function}", version.dotted());
            cases.push(case(format!("{} imports {function}", version.dotted()), &script, json!({})));
        }
    }
    cases
}

/// Plugins of two versions behind each other.
fn mixed() -> Vec<ProbeCase> {
    let watch = "request_headers: get_header_map_value 0 \"none\" >>; replace_header_map_value 0 \"x-seen\" \"1\"\n\
                 request_body: get_buffer_bytes 0 0 99 >>\nresponse_headers: get_header_map_value 2 \"none\" >>\n\
                 response_body: get_buffer_bytes 1 0 99 >>\nlog: get_header_map_value 0 \"x-seen\" >>";
    let pausing = format!(
        "request_headers: {CALL_SVC}; return 1\nhttp_call_response: set_effective_context 2; continue_stream 0\n\
         response_headers: get_header_map_value 2 \"none\" >>"
    );
    let mut exchange = full();
    super::merge(&mut exchange, json!({"callouts": svc()}));
    let mut cases = Vec::new();
    for version in OLD {
        for old in 0..2 {
            for (name, scripts) in [("watch", [watch, watch]), ("pause", [pausing.as_str(), watch])] {
                let made = chain(format!("{name}, the plugin {old} is older"), &scripts, exchange.clone());
                cases.extend(aged(made, version, |n| n == old));
            }
        }
    }
    cases
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = [in_every_phase(), refused(), mixed()].concat();
    let others = [
        bodies::cases(),
        callouts::cases(),
        calls::cases(),
        pauses::cases(),
        replies::cases(),
        traps::cases(),
        wire::cases(),
    ];
    for (first, version) in OLD.into_iter().enumerate() {
        for group in &others {
            // Others for each version, so that more are asked.
            let defined = |made: &&ProbeCase| !UNDEFINED.iter().any(|words| made.name.contains(words));
            let some = group.iter().filter(defined).skip(first * EVERY / 2).step_by(EVERY);
            cases.extend(some.filter_map(|made| aged(made.clone(), version, |_| true)));
        }
    }
    cases
}
