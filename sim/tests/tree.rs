//! The house rules that no lint keeps: the edges between crates, the length of files, purity.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a source file.
const MAX_FILE_LINES: usize = 500;

/// Lines of a function, from its signature to its closing brace.
const MAX_FUNCTION_LINES: usize = 70;

/// Which of our crates a crate may use.
const EDGES: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("plain", &[]),
    ("sqlite", &[]),
    ("server/hub", &["whoelse-proto"]),
    ("server", &["whoelse-proto", "whoelse-plain", "whoelse-sqlite", "whoelse-hub"]),
    ("client/model", &["whoelse-proto"]),
    ("client", &["whoelse-proto", "whoelse-plain", "whoelse-sqlite", "whoelse-model"]),
    ("app", &["whoelse-proto", "whoelse-plain", "whoelse-model", "whoelse-client", "whoelse-server"]),
    ("sim", &["whoelse-proto", "whoelse-hub", "whoelse-model"]),
];

/// Crates that may use any of ours: nothing uses them.
const UNBOUND: &[&str] = &["bench"];

/// Crates without socket, file, clock, randomness or runtime.
const PURE: &[&str] = &["proto", "server/hub", "client/model"];

/// What a pure crate does not name.
const IMPURE: &[&str] = &[
    "std::net",
    "std::fs",
    "std::io",
    "std::thread",
    "std::process",
    "Instant::now",
    "SystemTime::now",
    "tokio",
    "getrandom::",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in EDGES.iter().map(|(folder, _)| *folder).chain(UNBOUND.iter().copied()) {
        let folder = root().join(folder);
        found.extend(sources(&folder.join("src")));
        // Not every crate has these.
        let more = ["tests", "examples"].map(|part| folder.join(part)).into_iter().filter(|part| part.is_dir());
        found.extend(more.flat_map(|part| sources(&part)));
    }
    found
}

/// Functions as `(name, lines)`: in formatted code a function ends at the brace in its own column.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = code
            .split(' ')
            .take_while(|word| *word != "fn")
            .all(|word| word.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(&word))
            && code.split(' ').any(|word| word == "fn");
        // A declaration has no body.
        if !is_function || code.ends_with(';') {
            continue;
        }
        let indent = &line[..line.len() - code.len()];
        let end = format!("{indent}}}");
        let Some(length) = lines.iter().skip(start).position(|line| *line == end) else { continue };
        let name = code.split("fn ").nth(1).unwrap_or_default();
        found.push((name.split(['(', '<']).next().unwrap_or_default(), length + 1));
    }
    found
}

#[test]
fn no_source_file_is_longer_than_it_may_be() {
    let mut long = Vec::new();
    for path in all_sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        if lines > MAX_FILE_LINES {
            long.push(format!("{}: {lines}", path.display()));
        }
    }
    assert!(long.is_empty(), "over {MAX_FILE_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn no_function_is_longer_than_it_may_be() {
    let mut long = Vec::new();
    for path in all_sources() {
        for (name, lines) in functions(&fs::read_to_string(&path).unwrap()) {
            if lines > MAX_FUNCTION_LINES {
                long.push(format!("{}: {name} has {lines}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "over {MAX_FUNCTION_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn a_long_function_is_found() {
    let body = "    x();\n".repeat(80);
    let text = format!(
        "impl X {{\n    pub(crate) async fn long(\n        a: u8,\n    ) {{\n{body}    }}\n}}\nfn short() {{\n}}\ntrait Y {{\n    fn declared();\n{body}}}\n"
    );
    assert_eq!(functions(&text), [("long", 84), ("short", 2)]);
}

#[test]
fn every_crate_of_the_workspace_is_under_these_rules() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = text.lines().find_map(|line| line.strip_prefix("members = [")).unwrap();
    let members: BTreeSet<&str> = members.split('"').skip(1).step_by(2).collect();
    let ruled = EDGES.iter().map(|(folder, _)| *folder).chain(UNBOUND.iter().copied());
    assert_eq!(members, ruled.collect());
}

#[test]
#[should_panic(expected = "no/such/crate")]
fn a_folder_that_is_missing_is_no_empty_folder() {
    sources(&root().join("no/such/crate"));
}

#[test]
fn crates_use_only_those_they_may() {
    for (folder, allowed) in EDGES {
        let manifest = root().join(folder).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap_or_else(|error| panic!("{}: {error}", manifest.display()));
        let dependencies = text.split("[dev-dependencies]").next().unwrap_or_default();
        let used: BTreeSet<&str> = dependencies
            .lines()
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .filter(|name| name.starts_with("whoelse-"))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert!(used.is_subset(&allowed), "{folder} uses {:?}", used.difference(&allowed));
    }
}

#[test]
fn pure_crates_name_nothing_impure() {
    for folder in PURE {
        for path in sources(&root().join(folder).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for word in IMPURE {
                    assert!(!line.contains(word), "{}: {word}", path.display());
                }
            }
        }
    }
}

#[test]
fn the_fuzzer_of_markdown_takes_in_every_file_that_its_files_name() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let target = read("fuzz/fuzz_targets/markdown.rs");
    let taken_in: BTreeSet<&str> =
        target.lines().filter_map(|line| line.strip_prefix("#[path = \"../../")?.strip_suffix("\"]")).collect();
    assert!(taken_in.contains("app/src/timeline/markdown.rs"), "{taken_in:?}");
    for path in &taken_in {
        let folder = path.rsplit_once('/').unwrap().0;
        let text = read(path);
        let named = text.lines().filter_map(|line| line.strip_prefix("use super::"));
        for name in named.map(|rest| rest.split([':', ';']).next().unwrap()) {
            let file = format!("{folder}/{name}.rs");
            assert!(taken_in.contains(file.as_str()), "{path} uses {file}");
        }
    }
}
