# Daily habits. `just` lists them; each is one command that also works without just.

_default:
    @just --list

# Check that everything compiles
check:
    cargo check --workspace --all-targets

# Format
fmt:
    cargo fmt --all

# Lint as CI does
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    shellcheck install.sh test.sh .ci/* bench/*.sh tests/support/*.sh

# Run the quick tests (no services)
unit:
    cargo test --workspace --locked

# Run everything that CI runs
test:
    ./test.sh

# Write generated files anew: schema, reference docs, completions, snapshots
golden:
    UPDATE_GOLDEN=1 INSTA_UPDATE=always cargo test --workspace --locked

# Measure (prints ratios; asserts nothing)
bench:
    bench/run.sh
