//! What the documentation says of the tree is so: the tests that it names are there, and the unit for systemd is one.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where tests lie that are named without a folder.
const HUB_TESTS: &str = "server/hub/tests/hub";

/// Keys of each section of a unit (systemd.unit(5), systemd.service(5)), as far as they are used.
const UNIT_KEYS: &[(&str, &[&str])] = &[
    ("Unit", &["Description", "Wants", "After"]),
    ("Service", &["ExecStart", "DynamicUser", "StateDirectory", "LimitNOFILE", "Restart", "RestartSec"]),
    ("Install", &["WantedBy"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "md")
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The file or folder that a page names, if there is one.
fn found(path: &str) -> Option<PathBuf> {
    [root().join(path), root().join(HUB_TESTS).join(path)].into_iter().find(|path| path.exists())
}

/// Whether a source has a test of this name.
fn has_test(source: &str, name: &str) -> bool {
    let mut is_marked = false;
    for line in source.lines().map(str::trim_start) {
        let code = line.strip_prefix("async ").unwrap_or(line);
        if code.strip_prefix("fn ").and_then(|code| code.strip_prefix(name)).is_some_and(|rest| rest.starts_with('(')) {
            return is_marked;
        }
        is_marked = line.starts_with("#[") && (is_marked || line.contains("test]") || line.contains("test("));
    }
    false
}

/// What is wrong with a test that is named as `file.rs` or `file.rs::test`.
fn fault(named: &str) -> Option<String> {
    let (path, test) = named.split_once("::").map_or((named, None), |(path, test)| (path, Some(test)));
    let Some(file) = found(path) else { return Some(format!("{named}: there is no such file")) };
    let test = test?;
    (!has_test(&fs::read_to_string(file).unwrap(), test)).then(|| format!("{named}: there is no such test"))
}

#[test]
fn a_test_is_found_by_its_mark_and_its_name() {
    let source = "#[tokio::test]\nasync fn one() {}\n\n#[cfg(unix)]\n    #[test]\n    fn two() {}\nfn three() {}\n";
    assert!(has_test(source, "one") && has_test(source, "two"));
    assert!(!has_test(source, "three") && !has_test(source, "tw"));
}

#[test]
fn every_test_that_the_page_on_security_names_is_there() {
    let page = page("SECURITY.md");
    let named: Vec<&str> = quoted(&page).filter(|quoted| quoted.contains(".rs")).collect();
    assert!(named.len() > 30, "{named:?}");
    let faults: Vec<String> = named.into_iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_row_of_who_can_do_what_names_the_test_that_holds_it() {
    let page = page("SECURITY.md");
    let rows: Vec<&str> = page.lines().skip_while(|line| !line.starts_with("| who ")).skip(2).collect();
    let rows: Vec<&str> = rows.into_iter().take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 15, "{rows:?}");
    let without: Vec<&&str> = rows.iter().filter(|row| !quoted(row).any(|quoted| quoted.contains(".rs"))).collect();
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn every_place_of_tests_that_the_page_on_behaviour_names_is_there() {
    let page = page("BEHAVIOUR.md");
    let blocks = page.split("\n\n").filter_map(|block| block.strip_prefix("Tests:"));
    let missing: Vec<&str> = blocks.flat_map(quoted).filter(|path| found(path).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_decision_has_a_number_of_its_own_which_its_title_says() {
    let mut numbers = BTreeSet::new();
    for entry in fs::read_dir(root().join("docs/decisions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let number: u32 = name.split('-').next().unwrap().parse().unwrap();
        assert!(numbers.insert(number), "two decisions have the number {number}");
        let title = page(&format!("decisions/{name}"));
        assert!(title.starts_with(&format!("# {number}. ")), "{name}");
    }
}

#[test]
fn every_link_to_another_page_leads_to_one() {
    let mut dead = Vec::new();
    for folder in ["", "docs", "docs/decisions"].map(|folder| root().join(folder)) {
        let pages = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        for path in pages.filter(|path| is_page(path)) {
            let text = fs::read_to_string(&path).unwrap();
            let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            let pages = links.filter_map(|link| link.split('#').next()).filter(|link| is_page(Path::new(link)));
            let here = pages.filter(|link| !link.contains("://") && !folder.join(link).exists());
            dead.extend(here.map(|link| format!("{}: {link}", path.display())));
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn each_key_of_the_unit_for_systemd_stands_in_its_section() {
    let page = page("OPERATING.md");
    let unit = page.split("```").find(|block| block.contains("[Service]")).unwrap();
    let mut section = "";
    for line in unit.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
            continue;
        }
        let key = line.split('=').next().unwrap_or_default();
        let keys = UNIT_KEYS.iter().find(|(name, _)| *name == section).map_or(&[] as &[&str], |(_, keys)| keys);
        assert!(keys.contains(&key), "{key} is no key of [{section}]");
    }
}
