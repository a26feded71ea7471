# docker build -t topoforge-backend .
FROM debian:bookworm-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
# The packages alone first: they change less often than the sources.
COPY scripts/bootstrap scripts/bootstrap
RUN scripts/bootstrap build deb
COPY . .
# One compiler a processor; with little memory, --build-arg JOBS=1.
ARG JOBS
RUN make deb JOBS="${JOBS:-$(nproc)}" && mv build/release/topoforge_*.deb /topoforge.deb

FROM debian:bookworm-slim
COPY --from=build /topoforge.deb /tmp/topoforge.deb
# curl asks for /health. Versions are those of Debian 12.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl /tmp/topoforge.deb \
    && rm -rf /var/lib/apt/lists/* /tmp/topoforge.deb \
    && groupadd --gid 10001 topoforge \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/topoforge --shell /usr/sbin/nologin topoforge \
    && install -d -m 0700 -o topoforge -g topoforge /var/lib/topoforge
USER 10001:10001
ENV PORT=8000 TOPOFORGE_DATA_DIR=/var/lib/topoforge
EXPOSE 8000
VOLUME /var/lib/topoforge
# A shell, for PORT.
# hadolint ignore=DL3025
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD curl -fsS -o /dev/null "http://127.0.0.1:${PORT}/health" || exit 1
ENTRYPOINT ["topoforge"]
CMD ["serve", "--host", "0.0.0.0"]
