//! The phases: bodies are looked at as they go by, and the line is written when all is over.

use std::cell::RefCell;
use std::time::Duration;

use log::{info, warn};
use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Answer, Call, Cx, Decision, Headers, Plugin, Proxy, Side};
use plugin_kit::seldom::Seldom;
use plugin_kit::share::{self, Chance};

use crate::queue::{Queue, Settled};
use crate::record::{Exchange, Format, Seen};
use crate::settings::{Bodies, Output, Settings};

/// The plugin.
#[derive(Debug)]
pub struct AccessLog {
    settings: Settings,
    queue: Option<RefCell<Queue>>,
    chance: Chance,
    complaints: Seldom,
}

/// What a stream remembers.
#[derive(Default)]
pub struct Stream {
    request_id: Option<Vec<u8>>,
    request: Seen,
    response: Seen,
}

impl Plugin for AccessLog {
    const NAME: &'static str = "access-log";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        let settings = Settings::read(configuration)?;
        let queue = match &settings.output {
            Output::Log { .. } => None,
            Output::Service { limits, .. } => Some(RefCell::new(Queue::new(*limits))),
        };
        Ok(Self { settings, queue, chance: Chance::default(), complaints: Seldom::default() })
    }

    fn warnings(&self) -> Vec<String> {
        self.settings.warnings.clone()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        if self.settings.request_id_header.is_some() {
            stream.request_id = cx.headers.get("x-request-id");
        }
        watch(&self.settings.request.bodies, cx, &mut stream.request)
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        if let (Some(name), Some(id)) = (&self.settings.request_id_header, stream.request_id.take())
            && http::is_header_value(&id)
        {
            cx.headers.set(name, &id);
        }
        watch(&self.settings.response.bodies, cx, &mut stream.response)
    }

    fn on_sight(&self, stream: &mut Stream, side: Side, piece: &[u8]) {
        let seen = match side {
            Side::Request => &mut stream.request,
            Side::Response => &mut stream.response,
        };
        if let Some(bytes) = &mut seen.bytes {
            bytes.extend_from_slice(piece);
        }
    }

    fn on_log(&self, stream: &mut Stream, request: &dyn Headers, response: &dyn Headers, proxy: &dyn Proxy) {
        let exchange = Exchange { request, response, proxy, bodies: [&stream.request, &stream.response] };
        if !self.is_wanted(&exchange) {
            proxy.count("skipped", 1);
            return;
        }
        let line = exchange.line(&self.settings);
        let taken = match (&self.settings.output, &self.queue) {
            (Output::Service { .. }, Some(queue)) => queue.borrow_mut().push(line, proxy.now()),
            (Output::Log { warning: false }, _) => {
                info!("{}", String::from_utf8_lossy(&line));
                true
            }
            _ => {
                warn!("{}", String::from_utf8_lossy(&line));
                true
            }
        };
        proxy.count(if taken { "passed" } else { "dropped" }, 1);
    }

    fn tick(&self) -> Option<Duration> {
        self.settings.tick()
    }

    fn on_tick(&self, proxy: &dyn Proxy) -> Option<Call> {
        let Output::Service { service, headers, .. } = &self.settings.output else {
            return None;
        };
        let body = self.queue.as_ref()?.borrow_mut().next(proxy.now())?;
        let kind = ("content-type".to_owned(), b"application/x-ndjson".to_vec());
        let all: Vec<_> = std::iter::once(kind).chain(headers.iter().cloned()).collect();
        Some(service.call("POST", &all, body))
    }

    fn on_tick_answer(&self, proxy: &dyn Proxy, answer: Option<Answer>) {
        let Some(queue) = &self.queue else {
            return;
        };
        let status = answer.map_or(0, |answer| answer.status);
        // What the service refuses once it refuses always, except for too much at once.
        let hopeless = (400..500).contains(&status) && !matches!(status, 408 | 425 | 429);
        match queue.borrow_mut().settle((200..300).contains(&status), hopeless) {
            Settled::Sent(lines) => proxy.count("sent", lines),
            Settled::Again => proxy.count("errors", 1),
            Settled::Dropped(lines) => {
                proxy.count("errors", 1);
                proxy.count("dropped", lines);
                self.complain(proxy, status, lines);
            }
        }
    }
}

impl AccessLog {
    fn is_wanted(&self, exchange: &Exchange) -> bool {
        let settings = &self.settings;
        if settings.exempt.meets(exchange.request) {
            return false;
        }
        if settings.sample >= share::WHOLE || exchange.status() >= u64::from(settings.always_from) {
            return true;
        }
        // By the id, so that all proxies on the way choose the same requests.
        let place = match exchange.request.get("x-request-id") {
            Some(id) => share::place(b"access-log", &id),
            None => self.chance.next(exchange.proxy.now()),
        };
        place < settings.sample
    }

    fn complain(&self, proxy: &dyn Proxy, status: u16, lines: usize) {
        if self.complaints.is_due(proxy) {
            let name = Self::NAME;
            warn!("{name}: {lines} lines dropped: the service answered {status} (0: nothing); others are only counted");
        }
    }
}

fn watch(bodies: &Bodies, cx: &Cx, seen: &mut Seen) -> Decision {
    if cx.end || bodies.most == 0 {
        return Decision::Undecided;
    }
    let kind = cx.headers.get("content-type").and_then(|kind| http::media_type(&kind)).unwrap_or_default();
    if !bodies.wants(&kind) || !http::is_plain(cx.headers.get("content-encoding").as_deref()) {
        return Decision::Undecided;
    }
    *seen = Seen { bytes: Some(Vec::new()), format: Format::of(&kind) };
    Decision::Watch(bodies.most)
}

#[cfg(test)]
mod tests;
