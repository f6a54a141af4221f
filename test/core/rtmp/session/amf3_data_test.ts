/** Data messages of clients that speak AMF3 reach players as AMF0. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, encodeAmf0, encodeAmf3 } from "../../../../src/core/amf/mod.ts";
import { parseDataMessage } from "../../../../src/core/rtmp/session/data_message.ts";

const OBJECT = amfObject({ width: 640, title: "case" });
const AMF3 = [0x11, ...encodeAmf3(OBJECT)];

test("stored and relayed data of types 15 and 18 has no AMF3 in it", () => {
  for (const [type, format] of [[15, [0]], [15, []], [18, []]] as [number, number[]][]) {
    for (
      const [names, action] of [
        [["@setDataFrame", "onMetaData"], "set"],
        [["onMetaData"], "set"],
        [["onCuePoint"], "relay"],
      ] as [string[], string][]
    ) {
      const body = Uint8Array.of(...format, ...encodeAmf0(...names), ...AMF3);
      const message = parseDataMessage(type, body)!;
      assert.equal(message.action, action);
      assert.deepEqual(message.payload, encodeAmf0(names.at(-1)!, OBJECT));
    }
  }
});

test("what cannot be brought to AMF0 is no message", () => {
  const cut = Uint8Array.of(...encodeAmf0("onMetaData"), ...AMF3.slice(0, -2));
  assert.equal(parseDataMessage(18, cut), undefined);
});
