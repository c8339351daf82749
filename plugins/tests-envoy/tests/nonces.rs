//! One nonce at several workers at once. That a write between look and write loses nothing is told natively (`replay`): here, that
//! the proxy keeps the promise on which it rests.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // All of this file is a test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tests_envoy::envoy::{Envoy, Listener, Paths};
use tests_envoy::upstream::{Upstream, sized};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const WORKERS: usize = 4;
const ROUNDS: usize = 60;

fn request(nonce: usize) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now));
    let text = format!("p1\nGET /\ndate: {date}\nx-nonce: {nonce}\n");
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key").chain_update(text).finalize();
    let signature = Base64::encode_string(&mac.into_bytes());
    let names = "@request-target date x-nonce";
    format!(
        "GET / HTTP/1.1\r\nhost: test\r\ndate: {date}\r\nx-nonce: {nonce}\r\nauthorization: Signature keyId=\"p1\",\
         algorithm=\"hmac-sha256\",headers=\"{names}\",signature=\"{signature}\"\r\nconnection: close\r\n\r\n"
    )
}

/// The status of the answer; to wait for its end would be to wait until the proxy believes that it was read.
fn send(connection: &mut TcpStream, request: &str) -> u16 {
    connection.write_all(request.as_bytes()).expect("sent");
    let mut line = [0; 12];
    connection.read_exact(&mut line).expect("an answer");
    String::from_utf8_lossy(&line[9..]).parse().expect("a status")
}

#[test]
fn a_nonce_is_taken_once_whoever_comes_at_the_same_time() {
    let Some(paths) = Paths::from_environment().unwrap_or_else(|message| panic!("{message}")) else {
        println!("skipped: no Envoy (ALLOW_NO_ENVOY=1)");
        return;
    };
    let keys = format!(r#"{{"consumers":[{{"name":"partner","accessKey":"p1","secretKey":"{SECRET}"}}]}}"#);
    let listener = Listener { name: "signed".into(), chain: vec![("hmac_auth", Some(keys))] };
    let upstream = Upstream::start().expect("an upstream");
    upstream.answer("/", sized(&[], b"ok"));
    let envoy = Envoy::with_workers(WORKERS as u32, &paths, upstream.port(), &[listener]).expect("a running Envoy");
    let port = envoy.ports()["signed"];
    for nonce in 0..ROUNDS {
        let (request, start) = (request(nonce), Barrier::new(2 * WORKERS));
        let client = || {
            let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            start.wait();
            send(&mut connection, &request)
        };
        let statuses: Vec<u16> = thread::scope(|scope| {
            let clients: Vec<_> = (0..2 * WORKERS).map(|_| scope.spawn(client)).collect();
            clients.into_iter().map(|client| client.join().expect("a client")).collect()
        });
        let let_in = statuses.iter().filter(|status| **status == 200).count();
        assert!(let_in == 1 && statuses.iter().all(|s| matches!(s, 200 | 401)), "round {nonce}: {statuses:?}");
    }
    assert!(envoy.busy_workers() >= 2, "only {} of the workers had work", envoy.busy_workers());
}
