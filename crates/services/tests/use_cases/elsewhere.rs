//! Trying modules that lie elsewhere: fetched as proxies fetch them, every refusal said at its place.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use marketplace_domain::{
    Problem, Reason,
    fetch::FetchProblem,
    problem::BadSecret,
    views::{
        apply::ApplyTarget,
        trial::{LeftOut, SampleTitle},
    },
};
use marketplace_services::{Asked, Checked, ToCheck};
use marketplace_testkit::{TINY_WASM, tagger, wasm};
use serde_json::{Value, json};

use crate::{
    modules::form,
    setup::{Setup, WHO, digest, edit, new, only, refused, setup, until},
};

/// A web server that answers every request alike, and counts them.
struct Web {
    address: String,
    asked: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Web {
    async fn serving(content: Vec<u8>) -> Self {
        Self::answering(move |_| ("200 OK", content.clone())).await
    }

    async fn answering(answer: impl Fn(&str) -> (&'static str, Vec<u8>) + Send + 'static) -> Self {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked: Arc<AtomicUsize> = Arc::default();
        let counted = asked.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 8192];
                let read = stream.read(&mut request).await.unwrap_or_default();
                counted.fetch_add(1, Ordering::SeqCst);
                let (status, content) = answer(&String::from_utf8_lossy(&request[..read]));
                let head =
                    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", content.len());
                let _ = stream.write_all(&[head.as_bytes(), &content].concat()).await;
            }
        });
        Self { address, asked, task }
    }

    fn url(&self) -> String {
        format!("http://{}/x.wasm", self.address)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// As the API server keeps what is secret.
fn base64(text: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let three = |bytes: &[u8]| {
        let number = bytes.iter().chain(&[0; 3]).take(3).fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let sign = |place: usize| match place <= bytes.len() {
            true => char::from(SIGNS[number >> (18 - 6 * place) & 63]),
            false => '=',
        };
        (0..4).map(sign).collect::<String>()
    };
    text.as_bytes().chunks(3).map(three).collect()
}

fn alone(plugin: &str) -> ApplyTarget {
    ApplyTarget::Alone { plugin: plugin.to_owned(), version: String::new() }
}

async fn added(setup: &Setup, name: &str, url: &str, sha256: &str) {
    let mut draft = form(name, url);
    draft.set("sha256", sha256);
    setup.services.save_plugin(None, &draft, None, WHO).await.unwrap();
}

async fn problems(setup: &Setup, target: &ApplyTarget, changes: &[(&str, &str)]) -> Vec<Problem> {
    let draft = setup.typed(target, changes).await;
    let (kept, problems) = refused(setup.services.try_apply(target, &draft, None, WHO).await);
    let view = setup.services.apply_view(target, Some(kept)).await.unwrap();
    assert_eq!(view.trial.problems, problems);
    assert!(view.problems.iter().all(|problem| !problem.field.starts_with("try.")), "they stop a run and nothing else");
    problems
}

const CONFIGURED: [(&str, &str); 2] = [("mode", "yaml"), ("yaml", "a: 1")];

#[tokio::test(flavor = "multi_thread")]
async fn a_module_elsewhere_is_fetched_and_runs_and_its_exchange_names_it() {
    let setup = setup().await;
    let web = Web::serving(tagger()).await;
    for (name, pin) in [("loose", String::new()), ("pinned", digest(&tagger()))] {
        added(&setup, name, &web.url(), &pin).await;
        let target = alone(name);
        let draft = setup.typed(&target, &CONFIGURED).await;
        let run = setup.services.try_apply(&target, &draft, None, WHO).await.unwrap();
        let asked = web.asked();
        let view = setup.services.run_view(run, 1).await.unwrap();
        assert_eq!((view.plugins[0].accepted, &view.plugins[0].sha256), (Some(true), &digest(&tagger())));
        let exchange: Value = serde_json::from_str(&setup.services.run_file(run, false).await.unwrap()).unwrap();
        assert_eq!(exchange["plugins"][0]["module"], web.url());
        assert_eq!(exchange["plugins"][0]["sha256"], digest(&tagger()));
        // Whoever runs it again a moment later has it fetched no second time.
        setup.services.try_apply(&target, &draft, None, WHO).await.unwrap();
        assert_eq!(web.asked(), asked, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_fetched_is_said_and_nothing_runs() {
    let setup = setup().await;
    let page = Web::serving(b"<html>".to_vec()).await;
    let missing = Web::answering(|_| ("404 Not Found", Vec::new())).await;
    let module = Web::serving(tagger()).await;
    for (name, url, pin, wanted) in [
        ("page", page.url(), String::new(), "not-wasm"),
        ("missing", missing.url(), String::new(), "status"),
        ("other", module.url(), digest(b"other"), "digest"),
        ("private", "http://169.254.169.254/x.wasm".to_owned(), String::new(), "not-allowed"),
        ("private-image", "oci://10.0.0.1:5000/p:1".to_owned(), String::new(), "not-allowed"),
    ] {
        added(&setup, name, &url, &pin).await;
        let found = problems(&setup, &alone(name), &CONFIGURED).await;
        let ("try.module", Reason::ModuleNotFetched(problem)) = only(&found) else { panic!("{name}: {found:?}") };
        let word = serde_json::to_value(problem).unwrap();
        assert!(word.get(wanted).is_some(), "{name}: {word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mistyped_is_said_before_anything_is_fetched() {
    let setup = setup().await;
    let web = Web::serving(tagger()).await;
    added(&setup, "loose", &web.url(), "").await;
    until("it was looked at", async || web.asked() > 0).await;
    let before = web.asked();
    let found =
        problems(&setup, &alone("loose"), &[CONFIGURED[0], CONFIGURED[1], ("try.request.path", "no slash")]).await;
    assert_eq!(found[0].field, "try.request.path");
    assert_eq!(web.asked(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_plugins_of_the_catalogue_are_fetched_too_or_left_out() {
    let setup = setup().await;
    let webs = [Web::serving(tagger()).await, Web::serving(tagger()).await, Web::serving(tagger()).await];
    for (name, web) in ["first", "second", "third"].into_iter().zip(&webs) {
        added(&setup, name, &web.url(), "").await;
    }
    for name in ["first", "second"] {
        setup.applied(&new("shop/cart", name), &[CONFIGURED[0], CONFIGURED[1], ("name", name)]).await;
    }
    let [_, second, _] = webs;
    second.task.abort();
    let _ = second.task.await;
    let target = new("shop/cart", "third");
    let draft = setup.typed(&target, &CONFIGURED).await;
    let run = setup.services.try_apply(&target, &draft, None, WHO).await.unwrap();
    let view = setup.services.run_view(run, 1).await.unwrap();
    let mut names: Vec<&str> = view.plugins.iter().map(|plugin| plugin.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["shop.first", "shop.third-cart"]);
    assert!(view.plugins.iter().all(|plugin| plugin.accepted == Some(true)), "{:?}", view.plugins);
    assert_eq!(view.left_out, [("second".to_owned(), LeftOut::NotFetched)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pull_secret_of_the_namespace_is_used_as_proxies_use_it() {
    let setup = setup().await;
    let registry = Web::answering(|request| {
        let login = request.lines().find_map(|line| line.strip_prefix("authorization: Basic "));
        match login {
            // user:pass
            Some("dXNlcjpwYXNz") => ("404 Not Found", Vec::new()),
            _ => ("401 Unauthorized\r\nwww-authenticate: Basic realm=\"https://registry.example.com/\"", Vec::new()),
        }
    })
    .await;
    added(&setup, "private", &format!("oci://{}/private:1", registry.address), "").await;
    let secret = |name: &str, auths: Value| {
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
            "metadata": { "namespace": "shop", "name": name },
            "data": { ".dockerconfigjson": base64(&json!({ "auths": auths }).to_string()) },
        })
    };
    setup
        .mesh
        .create_as("kubectl-create", &secret("good", json!({ &registry.address: { "auth": "dXNlcjpwYXNz" } })))
        .unwrap();
    let target = new("shop/cart", "private");
    let run = async |name: &str| {
        let changes = [CONFIGURED[0], CONFIGURED[1], ("pullSecret", name)];
        problems(&setup, &target, &changes).await.remove(0).reason
    };
    let missing = run("").await;
    assert!(matches!(missing, Reason::ModuleNotFetched(FetchProblem::LoginNeeded { .. })), "{missing:?}");
    let gone = run("nowhere").await;
    assert_eq!(gone, Reason::PullSecret { name: "nowhere".to_owned(), why: BadSecret::Gone });
    let found = run("good").await;
    assert!(matches!(found, Reason::ModuleNotFetched(FetchProblem::ImageMissing { .. })), "{found:?}");
    // By itself a plugin stands in no namespace, so there is no secret of one.
    let draft = setup.typed(&alone("private"), &[CONFIGURED[0], CONFIGURED[1], ("pullSecret", "good")]).await;
    let (_, found) = refused(setup.services.try_apply(&alone("private"), &draft, None, WHO).await);
    assert!(matches!(only(&found), ("try.module", Reason::ModuleNotFetched(FetchProblem::LoginNeeded { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_of_somebody_else_is_tried_from_its_own_address() {
    let setup = setup().await;
    let web = Web::serving(tagger()).await;
    let stranger = |name: &str, url: &str| {
        json!({
            "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
            "metadata": { "namespace": "shop", "name": name },
            "spec": { "url": url, "selector": { "matchLabels": { "app": "cart" } }, "pluginConfig": { "a": 1 } },
        })
    };
    setup.mesh.create_as("kubectl-create", &stranger("stranger", &web.url())).unwrap();
    setup.mesh.create_as("kubectl-create", &stranger("in-the-pod", "file:///opt/x.wasm")).unwrap();
    until("both are in the list", async || {
        setup.row("shop", "stranger").await.is_some() && setup.row("shop", "in-the-pod").await.is_some()
    })
    .await;
    let target = edit("shop", "stranger");
    let draft = setup.typed(&target, &[]).await;
    let run = setup.services.try_apply(&target, &draft, None, WHO).await.unwrap();
    let view = setup.services.run_view(run, 1).await.unwrap();
    assert!(view.plugins.iter().any(|plugin| plugin.this && plugin.accepted == Some(true)));
    assert_eq!(view.left_out, [("in-the-pod".to_owned(), LeftOut::ModuleUnknown)]);
    let view = setup.services.apply_view(&edit("shop", "in-the-pod"), None).await.unwrap();
    assert_eq!(only(&view.trial.problems), ("try.module", &Reason::ModuleElsewhere("file:///opt/x.wasm".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_without_samples_has_a_few_general_ones() {
    let setup = setup().await;
    added(&setup, "loose", "oci://r.example.com/p:1", "").await;
    let target = alone("loose");
    let view = setup.services.apply_view(&target, None).await.unwrap();
    assert_eq!(view.trial.samples, [SampleTitle::Plain, SampleTitle::Json, SampleTitle::Page]);
    assert_eq!((view.draft.get("try.request.path"), view.trial.problems.as_slice()), ("/", [].as_slice()));
    for (number, path) in [("1", "/orders"), ("2", "/index.html")] {
        let draft = setup.typed(&target, &[("try.sample", number), ("yaml", "kept: 1")]).await;
        let kept = setup.services.keep_apply(&target, &draft, None, Some("sample")).await.unwrap();
        let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
        assert_eq!((view.draft.get("try.request.path"), view.draft.get("try.sample")), (path, number));
        assert_eq!((view.draft.get("yaml"), view.trial.problems), ("kept: 1", Vec::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_have_modules_checked_by_bytes_and_by_name() {
    let setup = setup().await;
    let web = Web::serving(wasm(5)).await;
    added(&setup, "loose", &web.url(), "").await;
    let checked = async |asked: ToCheck<'_>| {
        serde_json::to_value(setup.services.check_for_program(asked, WHO).await.unwrap()).unwrap()
    };
    for (bytes, verdict) in [(wasm(1), "loads"), (TINY_WASM.to_vec(), "refused"), (Vec::new(), "not_wasm")] {
        let sha256 = digest(&bytes);
        let report = checked(ToCheck::Bytes(bytes.into())).await;
        assert_eq!((&report["format"], &report["verdict"]), (&json!("marketplace-check/1"), &json!(verdict)));
        assert_eq!(report["sha256"], sha256);
    }
    let named = |name: &str| json!({ "module": name }).to_string().into_bytes();
    for name in ["data-masking", "data-masking@1.1.0", &format!("sha256:{}", digest(&wasm(0)))] {
        assert_eq!(checked(ToCheck::Named(&named(name))).await["sha256"], digest(&wasm(0)), "{name}");
    }
    assert_eq!(checked(ToCheck::Named(&named("loose"))).await["sha256"], digest(&wasm(5)));
    for (body, code, field) in [
        (named("no-such-plugin"), "module_not_found", "module"),
        (named("../etc/passwd"), "module_not_found", "module"),
        (named("sha256:12"), "module_not_found", "module"),
        (named("self"), "module_not_found", "module"),
        (named(&web.url()), "module_fetch", "module"),
        (b"{\"module\": 1}".to_vec(), "wrong_type", "module"),
        (b"{\"modul\": \"x\"}".to_vec(), "unknown_field", "modul"),
        (b"{}".to_vec(), "missing_field", "module"),
        (b"[]".to_vec(), "wrong_type", ""),
        (b"{\n\"module\": }".to_vec(), "syntax", ""),
    ] {
        let error = checked(ToCheck::Named(&body)).await;
        assert_eq!((&error["format"], &error["outcome"]), (&json!("marketplace-check/1"), &json!("error")));
        assert_eq!((&error["errors"][0]["code"], &error["errors"][0]["field"]), (&json!(code), &json!(field)));
    }
    let syntax = checked(ToCheck::Named(b"{\n\"module\": }")).await;
    assert_eq!(syntax["errors"][0]["line"], 2);
    let large = serde_json::to_value(Checked::too_large(16)).unwrap();
    assert_eq!(large["errors"][0]["code"], "module_too_large");
    // A plugin elsewhere runs for programs, too; any other address does not.
    let exchange = json!({"version": 1, "plugins": [{"module": "loose"}], "request": {}}).to_string();
    let asked = Asked { bytes: exchange.as_bytes(), yaml: false, trace: false };
    let report = serde_json::to_value(setup.services.try_exchange(asked, WHO).await.unwrap()).unwrap();
    assert_eq!(report["load"][0]["sha256"], digest(&wasm(5)), "{report}");
}
