//! `marketplace-recorder compare PATH…`: runs exchanges in Envoy and in the sandbox and says where they differ.
//! `marketplace-recorder golden …`: the same for the probe's cases and their golden files.
#![allow(clippy::print_stdout)] // What it prints is what it is for.

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use marketplace_recorder::Case;
use marketplace_recorder::cases::{self, ProbeCase};
use marketplace_recorder::compare::compare;
use marketplace_recorder::golden;
use marketplace_recorder::recording::{self, Asked, Pair};

const USAGE: &str = "marketplace-recorder compare PATH… [--jobs N] [--trace] [--out FILE] [--verbose]
       marketplace-recorder compare --group NAME … | --random SEED COUNT | --cases FILE [--keep FOLDER] [--only WORDS]
       marketplace-recorder golden record|check|stored [--group NAME …] [--jobs N]

Runs every exchange below the paths (.yaml, .yml, .json, .jsonl) in Envoy and in the sandbox, and compares. ENVOY_BIN is
the Envoy. --trace: at log level trace, so that calls between proxy and module are compared too. --out: both answers of
every case, one JSON line each. --group: the probe's own cases of that name, or \"all\"; --random: so many made by chance; --cases:
those of a file, one {\"name\", \"exchange\"} a line. --keep: their
exchanges and modules stay there as files. --only: cases with these words in their name. golden record: writes Envoy's answers to the golden files; check: asks Envoy anew and
holds its answers against the files; stored: the sandbox against the files, without Envoy.";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Compare,
    Record,
    Check,
    Stored,
}

struct Options {
    command: Command,
    paths: Vec<PathBuf>,
    jobs: usize,
    trace: bool,
    verbose: bool,
    out: Option<PathBuf>,
    groups: Vec<String>,
    random: Option<(u64, usize)>,
    cases: Option<PathBuf>,
    keep: Option<PathBuf>,
    only: Option<String>,
}

fn options() -> Option<Options> {
    let mut args = env::args().skip(1);
    let command = match args.next().as_deref() {
        Some("compare") => Command::Compare,
        Some("golden") => match args.next().as_deref() {
            Some("record") => Command::Record,
            Some("check") => Command::Check,
            Some("stored") => Command::Stored,
            _ => return None,
        },
        _ => return None,
    };
    let mut options = Options {
        command,
        paths: Vec::new(),
        jobs: 3,
        trace: false,
        verbose: false,
        out: None,
        groups: Vec::new(),
        random: None,
        cases: None,
        keep: None,
        only: None,
    };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--jobs" => options.jobs = args.next()?.parse().ok()?,
            "--trace" => options.trace = true,
            "--verbose" => options.verbose = true,
            "--out" => options.out = Some(args.next()?.into()),
            "--group" => options.groups.push(args.next()?),
            "--random" => options.random = Some((args.next()?.parse().ok()?, args.next()?.parse().ok()?)),
            "--cases" => options.cases = Some(args.next()?.into()),
            "--keep" => options.keep = Some(args.next()?.into()),
            "--only" => options.only = Some(args.next()?),
            _ if arg.starts_with('-') => return None,
            path => options.paths.push(path.into()),
        }
    }
    let anything = command != Command::Compare
        || !options.paths.is_empty()
        || !options.groups.is_empty()
        || options.random.is_some()
        || options.cases.is_some();
    anything.then_some(options)
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    let result = match options.command {
        Command::Compare => compare_all(&options),
        Command::Record => golden_files(&options),
        Command::Check => check(&options),
        Command::Stored => stored(&options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::from(2)
        }
    }
}

fn compare_all(options: &Options) -> Result<bool, String> {
    let mut cases = Vec::new();
    for path in &options.paths {
        for case in Case::find(path).map_err(|error| format!("{}: {error}", path.display()))? {
            match case {
                Ok(case) => cases.push(case),
                Err(error) => println!("bad case: {error}"),
            }
        }
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = options.keep.as_deref().unwrap_or(folder.path());
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    for made in made(options)? {
        match made.build(folder) {
            Ok(case) => cases.push(case),
            Err(error) => println!("bad case: {error}"),
        }
    }
    if let Some(words) = &options.only {
        cases.retain(|case| case.name.contains(words.as_str()));
    }
    let pairs = pairs(&cases, options)?;
    if let Some(out) = &options.out {
        let line = |pair: &Pair| {
            serde_json::json!({"case": cases[pair.at].name, "envoy": pair.envoy, "sandbox": pair.ours}).to_string()
                + "\n"
        };
        fs::write(out, pairs.iter().map(line).collect::<String>()).map_err(|error| error.to_string())?;
    }
    Ok(report(&cases, &pairs, options.verbose))
}

fn envoy() -> Result<PathBuf, String> {
    env::var_os("ENVOY_BIN").map(PathBuf::from).ok_or("ENVOY_BIN is not set".to_owned())
}

/// Both answers to every case, in order.
fn pairs(cases: &[Case], options: &Options) -> Result<Vec<Pair>, String> {
    let asked = Asked { trace: options.trace, sandbox: true };
    recording::pairs(cases, &envoy()?, options.jobs, asked).map_err(|error| error.to_string())
}

/// The sandbox against the golden files, without Envoy.
fn stored(options: &Options) -> Result<bool, String> {
    let (mut passed, mut failed, mut second) = (0, 0, 0);
    for (group, made) in cases::groups() {
        if !options.groups.is_empty() && !options.groups.iter().any(|name| name == group) {
            continue;
        }
        let differing = golden::differing(group, &made)?;
        let missed = differing.iter().filter(|(_, found)| !found.agree()).count();
        failed += missed;
        passed += made.len() - missed;
        for (name, found) in &differing {
            second += usize::from(!found.second.is_empty());
            if !found.agree() || options.verbose {
                println!("DIFF  {group}: {name}");
                found.must.iter().for_each(|line| println!("        {line}"));
                found.second.iter().for_each(|line| println!("        (second) {line}"));
            }
        }
    }
    println!("with another trace or order of headers: {second}");
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Records the groups; writes the files, or compares Envoy with them and the sandbox with Envoy.
fn golden_files(options: &Options) -> Result<bool, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (mut passed, mut failed) = (0, 0);
    for (group, made) in cases::groups() {
        if !options.groups.is_empty() && !options.groups.iter().any(|name| name == group) {
            continue;
        }
        let played: Vec<&ProbeCase> = made.iter().collect();
        let cases = played.iter().map(|case| case.build(folder.path())).collect::<Result<Vec<Case>, String>>()?;
        let mut answers = golden::Answers::new();
        for pair in pairs(&cases, options)? {
            let name = &played[pair.at].name;
            let envoy = pair.envoy.map_err(|error| format!("{group}: {name}: {error}"))?;
            let found = pair.ours.map(|ours| compare(&envoy, &ours).must).unwrap_or_default();
            if found.is_empty() {
                passed += 1;
            } else {
                failed += 1;
                println!("DIFF  {group}: {name}");
                found.iter().for_each(|line| println!("        {line}"));
            }
            answers.insert(name.clone(), envoy);
        }
        golden::save(group, &answers).map_err(|error| format!("{group}: {error}"))?;
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn check(options: &Options) -> Result<bool, String> {
    let (asked, differing) = golden::asked_anew(&envoy()?, &options.groups, options.jobs)?;
    differing.iter().for_each(|case| println!("DIFF  {case}"));
    println!("{} passed, {} failed", asked - differing.len(), differing.len());
    Ok(differing.is_empty())
}

/// The probe's cases that are asked for.
///
/// # Errors
/// When the file of `--cases` cannot be read.
fn made(options: &Options) -> Result<Vec<ProbeCase>, String> {
    let asked = |name: &str| options.groups.iter().any(|group| group == name || group == "all");
    let mut made: Vec<ProbeCase> =
        cases::groups().into_iter().filter(|(name, _)| asked(name)).flat_map(|(_, cases)| cases).collect();
    if let Some((seed, count)) = options.random {
        made.extend(cases::random(seed, count));
    }
    if let Some(file) = &options.cases {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let lines = text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str::<ProbeCase>);
        made.extend(lines.collect::<Result<Vec<_>, _>>().map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(made)
}

fn report(cases: &[Case], pairs: &[Pair], verbose: bool) -> bool {
    let mut agreed = 0;
    let mut played = 0;
    let mut parts: [(&str, usize); 5] = [("outcome", 0), ("load", 0), ("logs", 0), ("trace", 0), ("client", 0)];
    for pair in pairs {
        let name = &cases[pair.at].name;
        let envoy = match &pair.envoy {
            Ok(envoy) => envoy,
            Err(why) => {
                println!("----  {name}: {why}");
                continue;
            }
        };
        played += 1;
        let found = pair.ours.as_ref().map(|ours| compare(envoy, ours)).unwrap_or_default();
        agreed += usize::from(found.agree());
        for (part, misses) in &mut parts {
            *misses += usize::from(found.touches(part));
        }
        if !found.agree() || (verbose && !found.second.is_empty()) {
            println!("{}  {name}", if found.agree() { "same" } else { "DIFF" });
            found.must.iter().for_each(|line| println!("        {line}"));
            found.second.iter().for_each(|line| println!("        (second) {line}"));
        }
    }
    let misses: Vec<String> = parts.iter().map(|(part, misses)| format!("{part} {misses}")).collect();
    println!("{agreed} of {played} agree ({} cases); differing by part: {}", cases.len(), misses.join(", "));
    agreed == cases.len()
}
