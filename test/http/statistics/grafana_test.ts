/** The dashboard of `deploy/grafana/`: of the metrics and labels that there are, and of all of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Slices } from "../../../src/http/mod.ts";
import { Metrics } from "../../../src/http/statistics/mod.ts";
import { ROOT } from "../../../tools/root.ts";
import { FakeServerView, relayView, sessionView, streamView } from "../../support/server_view.ts";

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string }[];
  };
}

const TEXT = readFileSync(join(ROOT, "deploy/grafana/sluice.json"), "utf8");
const { panels, templating: { list } } = JSON.parse(TEXT) as Dashboard;

/** Metrics that only some servers have, and what is no metric to look at. */
const LEFT_OUT = /^sluice_(?:cluster_|build_info|stream_(?:publishers|received|sent))/;

/** The metrics of a server with something of everything, and their labels. */
async function known(): Promise<Map<string, Set<string>>> {
  const server = new FakeServerView();
  server.streams = [streamView("live", "cam")];
  server.sessions = [sessionView("s1")];
  server.relays = [relayView("a1")];
  const health = server.health();
  server.health = () => ({
    ...health,
    faults: [{ subsystem: "plugin", plugin: "a", count: 1, lastError: "", lastAt: "" }],
    plugins: [{ name: "a", faults: 1, pending: 0, late: 0, healthy: true }],
  });
  const text = (await new Metrics(server, new Slices(), 10).text()).join("");
  const metrics = new Map<string, Set<string>>();
  for (const [, name, labels = ""] of text.matchAll(/^(sluice_\w+)(?:\{(.*)\})? /gm)) {
    const own = metrics.get(name!) ?? new Set<string>();
    for (const [, label] of labels.matchAll(/(\w+)="/g)) own.add(label!);
    metrics.set(name!, own);
  }
  return metrics;
}

test("panels ask for metrics and labels that there are, and no metric is forgotten", async () => {
  const metrics = await known();
  const asked = new Set<string>();
  const OF_PROMETHEUS = ["job", "instance"];
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      const names = [...expr.matchAll(/sluice_\w+/g)].map(([name]) => name);
      assert.ok(names.length > 0, title);
      for (const name of names) asked.add(name);
      const labels = new Set(
        names.flatMap((name) => [...metrics.get(name) ?? ["none of " + name]]),
      );
      const said = [
        ...[...expr.matchAll(/(\w+)=~"/g)].map(([, label]) => label!),
        ...[...expr.matchAll(/ by \(([\w, ]+)\)/g)].flatMap(([, list]) => list!.split(", ")),
        ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!),
      ].filter((label) => !OF_PROMETHEUS.includes(label));
      for (const label of said) assert.ok(labels.has(label), `${title}: ${label}`);
      for (const [, variable] of expr.matchAll(/"\$(\w+)"/g)) {
        assert.ok(list.some(({ name }) => name === variable), `${title}: $${variable}`);
      }
      if (names.some((name) => name.endsWith("_total"))) {
        assert.match(expr, /rate\(|increase\(/, title);
      }
    }
  }
  const missing = [...metrics.keys()].filter((name) => !asked.has(name) && !LEFT_OUT.test(name));
  assert.deepEqual(missing, []);
  const odd = [...asked].filter((name) => !metrics.has(name));
  assert.deepEqual(odd, []);
});

test("panels have a place of their own, and no id twice", () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assert.ok(!taken.has(`${column} ${row}`), title);
        taken.add(`${column} ${row}`);
      }
    }
  }
});
