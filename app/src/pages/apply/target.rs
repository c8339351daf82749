//! Addresses of the steps, and the words in them.

use marketplace_domain::{
    mesh::ServiceKey,
    views::apply::{Applied, ApplyTarget},
};

use super::loading::CONFIRM;
use crate::{components::form::field_id, error::AppError};

/// What is applied to whom, as the address and the form say it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// The service's namespace, or the resource's; empty for a plugin by itself.
    pub namespace: String,
    /// The service, or, without a plugin, the resource; empty for a plugin by itself.
    pub name: String,
    /// The plugin; empty when a resource is edited.
    pub plugin: String,
    /// The plugin's version; empty for the newest.
    pub version: String,
}

impl Address {
    /// The address of a target.
    pub fn of(target: &ApplyTarget) -> Self {
        match target.clone() {
            ApplyTarget::New { service, plugin, version } => {
                Self { namespace: service.namespace.to_string(), name: service.name.to_string(), plugin, version }
            }
            ApplyTarget::Edit { namespace, resource } => Self { namespace, name: resource, ..Self::default() },
            ApplyTarget::Alone { plugin, version } => Self { plugin, version, ..Self::default() },
        }
    }

    /// Whether a plugin is tried by itself.
    pub fn is_alone(&self) -> bool {
        self.name.is_empty() && !self.plugin.is_empty()
    }

    /// The steps that there are.
    pub fn steps(&self) -> &'static [Step] {
        if self.is_alone() { &[Step::Configure, Step::Try] } else { &Step::ALL }
    }

    /// The target; `None` for names that cannot be names.
    pub fn target(&self) -> Option<ApplyTarget> {
        if self.plugin.is_empty() {
            return Some(ApplyTarget::Edit { namespace: self.namespace.clone(), resource: self.name.clone() });
        }
        if self.is_alone() {
            return Some(ApplyTarget::Alone { plugin: self.plugin.clone(), version: self.version.clone() });
        }
        let service = ServiceKey { namespace: self.namespace.parse().ok()?, name: self.name.parse().ok()? };
        Some(ApplyTarget::New { service, plugin: self.plugin.clone(), version: self.version.clone() })
    }

    /// The page without its query.
    pub fn path(&self) -> String {
        let Self { namespace, name, plugin, .. } = self;
        if self.is_alone() {
            format!("/plugins/{plugin}/try")
        } else if plugin.is_empty() {
            format!("/installed/{namespace}/{name}/edit")
        } else {
            format!("/services/{namespace}/{name}/apply/{plugin}")
        }
    }

    /// A step with what was typed.
    pub fn step(&self, step: Step, draft: &str) -> String {
        let mut address = format!("{}?step={}", self.path(), step.word());
        if !self.version.is_empty() {
            address.push_str("&version=");
            // A plus is a blank in a query; no other sign of a version needs care.
            address.push_str(&self.version.replace('+', "%2B"));
        }
        if !draft.is_empty() {
            address.push_str("&draft=");
            address.push_str(draft);
        }
        address
    }

    /// The step Try with what was typed for a run.
    pub fn again(&self, run: &str) -> String {
        format!("{}&from={run}", self.step(Step::Try, ""))
    }

    /// Where closing leads.
    pub fn close(&self, service: Option<&ServiceKey>) -> String {
        if self.is_alone() {
            return format!("/plugins/{}", self.plugin);
        }
        match service {
            Some(ServiceKey { namespace, name }) => format!("/services/{namespace}/{name}"),
            None => "/installed".to_owned(),
        }
    }

    /// Where applying leads: the service, whose proxies load the plugin now.
    pub fn done(&self, applied: &Applied, service: Option<ServiceKey>) -> String {
        let how = if applied.changed { "applied" } else { "unchanged" };
        format!("{}?{how}={}", self.close(service.as_ref()), applied.resource)
    }
}

/// A step. They can be visited in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Step {
    /// The plugin's configuration and environment.
    #[default]
    Configure,
    /// Where in the chain, on which side, what if it fails.
    Place,
    /// What it does to a sample exchange.
    Try,
    /// What will be sent.
    Review,
}

impl Step {
    /// All steps, as they stand in the drawer.
    pub const ALL: [Step; 4] = [Step::Configure, Step::Place, Step::Try, Step::Review];

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Place => "place",
            Self::Try => "try",
            Self::Review => "review",
        }
    }

    /// The step of a word; the first for any other.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|step| step.word() == word).unwrap_or_default()
    }

    /// Where a field is edited.
    pub fn of(field: &str) -> Self {
        if field.is_empty() || field == CONFIRM {
            Self::Review
        } else if field.starts_with("try.") {
            Self::Try
        } else if ["config", "yaml", "env", "mode", "version"].iter().any(|head| field.starts_with(head)) {
            Self::Configure
        } else {
            Self::Place
        }
    }
}

/// What a submit button of the form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Do {
    /// Go to a step.
    Step(Step),
    /// Change the form: `add:…`, `remove:…`, `change:…`, `form`, `yaml`.
    Edit(String),
    /// Take the version that is chosen in the list.
    Version,
    /// Change the exchange: `sample`, `try-form`, `try-yaml`.
    Exchange(String),
    /// Run it.
    Run,
    /// Go to a field, on whichever step it is.
    Field(String),
    /// Look at the resource as it is now.
    Reload,
    /// Send it.
    Apply,
}

impl Do {
    /// Reads the value of `do`; a form sent without a button stays where it is.
    pub fn parse(word: &str, now: Step) -> Self {
        match word {
            "apply" => Self::Apply,
            "reload" => Self::Reload,
            "run" => Self::Run,
            "version" => Self::Version,
            "sample" | "try-form" | "try-yaml" => Self::Exchange(word.to_owned()),
            "form" | "yaml" => Self::Edit(word.to_owned()),
            edit if ["add:", "remove:", "change:"].iter().any(|head| edit.starts_with(head)) => {
                Self::Edit(edit.to_owned())
            }
            other if other.starts_with("field:") => Self::Field(other["field:".len()..].to_owned()),
            other => Self::Step(other.strip_prefix("step:").map_or(now, Step::from_word)),
        }
    }

    /// What the use case has to carry out.
    pub fn edit(&self) -> Option<&str> {
        match self {
            Self::Edit(edit) if !edit.starts_with("change:") => Some(edit),
            Self::Exchange(edit) => Some(edit),
            Self::Version => Some("version"),
            _ => None,
        }
    }
}

/// What is added to the address after an edit: which mode was asked for, and the place to go on at.
pub fn after_edit(edit: &str) -> String {
    match edit.split_once(':') {
        Some(("add", field)) => format!("#{}", field_id(field)),
        Some(("remove", item)) => format!("#{}", field_id(item.rsplit_once('/').map_or(item, |(list, _)| list))),
        Some(("change", variant)) => format!("#{}", field_id(variant)),
        _ => format!("&asked={edit}"),
    }
}

/// Why applying failed, as far as the page can say it in words of its own. What was typed is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Somebody changed the resource.
    Changed,
    /// No right.
    Forbidden,
    /// No cluster.
    Cluster,
    /// Too many runs.
    Busy,
}

impl Failed {
    const ALL: [Failed; 4] = [Failed::Changed, Failed::Forbidden, Failed::Cluster, Failed::Busy];

    /// The failure that an error is.
    pub fn of(error: &AppError) -> Option<Self> {
        match error {
            AppError::ChangedMeanwhile => Some(Self::Changed),
            AppError::Forbidden(_) => Some(Self::Forbidden),
            AppError::ClusterUnavailable(_) => Some(Self::Cluster),
            AppError::Busy { .. } => Some(Self::Busy),
            _ => None,
        }
    }

    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Forbidden => "forbidden",
            Self::Cluster => "cluster",
            Self::Busy => "busy",
        }
    }

    /// The failure of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failed| failed.word() == word)
    }

    /// The error, for the words that pages have for it.
    pub fn error(self) -> AppError {
        match self {
            Self::Changed => AppError::ChangedMeanwhile,
            Self::Forbidden => AppError::Forbidden(String::new()),
            Self::Cluster => AppError::ClusterUnavailable(String::new()),
            // By the time it is read, a few seconds are enough.
            Self::Busy => AppError::Busy { seconds: 5 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> Address {
        let [namespace, name, plugin, version] = ["bookinfo", "reviews", "data-masking", "1.0+a"].map(str::to_owned);
        Address { namespace, name, plugin, version }
    }

    #[test]
    fn steps_have_addresses() {
        let expected = "/services/bookinfo/reviews/apply/data-masking?step=place&version=1.0%2Ba&draft=d";
        assert_eq!(new().step(Step::Place, "d"), expected);
        let edit = Address { plugin: String::new(), version: String::new(), ..new() };
        assert_eq!(edit.step(Step::Review, ""), "/installed/bookinfo/reviews/edit?step=review");
        let alone = Address { namespace: String::new(), name: String::new(), ..new() };
        assert_eq!(alone.again("r"), "/plugins/data-masking/try?step=try&version=1.0%2Ba&from=r");
        for address in [new(), edit, alone] {
            assert_eq!(address.target().map(|target| Address::of(&target)), Some(address));
        }
    }

    #[test]
    fn buttons_say_what_to_do() {
        assert_eq!(Do::parse("", Step::Place), Do::Step(Step::Place));
        assert_eq!(Do::parse("step:review", Step::Place), Do::Step(Step::Review));
        assert_eq!(Do::parse("apply", Step::Place), Do::Apply);
        assert_eq!(Do::parse("version", Step::Configure).edit(), Some("version"));
        assert_eq!(Do::parse("remove:config/a/0", Step::Configure).edit(), Some("remove:config/a/0"));
        assert_eq!(Do::parse("change:config@variant", Step::Configure).edit(), None);
        assert_eq!(after_edit("remove:config/a/0"), "#f-config.a");
        assert_eq!(after_edit("form"), "&asked=form");
    }

    #[test]
    fn fields_belong_to_steps() {
        assert_eq!(Step::of("config/a"), Step::Configure);
        assert_eq!(Step::of("env.2.name"), Step::Configure);
        assert_eq!(Step::of("version"), Step::Configure);
        assert_eq!(Step::of("priority"), Step::Place);
        assert_eq!(Step::of("try.request.path"), Step::Try);
        assert_eq!(Step::of(""), Step::Review);
    }
}
