//! Files of web servers.

use std::time::Duration;

use axum::body::Body;
use marketplace_domain::fetch::{BadArchive, FetchProblem, Instead, Layout, Oversize};

use crate::{
    pack::{MODULE, digest, gzip, tar},
    site::{Site, answer, fetch, fetch_pinned, fetch_with, options},
};

#[tokio::test]
async fn a_module_as_it_is_or_packed() {
    let site = Site::start().await;
    let tarred = tar(&[("anything", MODULE), ("other", b"x")]);
    let zipped = gzip(MODULE);
    for (path, body, layout) in [
        ("raw", MODULE.to_vec(), Layout::File),
        ("gz", zipped.clone(), Layout::Packed),
        ("tar", tarred.clone(), Layout::Packed),
        ("tgz", gzip(&tarred), Layout::Packed),
        ("gz-gz-tar-gz", gzip(&gzip(&tar(&[("x.gz", &zipped)]))), Layout::Packed),
    ] {
        site.put(&format!("/{path}"), &body);
        let url = format!("http://{}/{path}", site.at("w.example.com"));
        let found = fetch(&url).await.unwrap();
        assert_eq!(
            (found.bytes.as_slice(), found.layout, found.digest.as_str()),
            (MODULE, layout, digest(MODULE).as_str()),
            "{path}"
        );
        // The digest is that of the module, not of what was sent.
        assert!(fetch_pinned(&url, &digest(MODULE)).await.is_ok());
        let wrong = digest(b"other");
        let problem = FetchProblem::Digest { wanted: wrong.parse().unwrap(), found: digest(MODULE).parse().unwrap() };
        assert_eq!(fetch_pinned(&url, &wrong).await, Err(problem));
    }
}

#[tokio::test]
async fn what_is_no_module() {
    let site = Site::start().await;
    let folder_first = tar(&[("./", b""), ("./plugin.wasm", MODULE)]);
    let cut = &gzip(&[7; 5000])[..40];
    let not = |what| FetchProblem::NotWasm(what);
    for (path, body, problem) in [
        ("html", b"\n<!DOCTYPE html><html>".to_vec(), not(Instead::Html)),
        ("empty", vec![], not(Instead::Empty)),
        ("short", b"\0asm".to_vec(), not(Instead::Other)),
        ("wat", b"(module)".to_vec(), not(Instead::Wat)),
        ("zip", b"PK\x03\x04....".to_vec(), not(Instead::Packed)),
        ("text", b"hello, world".to_vec(), not(Instead::Other)),
        ("folder", folder_first, FetchProblem::Archive(BadArchive::FirstIsNoFile)),
        ("cut", cut.to_vec(), FetchProblem::Archive(BadArchive::Gzip)),
    ] {
        site.put(&format!("/{path}"), &body);
        assert_eq!(fetch(&format!("http://{}/{path}", site.at("w.example.com"))).await, Err(problem), "{path}");
    }
}

#[tokio::test]
async fn servers_that_fail() {
    let site = Site::start().await;
    let url = |path: &str| format!("http://{}/{path}", site.at("w.example.com"));
    let status = |status| Err(FetchProblem::Status { host: site.at("w.example.com"), status });
    assert_eq!(fetch(&url("missing")).await, status(404));
    assert_eq!(site.count("/missing"), 1);
    for (code, times) in [(500, 3), (503, 3), (501, 1), (204, 1), (403, 1)] {
        site.on(&format!("/{code}"), move |_, _| answer(code, &[], ""));
        assert_eq!(fetch(&url(&code.to_string())).await, status(code));
        assert_eq!(site.count(&format!("/{code}")), times, "{code}");
    }
    site.on("/later", |_, before| if before < 2 { answer(502, &[], "") } else { answer(200, &[], MODULE) });
    assert_eq!(fetch(&url("later")).await.unwrap().bytes, MODULE);

    let host = || "nobody.example.com".to_owned();
    assert_eq!(fetch("http://nobody.example.com/x").await, Err(FetchProblem::HostUnknown { host: host() }));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let problem = fetch(&format!("http://w.example.com:{closed}/x")).await.unwrap_err();
    assert!(matches!(&problem, FetchProblem::Unreachable { words, .. } if words.contains("refused")), "{problem:?}");
    let problem = fetch(&format!("https://{}/x", site.at("w.example.com"))).await.unwrap_err();
    assert!(matches!(&problem, FetchProblem::Tls { .. }), "{problem:?}");
}

#[tokio::test]
async fn a_server_that_takes_its_time_is_not_waited_for() {
    let site = Site::start().await;
    site.on("/slow", |_, _| {
        let endless = futures::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        });
        answer(200, &[], Body::from_stream(endless))
    });
    let mut quick = options();
    (quick.total, quick.attempts) = (Duration::from_millis(300), 1);
    let begin = std::time::Instant::now();
    let fetched = fetch_with(quick, &format!("http://{}/slow", site.at("w.example.com")), None, None).await;
    assert_eq!(fetched, Err(FetchProblem::TimedOut { seconds: 0 }));
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let site = Site::start().await;
    let at = site.at("w.example.com");
    site.put("/x", MODULE);
    site.on("/once", |_, _| answer(302, &[("location", "x")], ""));
    assert_eq!(fetch(&format!("http://{at}/once")).await.unwrap().bytes, MODULE);
    site.on("/round", |_, _| answer(301, &[("location", "/round")], ""));
    assert_eq!(fetch(&format!("http://{at}/round")).await, Err(FetchProblem::Redirects));
    assert_eq!(site.count("/round"), 11);
    for (path, location) in
        [("/ftp", "ftp://h/x"), ("/file", "file:///etc/passwd"), ("/data", "data:,x"), ("/bad", "http://[")]
    {
        site.on(path, move |_, _| answer(308, &[("location", location)], ""));
        assert_eq!(fetch(&format!("http://{at}{path}")).await, Err(FetchProblem::Redirects), "{path}");
    }
}

#[tokio::test]
async fn sizes_are_kept_to() {
    let site = Site::start().await;
    let large = |what, most| Err(FetchProblem::TooLarge { what, most });
    let module = |size: usize| [MODULE, &vec![0; size]].concat();
    let bomb = gzip(&vec![0; 2_000_000]);
    assert!(bomb.len() < 200_000);
    for (path, body, problem) in [
        ("download", module(250_000), large(Oversize::Download, 200_000)),
        ("module", module(150_000), large(Oversize::Module, 100_000)),
        ("packed", gzip(&module(150_000)), large(Oversize::Module, 100_000)),
        ("tarred", tar(&[("x", &module(150_000))]), large(Oversize::Module, 100_000)),
        ("bomb", bomb.clone(), large(Oversize::Unpacked, 400_000)),
        ("bombs", gzip(&bomb), large(Oversize::Unpacked, 400_000)),
    ] {
        site.put(&format!("/{path}"), &body);
        assert_eq!(fetch(&format!("http://{}/{path}", site.at("w.example.com"))).await, problem, "{path}");
    }
    // Without a length that would give it away.
    site.on("/endless", |_, _| {
        let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0u8; 10_000]));
        answer(200, &[], Body::from_stream(endless))
    });
    assert_eq!(
        fetch(&format!("http://{}/endless", site.at("w.example.com"))).await,
        large(Oversize::Download, 200_000)
    );
}
