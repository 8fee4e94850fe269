//! The JSON Schema: every key is described, and the file that editors read is the one that the program writes.

use std::path::{Path, PathBuf};

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
    for (path, text) in shipped() {
        let first = text.lines().next().unwrap_or_default();
        let wanted = "# yaml-language-server: $schema=schema.json";
        assert_eq!(first, wanted, "{}", path.display());
    }
}

/// What a stranger, a validator that editors could use, says of a file.
fn is_valid(text: &str) -> bool {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource("schema.json", schema())
        .expect("the schema is JSON");
    let index = compiler.compile("schema.json", &mut schemas);
    let index = index.expect("the schema is one of draft 2020-12");
    let instance: serde_json::Value = serde_yaml::from_str(text).expect("the file is YAML");
    schemas.validate(&instance, index).is_ok()
}

#[test]
fn every_shipped_file_is_valid() {
    for (path, text) in shipped() {
        assert!(is_valid(&text), "{}", path.display());
    }
}

#[test]
fn what_a_verb_does_not_take_is_not_valid() {
    let file = |step: &str| format!("scenario: s\ncases: {{ c: {{ steps: [{{ {step} }}] }} }}\n");
    for (step, valid) in [
        (
            "user.retrieve: { pin: '1234', key: p256, browser: edge }",
            true,
        ),
        ("user.retrieve: { key: p521 }", false),
        ("user.retrieve: { reason: superseded }", false),
        ("admin.revoke: { user: user-1, reason: superseded }", true),
        ("admin.revoke: { user: user-1, reason: boredom }", false),
        ("clock.advance: 1d", true),
        ("clock.advance: { by: 1d }", false),
        ("user.retreive:", false),
    ] {
        assert_eq!(is_valid(&file(step)), valid, "{step}");
    }
}

/// The files that come with the program.
fn shipped() -> Vec<(PathBuf, String)> {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let entries = std::fs::read_dir(scenarios).expect("the scenarios are there");
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("the directory can be read").path();
        if path.extension() == Some("yaml".as_ref()) {
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            files.push((path, text));
        }
    }
    assert!(files.len() > 10, "{}", files.len());
    files
}
