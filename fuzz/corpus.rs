// Included by the tests of each crate that has targets here.

/// Plays the corpus of a target: `hold` panics where a rule does not hold, and the input that was played is named.
fn play(target: &str, hold: impl Fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let inputs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!inputs.is_empty());
    for input in inputs {
        eprintln!("{}", input.display());
        hold(&std::fs::read(input).unwrap());
    }
}
