use marketplace_catalogue::{Catalogue, SearchPage, SearchQuery, Sort};
use marketplace_domain::{Category, Lang, Origin, Phase, PluginName};
use marketplace_testkit::{PluginBuilder, TestDatabase, plugin, wasm};

pub async fn filled(database: &TestDatabase, plugins: impl IntoIterator<Item = PluginBuilder>) -> Catalogue {
    let catalogue = database.catalogue().await;
    for plugin in plugins {
        let (meta, release) = plugin.build();
        catalogue.create(&meta, &release, "ann").await.unwrap();
    }
    catalogue
}

pub async fn names(catalogue: &Catalogue, text: &str) -> Vec<String> {
    let query = SearchQuery { text: text.to_owned(), sort: Sort::Relevance, ..SearchQuery::default() };
    titles(&catalogue.search(&query, &[]).await.unwrap())
}

fn titles(page: &SearchPage) -> Vec<String> {
    page.cards.iter().map(|card| card.meta.name.to_string()).collect()
}

fn used(names: &[(&str, i64)]) -> Vec<(PluginName, i64)> {
    names.iter().map(|(name, services)| (name.parse().unwrap(), *services)).collect()
}

#[tokio::test]
async fn nothing_there() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let page = catalogue.search(&SearchQuery::default(), &used(&[("nobody", 3)])).await.unwrap();
    assert_eq!((page.total, page.cards.len()), (0, 0));
    assert_eq!(page.facets.category.len(), Category::ALL.len());
    assert_eq!(names(&catalogue, "x").await, [""; 0]);
    assert_eq!(names(&catalogue, "脱敏").await, [""; 0]);
}

#[tokio::test]
async fn better_fits_come_first() {
    let database = TestDatabase::new().await;
    let catalogue = filled(
        &database,
        [
            plugin("a-readme").readme("About Masking.", ""),
            plugin("b-described").description("Does masking too", ""),
            plugin("c-masking"),
            plugin("masking-d"),
            plugin("e").title("Masking", ""),
            plugin("other"),
        ],
    )
    .await;
    let found = names(&catalogue, "MASKING").await;
    assert_eq!(found, ["e", "masking-d", "c-masking", "b-described", "a-readme"]);
    assert_eq!(names(&catalogue, "c masking").await[0], "c-masking");
}

#[tokio::test]
async fn every_field_is_searched_and_every_word_must_be_there() {
    let database = TestDatabase::new().await;
    let catalogue = filled(
        &database,
        [
            plugin("one")
                .title("one", "手机号数据脱敏插件")
                .description("Hides Phone numbers", "把号码遮起来")
                .readme("Uses `regex` rules.\n\nSee **Envoy**", "支持正则表达式。"),
            plugin("two").description("Phone home", ""),
        ],
    )
    .await;
    for text in
        ["脱敏", "数据脱敏", "手", "遮起来", "正则表达", "hone num", "PHONE one", "egex", "envoy", "号码 regex", "wh"]
    {
        let found = names(&catalogue, text).await;
        assert_eq!(found.contains(&"one".to_owned()), text != "wh", "{text}: {found:?}");
    }
    assert_eq!(names(&catalogue, "phone").await.len(), 2);
    assert_eq!(names(&catalogue, "phone 脱敏").await, ["one"]);
    // Both pairs are there, but not one after the other.
    assert_eq!(names(&catalogue, "phone 正则 zzzzzz").await, [""; 0]);
    // A short word alone is looked for in names and descriptions.
    assert_eq!(names(&catalogue, "tw").await, ["two"]);
}

#[tokio::test]
async fn wildcards_and_odd_characters_are_letters() {
    let database = TestDatabase::new().await;
    let catalogue = filled(
        &database,
        [
            plugin("percent").description(r"Cuts 5% of a_b, \ and 'quotes'", ""),
            plugin("plain").description("500 aab", ""),
        ],
    )
    .await;
    for text in ["5%", "a_b", r"\", "'quotes'", "5% a_b"] {
        assert_eq!(names(&catalogue, text).await, ["percent"], "{text}");
    }
    for text in ["%", "_"] {
        assert_eq!(names(&catalogue, text).await, ["percent"], "{text}");
    }
    assert_eq!(names(&catalogue, "perc\0ent").await, ["percent"]);
    for text in ["{}", "$1", "\"", "--", "; DROP TABLE plugin", "😀", "\u{202e}", "a\nb\r", "[a-z]+(", "&|!:*"] {
        names(&catalogue, text).await;
    }
    assert_eq!(names(&catalogue, &"plain ".repeat(400)).await, ["plain"]);
    assert_eq!(catalogue.count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_facet_counts_without_itself() {
    let database = TestDatabase::new().await;
    let catalogue = filled(
        &database,
        [
            plugin("s1").category(Category::Security).phase(Phase::Authn),
            plugin("s2").category(Category::Security).phase(Phase::Stats),
            plugin("t1").category(Category::Traffic).phase(Phase::Stats),
        ],
    )
    .await;
    let (meta, release) = plugin("built").category(Category::Traffic).phase(Phase::Stats).build();
    catalogue.seed(&meta, &release, &wasm(1)).await.unwrap();

    let query = SearchQuery { categories: vec![Category::Security], phases: vec![Phase::Stats], ..Default::default() };
    let page = catalogue.search(&query, &used(&[("t1", 2), ("gone", 1), ("s1", 0)])).await.unwrap();
    assert_eq!(titles(&page), ["s2"]);
    assert_eq!(page.total, 1);
    let category = |wanted| page.facets.category.iter().find(|(choice, _)| *choice == wanted).unwrap().1;
    assert_eq!((category(Category::Security), category(Category::Traffic)), (1, 2));
    let phase = |wanted| page.facets.phase.iter().find(|(choice, _)| *choice == wanted).unwrap().1;
    assert_eq!((phase(Phase::Authn), phase(Phase::Stats), phase(Phase::Default)), (1, 1, 0));
    assert_eq!(page.facets.origin, [(Origin::Builtin, 0), (Origin::Added, 1)]);
    assert_eq!(page.facets.in_use, 0);

    let query = SearchQuery { in_use: true, ..SearchQuery::default() };
    let page = catalogue.search(&query, &used(&[("t1", 2), ("gone", 1), ("s1", 0)])).await.unwrap();
    assert_eq!(titles(&page), ["t1"]);
    assert_eq!((page.total, page.facets.in_use, page.cards[0].used_by), (1, 1, 2));

    let query = SearchQuery { origins: vec![Origin::Builtin], text: "built".to_owned(), ..SearchQuery::default() };
    let page = catalogue.search(&query, &[]).await.unwrap();
    assert_eq!((titles(&page), page.facets.in_use), (vec!["built".to_owned()], 0));
    assert_eq!(page.cards[0].meta.origin, Origin::Builtin);
}

#[tokio::test]
async fn orders_and_pages() {
    let database = TestDatabase::new().await;
    let catalogue = filled(
        &database,
        [plugin("a").title("Zebra", "甲"), plugin("b").title("apple", "丙"), plugin("c").title("Mango", "乙")],
    )
    .await;
    let usage = used(&[("c", 1), ("a", 5)]);
    let mut query = SearchQuery { sort: Sort::MostUsed, ..SearchQuery::default() };
    assert_eq!(titles(&catalogue.search(&query, &usage).await.unwrap()), ["a", "c", "b"]);
    query.sort = Sort::Newest;
    assert_eq!(titles(&catalogue.search(&query, &usage).await.unwrap()), ["c", "b", "a"]);
    query.sort = Sort::Name;
    assert_eq!(titles(&catalogue.search(&query, &usage).await.unwrap()), ["b", "c", "a"]);
    query.lang = Lang::Zh;
    assert_eq!(titles(&catalogue.search(&query, &usage).await.unwrap()), ["b", "c", "a"]);

    query = SearchQuery { sort: Sort::Name, per_page: 2, page: 2, ..SearchQuery::default() };
    let page = catalogue.search(&query, &usage).await.unwrap();
    assert_eq!((titles(&page), page.total), (vec!["a".to_owned()], 3));
    for (page, per_page) in [(0, 0), (3, 2), (u32::MAX, u32::MAX)] {
        query = SearchQuery { page, per_page, ..query };
        assert_eq!(catalogue.search(&query, &usage).await.unwrap().total, 3);
    }
}

#[tokio::test]
async fn search_follows_changes() {
    let database = TestDatabase::new().await;
    let catalogue = filled(&database, [plugin("moving").readme("first words", "")]).await;
    assert_eq!(names(&catalogue, "first").await, ["moving"]);
    let (meta, release) = plugin("moving").version("2.0.0").readme("second words", "").phase(Phase::Stats).build();
    catalogue.update(&meta, &release, "ann").await.unwrap();
    assert_eq!(names(&catalogue, "second").await, ["moving"]);
    assert_eq!(names(&catalogue, "first").await, [""; 0]);
    // A change of the older version does not show.
    let (meta, release) = plugin("moving").readme("third words", "").build();
    catalogue.update(&meta, &release, "ann").await.unwrap();
    assert_eq!(names(&catalogue, "third").await, [""; 0]);
    let page = catalogue.search(&SearchQuery::default(), &[]).await.unwrap();
    assert_eq!(page.cards[0].latest_version, "2.0.0");
    assert_eq!(page.cards[0].proposal.phase, Phase::Stats);
    assert_eq!(page.facets.phase.iter().find(|(phase, _)| *phase == Phase::Stats).unwrap().1, 1);
    catalogue.delete(&meta.name, "ann").await.unwrap();
    assert_eq!(names(&catalogue, "second").await, [""; 0]);
}
