/** The files of `deploy/` that other programs read: of the form that those want, and true of this server. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import * as v from "valibot";
import { parse, parseAllDocuments } from "yaml";
import { loadConfig } from "../../src/config/mod.ts";
import { VERSION } from "../../src/version.ts";
import { ROOT } from "../../tools/root.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { readToml } from "../support/toml.ts";
import { Deployment, Service } from "./kubernetes.ts";

const textOf = (name: string) => readFileSync(join(ROOT, "deploy", name), "utf8");

/** The configuration that a server in a container has, which must be a right one. */
async function configOf(args: readonly string[], env: Readonly<Record<string, string>>) {
  const image = { SLUICE_HOST: "0.0.0.0", SLUICE_LOG_FORMAT: "json" };
  const { config } = await loadConfig({
    argv: args,
    env: { ...image, ...env },
    readFile: () => assert.fail("no file is read"),
  });
  for (const plugin of config.plugins) assert.ok(existsSync(join(ROOT, plugin)), plugin);
  return config;
}

/** How long a server may take that is asked to stop (s). */
async function longestStop(): Promise<number> {
  const { shutdown } = await configOf([], {});
  return (shutdown.ms + shutdown.drainMs) / 1000;
}

/** The same value for each secret that is told elsewhere. */
const SECRET = "0123456789abcdef0123456789abcdef";

test("the files for Kubernetes are what it reads, and fit each other and the server", async () => {
  const [deployment, ...services] = parseAllDocuments(textOf("kubernetes.yaml")).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
  const { spec } = v.parse(Deployment, deployment);
  const { labels } = spec.template.metadata;
  assert.deepEqual(spec.selector.matchLabels, labels);
  const pod = spec.template.spec;
  assert.ok(pod.terminationGracePeriodSeconds > await longestStop());
  const [container] = pod.containers;
  assert.ok(container!.image.endsWith(`:${VERSION}`), "the image is of this version");
  const ports = new Map(container!.ports.map(({ name, containerPort }) => [name, containerPort]));
  const env = Object.fromEntries(container!.env.map((one) => [one.name, one.value ?? SECRET]));
  const config = await configOf(container!.args, env);
  assert.deepEqual([...ports], [["rtmp", config.rtmp.port], ["http", config.http.port]]);
  assert.equal(container!.readinessProbe.httpGet.path, "/health/ready");
  for (
    const port of [container!.readinessProbe.httpGet.port, container!.livenessProbe.tcpSocket.port]
  ) {
    assert.ok(ports.has(port), port);
  }
  const mounts = container!.volumeMounts.map(({ name }) => name);
  assert.deepEqual(mounts, pod.volumes.map(({ name }) => name));
  assert.ok(container!.volumeMounts.some(({ mountPath }) => mountPath === config.record.folder));
  for (const service of services) {
    const { spec } = v.parse(Service, service);
    assert.deepEqual(spec.selector, labels);
    for (const { targetPort } of spec.ports) assert.ok(ports.has(targetPort), targetPort);
  }
  assert.equal(services.length, 2);
});

test("the file for compose is one, and gives the server what it needs and no more", async () => {
  const Compose = v.strictObject({
    services: v.strictObject({
      sluice: v.strictObject({
        build: v.strictObject({ context: v.string(), dockerfile: v.string() }),
        command: v.array(v.string()),
        environment: v.record(v.string(), v.string()),
        ports: v.array(v.pipe(v.string(), v.regex(/^\d+:\d+$/))),
        volumes: v.array(v.pipe(v.string(), v.regex(/^recordings:\//))),
        read_only: v.literal(true),
        tmpfs: v.array(v.literal("/tmp")),
        cap_drop: v.tuple([v.literal("ALL")]),
        security_opt: v.tuple([v.literal("no-new-privileges:true")]),
        mem_limit: v.string(),
        ulimits: v.strictObject({ nofile: v.number() }),
        stop_grace_period: v.pipe(v.string(), v.regex(/^\d+s$/)),
        restart: v.string(),
      }),
    }),
    volumes: v.record(v.literal("recordings"), v.null()),
  });
  const { sluice } = v.parse(Compose, parse(textOf("compose.yaml"))).services;
  assert.ok(existsSync(join(ROOT, "deploy", sluice.build.context, sluice.build.dockerfile)));
  const env = Object.entries(sluice.environment).map(([name, value]) =>
    [name, value.startsWith("${") ? SECRET : value] as const
  );
  const config = await configOf(sluice.command, Object.fromEntries(env));
  assert.deepEqual(
    sluice.ports,
    [config.rtmp.port, config.http.port].map((port) => `${port}:${port}`),
  );
  assert.deepEqual(sluice.volumes, [`recordings:${config.record.folder}`]);
  assert.ok(parseInt(sluice.stop_grace_period) > await longestStop());
  assert.ok(sluice.ulimits.nofile > config.max.connections);
});

test("the file for Fly.io is one, and its services lead to the ports of the server", async () => {
  const port = v.strictObject({
    port: v.number(),
    handlers: v.array(v.picklist(["tls", "http", "proxy_proto"])),
    proxy_proto_options: v.optional(v.strictObject({ version: v.literal("v2") })),
  });
  const checks = { interval: v.string(), timeout: v.string(), grace_period: v.string() };
  const Fly = v.strictObject({
    app: v.string(),
    primary_region: v.string(),
    kill_signal: v.literal("SIGTERM"),
    kill_timeout: v.pipe(v.string(), v.regex(/^\d+s$/)),
    build: v.strictObject({ dockerfile: v.string() }),
    env: v.record(v.string(), v.string()),
    services: v.array(v.strictObject({
      internal_port: v.number(),
      protocol: v.literal("tcp"),
      auto_stop_machines: v.optional(v.literal("off")),
      min_machines_running: v.optional(v.literal(1)),
      ports: v.array(port),
      tcp_checks: v.optional(v.array(v.strictObject(checks))),
      http_checks: v.optional(
        v.array(
          v.strictObject({ ...checks, method: v.literal("get"), path: v.literal("/health/ready") }),
        ),
      ),
    })),
    vm: v.array(v.strictObject({ size: v.string(), memory: v.string() })),
  });
  const fly = v.parse(Fly, readToml(textOf("fly.toml")));
  assert.ok(existsSync(join(ROOT, "deploy", fly.build.dockerfile)));
  assert.ok(parseInt(fly.kill_timeout) > await longestStop());
  const config = await configOf([], fly.env);
  const [rtmp, http] = fly.services;
  assert.deepEqual([rtmp!.internal_port, http!.internal_port], [
    config.rtmp.port,
    config.http.port,
  ]);
  assert.deepEqual(rtmp!.ports[0]!.handlers, ["proxy_proto"]);
  assert.equal(config.proxy.rtmp, "protocol");
});

test(
  ...needs("systemdAnalyze", "systemd takes the unit, and finds it little exposed"),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-unit-"));
    try {
      const path = join(folder, "sluice.service");
      const unit = textOf("sluice.service");
      assert.ok(unit.includes("ExecStart=/usr/bin/deno "));
      writeFileSync(path, unit.replace("/usr/bin/deno", process.execPath));
      await using verify = new TestProcess("systemd-analyze", ["verify", path]);
      const { code, stdout, stderr } = await verify.ended();
      assert.deepEqual([code, stdout, stderr], [0, "", ""]);
      const security = ["security", "--offline=true", "--threshold=15", path];
      await using judged = new TestProcess("systemd-analyze", security);
      assert.equal((await judged.ended()).code, 0, judged.describe());
      const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]);
      assert.ok(stop > await longestStop());
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
