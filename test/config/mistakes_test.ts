/** Mistakes on the command line, in the environment, and in several places. */
import { test } from "node:test";
import {
  assertTold,
  BYTES,
  type Case,
  HOST,
  MS,
  PATHS,
  PORT,
  SWITCH,
  TOKEN,
} from "./mistakes_rig.ts";

const CASES: Readonly<Record<string, Case>> = {
  // Flags.
  "a misspelt flag": {
    argv: ["--rtmp-prot", "1936"],
    lines: ["command line: --rtmp-prot: unknown flag, did you mean --rtmp-port?"],
  },
  "a flag in camel case": {
    argv: ["--rtmpPort=1936"],
    lines: ["command line: --rtmpPort: unknown flag, did you mean --rtmp-port?"],
  },
  "a flag like no other": {
    argv: ["--transcode", "yes"],
    lines: ["command line: --transcode: unknown flag"],
  },
  "a flag named like the file key of another spelling": {
    argv: ["--plugins", "a.ts"],
    lines: ["command line: --plugins: unknown flag, did you mean --plugin?"],
  },
  "a flag called __proto__": {
    argv: ["--__proto__", "1"],
    lines: ["command line: --__proto__: unknown flag"],
  },
  "a flag called constructor": {
    argv: ["--constructor=1"],
    lines: ["command line: --constructor: unknown flag"],
  },
  "a short flag": { argv: ["-p", "80"], lines: ["command line: -p: unknown flag"] },
  "a positional argument": {
    argv: ["start"],
    lines: ['command line: unexpected argument "start"'],
  },
  "a positional argument behind two dashes": {
    argv: ["--", "--check"],
    lines: ['command line: unexpected argument "--check"'],
  },
  "a positional argument with control characters": {
    argv: ["a\x1b[2Jb\u202ec"],
    lines: ['command line: unexpected argument "a\\u001b[2Jb\\u202ec"'],
  },
  "an unknown flag with control characters": {
    argv: ["--a\nb"],
    lines: ["command line: --a\\u000ab: unknown flag"],
  },
  "an endless positional argument": {
    argv: ["x".repeat(1000)],
    lines: [`command line: unexpected argument "${"x".repeat(60)}…"`],
  },
  "an endless flag": {
    argv: ["--" + "x".repeat(1000)],
    lines: [`command line: --${"x".repeat(62)}…: unknown flag`],
  },
  "a flag without its value at the end": {
    argv: ["--host"],
    lines: [`command line: --host: ${HOST}, found no value`],
  },
  "a flag without its value before another flag": {
    argv: ["--rtmp-port", "--http-port", "x"],
    lines: [
      `command line: --rtmp-port: ${PORT}, found no value`,
      `command line: --http-port: ${PORT}, found "x"`,
    ],
  },
  "a flag with an empty value": {
    argv: ["--rtmp-port="],
    lines: [`command line: --rtmp-port: ${PORT}, found an empty text`],
  },
  "a port that is a word": {
    argv: ["--http-port", "http"],
    lines: [`command line: --http-port: ${PORT}, found "http"`],
  },
  "a negative port": {
    argv: ["--http-port", "-1"],
    lines: [`command line: --http-port: ${PORT}, found -1`],
  },
  "a port above 65535": {
    argv: ["--http-port=65536"],
    lines: [`command line: --http-port: ${PORT}, found 65536`],
  },
  "a fraction": {
    argv: ["--http-port=80.5"],
    lines: [`command line: --http-port: ${PORT}, found "80.5"`],
  },
  "a hexadecimal number": {
    argv: ["--http-port=0x50"],
    lines: [`command line: --http-port: ${PORT}, found "0x50"`],
  },
  "a number in scientific notation": {
    argv: ["--http-port=1e3"],
    lines: [`command line: --http-port: ${PORT}, found "1e3"`],
  },
  "a number with blanks": {
    argv: ["--http-port= 80 "],
    lines: [`command line: --http-port: ${PORT}, found " 80 "`],
  },
  "a number too large to be exact": {
    argv: ["--http-port=99999999999999999999"],
    lines: [`command line: --http-port: ${PORT}, found "99999999999999999999"`],
  },
  "NaN": {
    argv: ["--http-port=NaN"],
    lines: [`command line: --http-port: ${PORT}, found "NaN"`],
  },
  "Infinity": {
    argv: ["--http-port=Infinity"],
    lines: [`command line: --http-port: ${PORT}, found "Infinity"`],
  },
  "a time with a unit": {
    argv: ["--play-wait-ms", "10s"],
    lines: [`command line: --play-wait-ms: ${MS(0, 3600000)}, found "10s"`],
  },
  "a size with a unit": {
    argv: ["--max-message-bytes", "8MiB"],
    lines: [`command line: --max-message-bytes: ${BYTES(65536, 16777215)}, found "8MiB"`],
  },
  "a chunk size below 128": {
    argv: ["--rtmp-chunk-size=127"],
    lines: [`command line: --rtmp-chunk-size: ${BYTES(128, 65536)}, found 127`],
  },
  "a chunk size above 65536": {
    argv: ["--rtmp-chunk-size=65537"],
    lines: [`command line: --rtmp-chunk-size: ${BYTES(128, 65536)}, found 65537`],
  },
  "no connections at all": {
    argv: ["--max-connections=0"],
    lines: ["command line: --max-connections: expected a whole number from 1 to 1000000, found 0"],
  },
  "a choice that is none": {
    argv: ["--log-level=verbose"],
    lines: [
      'command line: --log-level: expected one of trace, debug, info, warning, error, found "verbose"',
    ],
  },
  "a choice in capitals": {
    argv: ["--publish-policy=Reject"],
    lines: ['command line: --publish-policy: expected one of replace, reject, found "Reject"'],
  },
  "a switch with a word": {
    argv: ["--allow-anonymous=yes"],
    lines: ['command line: --allow-anonymous: expected true or false, found "yes"'],
  },
  "a switch with an empty value": {
    argv: ["--allow-anonymous="],
    lines: ["command line: --allow-anonymous: expected true or false, found an empty text"],
  },
  "a negated switch with a value": {
    argv: ["--no-allow-anonymous=true"],
    lines: ["command line: --no-allow-anonymous: takes no value"],
  },
  "a negated flag that is no switch": {
    argv: ["--no-http-port"],
    lines: ["command line: --no-http-port: unknown flag, did you mean --http-port?"],
  },
  "a word behind a switch": {
    argv: ["--allow-anonymous", "false"],
    lines: ['command line: unexpected argument "false"'],
  },
  "--check with a value": {
    argv: ["--check=yes"],
    lines: ["command line: --check: takes no value"],
  },
  "an empty plugin path": {
    argv: ["--plugin=a.ts", "--plugin="],
    lines: [`command line: --plugin: ${PATHS}, found ["a.ts", an empty text]`],
  },
  "a plugin flag without a path": {
    argv: ["--plugin"],
    lines: [`command line: --plugin: ${PATHS}, found no value`],
  },
  "--config without a path": {
    argv: ["--config"],
    lines: ["command line: --config: expected a path, found no value"],
  },
  "--config with an empty path": {
    argv: ["--config="],
    lines: ["command line: --config: expected a path, found an empty text"],
  },
  "a file that does not exist": {
    argv: ["--config=none.jsonc"],
    lines: [
      'command line: --config: expected a file that can be read, found "none.jsonc", no such file',
    ],
  },
  "a file that is a directory": {
    argv: ["--config=dir"],
    lines: [
      'command line: --config: expected a file that can be read, found "dir", a directory',
    ],
  },
  "a file of somebody else": {
    env: { SLUICE_CONFIG: "root.jsonc" },
    lines: [
      "environment: SLUICE_CONFIG: expected a file that can be read, " +
      'found "root.jsonc", a file that this user may not read',
    ],
  },
  "a file on a broken disk": {
    argv: ["--config=broken"],
    lines: [
      'command line: --config: expected a file that can be read, found "broken", "input/output error"',
    ],
  },

  // Hosts.
  "a host with its port": {
    argv: ["--host=127.0.0.1:1935"],
    lines: [`command line: --host: ${HOST}, found "127.0.0.1:1935"`],
  },
  "a host in brackets": {
    argv: ["--host=[::1]"],
    lines: [`command line: --host: ${HOST}, found "[::1]"`],
  },
  "a URL as a host": {
    argv: ["--host=rtmp://localhost"],
    lines: [`command line: --host: ${HOST}, found "rtmp://localhost"`],
  },
  "an IPv4 address out of range": {
    argv: ["--host=127.0.0.256"],
    lines: [`command line: --host: ${HOST}, found "127.0.0.256"`],
  },
  "an empty host": {
    env: { SLUICE_HOST: "" },
    lines: [`environment: SLUICE_HOST: ${HOST}, found an empty text`],
  },

  // Environment.
  "a misspelt variable": {
    env: { SLUICE_RTMPPORT: "1" },
    lines: ["environment: SLUICE_RTMPPORT: unknown variable, did you mean SLUICE_RTMP_PORT?"],
  },
  "a misspelt SLUICE_CONFIG": {
    env: { SLUICE_CONFG: "a" },
    lines: ["environment: SLUICE_CONFG: unknown variable, did you mean SLUICE_CONFIG?"],
  },
  "a variable named like the flag": {
    env: { SLUICE_PLUGIN: "a" },
    lines: ["environment: SLUICE_PLUGIN: unknown variable, did you mean SLUICE_PLUGINS?"],
  },
  "a variable like no other": {
    env: { SLUICE_XYZZY_FROBNICATE: "a" },
    lines: ["environment: SLUICE_XYZZY_FROBNICATE: unknown variable"],
  },
  "a number in the environment that is none": {
    env: { SLUICE_GOP_CACHE_FRAMES: "many" },
    lines: [
      "environment: SLUICE_GOP_CACHE_FRAMES: expected a whole number from 0 to 1000000, " +
      'found "many"',
    ],
  },
  "an empty number in the environment": {
    env: { SLUICE_SHUTDOWN_MS: "" },
    lines: [`environment: SLUICE_SHUTDOWN_MS: ${MS(0, 600000)}, found an empty text`],
  },
  "a switch in the environment in capitals": {
    env: { SLUICE_ALLOW_ANONYMOUS: "TRUE" },
    lines: [`environment: SLUICE_ALLOW_ANONYMOUS: ${SWITCH}, found "TRUE"`],
  },
  "an empty path among plugins in the environment": {
    env: { SLUICE_PLUGINS: "a.ts,,b.ts" },
    lines: [
      `environment: SLUICE_PLUGINS: ${PATHS}, found ["a.ts", an empty text, "b.ts"]`,
    ],
  },
  "too many plugins": {
    env: { SLUICE_PLUGINS: Array(101).fill("p").join(",") },
    lines: [`environment: SLUICE_PLUGINS: ${PATHS}, found ["p", "p", "p", "p", "p", …]`],
  },

  // Secrets.
  "a short token": {
    argv: ["--api-token", "hunter2"],
    lines: [`command line: --api-token: ${TOKEN}, found *** (7 characters)`],
  },
  "an empty token": {
    env: { SLUICE_API_TOKEN: "" },
    lines: [`environment: SLUICE_API_TOKEN: ${TOKEN}, found an empty text`],
  },
  "a token with a line break": {
    env: { SLUICE_API_TOKEN: "hunter2hunter2hunter2\n" },
    lines: [`environment: SLUICE_API_TOKEN: ${TOKEN}, found *** (22 characters)`],
  },
  "a token that the shell has split": {
    argv: ["--api-token", "hunter2hunter2hunter2", "hunter3"],
    lines: ["command line: unexpected argument ***"],
  },
  "a token behind a misspelt flag": {
    argv: ["--api-tokn", "hunter2hunter2hunter2"],
    lines: ["command line: --api-tokn: unknown flag, did you mean --api-token?"],
  },
  "a token in a misspelt flag": {
    argv: ["--api-tokn=hunter2hunter2hunter2"],
    lines: ["command line: --api-tokn: unknown flag, did you mean --api-token?"],
  },
  "a token in a misspelt variable": {
    env: { SLUICE_API_TOKE: "hunter2hunter2hunter2" },
    lines: ["environment: SLUICE_API_TOKE: unknown variable, did you mean SLUICE_API_TOKEN?"],
  },
  "a token of the wrong type": {
    file: '{"api": {"token": 1234567890123456}}',
    lines: [`sluice.jsonc:1:19: api.token: ${TOKEN}, found a secret number`],
  },
  "a token in a list": {
    file: '{"api": {"token": ["hunter2hunter2hunter2"]}}',
    lines: [`sluice.jsonc:1:19: api.token: ${TOKEN}, found a secret object`],
  },

  // What no single setting can know.
  "one port for two servers": {
    argv: ["--rtmp-port=9000", "--http-port=9000"],
    lines: [
      "command line: --http-port: expected another port than that of the RTMP server, found 9000",
    ],
  },
  "the RTMP port on the default of the other": {
    env: { SLUICE_RTMP_PORT: "8080" },
    lines: [
      "environment: SLUICE_RTMP_PORT: expected another port than that of the HTTP server, found 8080",
    ],
  },
  "the HTTP port on the default of the other": {
    file: '{"http": {"port": 1935}}',
    lines: [
      "sluice.jsonc:1:19: http.port: expected another port than that of the RTMP server, found 1935",
    ],
  },
  "a port that would clash only with the default of a refused one": {
    argv: ["--rtmp-port=x", "--http-port=1935"],
    lines: [`command line: --rtmp-port: ${PORT}, found "x"`],
  },

  // Several at once.
  "mistakes in every source": {
    argv: ["--http-port=x", "--verbose"],
    env: { SLUICE_HOST: "a b", SLUICE_NOPE: "1" },
    file: '{\n  "rtmp": { "port": -1 },\n  "log": { "format": "xml" },\n}',
    lines: [
      `sluice.jsonc:2:21: rtmp.port: ${PORT}, found -1`,
      'sluice.jsonc:3:22: log.format: expected one of pretty, json, found "xml"',
      `environment: SLUICE_HOST: ${HOST}, found "a b"`,
      "environment: SLUICE_NOPE: unknown variable",
      `command line: --http-port: ${PORT}, found "x"`,
      "command line: --verbose: unknown flag",
    ],
  },
  "a wrong value that a later source replaces": {
    argv: ["--rtmp-port=1936"],
    env: { SLUICE_RTMP_PORT: "x" },
    lines: [`environment: SLUICE_RTMP_PORT: ${PORT}, found "x"`],
  },
};

// Here, because Deno reports a test for the file that registers it.
for (const [name, mistake] of Object.entries(CASES)) {
  test(`a mistake is told in full: ${name}`, () => assertTold(mistake));
}
