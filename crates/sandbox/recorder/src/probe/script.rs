//! Reads a script.

use marketplace_sandbox::abi::Version;

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Of its marker and its host functions.
    pub abi: Version,
    /// How it gives memory.
    pub allocator: Allocator,
    /// In the order of the text.
    pub parts: Vec<Part>,
}

/// What the allocator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocator {
    /// Gives the next free bytes.
    Bump,
    /// The same, under the name of the specification.
    Other,
    /// Gives nothing.
    Zero,
    /// Gives an address behind the end of memory.
    Far,
    /// Traps.
    Trap,
    /// Makes a host call that is not allowed there.
    Restricted,
}

/// What it does in one callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The callback without `proxy_on_`, or the whole name of another export.
    pub callback: String,
    /// Only the call with this number, counted from 1.
    pub call: Option<u32>,
    /// In order.
    pub ops: Vec<Op>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A host function, by module and name.
    Call(String, String, Vec<Arg>),
    /// Ends the call.
    Trap(String),
    /// Ends the callback with this value.
    Return(i64),
}

/// An argument of a host function, or two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// As it is.
    Number(i64),
    /// Pointer and size.
    Bytes(Vec<u8>),
    /// Of the callback.
    Param(u32),
    /// The last number that came.
    Last,
    /// So many bytes of memory: pointer and size.
    Memory(u32),
    /// A place for a number of so many bytes.
    Out {
        /// 4 or 8.
        width: u8,
        /// Or only that it came.
        shown: bool,
    },
    /// Places for a pointer and a size.
    OutBytes {
        /// Or only that they came.
        shown: bool,
    },
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Self { abi: Version::V0_2_1, allocator: Allocator::Bump, parts: Vec::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")) {
            if let Some(version) = line.strip_prefix("abi ") {
                script.abi = Version::ALL
                    .into_iter()
                    .find(|known| known.dotted() == version)
                    .ok_or_else(|| format!("no ABI {version}"))?;
            } else if let Some(kind) = line.strip_prefix("malloc ") {
                script.allocator = match kind {
                    "bump" => Allocator::Bump,
                    "other" => Allocator::Other,
                    "zero" => Allocator::Zero,
                    "far" => Allocator::Far,
                    "trap" => Allocator::Trap,
                    "restricted" => Allocator::Restricted,
                    _ => return Err(format!("no allocator {kind}")),
                };
            } else {
                script.parts.push(part(line)?);
            }
        }
        Ok(script)
    }
}

fn part(line: &str) -> Result<Part, String> {
    let (head, rest) = line.split_once(':').ok_or_else(|| format!("no callback in {line}"))?;
    let (callback, call) = match head.split_once('#') {
        Some((callback, number)) => (callback, Some(number.parse().map_err(|_| format!("no number in {head}"))?)),
        None => (head, None),
    };
    let mut words = Words { rest: rest.trim() };
    let mut ops = Vec::new();
    while let Some(word) = words.next()? {
        let Word::Plain(name) = word else { return Err(format!("no operation in {line}")) };
        let mut args = Vec::new();
        loop {
            match words.next()? {
                None => break,
                Some(Word::Plain(end)) if end == ";" => break,
                Some(word) => args.push(arg(word)?),
            }
        }
        ops.push(match (name.as_str(), args.as_slice()) {
            (";", _) => continue,
            ("return", [Arg::Number(value)]) => Op::Return(*value),
            ("trap", [Arg::Bytes(kind)]) => Op::Trap(String::from_utf8_lossy(kind).into_owned()),
            _ => {
                let (module, function) = match name.rsplit_once('.') {
                    Some((module, function)) => (module.to_owned(), function.to_owned()),
                    None => ("env".to_owned(), format!("proxy_{name}")),
                };
                Op::Call(module, function, args)
            }
        });
    }
    Ok(Part { callback: callback.to_owned(), call, ops })
}

enum Word {
    Plain(String),
    Text(Vec<u8>),
}

struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    fn next(&mut self) -> Result<Option<Word>, String> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if first == ';' {
            self.rest = &self.rest[1..];
            return Ok(Some(Word::Plain(";".to_owned())));
        }
        if first == '"' {
            return self.text().map(|text| Some(Word::Text(text)));
        }
        if first == '{' {
            self.rest = &self.rest[1..];
            let mut pairs = Vec::new();
            loop {
                self.rest = self.rest.trim_start_matches([' ', ',']);
                if let Some(rest) = self.rest.strip_prefix('}') {
                    self.rest = rest;
                    return Ok(Some(Word::Text(encode(&pairs))));
                }
                let name = self.text()?;
                self.rest = self.rest.strip_prefix('=').ok_or("a pair without =")?;
                pairs.push((name, self.text()?));
            }
        }
        let end = self.rest.find([' ', ';']).unwrap_or(self.rest.len());
        let word = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        Ok(Some(Word::Plain(word)))
    }

    fn text(&mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut chars = self.rest.char_indices().skip(1);
        let unfinished = || "a text without an end".to_owned();
        loop {
            let (at, char) = chars.next().ok_or_else(unfinished)?;
            match char {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(bytes);
                }
                '\\' => match chars.next().ok_or_else(unfinished)?.1 {
                    '0' => bytes.push(0),
                    'n' => bytes.push(b'\n'),
                    'r' => bytes.push(b'\r'),
                    't' => bytes.push(b'\t'),
                    'x' => {
                        let digits: String = chars.by_ref().take(2).map(|(_, char)| char).collect();
                        bytes.push(u8::from_str_radix(&digits, 16).map_err(|_| format!("no byte \\x{digits}"))?);
                    }
                    other => bytes.extend(other.to_string().bytes()),
                },
                other => bytes.extend(other.to_string().bytes()),
            }
        }
    }
}

fn arg(word: Word) -> Result<Arg, String> {
    let word = match word {
        Word::Text(bytes) => return Ok(Arg::Bytes(bytes)),
        Word::Plain(word) => word,
    };
    let number = |text: &str| text.parse().map_err(|_| format!("no argument: {word}"));
    Ok(match word.as_str() {
        "^" => Arg::Last,
        ">" | ">!" => Arg::Out { width: 4, shown: word == ">" },
        ">q" | ">q!" => Arg::Out { width: 8, shown: word == ">q" },
        ">>" | ">>!" => Arg::OutBytes { shown: word == ">>" },
        other if other.starts_with('%') => Arg::Param(number(&other[1..])?),
        other if other.starts_with('*') => Arg::Memory(number(&other[1..])?),
        // The kind of a trap.
        other if other.starts_with(|first: char| first.is_ascii_alphabetic()) => Arg::Bytes(other.as_bytes().to_vec()),
        other => Arg::Number(other.parse().map_err(|_| format!("no argument: {word}"))?),
    })
}

/// Pairs as host functions take them.
fn encode(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes();
    let mut out = u32::try_from(pairs.len()).unwrap_or(0).to_le_bytes().to_vec();
    for (name, value) in pairs {
        out.extend(length(name));
        out.extend(length(value));
    }
    for part in pairs.iter().flat_map(|(name, value)| [name, value]) {
        out.extend(part);
        out.push(0);
    }
    out
}
