//! Where tokens are.

use plugin_kit::credentials::{self, Presented};
use plugin_kit::plugin::Headers;
use plugin_kit::query;

/// A header that may hold a token, behind a prefix.
#[derive(Debug)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// What stands before the token, such as `Bearer `. Upper and lower case are the same, as for all such schemes.
    pub prefix: String,
}

/// Where tokens may be.
#[derive(Debug)]
pub struct Places {
    /// Headers.
    pub headers: Vec<Header>,
    /// Parameters of the query.
    pub parameters: Vec<String>,
    /// Cookies.
    pub cookies: Vec<String>,
}

impl Places {
    /// Finds the token of a request.
    pub fn find(&self, request: &dyn Headers) -> Presented {
        let mut found: Vec<Vec<u8>> = Vec::new();
        for header in &self.headers {
            let lines = request.all(&header.name);
            found.extend(lines.iter().filter_map(|line| behind(line, &header.prefix)).map(<[u8]>::to_vec));
        }
        if !self.parameters.is_empty() {
            let path = request.get(":path").unwrap_or_default();
            self.parameters.iter().for_each(|name| found.extend(query::values(&path, name)));
        }
        if !self.cookies.is_empty() {
            let lines = request.all("cookie");
            for name in &self.cookies {
                found.extend(query::cookies(&lines, name).map(<[u8]>::to_vec));
            }
        }
        Presented::of(found)
    }

    /// Takes the token out of a request.
    pub fn hide(&self, request: &dyn Headers) {
        for header in &self.headers {
            if request.all(&header.name).iter().any(|line| behind(line, &header.prefix).is_some()) {
                request.remove(&header.name);
            }
        }
        self.parameters.iter().for_each(|name| credentials::hide_parameter(request, name));
        self.cookies.iter().for_each(|name| credentials::hide_cookie(request, name));
    }
}

fn behind<'a>(line: &'a [u8], prefix: &str) -> Option<&'a [u8]> {
    let (start, token) = line.trim_ascii().split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix.as_bytes()).then(|| token.trim_ascii())
}
