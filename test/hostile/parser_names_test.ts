import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AmfEcmaArray,
  AmfObject,
  amfObject,
  type AmfValue,
  decodeAmf0,
  decodeAmf3,
  encodeAmf0,
  encodeAmf3,
  toPlain,
} from "../../src/core/amf/mod.ts";
import { parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/errors.ts";
import { parseQuery, parseStreamPath } from "../../src/core/rtmp/stream_name.ts";
import { figure } from "../support/figure.ts";
import { publishGop, Rig } from "../support/rtmp_service.ts";
import { check } from "../support/property.ts";

/** Names that reach something in objects of JavaScript. */
const NAMES = [
  ...["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "then"],
  ...[
    "toJSON",
    "__defineGetter__",
    "__lookupSetter__",
    "isPrototypeOf",
    "length",
    "name",
    "caller",
  ],
];

/** Everything that hangs on the prototypes that a program shares. */
function prototypes(): unknown[] {
  return [Object, Array, Function, String, Number, Map, Set, Promise, Uint8Array].map(
    ({ prototype }) =>
      Reflect.ownKeys(prototype).map((key) => [
        String(key),
        Object.getOwnPropertyDescriptor(prototype, key)?.value,
      ]),
  );
}

const BEFORE = prototypes();

function assertClean(): void {
  assert.deepEqual(prototypes(), BEFORE);
  assert.equal(Reflect.get({}, "polluted"), undefined);
}

const poison = fc.constantFrom(...NAMES);
const nested: fc.Arbitrary<AmfValue> = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant("polluted"),
    fc.array(fc.tuple(poison, tie("value")), { maxLength: 4 }).map((entries) =>
      new AmfObject(entries)
    ),
    fc.tuple(fc.array(fc.tuple(poison, tie("value")), { maxLength: 4 }), poison).map(
      ([entries, name]) => new AmfObject(entries, name),
    ),
    fc.array(fc.tuple(poison, tie("value")), { maxLength: 4 }).map((entries) =>
      new AmfEcmaArray(entries)
    ),
  ),
})).value;

test("A7: names of prototypes anywhere in AMF are data like others, also as JSON", () => {
  check(
    fc.property(nested, (value) => {
      const amf0 = toPlain(decodeAmf0(encodeAmf0(value))[0]);
      assert.equal(JSON.stringify(amf0), JSON.stringify(toPlain(value)));
      for (const plain of [amf0, toPlain(decodeAmf3(encodeAmf3(value))[0])]) {
        if (typeof plain === "object" && plain !== null) {
          if (!Array.isArray(plain)) assert.equal(Object.getPrototypeOf(plain), null);
          assert.equal(Reflect.has(plain, "polluted"), false);
        }
      }
    }),
    300,
  );
  assertClean();
});

test("A7: names of prototypes as application, stream, query, command and client are names", () => {
  const told: string[] = [];
  for (const name of NAMES) {
    told.length = 0;
    const rig = new Rig({}, {
      name: "names",
      onConnect: ({ app, query }) => void told.push(`${app} ${query.get(name)}`),
      onPublish: ({ app, name, query }) => void told.push(`${app}/${name} ${[...query].length}`),
    });
    const client = rig.client().shake();
    const object = amfObject({ flashVer: name, ...Object.fromEntries([[name, name]]) });
    object.entries.set("app", `${name}?${name}=1`);
    object.entries.set(name, object);
    client.command(0, "connect", 1, object);
    client.command(0, "createStream", 2, null);
    const path = parseStreamPath(`${name}?${name}=1`, `${name}?a=1`, "");
    client.publish(1, `${name}?a=1`);
    publishGop(client, 0);
    client.command(1, "@setDataFrame", 0, "onMetaData", amfObject(Object.fromEntries([[name, 1]])));
    for (const [i, other] of NAMES.entries()) {
      client.take();
      client.command(0, other, 10 + i, amfObject(Object.fromEntries([[name, other]])));
      assert.deepEqual(client.take(), [
        `0 _error ${10 + i} null error:NetConnection.Call.Failed`,
      ]);
    }
    if (path === undefined) continue;
    assert.deepEqual(told, [`${name} 1`, `${path.app}/${path.name} 2`]);
    const player = rig.client().connected(1, name);
    player.play(1, name);
    assert.ok(player.media().length > 0, name);
    client.connection.hangUp();
    assertClean();
  }
  figure({ id: "A7", what: "names tried in every place", value: NAMES.length, unit: "names" });
});

test("A7: names of prototypes in queries and settings are refused or data", () => {
  for (const name of NAMES) {
    const query = parseQuery(`n?${name}=1&${name}[polluted]=1&${name}.polluted=1`);
    assert.equal(query.get(name), "1");
    const settings = JSON.parse(`{"${name}": {"polluted": true}}`);
    assert.throws(() => parseConfig(settings), ConfigError, name);
  }
  assertClean();
});
