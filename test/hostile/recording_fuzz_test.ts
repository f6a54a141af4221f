/** Files and names of files that somebody made to do harm. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, win32 } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileNameMistake, recordingPath } from "../../src/recordings/file_name.ts";
import { mediaPathParts } from "../../src/recordings/path.ts";
import { placesOf, readFilePath } from "../../src/service/files/request.ts";
import { Dice } from "../fuzz/dice.ts";
import { mutated } from "../fuzz/mutator.ts";
import { type Damage, damaged, use, WORDS } from "../support/damaged_files.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { figure, sized } from "../support/figure.ts";
import { TestProcess } from "../support/process.ts";

const INPUTS = sized(400, 100_000);

function seedOf(): number {
  const given = process.env.SLUICE_TEST_SEED;
  return given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
}

/** Does it with as many inputs; tells which of them made it throw. */
async function each(what: string, input: (dice: Dice) => void | Promise<void>): Promise<void> {
  const first = seedOf();
  for (let number = 0; number < INPUTS; number++) {
    try {
      await input(new Dice(first + number));
    } catch (error) {
      throw new Error(`${what}: SLUICE_TEST_SEED=${first + number}`, { cause: error });
    }
  }
  figure({ id: "R3", what, value: INPUTS, unit: "inputs" });
}

/** A few pictures with their sound, small enough to be read often. */
async function made(name: string, ...how: string[]): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-small-"));
  try {
    const path = join(folder, name);
    await using ffmpeg = new TestProcess(FFMPEG, [
      ...["-v", "error", "-f", "lavfi", "-i", "testsrc=size=32x32:rate=10"],
      ...["-f", "lavfi", "-i", "sine=sample_rate=8000", "-t", "1", "-c:v", "libx264", "-g", "5"],
      ...["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "16k", ...how, path],
    ]);
    assert.equal((await ffmpeg.ended()).code, 0);
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function hits(dice: Dice): Damage[] {
  return Array.from({ length: dice.between(1, 8) }, () => ({
    at: dice.below(1e6) / 1e6,
    value: dice.chance(0.5) ? dice.pick(WORDS) : dice.below(2 ** 31),
    wide: dice.chance(0.5),
  }));
}

for (
  const [what, path, ...how] of [
    ["files of FLV", "a.flv", "-f", "flv"],
    ["files of MP4 with fragments", "a.mp4", "-movflags", "frag_keyframe+empty_moov"],
    ["files of MP4 with tables", "b.mp4", "-movflags", "faststart"],
  ] as const
) {
  test(`R3: damaged ${what} are refused or played, at a cost that goes with their size`, async () => {
    const whole = await made(path, ...how);
    await each(what, async (dice) => {
      const cut = dice.chance(0.7) ? 1 : dice.below(1000) / 1000;
      // Most of it is media; what is said of that is at the beginning.
      const to = dice.chance(0.6) ? Math.min(whole.length, 1500) : whole.length;
      const bytes = dice.chance(0.7)
        ? damaged(whole, 0, to, hits(dice), cut)
        : Uint8Array.from(mutated(dice, [...whole]));
      await use(bytes, path, [0, dice.below(2000), dice.below(2 ** 31)]);
    });
  });
}

/** What leads elsewhere on some system. */
const PIECES = [
  ...["..", ".", "/", "\\", "//", "a", "B1", "%2e", "%2F", "%5c", "%00", "\0", "\n", ":", "C:"],
  ...[
    "con",
    "NUL",
    "com1",
    "LPT9",
    "aux.",
    " ",
    "~",
    "$",
    "*",
    "?",
    "|",
    "<",
    "\u202e",
    "ü",
    "e\u0301",
  ],
  ...[
    "\ud800",
    "\ufeff",
    "..;",
    "....//",
    "file://",
    ".part",
    ".flv",
    ".mp4",
    "{name}",
    "{app}",
    "{",
    "}",
  ],
] as const;

function text(dice: Dice): string {
  const parts = Array.from(
    { length: dice.below(9) },
    () => dice.chance(0.9) ? dice.pick(PIECES) : String.fromCodePoint(dice.below(0xffff)),
  );
  return parts.join("").repeat(dice.chance(0.02) ? 60 : 1);
}

/** On no system does it lead out of a folder, to a device, or to what is hidden. */
function staysIn(path: string): void {
  const parts = path.split("/");
  assert.equal(posix.normalize(path), path);
  assert.equal(win32.relative("C:\\root", win32.join("C:\\root", ...parts)), parts.join("\\"));
  assert.ok(!win32.isAbsolute(path) && !posix.isAbsolute(path));
  for (const part of parts) {
    assert.doesNotMatch(part, /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
    assert.doesNotMatch(part, /^\.|[. ]$|[\p{Cc}\\:*?"<>|]/u);
    assert.ok(part.length > 0 && new TextEncoder().encode(part).length <= 255);
    assert.ok(part.isWellFormed());
  }
}

test("R3: no path of a file leads out of the folder, to a device or to what is hidden", async () => {
  await each("paths of files", (dice) => {
    const path = text(dice);
    if (mediaPathParts(path) !== undefined) staysIn(path);
  });
});

test("R3: no request for a file leads there either", async () => {
  await each("requests for files", (dice) => {
    const asked = `/${text(dice)}/recordings/${text(dice)}`;
    for (
      const pathname of [asked, new URL(`http://h${encodeURI(asked.toWellFormed())}`).pathname]
    ) {
      const request = readFilePath(pathname);
      if (request?.path === undefined) continue;
      for (const place of placesOf(request.path, request.file)) staysIn(place);
    }
  });
});

test("R3: no template of names makes a file elsewhere than in the folder of its stream", async () => {
  await each("templates of names", (dice) => {
    const template = text(dice);
    if (fileNameMistake(template) !== undefined) return;
    const [app, name] = [text(dice), text(dice)];
    const path = recordingPath(template, { app, name, start: dice.below(2 ** 41), number: 7 });
    if (path === undefined) return;
    staysIn(path);
    const folder = app === "" ? name : `${app}/${name}`;
    assert.equal(path.slice(0, path.lastIndexOf("/")), folder);
  });
});
