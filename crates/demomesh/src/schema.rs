//! What a WasmPlugin may hold: the same facts that its resource definition states, as a table. Validation, pruning of
//! unknown fields and the ownership of fields all read it.

/// The type of a value.
#[derive(Debug)]
pub(crate) enum Type {
    /// Text.
    Text(Text),
    /// A whole number.
    Whole {
        /// Smallest and largest, where limited.
        range: Option<(i64, i64)>,
        /// Whether it must fit 32 bits, and may be null.
        int32: bool,
    },
    /// An object with known fields.
    Object { fields: &'static [(&'static str, Type)], required: &'static [&'static str], rule: Rule },
    /// An object with free keys.
    Map { value: &'static Type, max: usize, rule: Rule },
    /// An object with anything in it.
    Free,
    /// A list; with a key, its items are told apart by that field.
    List { item: &'static Type, key: Option<&'static str>, max: usize },
}

/// Limits of a text.
#[derive(Debug)]
pub(crate) struct Text {
    pub min: usize,
    pub max: usize,
    pub pattern: Option<Pattern>,
    pub choices: &'static [&'static str],
    pub rule: Rule,
}

/// Patterns that texts must have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pattern {
    Sha256,
    Group,
    Kind,
}

/// Rules of the resource definition's expressions, checked only when the rest is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    None,
    Url,
    OneTarget,
    HostWithoutValue,
    LabelKeys,
    LabelValue,
    EmptyNamespace,
}

const PLAIN: Text = Text { min: 0, max: usize::MAX, pattern: None, choices: &[], rule: Rule::None };
const NUMBER: Type = Type::Whole { range: None, int32: false };

const fn limited(min: usize, max: usize) -> Type {
    Type::Text(Text { min, max, ..PLAIN })
}

const fn choice(choices: &'static [&'static str]) -> Type {
    Type::Text(Text { choices, ..PLAIN })
}

const fn ruled(rule: Rule) -> Type {
    Type::Text(Text { rule, ..PLAIN })
}

const fn object(fields: &'static [(&'static str, Type)], required: &'static [&'static str], rule: Rule) -> Type {
    Type::Object { fields, required, rule }
}

static ANY_TEXT: Type = Type::Text(PLAIN);
static LABEL_VALUE: Type = Type::Text(Text { max: 63, rule: Rule::LabelValue, ..PLAIN });

static PORT: Type =
    object(&[("number", Type::Whole { range: Some((1, 65535)), int32: false })], &["number"], Rule::None);

static MATCH: Type = object(
    &[
        ("mode", choice(&["UNDEFINED", "CLIENT", "SERVER", "CLIENT_AND_SERVER"])),
        ("ports", Type::List { item: &PORT, key: Some("number"), max: usize::MAX }),
    ],
    &[],
    Rule::None,
);

static ENV: Type = object(
    &[("name", limited(1, 256)), ("value", limited(0, 2048)), ("valueFrom", choice(&["INLINE", "HOST"]))],
    &["name"],
    Rule::HostWithoutValue,
);

const TARGET_FIELDS: &[(&str, Type)] = &[
    ("group", Type::Text(Text { max: 253, pattern: Some(Pattern::Group), ..PLAIN })),
    ("kind", Type::Text(Text { min: 1, max: 63, pattern: Some(Pattern::Kind), ..PLAIN })),
    ("name", limited(1, 253)),
    ("namespace", ruled(Rule::EmptyNamespace)),
];
static TARGET: Type = object(TARGET_FIELDS, &["kind", "name"], Rule::None);

const SELECTOR_FIELDS: &[(&str, Type)] =
    &[("matchLabels", Type::Map { value: &LABEL_VALUE, max: 4096, rule: Rule::LabelKeys })];
const VM_FIELDS: &[(&str, Type)] = &[("env", Type::List { item: &ENV, key: Some("name"), max: 256 })];

/// Fields of `spec`, in alphabetical order: the order in which an API server reports on them.
const SPEC_FIELDS: &[(&str, Type)] = &[
    ("failStrategy", choice(&["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"])),
    ("imagePullPolicy", choice(&["UNSPECIFIED_POLICY", "IfNotPresent", "Always"])),
    ("imagePullSecret", limited(1, 253)),
    ("match", Type::List { item: &MATCH, key: None, max: usize::MAX }),
    ("phase", choice(&["UNSPECIFIED_PHASE", "AUTHN", "AUTHZ", "STATS"])),
    ("pluginConfig", Type::Free),
    ("pluginName", limited(1, 256)),
    ("priority", Type::Whole { range: None, int32: true }),
    ("selector", object(SELECTOR_FIELDS, &[], Rule::None)),
    ("sha256", Type::Text(Text { pattern: Some(Pattern::Sha256), ..PLAIN })),
    ("targetRef", object(TARGET_FIELDS, &["kind", "name"], Rule::None)),
    ("targetRefs", Type::List { item: &TARGET, key: None, max: 16 }),
    ("type", choice(&["UNSPECIFIED_PLUGIN_TYPE", "HTTP", "NETWORK"])),
    ("url", Type::Text(Text { min: 1, rule: Rule::Url, ..PLAIN })),
    ("verificationKey", ruled(Rule::None)),
    ("vmConfig", object(VM_FIELDS, &[], Rule::None)),
];

/// `spec` of a WasmPlugin.
pub(crate) static SPEC: Type = object(SPEC_FIELDS, &["url"], Rule::OneTarget);

/// `metadata` of any object, as far as people write it.
const METADATA_FIELDS: &[(&str, Type)] = &[
    ("annotations", LABELS_TYPE),
    ("creationTimestamp", limited(0, usize::MAX)),
    ("deletionGracePeriodSeconds", NUMBER),
    ("deletionTimestamp", limited(0, usize::MAX)),
    ("finalizers", Type::List { item: &ANY_TEXT, key: None, max: usize::MAX }),
    ("generateName", limited(0, usize::MAX)),
    ("generation", NUMBER),
    ("labels", LABELS_TYPE),
    ("managedFields", Type::List { item: &Type::Free, key: None, max: usize::MAX }),
    ("name", limited(0, usize::MAX)),
    ("namespace", limited(0, usize::MAX)),
    ("ownerReferences", Type::List { item: &Type::Free, key: Some("uid"), max: usize::MAX }),
    ("resourceVersion", limited(0, usize::MAX)),
    ("selfLink", limited(0, usize::MAX)),
    ("uid", limited(0, usize::MAX)),
];
const LABELS_TYPE: Type = Type::Map { value: &ANY_TEXT, max: usize::MAX, rule: Rule::None };

const OBJECT_FIELDS: &[(&str, Type)] = &[
    ("apiVersion", limited(0, usize::MAX)),
    ("kind", limited(0, usize::MAX)),
    ("metadata", object(METADATA_FIELDS, &[], Rule::None)),
    ("spec", object(SPEC_FIELDS, &["url"], Rule::OneTarget)),
    ("status", Type::Free),
];

/// A whole WasmPlugin.
pub(crate) static WASM_PLUGIN_TYPE: Type = object(OBJECT_FIELDS, &["spec"], Rule::None);

impl Type {
    /// The type of a field of an object, if it is known.
    pub fn field(&self, name: &str) -> Option<&'static Type> {
        match self {
            Type::Object { fields, .. } => fields.iter().find(|(known, _)| *known == name).map(|(_, of)| of),
            Type::Map { value, .. } => Some(value),
            _ => None,
        }
    }
}
