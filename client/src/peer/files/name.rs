//! Names of files from outside, made fit for any disk: nothing is ever written outside the folder that was meant.

use std::path::Path;

use whoelse_proto::{FileName, FileNameError, is_invisible};

/// Bytes of a name, with room for what is added while the file is on its way.
const MAX_NAME: usize = 180;

/// Names that some systems take for devices, whatever stands behind a dot.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// What a file is called on this disk.
pub(crate) fn safe_name(raw: &str) -> String {
    let base = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String = base.chars().filter(|c| !is_hidden(*c)).map(plain).collect();
    let trimmed = cleaned.trim().trim_end_matches(['.', ' ']);
    let shown = trimmed.strip_prefix('.').map_or_else(|| trimmed.to_owned(), |rest| format!("_{rest}"));
    let shown = if is_device(&shown) { format!("_{shown}") } else { shown };
    let short = shortened(&shown);
    if short.trim_matches('_').is_empty() { "file".to_owned() } else { short }
}

/// What a file on this disk is called to others: its own name, without what is not seen. Whoever fetches it makes it fit
/// for their disk. A name that cannot go on the wire is made fit here.
///
/// # Errors
/// Where there is none.
pub(super) fn name_of(path: &Path) -> Result<FileName, FileNameError> {
    let raw = path.file_name().ok_or(FileNameError)?.to_string_lossy();
    let seen: String = raw.chars().filter(|c| !is_hidden(*c)).collect();
    FileName::new(&seen).or_else(|_| FileName::new(&safe_name(&raw)))
}

/// What is not seen: a name must not look like another.
fn is_hidden(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// A sign that no system gives a meaning to.
fn plain(c: char) -> char {
    if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|rest| {
            let mut signs = rest.chars();
            let digit = signs.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'));
            digit && signs.next().is_none()
        })
    });
    numbered || DEVICES.contains(&stem.as_str()) || stem == "CONIN$" || stem == "CONOUT$"
}

/// Cuts in the middle, so that the ending stays.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_NAME {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).filter(|e| e.len() <= 16);
    let ending = ending.unwrap_or_default();
    let mut end = MAX_NAME - ending.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", name.get(..end).unwrap_or_default().trim_end_matches(['.', ' ']))
}

/// The name with a number, for when it is taken.
pub(super) fn numbered(name: &str, number: u32) -> String {
    match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        _ if number < 2 => name.to_owned(),
        Some((stem, ending)) => format!("{stem} ({number}).{ending}"),
        None => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;

    /// Names with a sting of their own.
    const STINGS: &[&str] = &[
        "../x",
        "..",
        ".",
        "",
        "/",
        "//",
        "\\",
        "\\\\server\\share\\x",
        "C:",
        "C:\\x",
        "c:x",
        "/etc/passwd",
        "~/x",
        "~",
        "..\\..\\x",
        "a/../../x",
        "a\\..\\..\\x",
        "....//x",
        "..;/x",
        "%2e%2e%2fx",
        "x\0y",
        "\0",
        "\n",
        "x\ny",
        "x\r",
        "\u{202e}gpj.exe",
        "\u{2066}x\u{2069}",
        "\u{200b}",
        "\u{feff}x",
        "x.",
        "x..",
        "x ",
        " x",
        " ",
        "...",
        ". .",
        "<x>",
        "x:y",
        "x:$DATA",
        "x|y",
        "x?",
        "*",
        "\"x\"",
        ".bashrc",
        ".ssh",
        "-rf",
        "--help",
        "$HOME",
        "`id`",
        "x;rm -rf",
        "CONIN$",
        "conout$",
        "\u{e0041}x",
        "\u{ff0e}\u{ff0e}\u{ff0f}x",
        "\u{2024}\u{2024}/x",
    ];

    /// Two hundred names that somebody might try.
    fn hostile() -> Vec<String> {
        let mut names: Vec<String> = STINGS.iter().map(|&name| name.to_owned()).collect();
        for device in
            ["CON", "con", "PRN", "aux", "NUL", "nul.txt", "COM1", "com9.log", "LPT1", "lpt3.x.y", "COM\u{b9}"]
        {
            names.push(device.to_owned());
            names.push(format!("{device} "));
            names.push(format!("../{device}"));
        }
        for depth in 1..40 {
            names.push(format!("{}x", "../".repeat(depth)));
            names.push(format!("{}x", "..\\".repeat(depth)));
            names.push(format!("{}/x", "a".repeat(depth * 100)));
        }
        names.push("x".repeat(4096));
        names.push(format!("{}.txt", "\u{1f600}".repeat(1024)));
        names
    }

    #[test]
    fn no_hostile_name_leaves_the_folder_or_is_more_than_a_name() {
        let names = hostile();
        assert!(names.len() >= 200, "{}", names.len());
        for raw in names {
            let safe = safe_name(&raw);
            let mut parts = Path::new(&safe).components();
            assert!(matches!(parts.next(), Some(Component::Normal(_))), "{raw:?} became {safe:?}");
            assert_eq!(parts.next(), None, "{raw:?} became {safe:?}");
            assert!(safe.len() <= MAX_NAME && !safe.is_empty());
            assert!(!safe.starts_with('.') && !safe.ends_with(['.', ' ']), "{safe:?}");
            assert!(!safe.contains(|c: char| is_hidden(c) || "<>:\"/\\|?*".contains(c)), "{safe:?}");
            assert!(!is_device(&safe), "{safe:?}");
            assert_eq!(safe_name(&safe), safe, "a safe name stays");
        }
    }

    #[test]
    fn names_of_people_stay_as_they_are() {
        for name in ["plans.pdf", "Ferien in Köln (2).jpg", "写真.png", "a.tar.gz", "no ending", "concert.txt", "com10"]
        {
            assert_eq!(safe_name(name), name);
        }
        assert_eq!(safe_name("/home/hans/plans.pdf"), "plans.pdf");
    }

    #[test]
    fn a_file_is_called_to_others_what_it_is_called_here() {
        let name = |raw: &str| name_of(&Path::new("/home/hans").join(raw)).unwrap().to_string();
        for own in ["q\"x", ".hidden", "con.txt", "a:b?.txt", &"n".repeat(255)] {
            assert_eq!(name(own), own);
        }
        assert_eq!(name("e\u{301}.txt"), "\u{e9}.txt");
        assert_eq!(name("a\u{202e}gpj.exe\n"), "agpj.exe");
        assert!(name_of(Path::new("/")).is_err());
    }

    #[test]
    fn a_taken_name_gets_a_number_before_its_ending() {
        assert_eq!(numbered("plans.pdf", 1), "plans.pdf");
        assert_eq!(numbered("plans.pdf", 2), "plans (2).pdf");
        assert_eq!(numbered("plans", 3), "plans (3)");
    }
}
