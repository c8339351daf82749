//! `GET /events`: tells open pages that something changed. What changed they ask for by themselves.
//!
//! Events: `hello` first, with a word that is another after each start of the server; `change` with `cluster` or
//! `catalogue`; `resync` when a page was too slow and missed some, so it should read everything again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::{Stream, StreamExt, stream};
use marketplace_services::Change;
use tokio::sync::broadcast;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use crate::shutdown::Shutdown;

/// Often enough that nothing between us and the browser thinks the line is dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What the stream needs.
#[derive(Clone)]
pub struct Events {
    subscribe: Arc<dyn Fn() -> broadcast::Receiver<Change> + Send + Sync>,
    shutdown: Shutdown,
    start: Arc<str>,
}

impl Events {
    /// Events of this source, until the server stops.
    pub fn new(
        subscribe: impl Fn() -> broadcast::Receiver<Change> + Send + Sync + 'static,
        shutdown: Shutdown,
    ) -> Self {
        Self { subscribe: Arc::new(subscribe), shutdown, start: uuid::Uuid::new_v4().simple().to_string().into() }
    }
}

/// The route.
pub fn router(events: Events) -> Router {
    Router::new().route("/events", get(listen)).with_state(events)
}

async fn listen(State(events): State<Events>) -> Response {
    // Subscribed before `hello` is sent: whoever got it misses nothing.
    let changes = (events.subscribe)();
    let sse = Sse::new(as_events(&events.start, changes, events.shutdown))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here"));
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx holds back what it proxies otherwise.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, sse).into_response()
}

fn as_events(
    start: &str,
    changes: broadcast::Receiver<Change>,
    shutdown: Shutdown,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let hello = Event::default().event("hello").data(start).retry(Duration::from_secs(1));
    let changes = BroadcastStream::new(changes).map(|change| match change {
        Ok(change) => Event::default().event("change").data(change.as_str()),
        Err(BroadcastStreamRecvError::Lagged(missed)) => Event::default().event("resync").data(missed.to_string()),
    });
    stream::iter([hello]).chain(changes).map(Ok).take_until(shutdown.wait())
}
