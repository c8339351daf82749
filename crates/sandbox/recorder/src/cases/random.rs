//! Cases made by chance: the same for the same seed, whatever the machine.

use serde_json::{Value, json};

use super::{CALL_SVC, ProbeCase, chain, merge, svc};

/// Numbers by chance (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// So many cases from this seed on: case `n` of a seed is the same whatever the count.
#[must_use]
pub fn random(seed: u64, count: usize) -> Vec<ProbeCase> {
    (0..count)
        .map(|n| {
            let mut chance = Chance(seed.wrapping_mul(1_000_003).wrapping_add(n as u64));
            // The first numbers of neighbours are alike.
            chance.next();
            let scripts: Vec<String> = (0..chance.of(&[1, 1, 1, 2, 2, 3])).map(|_| script(&mut chance)).collect();
            let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
            let exchange = exchange(&mut chance, scripts.len());
            chain(format!("seed {seed} number {n}"), &scripts, exchange)
        })
        .collect()
}

const CALLBACKS: [&str; 6] =
    ["request_headers", "request_body", "request_trailers", "response_headers", "response_body", "response_trailers"];

fn script(chance: &mut Chance) -> String {
    let mut lines = Vec::new();
    let mut calls_out = false;
    // Most probes do little, so that what they do is seen.
    let busy = chance.of(&[2, 3, 6]);
    for callback in CALLBACKS {
        if chance.one_in(5) {
            continue;
        }
        for call in 1..=chance.below(3) {
            if chance.one_in(busy) {
                lines.push(format!("{callback}#{call}: {}", ops(chance, callback, &mut calls_out)));
            }
        }
        if chance.one_in(busy) {
            lines.push(format!("{callback}: {}", ops(chance, callback, &mut calls_out)));
        } else {
            lines.push(format!("{callback}: return 0"));
        }
    }
    if calls_out || chance.one_in(8) {
        let before = read(chance);
        let change = if chance.one_in(3) { change(chance, "request_headers") } else { read(chance) };
        let stream = chance.of(&[0, 0, 0, 1]);
        let end = if chance.one_in(8) { reply(chance) } else { format!("continue_stream {stream}") };
        lines.push(format!("http_call_response: {before}; set_effective_context 2; {change}; {end}"));
    }
    if chance.one_in(3) {
        lines.push(format!("log: {}; {}", read(chance), read(chance)));
    }
    lines.join("\n")
}

fn ops(chance: &mut Chance, callback: &str, calls_out: &mut bool) -> String {
    let mut ops = Vec::new();
    for _ in 0..chance.below(4) {
        ops.push(match chance.below(12) {
            0..=3 => read(chance),
            4..=8 => change(chance, callback),
            9 if chance.one_in(3) => reply(chance),
            10 if chance.one_in(3) => format!("continue_stream {}", i32::from(callback.starts_with("response"))),
            11 if chance.one_in(12) => format!("close_stream {}", chance.below(2)),
            _ => read(chance),
        });
    }
    let mut action = chance.of(&[0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4]);
    if action != 0 || chance.one_in(10) {
        if chance.one_in(4) {
            ops.push(format!("continue_stream {}", i32::from(callback.starts_with("response"))));
        } else if chance.one_in(2) {
            *calls_out = true;
            ops.push(CALL_SVC.to_owned());
        } else if chance.one_in(2) {
            action = 0;
        }
    }
    if chance.one_in(60) {
        ops.push("trap unreachable".to_owned());
    }
    ops.push(format!("return {action}"));
    ops.join("; ")
}

fn read(chance: &mut Chance) -> String {
    let map = chance.below(4);
    match chance.below(7) {
        0 => format!("get_header_map_size {map} >{}", if map == 2 { "!" } else { "" }),
        1 => format!("get_header_map_value {map} \"{}\" >>", name(chance)),
        2 => format!("get_header_map_pairs {map} >>"),
        3 => format!("get_buffer_bytes {} 0 60 >>", chance.below(2)),
        4 => format!("get_buffer_status {} > >", chance.below(2)),
        5 => format!(
            "get_property \"{}\" >>",
            chance.of(&[
                "request\\0path",
                "response\\0code",
                "response\\0code_details",
                "request\\0method",
                "plugin_name",
                "request\\0size",
                "request\\0total_size",
                "response\\0size",
                "response\\0flags",
                "request\\0headers\\0x-a"
            ])
        ),
        _ => format!("get_header_map_value 6 \"{}\" >>", name(chance)),
    }
}

fn name(chance: &mut Chance) -> &'static str {
    chance.of(&[
        "x-a",
        "x-b",
        "x-r",
        "content-length",
        "content-type",
        "vary",
        "accept",
        "cookie",
        "set-cookie",
        ":path",
        ":status",
        ":method",
        ":authority",
        "host",
        "grpc-status",
        "t-a",
    ])
}

fn change(chance: &mut Chance, callback: &str) -> String {
    let side = usize::from(callback.starts_with("response"));
    let map = if chance.one_in(6) { chance.below(4) } else { 2 * side + usize::from(!callback.ends_with("headers")) };
    let value = chance.of(&["", "1", "two", "5", "200", "/p"]);
    match chance.below(9) {
        0 | 1 => format!("add_header_map_value {map} \"{}\" \"{value}\"", name(chance)),
        2 => format!("replace_header_map_value {map} \"{}\" \"{value}\"", name(chance)),
        3 => format!("remove_header_map_value {map} \"{}\"", name(chance)),
        4 => format!("remove_header_map_value {} \"content-length\"", 2 * side),
        5 => format!("set_buffer_bytes {side} 0 0 \"<\""),
        6 => format!("set_buffer_bytes {side} 1000 0 \">\""),
        7 => format!("set_buffer_bytes {side} 0 {} \"new\"", chance.of(&[0, 1, 5, 1000])),
        _ => format!("set_buffer_bytes {} {} {} \"{value}\"", chance.below(2), chance.of(&[0, 1, 9]), chance.below(4)),
    }
}

fn reply(chance: &mut Chance) -> String {
    let status = chance.of(&[200, 204, 403, 503]);
    let body = chance.of(&["", "no", "a longer text"]);
    let headers = chance.of(&["\"\"", "{\"x-l\"=\"1\"}", "{\"content-type\"=\"a/b\"}"]);
    format!("send_local_response {status} \"why\" \"{body}\" {headers} {}", chance.of(&[-1, 0, 7]))
}

fn body(chance: &mut Chance) -> Value {
    match chance.below(8) {
        0 | 1 => Value::Null,
        2 => json!(""),
        3 | 4 => json!("hello"),
        5 => json!({"chunks": ["one"]}),
        6 => json!({"chunks": ["one", "two", "three"]}),
        _ => json!({"chunks": ["a", "bb"]}),
    }
}

fn exchange(chance: &mut Chance, plugins: usize) -> Value {
    let mut exchange = json!({
        "request": {
            "http": chance.of(&[1, 1, 2]),
            "method": chance.of(&["GET", "POST", "POST", "PUT", "HEAD"]),
            "path": "/r?x=1",
            "headers": [["x-a", "1"], ["accept", "z"], ["cookie", "a"], ["cookie", "b"]],
            "body": body(chance),
        },
        "upstream": {
            "status": chance.of(&[200, 200, 200, 204, 404, 304]),
            "headers": [["x-r", "1"], ["vary", "z"], ["set-cookie", "a"]],
            "body": body(chance),
        },
        "callouts": svc(),
    });
    if chance.one_in(10) {
        merge(&mut exchange, json!({"request": {"headers": [["content-type", "application/grpc"], ["x-a", "2"]]}}));
    }
    if exchange["request"]["body"].is_object() && chance.one_in(2) {
        merge(&mut exchange, json!({"request": {"trailers": [["t-a", "1"]]}}));
    }
    if exchange["upstream"]["body"].is_object() && chance.one_in(2) {
        merge(&mut exchange, json!({"upstream": {"trailers": [["u-a", "1"]]}}));
    } else if !exchange["upstream"]["body"].is_null() && chance.one_in(8) {
        merge(&mut exchange, json!({"upstream": {"framing": "close"}}));
    }
    if chance.one_in(8) {
        merge(&mut exchange, json!({"upstream": {"delay_ms": 30}}));
    }
    if chance.one_in(6) {
        let flags: Vec<Value> = (0..plugins).map(|_| json!({"allow_on_headers_stop_iteration": true})).collect();
        merge(&mut exchange, json!({"plugins": flags}));
    }
    exchange
}
