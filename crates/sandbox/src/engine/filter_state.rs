//! What filters keep for each other beside a stream: properties of plugins (`wasm.<name>`), and the objects that Envoy
//! makes of a text under names that its own parts read.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::status::Status;

/// Bytes that one stream may store.
const MAX_BYTES: usize = 4 << 20;
/// What a plugin's own names begin with.
const OWN: &[u8] = b"wasm.";

/// How a property of a plugin is read by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// Bytes or text, which have no parts.
    #[default]
    Plain,
    FlatBuffers,
    Protobuf,
}

/// What was declared of a property before it was set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prototype {
    pub(crate) readonly: bool,
    pub(crate) kind: Kind,
    pub(crate) schema: Vec<u8>,
}

/// How long an object lives. Within one exchange that makes no difference, but one name has one span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    Filters,
    Request,
    Connection,
}

impl Span {
    /// By its number in messages; unknown ones are the first.
    pub(crate) fn of(number: u64) -> Self {
        match number {
            1 => Self::Request,
            2 => Self::Connection,
            _ => Self::Filters,
        }
    }
}

/// What Envoy makes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    Text(Vec<u8>),
    /// It is there, and cannot be read.
    Hidden,
    Address(SocketAddr),
}

#[derive(Debug)]
struct Property {
    prototype: Prototype,
    value: Vec<u8>,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct FilterState {
    properties: BTreeMap<Vec<u8>, Property>,
    objects: BTreeMap<String, (Span, Object)>,
}

impl FilterState {
    /// A property's value, with what was declared of it.
    pub(crate) fn property(&self, name: &[u8]) -> Option<(&Prototype, &[u8])> {
        self.properties.get(name).map(|property| (&property.prototype, property.value.as_slice()))
    }

    /// Sets a property. Who sets it first says what it is; `prototype` is that plugin's.
    ///
    /// # Errors
    /// It is read-only and has a value.
    pub(crate) fn set_property(
        &mut self,
        name: &[u8],
        value: Vec<u8>,
        prototype: Option<&Prototype>,
    ) -> Result<(), Status> {
        let stored: usize = self.properties.iter().map(|(name, known)| name.len() + known.value.len()).sum();
        if stored + name.len() + value.len() > MAX_BYTES {
            return Err(Status::InternalFailure);
        }
        match self.properties.get_mut(name) {
            Some(known) if known.prototype.readonly => Err(Status::BadArgument),
            Some(known) => {
                known.value = value;
                Ok(())
            }
            None => {
                let prototype = prototype.cloned().unwrap_or_default();
                self.properties.insert(name.to_vec(), Property { prototype, value });
                Ok(())
            }
        }
    }

    /// What is there by its whole name; the names of properties begin with `wasm.`.
    pub(crate) fn object(&self, name: &str) -> Option<&Object> {
        self.objects.get(name).map(|(_, object)| object)
    }

    /// Keeps an object. One that is there with another life span stays, and nobody is told.
    pub(crate) fn keep(&mut self, name: &str, span: Span, object: Object) {
        if self.objects.get(name).is_none_or(|(known, _)| *known == span) {
            self.objects.insert(name.to_owned(), (span, object));
        }
    }
}

/// A property's name in a name of the filter state.
pub(crate) fn own_name(name: &[u8]) -> Option<&[u8]> {
    name.strip_prefix(OWN)
}

/// What Envoy 1.40 makes of a text under that name.
///
/// # Errors
/// Nothing reads that name, or the text is not what its reader takes.
pub(crate) fn made_of(name: &str, value: &str) -> Result<Object, Status> {
    // A limit of ours: a name has one value, so that is all that can pile up.
    if value.len() > MAX_BYTES {
        return Err(Status::InternalFailure);
    }
    let text = || Ok(Object::Text(value.as_bytes().to_vec()));
    let number = |most: u64| {
        let number = number(value).filter(|number| *number <= most).ok_or(Status::BadArgument)?;
        Ok(Object::Text(number.to_string().into_bytes()))
    };
    match name {
        "envoy.string"
        | "envoy.hashable_string"
        | "envoy.network.network_namespace"
        | "envoy.network.upstream_server_name"
        | "envoy.network.upstream_subject_alt_names"
        | "envoy.tcp_proxy.cluster"
        | "envoy.upstream.dynamic_host" => text(),
        "envoy.ai.model.request" if !value.is_empty() => text(),
        "envoy.network.application_protocols" | "envoy.router.debug_config" => Ok(Object::Hidden),
        "envoy.tcp_proxy.disable_tunneling" => Ok(Object::Text((value == "true").to_string().into_bytes())),
        "envoy.ratelimit.hits_addend" | "envoy.upstream.dynamic_port" => number(u64::from(u32::MAX)),
        "envoy.tcp_proxy.per_connection_idle_timeout_ms" => number(u64::MAX),
        "envoy.network.ip" => {
            let address = match value.parse::<IpAddr>().map_err(|_| Status::BadArgument)? {
                IpAddr::V4(address) => format!("{address}:0"),
                IpAddr::V6(address) => format!("[{address}]:0"),
            };
            Ok(Object::Text(address.into_bytes()))
        }
        "envoy.filters.listener.original_dst.local_ip"
        | "envoy.filters.listener.original_dst.remote_ip"
        | "envoy.network.transport_socket.original_dst_address" => {
            address(value).map(Object::Address).ok_or(Status::BadArgument)
        }
        "envoy.ai.model.request" | "envoy.ai.llm_protocol.request" => Err(Status::BadArgument),
        _ => Err(Status::NotFound),
    }
}

/// A number as Envoy reads them: blanks around it and a plus are no harm.
fn number(text: &str) -> Option<u64> {
    let text = text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.rsplit_once(':')?;
    let port = number(port).and_then(|port| u16::try_from(port).ok())?;
    match host.strip_prefix('[') {
        Some(host) => {
            let host: Ipv6Addr = host.strip_suffix(']')?.parse().ok()?;
            Some(SocketAddr::V6(SocketAddrV6::new(host, port, 0, 0)))
        }
        None => Some(SocketAddr::new(IpAddr::V4(host.parse().ok()?), port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_only_property_is_set_once() {
        let mut state = FilterState::default();
        let once = Prototype { readonly: true, ..Prototype::default() };
        assert_eq!(state.set_property(b"a", b"1".to_vec(), Some(&once)), Ok(()));
        assert_eq!(state.set_property(b"a", b"2".to_vec(), None), Err(Status::BadArgument));
        assert_eq!(state.property(b"a").unwrap().1, b"1");
        assert_eq!(state.set_property(b"b", vec![0; MAX_BYTES], None), Err(Status::InternalFailure));
    }

    #[test]
    fn a_name_keeps_its_span() {
        let mut state = FilterState::default();
        state.keep("a", Span::Filters, Object::Text(b"1".to_vec()));
        state.keep("a", Span::Connection, Object::Text(b"2".to_vec()));
        assert_eq!(state.object("a"), Some(&Object::Text(b"1".to_vec())));
        state.keep("a", Span::Filters, Object::Hidden);
        assert_eq!(state.object("a"), Some(&Object::Hidden));
    }

    #[test]
    fn texts_become_what_their_readers_take() {
        let text = |text: &str| Ok(Object::Text(text.as_bytes().to_vec()));
        assert_eq!(made_of("envoy.ratelimit.hits_addend", " +7"), text("7"));
        assert_eq!(made_of("envoy.ratelimit.hits_addend", "4294967296"), Err(Status::BadArgument));
        assert_eq!(made_of("envoy.ratelimit.hits_addend", "+ 7"), Err(Status::BadArgument));
        assert_eq!(made_of("envoy.network.ip", "::1"), text("[::1]:0"));
        assert_eq!(made_of("envoy.tcp_proxy.disable_tunneling", "yes"), text("false"));
        assert_eq!(made_of("nobody.reads.this", "x"), Err(Status::NotFound));
        assert_eq!(made_of("envoy.string", &"x".repeat(MAX_BYTES + 1)), Err(Status::InternalFailure));
        let name = "envoy.network.transport_socket.original_dst_address";
        assert_eq!(made_of(name, "1.2.3.4:80"), Ok(Object::Address(([1, 2, 3, 4], 80).into())));
        for bad in ["1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "::1:80", "[::1]", "[1.2.3.4]:80", ""] {
            assert_eq!(made_of(name, bad), Err(Status::BadArgument), "{bad}");
        }
    }
}
