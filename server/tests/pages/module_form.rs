//! "Will it load?" on the pages, and files that are uploaded, by forms alone.

use marketplace_testkit::{TINY_WASM, wasm};

use crate::support::{browser::Browser, page::Form, product::Product, until};

const SAVE: &str = "/api/plugin/save";
const UPLOAD: &str = "/uploads";

async fn filled(browser: &Browser, name: &str, url: &str) -> Form {
    let mut form = browser.get("/plugins/new").await.form(SAVE);
    for (field, text) in [
        ("name", name),
        ("titleZh", "检查请求头"),
        ("descriptionEn", "Checks a header."),
        ("descriptionZh", "检查一个请求头。"),
        ("version", "1.0.0"),
        ("url", url),
    ] {
        form.set(field, text);
    }
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_stands_on_cards_facets_and_the_plugins_page() {
    let (product, _mesh) = Product::demo().await;
    for (lang, chip, yes) in [("en", "✓ loads", "yes"), ("zh", "✓ 可加载", "能")] {
        let browser = Browser::here(&product.router, lang);
        until("the built-in plugins are looked at", 20, async || {
            browser.get("/").await.texts(".plugin-chips").iter().filter(|chips| chips.contains(chip)).count() == 2
        })
        .await;
        assert_eq!(browser.get("/?loads=yes").await.texts(".plugin-tile").len(), 2);
        assert_eq!(browser.get("/?loads=no&loads=unknown").await.texts(".plugin-tile").len(), 0);
        let page = browser.get("/plugins/data-masking").await;
        let head = page.texts(".plugin-side .module-head").concat();
        assert!(head.ends_with(yes), "{head}");
        assert!(page.texts(".plugin-side .fact-list").concat().contains("proxy-wasm 0.2.1"));
        let page = browser.get("/plugins/data-masking?tab=module").await;
        assert!(page.has("form[action='/api/plugin/look-again']"));
        let again = browser.press(&page.form("/api/plugin/look-again"), ("", "")).await;
        assert_eq!(again.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_checked_by_a_button_and_the_form_stays() {
    let (product, _mesh) = Product::demo().await;
    for (lang, words) in [("en", "--allow-fetch-from"), ("zh", "私有地址")] {
        let browser = Browser::here(&product.router, lang);
        let mut form = filled(&browser, "not finished", "http://10.0.0.1/x.wasm").await;
        form.set("readmeEn", "# kept");
        let page = browser.press(&form, ("do", "look")).await;
        assert!(page.path.starts_with("/plugins/new?draft="), "{}", page.path);
        let said = page.texts(".module-answer").concat();
        assert!(said.contains(words), "{said}");
        // Nothing else is said before the form is sent.
        assert!(!page.has("#summary"), "{}", page.visible());
        let again = page.form(SAVE);
        for field in ["name", "titleZh", "url", "readmeEn"] {
            assert_eq!(again.get(field), form.get(field), "{field}");
        }
        let sent = browser.press(&again, ("", "")).await;
        assert!(!sent.texts("[id='f-name-problem']").concat().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_and_served() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let module = wasm(9);
    let form = filled(&browser, "uploaded", "").await;
    let page = browser.send_file(&form, UPLOAD, "check header.wasm", &module).await;
    assert!(page.path.starts_with("/plugins/new?draft="), "{}: {}", page.path, page.text);
    assert!(page.texts(".uploaded").concat().contains("check header.wasm"), "{}", page.visible());
    assert!(page.texts(".module-answer").concat().contains("yes"));
    let again = page.form(SAVE);
    assert_eq!(again.get("descriptionZh"), Some("检查一个请求头。"));
    let digest = again.get("hosted").unwrap().to_owned();

    let page = browser.press(&again, ("", "")).await;
    assert_eq!(page.path, "/plugins/uploaded", "{}", page.visible());
    assert!(page.text.contains(&format!("/modules/{digest}.wasm")));
    let served = browser.get(&format!("/modules/{digest}.wasm")).await;
    assert_eq!(served.header("content-type"), "application/wasm");

    // The edit page has it, and can put it away for an address.
    let edit = browser.get("/plugins/uploaded/edit").await.form(SAVE);
    assert_eq!(edit.get("hosted"), Some(digest.as_str()));
    let page = browser.press(&edit, ("do", "no-file")).await;
    assert_eq!(page.form(SAVE).get("url"), Some(""));
    assert!(page.path.starts_with("/plugins/uploaded/edit?draft="));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_none_are_refused_at_their_field_and_nothing_is_lost() {
    let (product, _mesh) = Product::demo().await;
    let large = vec![0; 17 * 1024 * 1024];
    for (lang, content, words) in [
        ("en", b"hello, world".as_slice(), "not a whole WebAssembly module"),
        ("zh", b"hello, world", "不是完整的 WebAssembly 模块"),
        ("en", b"", "Choose a .wasm file"),
        ("en", &large, "larger than 16.0 MiB"),
    ] {
        let browser = Browser::here(&product.router, lang);
        let form = filled(&browser, "kept", "oci://r.example.com/p:1").await;
        let page = browser.send_file(&form, UPLOAD, "x.wasm", content).await;
        let problem = page.texts("[id='f-file-problem']").concat();
        assert!(problem.contains(words), "{lang}: {problem} on {}", page.visible());
        let again = page.form(SAVE);
        for field in ["name", "titleZh", "descriptionEn", "descriptionZh", "version", "url"] {
            assert_eq!(again.get(field), form.get(field), "{field}");
        }
    }
    let browser = Browser::here(&product.router, "en");
    let mut form = filled(&browser, "x", "").await;
    form.put("editing", "data-masking");
    assert_eq!(browser.send_file(&form, UPLOAD, "x.wasm", &wasm(1)).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_envoy_refuses_is_applied_only_after_a_word() {
    let (product, _mesh) = Product::demo().await;
    for (lang, title) in [("en", "Envoy would not load this module"), ("zh", "Envoy 不会加载该模块")] {
        let browser = Browser::here(&product.router, lang);
        let name = format!("tiny-{lang}");
        let page = browser.send_file(&filled(&browser, &name, "").await, UPLOAD, "tiny.wasm", TINY_WASM).await;
        let page = browser.press(&page.form(SAVE), ("", "")).await;
        assert_eq!(page.path, format!("/plugins/{name}"), "{}", page.visible());

        let review = browser.get(&format!("/services/bookinfo/reviews/apply/{name}?step=review")).await;
        assert!(review.text.contains(title), "{}", review.visible());
        let mut form = review.form("/api/apply/submit");
        let page = browser.press(&form, ("do", "apply")).await;
        assert!(!page.path.contains("applied="), "{}", page.path);
        assert!(!page.texts("[id='f-confirmRefused-problem']").concat().is_empty(), "{}", page.visible());
        form.set("confirmRefused", "yes");
        let page = browser.press(&form, ("do", "apply")).await;
        assert!(page.path.contains("applied="), "{}: {}", page.path, page.visible());
    }
}
