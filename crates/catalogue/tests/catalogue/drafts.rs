use chrono::Duration;
use marketplace_catalogue::{CatalogueError, DRAFT_LIMIT};
use marketplace_domain::draft::Draft;
use marketplace_testkit::TestDatabase;
use uuid::Uuid;

fn draft(text: &str) -> Draft {
    let mut draft = Draft::default();
    draft.set("config", text);
    draft
}

#[tokio::test]
async fn what_was_typed_comes_back_as_it_was() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let id = Uuid::new_v4();
    assert_eq!(catalogue.draft(id, "apply").await.unwrap(), None);
    let typed = draft(" a:\t\"脱敏\"\r\n\u{7f}😀 \\u0000 ");
    catalogue.put_draft(id, "apply", &typed).await.unwrap();
    assert_eq!(catalogue.draft(id, "apply").await.unwrap(), Some(typed));
    assert_eq!(catalogue.draft(id, "plugin").await.unwrap(), None);
    catalogue.put_draft(id, "apply", &draft("later")).await.unwrap();
    assert_eq!(catalogue.draft(id, "apply").await.unwrap(), Some(draft("later")));
    catalogue.delete_draft(id).await.unwrap();
    catalogue.delete_draft(id).await.unwrap();
    assert_eq!(catalogue.draft(id, "apply").await.unwrap(), None);
}

#[tokio::test]
async fn nul_goes_and_the_rest_stays() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let id = Uuid::new_v4();
    catalogue.put_draft(id, "apply", &draft("a\0b")).await.unwrap();
    assert_eq!(catalogue.draft(id, "apply").await.unwrap(), Some(draft("ab")));
}

#[tokio::test]
async fn drafts_have_a_limit() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let id = Uuid::new_v4();
    let room = DRAFT_LIMIT - "config".len();
    catalogue.put_draft(id, "apply", &draft(&"x".repeat(room))).await.unwrap();
    let more = catalogue.put_draft(id, "apply", &draft(&"x".repeat(room + 1))).await;
    assert!(matches!(more, Err(CatalogueError::TooLarge(DRAFT_LIMIT))), "{more:?}");
}

#[tokio::test]
async fn old_drafts_are_purged() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let id = Uuid::new_v4();
    catalogue.put_draft(id, "apply", &draft("x")).await.unwrap();
    assert_eq!(catalogue.purge_drafts(Duration::hours(1)).await.unwrap(), 0);
    assert_eq!(catalogue.purge_drafts(Duration::MAX).await.unwrap(), 0);
    assert_eq!(catalogue.purge_drafts(Duration::seconds(-60)).await.unwrap(), 1);
    assert_eq!(catalogue.draft(id, "apply").await.unwrap(), None);
}
