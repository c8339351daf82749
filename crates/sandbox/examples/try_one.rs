//! For developers: runs an exchange file and prints the report as JSON. Usage: `try_one FILE [--trace]`.

use std::path::Path;
use std::time::Instant;

use marketplace_sandbox::exchange::{Format, ModuleRef, read};
use marketplace_sandbox::{Limits, Module, Modules, engine};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let limits = Limits::default();
    let bytes = std::fs::read(&args[1]).unwrap();
    let reading = read(&bytes, Format::Yaml, &limits, false);
    if !reading.errors.is_empty() {
        println!("{:#?}", reading.errors);
        return;
    }
    let exchange = reading.exchange.unwrap();
    let folder = Path::new(&args[1]).parent().unwrap();
    let modules = exchange.plugins.iter().map(|plugin| match &plugin.module {
        ModuleRef::Path(path) => Module::new(std::fs::read(folder.join(path)).unwrap()),
        _ => panic!("only paths"),
    });
    let modules = Modules::new(modules.collect());
    let mut last = None;
    for _ in 0..3 {
        let started = Instant::now();
        let mut report = engine::run(&exchange, &modules, &limits);
        eprintln!("{:?}", started.elapsed());
        if !args.iter().any(|arg| arg == "--trace") {
            report.trace = None;
        }
        last = Some(report);
    }
    println!("{}", serde_json::to_string_pretty(&last).unwrap());
}
