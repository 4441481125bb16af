# What a developer and CI run. Everything builds in release, so that one build of the
# dependencies serves the tool, the tests and the benchmark.

.PHONY: check fmt clippy docs test bench fuzz

check: fmt clippy docs test

fmt:
	cargo fmt --check

clippy:
	cargo clippy --release --all-targets -- -D warnings
	cargo clippy --release --no-default-features -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps

test:
	cargo test --release

# Speed and memory, as ratios within one run: see docs/performance.md.
bench:
	cargo bench --bench bench

# A minute of scenario files that are not what they should be. It needs the nightly toolchain and
# `cargo install cargo-fuzz`.
fuzz:
	cargo +nightly fuzz run scenario_file -- -max_total_time=60 -timeout=10
