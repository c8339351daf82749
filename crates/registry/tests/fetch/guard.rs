//! Addresses that must not be called, however they come about.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use marketplace_domain::fetch::FetchProblem;
use marketplace_registry::{Found, Lookup, Networks};

use crate::{
    pack::MODULE,
    site::{Site, answer, fetch, fetch_with, options},
};

fn refused(host: &str, address: &str) -> Result<(), FetchProblem> {
    Err(FetchProblem::NotAllowed { host: host.into(), address: address.into() })
}

#[tokio::test]
async fn private_addresses_are_not_called_unless_allowed() {
    let site = Site::start().await;
    site.put("/x", MODULE);
    let mut public = options();
    public.networks = Networks::public();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]"] {
        let problem = fetch_with(public.clone(), &format!("http://{}/x", site.at(host)), None, None).await.unwrap_err();
        assert!(matches!(problem, FetchProblem::NotAllowed { .. }), "{host}: {problem:?}");
        let image = format!("oci://{}/p:1", site.at(host));
        let problem = fetch_with(public.clone(), &image, None, None).await.unwrap_err();
        assert!(matches!(problem, FetchProblem::NotAllowed { .. }), "{image}: {problem:?}");
    }
    assert_eq!(site.count("/x"), 0);
    for (host, address) in [("private.example.com", "10.0.0.1"), ("metadata.example.com", "169.254.169.254")] {
        assert_eq!(fetch(&format!("http://{host}/x")).await.map(drop), refused(host, address));
        assert_eq!(fetch(&format!("oci://{host}/p:1")).await.map(drop), refused(host, address));
    }
    // Of several addresses the allowed one is called.
    assert!(fetch(&format!("http://{}/x", site.at("mixed.example.com"))).await.is_ok());
}

#[tokio::test]
async fn redirects_do_not_lead_around_it() {
    let site = Site::start().await;
    for (path, to) in [
        ("/a", "http://169.254.169.254/latest/meta-data"),
        ("/b", "http://metadata.example.com/"),
        ("/c", "//[fd00:ec2::254]/"),
        ("/d", "http://2852039166/"),
    ] {
        site.on(path, move |_, _| answer(302, &[("location", to)], ""));
        let problem = fetch(&format!("http://{}{path}", site.at("w.example.com"))).await.unwrap_err();
        assert!(matches!(problem, FetchProblem::NotAllowed { .. }), "{to}: {problem:?}");
    }
}

/// Answers once with an address that may be called, and then with one that may not.
struct Rebinding(AtomicUsize);

impl Lookup for Rebinding {
    fn lookup<'a>(&'a self, _host: &'a str) -> Found<'a> {
        let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move { Ok(vec![IpAddr::from(if first { [127, 0, 0, 1] } else { [127, 0, 0, 2] })]) })
    }
}

#[tokio::test]
async fn the_address_that_was_looked_at_is_the_one_that_is_called() {
    let site = Site::start().await;
    site.on("/x", |_, _| answer(302, &[("location", "/y"), ("connection", "close")], ""));
    site.put("/y", MODULE);
    let mut options = options();
    options.lookup = Arc::new(Rebinding(AtomicUsize::new(0)));
    let host = site.at("w.example.com");
    let fetched = fetch_with(options, &format!("http://{host}/x"), None, None).await;
    assert_eq!(fetched.map(drop), refused(&host, "127.0.0.2"));
    assert_eq!((site.count("/x"), site.count("/y")), (1, 0));
}
