//! A client that sees what is on the wire.

use std::io::{self, Read, Write};
use std::net::TcpStream;
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

/// Sends a request (method, path, header lines) and reads the answer.
pub fn send(port: u16, method: &str, path: &str, headers: &[&str]) -> io::Result<Response> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(8)))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: test\r\n");
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes())?;
    let mut reader = Reader { stream, bytes: Vec::new(), at: 0 };
    reader.response(method == "HEAD")
}

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
        if to_head || matches!(status, 204 | 304) {
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
