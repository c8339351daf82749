//! Modules that people upload: looked at, kept by their digest, and named in the form that is being filled in.

use marketplace_domain::{Digest, PluginName, Problem, Reason, draft::Draft, verdict::Refusal};
use uuid::Uuid;

use crate::{
    Services,
    error::{Result, ServiceError},
    plugin_form::{HOSTED, HOSTED_NAME, KIND, REFUSED_FILE, UNSENT},
};

/// What arrived in place of a file, or with it.
#[derive(Debug)]
pub enum Uploaded {
    /// A file and its name.
    File {
        /// As the browser says it.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// No file was chosen.
    Nothing,
    /// More than so many bytes.
    TooLarge(u64),
}

impl Services {
    /// Takes a file into the form that is being filled in. Where it can be found again: everything typed is in it, and
    /// what is wrong with the file.
    pub async fn upload(
        &self,
        editing: Option<&PluginName>,
        mut draft: Draft,
        kept: Option<Uuid>,
        file: Uploaded,
    ) -> Result<Uuid> {
        if let Some(name) = editing {
            self.editable(name).await?;
        }
        draft.fields.remove(REFUSED_FILE);
        match self.take(file).await? {
            Ok((digest, name)) => {
                draft.set(HOSTED, digest.as_str());
                draft.set(HOSTED_NAME, name);
                // Our own address, and the digest is that of the file: nothing of these is typed.
                draft.fields.remove("url");
                draft.fields.remove("sha256");
            }
            Err(reason) => draft.set(REFUSED_FILE, serde_json::to_string(&reason).unwrap_or_default()),
        }
        draft.set(UNSENT, "yes");
        let id = kept.unwrap_or_else(Uuid::new_v4);
        self.catalogue().put_draft(id, KIND, &draft).await?;
        Ok(id)
    }

    async fn take(&self, file: Uploaded) -> Result<std::result::Result<(Digest, String), Reason>> {
        let (name, bytes) = match file {
            Uploaded::File { bytes, .. } if bytes.is_empty() => return Ok(Err(Reason::FileMissing)),
            Uploaded::File { name, bytes } => (name, bytes),
            Uploaded::Nothing => return Ok(Err(Reason::FileMissing)),
            Uploaded::TooLarge(most) => return Ok(Err(Reason::FileTooLarge(most))),
        };
        let check = match self.check_module(bytes.clone()).await {
            Ok(check) => check,
            Err(ServiceError::Internal(words)) => {
                tracing::error!(error = words, "an uploaded file could not be checked");
                return Ok(Err(Reason::FileUnchecked));
            }
            Err(error) => return Err(error),
        };
        // A module that Envoy refuses may still be kept: who uploads it may want to see why. Other files may not.
        if check.refusal == Some(Refusal::Header) {
            return Ok(Err(Reason::FileNotWasm));
        }
        let digest = self.catalogue().put_upload(&bytes).await?;
        Ok(Ok((digest, plain_name(&name))))
    }
}

/// What is wrong with the file that was sent last.
pub(crate) fn file_problem(draft: &Draft) -> Option<Problem> {
    let reason = serde_json::from_str(draft.get(REFUSED_FILE)).ok()?;
    Some(Problem::at("file", reason))
}

/// A file's name without folders and without characters that only confuse.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|character| !character.is_control()).take(100).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_shown_plainly() {
        assert_eq!(plain_name("C:\\fakepath\\check header.wasm"), "check header.wasm");
        assert_eq!(plain_name("../../etc/passwd\u{0}\n"), "passwd");
        assert_eq!(plain_name(&"长".repeat(300)).chars().count(), 100);
    }
}
