//! The commands as a shell sees them: what is on standard output, and the exit code.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A plugin that adds a header to requests, says a line and lets the rest pass.
const ADDS_A_HEADER: &str = r#"(module
    (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
    (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 0) "x-checkedyes")
    (global $top (mut i32) (i32.const 65536))
    (func (export "proxy_abi_version_0_2_1"))
    (func (export "malloc") (param i32) (result i32)
        global.get $top (global.set $top (i32.add (global.get $top) (local.get 0))))
    (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (drop (call $log (i32.const 2) (i32.const 0) (i32.const 9)))
        (drop (call $add (i32.const 0) (i32.const 0) (i32.const 9) (i32.const 9) (i32.const 3)))
        i32.const 0))"#;

/// One that stops every request for ever.
const STOPS: &str = r#"(module (memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1"))
    (func (export "malloc") (param i32) (result i32) i32.const 1024)
    (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) i32.const 1))"#;

/// One that never comes to an end.
const LOOPS: &str = r#"(module (memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1"))
    (func (export "malloc") (param i32) (result i32) i32.const 1024)
    (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (loop $l br $l) unreachable))"#;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, text) in [("adds", ADDS_A_HEADER), ("stops", STOPS), ("loops", LOOPS), ("none", "(module)")] {
            place.write(&format!("{name}.wasm"), wat::parse_str(text).unwrap());
        }
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace-commands"));
        command.args(args).current_dir(self.path()).env("DATA_DIR", self.path().join("data")).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn run_with(&self, args: &[&str], input: &[u8]) -> Output {
        let mut process =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = process.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = process.wait_with_output().unwrap();
        writer.join().unwrap();
        output
    }
}

fn exchange(module: &str) -> String {
    json!({"version": 1, "name": module, "plugins": [{"module": module, "name": "demo"}], "request": {}}).to_string()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn one(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_exchange_gives_one_report() {
    let place = Place::new();
    place.write("deep/case.yaml", "version: 1\nname: n\nplugins: [{module: ../adds.wasm}]\nrequest: {path: /a}\n");
    let output = place.run(&["try", "deep/case.yaml", "--json"]);
    assert_eq!(code(&output), 0, "{output:?}");
    let report = one(&output);
    assert_eq!(report["format"], "marketplace-report/1");
    assert_eq!(
        (&report["index"], &report["file"], &report["name"]),
        (&json!(0), &json!("deep/case.yaml"), &json!("n"))
    );
    assert_eq!(report["outcome"], "responded");
    assert_eq!(report["logs"][0]["text"], "x-checked");
    let headers = report["upstream"]["headers"].as_array().unwrap();
    assert!(headers.contains(&json!(["x-checked", "yes"])), "{headers:?}");
    assert!(report.get("trace").is_none());
    let traced = one(&place.run(&["try", "deep/case.yaml", "--json", "--trace"]));
    assert!(!traced["trace"].as_array().unwrap().is_empty());
    let people = place.run(&["try", "deep/case.yaml"]);
    assert!(String::from_utf8(people.stdout).unwrap().starts_with("responded: "));
}

#[test]
fn exit_codes_are_the_contracts() {
    let place = Place::new();
    for (module, expected, outcome) in
        [("stops.wasm", 1, "hung"), ("none.wasm", 1, "refused"), ("loops.wasm", 3, "limit"), ("gone.wasm", 2, "error")]
    {
        let output = place.run_with(&["try", "-", "--json"], exchange(module).as_bytes());
        assert_eq!((code(&output), &one(&output)["outcome"]), (expected, &json!(outcome)), "{module}");
        assert_eq!(one(&output)["file"], Value::Null);
    }
    for args in [&["try"][..], &["try", "--jobs", "2", "x"], &["try", "--batch", "nowhere"], &["check"]] {
        let output = place.run(args);
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{args:?}");
        assert!(!output.stderr.is_empty());
    }
    let output = place.run(&["try", "nowhere.yaml", "--json"]);
    assert_eq!((code(&output), &one(&output)["outcome"]), (2, &json!("error")));
}

#[test]
fn bad_input_is_told_at_its_place_and_all_at_once() {
    let place = Place::new();
    let text = "version: 1\nplugins:\n  - module: gone.wasm\n    confg: {}\n  - module: adds.wasm\n    sha256: \
                a000000000000000000000000000000000000000000000000000000000000000\n  - module: \
                oci://registry.example/x\nrequest: {}\n";
    place.write("bad.yaml", text);
    let output = place.run(&["try", "bad.yaml", "--json"]);
    assert_eq!(code(&output), 2);
    let error = one(&output);
    let told: Vec<_> =
        error["errors"].as_array().unwrap().iter().map(|e| (&e["code"], &e["field"], &e["line"])).collect();
    let expected = [
        (json!("module_not_found"), json!("plugins[0].module"), json!(3)),
        (json!("unknown_field"), json!("plugins[0].confg"), json!(4)),
        (json!("module_digest"), json!("plugins[1].sha256"), json!(6)),
        (json!("module_fetch"), json!("plugins[2].module"), json!(7)),
    ];
    assert_eq!(told, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
    let keys: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["format", "index", "file", "name", "outcome", "errors"]);
}

#[test]
fn a_batch_is_in_its_order_and_goes_on_after_a_bad_case() {
    let place = Place::new();
    let mut input = String::new();
    for n in 0..40 {
        match n % 4 {
            0 => input += "{\"version\": 1}\n\n",
            1 => input += &(exchange("stops.wasm") + "\n"),
            _ => input += &(exchange("adds.wasm") + "\n"),
        }
    }
    let mut answers = Vec::new();
    for jobs in ["1", "3"] {
        let output = place.run_with(&["try", "--batch", "--jobs", jobs], input.as_bytes());
        assert_eq!(code(&output), 2);
        let mut lines = lines(&output);
        assert_eq!(lines.len(), 40);
        for (n, line) in lines.iter_mut().enumerate() {
            let outcome = ["error", "hung", "responded", "responded"][n % 4];
            assert_eq!((&line["index"], &line["outcome"]), (&json!(n), &json!(outcome)));
            for phase in line["phases"].as_array_mut().into_iter().flatten() {
                phase["ns"] = Value::Null;
            }
        }
        answers.push(lines);
    }
    assert_eq!(answers[0], answers[1], "a batch does not depend on --jobs");
    let none = place.run_with(&["try", "--batch"], b"\n \n");
    assert_eq!((code(&none), none.stdout.len()), (0, 0));
}

#[test]
fn a_batch_of_files_names_them_relative_to_their_folder() {
    let place = Place::new();
    place.write("cases/b.json", exchange("../adds.wasm"));
    place.write("cases/a/c.yml", exchange("../../adds.wasm"));
    place.write("cases/a-b.yaml", "{");
    place.write("cases/no.txt", "");
    let output = place.run(&["try", "--batch", "cases"]);
    let told: Vec<_> = lines(&output).iter().map(|line| (line["file"].clone(), line["outcome"].clone())).collect();
    let expected = [("a-b.yaml", "error"), ("a/c.yml", "responded"), ("b.json", "responded")];
    assert_eq!(told, expected.map(|(file, outcome)| (json!(file), json!(outcome))));
    assert_eq!(code(&output), 2);
}

/// Whoever writes a line may wait for its answer before the next.
#[test]
fn a_line_is_answered_before_the_next_is_written() {
    let place = Place::new();
    let mut process =
        place.command(&["try", "--batch", "--jobs", "2"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut to = process.stdin.take().unwrap();
    let mut from = BufReader::new(process.stdout.take().unwrap());
    for n in 0..3 {
        writeln!(to, "{}", exchange("adds.wasm")).unwrap();
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["index"], n);
    }
    drop(to);
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

#[test]
fn the_store_is_asked_by_digest() {
    let place = Place::new();
    let bytes = wat::parse_str(ADDS_A_HEADER).unwrap();
    let digest = marketplace_sandbox::modules::sha256_hex(&bytes);
    let module = format!("sha256:{digest}");
    let missing = place.run_with(&["try", "-", "--json"], exchange(&module).as_bytes());
    assert_eq!((code(&missing), &one(&missing)["errors"][0]["code"]), (2, &json!("module_not_found")));
    place.write("plugins/adds/module.wasm", &bytes);
    let built_in = place.run_with(&["try", "-", "--json", "--plugins-dir", "plugins"], exchange(&module).as_bytes());
    assert_eq!(code(&built_in), 0);
    place.write(&format!("data/modules/{digest}.wasm"), &bytes);
    assert_eq!(code(&place.run_with(&["try", "-", "--json"], exchange(&module).as_bytes())), 0);
    place.write(&format!("data/modules/{digest}.wasm"), b"damaged");
    let damaged = place.run_with(&["try", "-", "--json"], exchange(&module).as_bytes());
    assert_eq!((code(&damaged), &one(&damaged)["errors"][0]["code"]), (2, &json!("module_digest")));
}

#[test]
fn a_module_that_is_too_large_is_bad_input_and_not_read() {
    let place = Place::new();
    let file = std::fs::File::create(place.path().join("huge.wasm")).unwrap();
    file.set_len(1 << 40).unwrap();
    let tried = place.run_with(&["try", "-", "--json"], exchange("huge.wasm").as_bytes());
    assert_eq!((code(&tried), &one(&tried)["errors"][0]["code"]), (2, &json!("module_too_large")));
    let checked = place.run(&["check", "huge.wasm", "--json"]);
    assert_eq!((code(&checked), &one(&checked)["errors"][0]["code"]), (2, &json!("module_too_large")));
    assert_eq!(one(&checked)["format"], "marketplace-check/1");
}

#[test]
fn check_tells_by_its_exit_code() {
    let place = Place::new();
    let loads = place.run(&["check", "adds.wasm", "--json"]);
    assert_eq!((code(&loads), &one(&loads)["verdict"]), (0, &json!("loads")));
    let refused = place.run_with(&["check", "-", "--json"], &std::fs::read(place.path().join("none.wasm")).unwrap());
    assert_eq!((code(&refused), &one(&refused)["stage"]), (1, &json!("abi")));
    let not_wasm = place.run_with(&["check", "--json", "-"], b"");
    assert_eq!((code(&not_wasm), &one(&not_wasm)["verdict"]), (1, &json!("not_wasm")));
    let gone = place.run(&["check", "gone.wasm", "--json"]);
    assert_eq!((code(&gone), &one(&gone)["errors"][0]["field"]), (2, &json!("")));
    let address = place.run(&["check", "https://host.example/a.wasm", "--json"]);
    assert_eq!((code(&address), &one(&address)["errors"][0]["code"]), (2, &json!("module_fetch")));
    assert!(place.run(&["check", "adds.wasm"]).stdout.starts_with(b"loads: "));
}
