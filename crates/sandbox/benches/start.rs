//! How long a run takes, the first time and again, beside Envoy that is started with the same module.
//!
//! `cargo bench -p marketplace-sandbox --bench start -- MODULE.wasm…`; `ENVOY` is Envoy's program, and without it that column
//! stays empty. A first run cannot be repeated in one process, which is why this is no loop of a benchmark library: each is
//! done in a worker of its own with an empty cache, and the median of a few is printed.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use marketplace_sandbox::check::look;
use marketplace_sandbox::exchange::{Format, read};
use marketplace_sandbox::worker::{Options, Pool};
use marketplace_sandbox::{Exchange, Limits, Module, Modules, Report, Runner};
use serde_json::json;

const EXCHANGE: &str = r#"{"version": 1, "plugins": [{"module": "m.wasm"}],
    "request": {"path": "/a?b=c", "headers": [["accept", "*/*"]]},
    "upstream": {"status": 200, "headers": [["content-type", "text/plain"]], "body": "fine"}}"#;

fn main() {
    let modules: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).filter(|path| path.is_file()).collect();
    println!(
        "{:<28} {:>9} {:>9} {:>10} {:>10} {:>10} {:>10} {:>10} {:>7}",
        "module", "bytes", "check", "first", "cached", "again", "work", "Envoy", "ratio"
    );
    for path in modules {
        let module = Module::new(std::fs::read(&path).unwrap());
        let exchange = read(EXCHANGE.as_bytes(), Format::Json, &Limits::default(), false).exchange.unwrap();
        let check = median(5, || {
            let _ = look(module.bytes());
        });
        let folders: Vec<_> = (0..5).map(|_| tempfile::tempdir().unwrap()).collect();
        let mut next = folders.iter();
        let first = median(5, || {
            run(&pool(&next.next().unwrap().path().join("code")), &exchange, &module);
        });
        let filled = folders[0].path().join("code");
        let cached = median(5, || {
            run(&pool(&filled), &exchange, &module);
        });
        let pool = pool(&filled);
        let mut work = Vec::new();
        run(&pool, &exchange, &module);
        let again = median(50, || {
            let report = run(&pool, &exchange, &module);
            work.push(Duration::from_nanos(report.phases.iter().map(|phase| phase.ns).sum()));
        });
        work.sort();
        let envoy = std::env::var_os("ENVOY").map(|envoy| median(3, || start_envoy(Path::new(&envoy), &path)));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let ratio = envoy.map_or(String::new(), |envoy| format!("{:.0}x", envoy.as_secs_f64() / again.as_secs_f64()));
        println!(
            "{name:<28} {:>9} {:>9} {:>10} {:>10} {:>10} {:>10} {:>10} {ratio:>7}",
            module.bytes().len(),
            shown(check),
            shown(first),
            shown(cached),
            shown(again),
            shown(work[work.len() / 2]),
            envoy.map_or(String::new(), shown),
        );
    }
}

fn pool(cache: &Path) -> Pool {
    Pool::new(Options {
        program: env!("CARGO_BIN_EXE_sandbox-worker").into(),
        args: vec![cache.into()],
        workers: 1,
        queue: 16,
        trace: false,
    })
}

fn run(pool: &Pool, exchange: &Exchange, module: &Module) -> Report {
    pool.run(exchange, &Modules::new(vec![module.clone()]), &Limits::default()).unwrap()
}

fn median(count: usize, mut once: impl FnMut()) -> Duration {
    let mut all: Vec<Duration> = (0..count)
        .map(|_| {
            let begun = Instant::now();
            once();
            begun.elapsed()
        })
        .collect();
    all.sort();
    all[count / 2]
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// From the start of the process until a request through the plugin has its answer.
fn start_envoy(envoy: &Path, module: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let any = |name: &str| format!("type.googleapis.com/envoy.extensions.filters.{name}");
    let wasm = json!({"name": "wasm", "typed_config": {"@type": any("http.wasm.v3.Wasm"), "config": {
        "name": "plugin", "vm_config": {"runtime": "envoy.wasm.runtime.v8", "code": {"local": {"filename": module.canonicalize().unwrap()}}}}}});
    let router = json!({"name": "envoy.filters.http.router", "typed_config": {"@type": any("http.router.v3.Router")}});
    let manager = json!({"name": "manager", "typed_config": {"@type": any("network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "s", "http_filters": [wasm, router], "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"],
            "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}]}]}}});
    let bootstrap = json!({"node": {"id": "bench", "cluster": "bench"}, "static_resources": {"listeners": [{"name": "l",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [manager]}]}]}});
    let file = folder.path().join("envoy.json");
    std::fs::write(&file, bootstrap.to_string()).unwrap();
    let mut process = Command::new(envoy)
        .args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "off", "-c"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until && !answered(port) && process.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = process.kill();
    let _ = process.wait();
}

fn answered(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let asked = stream.write_all(b"GET /a HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\r\n");
    let mut answer = Vec::new();
    asked.is_ok() && stream.read_to_end(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1 ")
}
