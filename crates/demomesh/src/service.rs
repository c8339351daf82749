//! The API as a tower service whose connection can break.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Request, Response};
use tower::{BoxError, Service};

use crate::store::Store;

/// The API under a connection: a router cannot fail, but a connection can.
#[derive(Debug, Clone)]
pub struct DemoService {
    router: Router,
    store: Arc<Store>,
}

impl DemoService {
    pub(crate) fn new(router: Router, store: Arc<Store>) -> Self {
        Self { router, store }
    }
}

impl<B> Service<Request<B>> for DemoService
where
    B: axum::body::HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let unreachable = self.store.lock().faults.unreachable;
        let mut router = self.router.clone();
        Box::pin(async move {
            if unreachable {
                let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "tcp connect error: Connection refused");
                return Err(refused.into());
            }
            router.call(request.map(Body::new)).await.map_err(|never| match never {})
        })
    }
}
