/** `/stat` beside what nginx's RTMP module answered, and as NOALBS reads it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { xmlText } from "../../../src/http/statistics/nginx_stat.ts";
import { httpApp } from "../../support/http_app.ts";
import { childrenOf, parseXml, pathsOf, textIn } from "../../support/xml.ts";
import { sessionView, streamView } from "../../support/server_view.ts";
import { noalbs } from "../../support/noalbs.ts";

const VECTOR = new URL("../../vectors/nginx_stat/stat.xml", import.meta.url);

/** What nginx has and this server does not tell. */
const NOT_HERE = ["rtmp/built", "rtmp/pid"];

async function statOf({ ask }: ReturnType<typeof httpApp>): Promise<string> {
  const response = await ask("/stat");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("Content-Type")!, /^text\/xml/);
  return await response.text();
}

/** What the vector shows: a stream with publisher and player, and one that is waited for. */
function filled() {
  const app = httpApp();
  const audio = {
    ...{ codec: "aac", codecString: "mp4a.40.2", sampleRate: 44100, channels: 1 },
    ...{ bitDepth: null, bitrate: 59_008 },
  };
  const cam = streamView("live", "cam");
  app.server.streams = [
    { ...streamView("live", "waiting"), publisher: null, video: null },
    { ...cam, video: { ...cam.video!, bitrate: 458_184 }, audio },
    streamView("other/place", "x"),
  ];
  app.server.sessions = [
    { ...sessionView("a1"), playing: ["waiting"] },
    { ...sessionView("b2"), playing: ["cam"] },
    { ...sessionView("c3"), publishing: ["cam"], address: "[2001:db8::1]:50000" },
  ];
  return app;
}

test("it has all that nginx's has, by the same names and in the same places", async () => {
  const [real, own] = [parseXml(readFileSync(VECTOR, "utf8")), parseXml(await statOf(filled()))];
  const missing = [...pathsOf(real)].filter((path) => !pathsOf(own).has(path));
  assert.deepEqual(missing, NOT_HERE);
  const more = [...pathsOf(own)].filter((path) => !pathsOf(real).has(path));
  assert.deepEqual(more, []);
});

test("numbers, marks and clients are those of each stream", async () => {
  const xml = parseXml(await statOf(filled()));
  const apps = childrenOf(childrenOf(xml, "server")[0]!, "application");
  assert.deepEqual(apps.map((app) => textIn(app, "name")), ["live", "other/place"]);
  const [live] = childrenOf(apps[0]!, "live");
  const [waiting, cam] = childrenOf(live!, "stream");
  assert.equal(textIn(live!, "nclients"), "3");
  assert.deepEqual(
    ["bw_video", "bw_audio", "bw_in", "bytes_in", "nclients"].map((name) => textIn(cam!, name)),
    ["458184", "59008", "517192", "3", "2"],
  );
  const marks = (node: typeof xml) =>
    ["publishing", "active"].filter((name) => childrenOf(node, name).length > 0);
  assert.deepEqual(marks(waiting!), []);
  assert.deepEqual(marks(cam!), ["publishing", "active"]);
  const clients = childrenOf(cam!, "client");
  assert.deepEqual(clients.map((client) => [textIn(client, "address"), ...marks(client)]), [
    ["192.0.2.7", "active"],
    ["2001:db8::1", "publishing", "active"],
  ]);
  const [meta] = childrenOf(cam!, "meta");
  const [video] = childrenOf(meta!, "video");
  assert.deepEqual(
    ["width", "height", "codec", "profile", "compat", "level"].map((name) => textIn(video!, name)),
    ["1920", "1080", "H264", "High", "0", "4.0"],
  );
});

test("what clients call themselves is text, and no XML of theirs", async () => {
  const app = filled();
  const client = `<client> & "\u0000\u001b[31m\ud800`;
  app.server.sessions = [{ ...sessionView("a"), client, publishing: ["cam"] }];
  const text = await statOf(app);
  // deno-lint-ignore no-control-regex
  assert.ok(!/[\u0000-\u0008\u000b-\u001f]/.test(text));
  assert.match(textIn(findClient(parseXml(text)), "flashver")!, /^<client> & "/);
  assert.equal(xmlText('a<b>&"\uffff'), "a&lt;b&gt;&amp;&quot;");
});

function findClient(xml: ReturnType<typeof parseXml>) {
  const [app] = childrenOf(childrenOf(xml, "server")[0]!, "application");
  const streams = childrenOf(childrenOf(app!, "live")[0]!, "stream");
  return streams.flatMap((stream) => childrenOf(stream, "client"))[0]!;
}

test("a client is one line, without anything between what is told of it", async () => {
  const app = filled();
  app.server.sessions = [{ ...sessionView("a"), client: "VLC", publishing: ["cam"] }];
  const text = await statOf(app);
  assert.match(
    text,
    /\n<client><id>a<\/id><address>192\.0\.2\.7<\/address><time>\d+<\/time><flashver>VLC<\/flashver><dropped>0<\/dropped><avsync>-?\d+<\/avsync><timestamp>\d+<\/timestamp><publishing\/><active\/><\/client>\n/,
  );
  assert.match(text, /\n<meta><video><width>1920<\/width><height>1080<\/height>/);
  assert.match(
    text,
    /<\/video><audio><codec>AAC<\/codec><profile>LC<\/profile><channels>1<\/channels><sample_rate>44100<\/sample_rate><\/audio><\/meta>\n/,
  );
});

test("NOALBS switches by it: normal, low, offline, and as before while nothing is measured", async () => {
  const app = filled();
  const triggers = { low: 800, offline: 300 };
  const scene = async (bitrate: number, name = "cam") => {
    const [first, cam, ...rest] = app.server.streams;
    app.server.streams = [first!, { ...cam!, video: { ...cam!.video!, bitrate } }, ...rest];
    return noalbs(await statOf(app), "live", name, triggers);
  };
  assert.equal(await scene(4_000_000), "normal");
  assert.equal(await scene(801 * 1024), "normal");
  assert.equal(await scene(800 * 1024), "low");
  assert.equal(await scene(301 * 1024), "low");
  assert.equal(await scene(300 * 1024), "offline");
  assert.equal(await scene(0), "previous");
  assert.equal(await scene(4_000_000, "nobody"), "offline");
  assert.equal(noalbs(await statOf(app), "other", "cam", triggers), "offline");
  // Without any stream the document is still one that it can read.
  app.server.streams = [];
  assert.equal(noalbs(await statOf(app), "live", "cam", triggers), "offline");
});
