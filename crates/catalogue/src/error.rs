//! What can go wrong with the catalogue, in the words of its callers.

use sqlx::{error::ErrorKind, migrate::MigrateError};

/// What can go wrong with the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A plugin of this name exists.
    #[error("a plugin of this name exists")]
    NameTaken,
    /// The plugin has this version already.
    #[error("the plugin has this version already")]
    VersionTaken,
    /// There is no such plugin.
    #[error("there is no such plugin")]
    NotFound,
    /// The plugin is built in: it is changed by the program alone.
    #[error("the plugin is built in and cannot be changed")]
    Builtin,
    /// The release points at a hosted module that was never put.
    #[error("no module of this digest is hosted here")]
    ModuleMissing,
    /// More than is taken: the limit, in bytes.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// The database cannot keep Chinese.
    #[error("the database's encoding is {0}; UTF8 is needed")]
    Encoding(String),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date")]
    Migration(#[source] MigrateError),
    /// The database cannot be reached, or has no time for us. Trying again later may help.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused, or answered nonsense. Our fault.
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
}

/// SQLSTATEs that tell of the server's condition and not of our query: connection errors, shutdown and start, too many
/// connections or no memory, a server that became a read-only replica, a query that took too long, a database that is gone
/// or closed to all.
fn is_condition(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("53")
        || code.starts_with("57")
        || matches!(code, "25006" | "3D000" | "55000")
}

impl From<sqlx::Error> for CatalogueError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::Database(database) => match (database.kind(), database.constraint()) {
                (ErrorKind::UniqueViolation, Some("plugin_name_key")) => Self::NameTaken,
                (ErrorKind::UniqueViolation, Some("release_version_key")) => Self::VersionTaken,
                (ErrorKind::ForeignKeyViolation, Some("release_hosted_fkey")) => Self::ModuleMissing,
                _ if database.code().is_some_and(|code| is_condition(&code)) => Self::Unavailable(error),
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

impl From<MigrateError> for CatalogueError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => match Self::from(error) {
                Self::Database(error) => Self::Migration(MigrateError::Execute(error)),
                other => other,
            },
            other => Self::Migration(other),
        }
    }
}

/// A value of the database that no domain type takes: somebody wrote past the program.
pub(crate) fn malformed(column: &str, source: impl std::error::Error + Send + Sync + 'static) -> CatalogueError {
    CatalogueError::Database(sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(source) })
}
