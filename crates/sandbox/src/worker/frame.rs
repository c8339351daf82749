//! What goes over a pipe: the size of a head and of a body, the head, the body. The head is a message; the body, if there is
//! one, is what would be slow to encode: a module, or a report as JSON.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest head that is read: an exchange with all that its file may hold.
const MAX_HEAD: u32 = 64 << 20;
/// The largest body that is read: a report with its trace, or a module that an operator allows.
const MAX_BODY: u32 = 128 << 20;

/// Sends one frame.
///
/// # Errors
/// When the other side is gone, or something is larger than a frame may be.
pub(super) fn send(to: &mut impl Write, head: &impl Serialize, body: &[u8]) -> io::Result<()> {
    let head = postcard::to_stdvec(head).map_err(io::Error::other)?;
    let size = |bytes: &[u8], most: u32| {
        let size = u32::try_from(bytes.len()).ok().filter(|size| *size <= most);
        size.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "larger than a frame may be"))
    };
    to.write_all(&size(&head, MAX_HEAD)?.to_le_bytes())?;
    to.write_all(&size(body, MAX_BODY)?.to_le_bytes())?;
    to.write_all(&head)?;
    to.write_all(body)?;
    to.flush()
}

/// Receives one frame.
///
/// # Errors
/// When the other side is gone, or sends what is no frame.
pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<(T, Vec<u8>)> {
    let head = size(from, MAX_HEAD)?;
    let body = size(from, MAX_BODY)?;
    let head = bytes(from, head)?;
    let head = postcard::from_bytes(&head).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok((head, bytes(from, body)?))
}

fn size(from: &mut impl Read, most: u32) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    let size = u32::from_le_bytes(bytes);
    if size > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than a frame may be"));
    }
    Ok(size)
}

/// Room is made as bytes come, not as they are announced.
fn bytes(from: &mut impl Read, size: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(u64::from(size)).read_to_end(&mut bytes)?;
    if bytes.len() < size as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let mut pipe = Vec::new();
        send(&mut pipe, &("head", 7_u8), b"body").unwrap();
        send(&mut pipe, &("next", 8_u8), b"").unwrap();
        let mut from = pipe.as_slice();
        assert_eq!(receive::<(String, u8)>(&mut from).unwrap(), (("head".to_owned(), 7), b"body".to_vec()));
        assert_eq!(receive::<(String, u8)>(&mut from).unwrap().0, ("next".to_owned(), 8));
        assert_eq!(receive::<(String, u8)>(&mut from).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_is_no_frame_is_refused_before_there_is_room_made() {
        let huge = [&u32::MAX.to_le_bytes()[..], &[0; 8]].concat();
        assert_eq!(receive::<u8>(&mut huge.as_slice()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let cut = [&1_u32.to_le_bytes()[..], &(MAX_BODY - 1).to_le_bytes(), &[7, 1, 2]].concat();
        assert_eq!(receive::<u8>(&mut cut.as_slice()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
