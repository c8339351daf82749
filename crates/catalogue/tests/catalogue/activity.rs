use marketplace_catalogue::{Action, ActivityFilter, Entry};
use marketplace_testkit::TestDatabase;
use sqlx::Executor;

fn applied(namespace: &str, service: &str) -> Entry {
    Entry {
        namespace: Some(namespace.to_owned()),
        service: Some(service.to_owned()),
        plugin: Some("notice".to_owned()),
        resource: Some(format!("notice-{service}")),
        after: Some("priority: 1\n".to_owned()),
        ..Entry::new("ann", Action::Applied)
    }
}

#[tokio::test]
async fn entries_cannot_be_changed_or_taken_away() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    catalogue.record(&applied("shop", "cart")).await.unwrap();
    let mut connection = database.connection().await;
    for forbidden in ["UPDATE activity SET who = 'bob'", "DELETE FROM activity", "TRUNCATE activity"] {
        let error = connection.execute(forbidden).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{forbidden}: {error}");
    }
    assert_eq!(catalogue.activity(&ActivityFilter::default()).await.unwrap()[0].entry, applied("shop", "cart"));
}

#[tokio::test]
async fn filters_and_pages() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    for service in ["cart", "pay", "cart"] {
        catalogue.record(&applied("shop", service)).await.unwrap();
    }
    catalogue.record(&Entry::new("b\0ob", Action::Uninstalled)).await.unwrap();

    let all = catalogue.activity(&ActivityFilter::default()).await.unwrap();
    assert_eq!(all.len(), 4);
    assert!(all.is_sorted_by(|a, b| a.id > b.id));
    assert_eq!(all[0].entry.who, "bob");

    let cart = ActivityFilter { service: Some("cart".to_owned()), ..ActivityFilter::default() };
    assert_eq!(catalogue.activity(&cart).await.unwrap().len(), 2);
    let first = ActivityFilter { limit: 1, ..cart.clone() };
    let newest = catalogue.activity(&first).await.unwrap();
    assert_eq!(newest.len(), 1);
    let next = ActivityFilter { before_id: Some(newest[0].id), ..first };
    let older = catalogue.activity(&next).await.unwrap();
    assert!(older[0].id < newest[0].id);

    let nobody = ActivityFilter { namespace: Some("other".to_owned()), ..ActivityFilter::default() };
    assert_eq!(catalogue.activity(&nobody).await.unwrap(), []);
    let nul = ActivityFilter { plugin: Some("noti\0ce".to_owned()), ..ActivityFilter::default() };
    assert_eq!(catalogue.activity(&nul).await.unwrap().len(), 3);
}

#[tokio::test]
async fn every_action_is_known_to_the_database() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    for action in Action::ALL {
        catalogue.record(&Entry::new("ann", action)).await.unwrap();
    }
    assert_eq!(catalogue.activity(&ActivityFilter::default()).await.unwrap().len(), Action::ALL.len());
}
