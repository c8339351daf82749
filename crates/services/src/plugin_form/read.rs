//! From the fields of the form to the plugin and its release, with everything that is wrong.

use marketplace_domain::{
    Digest, Localised, ModuleUrl, Origin, PluginMeta, PluginName, Priority, Problem, Proposal, Reason, Release,
    catalogue::{Address, is_version},
    draft::Draft,
    module_url::BadUrl,
    names::BadName,
};

use super::HOSTED;
use crate::configure::{self, yaml};

/// Most characters of a README.
const MAX_README: usize = 200_000;

/// Reads the form; all problems at once.
pub fn parse(draft: &Draft, editing: Option<&PluginName>) -> Result<(PluginMeta, Release), Vec<Problem>> {
    let mut problems = Vec::new();
    let name = match editing {
        Some(name) => Some(name.clone()),
        None => match draft.get("name").trim().parse::<PluginName>() {
            Ok(name) => Some(name),
            Err(bad) => {
                problems.push(Problem::at(
                    "name",
                    match bad {
                        BadName::Empty => Reason::Required,
                        BadName::TooLong(most) => Reason::TooLong(most as u32),
                        BadName::Malformed => Reason::NameMalformed,
                    },
                ));
                None
            }
        },
    };
    let title_zh = text(draft, "titleZh", 80, true, &mut problems);
    let description = Localised::new(
        text(draft, "descriptionEn", 500, true, &mut problems),
        text(draft, "descriptionZh", 500, true, &mut problems),
    );
    let category = choice(draft, "category", &mut problems);
    let version = draft.get("version").trim().to_owned();
    if version.is_empty() {
        problems.push(Problem::at("version", Reason::Required));
    } else if !is_version(&version) {
        problems.push(Problem::at("version", Reason::VersionMalformed));
    }
    let (address, sha256) = match hosted(draft) {
        Some(digest) => (Some(Address::Hosted(digest.clone())), Some(digest)),
        None => elsewhere(draft, &mut problems),
    };
    let phase = choice(draft, "phase", &mut problems);
    let fail_strategy = choice(draft, "failStrategy", &mut problems);
    let direction = choice(draft, "direction", &mut problems);
    let priority = draft.get("priority").parse::<Priority>().ok();
    if priority.is_none() {
        problems.push(Problem::at("priority", Reason::PriorityOutOfRange));
    }
    let schema = schema(draft, &mut problems);
    let example = text(draft, "example", yaml::MAX_BYTES, false, &mut problems);
    if let Err(reason) = yaml::parse(&example) {
        problems.push(Problem::at("example", reason));
    }
    let readme = Localised::new(
        text(draft, "readmeEn", MAX_README, false, &mut problems),
        text(draft, "readmeZh", MAX_README, false, &mut problems),
    );
    match (name, category, address, phase, priority, fail_strategy, direction) {
        (
            Some(name),
            Some(category),
            Some(address),
            Some(phase),
            Some(priority),
            Some(fail_strategy),
            Some(direction),
        ) if problems.is_empty() => {
            let title = Localised::new(name.as_str(), title_zh);
            let meta = PluginMeta { name, title, description, category, origin: Origin::Added };
            let proposal = Proposal { phase, priority, fail_strategy, direction };
            let example = Some(example).filter(|example| !example.trim().is_empty());
            let samples = Vec::new();
            let release = Release { version, address, sha256, schema, example, readme, proposal, samples };
            Ok((meta, release))
        }
        _ => Err(problems),
    }
}

/// The module that is with us, where the form names one.
pub fn hosted(draft: &Draft) -> Option<Digest> {
    draft.get(HOSTED).parse().ok()
}

/// The address that was typed, and the digest of what is there.
fn elsewhere(draft: &Draft, problems: &mut Vec<Problem>) -> (Option<Address>, Option<Digest>) {
    let url = match draft.get("url").parse::<ModuleUrl>() {
        Ok(url) => Some(url),
        Err(BadUrl::Empty) => {
            problems.push(Problem::at("url", Reason::Required));
            None
        }
        Err(bad) => {
            problems.push(Problem::at("url", Reason::AddressBad(bad)));
            None
        }
    };
    let sha256 = match draft.get("sha256").trim() {
        "" => url.as_ref().and_then(ModuleUrl::image_digest),
        typed => match typed.parse::<Digest>() {
            Ok(digest) => Some(digest),
            Err(_) => {
                problems.push(Problem::at("sha256", Reason::DigestMalformed));
                None
            }
        },
    };
    (url.map(Address::Url), sha256)
}

fn text(draft: &Draft, field: &str, most: usize, required: bool, problems: &mut Vec<Problem>) -> String {
    let text = draft.get(field).trim();
    if required && text.is_empty() {
        problems.push(Problem::at(field, Reason::Required));
    }
    if text.chars().count() > most {
        problems.push(Problem::at(field, Reason::TooLong(most as u32)));
    }
    text.replace("\r\n", "\n")
}

fn choice<T: std::str::FromStr>(draft: &Draft, field: &str, problems: &mut Vec<Problem>) -> Option<T> {
    let parsed = draft.get(field).parse().ok();
    if parsed.is_none() {
        problems.push(Problem::at(field, Reason::NotAChoice));
    }
    parsed
}

/// JSON is YAML, so the schema may be written in either, and errors have a place.
fn schema(draft: &Draft, problems: &mut Vec<Problem>) -> Option<serde_json::Value> {
    let typed = draft.get("schema");
    if typed.trim().is_empty() {
        return None;
    }
    match yaml::parse(typed) {
        Ok(schema) if schema.is_object() => match configure::validator(&schema) {
            Ok(_) => return Some(schema),
            Err(words) => problems.push(Problem::at("schema", Reason::SchemaOther(words.chars().take(300).collect()))),
        },
        Ok(_) => problems.push(Problem::at("schema", Reason::SchemaType("object".into()))),
        Err(reason) => problems.push(Problem::at("schema", reason)),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{
        super::{empty, fill},
        *,
    };

    fn good() -> Draft {
        let mut draft = empty();
        for (name, text) in [
            ("name", "check-header"),
            ("titleZh", "检查请求头"),
            ("descriptionEn", "Checks a header."),
            ("descriptionZh", "检查一个请求头。"),
            ("version", "1.0.0"),
            ("url", "oci://registry:5000/check-header:latest"),
        ] {
            draft.set(name, text);
        }
        draft
    }

    #[test]
    fn a_good_form_is_a_plugin() {
        let (meta, release) = parse(&good(), None).unwrap();
        assert_eq!(meta.title, Localised::new("check-header", "检查请求头"));
        assert_eq!(release.address, Address::Url("oci://registry:5000/check-header:latest".parse().unwrap()));
        assert_eq!(fill(&meta, &release).get("url"), "oci://registry:5000/check-header:latest");
    }

    #[test]
    fn each_mistake_stands_at_its_field() {
        for (field, typed, reason) in [
            ("name", "Check Header", Reason::NameMalformed),
            ("name", "", Reason::Required),
            ("titleZh", "  ", Reason::Required),
            ("version", "1 0", Reason::VersionMalformed),
            ("url", "10.0.0.5:5000/p", Reason::AddressBad(BadUrl::NoScheme("oci://10.0.0.5:5000/p".into()))),
            ("sha256", "ABC", Reason::DigestMalformed),
            ("priority", "0", Reason::PriorityOutOfRange),
            ("priority", "1001", Reason::PriorityOutOfRange),
            ("priority", "ten", Reason::PriorityOutOfRange),
            ("category", "nonsense", Reason::NotAChoice),
            ("schema", "[1]", Reason::SchemaType("object".into())),
        ] {
            let mut draft = good();
            draft.set(field, typed);
            assert_eq!(parse(&draft, None).unwrap_err(), [Problem::at(field, reason)], "{field}={typed}");
        }
    }
}
