//! What Windows and macOS show of the program beside its window: icons, version, manifest, bundle.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets")
}

/// The sides of the pictures in a Windows icon; 256 is written as 0.
fn sides_of_ico(bytes: &[u8]) -> Vec<u32> {
    assert_eq!(bytes[..4], [0, 0, 1, 0], "an icon");
    let count = usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
    let entries = bytes[6..].chunks_exact(16).take(count);
    entries.map(|entry| if entry[0] == 0 { 256 } else { u32::from(entry[0]) }).collect()
}

#[test]
fn the_icon_for_windows_has_every_size_that_explorer_shows() {
    let sides = sides_of_ico(&std::fs::read(assets().join("icon/icon.ico")).unwrap());
    for side in [16, 32, 48, 256] {
        assert!(sides.contains(&side), "{sides:?}");
    }
}

#[test]
fn the_manifest_for_windows_begins_as_xml_must_and_allows_long_paths() {
    let manifest = std::fs::read_to_string(assets().join("windows.manifest")).unwrap();
    assert!(manifest.starts_with("<?xml"), "{manifest}");
    for (name, value) in [("longPathAware", "true"), ("activeCodePage", "UTF-8"), ("dpiAwareness", "PerMonitorV2")] {
        let set = manifest.lines().any(|line| line.contains(&format!("<{name} ")) && line.contains(value));
        assert!(set, "{name}: {manifest}");
    }
}

#[cfg(unix)]
#[test]
fn a_bundle_for_macos_has_program_icon_and_version() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (program, bundle) = (folder.path().join("built"), folder.path().join("Whoelse.app"));
    std::fs::write(&program, "a program").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/macos-bundle");
    let made = std::process::Command::new(script).arg(&program).arg(&bundle).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let contents = bundle.join("Contents");
    let program = contents.join("MacOS/whoelse");
    assert_eq!(std::fs::read(&program).unwrap(), b"a program");
    assert_eq!(std::fs::metadata(&program).unwrap().permissions().mode() & 0o111, 0o111);
    assert_eq!(&std::fs::read(contents.join("Resources/whoelse.icns")).unwrap()[..4], b"icns");
    let words = std::fs::read_to_string(contents.join("Info.plist")).unwrap();
    for (key, value) in [
        ("CFBundleExecutable", "whoelse"),
        ("CFBundleIconFile", "whoelse"),
        ("CFBundleShortVersionString", env!("CARGO_PKG_VERSION")),
    ] {
        let entry = format!("<key>{key}</key><string>{value}</string>");
        assert!(words.contains(&entry), "{entry} in {words}");
    }
}
