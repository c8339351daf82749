//! The thin layer between the proxy and the logic.
//!
//! Headers are never held back: a plugin that pauses there to wait for the body hangs in Istio. The decision falls with
//! the headers, and the body is collected in its own phase.

use std::rc::Rc;

use log::warn;
use plugin_kit::body::{Budget, Collector, Expected, Step};
use plugin_kit::host::{self, Counter, REQUEST, RESPONSE, ResponseBody};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

use crate::masking;
use crate::policy::{self, Answer, Plan};
use crate::settings::Settings;

const PLUGIN: &str = "data-masking";

/// What all streams of one module may hold together. Beyond it, bodies stay in the proxy's buffer. A module may have 1 GiB.
const HELD_BYTES: usize = 256 * 1024 * 1024;

#[allow(unsafe_code)]
mod start {
    use super::{LogLevel, Root, RootContext};

    proxy_wasm::main! {{
        proxy_wasm::set_log_level(LogLevel::Info);
        proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root::default()) });
    }}
}

struct Counters {
    masked: Counter,
    values: Counter,
    passed: Counter,
    skipped: Counter,
    encoded: Counter,
    too_large: Counter,
    errors: Counter,
}

impl Counters {
    fn new() -> Self {
        Self {
            masked: Counter::new("data_masking_masked"),
            values: Counter::new("data_masking_values"),
            passed: Counter::new("data_masking_passed"),
            skipped: Counter::new("data_masking_skipped"),
            encoded: Counter::new("data_masking_skipped_encoded"),
            too_large: Counter::new("data_masking_skipped_too_large"),
            errors: Counter::new("data_masking_errors"),
        }
    }
}

/// What the streams share.
struct Shared {
    settings: Settings,
    counters: Counters,
    budget: Rc<Budget>,
}

#[derive(Default)]
struct Root {
    shared: Option<Rc<Shared>>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match Settings::read(&host::configuration()) {
            Ok(settings) => {
                self.shared =
                    Some(Rc::new(Shared { settings, counters: Counters::new(), budget: Budget::new(HELD_BYTES) }));
                true
            }
            Err(refusal) => {
                host::log_refusal(PLUGIN, &refusal);
                false
            }
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream { shared: self.shared.clone()?, to_head: false, trailers: false, body: None }))
    }
}

struct Stream {
    shared: Rc<Shared>,
    to_head: bool,
    trailers: bool,
    body: Option<Body>,
}

/// A body that is being collected.
struct Body {
    collector: Collector,
    json: bool,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        self.to_head = REQUEST.get(":method").as_deref() == Some(b"HEAD");
        self.trailers = host::wants_trailers();
        if self.shared.settings.plain_answers {
            host::ask_for_plain_answer();
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        let answer = Answer {
            status: RESPONSE.get(":status"),
            content_type: RESPONSE.get("content-type"),
            content_encoding: RESPONSE.get("content-encoding"),
            content_length: RESPONSE.get("content-length"),
            no_body: end,
            to_head: self.to_head,
        };
        let Shared { settings, counters, budget } = &*self.shared;
        match policy::plan(&answer, settings) {
            Plan::Mask { json } => {
                host::clear_body_bound_headers();
                self.body = Some(Body {
                    collector: Collector::new(
                        Expected {
                            limit: settings.max_body,
                            length: answer.length(),
                            trailers: self.trailers || host::announces_trailers(),
                        },
                        budget.clone(),
                    ),
                    json,
                });
            }
            Plan::HeadersOnly => {
                host::clear_body_bound_headers();
                counters.skipped.count();
            }
            Plan::Skip => counters.skipped.count(),
            Plan::Encoded => {
                counters.skipped.count();
                counters.encoded.count();
                let encoding = answer.content_encoding.unwrap_or_default();
                warn!("{PLUGIN}: answer passed unmasked: content-encoding {:?}", String::from_utf8_lossy(&encoding));
            }
            Plan::TooLarge => self.too_large(),
        }
        Action::Continue
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        self.collect(|collector| collector.piece(&ResponseBody, size, end))
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.collect(|collector| collector.trailers(&ResponseBody))
    }
}

impl Stream {
    fn too_large(&self) {
        let Shared { settings, counters, .. } = &*self.shared;
        counters.skipped.count();
        counters.too_large.count();
        let kib = settings.max_body / 1024;
        warn!("{PLUGIN}: answer passed unmasked: larger than maxBodyKiB ({kib})");
    }

    fn collect(&mut self, step: impl FnOnce(&mut Collector) -> Step) -> Action {
        let Some(body) = &mut self.body else {
            return Action::Continue;
        };
        match step(&mut body.collector) {
            Step::Pause => return Action::Pause,
            Step::Taken => return Action::Continue,
            Step::Complete(whole) => {
                let Shared { settings, counters, .. } = &*self.shared;
                let mask = |with| masking::mask(&whole, body.json, &settings.rules, with);
                let mut masked = mask(settings.mask);
                // A wide mask makes the body longer than the proxy's buffer may take; this one never does.
                if masked.as_ref().is_some_and(|m| !body.collector.may_be(m.body.len())) {
                    masked = mask('*');
                }
                drop(whole);
                match masked {
                    Some(masked) => {
                        counters.masked.count();
                        counters.values.add(masked.values);
                        body.collector.finish(&ResponseBody, Some(&masked.body));
                    }
                    None => {
                        counters.passed.count();
                        body.collector.finish(&ResponseBody, None);
                    }
                }
            }
            Step::TooLarge => self.too_large(),
            Step::Lost => {
                self.shared.counters.errors.count();
                warn!("{PLUGIN}: answer reset: trailers came that were not announced");
                host::reset_response();
            }
            Step::Unreadable => {
                self.shared.counters.errors.count();
                warn!("{PLUGIN}: answer passed unmasked: the proxy did not give its body");
            }
        }
        self.body = None;
        Action::Continue
    }
}
