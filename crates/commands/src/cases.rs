//! Where exchanges come from: one file, a folder of them, the lines of standard input.

use std::fs::{self, File};
use std::io::{self, BufRead, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use marketplace_sandbox::exchange::{Format, MAX_FILE, Reading, read};
use marketplace_sandbox::report::{ErrorReport, InputError};
use marketplace_sandbox::{Limits, Report, RunError, Runner};

use crate::modules::Finder;

/// An exchange, not yet read.
pub(crate) struct Case {
    pub(crate) index: usize,
    /// The name that is reported.
    pub(crate) file: Option<String>,
    text: io::Result<Vec<u8>>,
    format: Format,
    /// What its paths are relative to.
    base: PathBuf,
}

/// What came of a case.
pub(crate) enum Answer {
    Report(Box<Report>),
    Error(ErrorReport),
}

impl Case {
    /// The exchange in a file, of which `name` is reported.
    pub(crate) fn file(index: usize, name: String, path: &Path) -> Self {
        let json = path.extension().is_some_and(|extension| extension == "json");
        Self {
            index,
            file: Some(name),
            text: File::open(path).and_then(text),
            format: if json { Format::Json } else { Format::Yaml },
            base: path.parent().map(Path::to_owned).unwrap_or_default(),
        }
    }

    /// The exchange on standard input.
    pub(crate) fn standard_input() -> Self {
        let text = text(io::stdin().lock());
        Self { index: 0, file: None, text, format: Format::Yaml, base: PathBuf::new() }
    }

    fn line(index: usize, text: Vec<u8>) -> Self {
        Self { index, file: None, text: Ok(text), format: Format::Json, base: PathBuf::new() }
    }

    /// Reads it, finds its modules and runs it.
    pub(crate) fn carry_out(self, finder: &Finder<'_>, runner: &dyn Runner) -> Result<Answer, RunError> {
        let limits = Limits::default();
        let mut reading = match &self.text {
            Ok(text) => read(text, self.format, &limits, false),
            Err(error) => {
                Reading { exchange: None, name: String::new(), errors: vec![unreadable(error)], wanted: Vec::new() }
            }
        };
        let modules = finder.modules(&mut reading, &self.base);
        match reading.exchange.filter(|_| reading.errors.is_empty()) {
            None => Ok(Answer::Error(ErrorReport::of_try(self.index, self.file, reading.name, reading.errors))),
            Some(exchange) => {
                let mut report = runner.run(&exchange, &modules, &limits)?;
                report.index = self.index;
                report.file = self.file;
                Ok(Answer::Report(Box::new(report)))
            }
        }
    }
}

/// One byte more than there may be, so that the reader sees that it is too much.
fn text(from: impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    from.take(MAX_FILE as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

fn unreadable(error: &io::Error) -> InputError {
    let message = format!("the exchange cannot be read: {error}");
    InputError { code: "syntax".to_owned(), field: String::new(), message, line: None, column: None }
}

/// The cases of a batch, in order, each read only when its turn comes.
pub(crate) enum Cases<R> {
    Files { folder: PathBuf, names: std::vec::IntoIter<PathBuf>, next: usize },
    Lines { input: R, next: usize },
}

impl<R: BufRead> Cases<R> {
    /// Every exchange file below the folder, sorted by the bytes of the path.
    pub(crate) fn below(folder: &Path) -> io::Result<Self> {
        let mut names = Vec::new();
        walk(folder, Path::new(""), &mut names)?;
        names.sort_by(|a, b| a.as_os_str().as_bytes().cmp(b.as_os_str().as_bytes()));
        Ok(Self::Files { folder: folder.to_owned(), names: names.into_iter(), next: 0 })
    }

    /// An exchange on each line that is not blank.
    pub(crate) fn lines(input: R) -> Self {
        Self::Lines { input, next: 0 }
    }

    /// The number of the next case.
    pub(crate) fn position(&self) -> usize {
        match self {
            Self::Files { next, .. } | Self::Lines { next, .. } => *next,
        }
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Case>> {
        match self {
            Self::Files { folder, names, next } => Ok(names.next().map(|name| {
                let case = Case::file(*next, name.to_string_lossy().into_owned(), &folder.join(&name));
                *next += 1;
                case
            })),
            Self::Lines { input, next } => loop {
                let Some(line) = line(input)? else { return Ok(None) };
                if line.iter().any(|byte| !byte.is_ascii_whitespace()) {
                    *next += 1;
                    return Ok(Some(Case::line(*next - 1, line)));
                }
            },
        }
    }
}

/// Folders behind links are not entered: they may lead round in circles.
fn walk(folder: &Path, below: &Path, names: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let name = below.join(entry.file_name());
        let path = Path::new(&name);
        if entry.file_type()?.is_dir() {
            walk(folder, &name, names)?;
        } else if path
            .extension()
            .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
            && !folder.join(&name).is_dir()
        {
            names.push(name);
        }
    }
    Ok(())
}

/// The next line without its end; of one that is too long, just too much.
fn line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut some = false;
    loop {
        let ready = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            ready => ready?,
        };
        if ready.is_empty() {
            return Ok(some.then_some(line));
        }
        some = true;
        let end = ready.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(ready.len(), |end| end + 1);
        let more = ready.get(..end.unwrap_or(used)).unwrap_or_default();
        let room = (MAX_FILE + 1).saturating_sub(line.len());
        line.extend_from_slice(more.get(..room.min(more.len())).unwrap_or_default());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_no_cases() {
        let mut cases = Cases::lines(&b"\n  \t\n{}\r\n\n[]"[..]);
        let mut seen = Vec::new();
        while let Some(case) = cases.next().unwrap() {
            seen.push((case.index, case.text.unwrap()));
        }
        assert_eq!(seen, [(0, b"{}\r".to_vec()), (1, b"[]".to_vec())]);
    }

    #[test]
    fn a_line_is_read_no_further_than_it_may_be_long() {
        let long = [&vec![b'a'; MAX_FILE + 1000][..], b"\nb"].concat();
        let mut from = &long[..];
        assert_eq!(line(&mut from).unwrap().map(|line| line.len()), Some(MAX_FILE + 1));
        assert_eq!(line(&mut from).unwrap(), Some(b"b".to_vec()));
        assert_eq!(line(&mut from).unwrap(), None);
    }

    #[test]
    fn files_come_in_the_order_of_their_paths_bytes() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a/z.yaml", "a-b.json", "a/b/c.yml", "B.yaml", "a.txt", ".h.yaml"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut cases = Cases::<io::Empty>::below(folder.path()).unwrap();
        let mut names = Vec::new();
        while let Some(case) = cases.next().unwrap() {
            names.push(case.file.unwrap());
        }
        assert_eq!(names, [".h.yaml", "B.yaml", "a-b.json", "a/b/c.yml", "a/z.yaml"]);
    }
}
