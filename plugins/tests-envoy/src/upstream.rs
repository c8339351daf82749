//! An upstream that answers each path as it was told to, byte by byte.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::client;

/// The pause between two pieces of an answer, long enough for the proxy to see them one by one.
const PAUSE: Duration = Duration::from_millis(40);

/// A path with this in it is answered too late.
pub const HANG: &str = "/hang";
/// A request for a path with this in it gets the first piece of its answer before its body is read.
pub const EARLY: &str = "/early";
/// A request for a path with this in it is followed by another protocol: every byte comes back.
pub const ECHO: &str = "/echo";
const TOO_LATE: Duration = Duration::from_secs(3);

/// A request as the upstream got it.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// The request line and the header lines.
    pub head: String,
    /// The body, with chunks joined.
    pub body: Vec<u8>,
    /// It came as a whole.
    pub complete: bool,
}

impl Received {
    /// All values of a header, in order.
    pub fn all(&self, name: &str) -> Vec<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).collect()
    }

    /// The target of the request line.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

#[derive(Default)]
struct Book {
    answers: HashMap<String, Vec<Vec<u8>>>,
    requests: HashMap<String, Received>,
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

    /// Sets what is sent, piece by piece, to requests for `path` (without query), and forgets earlier ones.
    pub fn answer(&self, path: &str, pieces: Vec<Vec<u8>>) {
        self.book(|book| {
            book.requests.remove(path);
            book.answers.insert(path.to_owned(), pieces);
        });
    }

    /// The last request for `path` (without query).
    pub fn request(&self, path: &str) -> Option<Received> {
        self.book(|book| book.requests.get(path).cloned())
    }

    fn book<T>(&self, use_it: impl FnOnce(&mut Book) -> T) -> T {
        use_it(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(client::PATIENCE))?;
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if reader.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
        }
        let mut request = Received { head: String::from_utf8_lossy(&head).into_owned(), ..Received::default() };
        let path = request.target().split('?').next().unwrap_or_default().to_owned();
        let pieces = self.book(|book| {
            book.requests.insert(path.clone(), request.clone());
            book.answers.get(&path).cloned().unwrap_or_default()
        });
        let mut pieces = pieces.into_iter();
        if path.contains(EARLY)
            && let Some(piece) = pieces.next()
        {
            reader.get_mut().write_all(&piece)?;
        }
        read_body(&mut reader, &mut request)?;
        request.complete = true;
        self.book(|book| book.requests.insert(path.clone(), request));
        if path.contains(HANG) {
            thread::sleep(TOO_LATE);
        }
        let echoes = path.contains(ECHO);
        let mut stream = reader.into_inner();
        for (i, piece) in pieces.enumerate() {
            if i > 0 {
                thread::sleep(PAUSE);
            }
            stream.write_all(&piece)?;
        }
        if echoes {
            io::copy(&mut stream.try_clone()?, &mut stream)?;
        }
        Ok(())
    }
}

fn read_body(reader: &mut impl BufRead, request: &mut Received) -> io::Result<()> {
    if let Some(length) = request.all("content-length").first() {
        request.body = vec![0; length.parse().unwrap_or(0)];
        return reader.read_exact(&mut request.body);
    }
    if request.all("transfer-encoding").is_empty() {
        return Ok(());
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; size];
        reader.read_exact(&mut chunk)?;
        request.body.extend(chunk);
        loop {
            line.clear();
            // Behind a chunk an empty line, behind the last one trailers and an empty line.
            if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                break;
            }
        }
        if size == 0 {
            return Ok(());
        }
    }
}

/// An answer with `content-length`. `headers` are lines without line ends.
pub fn sized(headers: &[&str], body: &[u8]) -> Vec<Vec<u8>> {
    status("200 OK", headers, body)
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

/// An answer with this status line, and `content-length`.
pub fn status(status: &str, headers: &[&str], body: &[u8]) -> Vec<Vec<u8>> {
    let length = format!("content-length: {}", body.len());
    vec![[head(status, &[headers, &[&length]].concat()), body.to_vec()].concat()]
}

/// Only a status line and headers. Each character is one byte.
pub fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let lines: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
    client::latin1(&format!("HTTP/1.1 {status}\r\n{lines}\r\n"))
}
