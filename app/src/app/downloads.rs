//! Where files go that are fetched: into the folder of the settings, or else into the profile.

use std::path::{Path, PathBuf};

use whoelse_model::command::CommandLine;
use whoelse_model::{Action, FileOrder};

use super::sending::Purpose;
use super::{App, words};
use crate::view::settings::Downloads;

/// The folder in the profile where files go without a word of the user.
const USUAL: &str = "downloads";

impl App {
    /// Orders a file for the download folder. Where that is gone, says so and asks where else.
    pub(super) fn fetch(&mut self, order: FileOrder) {
        match self.for_download_folder(order) {
            Ok(order) => self.order(order),
            Err((gone, order)) => {
                self.tell_path(words::folder_gone(&gone, "Choose where to save this file."), &gone);
                self.choose(Purpose::FetchInto(order));
            }
        }
    }

    /// Orders a file that nobody is asked about; where the download folder is gone, it waits for the user.
    pub(super) fn fetch_unasked(&mut self, order: FileOrder) {
        match self.for_download_folder(order) {
            Ok(order) => self.order(order),
            Err((gone, _)) => {
                self.tell_path(words::folder_gone(&gone, "The file waits until you accept it."), &gone);
            }
        }
    }

    /// The same order with the download folder, or that folder if it is gone.
    fn for_download_folder(&self, order: FileOrder) -> Result<FileOrder, (PathBuf, FileOrder)> {
        match &self.settings.download_folder {
            None => Ok(order),
            Some(folder) if folder.is_dir() => Ok(into_folder(order, folder)),
            Some(folder) => Err((folder.clone(), order)),
        }
    }

    /// The order of a command that fetches a file; `None` of another command.
    pub(super) fn fetched_by(line: &CommandLine) -> Option<FileOrder> {
        let Some(Action::Files(order)) = line.clone().into_file_action() else { return None };
        may_have_folder(&order).then_some(order)
    }

    /// Files go into this folder from here on; without one, into the profile.
    pub(super) fn set_download_folder(&mut self, folder: Option<PathBuf>) {
        self.settings.download_folder = folder;
        self.keep_settings();
        self.tell(format!("Files are saved in {}.", self.download_folder().display()));
    }

    fn download_folder(&self) -> PathBuf {
        self.settings.download_folder.clone().unwrap_or_else(|| self.profile.folder().join(USUAL))
    }

    /// Where files go, as the settings show it.
    pub(super) fn downloads(&self) -> Downloads {
        let folder = self.download_folder().display().to_string();
        if self.settings.download_folder.is_some() { Downloads::Chosen(folder) } else { Downloads::Usual(folder) }
    }

    /// Shows the folder where files go in the file manager.
    pub(super) fn open_download_folder(&mut self) {
        let folder = self.download_folder();
        if self.settings.download_folder.is_none()
            && let Err(error) = std::fs::create_dir_all(&folder)
        {
            self.tell_path(format!("{}: {}.", folder.display(), whoelse_plain::file(&error)), &folder);
            return;
        }
        if !folder.is_dir() {
            self.tell_path(words::folder_gone(&folder, "Choose another in the settings, under Files."), &folder);
        } else if let Err(error) = self.desktop.open_folder(&folder) {
            self.tell_path(words::not_opened(&folder, &error), &folder);
        }
    }
}

/// Whether an order names the folder for a file.
const fn may_have_folder(order: &FileOrder) -> bool {
    match order {
        FileOrder::Take { .. } | FileOrder::Download { .. } | FileOrder::DownloadChunk { .. } => true,
        FileOrder::Send { .. }
        | FileOrder::Refuse { .. }
        | FileOrder::Pause { .. }
        | FileOrder::Resume { .. }
        | FileOrder::Cancel { .. }
        | FileOrder::Register { .. }
        | FileOrder::Unregister { .. } => false,
    }
}

/// The same order with a folder, if it fetches a file.
pub(super) fn into_folder(order: FileOrder, into: &Path) -> FileOrder {
    let folder = Some(into.to_owned());
    match order {
        FileOrder::Take { id, folder: _ } => FileOrder::Take { id, folder },
        FileOrder::Download { name, root, folder: _ } => FileOrder::Download { name, root, folder },
        FileOrder::DownloadChunk { from, name, chunk, folder: _ } => {
            FileOrder::DownloadChunk { from, name, chunk, folder }
        }
        other @ (FileOrder::Send { .. }
        | FileOrder::Refuse { .. }
        | FileOrder::Pause { .. }
        | FileOrder::Resume { .. }
        | FileOrder::Cancel { .. }
        | FileOrder::Register { .. }
        | FileOrder::Unregister { .. }) => other,
    }
}

#[cfg(test)]
mod tests {
    use whoelse_model::TransferId;

    use super::*;

    #[test]
    fn what_fetches_a_file_goes_into_the_folder_and_nothing_else_changes() {
        let id = TransferId::new(7);
        let into = Path::new("/srv/files");
        let taken = into_folder(FileOrder::Take { id, folder: None }, into);
        assert_eq!(taken, FileOrder::Take { id, folder: Some(into.to_owned()) });
        assert_eq!(into_folder(FileOrder::Pause { id }, into), FileOrder::Pause { id });
        assert!(App::fetched_by(&CommandLine::TakeFile(id)).is_some());
        assert!(App::fetched_by(&CommandLine::PauseFile(id)).is_none());
    }
}
