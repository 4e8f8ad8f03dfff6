//! The corpora of the fuzz targets, with what fuzzing has found before, go through the same functions with every run of the tests.

use std::path::PathBuf;

use stockroom::testing::fuzzing::TARGETS;

fn fuzz() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "end2end", "fuzz"].iter().collect()
}

#[test]
fn every_file_of_a_corpus_passes_its_target() {
    for (name, target) in TARGETS {
        let folder = fuzz().join("corpus").join(name);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut count = 0;
        for file in files {
            let path = file.expect("a file").path();
            let bytes = std::fs::read(&path).expect("a file");
            let passed = std::panic::catch_unwind(|| target(&bytes));
            assert!(passed.is_ok(), "{} does not pass", path.display());
            count += 1;
        }
        assert!(count > 2, "the corpus of {name} is nearly empty");
    }
}

#[test]
fn every_target_can_be_fuzzed() {
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).expect("a manifest");
    for (name, _) in TARGETS {
        let source = std::fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{name}.rs"))).expect("a target");
        assert!(
            source.contains(&format!("fuzzing::{name}(")),
            "{name} calls another function"
        );
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} is not in the manifest"
        );
    }
}
