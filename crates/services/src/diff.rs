//! Differences of texts, line by line.

use marketplace_domain::views::apply::DiffLine;
use similar::{ChangeTag, TextDiff};

/// The difference; unchanged lines are there too, so that the whole can be read.
pub fn lines(before: &str, after: &str) -> Vec<DiffLine> {
    TextDiff::from_lines(before, after)
        .iter_all_changes()
        .map(|change| DiffLine {
            sign: match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Insert => '+',
                ChangeTag::Delete => '-',
            },
            text: change.value().trim_end_matches('\n').to_owned(),
        })
        .collect()
}
