//! An upstream that answers each path as it was told to, byte by byte.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The pause between two pieces of an answer, long enough for the proxy to see them one by one.
const PAUSE: Duration = Duration::from_millis(40);

#[derive(Default)]
struct Book {
    answers: HashMap<String, Vec<Vec<u8>>>,
    requests: HashMap<String, String>,
}

/// A server on a free port of the loopback interface.
#[derive(Clone)]
pub struct Upstream {
    port: u16,
    book: Arc<Mutex<Book>>,
}

impl Upstream {
    /// Starts the server. Its threads end with the process.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let upstream = Self { port: listener.local_addr()?.port(), book: Arc::default() };
        let served = upstream.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                // A client that goes away early is nothing to report.
                thread::spawn(move || drop(served.serve(stream)));
            }
        });
        Ok(upstream)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sets what is sent, piece by piece, to requests for `path`.
    pub fn answer(&self, path: &str, pieces: Vec<Vec<u8>>) {
        self.book(|book| book.answers.insert(path.to_owned(), pieces));
    }

    /// The head of the last request for `path`, in lower case.
    pub fn request(&self, path: &str) -> String {
        self.book(|book| book.requests.get(path).cloned().unwrap_or_default())
    }

    fn book<T>(&self, use_it: impl FnOnce(&mut Book) -> T) -> T {
        use_it(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte)? == 0 {
                return Ok(());
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let pieces = self.book(|book| {
            book.requests.insert(path.clone(), head);
            book.answers.get(&path).cloned().unwrap_or_default()
        });
        for (i, piece) in pieces.iter().enumerate() {
            if i > 0 {
                thread::sleep(PAUSE);
            }
            stream.write_all(piece)?;
        }
        Ok(())
    }
}

/// An answer with `content-length`. `headers` are lines without line ends.
pub fn sized(headers: &[&str], body: &[u8]) -> Vec<Vec<u8>> {
    let length = format!("content-length: {}", body.len());
    let mut whole = head("200 OK", &[headers, &[&length]].concat());
    whole.extend_from_slice(body);
    vec![whole]
}

/// A chunked answer, one chunk for each piece.
pub fn chunked(headers: &[&str], chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    with_trailers(headers, chunks, &[])
}

/// A chunked answer with trailers.
pub fn with_trailers(headers: &[&str], chunks: &[&[u8]], trailers: &[&str]) -> Vec<Vec<u8>> {
    let headers = [headers, &["transfer-encoding: chunked"]].concat();
    let mut pieces = vec![head("200 OK", &headers)];
    for chunk in chunks {
        let size = format!("{:x}\r\n", chunk.len());
        pieces.push([size.as_bytes(), chunk, b"\r\n"].concat());
    }
    let mut end = String::from("0\r\n");
    trailers.iter().for_each(|t| end.push_str(&format!("{t}\r\n")));
    pieces.push(format!("{end}\r\n").into_bytes());
    pieces
}

/// Only a status line and headers.
pub fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let lines: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\n{lines}\r\n").into_bytes()
}
