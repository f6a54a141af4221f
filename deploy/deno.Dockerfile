# Sluice on Deno. In the checkout: docker build -f deploy/deno.Dockerfile -t sluice .
FROM denoland/deno:2.9.6 AS build
ENV DENO_DIR=/deno
WORKDIR /app
COPY mod.ts package.json deno.json deno.lock ./
COPY src ./src
COPY plugins ./plugins
COPY deploy/health.mjs ./
# What is fetched is what the hashes of deno.lock say.
RUN deno install --frozen --entrypoint mod.ts health.mjs plugins/*.ts && mkdir /data

FROM denoland/deno:distroless-2.9.6
ENV DENO_DIR=/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
ENV SLUICE_HOST=0.0.0.0 SLUICE_LOG_FORMAT=json
WORKDIR /app
COPY --from=build /deno /deno
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
EXPOSE 1935 8080
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
  CMD ["deno", "run", "--no-lock", "--allow-net=127.0.0.1", "--allow-env=SLUICE_HTTP_PORT", "health.mjs"]
# The last two are for the bound of memory that the container has.
ENTRYPOINT ["deno", "run", "--no-prompt", "--cached-only", "--allow-net", "--allow-env=SLUICE_*", \
  "--allow-sys=systemMemoryInfo", "--allow-read", \
  "--allow-write=/data,/proc/self/cgroup,/sys/fs/cgroup", "mod.ts"]
