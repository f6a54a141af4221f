/** `/metrics` in the form of Prometheus. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isStreamName } from "../../../src/core/rtmp/stream_name.ts";
import { sampleLine } from "../../../src/http/statistics/exposition.ts";
import { OTHER } from "../../../src/http/statistics/metrics.ts";
import { assertError, httpApp, REMOTE } from "../../support/http_app.ts";
import { needs } from "../../support/programs.ts";
import { relayView, sessionView, streamView } from "../../support/server_view.ts";

const SETTINGS = { metrics: "api", stat: "api", streams: 2 } as const;

async function textOf({ ask }: ReturnType<typeof httpApp>): Promise<string> {
  const response = await ask("/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(response.headers.get("Cache-Control"), "no-store");
  return await response.text();
}

/** The value of a sample; `undefined` where there is none. */
function valueOf(text: string, sample: string): number | undefined {
  const line = text.split("\n").find((line) => line.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

test("labels are escaped, and values are those that Prometheus reads", () => {
  assert.equal(
    sampleLine("a", [["b", 'c"\\\nd'], ["e", "é"]], 1.5),
    'a{b="c\\"\\\\\\nd",e="é"} 1.5\n',
  );
  assert.equal(sampleLine("a", [], NaN) + sampleLine("a", [], -Infinity), "a NaN\na -Inf\n");
});

test("each family is told once, with help and type ahead of its samples", async () => {
  const app = httpApp({ statistics: SETTINGS });
  app.server.streams = ["a", "b", "c"].map((name) => streamView("live", name));
  app.server.sessions = [sessionView("s1"), { ...sessionView("s2"), protocol: "hls" }];
  app.server.relays = [relayView("r1")];
  const text = await textOf(app);
  const heads = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  assert.equal(new Set(heads.map(([, name]) => name)).size, heads.length);
  for (const [, name, type] of heads) {
    assert.ok(text.includes(`# HELP ${name} `), name);
    assert.equal(name!.endsWith("_total"), type === "counter", name);
  }
  let family = "";
  for (const line of text.trimEnd().split("\n")) {
    family = /^# TYPE (\S+)/.exec(line)?.[1] ?? family;
    if (!line.startsWith("#")) assert.equal(/^[a-z_]+/.exec(line)![0], family);
  }
  assert.equal(valueOf(text, "sluice_streams"), 3);
  assert.equal(valueOf(text, 'sluice_sessions{protocol="hls"}'), 1);
  assert.equal(valueOf(text, 'sluice_relays{direction="push",state="publishing"}'), 1);
  assert.equal(valueOf(text, 'sluice_health{state="ok"}'), 1);
  assert.equal(valueOf(text, 'sluice_stream_players{app="live",stream="a"}'), 2);
});

test("streams with labels are so many, and all others are one", async () => {
  const app = httpApp({ statistics: SETTINGS });
  app.server.streams = ["a", "b", "c", "d"].map((name) => streamView("live", name));
  const text = await textOf(app);
  assert.deepEqual(
    [...text.matchAll(/^sluice_stream_players\{(.*)\} (\d+)$/gm)].map(([, labels, value]) => [
      labels,
      value,
    ]),
    [
      ['app="live",stream="a"', "2"],
      ['app="live",stream="b"', "2"],
      [`app="${OTHER}",stream="${OTHER}"`, "4"],
    ],
  );
  assert.ok(!isStreamName(OTHER));
});

test("what the others have counted only grows, whoever of them ends, begins or gets labels", async () => {
  const app = httpApp({ statistics: SETTINGS });
  const counted = (name: string, bytesIn: number) => ({ ...streamView("live", name), bytesIn });
  const rest = async () =>
    valueOf(
      await textOf(app),
      `sluice_stream_received_bytes_total{app="${OTHER}",stream="${OTHER}"}`,
    );
  app.server.streams = [counted("a", 1), counted("b", 1), counted("c", 100), counted("d", 10)];
  assert.equal(await rest(), 110);
  app.server.streams = [counted("a", 1), counted("b", 1), counted("c", 150), counted("e", 1)];
  assert.equal(await rest(), 161);
  // The first one ended: "c" has labels now, and "e" is another stream of that name.
  app.server.streams = [counted("b", 1), counted("c", 200), counted("e", 0)];
  assert.equal(await rest(), 161);
  app.server.streams = [counted("b", 1)];
  assert.equal(await rest(), 161);
  // Who was away begins anew, also with more than there was before.
  app.server.streams = [counted("b", 1), counted("c", 200), counted("e", 5)];
  assert.equal(await rest(), 166);
  app.server.streams = [counted("b", 1)];
  assert.equal(await rest(), 166);
  app.server.streams = [counted("b", 1), counted("c", 200), counted("e", 9)];
  assert.equal(await rest(), 175);
});

test("two who ask at once count nothing twice", async () => {
  const app = httpApp({ statistics: { ...SETTINGS, streams: 0 } });
  app.server.streams = Array.from({ length: 500 }, (_, index) => streamView("live", `s${index}`));
  const texts = await Promise.all([textOf(app), textOf(app)]);
  for (const text of texts) {
    const name = `sluice_stream_received_bytes_total{app="${OTHER}",stream="${OTHER}"}`;
    assert.equal(valueOf(text, name), 1500);
  }
});

test("the statistics are guarded as the API is, or open where they are set to be", async () => {
  for (const path of ["/metrics", "/stat"]) {
    await assertError(await httpApp().ask(path, { remote: REMOTE }), 403, "forbidden");
    const evil = { headers: { Host: "evil.example.com" } };
    await assertError(await httpApp().ask(path, evil), 403, "forbidden");
    const guarded = httpApp({ apiToken: "t0ken", host: "0.0.0.0" });
    await assertError(await guarded.ask(path, { remote: REMOTE }), 401, "unauthorized");
    const open = { metrics: "open", stat: "open", streams: 1 } as const;
    const opened = httpApp({ apiToken: "t0ken", statistics: open });
    assert.equal((await opened.ask(path, { remote: REMOTE, ...evil })).status, 200);
    await assertError(await opened.ask("/streams", { remote: REMOTE, ...evil }), 403, "forbidden");
    for (const method of ["POST", "DELETE", "OPTIONS"]) {
      await assertError(await opened.ask(path, { method, remote: REMOTE }), 401, "unauthorized");
      await assertError(await httpApp().ask(path, { method }), 405, "method-not-allowed");
    }
  }
});

test("the token as the password of basic authentication reads statistics, and nothing else", async () => {
  const { ask } = httpApp({ apiToken: "t0ken" });
  const basic = (text: string) => ({ Authorization: `Basic ${text}` });
  for (const path of ["/metrics", "/stat"]) {
    for (const user of ["", "any", "prometheus"]) {
      const headers = { ...basic(btoa(`${user}:t0ken`)), Host: "proxy.example" };
      assert.equal((await ask(path, { headers, remote: REMOTE })).status, 200);
    }
    for (const text of [btoa("any"), "%", btoa("any:t0kem"), btoa(":"), btoa("t0ken:")]) {
      await assertError(await ask(path, { headers: basic(text) }), 401, "unauthorized");
    }
  }
  await assertError(
    await ask("/streams", { headers: basic(btoa("any:t0ken")) }),
    401,
    "unauthorized",
  );
});

test(
  ...needs("promtool", "promtool finds nothing to say against the metrics"),
  async () => {
    for (const count of [0, 3]) {
      const app = httpApp({ statistics: SETTINGS });
      app.server.streams = Array.from({ length: count }, (_, at) => streamView("live", `s${at}`));
      app.server.sessions = app.server.streams.map((_, at) => sessionView(`s${at}`));
      app.server.relays = app.server.streams.map((_, at) => relayView(`s${at}`));
      const input = await textOf(app);
      const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input });
      assert.deepEqual([status, `${stdout}${stderr}`], [0, ""]);
    }
  },
);
