/** What viewers are shown while a publisher is away: files of the folder of media, and other streams. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ConfigError } from "../../mod.ts";
import { clip } from "../support/clips.ts";
import { until, within } from "../support/deadline.ts";
import { FFMPEG, framesOf, publish, readFrameMd5 } from "../support/ffmpeg.ts";
import { FlvReader } from "../support/flv_reader.ts";
import { TestProcess } from "../support/process.ts";
import { digests, RelayServer, TestPlayer, TestPublisher } from "../support/relay_servers.ts";

let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-fallback-"));
  mkdirSync(join(folder, "slates"));
  copyFileSync(await clip("colour1"), join(folder, "slates", "wait.flv"));
  await using run = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-i", await clip("colour1"), "-c", "copy"],
    join(folder, "slates", "wait.mp4"),
  ]);
  const { code, stderr } = await run.ended();
  assert.equal(code, 0, stderr);
});

after(() => rmSync(folder, { recursive: true, force: true }));

const serve = (...fallback: readonly string[]) =>
  RelayServer.start({ record: { folder }, relay: { fallback } });

const standIn = async (server: RelayServer, label: string | undefined) =>
  await until(
    async () => {
      const stream = await server.stream("live", "cam");
      return stream !== undefined && stream.standIn === label;
    },
    `${label} is shown`,
  );

/** Times of pictures go up by no more than a step, but where something else begins. */
function assertSteady(player: TestPlayer): void {
  let last = -1;
  for (const { kind, timestamp } of player.heard) {
    if (kind !== "video") continue;
    assert.ok(timestamp >= last, `time goes back from ${last} to ${timestamp}`);
    assert.ok(last < 0 || timestamp - last < 5000, `it leaps from ${last} to ${timestamp}`);
    last = timestamp;
  }
}

for (const file of ["slates/wait.flv", "slates/wait.mp4"]) {
  test(`${file} is shown while a publisher is away, again and again, until its next key frame`, async () => {
    await using server = await serve(`live/* file=${file}`);
    let publisher = await TestPublisher.start(server.url("live", "cam"));
    await publisher.pictures(10);
    await using player = await TestPlayer.start(server.url("live", "cam"));
    await player.pictures(11);
    await publisher.stop();
    await standIn(server, `file ${file}`);
    // The clip lasts two seconds: it has begun again.
    await player.pictures(11 + 60);
    const beforeBack = player.heard.length;
    publisher = await TestPublisher.start(server.url("live", "cam"));
    await using _ = publisher;
    await standIn(server, `file ${file}`);
    await publisher.pictures(30);
    await standIn(server, undefined);
    await until(
      () =>
        Promise.resolve(
          digests(player.heard, "video").at(-1) === digests(publisher.sent, "video").at(-1),
        ),
      "the viewer is back",
    );
    const back = player.heard.slice(beforeBack);
    const from = back.findIndex(({ payload }) => payload.at(5) === 0x55 && payload.length === 200);
    const key = back[from];
    assert.equal(key?.payload[0], 0x17, "the first picture of the publisher is a key frame");
    assertSteady(player);
  });
}

test("a decoder sees publisher, slate and publisher without an error, each picture as it was made", async () => {
  await using server = await serve("live/* file=slates/wait.flv");
  const url = server.url("live", "cam");
  await using player = new TestProcess(FFMPEG, [
    ...["-v", "warning", "-nostdin", "-rw_timeout", "10000000"],
    ...["-i", `http://127.0.0.1:${server.httpPort}/live/cam.flv?wait=1`, "-t", "12"],
    ...["-map", "0:v", "-f", "framemd5", "-flush_packets", "1", "-"],
  ]);
  let pictures = 0;
  const more = (count: number) => {
    pictures = 0;
    const counted = (line: string) => /^\d+,/.test(line) && ++pictures >= count ? line : undefined;
    return player.waitForLine(counted, `${count} pictures`, 20_000);
  };
  {
    await using _ = publish(await clip("colour0"), url, { realTime: true, loop: true });
    await server.live("live", "cam");
    await until(async () => (await server.stream("live", "cam"))?.players === 1, "it is watched");
    await more(20);
  }
  await standIn(server, "file slates/wait.flv");
  await more(140);
  await using _ = publish(await clip("colour0"), url, { realTime: true, loop: true });
  const { code, stdout, stderr } = await within(player.ended(40_000), "it has seen enough");
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /error|corrupt|invalid|non.?monoton/i);
  const own = new Set((await framesOf(await clip("colour0"))).map(({ md5 }) => md5));
  const slate = new Set((await framesOf(await clip("colour1"))).map(({ md5 }) => md5));
  const seen = readFrameMd5(stdout).map(({ md5 }) =>
    own.has(md5) ? "P" : slate.has(md5) ? "S" : "?"
  );
  assert.match(seen.join(""), /^P{10,}S{40,}P{10,}$/);
});

test("a backup stream takes over at once, the slate behind it, and it comes back at its key frame", async () => {
  await using server = await serve("live/cam stream=live/spare file=slates/wait.flv");
  const publisher = await TestPublisher.start(server.url("live", "cam"));
  let spare = await TestPublisher.start(server.url("live", "spare"));
  await publisher.pictures(1);
  await using player = await TestPlayer.start(server.url("live", "cam"));
  await player.pictures(2);
  await spare.pictures(5);
  await publisher.stop();
  await standIn(server, "stream live/spare");
  await spare.pictures(10);
  await player.pictures(2 + 16);
  assert.deepEqual(
    digests(player.heard, "video").slice(-15),
    digests(spare.sent, "video").slice(-15),
  );
  await spare.stop();
  await standIn(server, "file slates/wait.flv");
  spare = await TestPublisher.start(server.url("live", "spare"));
  await using _ = spare;
  await standIn(server, "file slates/wait.flv");
  await spare.pictures(10);
  await standIn(server, "stream live/spare");
  await until(
    () =>
      Promise.resolve(
        digests(player.heard, "video").at(-1) === digests(spare.sent, "video").at(-1),
      ),
    "the viewer sees it",
  );
  assertSteady(player);
});

test("a viewer of HLS is served on from the slate", async () => {
  await using server = await serve("live/cam file=slates/wait.flv");
  const playlist = async () => {
    const at = `http://127.0.0.1:${server.httpPort}/live/cam/index.m3u8`;
    const main = await (await fetch(at)).text();
    const media = main.split("\n").find((line) => line !== "" && !line.startsWith("#"))!;
    return await (await fetch(new URL(media, at))).text();
  };
  {
    await using _ = publish(await clip("colour0"), server.url("live", "cam"), {
      realTime: true,
      loop: true,
    });
    await server.live("live", "cam");
    await until(async () => (await playlist()).includes("#EXTINF"), "it is packaged");
  }
  await standIn(server, "file slates/wait.flv");
  const text = await until(async () => {
    const found = await playlist();
    const [, behind] = found.split("#EXT-X-DISCONTINUITY\n");
    return behind !== undefined && behind.includes("#EXTINF") && found;
  }, "the slate is packaged");
  assert.doesNotMatch(text as string, /ENDLIST/);
});

test("a recording has nothing of the slate, and goes on with the publisher", async () => {
  await using server = await RelayServer.start({
    record: { folder, streams: ["live/*"], file: "rec" },
    relay: { fallback: ["live/* file=slates/wait.flv"] },
  });
  let publisher = await TestPublisher.start(server.url("live", "cam"));
  await publisher.pictures(10);
  await using player = await TestPlayer.start(server.url("live", "cam"));
  await publisher.stop();
  await standIn(server, "file slates/wait.flv");
  await player.pictures(40);
  publisher = await TestPublisher.start(server.url("live", "cam"));
  await publisher.pictures(20);
  await standIn(server, undefined);
  // What the server has not read yet is lost with the connection.
  const [last] = digests(publisher.sent, "video").slice(-1);
  const come = () => Promise.resolve(digests(player.heard, "video").at(-1) === last);
  await until(come, "the last picture comes");
  await server.api("DELETE", "/streams/live/cam");
  await publisher.stop();
  const recordings = await until(async () => {
    const response = await server.api("GET", "/recordings/live/cam");
    const { recordings } = await response.json() as {
      recordings: { state: string; file: string }[];
    };
    return recordings.length > 0 && recordings.every(({ state }) => state !== "recording") &&
      recordings;
  }, "the recording is finished");
  assert.equal(recordings.length, 1);
  const reader = new FlvReader();
  reader.add(readFileSync(join(folder, recordings[0]!.file)));
  const pictures = reader.tags.filter(({ type, body }) => type === 9 && body[1] === 1);
  assert.equal(pictures.length, 30, "10 and 20 pictures");
  assert.ok(pictures.every(({ body }) => body.length === 200), "and none of the slate");
});

test("a file without a folder of media is refused at the start", async () => {
  await assert.rejects(
    RelayServer.start({ relay: { fallback: ["live/* file=a.flv"] } }),
    (error) => error instanceof ConfigError && /--record-folder/.test(error.message),
  );
});
