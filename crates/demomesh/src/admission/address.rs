//! Addresses as Go's `net/url` reads them: the rules that decide here are Go's, so a parser of another language would
//! let other things pass.

/// The schemes that Istio takes.
const SCHEMES: [&str; 5] = ["", "http", "https", "oci", "file"];

/// Whether the resource definition and istiod's webhook let the address pass: it must parse as a request's address, or
/// do so with `http://` in front.
pub(super) fn admitted(text: &str) -> bool {
    match scheme_of(text, true) {
        Some(scheme) => SCHEMES.contains(&scheme.as_str()),
        None => scheme_of(&format!("http://{text}"), true).is_some_and(|scheme| SCHEMES.contains(&scheme.as_str())),
    }
}

/// Why istiod, which later reads the address as it stands, drops a plugin without a word to anyone.
pub(crate) fn dropped_by_istiod(text: &str) -> bool {
    scheme_of(text, false).is_none()
}

/// The scheme, if Go can parse the text: as a request's address, or as any reference.
fn scheme_of(text: &str, request: bool) -> Option<String> {
    if text.bytes().any(|b| b < 0x20 || b == 0x7f) || (text.is_empty() && request) {
        return None;
    }
    let text = if request { text } else { text.split_once('#').map_or(text, |(before, _)| before) };
    let (scheme, rest) = split_scheme(text)?;
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Some(scheme);
        }
        let first = rest.split('/').next().unwrap_or_default();
        return (!request && !first.contains(':') && escapes(rest)).then_some(scheme);
    }
    let path = match rest.strip_prefix("//") {
        Some(after) if !scheme.is_empty() || (!request && !rest.starts_with("///")) => {
            let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
            host(authority).then_some(path)?
        }
        _ => rest,
    };
    escapes(path).then_some(scheme)
}

fn split_scheme(text: &str) -> Option<(String, &str)> {
    for (index, c) in text.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if index > 0 => {}
            ':' if index > 0 => return Some((text[..index].to_ascii_lowercase(), &text[index + 1..])),
            ':' => return None,
            _ => break,
        }
    }
    Some((String::new(), text))
}

fn host(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let user_good =
        user.chars().all(|c| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c)) && escapes(user);
    let port = |text: &str| text.strip_prefix(':').is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()));
    if host.starts_with('[') {
        let Some((inside, after)) = host.rsplit_once(']') else { return false };
        let address = inside.trim_start_matches('[').split("%25").next().unwrap_or_default();
        return user_good
            && (after.is_empty() || after.starts_with(':'))
            && port(after)
            && address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let name = match host.rfind(':') {
        Some(colon) if !port(&host[colon..]) => return false,
        Some(colon) => &host[..colon],
        None => host,
    };
    user_good
        && !name.contains(':')
        && name.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=[]<>\"%".contains(c))
        && host_escapes(name)
}

/// Whether each `%` is followed by two hexadecimal digits.
fn escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|after| after.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
}

/// In hosts only bytes beyond ASCII may be escaped.
fn host_escapes(text: &str) -> bool {
    escapes(text) && text.split('%').skip(1).all(|after| after.starts_with(|c: char| !matches!(c, '0'..='7')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verdicts of a real API server 1.36 with Istio 1.31.
    #[test]
    fn admits_what_a_real_api_server_admits() {
        for good in [
            "oci://r.example.com/p:1",
            "r.example.com/p:1",
            "p",
            "10.0.0.5:5000/p:1",
            "my_reg:5000/p",
            "1reg:5000/p",
            "[::1]:5000/p",
            "oci://r.example.com:abc/p",
            "oci://r%20x/p",
            "ftp://bad host/x",
            "?",
            "//r.example.com/p:1",
            "oci://",
            "oci:r.example.com/p",
            "http:///x.wasm",
            "oci://r.example.com:99999/p",
            "/opt/x.wasm",
            "file:///opt/x.wasm",
            "OCI://r/x",
            "HTTPS://r/x",
            "http://b/x y",
            "http://[::1/x",
            "http://b/x#y",
            "http://u:p@b/x",
            "http://u p@b/x",
            "oci://r{x}/p",
            "http://b/数",
            "数:1",
            "http://:80/x",
            "http://b:/x",
            "oci://a:b:c/x",
            "http://[fe80::1%25en0]/x",
            "http://[::g]/x",
        ] {
            assert!(admitted(good), "{good}");
        }
        for bad in [
            "r.example.com:5000/p:1",
            "localhost:5000/p",
            "p:1",
            "ftp://host/x",
            " ",
            "a b",
            "http://b/%zz",
            ":x",
            "::",
            "%",
            "#",
            "x#y",
            "data:x",
            "1a:b",
            "a+b:c",
            "a_b:c",
            "mailto:x",
            "a:b:c",
            "http://b/x\u{1}",
        ] {
            assert!(!admitted(bad), "{bad}");
        }
    }

    #[test]
    fn knows_what_istiod_drops() {
        for dropped in [
            "10.0.0.5:5000/p:1",
            "my_reg:5000/p",
            "1reg:5000/p",
            "[::1]:5000/p",
            "oci://r:abc/p",
            "oci://r%20x/p",
            "ftp://bad host/x",
        ] {
            assert!(dropped_by_istiod(dropped), "{dropped}");
        }
        for kept in
            ["oci://r.example.com/p:1", "r.example.com/p:1", "p", "?", "//r/p:1", "oci://", "oci:r/p", "/opt/x.wasm"]
        {
            assert!(!dropped_by_istiod(kept), "{kept}");
        }
    }
}
