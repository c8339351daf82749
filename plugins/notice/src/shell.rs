//! The thin layer between the proxy and the logic.
//!
//! Headers are never held back: a plugin that pauses there to wait for the body hangs in Istio. The decision falls with
//! the headers, and the page is collected in its own phase.

use std::rc::Rc;

use log::{info, warn};
use plugin_kit::body::{Budget, Collector, Expected, Step};
use plugin_kit::host::{self, Counter, REQUEST, RESPONSE, ResponseBody};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

use crate::place;
use crate::policy::{self, Answer, Plan, Request, Visit};
use crate::settings::Settings;

const PLUGIN: &str = "notice";

/// What all streams of one module may hold together. Beyond it, pages stay in the proxy's buffer. A module may have 1 GiB.
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
    shown: Counter,
    passed: Counter,
    skipped: Counter,
    errors: Counter,
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
                if settings.banners.is_none() {
                    host::log_warning(PLUGIN, "neither textEn nor textZh is set: nothing is shown");
                }
                self.shared = Some(Rc::new(Shared {
                    settings,
                    counters: Counters {
                        shown: Counter::new("notice_shown"),
                        passed: Counter::new("notice_passed"),
                        skipped: Counter::new("notice_skipped"),
                        errors: Counter::new("notice_errors"),
                    },
                    budget: Budget::new(HELD_BYTES),
                }));
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
        Some(Box::new(Stream { shared: self.shared.clone()?, visit: None, trailers: false, page: None }))
    }
}

struct Stream {
    shared: Rc<Shared>,
    visit: Option<Visit>,
    trailers: bool,
    /// The page that is being collected.
    page: Option<Collector>,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let settings = &self.shared.settings;
        if settings.banners.is_none() {
            return Action::Continue;
        }
        let request = Request {
            method: REQUEST.get(":method"),
            path: REQUEST.get(":path"),
            accept: REQUEST.get("accept"),
            accept_language: REQUEST.get("accept-language"),
            fetch_dest: REQUEST.get("sec-fetch-dest"),
            requested_with: REQUEST.get("x-requested-with"),
            now: if settings.has_window() { i64::try_from(host::now()).unwrap_or(i64::MAX) } else { 0 },
        };
        self.trailers = host::wants_trailers();
        self.visit = policy::visit(&request, settings);
        // Pictures and scripts may stay compressed and cached; only what asks for a page is asked for in full.
        if settings.plain_answers && self.visit.is_some_and(|visit| visit.wants_html) {
            host::ask_for_plain_answer();
            REQUEST.remove("if-none-match");
            REQUEST.remove("if-modified-since");
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        let Shared { settings, counters, budget } = &*self.shared;
        let Some(visit) = self.visit else {
            counters.skipped.count();
            return Action::Continue;
        };
        let answer = Answer {
            status: RESPONSE.get(":status"),
            content_type: RESPONSE.get("content-type"),
            content_encoding: RESPONSE.get("content-encoding"),
            content_length: RESPONSE.get("content-length"),
            content_disposition: RESPONSE.get("content-disposition"),
            no_body: end,
        };
        let plan = policy::plan(&answer, visit, settings);
        match plan {
            Plan::Show | Plan::HeadersOnly => {
                host::clear_body_bound_headers();
                // What is cached under the upstream's tag is the page without this notice.
                RESPONSE.remove("etag");
                RESPONSE.remove("last-modified");
                if settings.banners.as_ref().is_some_and(|b| b.differ()) {
                    RESPONSE.add("vary", "accept-language");
                }
            }
            Plan::Encoded => info!("{PLUGIN}: page passed without notice: it is compressed"),
            Plan::TooLarge => info!("{PLUGIN}: page passed without notice: larger than maxBodyKiB"),
            Plan::Skip => {}
        }
        if plan == Plan::Show {
            self.page = Some(Collector::new(
                Expected {
                    limit: settings.max_body,
                    length: answer.length(),
                    trailers: self.trailers || host::announces_trailers(),
                },
                budget.clone(),
            ));
        } else {
            counters.skipped.count();
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
    fn collect(&mut self, step: impl FnOnce(&mut Collector) -> Step) -> Action {
        let (Some(collector), Some(visit)) = (&mut self.page, self.visit) else {
            return Action::Continue;
        };
        let Shared { settings, counters, .. } = &*self.shared;
        match step(collector) {
            Step::Pause => return Action::Pause,
            Step::Taken => return Action::Continue,
            Step::Complete(page) => {
                let banner = settings.banners.as_ref().map(|b| b.get(visit.language));
                let changed = banner
                    .filter(|_| !page.is_empty())
                    .map(|banner| place::put(&page, banner, settings.position))
                    .filter(|changed| collector.may_be(changed.len()));
                collector.finish(&ResponseBody, changed.as_deref());
                match changed {
                    Some(_) => counters.shown.count(),
                    None => counters.passed.count(),
                }
            }
            Step::Lost => {
                counters.errors.count();
                warn!("{PLUGIN}: page reset: trailers came that were not announced");
                host::reset_response();
            }
            Step::TooLarge => {
                counters.skipped.count();
                info!("{PLUGIN}: page passed without notice: larger than maxBodyKiB");
            }
            Step::Unreadable => counters.errors.count(),
        }
        self.page = None;
        Action::Continue
    }
}
