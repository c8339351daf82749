//! READMEs: Markdown of strangers in, safe HTML out.

use std::collections::HashSet;

use marketplace_domain::Localised;
use pulldown_cmark::{Options, Parser, html};

/// Renders a README. Raw HTML in it is cleaned like everything else: no scripts, no styles, no forms, no pictures from
/// elsewhere (the pages' policy would block them anyway), links only to http, https and mail.
pub fn render(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    // Headings of a README stand below the page's own.
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level, id, classes, attrs }) => {
            pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { level: lower(level), id, classes, attrs })
        }
        pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Heading(level)) => {
            pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Heading(lower(level)))
        }
        other => other,
    });
    let mut raw = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut raw, events);
    ammonia::Builder::default()
        .rm_tags(["img", "map", "area", "article", "aside", "details", "summary", "header", "footer", "nav", "hgroup"])
        .rm_tag_attributes("a", ["hreflang"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&raw)
        .to_string()
}

fn lower(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    use pulldown_cmark::HeadingLevel::*;
    match level {
        H1 => H2,
        H2 => H3,
        H3 => H4,
        H4 => H5,
        H5 | H6 => H6,
    }
}

/// Renders both languages.
pub fn render_both(readme: &Localised) -> Localised {
    let one = |text: &str| if text.trim().is_empty() { String::new() } else { render(text) };
    Localised::new(one(&readme.en), one(&readme.zh))
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn scripts_and_styles_do_not_get_through() {
        let html = render(
            "# Hi\n\n<script>alert(1)</script><img src=x onerror=alert(1)>\n[a](javascript:alert(1)) <a href='data:x' style='x'>b</a>\n<form action=/x><input></form>",
        );
        for bad in ["<script", "onerror", "javascript:", "data:", "style=", "<form", "<input", "<img"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        assert!(html.contains("<h2>Hi</h2>"), "{html}");
    }

    #[test]
    fn tables_and_code_stay() {
        let html = render("| a |\n|---|\n| b |\n\n```yaml\nx: 1\n```\n");
        assert!(html.contains("<table>") && html.contains("<code"), "{html}");
    }
}
