//! What there is not, what comes from elsewhere, and a cluster that is away.

use http::{HeaderMap, Method};

use crate::support::{browser::Browser, product::Product, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_not_is_a_page_of_its_own() {
    let (product, _mesh) = Product::demo().await;
    for (lang, words) in [("en", "Page not found"), ("zh", "页面不存在")] {
        let browser = Browser::here(&product.router, lang);
        for path in [
            "/nothing",
            "/plugins",
            "/plugins/no-such-plugin",
            "/plugins/Not%20A%20Name",
            "/plugins/no-such-plugin/edit",
            "/services/bookinfo/no-such-service",
            "/services/bookinfo/reviews/apply/no-such-plugin",
            "/installed/bookinfo/no-such-resource/edit",
        ] {
            let page = browser.get(path).await;
            assert_eq!(page.status, 404, "{path}: {}", page.visible());
            assert!(page.header("content-security-policy").contains("nonce-"), "{path} is a page");
            assert!(page.has("nav a[href='/traffic']"), "{path} has a way on");
            assert_eq!(page.texts("main h1").len(), 1, "{path} has a title");
        }
        let page = browser.get("/nothing").await;
        assert!(page.texts("main h1").concat().contains(words), "{}", page.visible());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_site_changes_nothing() {
    let (product, mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.get("/installed/shop/fraud-check/uninstall").await;
    let form = page.form("/api/uninstall");
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
    for (name, value) in [("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        let answer = browser.exchange(Method::POST, &form.action, headers, body.clone()).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
    assert!(mesh.get("WasmPlugin", "shop", "fraud-check").is_some());

    let page = browser.press(&form, ("", "")).await;
    assert!(page.path.starts_with("/installed"), "{}: {}", page.path, page.visible());
    assert!(mesh.get("WasmPlugin", "shop", "fraud-check").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_ours_is_not_answered() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let mut headers = HeaderMap::new();
    headers.insert("host", "evil.example:7420".parse().unwrap());
    let page = browser.exchange(Method::GET, "/", headers, String::new()).await;
    assert_eq!(page.status, 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_cluster_away_pages_stay_up_and_say_since_when() {
    let (product, mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    mesh.set_unreachable(true);
    until("the banner is there", 10, async || {
        browser.get("/traffic").await.text.contains("has not been reachable since")
    })
    .await;
    for path in ["/", "/traffic", "/services/bookinfo/reviews", "/installed", "/plugins/data-masking"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.has("main time[datetime]"), "{path} says since when: {}", page.visible());
    }
    assert!(browser.get("/traffic").await.text.contains("/services/bookinfo/reviews"), "what was last seen");
    mesh.set_unreachable(false);
    until("the banner is gone", 15, async || !browser.get("/traffic").await.text.contains("has not been reachable"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_pages_show_what_was_last_seen_and_nothing_typed_is_lost() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let pages =
        ["/", "/plugins/data-masking", "/services/bookinfo/reviews/apply/data-masking", "/traffic", "/activity"];
    let mut before = Vec::new();
    for path in pages {
        before.push(browser.get(path).await.texts("main h1"));
    }
    let mut form = browser.get("/plugins/new").await.form("/api/plugin/save");
    for (field, text) in [
        ("name", "check-header"),
        ("titleZh", "检查"),
        ("descriptionEn", "Checks it."),
        ("descriptionZh", "检查它。"),
        ("version", "1.0.0"),
        ("url", "oci://registry:5000/check-header:1"),
    ] {
        form.set(field, text);
    }

    product.database.set_away(true).await;
    for (path, titles) in pages.into_iter().zip(before) {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.visible());
        assert_eq!(page.texts("main h1"), titles, "{path}");
        assert!(page.text.contains("The database has not answered since"), "{path}: {}", page.visible());
        assert!(page.has("main time[datetime]"), "{path} says since when");
    }
    assert_eq!(browser.get("/plugins/notice").await.status, 503, "what was never read is not there");
    let page = browser.press(&form, ("", "")).await;
    assert!(page.visible().contains("nothing was changed"), "{}: {}", page.path, page.visible());
    let kept = page.form("/api/plugin/save");
    assert_eq!(kept.get("titleZh"), Some("检查"), "{}", page.visible());

    product.database.set_away(false).await;
    let page = browser.press(&kept, ("", "")).await;
    assert_eq!(page.path, "/plugins/check-header", "{}", page.visible());
    assert!(!page.text.contains("has not answered"), "{}", page.visible());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_readme_cannot_bring_scripts() {
    let (product, _mesh) = Product::demo().await;
    let mut draft = product.services.plugin_form(None, None).await.unwrap().draft;
    for (field, text) in [
        ("name", "evil"),
        ("titleZh", "<script>alert(1)</script>"),
        ("descriptionEn", "<img src=x onerror=alert(1)>"),
        ("descriptionZh", "\"><svg onload=alert(1)>"),
        ("version", "1.0.0"),
        ("url", "oci://registry:5000/evil:1"),
        ("readmeEn", "<script>alert(1)</script>[a](javascript:alert(1))<p style='x' onclick='y'>"),
    ] {
        draft.set(field, text);
    }
    product.services.save_plugin(None, &draft, None, "sre").await.unwrap();
    let browser = Browser::here(&product.router, "en");
    for path in ["/", "/plugins/evil", "/?text=%3Cscript%3Ealert(1)%3C/script%3E"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.has("[onerror], [onload], [onclick], [style], a[href^='javascript:'], main script, img"),
            "{path}"
        );
        let inline = page.texts("script");
        assert!(!inline.iter().any(|script| script.trim() == "alert(1)"), "{path}");
    }
}
