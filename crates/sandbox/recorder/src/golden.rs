//! Envoy's recorded answers to the probe's cases, so that the sandbox can be held against them where there is no Envoy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::cases::{self, ProbeCase};
use crate::compare::{Differences, compare};
use crate::recording::{self, Asked, Pair};
use crate::{Answer, Case};

/// Envoy's answers of a group, by the case's name.
pub type Answers = BTreeMap<String, Answer>;

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    answer: Answer,
}

/// Where the golden files are in the repository.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/probe/golden")
}

fn file(group: &str) -> PathBuf {
    folder().join(format!("{group}.jsonl.gz"))
}

/// The recorded answers of a group.
///
/// # Errors
/// When there is no such file, or not one of ours.
pub fn load(group: &str) -> io::Result<Answers> {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(file(group))?).read_to_string(&mut text)?;
    let entries = text.lines().map(serde_json::from_str::<Entry>);
    entries.map(|entry| entry.map(|entry| (entry.name, entry.answer)).map_err(io::Error::other)).collect()
}

/// Writes a group's answers, one line each, by name.
///
/// # Errors
/// When the file cannot be written.
pub fn save(group: &str, answers: &Answers) -> io::Result<()> {
    fs::create_dir_all(folder())?;
    let mut out = GzEncoder::new(fs::File::create(file(group))?, Compression::best());
    for (name, answer) in answers {
        let line = serde_json::to_string(&Entry { name: name.clone(), answer: answer.clone() })?;
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.finish()?.flush()
}

/// Where the sandbox differs from the recorded answers of a group: case and differences.
///
/// # Errors
/// When the golden file or a case cannot be read.
pub fn differing(group: &str, made: &[ProbeCase]) -> Result<Vec<(String, Differences)>, String> {
    let answers = load(group).map_err(|error| format!("{group}: {error}"))?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let one = |case: &ProbeCase| -> Result<Option<(String, Differences)>, String> {
        let name = &case.name;
        let envoy = answers.get(name).ok_or_else(|| format!("{group}: {name}: not in the golden file"))?;
        let found = compare(envoy, &Answer::of(&case.build(folder.path())?.run()));
        Ok((found != Differences::default()).then(|| (name.clone(), found)))
    };
    let next = AtomicUsize::new(0);
    let some = || {
        let mut found = Vec::new();
        while let Some(case) = made.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.extend(one(case)?);
        }
        Ok::<_, String>(found)
    };
    let all = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..thread::available_parallelism().map_or(1, usize::from)).map(|_| scope.spawn(some)).collect();
        let broken = |_| Err("a case broke off".to_owned());
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(broken)).collect::<Result<Vec<_>, _>>()
    })?;
    let mut all: Vec<_> = all.into_iter().flatten().collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

/// How often a case may be played until it agrees: timers and a busy machine come between.
const ROUNDS: usize = 3;

/// Asks Envoy anew for the cases of the groups (of all of them when none is named): how many were asked, and in which its
/// answer is not the recorded one. The sandbox is held against the recorded ones, and with them against these.
/// Listed misses are not asked: what they read depends on memory, or on how many plugins the same Envoy has, so Envoy does
/// not agree with itself.
///
/// # Errors
/// When a golden file or a case cannot be read, or Envoy does not run.
pub fn asked_anew(envoy: &Path, groups: &[String], jobs: usize) -> Result<(usize, Vec<String>), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let misses = misses().map_err(|error| error.to_string())?;
    let asked_of = Asked { trace: false, sandbox: false };
    let (mut asked, mut differing) = (0, Vec::new());
    for (group, made) in cases::groups() {
        if !groups.is_empty() && !groups.iter().any(|name| name == group) {
            continue;
        }
        let known = load(group).map_err(|error| format!("{group}: {error}"))?;
        let missed = |case: &ProbeCase| misses.contains(&format!("{group}: {}", case.name));
        let mut left: Vec<&ProbeCase> = made.iter().filter(|case| !missed(case)).collect();
        asked += left.len();
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            let cases = left.iter().map(|case| case.build(folder.path())).collect::<Result<Vec<Case>, String>>()?;
            let pairs = recording::pairs(&cases, envoy, jobs, asked_of).map_err(|error| error.to_string())?;
            let played = pairs.iter().map(|pair| (left[pair.at], differences(left[pair.at], pair, &known)));
            let again: Vec<_> = played.filter(|(_, lines)| !lines.is_empty()).collect();
            left = again.iter().map(|(case, _)| *case).collect();
            found = again
                .iter()
                .map(|(case, lines)| format!("{group}: {}\n    {}", case.name, lines.join("\n    ")))
                .collect();
            if left.is_empty() {
                break;
            }
        }
        differing.extend(found);
    }
    Ok((asked, differing))
}

fn differences(case: &ProbeCase, pair: &Pair, known: &Answers) -> Vec<String> {
    let envoy = match &pair.envoy {
        Ok(envoy) => envoy,
        Err(error) => return vec![error.clone()],
    };
    match known.get(&case.name) {
        Some(known) => compare(envoy, known).must,
        None => vec!["not in the golden file".to_owned()],
    }
}

/// The cases, as `group: name`, in which the sandbox is known to differ: what Envoy does there depends on memory or timing,
/// or is not done yet.
///
/// # Errors
/// When the list cannot be read.
pub fn misses() -> io::Result<BTreeSet<String>> {
    let text = fs::read_to_string(folder().join("misses.txt"))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}
