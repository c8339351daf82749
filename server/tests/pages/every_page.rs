//! What holds for each page: status, language, title, headers, nothing that the policy would refuse.

use std::collections::BTreeSet;

use crate::support::{browser::Browser, page::Page, product::Product};

const PAGES: [&str; 24] = [
    "/",
    "/?text=mask&category=security&sort=newest&page=1",
    "/?text=nothing-is-called-so",
    "/plugins/new",
    "/plugins/data-masking",
    "/plugins/notice",
    "/plugins/data-masking/apply",
    "/traffic",
    "/traffic?namespace=ambient&text=ord",
    "/services/bookinfo/reviews",
    "/services/plain/legacy",
    "/services/ambient/orders",
    "/services/bookinfo/reviews/apply",
    "/services/bookinfo/reviews/apply/data-masking",
    "/services/bookinfo/reviews/apply/data-masking?step=place",
    "/services/bookinfo/reviews/apply/data-masking?step=try",
    "/services/bookinfo/reviews/apply/data-masking?step=review",
    "/plugins/data-masking/try",
    "/plugins/notice/try?step=configure",
    "/services/bookinfo/reviews/apply/notice?step=configure",
    "/installed",
    "/installed/shop/request-tagger/edit",
    "/installed/shop/fraud-check/uninstall",
    "/activity",
];

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// What a page says in each language in its frame, and must not say in the other.
const FRAME: [(&str, [&str; 4]); 2] = [
    ("en", ["Plugin Marketplace", "Traffic plugins", "Activity", "Skip to the content"]),
    ("zh", ["插件市场", "流量插件", "操作记录", "跳到正文"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn is_there_in_both_languages() {
    let (product, _mesh) = Product::demo().await;
    let mut wrong = Vec::new();
    let mut titles = BTreeSet::new();
    for (lang, tag, other) in [("en", "en", FRAME[1].1), ("zh", "zh-CN", FRAME[0].1)] {
        let browser = Browser::here(&product.router, lang);
        let own = FRAME.iter().find(|(code, _)| *code == lang).unwrap().1;
        for path in PAGES {
            let page = browser.get(path).await;
            let mut expect = |holds: bool, what: &str| {
                if !holds {
                    wrong.push(format!("{lang} {path}: {what}"));
                }
            };
            expect(page.status == 200, &format!("status {}", page.status));
            expect(page.attributes("html", "lang") == [tag], "the language is not said");
            let title = page.texts("head > title").concat();
            expect(title.contains(own[0]), &format!("the title is {title:?}"));
            titles.insert(title);
            let headings = page.texts("main h1");
            expect(headings.len() == 1 && !headings[0].is_empty(), &format!("headings {headings:?}"));
            let words = page.texts("body").concat();
            for word in own {
                expect(words.contains(word), &format!("does not say {word}"));
            }
            for word in other {
                expect(!words.contains(word), &format!("says {word}"));
            }
            for heading in page.texts("main h2, main h3, main th, main legend, main label") {
                // Plugins show their names, and their READMEs, in both.
                let names =
                    path.starts_with("/?") || path == "/" || path.contains("/plugins/") || path.ends_with("apply");
                expect(names || lang == "zh" || !is_chinese(&heading), &format!("says {heading}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(titles.len() > 2 * 10, "pages have titles of their own: {titles:?}");
}

/// Everything a page must not hold under its own policy.
fn against_the_policy(page: &Page) -> Vec<String> {
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
    let mut wrong = Vec::new();
    if nonce.len() < 16 || !policy.contains("default-src 'none'") || policy.contains("'unsafe-inline'") {
        wrong.push(format!("policy {policy}"));
    }
    let html = page.html();
    for script in html.select(&scraper::Selector::parse("script").unwrap()) {
        if script.attr("nonce") != Some(nonce) {
            wrong.push(format!("a script without the nonce: {}", script.html().chars().take(200).collect::<String>()));
        }
    }
    for element in html.select(&scraper::Selector::parse("*").unwrap()) {
        let attributes = element.value().attrs();
        let bad = attributes.filter(|(name, _)| *name == "style" || name.starts_with("on"));
        wrong.extend(bad.map(|(name, value)| format!("{} has {name}={value:?}", element.value().name())));
        if ["style", "iframe", "object", "embed", "base"].contains(&element.value().name()) {
            wrong.push(format!("there is a {}", element.value().name()));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_to_its_policy() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let (mut wrong, mut nonces) = (Vec::new(), BTreeSet::new());
    for path in PAGES {
        let page = browser.get(path).await;
        wrong.extend(against_the_policy(&page).into_iter().map(|what| format!("{path}: {what}")));
        nonces.insert(page.header("content-security-policy").to_owned());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(nonces.len(), PAGES.len(), "a nonce is used once");
}

#[tokio::test(flavor = "multi_thread")]
async fn has_labels_and_ids_that_fit_together() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "zh");
    let mut wrong = Vec::new();
    for path in PAGES {
        let page = browser.get(path).await;
        let mut ids = BTreeSet::new();
        for id in page.attributes("[id]", "id") {
            if !ids.insert(id.clone()) {
                wrong.push(format!("{path}: the id {id} stands twice"));
            }
        }
        for (css, name) in [
            ("label[for]", "for"),
            ("[aria-describedby]", "aria-describedby"),
            ("[aria-labelledby]", "aria-labelledby"),
        ] {
            for value in page.attributes(css, name) {
                let missing = value.split_whitespace().filter(|id| !ids.contains(*id));
                wrong.extend(missing.map(|id| format!("{path}: {name} names {id}, which is not there")));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_somewhere() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let mut links = BTreeSet::new();
    for path in PAGES {
        links.extend(browser.get(path).await.attributes("a[href^='/']", "href"));
    }
    let mut wrong = Vec::new();
    for link in &links {
        let path = link.split('#').next().unwrap();
        let status = browser.get(path).await.status;
        if status != 200 {
            wrong.push(format!("{link}: {status}"));
        }
    }
    assert!(links.len() > 20, "{links:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_and_the_theme_are_chosen_by_forms() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.get("/traffic").await;
    let form = page.form("/preferences");
    let answer = browser.answer(&form, ("lang", "zh")).await;
    let location = answer.header("location");
    assert!(answer.status.is_redirection() && location.contains("/traffic"), "{} {location}", answer.status);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("lang=zh;") && cookie.contains("HttpOnly"), "{cookie}");
    let answer = browser.answer(&form, ("theme", "dark")).await;
    assert!(answer.header("set-cookie").starts_with("theme=dark;"), "{:?}", answer.headers);
}
