/** The `connect` command as a client writes it, and what it reads of the answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, type AmfValue, asRecord } from "../../../../../src/core/amf/mod.ts";
import {
  connectObject,
  readConnectAnswer,
  readRefusal,
  readStatus,
} from "../../../../../src/core/rtmp/session/client/connect_command.ts";
import type { ConnectParameters } from "../../../../../src/core/rtmp/session/client/options.ts";

const WHERE = { app: "live", tcUrl: "rtmp://host/live" };

/** The members of the command object, maps of codecs as plain objects. */
function members(more: Partial<ConnectParameters> = {}): Record<string, unknown> {
  const properties = asRecord(connectObject({ ...WHERE, ...more }))!;
  const plain = (value: AmfValue): unknown => {
    const record = Array.isArray(value) ? undefined : asRecord(value);
    return record === undefined ? value : Object.fromEntries(record);
  };
  return Object.fromEntries([...properties].map(([name, value]) => [name, plain(value)]));
}

test("a client that is told nothing more says what encoders of Flash say, and all of Enhanced RTMP", () => {
  assert.deepEqual(members(), {
    app: "live",
    type: "nonprivate",
    flashVer: "FMLE/3.0 (compatible; Sluice)",
    tcUrl: "rtmp://host/live",
    fpad: false,
    capabilities: 239,
    audioCodecs: 4095,
    videoCodecs: 255,
    objectEncoding: 0,
    videoFunction: 2 | 4,
    capsEx: 2 | 4 | 8,
    fourCcList: ["*"],
    videoFourCcInfoMap: { "*": 4 },
    audioFourCcInfoMap: { "*": 4 },
  });
});

test("pages are named where they are known, and what is added replaces what is there", () => {
  const { swfUrl, pageUrl, ...rest } = members({ swfUrl: "a.swf", pageUrl: "a.html" });
  assert.deepEqual([swfUrl, pageUrl], ["a.swf", "a.html"]);
  assert.deepEqual(rest, members());
  const changed = members({ flashVer: "FMLE/3.1", more: { capabilities: 15, extra: true } });
  assert.deepEqual(
    [changed["flashVer"], changed["capabilities"], changed["extra"]],
    ["FMLE/3.1", 15, true],
  );
});

test("codecs are announced by name, and without any only that a client seeks", () => {
  const { fourCcList, videoFourCcInfoMap } = members({ fourCcs: ["hvc1", "Opus"] });
  assert.deepEqual(fourCcList, ["hvc1", "Opus"]);
  assert.deepEqual(videoFourCcInfoMap, { hvc1: 4, Opus: 4 });
  const { videoFunction, capsEx, ...plain } = members({ fourCcs: [] });
  assert.deepEqual([videoFunction, capsEx, plain["fourCcList"]], [1, undefined, undefined]);
  assert.equal(members({ followsReconnect: true })["capsEx"], 1 | 2 | 4 | 8);
});

test("a status is read of an object with texts, and is empty otherwise", () => {
  const status = readStatus(
    amfObject({ level: "error", code: "A.B", description: "why", more: 1 }),
  );
  assert.deepEqual([status.level, status.code, status.description], ["error", "A.B", "why"]);
  assert.equal(status.properties.get("more"), 1);
  for (const value of [null, undefined, 7, "A.B", amfObject({ code: 7, level: null })]) {
    const { level, code, description } = readStatus(value);
    assert.deepEqual([level, code, description], ["", "", ""]);
  }
});

test("the answer to connect has what the server is in its first value, and the status in its second", () => {
  const info = amfObject({ code: "NetConnection.Connect.Success", capsEx: 3 });
  const answer = readConnectAnswer([amfObject({ fmsVer: "FMS/3" }), info]);
  assert.equal(answer.server.get("fmsVer"), "FMS/3");
  assert.equal(answer.code, "NetConnection.Connect.Success");
  assert.equal(answer.capabilities.capsEx, 3);
  const bare = readConnectAnswer([]);
  assert.deepEqual([bare.server.size, bare.code, bare.properties.size], [0, "", 0]);
});

test("a refusal says where to go where the server does", () => {
  const moved = amfObject({ code: "A", ex: amfObject({ redirect: "rtmp://other/" }) });
  assert.equal(readRefusal(moved).redirect, "rtmp://other/");
  for (const ex of [undefined, "rtmp://other/", amfObject({}), amfObject({ redirect: 7 })]) {
    assert.ok(!("redirect" in readRefusal(amfObject({ code: "A", ex }))));
  }
});
