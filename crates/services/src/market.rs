//! Finding plugins, and looking at one.

use marketplace_catalogue::{SearchQuery, Sort as Order};
use marketplace_domain::{
    Lang, PluginName,
    catalogue::{Address, Release},
    views::market::{
        Facets, MarketCard, MarketPage, MarketQuery, ModuleFacts, PER_PAGE, PluginPage, Sort, VersionLine,
    },
};

use crate::{
    Services,
    configure::schema,
    error::{Result, ServiceError},
    markdown,
};

impl Services {
    /// One page of cards.
    pub async fn market(&self, query: &MarketQuery, lang: Lang) -> Result<MarketPage> {
        let index = self.index();
        let search = SearchQuery {
            text: query.text.clone(),
            categories: query.categories.clone(),
            phases: query.phases.clone(),
            origins: query.origins.clone(),
            in_use: query.in_use,
            loads: query.loads.clone(),
            sort: match query.sort {
                Sort::Used if query.text.trim().is_empty() => Order::MostUsed,
                Sort::Used => Order::Relevance,
                Sort::Newest => Order::Newest,
                Sort::Name => Order::Name,
            },
            lang,
            page: query.page.max(1),
            per_page: PER_PAGE,
        };
        let found = self.catalogue().search(&search, &index.usage).await?;
        let all = self.catalogue().count().await?;
        let pages = found.total.div_ceil(u64::from(PER_PAGE)).max(1) as u32;
        let cards = found.cards.into_iter().map(|card| MarketCard {
            name: card.meta.name.to_string(),
            title: card.meta.title,
            description: card.meta.description,
            category: card.meta.category,
            origin: card.meta.origin,
            phase: card.proposal.phase,
            verdict: card.verdict,
            version: card.latest_version,
            updated: card.updated.timestamp(),
            services: card.used_by.max(0) as u32,
        });
        Ok(MarketPage {
            cards: cards.collect(),
            total: found.total,
            all,
            page: query.page.max(1).min(pages),
            pages,
            facets: Facets {
                categories: found.facets.category,
                phases: found.facets.phase,
                origins: found.facets.origin,
                in_use: found.facets.in_use,
                loads: found.facets.loads,
            },
        })
    }

    /// One plugin, with one of its versions (the newest where none is named).
    pub async fn plugin_page(&self, name: &PluginName, version: Option<&str>) -> Result<PluginPage> {
        let record = self.catalogue().plugin(name).await?.ok_or(ServiceError::NotFound)?;
        let release = self.catalogue().release(name, version).await?.ok_or(ServiceError::NotFound)?;
        let index = self.index();
        let uses = index.uses(name.as_str(), self.states());
        let versions = record.releases.iter().map(|summary| VersionLine {
            version: summary.version.clone(),
            created: summary.created.timestamp(),
            latest: summary.is_latest,
            address: self.module_url(&summary.address),
            sha256: summary.sha256.as_ref().map(ToString::to_string),
            services: uses
                .iter()
                .filter(|used| used.version.as_deref() == Some(&summary.version))
                .map(|used| used.services.len() as u32)
                .sum(),
        });
        Ok(PluginPage {
            name: record.meta.name.to_string(),
            title: record.meta.title.clone(),
            description: record.meta.description.clone(),
            category: record.meta.category,
            origin: record.meta.origin,
            updated: record.updated.timestamp(),
            versions: versions.collect(),
            version: release.version.clone(),
            readme_html: markdown::render_both(&release.readme),
            schema: release.schema.as_ref().map(schema::rows).unwrap_or_default(),
            schema_json: release.schema.as_ref().and_then(|schema| serde_json::to_string_pretty(schema).ok()),
            example: release.example.clone(),
            proposal: release.proposal,
            module: self.module_facts(&release).await?,
            loading: self.module_view(&release.address, release.sha256.as_ref()).await?,
            uses,
        })
    }

    /// Looks at a release's module now, whatever is known of it.
    pub async fn look_again(&self, name: &PluginName, version: Option<&str>) -> Result<()> {
        let release = self.catalogue().release(name, version).await?.ok_or(ServiceError::NotFound)?;
        self.look_again_at(&release.address, release.sha256.as_ref()).await
    }

    async fn module_facts(&self, release: &Release) -> Result<ModuleFacts> {
        let size = match &release.address {
            Address::Hosted(digest) => self.catalogue().module_size(digest).await?.map(|size| size.max(0) as u64),
            Address::Url(_) => None,
        };
        Ok(ModuleFacts {
            address: self.module_url(&release.address),
            hosted: matches!(release.address, Address::Hosted(_)),
            image: matches!(&release.address, Address::Url(url) if url.is_image()),
            sha256: release.sha256.as_ref().map(ToString::to_string),
            size,
        })
    }
}
