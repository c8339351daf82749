//! Envoy's recorded answers to the probe's cases, so that the sandbox can be held against them where there is no Envoy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::{fs, thread};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::cases::{self, ProbeCase};
use crate::compare::{Differences, compare};
use crate::recording::{self, Pair};
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
    let made: Vec<&ProbeCase> = made.iter().collect();
    let one = |case: &ProbeCase| -> Result<Option<(String, Differences)>, String> {
        let name = &case.name;
        let envoy = answers.get(name).ok_or_else(|| format!("{group}: {name}: not in the golden file"))?;
        let found = compare(envoy, &Answer::of(&case.build(folder.path())?.run()));
        Ok((found != Differences::default()).then(|| (name.clone(), found)))
    };
    let (left, right) = made.split_at(made.len() / 2);
    let all = |cases: &[&ProbeCase]| cases.iter().map(|case| one(case)).collect::<Result<Vec<_>, _>>();
    let both = thread::scope(|scope| {
        let second = scope.spawn(|| all(right));
        let first = all(left);
        second.join().map_or(Err("a case broke off".to_owned()), |second| Ok([first?, second?]))
    })?;
    Ok(both.into_iter().flatten().flatten().collect())
}

/// How often a case may be played until it agrees: timers and a busy machine come between.
const ROUNDS: usize = 3;

/// Asks Envoy anew for every `every`th case of the groups (of all of them when none is named): how many were asked, and in
/// which its answer is not the recorded one, or the sandbox's is not Envoy's. Listed misses are not asked: what they read
/// depends on memory, or on how many plugins the same Envoy has, so Envoy does not agree with itself.
///
/// # Errors
/// When a golden file or a case cannot be read, or Envoy does not run.
pub fn asked_anew(envoy: &Path, groups: &[String], every: usize, jobs: usize) -> Result<(usize, Vec<String>), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let misses = misses().map_err(|error| error.to_string())?;
    let (mut asked, mut differing) = (0, Vec::new());
    for (group, made) in cases::groups() {
        if !groups.is_empty() && !groups.iter().any(|name| name == group) {
            continue;
        }
        let known = load(group).map_err(|error| format!("{group}: {error}"))?;
        let missed = |case: &ProbeCase| misses.contains(&format!("{group}: {}", case.name));
        let mut left: Vec<&ProbeCase> = made.iter().step_by(every.max(1)).filter(|case| !missed(case)).collect();
        asked += left.len();
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            let cases = left.iter().map(|case| case.build(folder.path())).collect::<Result<Vec<Case>, String>>()?;
            let pairs = recording::pairs(&cases, envoy, jobs, false).map_err(|error| error.to_string())?;
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
    let mut found = compare(envoy, &pair.ours).must;
    match known.get(&case.name) {
        Some(known) => {
            found.extend(compare(envoy, known).must.iter().map(|line| format!("golden file: {line}")));
        }
        None => found.push("not in the golden file".to_owned()),
    }
    found
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
