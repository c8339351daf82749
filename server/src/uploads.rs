//! `POST /uploads`: the form that adds or edits a plugin, with a file.
//!
//! An ordinary multipart form, as browsers send it without scripts, read piece by piece. A file that is too large is read to
//! its end and forgotten, because what the person typed may come behind it and must not be lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use marketplace_domain::PluginName;
use marketplace_domain::draft::Draft;
use marketplace_services::{ServiceError, Services, Uploaded};
use tokio::sync::Semaphore;
use tower_http::timeout::TimeoutLayer;
use uuid::Uuid;

/// The largest module, as the sandbox takes it.
pub const LARGEST_FILE: usize = 16 * 1024 * 1024;

/// More than a file that is twice too large, and the form around it.
const LARGEST_BODY: usize = 2 * LARGEST_FILE + LARGEST_FORM;

/// All that is typed, as with the form's own route.
const LARGEST_FORM: usize = 1024 * 1024;

/// Slow lines send large files, too.
const LONGEST: Duration = Duration::from_secs(120);

/// Files that are held in memory at a time.
const AT_ONCE: usize = 2;

#[derive(Clone)]
struct Uploads {
    services: Arc<Services>,
    room: Arc<Semaphore>,
}

/// The route.
pub fn router(services: Arc<Services>) -> Router {
    Router::new()
        .route("/uploads", post(upload))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST))
        .with_state(Uploads { services, room: Arc::new(Semaphore::new(AT_ONCE)) })
}

/// The form as it was sent.
#[derive(Default)]
struct Sent {
    editing: String,
    draft: String,
    fields: BTreeMap<String, String>,
    file: Option<Uploaded>,
}

/// Why a form could not be read.
enum Unreadable {
    Form(MultipartError),
    TooMuchText,
}

async fn upload(State(uploads): State<Uploads>, form: Multipart) -> Response {
    let Ok(_room) = uploads.room.acquire().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let sent = match read(form).await {
        Ok(sent) => sent,
        Err(Unreadable::Form(error)) => return plain(error.status(), &error.body_text()),
        Err(Unreadable::TooMuchText) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "The form holds too much text."),
    };
    let editing = match sent.editing.as_str() {
        "" => None,
        name => match name.parse::<PluginName>() {
            Ok(name) => Some(name),
            Err(_) => return plain(StatusCode::NOT_FOUND, "There is no such plugin."),
        },
    };
    let kept = Uuid::parse_str(&sent.draft).ok();
    let draft = Draft { fields: sent.fields };
    let file = sent.file.unwrap_or(Uploaded::Nothing);
    match uploads.services.upload(editing.as_ref(), draft, kept, file).await {
        Ok(id) => {
            let page = app::pages::edit::api::address(editing.as_ref().map(PluginName::as_str), &id.to_string());
            Redirect::to(&format!("{page}#module")).into_response()
        }
        Err(error) => refused(&error),
    }
}

async fn read(mut form: Multipart) -> Result<Sent, Unreadable> {
    let mut sent = Sent::default();
    let mut room = LARGEST_FORM;
    while let Some(mut field) = form.next_field().await.map_err(Unreadable::Form)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            sent.file = Some(file(&mut field).await.map_err(Unreadable::Form)?);
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(Unreadable::Form)? {
            room = room.checked_sub(piece.len()).ok_or(Unreadable::TooMuchText)?;
            bytes.extend_from_slice(&piece);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "editing" => sent.editing = text,
            "draft" => sent.draft = text,
            other => {
                if let Some(field) = other.strip_prefix("fields[").and_then(|rest| rest.strip_suffix(']')) {
                    sent.fields.insert(field.to_owned(), text);
                }
            }
        }
    }
    Ok(sent)
}

async fn file(field: &mut Field<'_>) -> Result<Uploaded, MultipartError> {
    let name = field.file_name().unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    let mut too_large = false;
    while let Some(piece) = field.chunk().await? {
        too_large |= bytes.len() + piece.len() > LARGEST_FILE;
        if too_large {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(match (too_large, bytes.is_empty()) {
        (true, _) => Uploaded::TooLarge(LARGEST_FILE as u64),
        (false, true) => Uploaded::Nothing,
        (false, false) => Uploaded::File { name, bytes },
    })
}

/// What a person sees whose form cannot be shown again: they find it by going back.
fn plain(status: StatusCode, words: &str) -> Response {
    (status, format!("{words}\nNothing was saved. Go back: the form is as you left it.\n")).into_response()
}

fn refused(error: &ServiceError) -> Response {
    match error {
        ServiceError::NotFound => plain(StatusCode::NOT_FOUND, "There is no such plugin."),
        ServiceError::Builtin => plain(StatusCode::FORBIDDEN, "Built-in plugins cannot be changed."),
        ServiceError::DatabaseUnavailable(_) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer. Try again in a moment.")
        }
        other => {
            tracing::error!(error = %other, "an upload failed");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here; the log says what.")
        }
    }
}
