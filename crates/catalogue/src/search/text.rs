//! Texts as search sees them. The same on both sides: what is kept about a plugin, and what was typed.

use std::collections::BTreeSet;

use marketplace_domain::{PluginMeta, Release};

/// The most characters of a typed text that count.
pub const TEXT_LIMIT: usize = 200;

/// The most words of a typed text that count.
const TERM_LIMIT: usize = 12;

/// The most characters of a README that are searched; a longer one is found by its beginning.
const README_LIMIT: usize = 100_000;

/// The most bytes of a word that typos are corrected to; longer ones are digests and the like.
const WORD_LIMIT: usize = 40;

/// What is kept about a plugin for search (`plugin_text`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SearchDocument {
    pub names: String,
    pub brief: String,
    pub haystack: String,
    pub grams: Vec<String>,
    /// Words of the brief that a mistyped one can be corrected to (`plugin_word`).
    pub words: Vec<String>,
}

impl SearchDocument {
    /// Of a plugin with its latest release.
    pub fn of(meta: &PluginMeta, latest: &Release) -> Self {
        let names = format!("\n{}\n", [meta.name.as_str(), &meta.title.en, &meta.title.zh].map(line).join("\n"));
        let brief = [names.clone(), line(&meta.description.en), line(&meta.description.zh)].join("\n");
        // A word that is looked for holds no space, so it is part of the text exactly if it is part of one of its words.
        let readme = [&latest.readme.en, &latest.readme.zh].map(|text| fold(text, README_LIMIT)).join("\n");
        let words: BTreeSet<&str> = readme.split_whitespace().filter(|word| !brief.contains(word)).collect();
        let mut haystack = brief.clone();
        for word in words {
            haystack.push('\n');
            haystack.push_str(word);
        }
        let grams = grams(&haystack).into_iter().collect();
        let words: BTreeSet<&str> = latin_runs(&brief).filter(|word| word.len() <= WORD_LIMIT).collect();
        let words = words.into_iter().map(str::to_owned).collect();
        Self { names, brief, haystack, grams, words }
    }
}

/// What was typed, ready for queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// The text as a whole, words one space apart.
    pub whole: String,
    /// The same with hyphens for spaces: how the name of a plugin is written.
    pub slug: String,
    /// A LIKE pattern for each word.
    pub patterns: Vec<String>,
    /// The pattern that an index of trigrams can find most rows out by.
    pub anchor: Option<String>,
    /// The patterns that neither the anchor nor the grams stand for.
    pub rest: Vec<String>,
    /// Pieces of Chinese that must all be there.
    pub grams: Option<Vec<String>>,
    /// Words in letters for the forgiving search, the longest first.
    pub words: Vec<String>,
}

impl Terms {
    /// `None` when nothing was typed.
    pub fn of(text: &str) -> Option<Self> {
        let text = fold(text, TEXT_LIMIT);
        let mut terms: Vec<&str> = Vec::new();
        for term in text.split_whitespace() {
            if !terms.contains(&term) && terms.len() < TERM_LIMIT {
                terms.push(term);
            }
        }
        if terms.is_empty() {
            return None;
        }
        let anchor = terms.iter().map(|term| (longest_run(term), *term)).max_by_key(|(run, _)| *run);
        let anchor = anchor.filter(|(run, _)| *run >= 3).map(|(_, term)| term);
        // Pairs that overlap are in their order nearly always: the texts need not be read to be sure.
        let told = |term: &&str| Some(*term) == anchor || term.chars().all(is_cjk);
        let rest = terms.iter().filter(|term| !told(term)).map(|term| pattern(term)).collect();
        let pieces: BTreeSet<String> = terms.iter().flat_map(|term| needed_grams(term)).collect();
        let mut words: Vec<String> = terms.iter().flat_map(|term| latin_runs(term)).map(str::to_owned).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Some(Self {
            whole: terms.join(" "),
            slug: terms.join("-"),
            patterns: terms.iter().map(|term| pattern(term)).collect(),
            anchor: anchor.map(pattern),
            rest,
            grams: Some(pieces.into_iter().collect::<Vec<_>>()).filter(|pieces| !pieces.is_empty()),
            words,
        })
    }
}

/// Lower case, without control characters, at most so many characters.
fn fold(text: &str, limit: usize) -> String {
    text.chars().filter(|c| c.is_whitespace() || !c.is_control()).take(limit).flat_map(char::to_lowercase).collect()
}

/// Folded, on one line, words one space apart.
fn line(text: impl AsRef<str>) -> String {
    fold(text.as_ref(), README_LIMIT).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A LIKE pattern for a part of a text.
fn pattern(term: &str) -> String {
    format!("%{}%", escaped(term))
}

/// The text as LIKE must be told it: wildcards are letters.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '%' | '_') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Whether a character belongs to a script that is written without spaces: Chinese, Japanese, Korean.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn cjk_runs(text: &str) -> impl Iterator<Item = Vec<char>> {
    text.split(|c| !is_cjk(c)).filter(|run| !run.is_empty()).map(|run| run.chars().collect())
}

/// Runs of letters and digits that have a trigram.
fn latin_runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| is_cjk(c) || !c.is_alphanumeric()).filter(|run| run.chars().count() >= 3)
}

/// The longest run of ASCII letters and digits: the only ones that have trigrams under every `LC_CTYPE`.
fn longest_run(term: &str) -> usize {
    term.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max().unwrap_or_default()
}

/// All single characters and pairs of the Chinese in a text.
fn grams(text: &str) -> BTreeSet<String> {
    let mut grams = BTreeSet::new();
    for run in cjk_runs(text) {
        grams.extend(run.iter().map(|c| c.to_string()));
        grams.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
    }
    grams
}

/// The pieces that a text must have to hold this word: pairs, or the one character there is.
fn needed_grams(term: &str) -> Vec<String> {
    cjk_runs(term)
        .flat_map(|run| match run.as_slice() {
            [only] => vec![only.to_string()],
            _ => run.windows(2).map(|pair| pair.iter().collect()).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Terms {
        Terms::of(text).unwrap()
    }

    #[test]
    fn nothing_typed_is_no_search() {
        for nothing in ["", "  ", "\0", "\t\n\u{3000}"] {
            assert_eq!(Terms::of(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn wildcards_are_letters() {
        assert_eq!(terms(r"5%_\").patterns, [r"%5\%\_\\%"]);
        assert_eq!(terms("a\0b").patterns, ["%ab%"]);
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(terms(&"脱".repeat(1000)).whole.chars().count(), TEXT_LIMIT);
        assert_eq!(terms(&"a b c d ".repeat(50)).patterns.len(), 4);
    }

    #[test]
    fn pieces_of_chinese() {
        assert_eq!(terms("脱敏").grams.unwrap(), ["脱敏"]);
        assert_eq!(terms("脱").grams.unwrap(), ["脱"]);
        assert_eq!(terms("数据脱敏").grams.unwrap(), ["据脱", "数据", "脱敏"]);
        assert_eq!(terms("wasm插件").grams.unwrap(), ["插件"]);
        assert_eq!(terms("mask").grams, None);
        assert!(grams("手机号脱敏").is_superset(&grams("脱敏")));
    }

    #[test]
    fn anchors_are_what_trigrams_find() {
        assert_eq!(terms("a Masking ip").anchor.as_deref(), Some("%masking%"));
        assert_eq!(terms("ab 5% 脱敏数据").anchor, None);
        assert_eq!(terms("data-masking x").words, ["masking", "data"]);
    }
}
