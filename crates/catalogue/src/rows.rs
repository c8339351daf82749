//! From rows to domain types.

use std::str::FromStr;

use marketplace_domain::{
    Localised, PluginMeta, Priority, Proposal, Release,
    catalogue::{Address, Sample},
};

use crate::{CatalogueError, error::malformed};

/// Parses a column's text into a domain type.
pub(crate) fn parse<T>(column: &str, text: &str) -> Result<T, CatalogueError>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse().map_err(|error| malformed(column, error))
}

/// The columns of `plugin` that make a [`PluginMeta`].
#[derive(Debug)]
pub(crate) struct MetaRow {
    pub name: String,
    pub title_en: String,
    pub title_zh: String,
    pub description_en: String,
    pub description_zh: String,
    pub category: String,
    pub origin: String,
}

impl TryFrom<MetaRow> for PluginMeta {
    type Error = CatalogueError;

    fn try_from(row: MetaRow) -> Result<Self, CatalogueError> {
        Ok(Self {
            name: parse("name", &row.name)?,
            title: Localised::new(row.title_en, row.title_zh),
            description: Localised::new(row.description_en, row.description_zh),
            category: parse("category", &row.category)?,
            origin: parse("origin", &row.origin)?,
        })
    }
}

/// The columns that make a [`Proposal`].
#[derive(Debug)]
pub(crate) struct ProposalRow {
    pub phase: String,
    pub priority: i32,
    pub fail_strategy: String,
    pub direction: String,
}

impl TryFrom<ProposalRow> for Proposal {
    type Error = CatalogueError;

    fn try_from(row: ProposalRow) -> Result<Self, CatalogueError> {
        Ok(Self {
            phase: parse("phase", &row.phase)?,
            priority: Priority::try_from(i64::from(row.priority)).map_err(|error| malformed("priority", error))?,
            fail_strategy: parse("fail_strategy", &row.fail_strategy)?,
            direction: parse("direction", &row.direction)?,
        })
    }
}

/// A row of `release`.
#[derive(Debug)]
pub(crate) struct ReleaseRow {
    pub version: String,
    pub url: Option<String>,
    pub hosted: Option<String>,
    pub sha256: Option<String>,
    pub schema: Option<serde_json::Value>,
    pub example: Option<String>,
    pub readme_en: String,
    pub readme_zh: String,
    pub phase: String,
    pub priority: i32,
    pub fail_strategy: String,
    pub direction: String,
    pub samples: Option<serde_json::Value>,
}

impl TryFrom<ReleaseRow> for Release {
    type Error = CatalogueError;

    fn try_from(row: ReleaseRow) -> Result<Self, CatalogueError> {
        Ok(Self {
            version: row.version,
            address: address(row.url.as_deref(), row.hosted.as_deref())?,
            sha256: row.sha256.map(|text| parse("sha256", &text)).transpose()?,
            schema: row.schema,
            example: row.example,
            readme: Localised::new(row.readme_en, row.readme_zh),
            proposal: ProposalRow {
                phase: row.phase,
                priority: row.priority,
                fail_strategy: row.fail_strategy,
                direction: row.direction,
            }
            .try_into()?,
            samples: row.samples.map_or(Ok(Vec::new()), samples)?,
        })
    }
}

fn samples(value: serde_json::Value) -> Result<Vec<Sample>, CatalogueError> {
    serde_json::from_value(value).map_err(|error| malformed("samples", error))
}

/// The samples as their column.
pub(crate) fn samples_column(samples: &[Sample]) -> Option<String> {
    (!samples.is_empty()).then(|| serde_json::to_string(samples).ok()).flatten()
}

/// The address out of its two columns, one of which is always filled (`release_address_check`).
pub(crate) fn address(url: Option<&str>, hosted: Option<&str>) -> Result<Address, CatalogueError> {
    match hosted {
        Some(digest) => Ok(Address::Hosted(parse("hosted", digest)?)),
        None => Ok(Address::Url(parse("url", url.unwrap_or_default())?)),
    }
}

/// The address as its two columns: `(url, hosted)`.
pub(crate) fn address_columns(address: &Address) -> (Option<&str>, Option<&str>) {
    match address {
        Address::Url(url) => (Some(url.as_str()), None),
        Address::Hosted(digest) => (None, Some(digest.as_str())),
    }
}
