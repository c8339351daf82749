//! A client that sees what is on the wire.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// An answer as it came over the wire.
#[derive(Debug, Default)]
pub struct Response {
    /// The status; 0 if none came.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body, with chunks joined.
    pub body: Vec<u8>,
    /// The trailers behind a chunked body.
    pub trailers: Vec<(String, String)>,
    /// The body ended as announced, and not because the connection did.
    pub complete: bool,
}

impl Response {
    /// The value of a header, several joined with commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A request's body.
#[derive(Debug, Clone, Default)]
pub enum Payload {
    /// None at all.
    #[default]
    None,
    /// With `content-length`, also an empty one.
    Sized(Vec<u8>),
    /// Chunk by chunk, and trailers as header lines.
    Chunked(Vec<Vec<u8>>, Vec<&'static str>),
    /// What is sent once the protocol is another one; as many bytes are wanted back. HTTP/1.1 only.
    Switched(Vec<u8>),
}

/// A request to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// Header lines; each character is one byte, so `\u{ff}` is no UTF-8.
    pub headers: &'a [&'a str],
    /// The body.
    pub payload: &'a Payload,
}

/// How long an answer may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// Text to bytes, one byte for each character.
pub fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// Sends a GET and reads the answer.
pub fn get(port: u16, path: &str, headers: &[&str]) -> io::Result<Response> {
    send(port, Request { method: "GET", path, headers, payload: &Payload::None })
}

/// Sends a request in HTTP/1.1 and reads the answer.
pub fn send(port: u16, request: Request) -> io::Result<Response> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let host = if request.headers.iter().any(|h| h.starts_with("host:")) { "" } else { "host: test\r\n" };
    let mut head = format!("{} {} HTTP/1.1\r\n{host}", request.method, request.path);
    request.headers.iter().for_each(|h| head.push_str(&format!("{h}\r\n")));
    let mut pieces = Vec::new();
    match request.payload {
        Payload::None | Payload::Switched(_) => {}
        Payload::Sized(body) => {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
            pieces.push(body.clone());
        }
        Payload::Chunked(chunks, trailers) => {
            head.push_str("transfer-encoding: chunked\r\n");
            let framed = |c: &Vec<u8>| [format!("{:x}\r\n", c.len()).as_bytes(), c, b"\r\n"].concat();
            pieces.extend(chunks.iter().map(framed));
            let trailers: String = trailers.iter().map(|t| format!("{t}\r\n")).collect();
            pieces.push(format!("0\r\n{trailers}\r\n").into_bytes());
        }
    }
    stream.write_all(&[latin1(&head), b"\r\n".to_vec()].concat())?;
    for piece in pieces {
        // The proxy may have answered already, and listen no more.
        if stream.write_all(&piece).is_err() {
            break;
        }
        thread::sleep(BREATH);
    }
    let mut reader = Reader { stream, bytes: Vec::new(), at: 0 };
    let mut response = reader.response(request.method == "HEAD")?;
    if let (Payload::Switched(bytes), 101) = (request.payload, response.status) {
        reader.stream.write_all(bytes)?;
        response.body = reader.take(bytes.len())?;
        response.complete = response.body.len() == bytes.len();
    }
    Ok(response)
}

/// The pause between two pieces of a body, for the proxy to see them one by one.
const BREATH: Duration = Duration::from_millis(5);

struct Reader {
    stream: TcpStream,
    bytes: Vec<u8>,
    at: usize,
}

impl Reader {
    /// Reads more; false at the connection's end.
    fn more(&mut self) -> io::Result<bool> {
        let mut piece = vec![0; 65_536];
        let n = match self.stream.read(&mut piece) {
            Err(e) if e.kind() == io::ErrorKind::ConnectionReset => 0,
            other => other?,
        };
        self.bytes.extend_from_slice(&piece[..n]);
        Ok(n > 0)
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            let rest = &self.bytes[self.at..];
            if let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
                let line = String::from_utf8_lossy(&rest[..end]).into_owned();
                self.at += end + 2;
                return Ok(Some(line));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Takes `n` bytes, or fewer if the connection ends.
    fn take(&mut self, n: usize) -> io::Result<Vec<u8>> {
        while self.bytes.len() - self.at < n && self.more()? {}
        let end = self.bytes.len().min(self.at.saturating_add(n));
        let taken = self.bytes[self.at..end].to_vec();
        self.at = end;
        Ok(taken)
    }

    fn headers(&mut self) -> io::Result<Vec<(String, String)>> {
        let mut headers = Vec::new();
        while let Some(line) = self.line()?.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(headers)
    }

    fn response(&mut self, to_head: bool) -> io::Result<Response> {
        let Some(status) = self.line()? else {
            return Ok(Response::default());
        };
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let mut response = Response { status, headers: self.headers()?, ..Response::default() };
        if to_head || matches!(status, 101 | 204 | 304) {
            response.complete = true;
        } else if response.header("transfer-encoding").is_some() {
            self.chunks(&mut response)?;
        } else if let Some(length) = response.header("content-length") {
            let length = length.parse().unwrap_or(0);
            response.body = self.take(length)?;
            response.complete = response.body.len() == length;
        } else {
            response.body = self.take(usize::MAX)?;
            response.complete = true;
        }
        Ok(response)
    }

    fn chunks(&mut self, response: &mut Response) -> io::Result<()> {
        while let Some(line) = self.line()? {
            let size = line.split(';').next().unwrap_or_default();
            let Ok(size) = usize::from_str_radix(size, 16) else {
                break;
            };
            if size == 0 {
                response.trailers = self.headers()?;
                response.complete = true;
                break;
            }
            response.body.extend(self.take(size)?);
            self.take(2)?;
        }
        Ok(())
    }
}
