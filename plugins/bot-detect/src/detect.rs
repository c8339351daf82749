//! Configuration and decision.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::headers;
use plugin_kit::pattern;
use plugin_kit::plugin::{Cx, Decision, Plugin, Reply};
use regex_lite::Regex;

const FIELDS: [&str; 8] =
    ["allow", "deny", "builtin", "deny_empty", "action", "tag_header", "blocked_code", "blocked_message"];

/// Words of crawlers and scripts, in lower case.
const WORDS: [&[u8]; 18] = [
    b"bot",
    b"crawler",
    b"spider",
    b"slurp",
    b"scrapy",
    b"curl/",
    b"wget/",
    b"python-requests",
    b"python-urllib",
    b"aiohttp",
    b"go-http-client",
    b"okhttp",
    b"libwww-perl",
    b"java/",
    b"httpclient",
    b"headlesschrome",
    b"phantomjs",
    b"archiver",
];

/// What becomes of bots.
#[derive(Debug)]
enum Action {
    Block(Reply),
    Tag(String),
}

/// The plugin.
#[derive(Debug)]
pub struct Detect {
    allow: Vec<Regex>,
    deny: Vec<Regex>,
    builtin: bool,
    deny_empty: bool,
    action: Action,
}

impl Plugin for Detect {
    const NAME: &'static str = "bot-detect";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(configuration)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let tags = fields.choice("action", &[("block", false), ("tag", true)])?.unwrap_or(false);
        let header = headers::name(&fields, "tag_header", "x-bot")?;
        let status = fields.integer("blocked_code", 200, 599)?.unwrap_or(403) as u16;
        let message = fields.string("blocked_message", 4096)?.unwrap_or("Invalid User-Agent");
        Ok(Self {
            allow: expressions(&fields, "allow")?,
            deny: expressions(&fields, "deny")?,
            builtin: fields.boolean("builtin")?.unwrap_or(true),
            deny_empty: fields.boolean("deny_empty")?.unwrap_or(false),
            action: if tags { Action::Tag(header) } else { Action::Block(Reply::text(status, message)) },
        })
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let bot = self.is_bot(&cx.headers.get("user-agent").unwrap_or_default());
        match &self.action {
            Action::Block(reply) if bot => Decision::Refuse(reply.clone()),
            Action::Block(_) => Decision::Pass,
            Action::Tag(header) => {
                cx.headers.set(header, if bot { b"bot" } else { b"human" });
                Decision::Change
            }
        }
    }
}

impl Detect {
    fn is_bot(&self, agent: &[u8]) -> bool {
        if agent.trim_ascii().is_empty() {
            return self.deny_empty;
        }
        // Bytes that are not UTF-8 part the text, and hide nothing.
        let found = |list: &[Regex]| agent.utf8_chunks().any(|chunk| list.iter().any(|r| r.is_match(chunk.valid())));
        if found(&self.allow) {
            return false;
        }
        let lower = agent.to_ascii_lowercase();
        let known = || WORDS.iter().any(|word| lower.windows(word.len()).any(|window| window == *word));
        found(&self.deny) || (self.builtin && known())
    }
}

fn expressions(fields: &Fields, name: &str) -> Result<Vec<Regex>, Refusal> {
    let read = |value: &serde_json::Value, path: String| {
        let text = config::string(value, &path, pattern::MAX_PATTERN)?;
        if text.is_empty() {
            return Err(Refusal::new(path, "empty: it would match everything"));
        }
        pattern::regex(text, &path, false)
    };
    Ok(fields.list(name, 64, read)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use plugin_kit::fake::{FakeHeaders, FakeProxy};
    use proptest::prelude::*;

    use super::*;

    fn is_bot(json: &str, agent: &[u8]) -> bool {
        Detect::read(json.as_bytes()).expect("good").is_bot(agent)
    }

    #[test]
    fn the_built_in_list_knows_bots_from_browsers() {
        for bot in ["curl/8.1", "Mozilla/5.0 (compatible; Googlebot/2.1)", "python-requests/2.31", "x\u{e9}SPIDER"] {
            assert!(is_bot("", bot.as_bytes()), "{bot}");
        }
        for human in ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", ""] {
            assert!(!is_bot("", human.as_bytes()), "{human}");
        }
        assert!(is_bot("", b"\xff curl/8 \xfe"));
        assert!(!is_bot(r#"{"builtin":false}"#, b"curl/8"));
        assert!(is_bot(r#"{"deny_empty":true}"#, b" "));
    }

    #[test]
    fn the_allow_list_goes_first() {
        let json = r#"{"allow":["^good"],"deny":["good|bad"]}"#;
        assert!(!is_bot(json, b"good bot") && is_bot(json, b"very good") && is_bot(json, b"\xffbad"));
    }

    #[test]
    fn tags_cannot_be_forged() {
        let detect = Detect::read(br#"{"action":"tag"}"#).expect("good");
        let request = FakeHeaders::request("GET", "a", "/", &[("user-agent", "curl/8"), ("x-bot", "human")]);
        assert_eq!(detect.on_request(&mut (), &FakeProxy::default().cx(&request)), Decision::Change);
        assert_eq!(request.text("x-bot").as_deref(), Some("bot"));
    }

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"denied":[]}"#, "denied"),
            (r#"{"deny":["("]}"#, "deny[0]"),
            (r#"{"allow":[""]}"#, "allow[0]"),
            (r#"{"action":"drop"}"#, "action"),
            (r#"{"tag_header":":path"}"#, "tag_header"),
            (r#"{"tag_header":"host"}"#, "tag_header"),
        ] {
            assert_eq!(Detect::read(json.as_bytes()).expect_err(json).field(), field, "{json}");
        }
    }

    proptest! {
        #[test]
        fn a_known_word_is_found_in_any_bytes_and_any_case(
            before in prop::collection::vec(any::<u8>(), 0..80), after in prop::collection::vec(any::<u8>(), 0..80),
            word in prop::sample::select(WORDS.to_vec()), upper: u32,
        ) {
            let case = |(i, b): (usize, &u8)| if upper >> (i % 32) & 1 == 1 { b.to_ascii_uppercase() } else { *b };
            let word: Vec<u8> = word.iter().enumerate().map(case).collect();
            let agent = [&before[..], &word, &after].concat();
            prop_assert!(is_bot("", &agent));
            // Who is allowed is no bot, whatever else it says.
            let allowed = is_bot(r#"{"allow":["Welcome"],"deny":["."]}"#, &[b"Welcome ", &agent[..]].concat());
            prop_assert!(!allowed);
        }

        #[test]
        fn without_lists_everybody_is_human(agent in prop::collection::vec(any::<u8>(), 0..200)) {
            let found = is_bot(r#"{"builtin":false}"#, &agent);
            prop_assert!(!found);
        }

        #[test]
        fn any_configuration_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
            let _ = Detect::read(&bytes);
            let json = serde_json::json!({ "deny": [&text], "tag_header": &text, "blocked_message": &text });
            if let Ok(detect) = Detect::read(json.to_string().as_bytes()) {
                let _ = detect.is_bot(text.as_bytes());
            }
        }
    }
}
