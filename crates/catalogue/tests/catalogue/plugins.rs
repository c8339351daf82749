use marketplace_catalogue::{Action, ActivityFilter, CatalogueError};
use marketplace_domain::{Category, Origin, Phase, PluginName, catalogue::Address};
use marketplace_testkit::{TINY_WASM, TestDatabase, plugin};
use serde_json::json;

fn name(text: &str) -> PluginName {
    text.parse().unwrap()
}

#[tokio::test]
async fn what_was_added_comes_back() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("check-header")
        .title("check-header", "检查请求头")
        .category(Category::Traffic)
        .phase(Phase::Stats)
        .priority(1000)
        .schema(json!({"type": "object", "properties": {"zeta": {"title": "\u{0}"}, "alpha": {}}}))
        .example("header: x\n")
        .sha256("a".repeat(64).parse().unwrap())
        .build();
    catalogue.create(&meta, &release, "ann").await.unwrap();

    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(record.meta, meta);
    assert_eq!(record.created_by, "ann");
    assert_eq!(record.releases.len(), 1);
    assert!(record.releases[0].is_latest);
    assert_eq!(record.releases[0].size, None);
    assert_eq!(catalogue.release(&meta.name, None).await.unwrap(), Some(release.clone()));
    assert_eq!(catalogue.release(&meta.name, Some("1.0.0")).await.unwrap(), Some(release.clone()));
    assert_eq!(catalogue.release(&meta.name, Some("1.0.1")).await.unwrap(), None);
    assert_eq!(catalogue.release(&meta.name, Some("1\0")).await.unwrap(), None);
    assert_eq!(catalogue.plugin(&name("nobody")).await.unwrap(), None);
    assert_eq!(catalogue.release(&name("nobody"), None).await.unwrap(), None);

    let addresses = catalogue.addresses().await.unwrap();
    assert_eq!(addresses.len(), 1);
    assert_eq!((&addresses[0].plugin, &addresses[0].address), (&meta.name, &release.address));
    assert_eq!(addresses[0].sha256, release.sha256);
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("twice").build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    let again = catalogue.create(&meta, &release, "bob").await;
    assert!(matches!(again, Err(CatalogueError::NameTaken)), "{again:?}");
    // Nothing of the failed attempt is left, its entry neither.
    assert_eq!(catalogue.activity(&ActivityFilter::default()).await.unwrap().len(), 1);
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap().created_by, "ann");
}

#[tokio::test]
async fn of_many_who_add_the_same_name_one_wins() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let tries = (0..8).map(|_| {
        let catalogue = catalogue.clone();
        tokio::spawn(async move {
            let (meta, release) = plugin("race").build();
            catalogue.create(&meta, &release, "ann").await
        })
    });
    let mut won = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(()) => won += 1,
            Err(error) => assert!(matches!(error, CatalogueError::NameTaken), "{error:?}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn nobody_adds_a_built_in_plugin() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("pretender").origin(Origin::Builtin).build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap().meta.origin, Origin::Added);
    catalogue.update(&meta, &release, "ann").await.unwrap();
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap().meta.origin, Origin::Added);
}

#[tokio::test]
async fn the_same_version_is_changed_in_its_place() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("edited").build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    let (meta, release) = plugin("edited").title("edited", "改").priority(7).url("https://bucket/x.wasm").build();
    catalogue.update(&meta, &release, "bob").await.unwrap();

    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(record.meta, meta);
    assert_eq!(record.created_by, "ann");
    assert_eq!(record.releases.len(), 1);
    assert_eq!(catalogue.release(&meta.name, None).await.unwrap(), Some(release));

    let entries = catalogue.activity(&ActivityFilter::default()).await.unwrap();
    assert_eq!(entries[0].entry.action, Action::PluginEdited);
    assert_eq!(entries[0].entry.who, "bob");
    assert!(entries[0].entry.before.as_ref().unwrap().contains("priority: 100"));
    assert!(entries[0].entry.after.as_ref().unwrap().contains("priority: 7"));
}

#[tokio::test]
async fn a_new_version_becomes_the_latest_and_old_ones_can_still_change() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, first) = plugin("grows").build();
    catalogue.create(&meta, &first, "ann").await.unwrap();
    let (_, second) = plugin("grows").version("0.9.0-rc.1+b").phase(Phase::Stats).build();
    catalogue.update(&meta, &second, "ann").await.unwrap();
    assert_eq!(catalogue.release(&meta.name, None).await.unwrap(), Some(second.clone()));

    let (_, first) = plugin("grows").priority(3).build();
    catalogue.update(&meta, &first, "ann").await.unwrap();
    assert_eq!(catalogue.release(&meta.name, None).await.unwrap(), Some(second));
    assert_eq!(catalogue.release(&meta.name, Some("1.0.0")).await.unwrap(), Some(first));
    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    let versions: Vec<_> =
        record.releases.iter().map(|release| (release.version.as_str(), release.is_latest)).collect();
    assert_eq!(versions, [("0.9.0-rc.1+b", true), ("1.0.0", false)]);
}

#[tokio::test]
async fn who_add_versions_at_once_leave_one_latest() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, first) = plugin("busy").build();
    catalogue.create(&meta, &first, "ann").await.unwrap();
    let updates = (0..8).map(|number| {
        let catalogue = catalogue.clone();
        tokio::spawn(async move {
            let (meta, release) = plugin("busy").version(&format!("2.{}.0", number / 2)).build();
            catalogue.update(&meta, &release, "ann").await
        })
    });
    for update in updates.collect::<Vec<_>>() {
        update.await.unwrap().unwrap();
    }
    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(record.releases.len(), 5);
    assert_eq!(record.releases.iter().filter(|release| release.is_latest).count(), 1);
}

#[tokio::test]
async fn what_is_not_there_cannot_change() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("nobody").build();
    assert!(matches!(catalogue.update(&meta, &release, "ann").await, Err(CatalogueError::NotFound)));
    assert!(matches!(catalogue.delete(&meta.name, "ann").await, Err(CatalogueError::NotFound)));
    assert_eq!(catalogue.activity(&ActivityFilter::default()).await.unwrap(), []);
}

#[tokio::test]
async fn a_deleted_plugin_is_gone_but_not_its_module_and_its_record() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let digest = catalogue.put_module(TINY_WASM).await.unwrap();
    let (meta, release) = plugin("short-lived").hosted(&digest).build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    assert_eq!(catalogue.plugin(&meta.name).await.unwrap().unwrap().releases[0].size, Some(8));
    catalogue.delete(&meta.name, "bob").await.unwrap();
    assert_eq!(catalogue.count().await.unwrap(), 0);
    assert_eq!(catalogue.addresses().await.unwrap(), []);
    assert_eq!(catalogue.module(&digest).await.unwrap().as_deref(), Some(TINY_WASM));
    let entries = catalogue
        .activity(&ActivityFilter { plugin: Some("short-lived".to_owned()), ..ActivityFilter::default() })
        .await
        .unwrap();
    let actions: Vec<_> = entries.iter().map(|row| row.entry.action).collect();
    assert_eq!(actions, [Action::PluginDeleted, Action::PluginAdded]);
    assert_eq!(entries[0].entry.after, None);
    // The name is free again.
    catalogue.create(&meta, &release, "ann").await.unwrap();
}

#[tokio::test]
async fn a_release_cannot_point_at_a_module_that_is_not_here() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, mut release) = plugin("hollow").build();
    release.address = Address::Hosted("b".repeat(64).parse().unwrap());
    let hollow = catalogue.create(&meta, &release, "ann").await;
    assert!(matches!(hollow, Err(CatalogueError::ModuleMissing)), "{hollow:?}");
    assert_eq!(catalogue.count().await.unwrap(), 0);
}

#[tokio::test]
async fn nul_bytes_do_no_harm() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) =
        plugin("nul").title("nul", "空\0").description("a\0b", "").readme("\0", "c\0").example("\0x: 1").build();
    catalogue.create(&meta, &release, "an\0n").await.unwrap();
    let record = catalogue.plugin(&meta.name).await.unwrap().unwrap();
    assert_eq!(record.meta.title.zh, "空");
    assert_eq!(record.meta.description.en, "ab");
    assert_eq!(record.created_by, "ann");
    catalogue.update(&meta, &release, "ann").await.unwrap();
}
