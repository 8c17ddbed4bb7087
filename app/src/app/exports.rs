//! Writes what the person wants to take along into the folder of downloads, off the thread that draws.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::waker::Waker;

/// Files of one name in one folder before it is given up: a loop without end would be worse.
const MOST_OF_A_NAME: u32 = 1000;

/// What became of a file: where it is, or why it is not.
pub(super) type Outcome = Result<PathBuf, String>;

/// Files on their way to disk. A person asks for one at a time, so that nothing bounds them but the person.
#[derive(Debug)]
pub(super) struct Exports {
    folder: PathBuf,
    sender: Sender<Outcome>,
    outcomes: Receiver<Outcome>,
    waker: Waker,
}

impl Exports {
    /// Into the folder of downloads; where the system names none, into `instead`.
    pub(super) fn new(waker: Waker, instead: &Path) -> Self {
        let downloads = directories::UserDirs::new().and_then(|dirs| dirs.download_dir().map(Path::to_owned));
        Self::into(downloads.unwrap_or_else(|| instead.to_owned()), waker)
    }

    /// Into this folder.
    pub(super) fn into(folder: PathBuf, waker: Waker) -> Self {
        let (sender, outcomes) = mpsc::channel();
        Self { folder, sender, outcomes, waker }
    }

    /// Writes a file whose name begins like this; an existing one stays as it is.
    pub(super) fn write(&self, name: &str, extension: &'static str, text: String) {
        let (folder, sender, waker) = (self.folder.clone(), self.sender.clone(), self.waker.clone());
        let name = format!("Whoelse {}", safe(name));
        let work = move || {
            let outcome = write_new(&folder, &name, extension, &text).map_err(|error| whoelse_plain::file(&error));
            // Whoever asked may be gone.
            let _ = sender.send(outcome);
            waker.wake();
        };
        if let Err(error) = thread::Builder::new().name("export".to_owned()).spawn(work) {
            let _ = self.sender.send(Err(whoelse_plain::systems_words(&error)));
        }
    }

    /// The next file that was written, or not.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.outcomes.try_recv().ok()
    }
}

/// A name that every file system takes.
fn safe(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || " -_".contains(c) { c } else { '_' }).collect()
}

fn write_new(folder: &Path, name: &str, extension: &str, text: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    for n in 1..=MOST_OF_A_NAME {
        let numbered = if n == 1 { name.to_owned() } else { format!("{name} {n}") };
        let path = folder.join(format!("{numbered}.{extension}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_exists_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let first = write_new(folder.path(), "Whoelse x", "csv", "1").unwrap();
        let second = write_new(folder.path(), "Whoelse x", "csv", "2").unwrap();
        assert_eq!(std::fs::read_to_string(first).unwrap(), "1");
        assert_eq!(second.file_name().unwrap(), "Whoelse x 2.csv");
    }

    #[test]
    fn names_from_outside_do_not_lead_out_of_the_folder() {
        assert_eq!(safe("../../etc/passwd"), "______etc_passwd");
        assert_eq!(safe("C:\\x|y"), "C__x_y");
        assert_eq!(safe("明日 r2-d2"), "明日 r2-d2");
    }
}
