//! Which word was meant.

/// How many slips a word of so many characters is forgiven.
fn slips(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// The nearest of the words that are known; of several as near, the first. `None` when the word is part of a known one
/// and needs no correction, or all are too far.
pub(super) fn nearest<'a>(word: &str, known: &'a [String]) -> Option<&'a str> {
    if known.iter().any(|known| known.contains(word)) {
        return None;
    }
    let letters: Vec<char> = word.chars().collect();
    let near = known.iter().map(|known| (distance(&letters, &known.chars().collect::<Vec<_>>()), known));
    let (distance, known) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= slips(letters.len())).then_some(known)
}

/// How many slips lead from one word to the other: a letter too many, too few or another, or two neighbours swapped
/// (optimal string alignment).
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut best = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> usize {
        distance(&from.chars().collect::<Vec<_>>(), &to.chars().collect::<Vec<_>>())
    }

    #[test]
    fn slips_of_each_kind_count_one() {
        for (typed, meant) in
            [("maskng", "masking"), ("maskking", "masking"), ("mesking", "masking"), ("ouath", "oauth")]
        {
            assert_eq!(between(typed, meant), 1, "{typed}");
        }
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", ""), 3);
        assert_eq!(between("same", "same"), 0);
    }

    #[test]
    fn near_enough_or_not_at_all() {
        let known = ["masking", "data", "oauth"].map(str::to_owned);
        assert_eq!(nearest("dta", &known), Some("data"));
        assert_eq!(nearest("ouath", &known), Some("oauth"));
        assert_eq!(nearest("maksnig", &known), Some("masking"));
        for untouched in ["mask", "data", "xyzzy", "da", ""] {
            assert_eq!(nearest(untouched, &known), None, "{untouched}");
        }
        assert_eq!(nearest("dta", &[]), None);
    }
}
