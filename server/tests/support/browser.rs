//! A browser without scripts: it reads pages, fills their forms, sends them, and goes where it is sent.

use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{
    page::{Form, Page},
    product::ADDRESS,
};

enum Way {
    /// To a router in this process.
    Here(Router),
    /// Over the network.
    There(reqwest::Client),
}

pub struct Browser {
    way: Way,
    host: String,
    lang: String,
}

impl Browser {
    /// To a router in this process, in this language.
    pub fn here(router: &Router, lang: &str) -> Self {
        Self { way: Way::Here(router.clone()), host: ADDRESS.to_owned(), lang: lang.to_owned() }
    }

    /// To `host:port`.
    pub fn there(host: &str, lang: &str) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Self { way: Way::There(client.build().unwrap()), host: host.to_owned(), lang: lang.to_owned() }
    }

    /// The page at a path, after all redirects.
    pub async fn get(&self, path: &str) -> Page {
        self.follow(self.exchange(Method::GET, path, HeaderMap::new(), String::new()).await).await
    }

    /// Sends a form by pressing a button of it, and shows the page that follows.
    pub async fn press(&self, form: &Form, button: (&str, &str)) -> Page {
        let answer = self.answer(form, button).await;
        assert!(
            answer.status.is_redirection(),
            "{} answers a form with {}: {}",
            form.action,
            answer.status,
            answer.text
        );
        self.follow(answer).await
    }

    /// The answer to a form itself.
    pub async fn answer(&self, form: &Form, button: (&str, &str)) -> Page {
        let origin = format!("http://{}", self.host);
        let mut fields = form.fields.clone();
        fields.extend((!button.0.is_empty()).then(|| (button.0.to_owned(), button.1.to_owned())));
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::REFERER, format!("{origin}{}", form.page).parse().unwrap());
        headers.insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap());
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.exchange(Method::POST, &form.action, headers, body).await
    }

    /// Sends a form with a file in it to where a button says, and shows the page that follows.
    pub async fn send_file(&self, form: &Form, action: &str, name: &str, content: &[u8]) -> Page {
        let origin = format!("http://{}", self.host);
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=between".parse().unwrap());
        let mut body = Vec::new();
        // The file stands in the middle of the form, as on the page.
        let (first, last) = form.fields.split_at(form.fields.len() / 2);
        let part = |name: &str| format!("--between\r\nContent-Disposition: form-data; name=\"{name}\"");
        for (field, text) in first {
            body.extend_from_slice(format!("{}\r\n\r\n{text}\r\n", part(field)).as_bytes());
        }
        body.extend_from_slice(format!("{}; filename=\"{name}\"\r\n\r\n", part("file")).as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
        for (field, text) in last {
            body.extend_from_slice(format!("{}\r\n\r\n{text}\r\n", part(field)).as_bytes());
        }
        body.extend_from_slice(b"--between--\r\n");
        self.follow(self.exchange(Method::POST, action, headers, body).await).await
    }

    async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            if !page.status.is_redirection() {
                return page;
            }
            let location = page.header("location").to_owned();
            let path = location.strip_prefix(&format!("http://{}", self.host)).unwrap_or(&location);
            assert!(path.starts_with('/'), "sent to another site: {location}");
            let path = path.split('#').next().unwrap_or_default();
            page = self.exchange(Method::GET, path, HeaderMap::new(), String::new()).await;
        }
        panic!("too many redirects, at last to {}", page.path);
    }

    /// One request and its answer.
    pub async fn exchange(&self, method: Method, path: &str, mut headers: HeaderMap, body: impl Into<Vec<u8>>) -> Page {
        let body = body.into();
        headers.insert(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8".parse().unwrap());
        headers.insert(header::COOKIE, format!("lang={}", self.lang).parse().unwrap());
        headers.entry(header::HOST).or_insert(self.host.parse().unwrap());
        let (status, headers, bytes): (StatusCode, HeaderMap, _) = match &self.way {
            Way::Here(router) => {
                let mut request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
                *request.headers_mut() = headers;
                let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
                (parts.status, parts.headers, body.collect().await.unwrap().to_bytes())
            }
            Way::There(client) => {
                let url = format!("http://{}{path}", self.host);
                let answer = client.request(method, url).headers(headers).body(body).send().await.unwrap();
                (answer.status(), answer.headers().clone(), answer.bytes().await.unwrap())
            }
        };
        Page { path: path.to_owned(), status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}
