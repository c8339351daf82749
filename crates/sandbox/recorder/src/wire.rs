//! A connection's bytes, read as they come and cut into messages.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

/// Either end of a connection, plain or encrypted.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// The reading end, with what has been read and not yet used.
pub(crate) struct Reader<R> {
    source: R,
    bytes: Vec<u8>,
    at: usize,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, bytes: Vec::new(), at: 0 }
    }

    /// Reads more; false at the connection's end, however it comes.
    pub(crate) async fn more(&mut self) -> bool {
        let mut piece = vec![0; 65_536];
        match self.source.read(&mut piece).await {
            Ok(n) if n > 0 => {
                self.bytes.extend_from_slice(&piece[..n]);
                true
            }
            _ => false,
        }
    }

    /// What is there and not yet taken.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Takes up to `n` bytes of what is there.
    pub(crate) fn take(&mut self, n: usize) -> Vec<u8> {
        let end = self.bytes.len().min(self.at.saturating_add(n));
        let taken = self.bytes[self.at..end].to_vec();
        self.at = end;
        taken
    }

    /// Takes exactly `n` bytes.
    pub(crate) async fn exactly(&mut self, n: usize) -> io::Result<Vec<u8>> {
        while self.rest().len() < n {
            if !self.more().await {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.take(n))
    }

    /// A line without its CR LF.
    pub(crate) async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut looked = 0;
        loop {
            if let Some(end) = self.rest()[looked..].windows(2).position(|pair| pair == b"\r\n") {
                let line = self.take(looked + end);
                self.take(2);
                return Ok(line);
            }
            looked = self.rest().len().saturating_sub(1);
            if !self.more().await {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
