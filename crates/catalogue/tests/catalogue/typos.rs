use marketplace_catalogue::SearchLoss;
use marketplace_testkit::{TestDatabase, plugin};
use sqlx::Executor;

use crate::search::{filled, names};

#[tokio::test]
async fn typos_are_forgiven_where_nothing_else_fits() {
    let database = TestDatabase::new().await;
    let catalogue = filled(
        &database,
        [
            plugin("data-masking")
                .title("data-masking", "数据脱敏")
                .description("Masks phone numbers and ID cards in answers.", "遮住手机号和身份证号。"),
            plugin("oauth-login").title("oauth-login", "登录").description("Asks people to sign in.", "让人先登录。"),
            plugin("rate-limit").title("rate-limit", "限流").description("Slows clients down.", "让客户端慢下来。"),
            plugin("notice").title("notice", "公告").description("A banner on every page.", "每一页上的横幅。"),
        ],
    )
    .await;
    for (typed, meant) in [
        ("data-maksing", "data-masking"),
        ("maskng", "data-masking"),
        ("dta masking", "data-masking"),
        ("phnoe numbers", "data-masking"),
        ("ouath", "oauth-login"),
        ("rate lmit", "rate-limit"),
        ("notise", "notice"),
        ("baner", "notice"),
        ("数据脱民", "data-masking"),
        ("手机号码", "data-masking"),
        ("notise 公告", "notice"),
    ] {
        assert_eq!(names(&catalogue, typed).await.first().map(String::as_str), Some(meant), "{typed}");
    }
    for nonsense in ["qqqqqq", "xyzzy", "zq", "天气预报", "%%%%", "notise 天气"] {
        assert_eq!(names(&catalogue, nonsense).await, [""; 0], "{nonsense}");
    }
}

#[tokio::test]
async fn what_fits_as_typed_brings_no_neighbours() {
    let database = TestDatabase::new().await;
    let catalogue = filled(&database, [plugin("mask"), plugin("task"), plugin("masks")]).await;
    assert_eq!(names(&catalogue, "mask").await, ["mask", "masks"]);
}

#[tokio::test]
async fn a_database_without_chinese_letters_finds_chinese_all_the_same() {
    let database = TestDatabase::empty("C").await;
    let masking = plugin("data-masking").title("data-masking", "手机号数据脱敏").readme("ÄRGER", "支持正则表达式");
    let catalogue = filled(&database, [masking]).await;
    assert_eq!(catalogue.search_note(), Some(SearchLoss::AsciiOnly));
    for text in ["脱敏", "数据", "手机号", "手", "正则", "maskng", "MASK", "ärger"] {
        assert_eq!(names(&catalogue, text).await, ["data-masking"], "{text}");
    }
}

#[tokio::test]
async fn a_database_without_trigrams_searches_and_forgives_nothing() {
    let database = TestDatabase::new().await;
    filled(&database, [plugin("data-masking").title("data-masking", "数据脱敏")]).await;
    database.connection().await.execute("DROP EXTENSION pg_trgm CASCADE").await.unwrap();
    let catalogue = database.catalogue().await;
    assert_eq!(catalogue.search_note(), Some(SearchLoss::NoTrigrams));
    assert_eq!(names(&catalogue, "asking").await, ["data-masking"]);
    assert_eq!(names(&catalogue, "脱敏").await, ["data-masking"]);
    assert_eq!(names(&catalogue, "maskng").await, [""; 0]);
}
