# Sluice on Bun. In the checkout: docker build -f deploy/bun.Dockerfile -t sluice .
FROM oven/bun:1.4.5 AS build
WORKDIR /app
COPY package.json bun.lock ./
# What is fetched is what the hashes of bun.lock say. plugins/jwt.ts and plugins/upload_recordings.ts want it
# without --production.
RUN bun install --frozen-lockfile --production --ignore-scripts && mkdir /data
COPY mod.ts ./
COPY src ./src
COPY plugins ./plugins
COPY deploy/health.mjs ./

FROM oven/bun:1.4.5-distroless
ENV NO_COLOR=1
ENV SLUICE_HOST=0.0.0.0 SLUICE_LOG_FORMAT=json
WORKDIR /app
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
EXPOSE 1935 8080
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["bun", "run", "health.mjs"]
ENTRYPOINT ["bun", "run", "mod.ts"]
