//! The plugin's phases: decisions fall with the headers, and pages are changed when they are complete.

use log::info;
use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Body, Cx, Decision, Plugin, Side, Uncollected};

use crate::place;
use crate::policy::{self, Answer, Plan, Request, Visit};
use crate::settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Notice(Settings);

/// What a stream remembers: what the request asks for, if it may get the notice.
#[derive(Default)]
pub struct Stream(Option<Visit>);

impl Plugin for Notice {
    const NAME: &'static str = "notice";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn warnings(&self) -> Vec<String> {
        match self.0.banners {
            Some(_) => Vec::new(),
            None => vec!["neither textEn nor textZh is set: nothing is shown".to_owned()],
        }
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let settings = &self.0;
        if settings.banners.is_none() {
            return Decision::Undecided;
        }
        let request = Request {
            method: cx.headers.get(":method"),
            path: cx.headers.get(":path"),
            accept: cx.headers.get("accept"),
            accept_language: cx.headers.get("accept-language"),
            fetch_dest: cx.headers.get("sec-fetch-dest"),
            requested_with: cx.headers.get("x-requested-with"),
            dismissed: settings.dismissal.as_ref().is_some_and(|d| d.is_done(&cx.headers.all("cookie"))),
            now: if settings.has_window() { i64::try_from(cx.proxy.now()).unwrap_or(i64::MAX) } else { 0 },
        };
        stream.0 = policy::visit(&request, settings);
        if let (Some(dismissal), Some(_)) = (&settings.dismissal, stream.0)
            && let Some(reply) = dismissal.answer(cx.headers)
        {
            return Decision::Answer(reply);
        }
        // Pictures and scripts may stay compressed and cached; only what asks for a page is asked for in full.
        if settings.plain_answers && stream.0.is_some_and(|visit| visit.wants_html && !visit.dismissed) {
            http::ask_for_plain_answer(cx.headers);
            cx.headers.remove("if-none-match");
            cx.headers.remove("if-modified-since");
        }
        Decision::Undecided
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let settings = &self.0;
        let Some(visit) = stream.0 else {
            return Decision::Skip;
        };
        let answer = Answer {
            status: cx.headers.get(":status"),
            content_type: cx.headers.get("content-type"),
            content_encoding: cx.headers.get("content-encoding"),
            content_length: cx.headers.get("content-length"),
            content_disposition: cx.headers.get("content-disposition"),
            no_body: cx.end,
        };
        let expected = Expected::of(cx.headers, settings.max_body);
        let plan = policy::plan(&answer, visit, settings);
        if settings.dismissal.is_some() && matches!(plan, Plan::Show | Plan::HeadersOnly | Plan::Dismissed) {
            cx.headers.add("vary", b"cookie");
        }
        match plan {
            Plan::Show | Plan::HeadersOnly => {
                http::clear_body_bound(cx.headers);
                // What is cached under the upstream's tag is the page without this notice.
                cx.headers.remove("etag");
                cx.headers.remove("last-modified");
                if settings.banners.as_ref().is_some_and(|b| b.differ()) {
                    cx.headers.add("vary", b"accept-language");
                }
            }
            Plan::Encoded => info!("{}: page passed without notice: it is compressed", Self::NAME),
            Plan::TooLarge => info!("{}: page passed without notice: larger than maxBodyKiB", Self::NAME),
            Plan::Dismissed | Plan::Skip => {}
        }
        if plan == Plan::Show { Decision::Collect(expected) } else { Decision::Skip }
    }

    fn on_response_body(&self, stream: &mut Stream, _cx: &Cx, page: Body) -> Decision {
        let (Some(banners), Some(visit)) = (&self.0.banners, stream.0) else {
            return Decision::Pass;
        };
        if page.bytes.is_empty() {
            return Decision::Pass;
        }
        let changed = place::put(&page.bytes, banners.get(visit.language), self.0.position);
        if changed.len() > page.room { Decision::Pass } else { Decision::Replace(changed) }
    }

    fn on_uncollected(&self, _stream: &mut Stream, _cx: &Cx, _side: Side, why: Uncollected) -> Decision {
        match why {
            Uncollected::TooLarge => {
                info!("{}: page passed without notice: larger than maxBodyKiB", Self::NAME);
                Decision::Skip
            }
            Uncollected::Unreadable => Decision::Failed,
        }
    }
}
