//! One style sheet out of `style/main.css` and what it imports.
//!
//! Understood is what our files use: `@import "file.css";` and `@import "file.css" layer(name);`, each on a line of its own,
//! in order, also within imported files. Comments and indentation go; the compressor does the rest.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The whole style sheet; an empty one when there is no such file.
pub fn bundle(main: &Path) -> Result<String> {
    if !main.exists() {
        return Ok(String::new());
    }
    Ok(squeeze(&resolve(main, 0)?))
}

fn resolve(path: &Path, depth: u8) -> Result<String> {
    if depth > 8 {
        bail!("{}: imports go in circles", path.display());
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = without_comments(&text);
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("@import") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let import =
            Import::parse(rest).with_context(|| format!("{}: cannot read “{}”", path.display(), line.trim()))?;
        let folder = path.parent().context("a file lies in a folder")?;
        let inner = resolve(&folder.join(import.file), depth + 1)?;
        match import.layer {
            Some(layer) => out.push_str(&format!("@layer {layer} {{\n{inner}}}\n")),
            None => out.push_str(&inner),
        }
    }
    Ok(out)
}

/// What comes after `@import`.
struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    fn parse(rest: &'a str) -> Option<Self> {
        let rest = rest.trim().strip_suffix(';')?.trim();
        let rest = rest.strip_prefix("url(").map_or(rest, |r| r.trim());
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (file, after) = rest.strip_prefix(quote)?.split_once(quote)?;
        let after = after.trim().trim_start_matches(')').trim();
        let layer = match after.strip_prefix("layer(") {
            Some(layer) => Some(layer.strip_suffix(')')?.trim()),
            None if after.is_empty() => None,
            None => return None,
        };
        Some(Self { file, layer })
    }
}

/// Comments out, strings untouched.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match quote {
            Some(open) => {
                out.push(c);
                if c == '\\' {
                    out.extend(chars.next());
                } else if c == open {
                    quote = None;
                }
            }
            None if c == '/' && chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                for inner in chars.by_ref() {
                    if before == '*' && inner == '/' {
                        break;
                    }
                    before = inner;
                }
            }
            None => {
                if matches!(c, '"' | '\'') {
                    quote = Some(c);
                }
                out.push(c);
            }
        }
    }
    out
}

fn squeeze(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::with_capacity(text.len()), |mut out, line| {
        out.push_str(line);
        out.push('\n');
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_come_in_order_and_in_their_layers() {
        let folder = std::env::temp_dir().join(format!("xtask-css-{}", std::process::id()));
        fs::create_dir_all(folder.join("components")).unwrap();
        fs::write(folder.join("base.css"), "/* a; \"b\" */\nbody {\n  margin: 0;\n}\n").unwrap();
        fs::write(folder.join("components/card.css"), ".card::after { content: \"/* kept */\"; }\n").unwrap();
        let main = "@layer base, components;\n@import \"base.css\" layer(base);\n@import url('components/card.css');\n";
        fs::write(folder.join("main.css"), main).unwrap();
        let css = bundle(&folder.join("main.css")).unwrap();
        assert_eq!(
            css,
            "@layer base, components;\n@layer base {\nbody {\nmargin: 0;\n}\n}\n.card::after { content: \"/* kept */\"; }\n"
        );
        fs::write(folder.join("main.css"), "@import \"base.css\" screen;\n").unwrap();
        assert!(bundle(&folder.join("main.css")).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
