//! What tests of the whole server share: the product, and a browser without scripts.
#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

pub mod browser;
pub mod page;
pub mod product;

use std::time::Duration;

/// Asks again until it is so.
pub async fn until(what: &str, seconds: u64, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(seconds), wait).await.is_ok(), "in {seconds} s: {what}");
}
