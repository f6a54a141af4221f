/** The contract of `serveHttp`, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ListenError } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";
import { until } from "../support/deadline.ts";
import { SilentSockets } from "../support/silent_sockets.ts";
import { said, serve } from "./http_rig.ts";

test("a request is answered, its peer's address is known, and close ends the server", async () => {
  const runtime = await loadRuntime();
  const server = await runtime.serveHttp(
    { hostname: "127.0.0.1", port: 0 },
    (request, remote) =>
      Response.json({ path: new URL(request.url).pathname, hostname: remote.hostname }),
  );
  const url = `http://127.0.0.1:${server.address.port}/x`;
  assert.deepEqual(await (await fetch(url)).json(), { path: "/x", hostname: "127.0.0.1" });
  await server.close();
  await assert.rejects(fetch(url));
});

test("a handler that throws answers 500 and the server goes on", async () => {
  const runtime = await loadRuntime();
  let calls = 0;
  const server = await runtime.serveHttp({ hostname: "127.0.0.1", port: 0 }, () => {
    if (calls++ === 0) throw new Error("x");
    return new Response("fine");
  });
  const url = `http://127.0.0.1:${server.address.port}/`;
  const bad = await fetch(url);
  assert.equal(bad.status, 500);
  await bad.body?.cancel();
  assert.equal(await (await fetch(url)).text(), "fine");
  await server.close();
});

test("a port in use is a ListenError", async () => {
  const runtime = await loadRuntime();
  const taken = await runtime.listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
  await assert.rejects(
    runtime.serveHttp({ hostname: "127.0.0.1", port: taken.address.port }, () => new Response()),
    (error) => error instanceof ListenError && error.reason === "in-use",
  );
  taken.close();
});

test("a body goes both ways, larger than any buffer, and arrives as it was sent", async () => {
  await using server = await serve((request) => new Response(request.body));
  const sent = new Uint8Array(3_000_000).map((_, index) => index % 251);
  const answer = await fetch(server.url, { method: "POST", body: sent });
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), sent);
});

test("status, headers and cookies are those of the answer, and HEAD has no body", async () => {
  const handler = () => {
    const headers = new Headers({ "X-A": "1" });
    headers.append("Set-Cookie", "a=1");
    headers.append("Set-Cookie", "b=2");
    return new Response("body", { status: 418, headers });
  };
  await using server = await serve(handler);
  const answer = await fetch(server.url);
  assert.deepEqual([answer.status, answer.headers.get("X-A")], [418, "1"]);
  assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(await answer.text(), "body");
  const bare = await said(server.port, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(bare, /^HTTP\/1\.1 418 [\s\S]*\r\n\r\n$/);
});

test("an answer that is not read is not produced, and who leaves ends it", async () => {
  let chunks = 0;
  const chunk = () => {
    chunks++;
    return new Uint8Array(65536);
  };
  let cancelled = false;
  let aborted = false;
  await using server = await serve((request) => {
    request.signal.addEventListener("abort", () => aborted = true);
    return new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(chunk()),
        cancel: () => void (cancelled = true),
      }),
    );
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  let before = -1;
  await until(async () => {
    before = chunks;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return chunks > 0 && chunks === before;
  }, "it stands still");
  assert.ok(chunks < 1000, `${chunks} chunks`);
  socket.destroy();
  await until(() => Promise.resolve(cancelled && aborted), "it is told");
});

test("an answer in parts goes on for longer than a header may take", async () => {
  const limits = { headerMs: 100, connections: 10 };
  await using server = await serve(() => {
    let count = 0;
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          if (count++ < 4) controller.enqueue(Uint8Array.of(65));
          else controller.close();
        },
      }),
    );
  }, limits);
  assert.equal(await (await fetch(server.url)).text(), "AAAA");
});

test("a body that throws half-way ends the connection, and not the server", async () => {
  let calls = 0;
  await using server = await serve(() =>
    calls++ > 0 ? new Response("fine") : new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(Uint8Array.of(65)),
        pull: (controller) => controller.error(new Error("x")),
      }),
    )
  );
  await assert.rejects(async () => await (await fetch(server.url)).text());
  assert.equal(await (await fetch(server.url)).text(), "fine");
});

test("what is no request is answered with 4xx, or not at all", async () => {
  let calls = 0;
  await using server = await serve(() => new Response(`${calls++}`));
  const host = "Host: a\r\nConnection: close\r\n\r\n";
  for (
    const bytes of [
      "NONSENSE\r\n\r\n",
      `GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: b\r\n${host}`,
      `TRACE / HTTP/1.1\r\n${host}`,
      `CONNECT a:1 HTTP/1.1\r\n${host}`,
      `GET / HTTP/1.1\r\nX: ${"a".repeat(20_000)}\r\n${host}`,
    ]
  ) {
    assert.match(await said(server.port, bytes), /^(HTTP\/1\.1 4\d\d |$)/, bytes.slice(0, 40));
  }
  assert.equal(calls, 0);
});

test("over the bound the connection idle longest makes room; those being answered stay", async () => {
  const answers: (() => void)[] = [];
  await using server = await serve(
    () => new Promise((resolve) => answers.push(() => resolve(new Response("late")))),
    { headerMs: 60_000, connections: 3 },
  );
  const late = fetch(server.url);
  await until(() => Promise.resolve(answers.length === 1), "a request is there");
  await using silent = new SilentSockets(server.port);
  await silent.open(10);
  await silent.closedBy(8);
  answers[0]!();
  assert.equal(await (await late).text(), "late");
});

test("who sends requests without waiting for answers is cut off", async () => {
  let calls = 0;
  await using server = await serve(() => {
    calls++;
    return new Promise(() => {});
  });
  await said(server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000));
  assert.ok(calls <= 32, `${calls}`);
  calls = 0;
  // Clients of RTMPT do so.
  const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
  await said(server.port, post.repeat(1500));
  assert.ok(calls > 500 && calls <= 1024, `${calls}`);
});

test("HTTP 1.1 needs one Host that is one, and 1.0 may do without", async () => {
  await using server = await serve((request) => new Response(`<${request.url}>`));
  const status = async (line: string, ...headers: string[]) => {
    const bytes = [line, "Connection: close", ...headers].join("\r\n") + "\r\n\r\n";
    const text = await said(server.port, bytes);
    return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] + (/<.*>/.exec(text)?.[0] ?? "");
  };
  const refused: string[][] = [
    [],
    ["Host: a", "Host: b"],
    ["Host: a", "Host: a"],
    ["host: a", "HOST: a"],
    ["Host: a, b"],
    ["Host:"],
    ["Host:   "],
    ["Host: :80"],
    ["Host: a b"],
    ["Host: a/b"],
    ["Host: a\\b"],
    ["Host: a?b"],
    ["Host: a#b"],
    ["Host: user@a"],
    ["Host: a:b"],
    ["Host: a:99999"],
    ["Host: [::1"],
    ["Host: a%2fb"],
    ["Host: http://a"],
    ["X-Host: a"],
  ];
  for (const headers of refused) {
    for (const target of ["/x", "http://a/x", "*"]) {
      assert.equal(await status(`GET ${target} HTTP/1.1`, ...headers), "400", headers.join());
    }
  }
  for (const headers of refused.filter((headers) => /^host:/i.test(headers[0] ?? ""))) {
    assert.equal(await status("GET /x HTTP/1.0", ...headers), "400", headers.join());
  }
  assert.equal(await status("GET /x HTTP/1.0"), `200<http://localhost:${server.port}/x>`);
  assert.equal(await status("GET /x HTTP/1.1", "Host: a"), "200<http://a/x>");
  assert.equal(await status("GET /x HTTP/1.1", "Host: [::1]:80"), "200<http://[::1]/x>");
});

test("a request by its whole URL is one for the host in it, whatever Host says", async () => {
  await using server = await serve(({ url, headers }) =>
    new Response(`<${url} ${headers.get("Host")}>`)
  );
  const ask = (target: string) =>
    said(server.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  assert.match(await ask("http://evil.example.com/x"), /<http:\/\/evil\S+\/x evil\.example\.com>/);
  for (const target of ["http:///x", "http:x", "http://u:p@a/x", "http://a:99999/"]) {
    assert.match(await ask(target), /^HTTP\/1\.1 400 /, target);
  }
});
