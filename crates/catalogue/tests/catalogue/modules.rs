use marketplace_testkit::{TINY_WASM, TestDatabase};

#[tokio::test]
async fn bytes_are_kept_once_under_their_digest() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let digest = catalogue.put_module(TINY_WASM).await.unwrap();
    // sha256sum of the eight bytes.
    assert_eq!(digest.as_str(), "93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476");
    assert_eq!(catalogue.put_module(TINY_WASM).await.unwrap(), digest);
    assert_eq!(catalogue.module(&digest).await.unwrap().as_deref(), Some(TINY_WASM));
    assert_eq!(catalogue.module_size(&digest).await.unwrap(), Some(8));
}

#[tokio::test]
async fn no_bytes_and_many_bytes() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let empty = catalogue.put_module(&[]).await.unwrap();
    assert_eq!(catalogue.module(&empty).await.unwrap(), Some(Vec::new()));
    assert_eq!(catalogue.module_size(&empty).await.unwrap(), Some(0));
    let many: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
    let digest = catalogue.put_module(&many).await.unwrap();
    assert_eq!(catalogue.module_size(&digest).await.unwrap(), Some(5_000_000));
    assert_eq!(catalogue.module(&digest).await.unwrap(), Some(many));
}

#[tokio::test]
async fn what_is_not_there() {
    let database = TestDatabase::new().await;
    let catalogue = database.catalogue().await;
    let nobody = "0".repeat(64).parse().unwrap();
    assert_eq!(catalogue.module(&nobody).await.unwrap(), None);
    assert_eq!(catalogue.module_size(&nobody).await.unwrap(), None);
}
