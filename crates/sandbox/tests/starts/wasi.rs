//! What WASI answers: every function, for no file, for the two standard ones and for others, with good pointers and bad.

use super::support::{logs, module, on_request, refused, run};
use marketplace_sandbox::abi::{Val, WASI};

/// Name; result with the first argument 0, 1, 2 and 3 and good pointers behind it; zero bytes written then, for 1.
const ANSWERS: [(&str, [u32; 4], u32); 38] = [
    ("args_get", [0; 4], 0),
    ("args_sizes_get", [0; 4], 4),
    ("clock_res_get", [0, 0, 58, 58], 8),
    ("environ_get", [0; 4], 0),
    ("environ_sizes_get", [0; 4], 4),
    ("fd_advise", [0; 4], 0),
    ("fd_allocate", [8, 0, 0, 8], 0),
    ("fd_close", [0; 4], 0),
    ("fd_datasync", [8, 0, 0, 8], 0),
    ("fd_fdstat_get", [8, 0, 0, 8], 24),
    ("fd_fdstat_set_flags", [52; 4], 0),
    ("fd_fdstat_set_rights", [8, 0, 0, 8], 0),
    ("fd_filestat_get", [8; 4], 0),
    ("fd_filestat_set_size", [8, 0, 0, 8], 0),
    ("fd_filestat_set_times", [8, 0, 0, 8], 0),
    ("fd_pread", [52; 4], 0),
    ("fd_prestat_dir_name", [52; 4], 0),
    ("fd_prestat_get", [8; 4], 0),
    ("fd_read", [52; 4], 0),
    ("fd_readdir", [20; 4], 4),
    ("fd_renumber", [8; 4], 0),
    ("fd_seek", [0; 4], 0),
    ("fd_sync", [8, 0, 0, 8], 0),
    ("fd_tell", [8, 0, 0, 8], 8),
    ("path_create_directory", [58; 4], 0),
    ("path_filestat_get", [58; 4], 0),
    ("path_filestat_set_times", [58; 4], 0),
    ("path_link", [58; 4], 0),
    ("path_open", [44; 4], 0),
    ("path_readlink", [58; 4], 4),
    ("path_remove_directory", [58; 4], 0),
    ("path_rename", [58; 4], 0),
    ("path_symlink", [58; 4], 0),
    ("path_unlink_file", [58; 4], 0),
    ("poll_oneoff", [0; 4], 4),
    ("sock_accept", [58; 4], 8),
    ("sock_recv", [58; 4], 6),
    ("sock_send", [58; 4], 4),
];

fn import(module: &str, name: &str) -> (String, &'static [Val]) {
    let function = WASI.iter().find(|function| function.name == name).expect("a function of WASI");
    let params: String = function.ty.params.iter().map(|param| format!("(param {param})")).collect();
    let result = if function.ty.result.is_some() { "(result i32)" } else { "" };
    (format!(r#"(import "{module}" "{name}" (func $f {params} {result}))"#), function.ty.params)
}

fn call(params: &[Val], values: impl IntoIterator<Item = u32>) -> String {
    let args: String = params.iter().zip(values).map(|(ty, value)| format!("({ty}.const {value})")).collect();
    format!("{args} (call $f)")
}

/// Counts the bytes behind 2048 that differ from 0xaa, and makes them all that again.
const CHANGED: &str = "(func $changed (result i32) (local $i i32) (local $n i32)
    (local.set $i (i32.const 2048))
    (loop $next
        (local.set $n (i32.add (local.get $n) (i32.ne (i32.load8_u (local.get $i)) (i32.const 0xaa))))
        (i32.store8 (local.get $i) (i32.const 0xaa))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 8192))))
    (local.get $n))";

#[test]
fn every_function_answers_by_its_first_argument() {
    for (name, results, written) in ANSWERS {
        let (import, params) = import("wasi_snapshot_preview1", name);
        let calls: String = (0..4)
            .map(|first| {
                let values = std::iter::once(first).chain((1..).map(|n| 4096 + 64 * n));
                format!("(drop (call $changed)) (call $num {}) (call $num (call $changed))", call(params, values))
            })
            .collect();
        let report = run(&module(&import, &[], &format!("{CHANGED} {}", on_request(&calls))));
        let lines = logs(&report);
        let answered: Vec<u32> = lines.iter().step_by(2).map(|line| line.parse().unwrap()).collect();
        assert_eq!(answered, results, "{name}");
        assert_eq!(lines[3], written.to_string(), "{name}");
    }
}

#[test]
fn a_pointer_outside_of_the_memory_is_a_fault() {
    /// Name, arguments of each call, and what each answered.
    type Faults = (&'static str, &'static [&'static [u32]], &'static [&'static str]);
    let cases: [Faults; 8] = [
        ("fd_tell", &[&[1, 131_072], &[2, 131_065], &[1, 131_064]], &["21", "21", "0"]),
        ("sock_accept", &[&[0, 0, 131_064], &[0, 0, 131_065]], &["58", "21"]),
        (
            "sock_recv",
            &[&[0, 0, 0, 0, 131_069, 0], &[0, 0, 0, 0, 0, 131_071], &[0, 0, 0, 0, 0, 131_070]],
            &["21", "21", "58"],
        ),
        ("clock_time_get", &[&[0, 0, 131_064], &[0, 0, 131_065], &[2, 0, 131_072]], &["0", "21", "58"]),
        ("clock_res_get", &[&[0, 131_064], &[1, 131_065]], &["0", "21"]),
        ("poll_oneoff", &[&[0, 0, 0, 131_068], &[0, 0, 0, 131_069]], &["0", "21"]),
        ("random_get", &[&[131_072, 0], &[131_071, 2], &[0, 65_537], &[70_000, 65_536]], &["0", "21", "28", "21"]),
        ("fd_renumber", &[&[1, 2], &[2, 2], &[1, 3], &[0, 1]], &["58", "58", "8", "8"]),
    ];
    for (name, arguments, expected) in cases {
        let (import, params) = import("wasi_snapshot_preview1", name);
        let calls: String =
            arguments.iter().map(|values| format!("(call $num {})", call(params, values.iter().copied()))).collect();
        assert_eq!(logs(&run(&module(&import, &[], &on_request(&calls)))), expected, "{name}");
    }
}

#[test]
fn what_is_written_to_the_standard_files_is_logged() {
    const DATA: &str = r#"(data (i32.const 16) "\18\00\00\00\05\00\00\00hello\0a\0a")"#;
    const SIZE: &str = "(i32.store (i32.const 20) (i32.const";
    let (write, params) = import("wasi_unstable", "fd_write");
    let at = |values: [u32; 4]| format!("(call $num {})", call(params, values));
    let calls = [
        at([1, 16, 1, 32]),
        at([2, 16, 1, 32]),
        at([3, 16, 1, 32]),
        at([1, 16, 0, 32]),
        at([1, 16, 20_000, 32]),
        // The line is out before the place for its size is looked at.
        at([1, 16, 1, 131_072]),
        format!("{SIZE} 7))"),
        at([1, 16, 1, 40]),
        "(call $num (i32.load (i32.const 40)))".to_owned(),
        // Nothing of it is looked at when there is nothing in it.
        format!("(i32.store (i32.const 16) (i32.const -1)) {SIZE} 0))"),
        at([2, 16, 1, 40]),
    ];
    let report = run(&module(&write, &[], &format!("{DATA} {}", on_request(&calls.concat()))));
    let expected = ["hello", "0", "hello", "0", "8", "0", "21", "hello", "21", "hello\n", "0", "7", "0"];
    assert_eq!(logs(&report), expected);
    let levels: Vec<_> = report.logs.iter().filter(|line| line.text == "hello").map(|line| line.level.word()).collect();
    assert_eq!(levels, ["info", "error", "info"]);

    let (write, params) = import("wasi_snapshot_preview1", "fd_pwrite");
    let calls = format!("(call $num {})", call(params, [1, 16, 1, 7, 32]));
    assert_eq!(logs(&run(&module(&write, &[], &format!("{DATA} {}", on_request(&calls))))), ["hello", "0"]);
}

#[test]
fn some_functions_may_not_be_called_while_a_module_starts() {
    const NOT: [&str; 6] = ["fd_close", "fd_read", "fd_seek", "path_open", "proc_exit", "sched_yield"];
    for function in WASI {
        let (import, params) = import("wasi_snapshot_preview1", function.name);
        let drop = if function.ty.result.is_some() { "drop" } else { "" };
        let body = format!(r#"(func (export "_initialize") {} {drop})"#, call(params, std::iter::repeat(0)));
        let report = run(&module(&import, &[], &body));
        let text = "Function: _initialize failed: Uncaught Error: restricted_callback";
        assert_eq!(refused(&report), NOT.contains(&function.name).then_some(text), "{}", function.name);
    }
}
