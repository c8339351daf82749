//! Registries that ask who one is.

use marketplace_domain::fetch::{BadRealm, FetchProblem};
use marketplace_registry::manifest::OCI;

use crate::{
    pack::{MODULE, gzip, tar},
    site::{Site, answer, fetch, fetch_with, options},
};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// `user:pass`
const BASIC: &str = "Basic dXNlcjpwYXNz";

struct Guarded {
    site: Site,
    host: String,
    url: String,
}

/// A registry whose every answer needs this header.
async fn guarded(challenge: impl Fn(&Site) -> String, needed: &'static str) -> Guarded {
    let site = Site::start().await;
    let layer = gzip(&tar(&[("plugin.wasm", MODULE)]));
    site.image("p", "1", OCI, &[(LAYER, &layer)]);
    let challenge = challenge(&site);
    site.on("/v2/", move |headers, _| {
        if headers.get("authorization").is_some_and(|value| value == needed) {
            return answer(200, &[], "{}");
        }
        answer(401, &[("www-authenticate", &challenge)], "")
    });
    let (host, layer) = (site.at("r.example.com"), format!("/v2/p/blobs/sha256:{}", crate::pack::digest(&layer)));
    for path in ["/v2/p/manifests/1", &layer] {
        let body = site.body(path).await;
        site.on(path, move |headers, _| {
            let known = headers.get("authorization").is_some_and(|value| value == needed);
            if known { answer(200, &[("content-type", OCI)], body.clone()) } else { answer(401, &[], "") }
        });
    }
    let url = format!("oci://{host}/p:1");
    Guarded { site, host, url }
}

fn secret(host: &str, login: &str) -> String {
    let (user, password) = login.split_once(':').unwrap();
    serde_json::json!({"auths": {host: {"username": user, "password": password}}}).to_string()
}

#[tokio::test]
async fn with_a_password_where_the_realm_is_an_address() {
    let one = guarded(|site| format!("Basic realm=\"http://{}/\"", site.at("r.example.com")), BASIC).await;
    let registry = one.host.clone();
    assert_eq!(fetch(&one.url).await, Err(FetchProblem::LoginNeeded { registry: registry.clone() }));
    let with = async |secret: String| fetch_with(options(), &one.url, None, Some(&secret)).await;
    assert_eq!(with(secret(&one.host, "user:pass")).await.unwrap().bytes, MODULE);
    assert_eq!(
        with(secret(&one.host, "user:wrong")).await,
        Err(FetchProblem::LoginRefused { registry: registry.clone() })
    );
    // The key is the registry exactly; another one's password is not sent.
    assert_eq!(with(secret("r.example.com", "user:pass")).await, Err(FetchProblem::LoginNeeded { registry }));
    assert_eq!(with("nonsense".to_owned()).await, Err(FetchProblem::SecretMalformed));
}

#[tokio::test]
async fn a_realm_that_istio_refuses_is_refused_even_with_the_right_password() {
    let realm = |realm: &str, why| Err(FetchProblem::Realm { realm: realm.into(), why });
    let one = guarded(|_| "Basic realm=\"Registry Realm\"".into(), BASIC).await;
    let secret = secret(&one.host, "user:pass");
    let fetched = fetch_with(options(), &one.url, None, Some(&secret)).await;
    assert_eq!(fetched, realm("Registry Realm", BadRealm::NoAddress));

    // 127.0.0.1 may be called in these tests; Istio's agent would not.
    let one = guarded(|site| format!("Bearer realm=\"http://{}/token\"", site.at("127.0.0.1")), "Bearer abc").await;
    one.site.put("/token", br#"{"token": "abc"}"#);
    assert_eq!(fetch(&one.url).await, realm(&format!("http://{}/token", one.site.at("127.0.0.1")), BadRealm::Private));
    assert_eq!(one.site.count("/token"), 0);
}

#[tokio::test]
async fn a_realm_is_called_like_any_other_address() {
    let one =
        guarded(|site| format!("Bearer realm=\"http://{}/token\"", site.at("private.example.com")), "Bearer abc").await;
    assert!(matches!(fetch(&one.url).await, Err(FetchProblem::NotAllowed { .. })));
}

#[tokio::test]
async fn with_a_token() {
    let bearer = |site: &Site| format!("Bearer realm=\"http://{}/token\",service=\"r\"", site.at("auth.example.com"));
    let one = guarded(bearer, "Bearer abc").await;
    one.site.put("/token", br#"{"access_token": "abc"}"#);
    assert_eq!(fetch(&one.url).await.unwrap().bytes, MODULE);
    assert!(!one.site.headers("/token").contains_key("authorization"));
    let secret = secret(&one.host, "user:pass");
    assert!(fetch_with(options(), &one.url, None, Some(&secret)).await.is_ok());
    assert_eq!(one.site.headers("/token")["authorization"], BASIC);

    for (body, status) in [("nonsense", 200), ("{}", 200), ("", 200), ("no", 403), ("no", 500)] {
        one.site.on("/token", move |_, _| answer(status, &[], body));
        let problem = fetch(&one.url).await.unwrap_err();
        let fits = match status {
            403 => matches!(problem, FetchProblem::LoginNeeded { .. }),
            500 => matches!(problem, FetchProblem::Status { status: 500, .. }),
            // An empty token is one that the registry refuses.
            _ => matches!(problem, FetchProblem::Manifest(_) | FetchProblem::LoginNeeded { .. }),
        };
        assert!(fits, "{status} {body}: {problem:?}");
    }
}
