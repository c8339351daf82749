use marketplace_catalogue::{Action, ActivityFilter, CatalogueError, SEEDER, Seeded};
use marketplace_domain::{Origin, catalogue::Address};
use marketplace_testkit::{TestDatabase, plugin, wasm};
use serde_json::json;

#[tokio::test]
async fn seeding_again_changes_nothing() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("data-masking").schema(json!({"b": 1, "a": [1.5, null]})).build();
    assert_eq!(catalogue.seed(&meta, &release, &wasm(1)).await.unwrap(), Seeded::Added);
    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(record.meta.origin, Origin::Builtin);
    assert_eq!(record.created_by, SEEDER);
    assert_eq!(record.releases[0].size, Some(wasm(1).len() as i64));
    assert_eq!(record.releases[0].address, Address::Hosted(record.releases[0].sha256.clone().unwrap()));

    assert_eq!(catalogue.seed(&meta, &release, &wasm(1)).await.unwrap(), Seeded::Unchanged);
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap(), record);
    assert_eq!(catalogue.activity(&ActivityFilter::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_rebuild_replaces_the_address_and_keeps_the_old_module() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("notice").build();
    catalogue.seed(&meta, &release, &wasm(1)).await.unwrap();
    let old = catalogue.release(&meta.name, None).await.unwrap().unwrap().sha256.unwrap();
    assert_eq!(catalogue.seed(&meta, &release, &wasm(2)).await.unwrap(), Seeded::Updated);
    let new = catalogue.release(&meta.name, None).await.unwrap().unwrap().sha256.unwrap();
    assert_ne!(old, new);
    assert_eq!(catalogue.module(&old).await.unwrap(), Some(wasm(1)));
    assert_eq!(catalogue.module(&new).await.unwrap(), Some(wasm(2)));
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap().releases.len(), 1);
    let entries = catalogue.activity(&ActivityFilter::default()).await.unwrap();
    assert_eq!(entries[0].entry.action, Action::PluginSeeded);
    assert!(entries[0].entry.before.as_ref().unwrap().contains(old.as_str()));
    assert!(entries[0].entry.after.as_ref().unwrap().contains(new.as_str()));
}

#[tokio::test]
async fn a_new_version_keeps_the_older_ones_and_what_is_shipped_is_the_latest() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, first) = plugin("notice").build();
    let (_, second) = plugin("notice").version("1.1.0").build();
    catalogue.seed(&meta, &first, &wasm(1)).await.unwrap();
    assert_eq!(catalogue.seed(&meta, &second, &wasm(2)).await.unwrap(), Seeded::Added);
    let latest = |record: marketplace_catalogue::PluginRecord| {
        record.releases.iter().map(|release| (release.version.clone(), release.is_latest)).collect::<Vec<_>>()
    };
    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(latest(record), [("1.1.0".to_owned(), true), ("1.0.0".to_owned(), false)]);

    // The program was rolled back.
    assert_eq!(catalogue.seed(&meta, &first, &wasm(1)).await.unwrap(), Seeded::Updated);
    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(latest(record), [("1.1.0".to_owned(), false), ("1.0.0".to_owned(), true)]);
    assert_eq!(catalogue.seed(&meta, &first, &wasm(1)).await.unwrap(), Seeded::Unchanged);
}

#[tokio::test]
async fn new_words_alone_are_an_update() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("notice").build();
    catalogue.seed(&meta, &release, &wasm(1)).await.unwrap();
    let (meta, release) = plugin("notice").title("Notice", "公告").build();
    assert_eq!(catalogue.seed(&meta, &release, &wasm(1)).await.unwrap(), Seeded::Updated);
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap().meta.title.zh, "公告");
    let (meta, release) = plugin("notice").title("Notice", "公告").priority(9).build();
    assert_eq!(catalogue.seed(&meta, &release, &wasm(1)).await.unwrap(), Seeded::Updated);
}

#[tokio::test]
async fn a_name_that_a_person_took_stays_theirs() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("notice").build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    let seeded = catalogue.seed(&meta, &release, &wasm(1)).await;
    assert!(matches!(seeded, Err(CatalogueError::NameTaken)), "{seeded:?}");
    assert_eq!(catalogue.release(&meta.name, None).await.unwrap(), Some(release));
}

#[tokio::test]
async fn built_in_plugins_are_not_changed_by_people() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("notice").build();
    catalogue.seed(&meta, &release, &wasm(1)).await.unwrap();
    assert!(matches!(catalogue.update(&meta, &release, "ann").await, Err(CatalogueError::Builtin)));
    assert!(matches!(catalogue.delete(&meta.name, "ann").await, Err(CatalogueError::Builtin)));
    assert!(matches!(catalogue.create(&meta, &release, "ann").await, Err(CatalogueError::NameTaken)));
}

#[tokio::test]
async fn servers_that_start_at_once_seed_once() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let seeds = (0..6).map(|_| {
        let catalogue = catalogue.clone();
        tokio::spawn(async move {
            let (meta, release) = plugin("notice").build();
            catalogue.seed(&meta, &release, &wasm(1)).await.unwrap()
        })
    });
    let mut added = 0;
    for seed in seeds.collect::<Vec<_>>() {
        added += usize::from(seed.await.unwrap() == Seeded::Added);
    }
    assert_eq!(added, 1);
}
