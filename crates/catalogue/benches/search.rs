//! How search feels with many plugins: `TEST_DATABASE_URL=… cargo bench -p marketplace-catalogue -- [plugins] [rounds]`.
//! Nearly all time is spent in Postgres, so the profile matters little (`--profile dev` builds sooner).
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::{Duration, Instant};

use marketplace_catalogue::{Catalogue, SearchQuery, Sort};
use marketplace_domain::{Category, Origin, Phase, PluginName};
use marketplace_testkit::{TestDatabase, plugin};

const LATIN: &[&str] = &[
    "mask", "header", "token", "limit", "rate", "phone", "banner", "login", "cookie", "trace", "quota", "proxy",
    "cache", "route", "filter", "sign", "hash", "audit", "schema", "region", "tenant", "canary", "mirror", "retry",
    "shadow",
];
const ENDS: &[&str] = &["", "ing", "er", "s", "able", "ed", "less", "ful", "ment", "ish"];
const CHINESE: &[&str] = &[
    "数据", "脱敏", "限流", "登录", "请求", "响应", "路由", "缓存", "审计", "令牌", "手机", "号码", "身份", "网关",
    "流量", "镜像", "重试", "插件", "服务", "安全", "监控", "日志", "配置", "规则", "签名",
];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    fn word(&mut self) -> String {
        // A third of all words is rare.
        match self.roll(3) {
            0 => format!("{}{}", LATIN[self.roll(LATIN.len())], self.roll(5000)),
            _ => format!("{}{}", LATIN[self.roll(LATIN.len())], ENDS[self.roll(ENDS.len())]),
        }
    }

    fn latin(&mut self, words: usize) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn chinese(&mut self, words: usize) -> String {
        (0..words).map(|_| CHINESE[self.roll(CHINESE.len())]).collect()
    }
}

async fn fill(catalogue: &Catalogue, plugins: usize) {
    let mut dice = Dice(42);
    for number in 0..plugins {
        let name = format!("{}-{}-{number}", dice.word(), dice.word());
        let (zh, en) = (dice.chinese(3), dice.latin(12));
        let (meta, release) = plugin(&name)
            .title(&name, &zh)
            .description(&en, &dice.chinese(10))
            .readme(
                &format!("# {name}\n\nRuns inside Envoy.\n\n{}", dice.latin(300)),
                &format!("# {zh}\n\n在代理中运行。\n\n{}", dice.chinese(200)),
            )
            .category(Category::ALL[dice.roll(5)])
            .phase(Phase::ALL[dice.roll(4)])
            .build();
        catalogue.create(&meta, &release, "bench").await.unwrap();
    }
}

async fn measure(catalogue: &Catalogue, what: &str, query: &SearchQuery, usage: &[(PluginName, i64)], rounds: usize) {
    let start = Instant::now();
    let first = catalogue.search(query, usage).await.unwrap();
    let cold = start.elapsed();
    let mut times: Vec<Duration> = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        catalogue.search(query, usage).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    let cold = cold.as_secs_f64() * 1e3;
    println!("{what:36} {:>6} hits  first {cold:6.1}  p50 {:6.1}  p99 {:6.1} ms", first.total, at(0.5), at(0.99));
}

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let plugins = numbers.first().copied().unwrap_or(10_000);
    let rounds = numbers.get(1).copied().unwrap_or(100);
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let start = Instant::now();
    fill(&catalogue, plugins).await;
    println!("{plugins} plugins in {:.1} s", start.elapsed().as_secs_f64());
    let mut connection = database.connection().await;
    // What autovacuum does by itself a minute later.
    sqlx::query("VACUUM ANALYZE").execute(&mut connection).await.unwrap();

    let all = SearchQuery::default();
    let usage: Vec<(PluginName, i64)> = catalogue
        .search(&SearchQuery { per_page: 200, ..all.clone() }, &[])
        .await
        .unwrap()
        .cards
        .into_iter()
        .zip(1..)
        .map(|(card, services)| (card.meta.name, services))
        .collect();

    let text = |text: &str| SearchQuery { text: text.to_owned(), sort: Sort::Relevance, ..all.clone() };
    let some = usage.first().map(|(name, _)| name.to_string()).unwrap_or_default();
    let cases = [
        ("everything, most used", all.clone()),
        ("everything, by name, page 300", SearchQuery { sort: Sort::Name, page: 300, ..all.clone() }),
        (
            "three facets",
            SearchQuery {
                categories: vec![Category::Security],
                phases: vec![Phase::Authn, Phase::Stats],
                origins: vec![Origin::Added],
                ..all.clone()
            },
        ),
        ("in use", SearchQuery { in_use: true, ..all.clone() }),
        ("exact name", text(&some)),
        ("common word: masking", text("masking")),
        ("word and facet", SearchQuery { categories: vec![Category::Traffic], ..text("phone") }),
        ("rare word: mask4242", text("mask4242")),
        ("part of a word: oken1", text("oken1")),
        ("in every README: envoy", text("envoy")),
        ("two words: banner tenant", text("banner tenant")),
        ("two letters: ki", text("ki")),
        ("Chinese: 脱敏", text("脱敏")),
        ("Chinese: 手机号码", text("手机号码")),
        ("Chinese: 数据脱敏插件", text("数据脱敏插件")),
        ("Chinese, one character: 敏", text("敏")),
        ("in every README: 代理中", text("代理中")),
        ("mixed: mask脱敏 限流", text("mask 脱敏 限流")),
        ("typo: maksnig", text("maksnig")),
        ("typo: bannrer tenatn", text("bannrer tenatn")),
        ("Chinese typo: 手机吗", text("手机吗")),
        ("nothing: xyzzyx", text("xyzzyx")),
        ("nothing: 龘龘", text("龘龘")),
    ];
    for (what, query) in &cases {
        measure(&catalogue, what, query, &usage, rounds).await;
    }
}
