//! Applying, editing and uninstalling by forms alone.

use serde_json::json;

use crate::support::{
    browser::Browser,
    page::{Form, Page},
    product::Product,
    until,
};

const SUBMIT: &str = "/api/apply/submit";
const APPLY: &str = "/services/bookinfo/reviews/apply/data-masking";

fn form(page: &Page) -> Form {
    page.form(SUBMIT)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_steps_without_scripts() {
    let (product, mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.get(APPLY).await;
    let mut typed = form(&page);
    typed.set("config/mask", "#");
    let page = browser.press(&typed, ("do", "step:place")).await;
    let mut typed = form(&page);
    typed.set("priority", "340");
    typed.set("phase", "AUTHN");
    let page = browser.press(&typed, ("do", "step:review")).await;
    let yaml = page.texts("pre").concat();
    for line in ["priority: 340", "phase: AUTHN", "mask: '#'", "app: reviews"] {
        assert!(yaml.contains(line), "{line} in {yaml}");
    }
    let page = browser.press(&form(&page), ("do", "apply")).await;
    assert_eq!(page.path, "/services/bookinfo/reviews?applied=data-masking-reviews", "{}", page.visible());
    let stored = mesh.get("WasmPlugin", "bookinfo", "data-masking-reviews").unwrap();
    assert_eq!(stored["spec"]["pluginConfig"]["mask"], "#");
    assert_eq!(stored["spec"]["pluginConfig"].get("plainAnswers"), None, "nobody chose it");

    let edit = "/installed/bookinfo/data-masking-reviews/edit";
    until("it can be edited", 5, async || browser.get(edit).await.status == 200).await;
    let page = browser.get(&format!("{edit}?step=place")).await;
    let mut typed = form(&page);
    assert_eq!(typed.get("priority"), Some("340"));
    typed.set("priority", "341");
    let page = browser.press(&typed, ("do", "step:review")).await;
    let changed: Vec<_> = page.texts("ins, del, .diff-added, .diff-removed, [data-sign]");
    assert!(page.visible().contains("priority: 341") && page.visible().contains("priority: 340"), "{changed:?}");
    let page = browser.press(&form(&page), ("do", "apply")).await;
    assert!(page.path.contains("?applied=data-masking-reviews"), "{}: {}", page.path, page.visible());
    let after = mesh.get("WasmPlugin", "bookinfo", "data-masking-reviews").unwrap();
    let mut wanted = stored["spec"].clone();
    wanted["priority"] = json!(341);
    assert_eq!(after["spec"], wanted);

    until("the list knows it", 5, async || browser.get("/installed").await.text.contains("data-masking-reviews")).await;
    let page = browser.get("/installed/bookinfo/data-masking-reviews/uninstall").await;
    let page = browser.press(&page.form("/api/uninstall"), ("", "")).await;
    assert!(page.path.starts_with("/installed?removed="), "{}", page.path);
    assert!(mesh.get("WasmPlugin", "bookinfo", "data-masking-reviews").is_none());
    let activity = browser.get("/activity").await;
    assert!(activity.text.matches("data-masking-reviews").count() >= 3, "{}", activity.visible());
}

/// Sends the form with one mistake; the page that follows shows what was typed, the problem, and where it is.
async fn refused(lang: &str, step: &str, changes: &[(&str, &str)], field_id: &str, words: &str) {
    let (product, mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, lang);
    let before = mesh.list("WasmPlugin").len();
    let page = browser.get(&format!("{APPLY}?step={step}")).await;
    let mut typed = form(&page);
    for (field, text) in changes {
        typed.set(field, text);
    }
    let page = browser.press(&typed, ("do", "apply")).await;
    assert_eq!(page.status, 200);
    assert!(page.path.contains(&format!("step={step}")) && page.path.contains("draft="), "{}", page.path);
    let problem = page.texts(&format!("[id='{field_id}-problem']")).concat();
    assert!(problem.contains(words), "{lang} {changes:?}: {problem:?} on {}", page.visible());
    let again = form(&page);
    for (field, text) in changes {
        assert_eq!(again.get(field).map(|kept| kept.replace("\r\n", "\n")).as_deref(), Some(*text), "{changes:?}");
    }
    assert!(page.has(&format!("[id='{field_id}'][aria-invalid='true']")), "{changes:?}: the field is not marked");
    assert_eq!(mesh.list("WasmPlugin").len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_shown_at_their_fields_with_what_was_typed() {
    for (lang, words) in [("en", "1000"), ("zh", "1000")] {
        refused(lang, "place", &[("priority", "1001"), ("ports", "9080")], "f-priority", words).await;
    }
    refused("en", "place", &[("priority", "ten")], "f-priority", "whole number").await;
    refused("zh", "place", &[("name", "Not A Name")], "f-name", "小写").await;
    refused("en", "place", &[("ports", "80,80")], "f-ports", "twice").await;
    refused("en", "configure", &[("config/maxBodyKiB", "5000")], "f-config.maxBodyKiB", "1024").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yaml_with_an_error_comes_back_with_line_and_column() {
    let (product, _mesh) = Product::demo().await;
    for (lang, words) in [("en", ["ine 2", "olumn"]), ("zh", ["第 2 行", "列"])] {
        let browser = Browser::here(&product.router, lang);
        let page = browser.press(&form(&browser.get(APPLY).await), ("do", "yaml")).await;
        let mut typed = form(&page);
        let yaml = "mask: '*'\nkeepFirst: \"\ndetectors: [phone\n";
        typed.set("yaml", yaml);
        let page = browser.press(&typed, ("do", "apply")).await;
        let all = page.visible();
        let broken = all.contains("YAML") && words.iter().any(|word| all.contains(word));
        assert!(broken, "{lang}: {all}");
        assert_eq!(form(&page).get("yaml").map(|kept| kept.replace("\r\n", "\n")).as_deref(), Some(yaml));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_rows_grow_without_scripts() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.press(&form(&browser.get(APPLY).await), ("do", "add:config/patterns")).await;
    let mut typed = form(&page);
    assert!(typed.get("config/patterns/1/match").is_some(), "{typed:?}");
    typed.set("config/patterns/1/match", "secret-[0-9]+");
    typed.set("env.0.name", "REGION");
    typed.set("env.0.value", "eu");
    let page = browser.press(&typed, ("do", "remove:config/patterns/0")).await;
    let typed = form(&page);
    assert_eq!(typed.get("config/patterns/0/match"), Some("secret-[0-9]+"));
    assert_eq!(typed.get("config/patterns/1/match"), None);
    assert_eq!((typed.get("env.0.name"), typed.get("env.1.name")), (Some("REGION"), Some("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_names_the_owner_and_keeps_what_was_typed() {
    let (product, mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let before = mesh.get("WasmPlugin", "shop", "request-tagger");
    let mut typed = form(&browser.get("/installed/shop/request-tagger/edit?step=place").await);
    typed.set("priority", "900");
    let page = browser.press(&typed, ("do", "apply")).await;
    assert!(page.has("table.owners"), "{}", page.visible());
    let owners = page.texts("table.owners td");
    assert_eq!(owners, ["spec.priority", "argocd-controller"]);
    assert_eq!(form(&page).get("priority"), Some("900"));
    assert_eq!(mesh.get("WasmPlugin", "shop", "request-tagger"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_rights_the_page_says_so_and_keeps_what_was_typed() {
    let (product, mesh) = Product::demo().await;
    mesh.set_forbidden(true);
    let browser = Browser::here(&product.router, "zh");
    let mut typed = form(&browser.get(&format!("{APPLY}?step=place")).await);
    typed.set("priority", "42");
    let page = browser.press(&typed, ("do", "apply")).await;
    assert_eq!(page.status, 200);
    assert!(page.visible().contains("权"), "{}", page.visible());
    assert_eq!(form(&page).get("priority"), Some("42"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_no_plugin_reaches_says_why() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let mut typed = form(&browser.get("/services/plain/legacy/apply/data-masking?step=review").await);
    typed.set("name", "x");
    let page = browser.press(&typed, ("do", "apply")).await;
    assert!(page.path.contains("draft="), "{}", page.path);
    assert!(page.visible().contains("sidecar"), "{}", page.visible());
}
