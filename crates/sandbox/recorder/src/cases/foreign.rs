//! Foreign functions that take a message: in every phase, with every kind of argument.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{CALL_SVC, ProbeCase, calls, case, svc};

mod keys;

use keys::{PAIRS, Pair, TEXT};

/// Bytes as a script has them.
fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
    out.push('"');
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
    out
}

/// A field of bytes.
fn bytes(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A field of a number.
fn int(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn foreign(name: &str, args: &[u8]) -> String {
    format!("call_foreign_function \"{name}\" {} >>", quoted(args))
}

fn declare(name: &str, readonly: u64, kind: u64, schema: &str, span: u64) -> String {
    let args = [bytes(1, name.as_bytes()), int(2, readonly), int(3, kind), bytes(4, schema.as_bytes()), int(5, span)];
    foreign("declare_property", &args.concat())
}

fn keep(name: &str, value: &str, span: u64) -> String {
    let args = [bytes(1, name.as_bytes()), bytes(2, value.as_bytes()), int(3, span)];
    foreign("set_envoy_filter_state", &args.concat())
}

fn get(parts: &[&str]) -> String {
    format!("get_property {} >>", quoted(parts.join("\0").as_bytes()))
}

fn verify(hash: &str, der: &[u8], pem: &str, signature: &[u8], text: &str) -> String {
    let key = [bytes(2, der), bytes(5, pem.as_bytes())].concat();
    let args = [bytes(1, hash.as_bytes()), key, bytes(3, signature), bytes(4, text.as_bytes())];
    foreign("verify_signature", &args.concat())
}

fn sign(hash: &str, der: &[u8], pem: &str) -> String {
    let args = [bytes(1, hash.as_bytes()), bytes(2, der), bytes(3, TEXT.as_bytes()), bytes(4, pem.as_bytes())];
    foreign("sign", &args.concat())
}

fn decoded(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap_or_default()
}

fn pem(label: &str, base64: &str) -> String {
    let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or("")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Calls that go together, for every phase.
fn families() -> Vec<(&'static str, String)> {
    let rubbish: [&[u8]; 10] = [
        b"",
        b"\xff",
        b"\x0a\x05ab",
        b"\x0a\x01\xff",
        b"\x08\x01",
        b"\0",
        b"\x0b\x0c",
        b"\x0b\x14",
        b"\x01\0\0\x40",
        b"\x01\0\0\0\0",
    ];
    let on_all = |name: &str| rubbish.map(|args| foreign(name, args)).join("; ");
    let mut families = Vec::new();
    for name in
        ["declare_property", "set_envoy_filter_state", "verify_signature", "sign", "expr_evaluate", "expr_delete"]
    {
        families.push((name, on_all(name)));
    }
    families.push((
        "declared twice",
        [declare("p", 1, 1, "", 0), declare("p", 0, 0, "", 0), declare("", 0, 9, "", 9), declare("q\0r", 0, 0, "", 2)]
            .join("; "),
    ));
    families.push((
        "declared here and set",
        format!(
            "{}; set_property \"p\" \"1\"; set_property \"p\" \"2\"; {}; {}",
            declare("p", 1, 1, "", 0),
            get(&["p"]),
            get(&["filter_state", "wasm.p"])
        ),
    ));
    families.push((
        "kept under a known name",
        [
            keep("envoy.string", "a", 0),
            get(&["filter_state", "envoy.string"]),
            get(&["envoy.string"]),
            keep("nobody.reads.this", "a", 0),
            keep("envoy.network.ip", "a", 0),
            get(&["filter_state"]),
        ]
        .join("; "),
    ));
    let rsa = &PAIRS[0];
    let (hash, signature) = rsa.signatures[2];
    families.push((
        "signed and verified",
        format!(
            "{}; {}",
            sign(hash, &decoded(rsa.private), ""),
            verify(hash, &decoded(rsa.public), "", &decoded(signature), TEXT)
        ),
    ));
    families
}

fn in_every_phase() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (phase, script, exchange) in calls::phases() {
        for (family, ops) in families() {
            cases.push(case(format!("{family} in {phase}"), &script.replace("OPS", &ops), exchange.clone()));
        }
    }
    cases
}

fn properties() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let seen = [
        get(&["p"]),
        get(&["p", ""]),
        get(&["p", "x"]),
        get(&["filter_state", "wasm.p"]),
        get(&["filter_state", "wasm.p", "x"]),
        get(&["wasm.p"]),
    ]
    .join("; ");
    for kind in [0, 1, 9] {
        for readonly in [0, 1] {
            for span in 0..3 {
                let script = format!(
                    "configure: {}\nrequest_headers: {seen}; set_property \"p\" \"one\"; {seen}; set_property \"p\" \"two\"; {seen}\n\
                     response_headers: {seen}; set_property \"p\" \"three\"; {seen}\nlog: {seen}; set_property \"p\" \"\"; {seen}\n\
                     done: {}",
                    declare("p", readonly, kind, "", span),
                    get(&["p"])
                );
                cases.push(case(
                    format!("property of type {kind}, read-only {readonly}, span {span}"),
                    &script,
                    json!({}),
                ));
            }
        }
    }
    let flat = |ops: &str| {
        format!("configure: {}\nrequest_headers: set_property \"p\" \"v\"; {ops}", declare("p", 0, 2, "", 0))
    };
    cases.push(case("FlatBuffers property as a whole", &flat(&get(&["p"])), json!({})));
    cases.push(case("FlatBuffers property without a schema by its parts", &flat(&get(&["p", "x"])), json!({})));
    let late = |context: u32| {
        format!(
            "request_headers: {CALL_SVC}; return 1\nhttp_call_response: set_effective_context {context}; {}; \
             set_effective_context 2; set_property \"p\" \"1\"; set_property \"p\" \"2\"; {}; continue_stream 0",
            declare("p", 1, 0, "", 0),
            get(&["p"])
        )
    };
    cases.push(case("declared by a root", &late(1), json!({"callouts": svc()})));
    cases.push(case("declared by a root for a stream", &late(2), json!({"callouts": svc()})));
    cases.push(case(
        "declared by a stream for its root",
        &format!(
            "request_headers: set_effective_context 1; {}; set_effective_context 2; set_property \"p\" \"1\"; \
             set_property \"p\" \"2\"; {}",
            declare("p", 1, 0, "", 0),
            get(&["p"])
        ),
        json!({}),
    ));
    cases
}

/// Values of declared message types.
fn messages() -> Vec<ProbeCase> {
    let number = |value: f64| [vec![0x11], value.to_le_bytes().to_vec()].concat();
    let text = |text: &str| bytes(3, text.as_bytes());
    let entry = |name: &str, value: &[u8]| bytes(1, &[bytes(1, name.as_bytes()), bytes(2, value)].concat());
    let deep = entry("x", &bytes(5, &entry("x", &text("deep"))));
    let table: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("", vec![vec![], bytes(1, b"a")]),
        ("google.protobuf.StringValue", vec![bytes(1, b"a")]),
        ("x/google.protobuf.StringValue", vec![bytes(1, b"a")]),
        ("type.googleapis.com/nobody.has.this", vec![vec![], b"\xff".to_vec()]),
        (
            "type.googleapis.com/google.protobuf.StringValue",
            vec![
                vec![],
                bytes(1, b"a"),
                [bytes(1, b"a"), bytes(1, b"b")].concat(),
                [int(2, 7), bytes(1, b"q")].concat(),
                bytes(1, b"\xff"),
                b"\x0a".to_vec(),
            ],
        ),
        ("type.googleapis.com/google.protobuf.BytesValue", vec![vec![], bytes(1, b"\xff")]),
        ("type.googleapis.com/google.protobuf.BoolValue", vec![vec![], int(1, 1), int(1, 2)]),
        ("type.googleapis.com/google.protobuf.Int32Value", vec![vec![], int(1, 5), int(1, u64::MAX), int(1, 1 << 40)]),
        ("type.googleapis.com/google.protobuf.Int64Value", vec![vec![], int(1, 5), int(1, u64::MAX)]),
        ("type.googleapis.com/google.protobuf.UInt32Value", vec![vec![], int(1, 5), int(1, u64::MAX)]),
        (
            "type.googleapis.com/google.protobuf.UInt64Value",
            vec![vec![], int(1, 5), int(1, u64::MAX), b"\x08".to_vec()],
        ),
        (
            "type.googleapis.com/google.protobuf.DoubleValue",
            vec![vec![], [vec![0x09], 1.5_f64.to_le_bytes().to_vec()].concat()],
        ),
        ("type.googleapis.com/google.protobuf.FloatValue", vec![[vec![0x0d], 1.5_f32.to_le_bytes().to_vec()].concat()]),
        ("type.googleapis.com/google.protobuf.Duration", vec![vec![], [int(1, 3), int(2, 5)].concat()]),
        ("type.googleapis.com/google.protobuf.Timestamp", vec![vec![], [int(1, 3), int(2, 5)].concat()]),
        (
            "type.googleapis.com/google.protobuf.Struct",
            vec![
                vec![],
                entry("x", &text("v")),
                entry("x", &number(1.5)),
                entry("x", &int(4, 1)),
                entry("x", &int(1, 0)),
                entry("x", &bytes(6, &bytes(1, &text("a")))),
                [entry("x", &text("v")), entry("x", &text("w"))].concat(),
                deep,
                b"\x0a\x01\xff".to_vec(),
            ],
        ),
        (
            "type.googleapis.com/google.protobuf.Value",
            vec![vec![], text("v"), int(1, 0), [text("v"), int(4, 1)].concat()],
        ),
        ("type.googleapis.com/google.protobuf.ListValue", vec![vec![], bytes(1, &text("a"))]),
    ];
    let mut cases = Vec::new();
    for (schema, values) in table {
        let short = if schema.is_empty() { "no schema" } else { schema };
        for (n, value) in values.iter().enumerate() {
            let script = format!(
                "configure: {}\nrequest_headers: set_property \"p\" {}; {}",
                declare("p", 0, 3, schema, 0),
                quoted(value),
                [
                    get(&["p"]),
                    get(&["filter_state", "wasm.p"]),
                    get(&["filter_state", "wasm.p", "x"]),
                    get(&["filter_state", "wasm.p", "0"]),
                    get(&["p", "x"]),
                    get(&["p", "x", "x"]),
                    get(&["p", "value"]),
                ]
                .join("; ")
            );
            cases.push(case(format!("{short}, value {n}"), &script, json!({})));
        }
    }
    cases
}

fn filter_state() -> Vec<ProbeCase> {
    const NAMES: [&str; 22] = [
        "envoy.ai.llm_protocol.request",
        "envoy.ai.model.request",
        "envoy.filters.listener.original_dst.local_ip",
        "envoy.filters.listener.original_dst.remote_ip",
        "envoy.hashable_string",
        "envoy.network.application_protocols",
        "envoy.network.ip",
        "envoy.network.network_namespace",
        "envoy.network.transport_socket.original_dst_address",
        "envoy.network.upstream_server_name",
        "envoy.network.upstream_subject_alt_names",
        "envoy.ratelimit.hits_addend",
        "envoy.router.debug_config",
        "envoy.string",
        "envoy.tcp_proxy.cluster",
        "envoy.tcp_proxy.disable_tunneling",
        "envoy.tcp_proxy.per_connection_idle_timeout_ms",
        "envoy.upstream.dynamic_host",
        "envoy.upstream.dynamic_port",
        "envoy.uint64",
        "wasm.mine",
        "",
    ];
    const VALUES: [&str; 26] = [
        "",
        "abc",
        "true",
        "TRUE",
        "1.2.3.4:80",
        "1.2.3.4",
        "[::1]:80",
        "[2001:DB8:0:0::1]:0",
        "::1",
        "[::1]",
        "1.2.3.4:",
        ":80",
        "1.2.3.4:99999",
        "1.2.3.4:+8",
        "01.2.3.4:80",
        "443",
        "0",
        "007",
        "65536",
        "4294967296",
        "18446744073709551616",
        "-1",
        "+7",
        " 8\\n",
        "a,b, ,,c",
        "0x10",
    ];
    let mut cases = Vec::new();
    for name in NAMES {
        let ops = VALUES.map(|value| {
            [
                keep(name, &value.replace("\\n", "\n"), 0),
                get(&["filter_state", name]),
                get(&["filter_state", name, "ip"]),
                get(&["filter_state", name, "port"]),
                get(&["filter_state", name, "ip", "x"]),
            ]
            .join("; ")
        });
        cases.push(case(format!("filter state {name}"), &format!("request_headers: {}", ops.join("; ")), json!({})));
    }
    for first in 0..4 {
        for second in 0..4 {
            let name = "envoy.string";
            let seen = get(&["filter_state", name]);
            let script = format!(
                "request_headers: {}; {seen}; {}; {seen}; {}\nlog: {seen}",
                keep(name, "a", first),
                keep(name, "b", second),
                keep(name, "c", first)
            );
            cases.push(case(format!("filter state of spans {first} and {second}"), &script, json!({})));
        }
    }
    cases
}

fn signatures() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let one = |name: String, ops: String| case(name, &format!("request_headers: {ops}"), json!({}));
    for pair in PAIRS {
        let Pair { name, public, private, signatures } = pair;
        let (public_der, private_der) = (decoded(public), decoded(private));
        for (hash, signature) in *signatures {
            let signature = decoded(signature);
            let ops = [
                verify(hash, &public_der, "", &signature, TEXT),
                verify(hash, &public_der, "", &signature, "another"),
                verify(&hash.to_uppercase(), "".as_bytes(), &pem("PUBLIC KEY", public), &signature, TEXT),
                verify(hash, &public_der, "", &[signature.as_slice(), b"\0"].concat(), TEXT),
                verify(hash, &public_der, "", &signature[1..], TEXT),
                verify(hash, &[public_der.as_slice(), b"\0"].concat(), "", &signature, TEXT),
            ];
            cases.push(one(format!("verified by {name} {hash}"), ops.join("; ")));
            // Signatures of curves are made by dice.
            let shown = |ops: String| if name.starts_with("P-") { ops.replace(">>", ">>!") } else { ops };
            let ops = [
                sign(hash, &private_der, ""),
                sign(hash, b"", &pem("PRIVATE KEY", private)),
                sign(hash, &[private_der.as_slice(), b"\0"].concat(), ""),
            ];
            cases.push(one(format!("signed by {name} {hash}"), shown(ops.join("; "))));
        }
        let (hash, signature) = signatures[signatures.len() / 2];
        let signature = decoded(signature);
        let around = format!("text\n{}more", pem("PUBLIC KEY", public));
        let ops = [
            verify("", &public_der, "", &signature, TEXT),
            verify("md5", &public_der, "", &signature, TEXT),
            verify("sha-256", b"abc", "", &signature, TEXT),
            verify(hash, b"abc", "", &signature, TEXT),
            verify(hash, b"", "abc", &signature, TEXT),
            verify(hash, b"", "", &signature, TEXT),
            verify(hash, &public_der, &pem("PUBLIC KEY", public), &signature, TEXT),
            verify(hash, &private_der, "", &signature, TEXT),
            verify(hash, b"", &pem("RSA PUBLIC KEY", public), &signature, TEXT),
            verify(hash, b"", &around, &signature, TEXT),
            verify(hash, &public_der[..public_der.len() - 1], "", &signature, TEXT),
            verify(hash, &public_der, "", b"", TEXT),
            verify(hash, &public_der, "", &signature, ""),
        ];
        cases.push(one(format!("verified wrongly by {name}"), ops.join("; ")));
        let ops = [
            sign("", &private_der, ""),
            sign("md5", b"abc", ""),
            sign(hash, b"abc", ""),
            sign(hash, b"", "abc"),
            sign(hash, b"", ""),
            sign(hash, &private_der, &pem("PRIVATE KEY", private)),
            sign(hash, &public_der, ""),
            sign(hash, &private_der[..private_der.len() - 1], ""),
        ];
        cases.push(one(format!("signed wrongly by {name}"), ops.join("; ")));
    }
    cases
}

pub(super) fn cases() -> Vec<ProbeCase> {
    [in_every_phase(), properties(), messages(), filter_state(), signatures()].concat()
}
