use marketplace_catalogue::{Catalogue, CatalogueError, MIGRATIONS};
use marketplace_testkit::{TestDatabase, plugin};
use sqlx::{Connection, Executor};

#[tokio::test]
async fn a_database_that_is_away_is_unavailable() {
    let away = Catalogue::connect("postgres://nobody@127.0.0.1:1/none").await;
    assert!(matches!(away, Err(CatalogueError::Unavailable(_))), "{:?}", away.err());
}

#[tokio::test]
async fn a_database_that_goes_away_is_unavailable() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    catalogue.ping().await.unwrap();
    drop(database);
    let gone = catalogue.ping().await;
    assert!(matches!(gone, Err(CatalogueError::Unavailable(_) | CatalogueError::Database(_))), "{gone:?}");
}

#[tokio::test]
async fn connecting_twice_changes_nothing() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("first").build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    assert_eq!(database.catalogue().await.count().await.unwrap(), 1);
    assert_eq!(catalogue.search_note(), None);
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let database = TestDatabase::new().await;
    let mut connection = database.connection().await;
    MIGRATIONS.undo(&mut connection, 0).await.unwrap();
    let left: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
         AND relname <> '_sqlx_migrations'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(left, 0);
    connection.close().await.unwrap();
    assert_eq!(database.catalogue().await.count().await.unwrap(), 0);
}

#[tokio::test]
async fn what_no_domain_type_takes_is_an_error_and_no_panic() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let (meta, release) = plugin("odd").build();
    catalogue.create(&meta, &release, "ann").await.unwrap();
    database.connection().await.execute("UPDATE release SET url = 'nonsense'").await.unwrap();
    assert!(matches!(catalogue.release(&meta.name, None).await, Err(CatalogueError::Database(_))));
}

#[tokio::test]
async fn an_older_program_runs_on_a_newer_schema() {
    let database = TestDatabase::new().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', true, '', 1)";
    database.connection().await.execute(newer).await.unwrap();
    assert_eq!(database.catalogue().await.count().await.unwrap(), 0);
}
