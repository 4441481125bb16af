# What a developer and CI run. Everything builds in release, so that one build of the
# dependencies serves the tool, the tests and the benchmark.

.PHONY: check fmt clippy docs deny test soak histories faults bench fuzz

check: fmt clippy docs deny test

fmt:
	cargo fmt --check

clippy:
	cargo clippy --release --all-targets -- -D warnings
	cargo clippy --release --no-default-features -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps

# Licences, bans, sources and advisories of the dependencies, by deny.toml.
deny:
	.ci/deny

test:
	cargo test --release

# 400 schemas made at random, each seeded three times; `make test` tries the first 30 of them. A failure tells the
# schema's number: CRM_SEED_SCHEMA=17 make soak runs that one alone and prints its SQL.
soak:
	CRM_SEED_SOAK=$${CRM_SEED_SOAK:-400} cargo test --release --test it -- random_schemas --nocapture

# 1000 histories made at random of a database that an app and crm-seed write, and 300 meetings of the two: no row of the
# app is lost. `make test` tries the first 25 and 50. CRM_SEED_HISTORY=17 make histories runs that one alone.
histories:
	CRM_SEED_HISTORIES=$${CRM_SEED_HISTORIES:-1000} CRM_SEED_ROUNDS=$${CRM_SEED_ROUNDS:-300} \
	cargo test --release --test it -- ownership:: beside:: --nocapture

# crm-seed, its server process or its server is ended 200 times at moments drawn by number, in each of its commands:
# what is there afterwards is the old state or the new one. `make test` does it 20 times.
faults:
	CRM_SEED_FAULTS=$${CRM_SEED_FAULTS:-200} cargo test --release --test it -- faults:: --nocapture

# Speed and memory, as ratios within one run: see docs/performance.md.
bench:
	cargo bench --bench bench

# A minute of scenario files that are not what they should be. It needs the nightly toolchain and
# `cargo install cargo-fuzz`.
fuzz:
	cargo +nightly fuzz run scenario_file -- -max_total_time=60 -timeout=10
