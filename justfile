# Every recipe is one line of ordinary cargo; nothing here is needed to build, test or run.

# The main job: every shipped scenario against an embedded bank.
run *ARGS:
    cargo run --release -- run {{ARGS}}

# A bank to click through, with a demo roster printed.
serve *ARGS:
    cargo run --release -- serve {{ARGS}}

# All tests.
test:
    cargo test --workspace

# What CI checks before the tests.
check:
    cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings

# The documentation, with warnings denied.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Licences, sources and banned crates.
deny:
    cargo deny --workspace check bans licenses sources

# Known vulnerabilities, where the advisory database is within reach.
advisories:
    cargo deny --workspace check advisories

# Write the snapshots, the documents' console blocks and the schema that tests found changed; read the diff before you commit.
snapshots:
    INSTA_UPDATE=always SEALBANK_UPDATE=1 cargo test --workspace

# Benches, each beside its raw limit.
bench *ARGS:
    cargo bench {{ARGS}}

# The tables of docs/performance.md.
measure *ARGS:
    cargo build --release -p sealbank -p sealbank-benches --bins
    python3 benches/measure.py {{ARGS}}

# Other CAs on the same requests; those that are not installed are named.
peers *ARGS:
    cargo build --release -p sealbank -p sealbank-benches --bins
    python3 benches/peers/compare.py {{ARGS}}

# Everything, as CI does it.
ci:
    bash .ci/run
