/** Mistakes in the configuration file. */
import { test } from "node:test";
import { APP, assertTold, type Case, HOST, LATENCY, PATHS, PORT } from "./mistakes_rig.ts";

const CASES: Readonly<Record<string, Case>> = {
  "an empty file": { file: "", lines: ["sluice.jsonc:1:1: expected a value"] },
  "a file of blanks": { file: " \n ", lines: ["sluice.jsonc:2:2: expected a value"] },
  "a file that is a list": {
    file: "// settings\n[1]",
    lines: ["sluice.jsonc:2:1: expected an object with settings, found [1]"],
  },
  "a file that is a text": {
    file: '"x"',
    lines: ['sluice.jsonc:1:1: expected an object with settings, found "x"'],
  },
  "a key without quotes": {
    file: "{\n  host: 1\n}",
    lines: ["sluice.jsonc:2:3: expected a value, or a key in double quotes"],
  },
  "a key in single quotes": {
    file: "{'host': 1}",
    lines: ["sluice.jsonc:1:2: expected a value, or a key in double quotes"],
  },
  "a missing colon": {
    file: '{"host" "::1"}',
    lines: ["sluice.jsonc:1:9: expected a colon after the key"],
  },
  "a missing comma": {
    file: '{\n  "host": "::1"\n  "rtmp": {}\n}',
    lines: ["sluice.jsonc:3:3: expected a comma before the next value"],
  },
  "a missing value": {
    file: '{"host": }',
    lines: ["sluice.jsonc:1:10: expected a value"],
  },
  "a missing closing brace": {
    file: '{"host": "::1"',
    lines: ["sluice.jsonc:1:15: expected a closing brace"],
  },
  "a missing closing bracket": {
    file: '{"plugins": ["a.ts"}',
    lines: ["sluice.jsonc:1:20: expected a comma before the next value"],
  },
  "a missing closing quote": {
    file: '{"host": "::1\n}',
    lines: ["sluice.jsonc:1:10: this text has no closing quote"],
  },
  "a comment without end": {
    file: '{"host": "::1"} /* end',
    lines: ["sluice.jsonc:1:17: this comment has no end"],
  },
  "text behind the closing brace": {
    file: '{"host": "::1"} {}',
    lines: ["sluice.jsonc:1:17: expected nothing after the closing brace"],
  },
  "a bad escape": {
    file: '{"host": "\\x"}',
    lines: ["sluice.jsonc:1:10: this backslash escape does not exist"],
  },
  "a syntax error behind Windows line breaks": {
    file: '{\r\n"host"\r\n"x"}',
    lines: ["sluice.jsonc:3:1: expected a colon after the key"],
  },
  "a file of opening brackets only": {
    file: "[".repeat(200_000),
    lines: ["sluice.jsonc: nested too deeply"],
  },
  "a misspelt key": {
    file: '{\n  // the port\n  "rtmp": {\n    "prot": 1,\n  },\n  "htpt": {},\n}',
    lines: [
      "sluice.jsonc:4:5: rtmp.prot: unknown setting, did you mean rtmp.port?",
      "sluice.jsonc:6:3: htpt: unknown setting, did you mean http?",
    ],
  },
  "a key spelt like its flag": {
    file: '{"http-port": 1}',
    lines: ["sluice.jsonc:1:2: http-port: unknown setting, did you mean http.port?"],
  },
  "a key spelt like its variable": {
    file: '{"HTTP_PORT": 1}',
    lines: ["sluice.jsonc:1:2: HTTP_PORT: unknown setting, did you mean http.port?"],
  },
  "the key __proto__": {
    file: '{"__proto__": {"port": 1}, "rtmp": {"__proto__": {"port": 1}, "toString": 1}}',
    lines: [
      "sluice.jsonc:1:2: __proto__: unknown setting",
      "sluice.jsonc:1:37: rtmp.__proto__: unknown setting, did you mean rtmp.port?",
      "sluice.jsonc:1:63: rtmp.toString: unknown setting",
    ],
  },
  "the keys of Object.prototype": {
    file: '{"constructor": 1, "toString": 2, "hasOwnProperty": 3}',
    lines: [
      "sluice.jsonc:1:2: constructor: unknown setting",
      "sluice.jsonc:1:20: toString: unknown setting",
      "sluice.jsonc:1:35: hasOwnProperty: unknown setting",
    ],
  },
  "a key with control characters": {
    file: '{"a\\u001b[2J": 1}',
    lines: ["sluice.jsonc:1:2: a\\u001b[2J: unknown setting"],
  },
  "a key given twice": {
    file: '{\n"rtmp": {"port": 1,\n"port": 2},\n"rtmp": {}}',
    lines: [
      "sluice.jsonc:3:1: rtmp.port: given twice",
      "sluice.jsonc:4:1: rtmp: given twice",
    ],
  },
  "a number in quotes": {
    file: '{"rtmp": {"port": "1935"}}',
    lines: [`sluice.jsonc:1:19: rtmp.port: ${PORT}, found "1935"`],
  },
  "a fraction in the file": {
    file: '{"rtmp": {"port": 1.5}}',
    lines: [`sluice.jsonc:1:19: rtmp.port: ${PORT}, found 1.5`],
  },
  "a number beyond any": {
    file: '{"rtmp": {"port": 1e999}}',
    lines: [`sluice.jsonc:1:19: rtmp.port: ${PORT}, found Infinity`],
  },
  "null": {
    file: '{"rtmp": {"port": null}}',
    lines: [`sluice.jsonc:1:19: rtmp.port: ${PORT}, found null`],
  },
  "an object for a text": {
    file: '{"host": {"a": 1}}',
    lines: [`sluice.jsonc:1:10: host: ${HOST}, found an object`],
  },
  "a number for a switch": {
    file: '{"allowAnonymous": 1}',
    lines: ["sluice.jsonc:1:20: allowAnonymous: expected true or false, found 1"],
  },
  "a text for a list": {
    file: '{"plugins": "a.ts"}',
    lines: [`sluice.jsonc:1:13: plugins: ${PATHS}, found "a.ts"`],
  },
  "a list of other things": {
    file: '{"plugins": ["a.ts", 1, ["b"], {}]}',
    lines: [`sluice.jsonc:1:13: plugins: ${PATHS}, found ["a.ts", 1, a list, an object]`],
  },

  // Sections.
  "a section that is none": {
    file: '{"rtmp": 1935, "http": [8080], "log": "info", "max": null, "apps": {"tv": true}}',
    lines: [
      "sluice.jsonc:1:10: rtmp: expected an object with settings, found 1935",
      "sluice.jsonc:1:24: http: expected an object with settings, found [8080]",
      'sluice.jsonc:1:39: log: expected an object with settings, found "info"',
      "sluice.jsonc:1:54: max: expected an object with settings, found null",
      "sluice.jsonc:1:75: apps.tv: expected an object with settings, found true",
    ],
  },
  "a key that is a path": {
    file: '{"rtmp.port": 1}',
    lines: [
      'sluice.jsonc:1:2: rtmp.port: expected in its section, as { "rtmp": { "port": … } }',
    ],
  },
  "a setting of a section beside it": {
    file: '{"level": "info"}',
    lines: ["sluice.jsonc:1:2: level: unknown setting"],
  },
  "a wrong setting of an application": {
    argv: ["--app", "radio.latency=late", "--app=radio", "--app", "--app=.latency=auto"],
    env: { SLUICE_APPS: "a b.latency=auto,tv.latncy=auto" },
    file: '{"apps": {"a=b": {"latency": "auto"}, "tv": {"latency": 5, "latncy": "auto"}}}',
    lines: [
      "sluice.jsonc:1:11: apps.a=b: expected the name of an application: 1 to 512 characters," +
      ' neither blanks nor =, found "a=b"',
      `sluice.jsonc:1:57: apps.tv.latency: expected ${LATENCY}, found 5`,
      "sluice.jsonc:1:60: apps.tv.latncy: unknown setting, did you mean apps.tv.latency?",
      `environment: SLUICE_APPS: expected ${APP}, found "a b.latency=auto"`,
      `environment: SLUICE_APPS: expected ${APP}, found "tv.latncy=auto"`,
      `command line: --app: expected ${LATENCY} for latency, found "late"`,
      `command line: --app: expected ${APP}, found "radio"`,
      `command line: --app: expected ${APP}, found no value`,
      `command line: --app: expected ${APP}, found ".latency=auto"`,
    ],
  },
};

// Here, because Deno reports a test for the file that registers it.
for (const [name, mistake] of Object.entries(CASES)) {
  test(`a mistake is told in full: ${name}`, () => assertTold(mistake));
}
