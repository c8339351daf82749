//! The HTML of a notice.

use crate::language::Language;

/// How urgent a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// An offer, or a good wish.
    Promotion,
    /// Something may not work.
    Warning,
    /// Something does not work.
    Critical,
}

impl Level {
    /// Background and text, at a contrast of more than 7 to 1.
    fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Info => ("#0b4a8f", "#ffffff"),
            Self::Promotion => ("#0a5c36", "#ffffff"),
            Self::Warning => ("#ffd75e", "#332600"),
            Self::Critical => ("#9b1118", "#ffffff"),
        }
    }

    /// Screen readers interrupt for the critical ones only.
    fn role(self) -> &'static str {
        match self {
            Self::Critical => "alert",
            Self::Info | Self::Promotion | Self::Warning => "status",
        }
    }
}

/// Where on the page a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The first thing in the page.
    Top,
    /// The last thing in the page.
    Bottom,
}

/// A link behind the text.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The address, http or https.
    pub address: &'a str,
    /// What is to be clicked.
    pub text: &'a str,
}

/// How a notice looks and sounds.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The language of its text.
    pub language: Language,
    /// How urgent it is.
    pub level: Level,
    /// Where it is.
    pub position: Position,
    /// The address of the link that puts it away, if that is possible.
    pub close: Option<&'a str>,
}

/// Renders a notice. Pure ASCII, so that it reads right whatever the page's encoding is.
pub fn render(text: &str, link: Option<Link>, look: &Look) -> String {
    let (background, colour) = look.level.colours();
    let (role, lang) = (look.level.role(), look.language.tag());
    let edge = match look.position {
        Position::Top => "top",
        Position::Bottom => "bottom",
    };
    let mut html = format!(
        "<div id=\"site-notice\" role=\"{role}\" lang=\"{lang}\" style=\"position:sticky;{edge}:0;\
         z-index:2147483647;margin:0;padding:10px 16px;background:{background};color:{colour};\
         font:16px/1.5 sans-serif;text-align:center\">"
    );
    escape(text, &mut html);
    if let Some(link) = link {
        html.push_str(" <a href=\"");
        escape(link.address, &mut html);
        html.push_str("\" style=\"color:inherit;text-decoration:underline\">");
        escape(link.text, &mut html);
        html.push_str("</a>");
    }
    if let Some(close) = look.close {
        let word = match look.language {
            Language::En => "Dismiss",
            Language::Zh => "关闭",
        };
        html.push_str(" <a href=\"");
        escape(close, &mut html);
        html.push_str("\" rel=\"nofollow\" style=\"color:inherit;margin-left:1em;text-decoration:underline\">");
        escape(word, &mut html);
        html.push_str("</a>");
    }
    html.push_str("</div>");
    html
}

/// Appends `text` so that it means itself in HTML, within text and attributes.
fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            ' '..='~' if !matches!(c, '&' | '<' | '>' | '"' | '\'' | '`') => html.push(c),
            _ => html.push_str(&format!("&#{};", u32::from(c))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { language: Language::En, level: Level::Info, position: Position::Top, close: None };

    fn rendered(text: &str, link: Option<Link>) -> String {
        render(text, link, &LOOK)
    }

    #[test]
    fn text_is_text() {
        let html = rendered("<script>alert('1') & \"2\"</script>", None);
        assert!(!html.contains("<script"));
        assert!(html.contains("&#60;script&#62;alert(&#39;1&#39;) &#38; &#34;2&#34;&#60;/script&#62;"));
    }

    #[test]
    fn chinese_is_written_in_ascii() {
        let html = rendered("公告", None);
        assert!(html.is_ascii());
        assert!(html.contains("&#20844;&#21578;"));
    }

    #[test]
    fn a_link_cannot_leave_its_attribute() {
        let link = Link { address: "https://a.example/?q=\"><b>&x='y'", text: "More <b>" };
        let html = rendered("t", Some(link));
        assert!(html.contains(" <a href=\"https://a.example/?q=&#34;&#62;&#60;b&#62;&#38;x=&#39;y&#39;\" style="));
        assert!(html.ends_with("More &#60;b&#62;</a></div>"));
    }

    #[test]
    fn level_position_and_language_show() {
        let html = render(
            "x",
            None,
            &Look { language: Language::Zh, level: Level::Critical, position: Position::Bottom, close: Some("?a=1") },
        );
        assert!(html.starts_with("<div id=\"site-notice\" role=\"alert\" lang=\"zh\""));
        assert!(html.contains("sticky;bottom:0;") && html.contains("#9b1118"));
        assert!(html.contains(" <a href=\"?a=1\" rel=\"nofollow\"") && html.ends_with(">&#20851;&#38381;</a></div>"));
        let html = render("x", None, &Look { level: Level::Warning, ..LOOK });
        assert!(html.contains("role=\"status\"") && html.contains("#ffd75e"));
    }

    #[test]
    fn colours_can_be_read() {
        let part = |hex: &str, at: usize| {
            let v = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |hex: &str| 0.2126 * part(hex, 1) + 0.7152 * part(hex, 3) + 0.0722 * part(hex, 5);
        for level in [Level::Info, Level::Promotion, Level::Warning, Level::Critical] {
            let (a, b) = level.colours();
            let (a, b) = (luminance(a), luminance(b));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast > 7.0, "{level:?}: {contrast}");
        }
    }
}
