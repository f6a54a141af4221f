import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import {
  CertificateError,
  type CertificateFiles,
  Certificates,
  LOOK_MS,
  WARN_EVERY_MS,
} from "../../src/tls/certificates.ts";
import { makePair } from "../../src/tls/make.ts";
import { READ_MS, readPem } from "../../src/tls/pem_file.ts";
import { settle } from "../client/scripted_server.ts";
import { CertificateFolder } from "../support/certificates.ts";
import { FakeClock } from "../support/clock.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);

/** Certificates whose files are texts of this test. */
class Rig {
  readonly clock = new FakeClock(NOW);
  readonly told: [level: string, message: string, properties: Record<string, unknown>][] = [];
  readonly files = new Map<string, string>();
  #looking: Promise<void> = Promise.resolve();

  put(name: string, days: number, names = [name], now = NOW): void {
    const { cert, key } = makePair(names, days, now);
    this.files.set(`${name}.crt`, cert).set(`${name}.key`, key);
  }

  async load(names: string[], clientCa: CertificateFiles["clientCa"] = {}): Promise<Certificates> {
    const cert = names.map((name) => `${name}.crt`);
    const key = names.map((name) => `${name}.key`);
    const certificates = await Certificates.load({ cert, key, clientCa }, {
      clock: this.clock,
      warnMs: 21 * DAY_MS,
      read: (path) => {
        const text = this.files.get(path);
        const missing = Object.assign(new Error("none"), { code: "ENOENT" });
        return text === undefined ? Promise.reject(missing) : Promise.resolve(text);
      },
      tell: (...all) => void this.told.push(all),
    });
    const look = certificates.look.bind(certificates);
    certificates.look = () => this.#looking = look();
    return certificates;
  }

  /** Lets time pass, and waits until the files were looked at. */
  async pass(ms = LOOK_MS): Promise<void> {
    this.clock.advance(ms);
    await this.#looking;
  }

  async mistakes(names: string[], clientCa?: CertificateFiles["clientCa"]) {
    try {
      await this.load(names, clientCa);
      return [];
    } catch (error) {
      assert.ok(error instanceof CertificateError);
      return error.mistakes.map(({ key, problem }) => `${key}: ${problem}`);
    }
  }
}

/** Apart, so that this file does not look like one that holds keys. */
const DASHES = "-----";

test("several pairs are there in their order, with the names that they are for", async () => {
  const rig = new Rig();
  rig.put("a", 90, ["A.example", "*.b.example"]);
  rig.put("c", 90);
  const { current } = (await rig.load(["a", "c"])).source("rtmps");
  assert.deepEqual(current.pairs.map(({ names }) => names), [["a.example", "*.b.example"], ["c"]]);
  assert.equal(current.clientCa, undefined);
});

test("each mistake says which file is wrong, and how", async () => {
  const rig = new Rig();
  rig.put("a", 90);
  rig.put("b", 90);
  rig.put("old", 90, ["old"], NOW - 100 * DAY_MS);
  rig.put("young", 90, ["young"], NOW + 10 * DAY_MS);
  rig.files.set("mixed.crt", rig.files.get("a.crt")!).set("mixed.key", rig.files.get("b.key")!);
  rig.files.set("none.crt", rig.files.get("a.key")!).set("none.key", rig.files.get("a.key")!);
  rig.files.set("bare.crt", rig.files.get("a.crt")!).set("bare.key", "no key at all");
  rig.files.set("locked.crt", rig.files.get("a.crt")!)
    .set("locked.key", `${DASHES}BEGIN ENCRYPTED PRIVATE KEY${DASHES}\nAA==\n`);
  const broken = `${DASHES}BEGIN CERTIFICATE${DASHES}\nAAAA\n${DASHES}END CERTIFICATE${DASHES}\n`;
  rig.files.set("broken.crt", broken).set("broken.key", rig.files.get("a.key")!);
  assert.deepEqual(await rig.mistakes(["gone"]), [
    'tls.cert: "gone.crt" cannot be read: there is no such file',
    'tls.key: "gone.key" cannot be read: there is no such file',
  ]);
  const names = ["mixed", "old", "young", "none", "bare", "locked", "broken"];
  assert.deepEqual(await rig.mistakes(names, { "rtmps.clientCa": "a.key" }), [
    'tls.key: "mixed.key" is not the key of the certificate',
    'tls.cert: "old.crt" has expired (2029-12-22)',
    'tls.cert: "young.crt" is not valid yet (from 2030-01-10): is the clock right?',
    'tls.cert: "none.crt" has no certificate in PEM',
    'tls.key: "bare.key" has no private key in PEM',
    'tls.key: "locked.key" is encrypted: store it without password',
    'tls.cert: "broken.crt" has a certificate that cannot be read',
    'rtmps.clientCa: "a.key" has no certificate in PEM',
  ]);
});

test("a certificate further up that has expired counts as well", async () => {
  const rig = new Rig();
  rig.put("a", 90);
  rig.put("old", 90, ["old"], NOW - 100 * DAY_MS);
  rig.files.set("a.crt", rig.files.get("a.crt")! + rig.files.get("old.crt")!);
  assert.deepEqual(await rig.mistakes(["a"]), ['tls.cert: "a.crt" has expired (2029-12-22)']);
});

test("files that change are taken, all who watch are told, and one line is logged", async () => {
  const rig = new Rig();
  rig.put("a", 90);
  const certificates = await rig.load(["a"], { "rtmps.clientCa": "a.crt" });
  certificates.start();
  const source = certificates.source("rtmps.clientCa");
  let renewed = 0;
  const stop = source.watch(() => renewed++);
  const before = source.current.pairs[0]!.cert;
  await rig.pass();
  assert.equal(renewed, 0, "nothing has changed");
  rig.put("a", 90, ["new.example"]);
  await rig.pass();
  assert.equal(renewed, 1);
  assert.notEqual(source.current.pairs[0]!.cert, before);
  assert.equal(source.current.clientCa, rig.files.get("a.crt"));
  assert.deepEqual(rig.told, [["info", "certificates reloaded", {
    names: ["new.example"],
    until: "2030-04-01T00:00:00.000Z",
  }]]);
  stop();
  rig.put("a", 90);
  await rig.pass();
  assert.equal(renewed, 1, "who watches no more is not told");
  certificates.close();
  rig.put("a", 90);
  await rig.pass();
  assert.equal(rig.told.length, 2, "nor is anything looked at behind the end");
  assert.equal(rig.clock.pending, 0);
});

test("files that are wrong are told of once, when they are still wrong, and the old ones are kept", async () => {
  const rig = new Rig();
  rig.put("a", 90);
  const certificates = await rig.load(["a"]);
  certificates.start();
  const source = certificates.source("rtmps");
  const before = source.current.pairs[0]!.cert;
  const key = rig.files.get("a.key")!;
  rig.put("a", 90, ["new.example"]);
  const newKey = rig.files.get("a.key")!;
  rig.files.set("a.key", key);
  await rig.pass();
  assert.deepEqual(rig.told, [], "the key may be on its way");
  await rig.pass();
  await rig.pass();
  assert.deepEqual(rig.told, [["error", "certificates not reloaded, the old ones are kept", {
    problem: 'tls.key: "a.key" is not the key of the certificate',
  }]]);
  assert.equal(source.current.pairs[0]!.cert, before);
  rig.files.delete("a.key");
  await rig.pass();
  await rig.pass();
  assert.equal(rig.told.length, 2, "another mistake is told");
  rig.files.set("a.key", newKey);
  await rig.pass();
  assert.equal(rig.told.at(-1)![1], "certificates reloaded");
  certificates.close();
});

test("a certificate that expires soon is told of at the start and once a day, also once it has", async () => {
  const rig = new Rig();
  rig.put("a", 21);
  rig.put("b", 400);
  const certificates = await rig.load(["b", "a"]);
  certificates.start();
  assert.deepEqual(rig.told, [["warn", "certificate expires soon", {
    file: "a.crt",
    names: ["a"],
    until: "2030-01-22T00:00:00.000Z",
    days: 21,
  }]]);
  await rig.pass();
  assert.equal(rig.told.length, 1);
  await rig.pass(WARN_EVERY_MS);
  assert.deepEqual(rig.told.map(([, , { days }]) => days), [21, 19]);
  await rig.pass(21 * DAY_MS);
  assert.equal(rig.told.at(-1)![1], "certificate has expired");
  rig.put("a", 400);
  await rig.pass();
  await rig.pass(WARN_EVERY_MS);
  assert.equal(rig.told.at(-1)![1], "certificates reloaded", "and with that it is over");
  certificates.close();
});

test("one who watches and cannot take a certificate keeps neither others from it nor the files from being followed", async () => {
  const rig = new Rig();
  rig.put("a", 90);
  const certificates = await rig.load(["a"]);
  certificates.start();
  const source = certificates.source("rtmps");
  let renewed = 0;
  source.watch(() => {
    throw new Error("key too small");
  });
  source.watch(() => renewed++);
  for (let turn = 1; turn < 3; turn++) {
    rig.put("a", 90);
    await rig.pass();
    assert.equal(renewed, turn);
    assert.deepEqual(rig.told.splice(0).map(([level, message]) => `${level}: ${message}`), [
      "info: certificates reloaded",
      "error: certificates not taken, the old ones are kept",
    ]);
  }
  certificates.close();
});

test("a file that does not answer is told of, is not asked twice at once, and is taken when it does", async () => {
  const rig = new Rig();
  rig.put("a", 90);
  const reads: (() => void)[] = [];
  let stuck = false;
  const get = rig.files.get.bind(rig.files);
  const certificates = await Certificates.load({ cert: ["a.crt"], key: ["a.key"], clientCa: {} }, {
    clock: rig.clock,
    warnMs: 0,
    read: (path) =>
      new Promise((resolve) => {
        const answer = () => resolve(get(path)!);
        if (stuck && path === "a.key") reads.push(answer);
        else answer();
      }),
    tell: (...all) => void rig.told.push(all),
  });
  certificates.start();
  stuck = true;
  for (let turn = 0; turn < 3; turn++) {
    rig.clock.advance(LOOK_MS);
    await settle();
    rig.clock.advance(READ_MS);
    await settle();
  }
  assert.equal(reads.length, 1);
  assert.deepEqual(rig.told, [["error", "certificates not reloaded, the old ones are kept", {
    problem: 'tls.key: "a.key" cannot be read: it does not answer',
  }]]);
  stuck = false;
  rig.put("a", 90);
  reads[0]!();
  await settle();
  rig.clock.advance(LOOK_MS);
  await settle();
  assert.equal(rig.told.at(-1)![1], "certificates reloaded");
  certificates.close();
  assert.equal(rig.clock.pending, 0);
});

test("files are read as they are: long ones, pipes, and what never ends up to a bound", async () => {
  using folder = new CertificateFolder();
  const long = "é".repeat(200_000);
  assert.equal(await readPem(folder.write("long.pem", long)), long);
  assert.equal(await readPem(folder.write("empty.pem", "")), "");
  await assert.rejects(readPem("/dev/zero"), /longer than 1 MiB/);
  const pipe = `${folder.path}/pipe`;
  execFileSync("mkfifo", [pipe]);
  const reading = readPem(pipe);
  await writeFile(pipe, "piped");
  assert.equal(await reading, "piped");
});
