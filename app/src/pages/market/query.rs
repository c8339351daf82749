//! What the address of the marketplace asks for.

use leptos_router::params::ParamsMap;
use marketplace_domain::{Category, Loads, Origin, Phase, views::market::Sort};

/// The query string of the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Free text.
    pub text: String,
    /// Chosen categories.
    pub categories: Vec<Category>,
    /// Chosen phases.
    pub phases: Vec<Phase>,
    /// Chosen origins.
    pub origins: Vec<Origin>,
    /// Only what is in use.
    pub in_use: bool,
    /// Chosen answers to "will it load?".
    pub loads: Vec<Loads>,
    /// The order.
    pub sort: Sort,
    /// The page, from 1.
    pub page: u32,
}

/// One box of the facets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A category.
    Category(Category),
    /// A phase.
    Phase(Phase),
    /// An origin.
    Origin(Origin),
    /// Only what is in use.
    InUse,
    /// An answer to "will it load?".
    Loads(Loads),
}

impl Choice {
    /// Name and value of its input.
    pub fn input(self) -> (&'static str, &'static str) {
        match self {
            Self::Category(category) => ("category", category.as_str()),
            Self::Phase(phase) => ("phase", phase.as_str()),
            Self::Origin(origin) => ("source", origin.as_str()),
            Self::InUse => ("state", "used"),
            Self::Loads(loads) => ("loads", loads.as_str()),
        }
    }
}

/// The word of an order in addresses.
pub fn sort_word(sort: Sort) -> &'static str {
    match sort {
        Sort::Used => "used",
        Sort::Newest => "newest",
        Sort::Name => "name",
    }
}

/// Reads the word; anything else is the usual order.
pub fn sort_of(word: &str) -> Sort {
    [Sort::Newest, Sort::Name].into_iter().find(|sort| sort_word(*sort) == word).unwrap_or_default()
}

impl Asked {
    /// Reads an address; what cannot be read is left out.
    pub fn read(query: &ParamsMap) -> Self {
        let all = |key: &str| query.get_all(key).unwrap_or_default();
        fn known<T: std::str::FromStr>(words: &[String]) -> Vec<T> {
            words.iter().filter_map(|word| word.parse().ok()).collect()
        }
        Self {
            text: query.get("q").unwrap_or_default(),
            categories: known(&all("category")),
            phases: known(&all("phase")),
            origins: known(&all("source")),
            in_use: all("state").iter().any(|word| word == "used"),
            loads: known(&all("loads")),
            sort: sort_of(query.get_str("sort").unwrap_or_default()),
            page: query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// The address; the page only when it is not the first.
    pub fn address(&self) -> String {
        let mut query = ParamsMap::new();
        if !self.text.trim().is_empty() {
            query.insert("q", self.text.clone());
        }
        let chosen = self.categories.iter().map(|category| Choice::Category(*category));
        let chosen = chosen.chain(self.phases.iter().map(|phase| Choice::Phase(*phase)));
        let chosen = chosen.chain(self.origins.iter().map(|origin| Choice::Origin(*origin)));
        let chosen = chosen.chain(self.in_use.then_some(Choice::InUse));
        for choice in chosen.chain(self.loads.iter().map(|loads| Choice::Loads(*loads))) {
            let (name, value) = choice.input();
            query.insert(name, value.to_owned());
        }
        if self.sort != Sort::default() {
            query.insert("sort", sort_word(self.sort).to_owned());
        }
        if self.page > 1 {
            query.insert("page", self.page.to_string());
        }
        format!("/{}", query.to_query_string())
    }

    /// Whether anything is searched or filtered.
    pub fn narrows(&self) -> bool {
        !self.text.trim().is_empty() || self.filters()
    }

    /// Whether any box is ticked.
    pub fn filters(&self) -> bool {
        let Self { categories, phases, origins, in_use, loads, .. } = self;
        let facets = [categories.is_empty(), phases.is_empty(), origins.is_empty(), !in_use, loads.is_empty()];
        facets.contains(&false)
    }

    /// Whether a box is ticked.
    pub fn has(&self, choice: Choice) -> bool {
        match choice {
            Choice::Category(category) => self.categories.contains(&category),
            Choice::Phase(phase) => self.phases.contains(&phase),
            Choice::Origin(origin) => self.origins.contains(&origin),
            Choice::InUse => self.in_use,
            Choice::Loads(loads) => self.loads.contains(&loads),
        }
    }

    /// The same with a box turned, from the first page.
    pub fn turned(mut self, choice: Choice) -> Self {
        match choice {
            Choice::Category(category) => turn(&mut self.categories, category),
            Choice::Phase(phase) => turn(&mut self.phases, phase),
            Choice::Origin(origin) => turn(&mut self.origins, origin),
            Choice::InUse => self.in_use = !self.in_use,
            Choice::Loads(loads) => turn(&mut self.loads, loads),
        }
        self.page = 1;
        self
    }
}

fn turn<T: PartialEq>(chosen: &mut Vec<T>, one: T) {
    match chosen.iter().position(|known| *known == one) {
        Some(at) => drop(chosen.remove(at)),
        None => chosen.push(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> Asked {
        let mut query = ParamsMap::new();
        for (key, value) in pairs {
            query.insert(*key, (*value).to_owned());
        }
        Asked::read(&query)
    }

    #[test]
    fn addresses_are_read_and_written() {
        let asked = read(&[
            ("q", "脱敏 & more"),
            ("category", "security"),
            ("category", "traffic"),
            ("phase", "AUTHN"),
            ("state", "used"),
            ("loads", "no"),
            ("page", "3"),
        ]);
        assert_eq!(asked.categories, [Category::Security, Category::Traffic]);
        assert!(asked.in_use && asked.narrows());
        assert_eq!(asked.page, 3);
        let address = asked.address();
        assert!(
            address.starts_with("/?q=")
                && address.contains("category=security")
                && address.contains("category=traffic"),
            "{address}"
        );
        assert!(!address.contains("sort="));
    }

    #[test]
    fn nonsense_is_left_out() {
        let asked = read(&[("category", "no such"), ("page", "-4"), ("sort", "colour"), ("q", "  ")]);
        assert_eq!(asked, Asked { text: "  ".into(), page: 1, ..Asked::default() });
        assert!(!asked.narrows());
        assert_eq!(asked.address(), "/");
    }

    #[test]
    fn boxes_turn_and_go_to_the_first_page() {
        let asked = read(&[("page", "2")]).turned(Choice::InUse).turned(Choice::Category(Category::Security));
        assert!(asked.has(Choice::InUse) && asked.has(Choice::Category(Category::Security)));
        assert_eq!(asked.page, 1);
        assert!(!asked.turned(Choice::InUse).has(Choice::InUse));
    }
}
