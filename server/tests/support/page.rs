//! A page as a browser without scripts has it.

use http::{HeaderMap, StatusCode};
use scraper::{ElementRef, Html, Selector};

pub struct Page {
    /// Where it is, with its query.
    pub path: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// A form as it stands on a page, ready to be filled.
#[derive(Debug, Clone)]
pub struct Form {
    pub page: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// The text of an element, its blanks made one.
pub fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// The texts of all elements that fit.
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.html().select(&selector(css)).map(text_of).collect()
    }

    /// An attribute of all elements that fit and have it.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        self.html().select(&selector(css)).filter_map(|one| one.attr(name).map(str::to_owned)).collect()
    }

    pub fn has(&self, css: &str) -> bool {
        self.html().select(&selector(css)).next().is_some()
    }

    /// The form that posts to this path, with what stands in its fields.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let html = self.html();
        let all = selector("form");
        let form = html.select(&all).find(|form| form.attr("action") == Some(action));
        let Some(form) = form else { panic!("{} has no form for {action}: {}", self.path, self.visible()) };
        assert!(form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")));
        let mut fields = Vec::new();
        for input in form.select(&selector("input, select, textarea")) {
            let Some(name) = input.attr("name").filter(|_| input.attr("disabled").is_none()) else { continue };
            if let Some(value) = value_of(input) {
                fields.push((name.to_owned(), value));
            }
        }
        Form { page: self.path.clone(), action: action.to_owned(), fields }
    }

    /// What a person can read, for the message of a failure.
    pub fn visible(&self) -> String {
        self.texts("main").join(" ").chars().take(3000).collect()
    }
}

/// What a browser sends for an element; nothing for boxes that are not checked and for buttons.
fn value_of(input: ElementRef<'_>) -> Option<String> {
    let value = || input.attr("value").unwrap_or_default().to_owned();
    match (input.value().name(), input.attr("type").unwrap_or("text")) {
        ("textarea", _) => {
            let text: String = input.text().collect();
            Some(text.strip_prefix('\n').unwrap_or(&text).replace('\n', "\r\n"))
        }
        ("select", _) => {
            let options: Vec<_> = input.select(&Selector::parse("option").unwrap()).collect();
            let chosen = options.iter().find(|option| option.attr("selected").is_some()).or(options.first())?;
            Some(chosen.attr("value").map_or_else(|| text_of(*chosen), str::to_owned))
        }
        (_, "checkbox" | "radio") => {
            input.attr("checked").is_some().then(|| input.attr("value").unwrap_or("on").to_owned())
        }
        (_, "submit" | "button" | "image" | "reset" | "file") => None,
        _ => Some(value()),
    }
}

impl Form {
    /// The value of a field of the draft.
    pub fn get(&self, field: &str) -> Option<&str> {
        let name = format!("fields[{field}]");
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Types into a field of the draft.
    pub fn set(&mut self, field: &str, value: &str) {
        self.put(&format!("fields[{field}]"), value);
    }

    /// Types into a field.
    pub fn put(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Unchecks a box, or takes a field away.
    pub fn remove(&mut self, field: &str) {
        let name = format!("fields[{field}]");
        self.fields.retain(|(known, _)| *known != name);
    }
}
