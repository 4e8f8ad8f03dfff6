# syntax=docker/dockerfile:1
# The image of Stockroom: `docker build -t stockroom .`. How to run it: server/docs/hosting.md.
# `.scripts/check-container` runs the last stage, as it stands here, where there is no container engine.

FROM node:22-bookworm-slim AS node

# Of the same Debian as the last stage: the program uses its C library.
FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local/bin/ /usr/local/bin/
COPY --from=node /usr/local/lib/node_modules/ /usr/local/lib/node_modules/
WORKDIR /build
ENV STOCKROOM_TOOLS=/opt/tools
# The tools first: they take longest, and change only with these.
COPY .scripts/ .scripts/
COPY Cargo.toml ./
RUN .scripts/setup build
COPY . .
# `opentelemetry` for traces.
ARG STOCKROOM_FEATURES=
RUN STOCKROOM_FEATURES="$STOCKROOM_FEATURES" .scripts/build

FROM debian:bookworm-slim
# The certificates are those by which webhooks, pictures and the file store are trusted.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
RUN groupadd --gid 10001 stockroom \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin stockroom \
 && install --directory --owner 10001 --group 10001 --mode 0750 /data \
 && ln -s /opt/stockroom/stockroom /usr/local/bin/stockroom
COPY LICENSE /opt/stockroom/
COPY --from=build /build/target/site/ /opt/stockroom/site/
COPY --from=build /build/target/release/hash.txt /build/target/release/stockroom /opt/stockroom/

# No VOLUME: it would make volumes without a name that nobody finds again, and some hosts refuse it. Mount one at /data.
# A host's own PORT replaces this one.
ENV PORT=3000 \
    DATABASE_URL=sqlite:///data/stockroom.db \
    STORAGE_URL=file:///data/files \
    STOCKROOM_SCRATCH_DIR=/data/scratch \
    STOCKROOM_SECRET_KEY_FILE=/data/secret.key
WORKDIR /opt/stockroom
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["stockroom", "health"]
ENTRYPOINT ["stockroom"]
CMD ["serve"]
