//! Stored files as files of this machine, for those who can read nothing else.

use std::path::{Path, PathBuf};

use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::{Storage, pieces};
use crate::error::Result;

/// A file that may be read until this is dropped. It must not be changed.
#[derive(Debug)]
pub struct LocalCopy {
    pub path: PathBuf,
    /// Removes a copy.
    _copy: Option<TempPath>,
}

impl Storage {
    /// The stored file itself where the store is a folder and the file in one piece; otherwise a copy in `scratch`.
    ///
    /// # Errors
    /// When there is no such file, the store fails or `scratch` cannot be written.
    pub async fn local(&self, key: &str, scratch: &Path) -> Result<LocalCopy> {
        let mut file = self.open(key).await?;
        if let Some(folder) = self.folder.as_ref().filter(|_| !pieces::is_list(key)) {
            let path = folder.join(key);
            return Ok(LocalCopy { path, _copy: None });
        }
        tokio::fs::create_dir_all(scratch).await?;
        let (copy, path) = tempfile::Builder::new()
            .prefix("copy-")
            .tempfile_in(scratch)?
            .into_parts();
        let mut copy = File::from_std(copy);
        loop {
            let block = file.next_block().await?;
            if block.is_empty() {
                break;
            }
            copy.write_all(&block).await?;
        }
        copy.flush().await?;
        Ok(LocalCopy {
            path: path.to_path_buf(),
            _copy: Some(path),
        })
    }
}
