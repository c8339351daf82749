//! Moving an applied plugin to another version of the catalogue, by forms alone.

use crate::support::{
    browser::Browser,
    page::{Form, Page},
    product::Product,
    until,
};

const SUBMIT: &str = "/api/apply/submit";
const EDIT: &str = "/installed/bookinfo/moving-reviews/edit";

fn form(page: &Page) -> Form {
    page.form(SUBMIT)
}

/// Saves a plugin at this address as this version.
async fn saved(browser: &Browser, page: &str, version: &str, url: &str) {
    let mut form = browser.get(page).await.form("/api/plugin/save");
    for (field, text) in [
        ("name", "moving"),
        ("titleZh", "升级"),
        ("descriptionEn", "Moves on."),
        ("descriptionZh", "会升级。"),
        ("version", version),
        ("url", url),
        ("sha256", &version.repeat(64)[..64].replace('.', "0")),
    ] {
        form.set(field, text);
    }
    let page = browser.press(&form, ("", "")).await;
    assert_eq!(page.path, "/plugins/moving", "{}", page.visible());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_is_offered_chosen_reviewed_and_applied() {
    for (lang, newer, moves, chip) in [
        (
            "en",
            "A newer version is in the catalogue: 1.0 → 1.1.",
            "This edit moves the plugin from 1.0 to 1.1.",
            "newer version available",
        ),
        ("zh", "插件市场有新版本：1.0 → 1.1。", "本次编辑会把插件从 1.0 换为 1.1。", "有新版本"),
    ] {
        let (product, mesh) = Product::demo().await;
        let browser = Browser::here(&product.router, lang);
        saved(&browser, "/plugins/new", "1.0", "oci://10.0.0.1:5000/moving:1.0").await;
        let mut typed = form(&browser.get("/services/bookinfo/reviews/apply/moving").await);
        typed.set("yaml", "mine: 1");
        let page = browser.press(&typed, ("do", "apply")).await;
        assert!(page.path.contains("applied="), "{}: {}", page.path, page.visible());
        until("it can be edited", 5, async || browser.get(EDIT).await.status == 200).await;
        assert!(!browser.get(EDIT).await.has("#f-version"), "one version is no choice");

        saved(&browser, "/plugins/moving/edit", "1.1", "oci://10.0.0.1:5000/moving:1.1").await;
        assert!(browser.get("/installed").await.texts("tbody tr").concat().contains(chip));
        let page = browser.get(EDIT).await;
        assert!(page.texts("#f-version").concat().contains(newer), "{}", page.visible());
        let mut typed = form(&page);
        assert_eq!(typed.get("toVersion"), Some("1.1"), "the newest is ready to be taken");
        typed.set("yaml", "mine: 2");
        let page = browser.press(&typed, ("do", "version")).await;
        assert!(page.path.starts_with(&format!("{EDIT}?step=configure&draft=")), "{}", page.path);
        assert!(page.texts("#f-version").concat().contains(moves), "{}", page.visible());
        assert_eq!(form(&page).get("yaml"), Some("mine: 2"));

        let page = browser.press(&form(&page), ("do", "step:review")).await;
        let (gone, come) = (page.texts(".diff-removed").concat(), page.texts(".diff-added").concat());
        for (one, other) in [("moving:1.0", "moving:1.1"), ("sha256: '100", "sha256: '101"), ("mine: 1", "mine: 2")] {
            assert!(gone.contains(one) && come.contains(other), "{one}: {gone} / {come}");
        }
        let page = browser.press(&form(&page), ("do", "apply")).await;
        assert!(page.path.contains("applied=moving-reviews"), "{}: {}", page.path, page.visible());
        let spec = mesh.get("WasmPlugin", "bookinfo", "moving-reviews").unwrap()["spec"].clone();
        assert_eq!(
            (&spec["url"], &spec["pluginConfig"]["mine"]),
            (&"oci://10.0.0.1:5000/moving:1.1".into(), &2.into())
        );
        let activity = browser.get("/activity").await;
        assert!(activity.text.contains("moving-reviews"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_nobody_offers_is_refused_at_the_list() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    saved(&browser, "/plugins/new", "1.0", "oci://10.0.0.1:5000/moving:1.0").await;
    let page =
        browser.press(&form(&browser.get("/services/bookinfo/reviews/apply/moving").await), ("do", "apply")).await;
    assert!(page.path.contains("applied="), "{}", page.visible());
    until("it can be edited", 5, async || browser.get(EDIT).await.status == 200).await;
    saved(&browser, "/plugins/moving/edit", "1.1", "oci://10.0.0.1:5000/moving:1.1").await;
    let mut typed = form(&browser.get(EDIT).await);
    typed.put("fields[version]", "9.9");
    let page = browser.press(&typed, ("do", "apply")).await;
    assert!(page.path.contains("step=configure") && !page.path.contains("applied="), "{}", page.path);
    assert!(
        page.texts("[id='f-version-problem']").concat().contains("Choose one of the values offered."),
        "{}",
        page.visible()
    );
}
