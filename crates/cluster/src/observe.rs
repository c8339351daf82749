//! A layer under kube's client that sees whether the API server answers at all. A watch that comes back without news
//! says nothing in kube's stream of events; here its answer is seen.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
};

use http::{Request, Response, StatusCode};
use kube::client::Body;
use tower::{BoxError, Layer, Service};

use crate::{Kind, shared::Shared};

/// Makes [`Observe`].
#[derive(Clone)]
pub(crate) struct ObserveLayer(pub Arc<Shared>);

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Observe<S> {
        Observe { inner, shared: Arc::downgrade(&self.0) }
    }
}

/// Notes of each request whether it was answered.
#[derive(Clone)]
pub(crate) struct Observe<S> {
    inner: S,
    shared: Weak<Shared>,
}

impl<S, B> Service<Request<Body>> for Observe<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let watched = watched_kind(&request);
        let answer = self.inner.call(request);
        let shared = self.shared.clone();
        Box::pin(async move {
            let answer = answer.await.map_err(Into::into);
            if let Some(shared) = shared.upgrade() {
                match &answer {
                    Ok(answer) if is_away(answer.status()) => shared.silent(answer.status().to_string()),
                    Ok(answer) => {
                        shared.answered();
                        if let Some(kind) = watched.filter(|_| answer.status().is_success()) {
                            shared.watching_again(kind);
                        }
                    }
                    Err(error) => shared.silent(innermost(error.as_ref())),
                }
            }
            answer
        })
    }
}

/// What a proxy in front of the API server answers in its place.
fn is_away(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

fn watched_kind<B>(request: &Request<B>) -> Option<Kind> {
    request.uri().query().filter(|query| query.split('&').any(|pair| pair == "watch=true"))?;
    let plural = request.uri().path().rsplit('/').next()?;
    Kind::WATCHED.into_iter().find(|kind| kind.plural() == plural)
}

/// The innermost cause says most: "connection refused" rather than "client error".
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_watches_from_other_requests() {
        let of = |uri: &str| watched_kind(&Request::get(uri).body(()).unwrap());
        assert_eq!(of("/api/v1/pods?watch=true&timeoutSeconds=290"), Some(Kind::Pods));
        assert_eq!(of("/apis/extensions.istio.io/v1alpha1/wasmplugins?&watch=true"), Some(Kind::Plugins));
        assert_eq!(of("/api/v1/pods?limit=500"), None);
        assert_eq!(of("/api/v1/secrets?watch=true"), None);
    }
}
