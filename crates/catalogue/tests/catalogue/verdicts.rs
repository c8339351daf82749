//! What is found out about modules, and what the facets make of it.

use chrono::{DateTime, TimeDelta, Utc};
use marketplace_catalogue::{Catalogue, ModuleCheck, Probe, Probed, SearchQuery, Staleness};
use marketplace_domain::{
    Digest, Loads, ModuleUrl, Verdict,
    fetch::{FetchProblem, Layout},
    verdict::Refusal,
};
use marketplace_testkit::{TestDatabase, plugin, wasm};
use serde_json::json;

fn digest(digit: &str) -> Digest {
    digit.repeat(64).parse().unwrap()
}

fn check(sha256: &Digest, refusal: Option<Refusal>) -> ModuleCheck {
    let report = json!({"verdict": "whatever the checker writes"});
    ModuleCheck { sha256: sha256.clone(), checker: "1".into(), refusal, settled: true, report, at: Utc::now() }
}

fn found(url: &ModuleUrl, pin: Option<Digest>, module: &Digest) -> Probe {
    let probed = Probed { module: module.clone(), digest: digest("d"), layout: Layout::OciImage, took_ms: 41 };
    Probe { url: url.clone(), pin, outcome: Ok(probed), at: Utc::now() }
}

fn failed(url: &ModuleUrl, problem: FetchProblem) -> Probe {
    Probe { url: url.clone(), pin: None, outcome: Err(problem), at: Utc::now() }
}

fn stale(checker: &str, before: DateTime<Utc>) -> Staleness {
    Staleness { checker: checker.into(), unpinned_before: before, failed_before: before }
}

async fn verdict(catalogue: &Catalogue) -> Verdict {
    catalogue.search(&SearchQuery::default(), &[]).await.unwrap().cards[0].verdict
}

#[tokio::test]
async fn answers_are_kept_and_replaced() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let module = digest("a");
    assert_eq!(catalogue.check(&module).await.unwrap(), None);
    catalogue.put_check(&check(&module, None)).await.unwrap();
    let again = ModuleCheck { checker: "2".into(), ..check(&module, Some(Refusal::Imports)) };
    catalogue.put_check(&again).await.unwrap();
    let kept = catalogue.check(&module).await.unwrap().unwrap();
    assert_eq!((kept.checker.as_str(), kept.refusal, &kept.report), ("2", Some(Refusal::Imports), &again.report));
    // A module may call its parts what it likes.
    let odd = ModuleCheck { report: json!({"names": ["a\0b"]}), ..check(&module, None) };
    catalogue.put_check(&odd).await.unwrap();
    assert_eq!(catalogue.check(&module).await.unwrap().unwrap().report, json!({"names": ["a\u{fffd}b"]}));

    let url: ModuleUrl = "oci://r.example.com/p:1".parse().unwrap();
    assert_eq!(catalogue.probe(&url, None).await.unwrap(), None);
    for probe in [
        found(&url, None, &module),
        failed(&url, FetchProblem::NoPluginFile),
        failed(&url, FetchProblem::Status { host: "h".into(), status: 500 }),
        found(&url, Some(digest("b")), &module),
    ] {
        catalogue.put_probe(&probe).await.unwrap();
        let kept = catalogue.probe(&url, probe.pin.as_ref()).await.unwrap().unwrap();
        assert_eq!(kept, Probe { at: kept.at, ..probe });
    }
}

#[tokio::test]
async fn the_facet_follows_what_is_known_of_the_latest_release() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let url: ModuleUrl = "oci://r.example.com/p:1".parse().unwrap();
    let (meta, release) = plugin("p").url(url.as_str()).build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::default());

    // Fetched, but nobody looked into it yet.
    let module = digest("a");
    catalogue.put_probe(&found(&url, None, &module)).await.unwrap();
    assert_eq!(verdict(&catalogue).await.loads, Loads::Unknown);
    catalogue.put_check(&check(&module, None)).await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::YES);
    let open = ModuleCheck { settled: false, ..check(&module, None) };
    catalogue.put_check(&open).await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::default());
    assert!(!catalogue.check(&module).await.unwrap().unwrap().settled);
    catalogue.put_check(&ModuleCheck { settled: false, ..check(&module, Some(Refusal::Imports)) }).await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::refused(Refusal::Imports));

    // What no proxy could fetch is refused; what only we cannot reach is not known.
    catalogue.put_probe(&failed(&url, FetchProblem::NoPluginFile)).await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::refused(Refusal::Fetch));
    catalogue.put_probe(&failed(&url, FetchProblem::HostUnknown { host: "r".into() })).await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::default());

    // A new version with a module of ours that was looked at before.
    let hosted = catalogue.put_module(&wasm(1)).await.unwrap();
    catalogue.put_check(&check(&hosted, None)).await.unwrap();
    let (meta, release) = plugin("p").version("2").hosted(&hosted).build();
    catalogue.update(&meta, &release, "ann").await.unwrap();
    assert_eq!(verdict(&catalogue).await, Verdict::YES);
}

#[tokio::test]
async fn facets_count_and_choose() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    for (number, refusal) in [(1, None), (2, None), (3, Some(Refusal::Abi))] {
        let module = catalogue.put_module(&wasm(number)).await.unwrap();
        let (meta, release) = plugin(&format!("p{number}")).hosted(&module).build();
        catalogue.create(&meta, &release, "ann").await.unwrap();
        catalogue.put_check(&check(&module, refusal)).await.unwrap();
    }
    let (meta, release) = plugin("p4").build();
    catalogue.create(&meta, &release, "ann").await.unwrap();

    let counts = vec![(Loads::Yes, 2), (Loads::No, 1), (Loads::Unknown, 1)];
    for (chosen, names) in [
        (vec![], vec!["p4", "p3", "p2", "p1"]),
        (vec![Loads::Yes], vec!["p2", "p1"]),
        (vec![Loads::No, Loads::Unknown], vec!["p4", "p3"]),
    ] {
        let query = SearchQuery { loads: chosen, ..SearchQuery::default() };
        let page = catalogue.search(&query, &[]).await.unwrap();
        let found: Vec<_> = page.cards.iter().map(|card| card.meta.name.as_str()).collect();
        assert_eq!((found, page.total), (names.clone(), names.len() as u64));
        assert_eq!(page.facets.loads, counts);
    }
    let query = SearchQuery { loads: vec![Loads::No], ..SearchQuery::default() };
    let page = catalogue.search(&query, &[]).await.unwrap();
    assert_eq!(page.facets.origin.iter().map(|(_, count)| count).sum::<u64>(), 1);
}

#[tokio::test]
async fn what_is_to_be_looked_at() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let hosted = catalogue.put_module(&wasm(1)).await.unwrap();
    let url: ModuleUrl = "https://w.example.com/p.wasm".parse().unwrap();
    for plugin in [plugin("ours").hosted(&hosted), plugin("elsewhere").url(url.as_str())] {
        let (meta, release) = plugin.build();
        catalogue.create(&meta, &release, "ann").await.unwrap();
    }
    let pending = async |checker: &str, before: DateTime<Utc>| {
        let rows = catalogue.pending(&stale(checker, before), 10).await.unwrap();
        let mut names: Vec<_> = rows.iter().map(|row| row.plugin.to_string()).collect();
        names.sort();
        names
    };
    let (past, future) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(1));
    assert_eq!(pending("1", past).await, ["elsewhere", "ours"]);
    catalogue.put_check(&check(&hosted, None)).await.unwrap();
    catalogue.put_probe(&failed(&url, FetchProblem::NoPluginFile)).await.unwrap();
    assert_eq!(pending("1", past).await, [""; 0]);
    // A failure is tried again after a while; a newer checker looks at everything it can.
    assert_eq!(pending("1", future).await, ["elsewhere"]);
    assert_eq!(pending("2", past).await, ["ours"]);
    catalogue.put_probe(&found(&url, None, &digest("a"))).await.unwrap();
    assert_eq!(pending("1", past).await, ["elsewhere"]);
    catalogue.put_check(&check(&digest("a"), None)).await.unwrap();
    assert_eq!(pending("1", past).await, [""; 0]);
    assert_eq!(pending("1", future).await, ["elsewhere"], "nothing fixes what is there");
}

#[tokio::test]
async fn what_nobody_took_is_forgotten() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let future = Utc::now() + TimeDelta::hours(1);
    let (left, taken, seeded) = (wasm(1), wasm(2), wasm(3));
    let left = catalogue.put_upload(&left).await.unwrap();
    let taken = catalogue.put_upload(&taken).await.unwrap();
    let kept = catalogue.put_upload(&seeded).await.unwrap();
    assert_eq!(catalogue.put_module(&seeded).await.unwrap(), kept);
    let (meta, release) = plugin("p").hosted(&taken).build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    catalogue.delete(&meta.name, "ann").await.unwrap();
    assert_eq!(catalogue.purge_uploads(Utc::now() - TimeDelta::hours(1)).await.unwrap(), 0);
    assert_eq!(catalogue.purge_uploads(future).await.unwrap(), 1);
    assert_eq!(catalogue.module_size(&left).await.unwrap(), None);
    // A proxy may ask for what a release once had.
    assert!(catalogue.module_size(&taken).await.unwrap().is_some());
    assert!(catalogue.module_size(&kept).await.unwrap().is_some());

    let (used, typed): (ModuleUrl, ModuleUrl) =
        ("oci://r.example.com/used:1".parse().unwrap(), "oci://r.example.com/typed:1".parse().unwrap());
    let (meta, release) = plugin("q").url(used.as_str()).build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    for url in [&used, &typed] {
        catalogue.put_probe(&failed(url, FetchProblem::NoLayers)).await.unwrap();
    }
    assert_eq!(catalogue.purge_probes(future).await.unwrap(), 1);
    assert!(catalogue.probe(&used, None).await.unwrap().is_some());
}
