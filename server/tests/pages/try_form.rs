//! Trying a plugin by forms alone: by itself and on a service, what comes of it, its own address, and running it again.

use http::{HeaderMap, Method, StatusCode, header};
use marketplace_testkit::{TINY_WASM, wasm};

use crate::support::{
    browser::Browser,
    page::{Form, Page},
    product::Product,
};

const SUBMIT: &str = "/api/apply/submit";
const ALONE: &str = "/plugins/data-masking/try";
const ON_A_SERVICE: &str = "/services/bookinfo/reviews/apply/data-masking?step=try";

fn form(page: &Page) -> Form {
    page.form(SUBMIT)
}

/// The form with a plain exchange in it, whatever the sample says.
async fn plain(browser: &Browser, path: &str) -> Form {
    let mut typed = form(&browser.get(path).await);
    typed.fields.retain(|(name, _)| !name.starts_with("fields[try."));
    for (field, text) in [
        // The module of these tests refuses an empty configuration.
        ("config/mask", "*"),
        ("try.mode", "form"),
        ("try.request.path", "/reviews/7"),
        ("try.request.headers.0.name", "accept"),
        ("try.request.headers.0.value", "*/*"),
        ("try.upstream.status", "200"),
        ("try.upstream.body", "hello"),
    ] {
        typed.set(field, text);
    }
    typed
}

/// What stands in one of the signed lines.
fn lines(page: &Page, element: &str) -> Vec<String> {
    page.texts(&format!("{element}.side"))
}

#[tokio::test(flavor = "multi_thread")]
async fn by_itself_run_shown_and_run_again() {
    let (product, mesh) = Product::demo().await;
    let before = mesh.list("WasmPlugin");
    for (lang, [added, got, edit]) in [
        ("en", ["added: +x-tried: yes", "The client got 200 from the upstream", "Edit and run again"]),
        ("zh", ["新增: +x-tried: yes", "客户端收到上游的 200", "编辑后再次运行"]),
    ] {
        let browser = Browser::here(&product.router, lang);
        let plugin = browser.get("/plugins/data-masking").await;
        assert!(plugin.attributes("main a", "href").contains(&ALONE.to_owned()), "the plugin's page leads here");
        let page = browser.press(&plain(&browser, ALONE).await, ("do", "run")).await;
        assert!(page.path.contains("&run="), "{}: {}", page.path, page.visible());
        assert!(page.visible().contains(got), "{}", page.visible());
        assert_eq!(lines(&page, "ins"), [added, added], "{}", page.visible());
        let links = page.attributes("main a", "href");
        let own = links.iter().find(|link| link.starts_with("/runs/")).unwrap();
        let run = browser.get(own).await;
        assert_eq!((run.status, lines(&run, "ins").len()), (StatusCode::OK, 2));
        assert!(run.texts(".trace code").iter().any(|name| name == "proxy_add_header_map_value"), "{}", run.visible());
        let again = run.html();
        let again = again.select(&scraper::Selector::parse("main .page-actions a").unwrap()).next().unwrap();
        assert_eq!(again.text().collect::<String>(), edit);
        let page = browser.get(again.attr("href").unwrap()).await;
        assert_eq!(form(&page).get("try.request.path"), Some("/reviews/7"));
        for (file, what) in [("exchange.json", "\"plugins\""), ("report.json", "\"outcome\":\"responded\"")] {
            let answer = browser.get(&format!("{own}/{file}")).await;
            assert!(answer.status == 200 && answer.text.contains(what), "{file}: {}", answer.text);
        }
    }
    assert_eq!(mesh.list("WasmPlugin"), before, "nothing reaches the cluster");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_service_with_the_configuration_of_the_other_step() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let mut typed = plain(&browser, ON_A_SERVICE).await;
    typed.set("config/mask", "#");
    typed.set("try.request.headers.4.name", "x-deny");
    typed.set("try.request.headers.4.value", "1");
    let page = browser.press(&typed, ("do", "run")).await;
    let all = page.visible();
    assert!(all.contains("answered 403 itself; nothing reached the upstream"), "{all}");
    assert!(page.texts(".log-text").concat().contains("\"mask\":\"#\""), "{all}");
    // The result stands in the step, and the steps go on from there with everything that was typed.
    let page = browser.press(&form(&page), ("do", "step:review")).await;
    assert!(page.texts("pre").concat().contains("mask: '#'"), "{}", page.visible());
    let page = browser.press(&form(&page), ("do", "step:try")).await;
    assert_eq!(form(&page).get("try.request.headers.1.name"), None, "rows keep their numbers");
    assert_eq!(form(&page).get("try.request.headers.4.name"), Some("x-deny"));
    assert_eq!(form(&page).get("try.request.headers.5.name"), Some(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_shown_at_their_fields_in_both_languages() {
    let (product, _mesh) = Product::demo().await;
    for (lang, status, more) in [
        ("en", "wrong type", "line 2, column 1: clok: unknown field"),
        ("zh", "类型不符", "第 2 行第 1 列：clok：未知字段"),
    ] {
        let browser = Browser::here(&product.router, lang);
        let mut typed = plain(&browser, ALONE).await;
        typed.set("try.upstream.status", "2OO");
        typed.set("try.more", "seed: 1\nclok: now\n");
        let page = browser.press(&typed, ("do", "run")).await;
        assert!(page.path.contains("draft=") && !page.path.contains("run="), "{}", page.path);
        for (id, words) in [("f-try_2e_upstream_2e_status", status), ("f-try_2e_more", more)] {
            let problem = page.texts(&format!("[id='{id}-problem']")).concat();
            assert!(problem.contains(words), "{id}: {problem:?}");
            assert!(page.has(&format!("[id='{id}'][aria-invalid='true']")), "{id} is not marked");
        }
        let again = form(&page);
        assert_eq!(again.get("try.upstream.status"), Some("2OO"));
        assert_eq!(
            again.get("try.more").map(|text| text.replace("\r\n", "\n")).as_deref(),
            Some("seed: 1\nclok: now\n")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn form_and_yaml_are_two_views_of_one_exchange() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let page = browser.press(&plain(&browser, ALONE).await, ("do", "try-yaml")).await;
    let mut typed = form(&page);
    assert!(typed.get("try.yaml").unwrap().contains("path: /reviews/7"), "{typed:?}");
    typed.set("try.yaml", "request: {path: /other, body: {chunks: [a, b]}}\n");
    let page = browser.press(&typed, ("do", "try-form")).await;
    assert!(page.visible().contains("It stays YAML"), "{}", page.visible());
    let mut typed = form(&page);
    typed.set("try.yaml", "request: {path: /other}\nseed: 7\n");
    let page = browser.press(&typed, ("do", "try-form")).await;
    assert_eq!(
        (form(&page).get("try.request.path"), form(&page).get("try.more")),
        (Some("/other"), Some("seed: 7\r\n"))
    );
    let page = browser.press(&form(&page), ("do", "run")).await;
    assert!(page.path.contains("&run="), "{}", page.visible());
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_are_not_there() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    for path in [
        "/runs/x",
        "/runs/00000000-0000-4000-8000-000000000000",
        "/runs/00000000-0000-4000-8000-000000000000/report.json",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_try_over_http() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let post = async |path: &str, headers: &[(header::HeaderName, &str)], body: &str| {
        let headers: HeaderMap = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
        browser.exchange(Method::POST, path, headers, body.to_owned()).await
    };
    let yaml = "version: 1\nplugins: [{module: data-masking, config: {mask: x}}]\nrequest: {path: /a}\n";
    let answer = post("/api/try", &[(header::CONTENT_TYPE, "application/yaml")], yaml).await;
    let report: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((answer.status, &report["outcome"]), (StatusCode::OK, &"responded".into()), "{report}");
    assert_eq!((report.get("trace"), answer.header("content-type")), (None, "application/json"));
    let answer = post("/api/try?trace=true", &[(header::CONTENT_TYPE, "text/yaml")], yaml).await;
    assert!(answer.text.contains("\"trace\":["), "{}", answer.text);
    let answer = post("/api/try", &[], "{\"version\": 1}").await;
    let error: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((answer.status, &error["errors"][0]["code"]), (StatusCode::BAD_REQUEST, &"missing_field".into()));
    let answer = post("/api/try", &[(header::ORIGIN, "https://evil.example")], "{}").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = post("/api/try", &[], &"x".repeat(16 * 1024 * 1024 + 1)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_check_over_http() {
    let (product, _mesh) = Product::demo().await;
    let browser = Browser::here(&product.router, "en");
    let post = async |kind: &str, body: Vec<u8>| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        let answer = browser.exchange(Method::POST, "/api/check", headers, body).await;
        let json: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(
            (&json["format"], answer.header("content-type")),
            (&"marketplace-check/1".into(), "application/json")
        );
        (answer.status, json)
    };
    for (kind, body, verdict) in [
        ("application/wasm", wasm(1), "loads"),
        ("application/x-www-form-urlencoded", TINY_WASM.to_vec(), "refused"),
        ("application/octet-stream", b"hello".to_vec(), "not_wasm"),
        ("application/octet-stream", Vec::new(), "not_wasm"),
        ("application/json", b"{\"module\": \"data-masking\"}".to_vec(), "loads"),
        ("application/json; charset=utf-8", b"{\"module\": \"notice\"}".to_vec(), "loads"),
    ] {
        let (status, report) = post(kind, body).await;
        assert_eq!((status, &report["verdict"]), (StatusCode::OK, &verdict.into()), "{kind}");
    }
    // Field by field what the command line says.
    let (_, report) = post("application/wasm", TINY_WASM.to_vec()).await;
    let told = marketplace_sandbox::check::look(TINY_WASM).report(marketplace_domain::Lang::En);
    assert_eq!(report, serde_json::to_value(told).unwrap());

    let (status, error) = post("application/json", b"{\"module\": \"nobody\"}".to_vec()).await;
    assert_eq!((status, &error["errors"][0]["code"]), (StatusCode::BAD_REQUEST, &"module_not_found".into()));
    let (status, error) = post("application/wasm", vec![0; 16 * 1024 * 1024 + 1]).await;
    assert_eq!((status, &error["errors"][0]["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &"module_too_large".into()));
    let mut foreign = HeaderMap::new();
    foreign.insert(header::ORIGIN, "https://evil.example".parse().unwrap());
    assert_eq!(browser.exchange(Method::POST, "/api/check", foreign, wasm(1)).await.status, StatusCode::FORBIDDEN);
    let large = vec![0; 16 * 1024 * 1024];
    assert_eq!(post("application/wasm", large).await.0, StatusCode::OK, "the largest that there is");
}

/// A plugin whose module lies elsewhere, as somebody would add it.
async fn added(browser: &Browser, name: &str, url: &str) {
    let mut form = browser.get("/plugins/new").await.form("/api/plugin/save");
    for (field, text) in [
        ("name", name),
        ("titleZh", "外部"),
        ("descriptionEn", "Lies elsewhere."),
        ("descriptionZh", "位于别处。"),
        ("version", "1.0.0"),
        ("url", url),
    ] {
        form.set(field, text);
    }
    assert_eq!(browser.press(&form, ("", "")).await.path, format!("/plugins/{name}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_elsewhere_is_tried_or_said_why_not() {
    let (product, _mesh) = Product::demo().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let files = axum::Router::new().route("/x.wasm", axum::routing::get(async || marketplace_testkit::tagger()));
    tokio::spawn(async move { axum::serve(listener, files).await });
    let browser = Browser::here(&product.router, "en");
    added(&browser, "there", &format!("{base}/x.wasm")).await;
    added(&browser, "missing", &format!("{base}/y.wasm")).await;

    let page = browser.get("/plugins/there/try").await;
    assert_eq!(page.texts("select[name='fields[try.sample]'] option").len(), 3, "{}", page.visible());
    let hint = page.texts("[id='f-try_2e_sample-hint']").concat();
    assert_eq!(hint, "Takes the place of the exchange below.", "they say nothing about the configuration");
    let mut typed = form(&page);
    typed.set("yaml", "a: 1");
    let page = browser.press(&typed, ("do", "run")).await;
    assert!(page.path.contains("&run="), "{}: {}", page.path, page.visible());
    assert_eq!(lines(&page, "ins"), ["added: +x-tried: yes", "added: +x-tried: yes"]);

    for (lang, path, words) in [
        ("en", "/plugins/missing/try", "has no such file (404)"),
        ("zh", "/plugins/missing/try", "上没有该文件（404）"),
        (
            "en",
            "/services/bookinfo/reviews/apply/missing?step=try",
            "Nothing ran, because the module could not be fetched",
        ),
    ] {
        let browser = Browser::here(&product.router, lang);
        let mut typed = form(&browser.get(path).await);
        typed.set("try.request.path", "/kept");
        let page = browser.press(&typed, ("do", "run")).await;
        assert!(page.path.contains("draft=") && !page.path.contains("run="), "{}", page.path);
        let said = page.texts("[id='f-try_2e_module']").concat();
        assert!(said.contains(words), "{path}: {said}");
        assert_eq!(form(&page).get("try.request.path"), Some("/kept"));
    }
}
