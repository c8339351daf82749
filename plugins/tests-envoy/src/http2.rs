//! The same client in HTTP/2.

use std::io;

use bytes::Bytes;
use h2::client;
use http::{HeaderMap, HeaderName};
use tokio::net::TcpStream;

use crate::client::{PATIENCE, Payload, Request, Response, latin1};

/// Sends a request in HTTP/2 without TLS and reads the answer.
pub fn send(port: u16, request: Request) -> io::Result<Response> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::time::timeout(PATIENCE, exchange(port, request))
            .await
            .map_err(io::Error::other)?
            .map_err(io::Error::other)
    })
}

async fn exchange(port: u16, request: Request<'_>) -> io::Result<Response> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (sender, connection) = client::handshake(stream).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let mut sender = sender.ready().await.map_err(io::Error::other)?;
    let uri = format!("http://test{}", request.path);
    let mut head = http::Request::builder().method(request.method).uri(uri).version(http::Version::HTTP_2);
    for line in request.headers {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        head = head.header(name, latin1(value));
    }
    let head = head.body(()).map_err(io::Error::other)?;
    let no_body = matches!(request.payload, Payload::None);
    let (answer, mut body) = sender.send_request(head, no_body).map_err(io::Error::other)?;
    // The proxy may have answered already, and listen no more: what cannot be sent is not sent.
    match request.payload {
        Payload::None | Payload::Switched(_) => {}
        Payload::Sized(bytes) => drop(body.send_data(Bytes::copy_from_slice(bytes), true)),
        Payload::Chunked(chunks, trailers) => {
            for chunk in chunks {
                drop(body.send_data(Bytes::copy_from_slice(chunk), false));
                tokio::task::yield_now().await;
            }
            if trailers.is_empty() {
                drop(body.send_data(Bytes::new(), true));
            } else {
                drop(body.send_trailers(header_map(trailers)));
            }
        }
    }
    let (head, mut body) = answer.await.map_err(io::Error::other)?.into_parts();
    let mut response = Response { status: head.status.as_u16(), headers: lines(&head.headers), ..Response::default() };
    while let Some(piece) = body.data().await {
        let Ok(piece) = piece else {
            return Ok(response);
        };
        drop(body.flow_control().release_capacity(piece.len()));
        response.body.extend_from_slice(&piece);
    }
    if let Ok(trailers) = body.trailers().await {
        response.trailers = trailers.map(|t| lines(&t)).unwrap_or_default();
        response.complete = true;
    }
    Ok(response)
}

fn header_map(lines: &[&str]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines.iter().filter_map(|line| line.split_once(": ")) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            map.append(name, value);
        }
    }
    map
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
