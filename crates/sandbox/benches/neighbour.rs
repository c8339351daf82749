//! What pages of a running server feel of hostile modules that are tried beside it.
//!
//! `cargo bench -p marketplace-sandbox --bench neighbour -- http://127.0.0.1:7420/`. The page is asked for in a loop, first
//! alone, then while every processor has a worker with a hostile module, then alone again: the first and the last say what is
//! noise.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/hostile/corpus.rs"]
mod corpus;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use marketplace_sandbox::exchange::{Format, read};
use marketplace_sandbox::worker::{Options, Pool};
use marketplace_sandbox::{Limits, Module, Modules, Runner};

const EXCHANGE: &str =
    r#"{"version": 1, "plugins": [{"module": "m.wasm"}], "request": {"method": "POST", "body": "hello"}}"#;
const WHILE: Duration = Duration::from_secs(20);

fn main() {
    let Some(address) = std::env::args().skip(1).find(|argument| argument.starts_with("http://")) else {
        println!("skipped: give the address of a page of a running server");
        return;
    };
    let (host, path) = address.trim_start_matches("http://").split_once('/').unwrap();
    let path = format!("/{path}");
    println!("{:<22} {:>8} {:>10} {:>10} {:>10} {:>10}", "", "pages", "p50", "p95", "p99", "worst");
    measure("alone", host, &path);
    let stop = AtomicBool::new(false);
    let tried = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| try_hostile(&stop, &tried));
        measure("beside hostile modules", host, &path);
        stop.store(true, Ordering::SeqCst);
    });
    measure("alone again", host, &path);
    println!("{} hostile runs", tried.load(Ordering::SeqCst));
}

/// On every processor, as the server would, until it is told to stop.
fn try_hostile(stop: &AtomicBool, tried: &AtomicUsize) {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = Pool::new(Options {
        program: env!("CARGO_BIN_EXE_sandbox-worker").into(),
        args: vec!["--background".into()],
        workers,
        queue: 16,
        trace: true,
    });
    let exchange = read(EXCHANGE.as_bytes(), Format::Json, &Limits::default(), false).exchange.unwrap();
    let corpus = corpus::corpus();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    let hostile = &corpus[next.fetch_add(1, Ordering::SeqCst) % corpus.len()];
                    let modules = Modules::new(vec![Module::new(hostile.bytes.clone())]);
                    let run = pool.run(&exchange, &modules, &Limits::default());
                    run.unwrap_or_else(|error| panic!("{}: {error}", hostile.name));
                    tried.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
}

fn measure(what: &str, host: &str, path: &str) {
    let begun = Instant::now();
    let mut all = Vec::new();
    while begun.elapsed() < WHILE {
        let asked = Instant::now();
        page(host, path);
        all.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(5));
    }
    all.sort();
    let at = |share: usize| format!("{:.1} ms", all[(all.len() * share / 1000).min(all.len() - 1)].as_secs_f64() * 1e3);
    println!("{what:<22} {:>8} {:>10} {:>10} {:>10} {:>10}", all.len(), at(500), at(950), at(990), at(1000));
}

fn page(host: &str, path: &str) {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..answer.len().min(200)]));
}
