//! Opens links in the browser, folders in the file manager and files with their programs. Nothing else leaves the app
//! this way, and nothing that the system would run.

use std::path::Path;

use whoelse_proto::is_invisible;

use super::error::{Error, Result};
use super::punycode;

/// Bytes of a link: what browsers take; more is an attack on one.
pub const MAX_LINK_BYTES: usize = 8 * 1024;

/// A link that may be given to a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// Checks a link: `http` or `https`, a host, and no sign that a shell, a browser or an eye could take for another.
    ///
    /// # Errors
    /// [`Error::NotALink`].
    pub fn new(raw: &str) -> Result<Self> {
        let (scheme, rest) = raw.split_once("://").ok_or(Error::NotALink)?;
        let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        let has_host = rest.starts_with(|c: char| c.is_alphanumeric() || c == '[');
        let is_plain = raw.chars().all(|c| !c.is_control() && !c.is_whitespace() && !is_invisible(c));
        if !is_web || !has_host || !is_plain || raw.len() > MAX_LINK_BYTES {
            return Err(Error::NotALink);
        }
        Ok(Self(raw.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Opens it in the user's browser. Returns at once.
    ///
    /// # Errors
    /// [`Error::Open`] if the system has no browser.
    pub fn open(&self) -> Result<()> {
        open::that_detached(&self.0).map_err(Error::Open)
    }
}

/// Why an address may be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deceit {
    /// Something stands before an `@`, and looks like the site.
    BeforeAt,
    /// The name of the site has letters that are not ASCII, or stands for such letters.
    Letters,
    /// The site is a number that nobody reads as an address.
    Number,
}

impl Deceit {
    /// What it means, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::BeforeAt => {
                "What stands before the @ is no part of the site’s address; it may be there to look like one."
            }
            Self::Letters => "Its name has letters that can look like others. Compare it with the name you know.",
            Self::Number => "Its address is written as a number, so that nobody can read where it leads.",
        }
    }
}

/// The site that a link leads to, in ASCII, and why it may be taken for another, if so.
#[must_use]
pub fn site(link: &str) -> (String, Option<Deceit>) {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let (before_at, host) = authority.rsplit_once('@').map_or((None, authority), |(before, host)| (Some(before), host));
    let end = if host.starts_with('[') {
        host.find(']').map_or(host.len(), |at| at + 1)
    } else {
        host.find(':').unwrap_or(host.len())
    };
    let name = host.get(..end).unwrap_or_default();
    let ascii: Vec<String> = name.split(['.', '。', '．', '｡']).map(punycode::label).collect();
    let ascii = ascii.join(".");
    let is_number = |label: &str| {
        let digits = label.strip_prefix("0x").or(label.strip_prefix("0X"));
        digits.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))
            || label.chars().all(|c| c.is_ascii_digit()) && !label.is_empty()
    };
    let labels: Vec<&str> = ascii.split('.').collect();
    let plain_address = labels.len() == 4
        && labels.iter().all(|label| label.parse::<u8>().is_ok() && (*label == "0" || !label.starts_with('0')));
    let deceit = if before_at.is_some() {
        Some(Deceit::BeforeAt)
    } else if !name.is_ascii() || labels.iter().any(|label| label.to_ascii_lowercase().starts_with("xn--")) {
        Some(Deceit::Letters)
    } else if labels.last().is_some_and(|last| is_number(last)) && !plain_address {
        Some(Deceit::Number)
    } else {
        None
    };
    (ascii, deceit)
}

/// Opens a folder in the file manager. Returns at once.
///
/// # Errors
/// [`Error::Open`], also if it is no folder: a file would be run by whatever belongs to it.
pub fn open_folder(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        return Err(Error::Open(std::io::ErrorKind::NotADirectory.into()));
    }
    open::that_detached(folder).map_err(Error::Open)
}

/// Ends of names of files that may be opened: documents without programs in them, pictures, sound, films, archives.
/// Whatever is missing here might be run by some system, or tell it what to run: what may not has no end.
const OPEN: [&str; 61] = [
    "7z", "aac", "avi", "avif", "bmp", "bz2", "conf", "csv", "diff", "docx", "eml", "epub", "flac", "gif", "gz",
    "heic", "heif", "ics", "ini", "jpeg", "jpg", "json", "log", "m4a", "m4v", "markdown", "md", "mkv", "mov", "mp3",
    "mp4", "mpeg", "mpg", "odg", "odp", "ods", "odt", "oga", "ogg", "ogv", "opus", "patch", "pdf", "png", "pptx",
    "rtf", "tar", "tex", "tgz", "tif", "tiff", "toml", "tsv", "txt", "vcf", "wav", "webm", "webp", "xlsx", "xz", "zip",
];

/// Whether a file of this name may be opened. Any other may only be shown in its folder.
#[must_use]
pub fn may_open(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| OPEN.iter().any(|open| end.eq_ignore_ascii_case(open)))
}

/// Opens a file with the program made for it. Returns at once.
///
/// # Errors
/// [`Error::Open`], also if it is gone or none of those that may be opened.
pub fn open_file(path: &Path) -> Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if !may_open(&name) {
        return Err(Error::Open(std::io::ErrorKind::PermissionDenied.into()));
    }
    if !path.is_file() {
        return Err(Error::Open(std::io::ErrorKind::NotFound.into()));
    }
    open::that_detached(path).map_err(Error::Open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_may_be_taken_for_others_are_told() {
        for (link, host, deceit) in [
            ("https://a.example/x@y", "a.example", None),
            ("http://10.0.0.5:8080/", "10.0.0.5", None),
            ("http://[::1]:80/", "[::1]", None),
            ("https://аpple.com/", "xn--pple-43d.com", Some(Deceit::Letters)),
            ("https://bücher.example", "xn--bcher-kva.example", Some(Deceit::Letters)),
            ("https://XN--pple-43d.com/", "xn--pple-43d.com", Some(Deceit::Letters)),
            ("https://user:pass@evil.example/", "evil.example", Some(Deceit::BeforeAt)),
            ("https://bank.example@evil.example", "evil.example", Some(Deceit::BeforeAt)),
            ("http://2130706433/", "2130706433", Some(Deceit::Number)),
            ("http://0x7f.1/", "0x7f.1", Some(Deceit::Number)),
            ("http://0177.0.0.1/", "0177.0.0.1", Some(Deceit::Number)),
        ] {
            assert_eq!(site(link), (host.to_owned(), deceit), "{link}");
        }
    }

    #[test]
    fn links_of_the_web_may_be_opened() {
        for raw in [
            "https://example.org",
            "HTTP://10.4.0.12:8080/a?b=c#d",
            "http://[::1]/",
            "https://例え.jp/ü",
            "https://a'b",
        ] {
            assert_eq!(Link::new(raw).unwrap().as_str(), raw);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("https://{}", "x".repeat(MAX_LINK_BYTES));
        for raw in [
            "",
            "example.org",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "javascript://%0aalert(1)",
            "ssh://host",
            "whoelse://host:1",
            "https://",
            "https://-oProxyCommand",
            "https:///path",
            " https://example.org",
            "https://example.org/a b",
            "https://example.org\nfile:///x",
            "https://example.org/\u{202E}gpj.exe",
            "https://example.org/\u{200D}\u{3164}",
            "https://example.org/\u{2800}",
            "-https://example.org",
            &long,
        ] {
            assert!(matches!(Link::new(raw), Err(Error::NotALink)), "{raw:?}");
        }
    }

    #[test]
    fn what_a_system_would_run_is_not_opened() {
        let ends = "exe EXE desktop sh msc chm ws wsh msix appx appinstaller diagcab settingcontent-ms library-ms search-ms xll \
                    iso img vhd rdp dll py pyw psm1 ps1xml docm xlsm pptm jnlp theme dmg pkg mpkg terminal inetloc fileloc \
                    webloc mobileconfig scpt html htm svg xhtml deb rpm flatpakref doc xls ppt one url swf";
        for end in ends.split_whitespace() {
            assert!(!may_open(&format!("x.pdf.{end}")), "{end}");
        }
        for name in ["x.exe. ", "x.pdf ", "x.pdf.", "x", "no end.", "pdf", "x.pdf\u{202e}"] {
            assert!(!may_open(name), "{name}");
        }
        for name in ["x.pdf", "x.PNG", "logs.tar.xz", "명세서.odt", ".txt"] {
            assert!(may_open(name), "{name}");
        }
        let missing = std::path::Path::new("/nowhere/x.pdf");
        assert!(matches!(open_file(missing), Err(Error::Open(_))));
    }

    #[test]
    fn only_a_folder_is_opened_as_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(open_folder(file.path()), Err(Error::Open(_))));
        assert!(matches!(open_folder(&file.path().join("missing")), Err(Error::Open(_))));
    }
}
