# A small client of a server, without the embedded PostgreSQL: seeds and exits. See docs/deployment.md.
#
#   docker build -t crm-seed .
#   docker run --rm -e DATABASE_URL=postgres://app:secret@db:5432/crm crm-seed --if-changed --clean --allow-remote db

FROM rust:1.95-slim-trixie AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --no-default-features --bin crm-seed \
    && strip target/release/crm-seed

FROM debian:trixie-slim
# Certificates for servers that are reached by TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 crm-seed \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin crm-seed \
    && mkdir /work
COPY --from=build /src/target/release/crm-seed /usr/local/bin/crm-seed
# By number, so that Kubernetes sees that it is not root (runAsNonRoot).
USER 10001:10001
# crm-seed.toml, scenarios and migrations of the app are mounted here.
WORKDIR /work
ENTRYPOINT ["crm-seed"]
CMD ["--help"]
