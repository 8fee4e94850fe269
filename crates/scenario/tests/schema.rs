//! The JSON Schema: every key is described, and the file that editors read is the one that the program writes.

use std::path::Path;

use sealbank_scenario::schema;

#[test]
fn everything_that_can_be_written_is_described() {
    let schema = schema();
    for (part, least) in [
        ("/properties", 12),
        ("/$defs/step/properties", 55),
        ("/$defs/expectations/properties", 22),
    ] {
        let properties = schema.pointer(part).and_then(|part| part.as_object());
        let properties = properties.expect("the part is an object");
        assert!(properties.len() >= least, "{part}: {}", properties.len());
        for (key, property) in properties {
            assert!(property["description"].is_string(), "{part}/{key}");
        }
    }
}

/// Written anew with `SEALBANK_UPDATE=1`.
#[test]
fn the_schema_beside_the_shipped_scenarios_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/schema.json");
    let fresh = format!("{:#}\n", schema());
    if std::env::var_os("SEALBANK_UPDATE").is_some() {
        std::fs::write(&path, &fresh).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the schema is there");
    assert!(
        kept == fresh,
        "run this test with SEALBANK_UPDATE=1, and commit scenarios/schema.json"
    );
}

#[test]
fn every_shipped_file_names_the_schema() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    for entry in std::fs::read_dir(scenarios).expect("the scenarios are there") {
        let path = entry.expect("the directory can be read").path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            let first = text.lines().next().unwrap_or_default();
            assert_eq!(
                first,
                "# yaml-language-server: $schema=schema.json",
                "{}",
                path.display()
            );
        }
    }
}
