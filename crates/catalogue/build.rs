//! Holds the checked queries to the committed `.sqlx`, whatever `DATABASE_URL` the product is going to run on; only
//! `scripts/sqlx-prepare.sh`, which says where to write by `SQLX_OFFLINE_DIR`, asks a live database.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=../../.sqlx");
    println!("cargo:rerun-if-env-changed=SQLX_OFFLINE_DIR");
    if std::env::var_os("SQLX_OFFLINE_DIR").is_none() {
        println!("cargo:rustc-env=SQLX_OFFLINE=true");
    }
}
