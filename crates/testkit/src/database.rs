//! A database for one test, copied from a template that has the schema.

use std::hash::{DefaultHasher, Hash, Hasher};

use marketplace_catalogue::{Catalogue, MIGRATIONS};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

/// Any number that all tests agree on and nobody else uses: they make the template one after the other.
const TEMPLATE_LOCK: i64 = 0x6d61_726b_6574;

/// A fresh database with our schema; it goes when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    server: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    /// Makes one on the server that the environment variable `TEST_DATABASE_URL` speaks of.
    ///
    /// # Panics
    ///
    /// When the variable is not set, or the server cannot be reached.
    pub async fn new() -> Self {
        Self::on(&url()).await
    }

    /// Makes one on the server of this address.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached.
    pub async fn on(url: &str) -> Self {
        let server = server(url);
        let mut admin = server.connect().await.expect("the server of TEST_DATABASE_URL cannot be reached");
        let template = template(&server, &mut admin).await;
        let name = fresh_name();
        execute(&mut admin, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let _ = admin.close().await;
        Self { server, name }
    }

    /// Makes an empty one, without our schema, under this `LC_CTYPE`; on the server of `TEST_DATABASE_URL`.
    ///
    /// # Panics
    ///
    /// When the variable is not set, the server cannot be reached, or does not know the locale.
    pub async fn empty(ctype: &str) -> Self {
        let server = server(&url());
        let mut admin = server.connect().await.expect("the server of TEST_DATABASE_URL cannot be reached");
        let name = fresh_name();
        execute(&mut admin, create_empty(&name, ctype)).await;
        let _ = admin.close().await;
        Self { server, name }
    }

    /// The database's address.
    pub fn url(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }

    /// A catalogue on it.
    ///
    /// # Panics
    ///
    /// When it cannot be reached.
    pub async fn catalogue(&self) -> Catalogue {
        Catalogue::connect(&self.url()).await.expect("a catalogue on a fresh database")
    }

    /// A connection to it, for what a catalogue does not do.
    ///
    /// # Panics
    ///
    /// When it cannot be reached.
    pub async fn connection(&self) -> PgConnection {
        self.server.clone().database(&self.name).connect().await.expect("a connection to a fresh database")
    }

    /// Takes the database away from whoever uses it, or gives it back.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached.
    pub async fn set_away(&self, away: bool) {
        let mut admin = self.server.connect().await.expect("the server of TEST_DATABASE_URL cannot be reached");
        execute(&mut admin, format!("ALTER DATABASE {} ALLOW_CONNECTIONS {}", self.name, !away)).await;
        if away {
            sqlx::query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1")
                .bind(&self.name)
                .execute(&mut admin)
                .await
                .expect("connections end");
        }
        let _ = admin.close().await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The test's own runtime cannot wait in here.
        let drop = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = server.connect().await?;
                admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
                admin.close().await
            })
        });
        if let Ok(Err(error)) = drop.join() {
            eprintln!("database {} is left behind: {error}", self.name);
        }
    }
}

fn url() -> String {
    std::env::var("TEST_DATABASE_URL").expect(
        "TEST_DATABASE_URL is not set: give a PostgreSQL server that tests may make databases on, \
         such as postgres:///postgres?host=/run/postgresql",
    )
}

fn server(url: &str) -> PgConnectOptions {
    url.parse().expect("TEST_DATABASE_URL is no address of a PostgreSQL database")
}

fn fresh_name() -> String {
    format!("marketplace_test_{}", uuid::Uuid::new_v4().simple())
}

fn create_empty(name: &str, ctype: &str) -> String {
    format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE '{ctype}' LC_CTYPE '{ctype}'")
}

/// The name of a database with our schema, made when it is not there yet. The name changes with the migrations.
async fn template(server: &PgConnectOptions, admin: &mut PgConnection) -> String {
    let mut hasher = DefaultHasher::new();
    MIGRATIONS.iter().for_each(|migration| migration.checksum.hash(&mut hasher));
    let name = format!("marketplace_template_{:016x}", hasher.finish());

    execute(admin, format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    // A template whose migration was cut short is no template yet; it says so by its flag.
    let found: Option<bool> = sqlx::query_scalar("SELECT datistemplate FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut *admin)
        .await
        .expect("the list of databases");
    if found != Some(true) {
        execute(admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        execute(admin, create_empty(&name, "C.UTF-8")).await;
        let mut connection = server.clone().database(&name).connect().await.expect("a connection to the template");
        MIGRATIONS.run(&mut connection).await.expect("migrations on an empty database");
        connection.close().await.expect("the template closes");
        execute(admin, format!("ALTER DATABASE {name} IS_TEMPLATE true")).await;
    }
    execute(admin, format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await;
    name
}

/// Names of databases cannot be parameters; all of ours are made above of letters, digits and underscores.
async fn execute(connection: &mut PgConnection, statement: String) {
    let what = statement.clone();
    connection.execute(AssertSqlSafe(statement)).await.unwrap_or_else(|error| panic!("{what}: {error}"));
}
