//! The catalogue's use cases: seeding, adding, editing, deleting.

use marketplace_domain::{
    Reason,
    draft::Draft,
    views::market::{MarketQuery, PluginPage},
};
use marketplace_services::ServiceError;

use crate::setup::{Setup, WHO, change, key, new, only, refused, setup, until};

async fn form(setup: &Setup) -> Draft {
    let mut draft = setup.services.plugin_form(None, None).await.unwrap().draft;
    change(
        &mut draft,
        &[
            ("name", "check-header"),
            ("titleZh", "检查请求头"),
            ("descriptionEn", "Checks a header."),
            ("descriptionZh", "检查一个请求头。"),
            ("version", "1.0.0"),
            ("url", "oci://registry:5000/check-header:latest"),
        ],
    );
    draft
}

#[tokio::test]
async fn seeding_again_changes_nothing_and_keeps_older_versions() {
    let setup = setup().await;
    let name = "data-masking".parse().unwrap();
    let first = setup.services.plugin_page(&name, None).await.unwrap();
    let done = setup.services.activity(None).await.unwrap().entries.len();
    assert_eq!(setup.services.seed(&setup.builtin.folder).await.unwrap(), 1);
    // Whether its module loads may be known by now: that is looked at beside this.
    let again = setup.services.plugin_page(&name, None).await.unwrap();
    assert_eq!(PluginPage { loading: first.loading.clone(), ..again }, first);
    assert_eq!(setup.services.activity(None).await.unwrap().entries.len(), done);

    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    setup.builtin.put_module(1);
    setup.builtin.rewrite("version = \"1.1.0\"", "version = \"1.2.0\"");
    setup.services.seed(&setup.builtin.folder).await.unwrap();
    let second = setup.services.plugin_page(&name, None).await.unwrap();
    let versions: Vec<_> =
        second.versions.iter().map(|line| (line.version.as_str(), line.latest, line.services)).collect();
    assert_eq!(versions, [("1.2.0", true, 0), ("1.1.0", false, 1)]);
    assert_ne!(second.module.sha256, first.module.sha256);
    let row = setup.row("bookinfo", "data-masking-reviews").await.unwrap();
    assert!(row.plugin.unwrap().outdated);
    // The module of the older version is still served to the proxies that run it.
    let digest = first.module.sha256.unwrap().parse().unwrap();
    assert_eq!(setup.services.module(&digest).await.unwrap(), Some(marketplace_testkit::wasm(0)));
}

#[tokio::test]
async fn a_plugin_is_added_found_edited_and_deleted() {
    let setup = setup().await;
    let draft = form(&setup).await;
    let name = setup.services.save_plugin(None, &draft, None, WHO).await.unwrap();
    let query = MarketQuery { text: "请求头".into(), ..MarketQuery::default() };
    let found = setup.services.market(&query, Default::default()).await.unwrap();
    assert_eq!(found.cards[0].name, "check-header");

    let mut draft = setup.services.plugin_form(Some(&name), None).await.unwrap().draft;
    change(&mut draft, &[("descriptionEn", "Looks at a header."), ("priority", "7")]);
    setup.services.save_plugin(Some(&name), &draft, None, WHO).await.unwrap();
    let page = setup.services.plugin_page(&name, None).await.unwrap();
    assert_eq!((page.description.en.as_str(), page.proposal.priority.get()), ("Looks at a header.", 7));

    setup.services.delete_plugin(&name, WHO).await.unwrap();
    let gone = setup.services.plugin_page(&name, None).await;
    assert!(matches!(gone, Err(ServiceError::NotFound)), "{gone:?}");
    let page = setup.services.activity(None).await.unwrap();
    let actions: Vec<_> = page.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["plugin_deleted", "plugin_edited", "plugin_added", "plugin_seeded"]);

    // A long difference is shown as a whole only where it is asked for.
    let seeded = &page.entries[3];
    assert!(seeded.diff.len() <= 40 && seeded.diff_left_out > 0, "{} and {}", seeded.diff.len(), seeded.diff_left_out);
    let whole = setup.services.activity_entry(seeded.id).await.unwrap().entries.remove(0);
    assert_eq!((whole.id, whole.diff_left_out), (seeded.id, 0));
    assert_eq!(whole.diff.len(), seeded.diff.len() + seeded.diff_left_out as usize);
    assert!(setup.services.activity_entry(seeded.id + 1_000).await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn a_plugin_in_use_is_not_deleted() {
    let setup = setup().await;
    let name = setup.services.save_plugin(None, &form(&setup).await, None, WHO).await.unwrap();
    let stored = setup.applied(&new("bookinfo/reviews", "check-header"), &[("pullSecret", "registry-pull")]).await;
    assert_eq!(stored["spec"]["url"], "oci://registry:5000/check-header:latest");
    assert_eq!(stored["spec"]["imagePullSecret"], "registry-pull");
    match setup.services.delete_plugin(&name, WHO).await {
        Err(ServiceError::InUse(uses)) => {
            let [one] = uses.as_slice() else { panic!("one use: {uses:?}") };
            assert_eq!(
                (one.resource.as_str(), one.services.as_slice()),
                ("check-header-reviews", &[key("bookinfo/reviews")][..])
            );
        }
        other => panic!("deleted: {other:?}"),
    }
    setup.mesh.delete("WasmPlugin", "bookinfo", "check-header-reviews").unwrap();
    until("it is no longer in use", async || setup.services.delete_plugin(&name, WHO).await.is_ok()).await;
}

#[tokio::test]
async fn built_in_plugins_stay_as_they_are() {
    let setup = setup().await;
    let name = "data-masking".parse().unwrap();
    let form = setup.services.plugin_form(Some(&name), None).await;
    assert!(matches!(form, Err(ServiceError::Builtin)), "{form:?}");
    let draft = setup.services.plugin_form(None, None).await.unwrap().draft;
    let saved = setup.services.save_plugin(Some(&name), &draft, None, WHO).await;
    assert!(matches!(saved, Err(ServiceError::Builtin)), "{saved:?}");
    let deleted = setup.services.delete_plugin(&name, WHO).await;
    assert!(matches!(deleted, Err(ServiceError::Builtin)), "{deleted:?}");
}

#[tokio::test]
async fn a_pull_secret_belongs_to_an_image() {
    let setup = setup().await;
    setup.services.save_plugin(None, &form(&setup).await, None, WHO).await.unwrap();
    let target = new("bookinfo/reviews", "check-header");
    let (_, problems) = refused(setup.send(&target, &[("pullSecret", "Not A Secret")]).await);
    assert_eq!(only(&problems), ("pullSecret", &Reason::SecretMalformed));
    let view = setup.services.apply_view(&target, None).await.unwrap();
    let warned = view.warnings.iter().any(|warning| warning.reason == Reason::NotPinned);
    assert!(view.image && warned, "{:?}", view.warnings);
}
