//! The catalogue in Postgres: plugins, their releases, the bytes of hosted modules, search, the record of activity,
//! drafts of forms and runs of the sandbox. Rows stay in here; types of `marketplace-domain` come out.

mod activity;
mod drafts;
mod error;
mod modules;
mod plugins;
mod rows;
mod runs;
mod search;
mod seed;
mod verdicts;
mod write;

use std::{
    str::FromStr,
    sync::{Arc, LazyLock},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use activity::{Action, ActivityFilter, Entry, EntryRow};
pub use drafts::DRAFT_LIMIT;
pub use error::CatalogueError;
pub use plugins::{AddressRow, PluginRecord, ReleaseSummary};
pub use runs::{RUN_LIMIT, RunsKept, StoredRun};
pub use search::{Card, Facets, SearchPage, SearchQuery, Sort, TEXT_LIMIT};
pub use seed::{SEEDER, Seeded};
pub use verdicts::{ModuleCheck, Pending, Probe, Probed, Staleness};

/// The schema, as it was when this was built. Later migrations are left alone: while a new version rolls out, and after a
/// rollback, this one runs on the newer schema (`migrations/README.md`).
pub static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../../migrations");
    migrations.set_ignore_missing(true);
    migrations
});

/// How long a caller waits for a connection: a page that says "the database is away" must not take longer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The catalogue; a cheap handle on a pool of connections.
#[derive(Clone)]
pub struct Catalogue {
    pool: PgPool,
    loss: Option<SearchLoss>,
    shelf: Arc<search::Shelf>,
}

/// What search cannot do on this database, for a note to the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchLoss {
    /// The extension pg_trgm is not there: typos are not forgiven, and search reads every row.
    NoTrigrams,
    /// `LC_CTYPE` knows ASCII letters only: typos in words with other letters are not forgiven. Chinese is found all
    /// the same, by its pieces of two characters.
    AsciiOnly,
}

impl Catalogue {
    /// Connects, brings the schema up to date and looks at what the database can do.
    pub async fn connect(database_url: &str) -> Result<Self, CatalogueError> {
        let options = PgConnectOptions::from_str(database_url)?.application_name("plugin-marketplace");
        // Not over the pool: its statements are short by decree, and an index may take its time.
        let mut connection = match tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await {
            Ok(connection) => connection?,
            Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
        };
        check_encoding(&mut connection).await?;
        MIGRATIONS.run(&mut connection).await?;
        let loss = search_loss(&mut connection).await?;
        connection.close().await?;

        let options = options.options([
            // Search gives patterns that are common or rare, or none; a plan for all of them suits none of them.
            ("plan_cache_mode", "force_custom_plan"),
            // Low, since the best are picked afterwards: two letters swapped in a word of five leave a fifth in common.
            ("pg_trgm.similarity_threshold", "0.15"),
            ("pg_trgm.word_similarity_threshold", "0.4"),
            // Never worth its time on queries of milliseconds.
            ("jit", "off"),
            ("statement_timeout", "10s"),
        ]);
        let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).connect_with(options).await?;
        Ok(Self { pool, loss, shelf: Arc::default() })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), CatalogueError> {
        sqlx::query!("SELECT 1 AS one").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// What search loses on this database, if anything.
    pub fn search_note(&self) -> Option<SearchLoss> {
        self.loss
    }
}

/// Chinese cannot be kept in a database of another encoding.
async fn check_encoding(connection: &mut PgConnection) -> Result<(), CatalogueError> {
    let encoding = sqlx::query_scalar!(r#"SELECT current_setting('server_encoding') AS "encoding!""#)
        .fetch_one(connection)
        .await?;
    if encoding == "UTF8" { Ok(()) } else { Err(CatalogueError::Encoding(encoding)) }
}

async fn search_loss(connection: &mut PgConnection) -> Result<Option<SearchLoss>, CatalogueError> {
    let trigrams =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS "there!""#)
            .fetch_one(&mut *connection)
            .await?;
    if !trigrams {
        return Ok(Some(SearchLoss::NoTrigrams));
    }
    let chinese = sqlx::query_scalar!(r#"SELECT cardinality(show_trgm('数据脱敏')) > 0 AS "known!""#)
        .fetch_one(connection)
        .await?;
    Ok(if chinese { None } else { Some(SearchLoss::AsciiOnly) })
}

/// Postgres keeps no NUL in a text; nobody types one on purpose.
fn without_nul(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "").into() } else { text.into() }
}
