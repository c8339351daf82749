//! Applied, at work, replaced under load, at work.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
};
use kube::api::{Patch, PatchParams};
use reqwest::{Client, Method, header::HeaderMap};
use serde_json::json;

use crate::{
    cluster::{Kubectl, kubeconfig, variable},
    load::Load,
    next::NextVersions,
    support::{
        browser::Browser,
        product::{Product, built_plugins},
        until,
    },
};

const SUBMIT: &str = "/api/apply/submit";
const NAMESPACE: &str = "bookinfo";
/// `reviews` runs in four pods.
const PROXIES: usize = 4;

/// Of {"iss":"test","sub":"ann","aud":"reviews","exp":4102444800}, with the key below.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6InQifQ.eyJpc3MiOiJ0ZXN0Iiwic3ViIjoiYW5uIiwiYXVkIjoicmV2aWV3cyIsImV4cCI6NDEwMjQ0NDgwMH0.vqcLSbhX3ZCFHMkDTjyPUGfoYfcV3_Hi0ikhrGh9quQ";
/// The same, signed with another key.
const FORGED: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6InQifQ.eyJpc3MiOiJ0ZXN0Iiwic3ViIjoiYW5uIiwiYXVkIjoicmV2aWV3cyIsImV4cCI6NDEwMjQ0NDgwMH0.paak_BH1HSB4maQH28XiCBcwvGXKhTCo7T2ciC2JSnc";
const JWT: &str = r#"
consumers:
  - name: ann
    issuer: test
    audiences: [reviews]
    jwks: '{"keys":[{"kty":"oct","kid":"t","alg":"HS256","k":"YSBzZWNyZXQgb2YgdGhlIHRlc3QsIGxvbmcgZW5vdWdoIGZvciBIUzI1Ng"}]}'
exempt:
  - methods: [OPTIONS]
"#;
const CORS: &str =
    "allow_origins: ['https://shop.example.com']\nallow_methods: [GET]\nallow_headers: [Authorization]\n";
const MASKING: &str = "detectors: [phone, email]\n";
/// Three a day for each key but that of the load.
const LIMIT: &str = r#"
rule_items:
  - limit_by_per_header: x-key
    limit_keys:
      - {key: load, query_per_second: 100000}
      - {key: "*", query_per_day: 3}
show_limit_quota_header: true
"#;

/// What `details` answers at this path is the answer of the service that is asked.
fn ext_auth(path: &str) -> String {
    format!("service: {{host: details.{NAMESPACE}.svc.cluster.local, port: 9080, path: {path}, timeoutMs: 5000}}\n")
}

/// The product, and what proxies fetch from it.
struct Bench {
    product: Product,
    browser: Browser,
    kubectl: Kubectl,
    base: String,
    fetched: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    async fn start() -> Option<Self> {
        let path = kubeconfig()?;
        let machine = variable("MESH_HOST_FROM_PODS")?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let base = format!("http://{machine}:{}", address.port());
        let product = Product::real(path.clone(), &base, address).await;
        let fetched = Arc::<Mutex<Vec<String>>>::default();
        let notes = fetched.clone();
        let router = product.router.clone().layer(from_fn(move |request: Request, next: Next| {
            if request.uri().path().starts_with("/modules/") {
                notes.lock().unwrap().push(request.uri().path().to_owned());
            }
            next.run(request)
        }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let browser = Browser::there(&address.to_string(), "en");
        Some(Self { product, browser, kubectl: Kubectl::new(path).await, base, fetched })
    }

    /// By the forms, with the configuration as YAML.
    async fn apply(&self, plugin: &str, yaml: &str) {
        let page = self.browser.get(&format!("/services/{NAMESPACE}/reviews/apply/{plugin}")).await;
        assert_eq!(page.status, 200, "{plugin}: {}", page.visible());
        self.configure(page, yaml).await;
    }

    async fn configure(&self, page: crate::support::page::Page, yaml: &str) {
        let mut form = page.form(SUBMIT);
        if form.get("mode") != Some("yaml") {
            form = self.browser.press(&form, ("do", "yaml")).await.form(SUBMIT);
        }
        form.set("yaml", yaml);
        let page = self.browser.press(&form, ("do", "step:review")).await;
        let page = self.browser.press(&page.form(SUBMIT), ("do", "apply")).await;
        assert!(page.path.contains("applied="), "{}: {}", page.path, page.visible());
    }

    /// The edit page, once the product has seen what is in the cluster.
    async fn edit(&self, plugin: &str, step: &str) -> crate::support::page::Page {
        let name = format!("{plugin}-reviews");
        let stored = self.kubectl.get(NAMESPACE, &name).await.unwrap();
        let seen = stored["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
        let address = format!("/installed/{NAMESPACE}/{name}/edit?step={step}");
        until("the edit page knows it", 15, async || {
            let page = self.browser.get(&address).await;
            page.status == 200 && page.form(SUBMIT).get("seen") == Some(&seen)
        })
        .await;
        self.browser.get(&address).await
    }

    /// Gives a plugin another module, as somebody with kubectl does it.
    async fn replace(&self, plugin: &str, digest: &str) {
        let spec = json!({ "url": format!("{}/modules/{digest}.wasm", self.base), "sha256": digest });
        let patch = Patch::Merge(json!({ "spec": spec }));
        let name = format!("{plugin}-reviews");
        self.kubectl.plugins(NAMESPACE).patch(&name, &PatchParams::default(), &patch).await.unwrap();
    }

    fn fetches(&self, digest: &str) -> usize {
        self.fetched.lock().unwrap().iter().filter(|path| path.contains(digest)).count()
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

async fn ask(client: &Client, method: Method, gateway: &str, headers: &[(&str, &str)]) -> Result<Answer, String> {
    let mut request = client.request(method, format!("{gateway}/reviews/1"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Ok(Answer { status, headers, body: answer.text().await.map_err(|error| format!("{error:?}"))? })
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// One request on which all five plugins must have done their work.
async fn all_at_work(client: Client, gateway: &str, secret: &str) -> Result<(), String> {
    let token = bearer(TOKEN);
    let headers = [("authorization", &token[..]), ("origin", "https://shop.example.com"), ("x-key", "load")];
    let answer = ask(&client, Method::GET, gateway, &headers).await?;
    let right = answer.status == 200
        && answer.header("access-control-allow-origin") == "https://shop.example.com"
        && answer.header("x-ratelimit-limit") == "100000"
        && answer.body.contains("****")
        && !answer.body.contains(secret);
    right.then_some(()).ok_or_else(|| format!("{} {:?} {}", answer.status, answer.headers, answer.body))
}

/// What each of them refuses.
async fn each_refuses(client: &Client, gateway: &str) {
    // Proxies remember what keys had in an earlier run.
    let key = uuid::Uuid::new_v4().to_string();
    let token = bearer(TOKEN);
    let good = ("authorization", &token[..]);
    let status = async |headers: &[(&str, &str)]| ask(client, Method::GET, gateway, headers).await.unwrap().status;
    assert_eq!(status(&[]).await, 401, "without token");
    assert_eq!(status(&[("authorization", &bearer(FORGED))]).await, 401, "with a forged token");
    let preflight = async |origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "GET")];
        ask(client, Method::OPTIONS, gateway, &headers).await.unwrap()
    };
    let allowed = preflight("https://shop.example.com").await;
    assert_eq!(allowed.header("access-control-allow-methods"), "GET", "{} {:?}", allowed.status, allowed.headers);
    assert_eq!(preflight("https://evil.example.com").await.header("access-control-allow-origin"), "");
    let mut statuses = Vec::new();
    for _ in 0..40 {
        statuses.push(status(&[good, ("x-key", &key)]).await);
    }
    let passed = statuses.iter().filter(|status| **status == 200).count();
    // Three in each proxy, and nothing but refusals after that.
    assert!((3..=3 * PROXIES).contains(&passed), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 40 - passed, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_plugins_do_their_work_and_lose_nothing_when_they_are_replaced() {
    let Some(bench) = Bench::start().await else { return };
    let Some(gateway) = variable("MESH_GATEWAY") else { return };
    let plugins = ["ext-auth", "jwt-auth", "cors", "data-masking", "local-rate-limit"];
    for plugin in plugins {
        bench.kubectl.delete(NAMESPACE, &format!("{plugin}-reviews")).await;
    }
    let client = Client::builder().no_proxy().build().unwrap();
    let plain = async || ask(&client, Method::GET, &gateway, &[]).await.map_or(0, |answer| answer.status);
    let mut row = 0;
    until("nothing is in the way", 60, async || {
        row = if plain().await == 200 { row + 1 } else { 0 };
        row >= 20
    })
    .await;
    let body = ask(&client, Method::GET, &gateway, &[]).await.unwrap().body;
    let secret = phone(&body).unwrap();

    // The service that is asked says no, and then yes.
    bench.apply("ext-auth", &ext_auth("/status/403")).await;
    until("the service that is asked refuses", 60, async || plain().await == 403).await;
    bench.configure(bench.edit("ext-auth", "configure").await, &ext_auth("/status/200")).await;
    for (plugin, yaml) in plugins.into_iter().zip(["", JWT, CORS, MASKING, LIMIT]).skip(1) {
        bench.apply(plugin, yaml).await;
    }
    let mut row = 0;
    until("all five are at work", 60, async || {
        row = if all_at_work(client.clone(), &gateway, &secret).await.is_ok() { row + 1 } else { 0 };
        row >= 30
    })
    .await;
    each_refuses(&client, &gateway).await;

    let next = NextVersions::of(&built_plugins(), &plugins);
    assert_eq!(bench.product.services.seed(next.folder()).await.unwrap(), plugins.len());
    let load = {
        let (gateway, secret) = (gateway.clone(), secret.clone());
        Load::start(4, move |client| {
            let (gateway, secret) = (gateway.clone(), secret.clone());
            async move { all_at_work(client, &gateway, &secret).await }
        })
    };
    let start = Instant::now();
    for plugin in plugins {
        let digest = next.digest(plugin);
        bench.replace(plugin, &digest).await;
        until("all proxies have fetched the new module", 30, async || bench.fetches(&digest) >= PROXIES).await;
    }
    // The proxies compile it, and go on with it.
    let replaced = load.count();
    let goes_on = async || {
        while load.count() < replaced + 50 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(60), goes_on()).await;
    println!("{} answers while they were replaced, {} after that", replaced, load.count() - replaced);
    let (count, wrong) = load.end().await;
    println!("{} replaced in {:?} under {count} requests, {} lost", plugins.len(), start.elapsed(), wrong.len());
    assert!(count >= 20, "only {count} requests were made");
    assert!(wrong.is_empty(), "{} of {count}: {:?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    for _ in 0..30 {
        assert_eq!(all_at_work(client.clone(), &gateway, &secret).await, Ok(()));
    }
    each_refuses(&client, &gateway).await;

    for plugin in plugins {
        bench.kubectl.delete(NAMESPACE, &format!("{plugin}-reviews")).await;
    }
    until("nothing is in the way again", 60, async || plain().await == 200).await;
}

/// A telephone number, as `reviews` has one.
fn phone(body: &str) -> Option<String> {
    let is_number = |text: &&str| text.len() == 11 && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_digit());
    body.split(|c: char| !c.is_ascii_digit()).find(is_number).map(str::to_owned)
}
