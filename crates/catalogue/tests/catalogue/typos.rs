use marketplace_testkit::{TestDatabase, plugin};

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
