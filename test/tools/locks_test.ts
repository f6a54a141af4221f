import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLocks } from "../../tools/imports/locks.ts";

/** The three files, in agreement. */
function manifests() {
  return {
    packageJson: JSON.stringify({
      dependencies: { hono: "1.2.3", "@a/b": "1.0.0" },
      devDependencies: { "fast-check": "4.5.6" },
    }),
    denoLock: JSON.stringify({
      npm: {
        "hono@1.2.3": { integrity: "sha512-h" },
        "@a/b@1.0.0_hono@1.2.3": { integrity: "sha512-b" },
        "fast-check@4.5.6": { integrity: "sha512-f" },
        "x_y@1.0.0": { integrity: "sha512-y" },
      },
      workspace: {
        packageJson: { dependencies: ["npm:@a/b@1.0.0", "npm:fast-check@4.5.6", "npm:hono@1.2.3"] },
      },
    }),
    bunLock: `{ "workspaces": { "": {
      "dependencies": { "hono": "1.2.3", "@a/b": "1.0.0", },
      "devDependencies": { "fast-check": "4.5.6", },
    }, }, "packages": {
      "hono": ["hono@1.2.3", "", {}, "sha512-h"],
      "@a/b": ["@a/b@1.0.0", "", {}, "sha512-b"],
      "fast-check": ["fast-check@4.5.6", "", {}, "sha512-f"],
      "x_y": ["x_y@1.0.0", "", {}, "sha512-y"],
    }, }`,
  };
}

test("manifests that agree are in order, and tell the dependencies", () => {
  const { dependencies, problems } = checkLocks(manifests());
  assert.deepEqual(problems, []);
  assert.deepEqual([...dependencies], ["hono", "@a/b", "fast-check"]);
});

test("a version that only one file names is found, in each of the files", () => {
  for (const file of ["packageJson", "denoLock", "bunLock"] as const) {
    const texts = manifests();
    texts[file] = texts[file].replaceAll("1.2.3", "1.2.4");
    assert.match(
      checkLocks(texts).problems.join("\n"),
      /lock.*: hono is 1\.2\.[34], expected/,
      file,
    );
  }
});

test("packages that are missing, left over or not pinned are found", () => {
  const missing = manifests();
  missing.denoLock = missing.denoLock.replace('"npm:hono@1.2.3"', '"npm:other@1.0.0"');
  assert.deepEqual(checkLocks(missing).problems, [
    "deno.lock: hono is missing, expected 1.2.3",
    "deno.lock: other 1.0.0 is not expected",
  ]);
  const loose = manifests();
  loose.packageJson = loose.packageJson.replace('"1.2.3"', '"^1.2.3"');
  assert.match(checkLocks(loose).problems[0]!, /hono \^1\.2\.3 is not pinned/);
});

test("the host of a registry in a lock file is found", () => {
  const texts = manifests();
  texts.bunLock = texts.bunLock.replace('"hono@1.2.3", ""', '"hono@1.2.3", "https://npm.example/"');
  assert.deepEqual(checkLocks(texts).problems, ["bun.lock: names the host of a registry"]);
});

test("a package whose contents differ between the lock files, or are not pinned, is found", () => {
  const differs = manifests();
  differs.bunLock = differs.bunLock.replace("sha512-y", "sha512-z");
  assert.deepEqual(checkLocks(differs).problems, [
    "bun.lock: the hash of x_y@1.0.0 is not that of deno.lock",
  ]);
  const loose = manifests();
  loose.denoLock = loose.denoLock.replace("sha512-b", "sha1-b");
  assert.match(
    checkLocks(loose).problems.join("\n"),
    /deno\.lock: @a\/b@1\.0\.0 has no SHA-512 hash/,
  );
});
