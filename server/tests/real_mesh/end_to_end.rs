//! From a form to masked bytes and back, through the product's own pages.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{
    cluster::{Kubectl, kubeconfig, variable},
    support::{browser::Browser, product::Product, until},
};

/// The product on a real port of this machine, which proxies reach.
async fn start() -> Option<(Product, Browser, Kubectl)> {
    let path = kubeconfig()?;
    let machine = variable("MESH_HOST_FROM_PODS")?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let base = format!("http://{machine}:{}", address.port());
    let product = Product::real(path.clone(), &base, address).await;
    product.serve_on(listener);
    Some((product, Browser::there(&address.to_string(), "en"), Kubectl::new(path).await))
}

/// What a client outside gets from `reviews`.
async fn reviews(gateway: &str) -> (u16, String) {
    match reqwest::get(format!("{gateway}/reviews/1")).await {
        Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
        Err(error) => (0, error.to_string()),
    }
}

/// Waits until every one of many requests in a row satisfies: several pods answer in turn, and old connections drain.
async fn answers(gateway: &str, what: &str, fits: impl Fn(&str) -> bool) -> String {
    let (mut row, mut last) = (0, String::new());
    until(what, 60, async || {
        let (status, body) = reviews(gateway).await;
        row = if status == 200 && fits(&body) { row + 1 } else { 0 };
        if row == 0 {
            last = format!("{status} {body}");
        }
        row >= 20
    })
    .await;
    println!("{what}: so it is; before it was {}", last.chars().take(200).collect::<String>());
    last
}

#[tokio::test]
async fn a_plugin_is_applied_edited_and_uninstalled() {
    let Some((_product, browser, kubectl)) = start().await else { return };
    let Some(gateway) = variable("MESH_GATEWAY") else { return };
    let (namespace, name) = ("bookinfo", "data-masking-reviews");
    kubectl.delete(namespace, name).await;
    let mut found = None;
    until("there is a phone number to mask", 30, async || {
        found = phone(&reviews(&gateway).await.1);
        found.is_some()
    })
    .await;
    let secret = found.unwrap();
    answers(&gateway, "the number is readable", |body| body.contains(&secret)).await;

    // Configure, place and review, as somebody does who has no scripts.
    let page = browser.get("/services/bookinfo/reviews/apply/data-masking").await;
    assert_eq!(page.status, 200, "{}", page.visible());
    let page = browser.press(&page.form("/api/apply/submit"), ("do", "step:place")).await;
    let mut form = page.form("/api/apply/submit");
    form.set("phase", "AUTHN");
    form.set("priority", "321");
    let page = browser.press(&form, ("do", "step:review")).await;
    assert!(page.texts("pre").iter().any(|yaml| yaml.contains("priority: 321")), "{}", page.visible());
    let page = browser.press(&page.form("/api/apply/submit"), ("do", "apply")).await;
    assert!(page.path.starts_with("/services/bookinfo/reviews?applied="), "{}: {}", page.path, page.visible());

    let stored = kubectl.get(namespace, name).await.unwrap();
    assert_eq!((&stored["spec"]["phase"], &stored["spec"]["priority"]), (&json!("AUTHN"), &json!(321)));
    let masked = |mark: char| {
        let secret = secret.clone();
        move |body: &str| !body.contains(&secret) && body.matches(mark).count() >= 4
    };
    answers(&gateway, "the number is masked by *", masked('*')).await;

    // Another mask.
    let edit = format!("/installed/{namespace}/{name}/edit");
    until("the edit page knows it", 10, async || browser.get(&edit).await.status == 200).await;
    let page = browser.get(&edit).await;
    let mut form = page.form("/api/apply/submit");
    assert_eq!(form.get("config/mask"), Some("*"), "{form:?}");
    form.set("config/mask", "#");
    let page = browser.press(&form, ("do", "step:review")).await;
    let page = browser.press(&page.form("/api/apply/submit"), ("do", "apply")).await;
    assert!(page.path.contains("?applied="), "{}: {}", page.path, page.visible());
    answers(&gateway, "the number is masked by #", masked('#')).await;

    // Nothing changed: nothing is written.
    let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
    let before = kubectl.get(namespace, name).await.unwrap();
    until("the edit page shows the new mask", 10, async || {
        browser.get(&edit).await.form("/api/apply/submit").get("config/mask") == Some("#")
    })
    .await;
    let page = browser.press(&browser.get(&edit).await.form("/api/apply/submit"), ("do", "apply")).await;
    assert!(page.path.contains("?unchanged="), "{}: {}", page.path, page.visible());
    assert_eq!(version(&kubectl.get(namespace, name).await.unwrap()), version(&before));

    // Gone.
    let page = browser.get(&format!("/installed/{namespace}/{name}/uninstall")).await;
    let page = browser.press(&page.form("/api/uninstall"), ("", "")).await;
    assert!(page.path.starts_with("/installed"), "{}: {}", page.path, page.visible());
    assert!(kubectl.get(namespace, name).await.is_none());
    answers(&gateway, "the number is readable again", |body| body.contains(&secret)).await;

    let activity = browser.get("/activity").await;
    assert!(activity.text.matches(name).count() > 2, "{}", activity.visible());
}

/// A telephone number, as `reviews` has one.
fn phone(body: &str) -> Option<String> {
    let is_number = |text: &&str| text.len() == 11 && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_digit());
    body.split(|c: char| !c.is_ascii_digit()).find(is_number).map(str::to_owned)
}

#[tokio::test]
async fn a_plugin_made_with_kubectl_is_in_the_list() {
    let Some((_product, browser, kubectl)) = start().await else { return };
    kubectl.namespace("by-hand").await;
    kubectl.delete("by-hand", "from-kubectl").await;
    let spec = json!({
        "url": "oci://registry.example.com/from-kubectl:1", "verificationKey": "unknown to us",
        "selector": { "matchLabels": { "app": "nobody" } }, "pluginConfig": { "a": 1 },
    });
    kubectl.create("by-hand", "from-kubectl", &spec).await;
    let listed = async || browser.get("/installed?namespace=by-hand").await.text.contains("from-kubectl");
    until("it is in the list", 10, listed).await;

    // Edited here, it keeps what we do not know.
    let page = browser.get("/installed/by-hand/from-kubectl/edit?step=place").await;
    let mut form = page.form("/api/apply/submit");
    form.set("priority", "7");
    let page = browser.press(&form, ("do", "apply")).await;
    assert!(page.path.contains("?applied="), "{}: {}", page.path, page.visible());
    let mut wanted = spec.clone();
    wanted["priority"] = json!(7);
    assert_eq!(kubectl.get("by-hand", "from-kubectl").await.unwrap()["spec"], wanted);

    // What another owns is a conflict that names the owner, and nothing is written.
    let page = browser.get("/installed/by-hand/from-kubectl/edit?step=place").await;
    let mut form = page.form("/api/apply/submit");
    form.set("url", "oci://registry.example.com/from-kubectl:2");
    let page = browser.press(&form, ("do", "apply")).await;
    assert!(page.text.contains("kubectl-create") && page.text.contains("spec.url"), "{}", page.visible());
    assert_eq!(kubectl.get("by-hand", "from-kubectl").await.unwrap()["spec"], wanted);

    kubectl.delete("by-hand", "from-kubectl").await;
    until("it is gone from the list", 10, async || {
        !browser.get("/installed?namespace=by-hand").await.text.contains("oci://registry.example.com/from-kubectl")
    })
    .await;
}
