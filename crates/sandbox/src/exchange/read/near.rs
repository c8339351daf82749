//! "Did you mean …?"

/// The known word that is nearest to what was typed, if one is near enough to be meant.
pub fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    // Distances of long texts take long, and nobody mistypes a field's name into one.
    if typed.len() > 64 {
        return None;
    }
    let near = |word: &&'a str| (strsim::damerau_levenshtein(&typed.to_lowercase(), &word.to_lowercase()), *word);
    let (distance, word) = known.iter().map(near).min_by_key(|(distance, _)| *distance)?;
    (distance <= (word.len() / 3).clamp(1, 3)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_near_is_meant() {
        let known = ["config", "config_raw", "env", "name"];
        assert_eq!(nearest("confg", &known), Some("config"));
        assert_eq!(nearest("Config", &known), Some("config"));
        assert_eq!(nearest("nmae", &known), Some("name"));
        assert_eq!(nearest("zebra", &known), None);
        assert_eq!(nearest(&"config".repeat(100), &known), None);
    }
}
