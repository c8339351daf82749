//! Modules: looked at once, shown, uploaded, and in the way of applying when Envoy would refuse them.

use marketplace_domain::{
    Lang, Loads, Reason, Verdict,
    draft::Draft,
    fetch::{FetchProblem, Layout},
    verdict::Refusal,
    views::{market::MarketQuery, verdict::Source},
};
use marketplace_services::{FormWork, Uploaded};
use marketplace_testkit::{TINY_WASM, wasm};

use crate::setup::{BASE, Setup, WHO, change, digest, new, only, refused, setup, until};

/// A plugin of this address, as a person would add it.
pub fn form(name: &str, url: &str) -> Draft {
    let mut draft = Draft::default();
    change(
        &mut draft,
        &[
            ("name", name),
            ("titleZh", "测试"),
            ("descriptionEn", "For a test."),
            ("descriptionZh", "用于测试。"),
            ("category", "traffic"),
            ("version", "1.0.0"),
            ("url", url),
            ("phase", "AUTHN"),
            ("priority", "10"),
            ("failStrategy", "FAIL_OPEN"),
            ("direction", "SERVER"),
        ],
    );
    draft
}

async fn verdict(setup: &Setup, name: &str) -> Verdict {
    let query = MarketQuery { text: name.to_owned(), page: 1, ..MarketQuery::default() };
    let page = setup.services.market(&query, Lang::En).await.unwrap();
    page.cards.iter().find(|card| card.name == name).unwrap().verdict
}

/// A web server with one file.
async fn serving(content: &'static [u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", content.len());
            let _ = stream.write_all(&[head.as_bytes(), content].concat()).await;
        }
    });
    format!("http://{address}/x.wasm")
}

#[tokio::test]
async fn what_comes_with_the_product_is_looked_at_by_itself() {
    let setup = setup().await;
    until("the built-in plugin is looked at", async || verdict(&setup, "data-masking").await.loads == Loads::Yes).await;
    let page = setup.services.plugin_page(&"data-masking".parse().unwrap(), None).await.unwrap();
    let checked = page.loading.checked.unwrap();
    assert_eq!((page.loading.source, checked.abi.as_deref()), (Source::Hosted, Some("0.2.1")));
    assert_eq!(checked.size, wasm(0).len() as u64);
}

#[tokio::test]
async fn what_loads_is_compiled_before_somebody_tries_it() {
    let setup = setup().await;
    let ready = || setup.runner.ready.lock().unwrap().clone();
    until("the built-in plugin is ready", async || ready() == [digest(&wasm(0))]).await;
    // This one is refused; nobody will run it.
    let url = serving(TINY_WASM).await;
    setup.services.look(&url, "", false).await.unwrap().unwrap();
    let other: &'static [u8] = wasm(7).leak();
    let url = serving(other).await;
    for again in [false, true] {
        setup.services.look(&url, "", again).await.unwrap().unwrap();
        until("it is ready", async || ready() == [digest(&wasm(0)), digest(other)]).await;
    }
}

#[tokio::test]
async fn an_address_is_looked_at_when_it_is_typed_and_when_it_is_saved() {
    let setup = setup().await;
    let url = serving(TINY_WASM).await;
    assert_eq!(setup.services.look("not an address", "", false).await.unwrap(), None);
    assert_eq!(setup.services.look(&url, "not a digest", false).await.unwrap(), None);
    let seen = setup.services.look(&url, "", false).await.unwrap().unwrap();
    assert!(matches!(seen.source, Source::Fetched { layout: Layout::File, .. }), "{:?}", seen.source);
    assert_eq!(seen.verdict, Verdict::refused(Refusal::Abi));

    let name = setup.services.save_plugin(None, &form("tiny", &url), None, WHO).await.unwrap();
    assert_eq!(verdict(&setup, "tiny").await, Verdict::refused(Refusal::Abi));
    let page = setup.services.plugin_page(&name, None).await.unwrap();
    let checked = page.loading.checked.unwrap();
    let refusal = &checked.findings[0];
    assert_eq!(refusal.code, "abi_missing");
    assert_ne!(refusal.text.en, refusal.text.zh);
    assert!(!refusal.advice.zh.is_empty());
    // Nobody looked at this one before it was saved.
    let late = serving(b"<html>").await;
    setup.services.save_plugin(None, &form("late", &late), None, WHO).await.unwrap();
    until("it is looked at", async || verdict(&setup, "late").await == Verdict::refused(Refusal::Fetch)).await;
}

#[tokio::test]
async fn private_addresses_are_left_alone() {
    let setup = setup().await;
    for url in ["http://169.254.169.254/latest", "oci://10.0.0.1:5000/p:1", "http://[::1]/x.wasm"] {
        let seen = setup.services.look(url, "", false).await.unwrap().unwrap();
        let refused = matches!(seen.source, Source::Failed { problem: FetchProblem::NotAllowed { .. }, .. });
        assert!(refused, "{url}: {:?}", seen.source);
        assert_eq!(seen.verdict, Verdict::default(), "a proxy may reach it");
    }
}

#[tokio::test]
async fn our_own_address_needs_no_fetching() {
    let setup = setup().await;
    let page = setup.services.plugin_page(&"data-masking".parse().unwrap(), None).await.unwrap();
    assert!(page.module.address.starts_with(BASE));
    let seen = setup.services.look(&page.module.address, "", false).await.unwrap().unwrap();
    assert_eq!((seen.source, seen.verdict), (Source::Hosted, Verdict::YES));
}

#[tokio::test]
async fn a_form_is_kept_while_it_is_worked_on() {
    let setup = setup().await;
    let url = serving(TINY_WASM).await;
    let mut draft = form("unfinished", &url);
    draft.set("titleZh", "");
    let kept = setup.services.work_on_plugin(None, draft, None, FormWork::Look).await.unwrap();
    let shown = setup.services.plugin_form(None, Some(kept)).await.unwrap();
    // What is still missing is no reproach yet.
    assert_eq!(shown.problems, []);
    let Source::Fetched { digest, .. } = shown.module.unwrap().source else { panic!("it was fetched") };
    let kept = setup.services.work_on_plugin(None, shown.draft, Some(kept), FormWork::Pin).await.unwrap();
    let shown = setup.services.plugin_form(None, Some(kept)).await.unwrap();
    assert_eq!((shown.draft.get("sha256"), shown.draft.get("name")), (digest.as_str(), "unfinished"));
}

#[tokio::test]
async fn a_file_is_uploaded_saved_and_served() {
    let setup = setup().await;
    let module = wasm(7);
    let file = Uploaded::File { name: "C:\\x\\check.wasm".into(), bytes: module.clone() };
    let kept = setup.services.upload(None, form("uploaded", ""), None, file).await.unwrap();
    let shown = setup.services.plugin_form(None, Some(kept)).await.unwrap();
    assert_eq!((shown.problems.as_slice(), shown.draft.get("hostedName")), ([].as_slice(), "check.wasm"));
    assert_eq!(shown.module.unwrap().verdict, Verdict::YES);
    let name = setup.services.save_plugin(None, &shown.draft, Some(kept), WHO).await.unwrap();
    let page = setup.services.plugin_page(&name, None).await.unwrap();
    let digest = page.module.sha256.unwrap();
    assert_eq!(page.module.address, format!("{BASE}/modules/{digest}.wasm"));
    assert_eq!(setup.services.module(&digest.parse().unwrap()).await.unwrap(), Some(module));
    // Editing keeps the module.
    let edited = setup.services.plugin_form(Some(&name), None).await.unwrap();
    setup.services.save_plugin(Some(&name), &edited.draft, None, WHO).await.unwrap();
}

/// A plugin of so many functions that do nothing.
fn of_functions(count: u32) -> Vec<u8> {
    let number = |mut value: u32| {
        let mut bytes = Vec::new();
        while value > 0x7f {
            bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    };
    let section = |id: u8, items: &[u8], count: u32| {
        let content = [&number(count), items].concat();
        [vec![id], number(u32::try_from(content.len()).unwrap()), content].concat()
    };
    let exports = b"\x17proxy_abi_version_0_2_1\0\0";
    let functions = count as usize;
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, b"\x60\0\0", 1),
        section(3, &vec![0; functions], count),
        section(7, exports, 1),
        section(10, &b"\x02\0\x0b".repeat(functions), count),
    ]
    .concat()
}

#[tokio::test]
async fn what_a_check_leaves_open_is_neither_good_nor_bad() {
    let setup = setup().await;
    let file = Uploaded::File { name: "many.wasm".into(), bytes: of_functions(300_000) };
    let kept = setup.services.upload(None, form("many", ""), None, file).await.unwrap();
    let shown = setup.services.plugin_form(None, Some(kept)).await.unwrap();
    let module = shown.module.unwrap();
    assert_eq!((module.verdict, shown.problems.as_slice()), (Verdict::default(), [].as_slice()));
    let findings = module.checked.unwrap().findings;
    assert!(findings[0].text.get(Lang::En).contains("not settled"), "{findings:?}");
    setup.services.save_plugin(None, &shown.draft, Some(kept), WHO).await.unwrap();
    assert_eq!(verdict(&setup, "many").await, Verdict::default());
}

#[tokio::test]
async fn files_that_are_refused_take_nothing_with_them() {
    let setup = setup().await;
    for (file, reason) in [
        (Uploaded::Nothing, Reason::FileMissing),
        (Uploaded::TooLarge(16), Reason::FileTooLarge(16)),
        (Uploaded::File { name: "x".into(), bytes: b"hello, world".to_vec() }, Reason::FileNotWasm),
    ] {
        let kept = setup.services.upload(None, form("kept", "oci://r.example.com/p:1"), None, file).await.unwrap();
        let shown = setup.services.plugin_form(None, Some(kept)).await.unwrap();
        assert_eq!(only(&shown.problems), ("file", &reason));
        assert_eq!((shown.draft.get("name"), shown.draft.get("url")), ("kept", "oci://r.example.com/p:1"));
    }
    // A digest that nobody uploaded is not saved.
    let mut draft = form("made-up", "");
    draft.set("hosted", "0".repeat(64));
    let (_, problems) = refused(setup.services.save_plugin(None, &draft, None, WHO).await);
    assert_eq!(only(&problems), ("file", &Reason::FileGone));
}

#[tokio::test]
async fn what_envoy_would_refuse_is_applied_only_when_that_is_confirmed() {
    let setup = setup().await;
    let file = Uploaded::File { name: "tiny.wasm".into(), bytes: TINY_WASM.to_vec() };
    let kept = setup.services.upload(None, form("tiny", ""), None, file).await.unwrap();
    let draft = setup.services.plugin_form(None, Some(kept)).await.unwrap().draft;
    setup.services.save_plugin(None, &draft, Some(kept), WHO).await.unwrap();

    let target = new("bookinfo/reviews", "tiny");
    let view = setup.services.apply_view(&target, None).await.unwrap();
    assert_eq!(view.loading.verdict, Verdict::refused(Refusal::Abi));
    let (_, problems) = refused(setup.send(&target, &[]).await);
    assert_eq!(only(&problems), ("confirmRefused", &Reason::WouldNotLoad));
    assert!(setup.send(&target, &[("confirmRefused", "yes")]).await.unwrap().changed);
    // One that loads asks nothing.
    until("it is looked at", async || verdict(&setup, "data-masking").await.loads == Loads::Yes).await;
    assert!(setup.send(&new("bookinfo/reviews", "data-masking"), &[]).await.is_ok());
}
