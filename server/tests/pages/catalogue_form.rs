//! Adding, editing and deleting plugins of the catalogue by forms alone.

use crate::support::{browser::Browser, page::Form, product::Product, until};

const SAVE: &str = "/api/plugin/save";

async fn filled(browser: &Browser) -> Form {
    let mut form = browser.get("/plugins/new").await.form(SAVE);
    for (field, text) in [
        ("name", "check-header"),
        ("titleZh", "检查请求头"),
        ("descriptionEn", "Checks a header."),
        ("descriptionZh", "检查一个请求头。"),
        ("version", "1.0.0"),
        ("url", "oci://registry:5000/check-header:latest"),
        ("category", "traffic"),
    ] {
        form.set(field, text);
    }
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_is_added_edited_and_deleted() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.press(&filled(&browser).await, ("", "")).await;
    assert_eq!(page.path, "/plugins/check-header", "{}", page.visible());
    assert!(page.text.contains("oci://registry:5000/check-header:latest"));
    assert!(browser.get("/?text=check").await.text.contains("/plugins/check-header"));

    let mut form = browser.get("/plugins/check-header/edit").await.form(SAVE);
    assert_eq!(form.get("titleZh"), Some("检查请求头"));
    form.set("descriptionEn", "Looks at a header.");
    let page = browser.press(&form, ("", "")).await;
    assert!(page.text.contains("Looks at a header."), "{}", page.visible());

    let page = browser.get("/plugins/check-header/delete").await;
    let page = browser.press(&page.form("/api/plugin/delete"), ("", "")).await;
    assert_eq!(page.status, 200, "{}", page.visible());
    assert_eq!(browser.get("/plugins/check-header").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_come_back_with_what_was_typed() {
    let (product, _mesh) = Product::demo().await;
    for (lang, field, typed, words) in [
        ("en", "url", "10.0.0.5:5000/p", "oci://10.0.0.5:5000/p"),
        ("zh", "url", "10.0.0.5:5000/p", "oci://10.0.0.5:5000/p"),
        ("en", "name", "data-masking", "exists"),
        ("zh", "name", "Not A Name", "小写"),
        ("en", "priority", "0", "1000"),
        ("en", "version", "1 0", "letters"),
        ("zh", "titleZh", "", ""),
        ("en", "schema", "{\"type\": ", ""),
    ] {
        let browser = Browser::here(&product.router, lang);
        let mut form = filled(&browser).await;
        form.set(field, typed);
        let page = browser.press(&form, ("", "")).await;
        assert!(page.path.starts_with("/plugins/new?draft="), "{lang} {field}: {}", page.path);
        let problem = page.texts(&format!("[id='f-{field}-problem']")).concat();
        assert!(!problem.is_empty() && problem.contains(words), "{lang} {field}: {problem:?} on {}", page.visible());
        let again = page.form(SAVE);
        for name in ["titleZh", "url", "version", "category", "descriptionZh", "priority", "schema"] {
            let wanted = if name == field { Some(typed) } else { form.get(name) };
            assert_eq!(again.get(name), wanted, "{lang} {field}: {name} was lost");
        }
    }
    assert_eq!(Browser::here(&product.router, "en").get("/plugins/check-header").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_in_use_is_not_deleted() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    browser.press(&filled(&browser).await, ("", "")).await;
    let page = browser.get("/services/bookinfo/reviews/apply/check-header?step=review").await;
    let page = browser.press(&page.form("/api/apply/submit"), ("do", "apply")).await;
    assert!(page.path.contains("?applied="), "{}: {}", page.path, page.visible());
    until("its use is known", 5, async || {
        browser.get("/plugins/check-header").await.text.contains("check-header-reviews")
    })
    .await;
    let page = browser.get("/plugins/check-header/delete").await;
    assert!(page.text.contains("bookinfo") && page.text.contains("reviews"), "{}", page.visible());
    assert!(!page.has("form[action='/api/plugin/delete']"), "there is nothing to press");
    assert_eq!(browser.get("/plugins/check-header").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn built_in_plugins_have_no_form() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.get("/plugins/data-masking").await;
    assert!(!page.has("main a[href='/plugins/data-masking/edit']"));
    let mut form = filled(&browser).await;
    form.put("editing", "data-masking");
    let answer = browser.answer(&form, ("", "")).await;
    let saved = answer.header("location") == "/plugins/data-masking";
    assert!(!saved, "{}: {}", answer.status, answer.header("location"));
    assert!(browser.get("/plugins/data-masking").await.text.contains("Data masking"));
}
