//! Draws tokens, and answers where there is none.

use std::cell::Cell;

use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Cx, Decision, Plugin, Proxy, Reply};

use crate::bucket::Outcome;
use crate::settings::{Bucket, Settings};
use crate::table;

/// Shared data is one name space for all plugins of a proxy.
const PREFIX: &str = "local-rate-limit";
/// How often workers may get in each other's way at one entry before a request passes uncounted.
const ATTEMPTS: usize = 16;

/// The plugin.
#[derive(Debug)]
pub struct Limiter {
    settings: Settings,
    /// Tells this use of the plugin from others on the same proxy; made with the first request.
    seed: Cell<Option<u64>>,
}

/// What a request was told, to be shown with its answer.
#[derive(Default)]
pub struct Stream(Option<(u32, Outcome)>);

impl Plugin for Limiter {
    const NAME: &'static str = "local-rate-limit";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, seed: Cell::new(None) })
    }

    fn warnings(&self) -> Vec<String> {
        let idle = !self.settings.limits();
        idle.then(|| "neither global_threshold nor rule_items: nothing is limited".to_owned()).into_iter().collect()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let Some(bucket) = self.settings.bucket(cx) else {
            return Decision::Skip;
        };
        let Some(outcome) = self.take(&bucket, cx.proxy) else {
            return Decision::Failed;
        };
        if outcome.allowed {
            if self.settings.show_quota {
                stream.0 = Some((bucket.limit.count, outcome));
            }
            return Decision::Pass;
        }
        Decision::Refuse(self.refusal(bucket.limit.count, outcome))
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        for (name, value) in stream.0.iter().flat_map(|(count, outcome)| quota(*count, outcome)) {
            cx.headers.set(name, value.as_bytes());
        }
        Decision::Undecided
    }
}

impl Limiter {
    /// Takes a token. None if the workers got in each other's way too often.
    fn take(&self, bucket: &Bucket, proxy: &dyn Proxy) -> Option<Outcome> {
        let hash = table::hash(self.seed(proxy), &[bucket.id.as_bytes(), &bucket.value]);
        let entries = self.settings.buckets / table::WAYS;
        let key = format!("{PREFIX}/{}", table::entry(hash, entries));
        for _ in 0..ATTEMPTS {
            let (entry, version) = proxy.shared(&key);
            let (outcome, next) = table::take(&entry.unwrap_or_default(), hash, bucket.limit, proxy.now());
            match next {
                Some(next) if !proxy.share(&key, &next, version) => {}
                _ => return Some(outcome),
            }
        }
        None
    }

    /// A number that this proxy's workers share and nobody outside knows, mixed with the name of this use of the plugin.
    fn seed(&self, proxy: &dyn Proxy) -> u64 {
        if let Some(seed) = self.seed.get() {
            return seed;
        }
        let key = format!("{PREFIX}/seed");
        // Whoever is first decides for all workers.
        if proxy.shared(&key).0.is_none() {
            proxy.share(&key, &proxy.now().to_le_bytes(), None);
        }
        let salt = proxy.shared(&key).0.unwrap_or_default();
        let name = proxy.property(&["plugin_name"]).unwrap_or_default();
        let seed = table::hash(0, &[&salt, &name]);
        self.seed.set(Some(seed));
        seed
    }

    fn refusal(&self, count: u32, outcome: Outcome) -> Reply {
        let Settings { code, message, show_quota, .. } = &self.settings;
        let json = message.starts_with(['{', '[']);
        let reply = if json { Reply::json(*code, message) } else { Reply::text(*code, message) };
        let reply = reply.header("retry-after", outcome.retry_after.to_string());
        let shown = if *show_quota { quota(count, &outcome) } else { Vec::new() };
        shown.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

fn quota(count: u32, outcome: &Outcome) -> Vec<(&'static str, String)> {
    vec![
        ("x-ratelimit-limit", count.to_string()),
        ("x-ratelimit-remaining", outcome.remaining.to_string()),
        ("x-ratelimit-reset", outcome.reset.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::{FakeHeaders, FakeProxy};

    fn limiter(json: &str) -> Limiter {
        Limiter::read(json.as_bytes()).expect("good")
    }

    fn ask(limiter: &Limiter, proxy: &FakeProxy, key: &str) -> Decision {
        let headers = FakeHeaders::request("GET", "a", "/", &[("x-key", key)]);
        limiter.on_request(&mut Stream::default(), &proxy.cx(&headers))
    }

    const PER_KEY: &str = r#"{"show_limit_quota_header":true,"rule_items":[
        {"limit_by_per_header":"x-key","limit_keys":[{"key":"*","query_per_minute":2}]}]}"#;
    const ONE_A_DAY: &str = r#"{"global_threshold":{"query_per_day":1}}"#;

    #[test]
    fn each_value_has_its_own_bucket_on_all_workers() {
        let proxy = FakeProxy::at(1_000_000);
        // Two workers, each with a configuration of its own, share what the proxy keeps.
        let workers = [limiter(PER_KEY), limiter(PER_KEY)];
        assert_eq!(ask(&workers[0], &proxy, "a"), Decision::Pass);
        assert_eq!(ask(&workers[1], &proxy, "a"), Decision::Pass);
        let Decision::Refuse(reply) = ask(&workers[0], &proxy, "a") else {
            panic!("passed");
        };
        assert_eq!((reply.status, &reply.body[..]), (429, "Too many requests"));
        for (name, value) in [("retry-after", "30"), ("x-ratelimit-limit", "2"), ("x-ratelimit-remaining", "0")] {
            assert!(reply.headers.contains(&(name.to_owned(), value.to_owned())), "{reply:?}");
        }
        assert_eq!(ask(&workers[1], &proxy, "b"), Decision::Pass);
        proxy.time.set(proxy.time.get() + 30_000_000_000);
        assert_eq!(ask(&workers[1], &proxy, "a"), Decision::Pass);
    }

    #[test]
    fn two_uses_on_one_proxy_do_not_share() {
        let proxy = FakeProxy::at(1_000_000);
        let one = limiter(ONE_A_DAY);
        proxy.set_property(&["plugin_name"], "a.one");
        assert_eq!(ask(&one, &proxy, ""), Decision::Pass);
        assert!(matches!(ask(&one, &proxy, ""), Decision::Refuse(_)));
        proxy.set_property(&["plugin_name"], "a.two");
        assert_eq!(ask(&limiter(ONE_A_DAY), &proxy, ""), Decision::Pass);
    }

    /// Nobody gets new tokens because something else was edited, or the plugin was away; whose limit is another has new ones.
    #[test]
    fn buckets_outlive_a_new_configuration_with_the_same_limit() {
        let proxy = FakeProxy::at(1_000_000);
        assert_eq!(ask(&limiter(ONE_A_DAY), &proxy, ""), Decision::Pass);
        let edited = ONE_A_DAY.replace("{\"global", "{\"rejected_msg\":\"wait\",\"global");
        assert!(matches!(ask(&limiter(&edited), &proxy, ""), Decision::Refuse(_)));
        let raised = limiter(&ONE_A_DAY.replace(":1}", ":2}"));
        assert_eq!((ask(&raised, &proxy, ""), ask(&raised, &proxy, "")), (Decision::Pass, Decision::Pass));
    }

    #[test]
    fn what_is_left_is_shown_with_the_answer() {
        let proxy = FakeProxy::at(1_000_000);
        let limiter = limiter(PER_KEY);
        let request = FakeHeaders::request("GET", "a", "/", &[("x-key", "k")]);
        let mut stream = Stream::default();
        limiter.on_request(&mut stream, &proxy.cx(&request));
        let response = FakeHeaders::new(&[(":status", "200"), ("x-ratelimit-limit", "999")]);
        limiter.on_response(&mut stream, &proxy.cx(&response));
        assert_eq!(response.text("x-ratelimit-limit").as_deref(), Some("2"));
        assert_eq!(response.text("x-ratelimit-remaining").as_deref(), Some("1"));
    }

    #[test]
    fn json_is_called_json() {
        let limiter =
            limiter(r#"{"global_threshold":{"query_per_day":1},"rejected_code":200,"rejected_msg":"{\"code\":-1}"}"#);
        let proxy = FakeProxy::at(1_000_000);
        ask(&limiter, &proxy, "");
        let Decision::Refuse(reply) = ask(&limiter, &proxy, "") else {
            panic!("passed");
        };
        assert_eq!(reply.status, 200);
        assert!(reply.headers.contains(&("content-type".to_owned(), "application/json".to_owned())));
    }

    #[test]
    fn nothing_to_go_by_is_skipped() {
        assert_eq!(ask(&limiter(PER_KEY), &FakeProxy::at(1), ""), Decision::Skip);
        assert_eq!(limiter("").warnings().len(), 1);
    }
}
