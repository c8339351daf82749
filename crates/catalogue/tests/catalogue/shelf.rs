//! What search answers from memory is what the database would say, whoever changed it.

use std::collections::BTreeMap;

use marketplace_catalogue::{Catalogue, SearchPage, SearchQuery, Sort};
use marketplace_domain::{Category, Lang, Loads, Origin, Phase, PluginName};
use marketplace_testkit::{PluginBuilder, TestDatabase, plugin};
use sqlx::{PgConnection, Row};

const WORDS: [&str; 8] = ["mask", "Masking", "token", "limit", "脱敏", "限流", "数据", "Ärger"];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.roll(WORDS.len())]
    }

    fn plugin(&mut self, name: &str) -> PluginBuilder {
        let (en, zh) = (self.word(), if self.roll(3) == 0 { "" } else { self.word() });
        let builder = plugin(name).title(en, zh).description(self.word(), self.word()).readme(self.word(), self.word());
        builder.category(Category::ALL[self.roll(5)]).phase(Phase::ALL[self.roll(4)])
    }

    fn query(&mut self) -> SearchQuery {
        let text = match self.roll(5) {
            0 => String::new(),
            1 => "maskng".to_owned(),
            2 => format!("{} {}", self.word(), self.word()),
            _ => self.word().to_owned(),
        };
        SearchQuery {
            text,
            categories: (0..[0, 0, 3][self.roll(3)]).map(|_| Category::ALL[self.roll(5)]).collect(),
            phases: (0..[0, 0, 3][self.roll(3)]).map(|_| Phase::ALL[self.roll(4)]).collect(),
            origins: if self.roll(4) == 0 { vec![Origin::Builtin] } else { Vec::new() },
            in_use: self.roll(5) == 0,
            loads: if self.roll(4) == 0 { vec![Loads::Unknown] } else { Vec::new() },
            sort: [Sort::MostUsed, Sort::Newest, Sort::Name, Sort::Relevance][self.roll(4)],
            lang: [Lang::En, Lang::Zh][self.roll(2)],
            page: 1 + self.roll(2) as u32,
            per_page: 1 + self.roll(9) as u32,
        }
    }
}

fn names(page: &SearchPage) -> Vec<String> {
    page.cards.iter().map(|card| card.meta.name.to_string()).collect()
}

/// Without a text, the database sorts and counts all by itself, the plain way.
async fn plainly(database: &mut PgConnection, query: &SearchQuery, used: &BTreeMap<String, i64>) -> (Vec<String>, u64) {
    let mut rows: Vec<(String, String, i64, i64)> = Vec::new();
    let all = sqlx::query(
        "SELECT name, category, phase, origin, loads, title_en, title_zh,
                (extract(epoch FROM updated_at) * 1000000)::bigint AS updated FROM plugin",
    );
    for row in all.fetch_all(database).await.unwrap() {
        let text = |column: &str| row.get::<String, _>(column);
        let chosen = |empty: bool, words: Vec<&str>, column: &str| empty || words.contains(&text(column).as_str());
        let services = used.get(&text("name")).copied();
        if chosen(query.categories.is_empty(), query.categories.iter().map(|c| c.as_str()).collect(), "category")
            && chosen(query.phases.is_empty(), query.phases.iter().map(|c| c.as_str()).collect(), "phase")
            && chosen(query.origins.is_empty(), query.origins.iter().map(|c| c.as_str()).collect(), "origin")
            && chosen(query.loads.is_empty(), query.loads.iter().map(|c| c.as_str()).collect(), "loads")
            && (!query.in_use || services.is_some())
        {
            let (own, other) = if query.lang == Lang::En { ("title_en", "title_zh") } else { ("title_zh", "title_en") };
            let title = if text(own).is_empty() { text(other) } else { text(own) };
            rows.push((text("name"), title.to_lowercase(), services.unwrap_or_default(), row.get("updated")));
        }
    }
    rows.sort_by(|(name, title, services, updated), (name2, title2, services2, updated2)| {
        match query.sort {
            Sort::Name => title.cmp(title2),
            Sort::Newest => updated2.cmp(updated),
            Sort::MostUsed | Sort::Relevance => services2.cmp(services).then(updated2.cmp(updated)),
        }
        .then(name.cmp(name2))
    });
    let total = rows.len() as u64;
    let names = rows.into_iter().map(|(name, ..)| name);
    (names.skip(((query.page - 1) * query.per_page) as usize).take(query.per_page as usize).collect(), total)
}

/// What a facet says beside a choice is what choosing it alone gives.
async fn facets_are_true(catalogue: &Catalogue, query: &SearchQuery, usage: &[(PluginName, i64)], page: &SearchPage) {
    for (category, count) in &page.facets.category {
        let query = SearchQuery { categories: vec![*category], ..query.clone() };
        assert_eq!(catalogue.search(&query, usage).await.unwrap().total, *count, "{query:?}");
    }
    for (phase, count) in &page.facets.phase {
        let query = SearchQuery { phases: vec![*phase], ..query.clone() };
        assert_eq!(catalogue.search(&query, usage).await.unwrap().total, *count, "{query:?}");
    }
    let query = SearchQuery { in_use: true, ..query.clone() };
    assert_eq!(catalogue.search(&query, usage).await.unwrap().total, page.facets.in_use, "{query:?}");
}

/// Two servers write by turns. The one that remembers all it read answers as one that was started just now, and both as
/// the database does.
#[tokio::test]
async fn what_is_remembered_is_what_is_there() {
    let database = TestDatabase::new().await;
    let (remembers, other) = (database.catalogue().await, database.catalogue().await);
    let mut connection = database.connection().await;
    let mut dice = Dice(7);
    let mut there: Vec<PluginName> = Vec::new();
    let (mut results, mut last) = (0, String::new());
    for round in 0..60 {
        let writer = if dice.roll(2) == 0 { &remembers } else { &other };
        match dice.roll(4) {
            0 if there.len() > 12 => {
                let gone = there.swap_remove(dice.roll(there.len()));
                writer.delete(&gone, "ann").await.unwrap();
            }
            1 if !there.is_empty() => {
                let name = &there[dice.roll(there.len())];
                let (meta, release) = dice.plugin(name.as_str()).build();
                writer.update(&meta, &release, "ann").await.unwrap();
            }
            _ => {
                let name = format!("p{}-{round}", dice.roll(50));
                let (meta, release) = dice.plugin(&name).build();
                writer.create(&meta, &release, "ann").await.unwrap();
                there.push(meta.name);
            }
        }
        let usage: Vec<(PluginName, i64)> = there.iter().step_by(3).cloned().zip(1..).collect();
        let used = usage.iter().map(|(name, services)| (name.to_string(), *services)).collect();
        for number in 0..4 {
            let mut query = dice.query();
            if number == 0 {
                // Asked before the last change, and remembered.
                query.text = std::mem::take(&mut last);
            }
            last.clone_from(&query.text);
            let page = remembers.search(&query, &usage).await.unwrap();
            results += page.cards.len();
            if query.text.is_empty() {
                assert_eq!((names(&page), page.total), plainly(&mut connection, &query, &used).await, "{query:?}");
            }
            if number == 0 {
                let fresh = database.catalogue().await.search(&query, &usage).await.unwrap();
                assert_eq!(page, fresh, "{query:?}");
            } else if round % 6 == 0 {
                facets_are_true(&remembers, &query, &usage, &page).await;
            } else {
                // The other one has read other texts, at other times.
                assert_eq!(page, other.search(&query, &usage).await.unwrap(), "{query:?}");
            }
        }
    }
    assert!(results > 250, "{results} results are too few to mean anything");
}
