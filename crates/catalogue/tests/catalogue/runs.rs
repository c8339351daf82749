use chrono::Duration;
use marketplace_catalogue::{CatalogueError, RUN_LIMIT, RunsKept, StoredRun};
use marketplace_testkit::TestDatabase;
use uuid::Uuid;

fn run(report: &str) -> StoredRun {
    let text = |text: &str| text.to_owned();
    StoredRun { who: text("sre"), about: text("{}"), exchange: text("{\"name\":\"脱敏\"}"), report: text(report) }
}

const ALL: RunsKept = RunsKept { age: Duration::days(30), runs: 100, bytes: 1 << 30 };

#[tokio::test]
async fn a_run_comes_back_as_it_was() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let id = Uuid::new_v4();
    assert_eq!(catalogue.run(id).await.unwrap(), None);
    // An escaped NUL is text like any other; jsonb would refuse it.
    let kept = run("{\"text\":\"a\\u0000b\"}");
    catalogue.put_run(id, &kept).await.unwrap();
    assert_eq!(catalogue.run(id).await.unwrap().map(|(_, run)| run), Some(kept));
}

#[tokio::test]
async fn too_large_a_run_is_refused() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let answer = catalogue.put_run(Uuid::new_v4(), &run(&"x".repeat(RUN_LIMIT))).await;
    assert!(matches!(answer, Err(CatalogueError::TooLarge(RUN_LIMIT))), "{answer:?}");
}

#[tokio::test]
async fn old_runs_and_those_beyond_the_room_are_forgotten() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let id = Uuid::new_v4();
        catalogue.put_run(id, &run(&number.to_string())).await.unwrap();
        ids.push(id);
    }
    let left = async || {
        let mut left = Vec::new();
        for (number, id) in ids.iter().enumerate() {
            if catalogue.run(*id).await.unwrap().is_some() {
                left.push(number);
            }
        }
        left
    };
    assert_eq!(catalogue.purge_runs(ALL).await.unwrap(), 0);
    assert_eq!(catalogue.purge_runs(RunsKept { runs: 4, ..ALL }).await.unwrap(), 1);
    assert_eq!(left().await, [1, 2, 3, 4]);
    let size = i64::try_from("{}{\"name\":\"脱敏\"}0".len()).unwrap();
    assert_eq!(catalogue.purge_runs(RunsKept { bytes: 2 * size, ..ALL }).await.unwrap(), 2);
    assert_eq!(left().await, [3, 4]);
    assert_eq!(catalogue.purge_runs(RunsKept { age: Duration::zero(), ..ALL }).await.unwrap(), 2);
    assert_eq!(left().await, [0_usize; 0]);
}
