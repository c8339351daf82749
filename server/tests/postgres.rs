//! The private database: made, kept, found again after an unclean end. Needs PostgreSQL's programs, as `make run` does.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use marketplace_catalogue::Catalogue;
use server::postgres::Private;

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("marketplace-private-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The number of the database server's process.
fn postmaster(folder: &std::path::Path) -> String {
    let pid = std::fs::read_to_string(folder.join("postgres/database/postmaster.pid")).unwrap();
    pid.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn lives_through_everything_that_happens_to_us() {
    let folder = folder();
    let private = Private::start(&folder).await.unwrap();
    Catalogue::connect(&private.url()).await.expect("a database with our schema");

    let second = Private::start(&folder).await.unwrap_err().to_string();
    assert!(second.contains("another marketplace") && second.contains("--data-dir"), "{second}");

    // We are killed, it is not: the next of us takes it over.
    let running = postmaster(&folder);
    drop(private);
    let private = Private::start(&folder).await.unwrap();
    assert_eq!(postmaster(&folder), running);
    Catalogue::connect(&private.url()).await.expect("the same database");

    // Both are killed.
    drop(private);
    Command::new("kill").args(["-9", &running]).status().unwrap();
    while std::path::Path::new(&format!("/proc/{running}/stat")).exists() && !is_zombie(&running) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // And something else has its number by now.
    let pid_file = folder.join("postgres/database/postmaster.pid");
    let text = std::fs::read_to_string(&pid_file).unwrap();
    std::fs::write(&pid_file, text.replacen(&running, &std::process::id().to_string(), 1)).unwrap();
    let private = Private::start(&folder).await.unwrap();
    Catalogue::connect(&private.url()).await.expect("what was committed is there");

    private.stop().await.unwrap();
    assert!(!pid_file.exists(), "it is stopped");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Ctrl-C in the middle of a start, when the database is up and the pages are not.
#[test]
fn a_start_that_is_broken_off_leaves_nothing_behind() {
    let folder = folder().join("broken-off");
    let mut server = Command::new(env!("CARGO_BIN_EXE_marketplace"))
        .args(["--listen", "127.0.0.1:0", "--cluster", "demo", "--plugins-dir", "/nonexistent", "--data-dir"])
        .arg(&folder)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid_file = folder.join("postgres/database/postmaster.pid");
    for _ in 0..6_000 {
        if pid_file.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let running = postmaster(&folder);
    Command::new("kill").args(["-INT", &server.id().to_string()]).status().unwrap();
    assert!(server.wait().unwrap().success(), "it ends well");
    let gone = !PathBuf::from("/proc").join(&running).exists() || is_zombie(&running);
    assert!(!pid_file.exists() && gone, "the database is stopped");
    std::fs::remove_dir_all(&folder).unwrap();
}

fn is_zombie(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}
