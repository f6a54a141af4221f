import assert from "node:assert/strict";
import { test } from "node:test";
import { LogWriter } from "../../src/log/writer.ts";
import { settle } from "../support/rtmp_service.ts";

/** A writer over an output that a test lets go on or fail. */
function writer(maxBytes?: number) {
  const written: string[] = [];
  const lost: number[] = [];
  let answer: { resolve(bytes: number): void; reject(error: unknown): void } | undefined;
  const writer = new LogWriter({
    write: (bytes) => {
      written.push(new TextDecoder().decode(bytes));
      return new Promise((resolve, reject) => answer = { resolve, reject });
    },
    onLost: (lines) => lost.push(lines),
  }, maxBytes);
  return { writer, written, lost, answer: () => answer! };
}

test("the lines of a turn are one write, and there is never more than one in flight", async () => {
  const { writer: log, written, answer } = writer();
  log.line("a\n");
  log.line("b\n");
  await settle();
  log.line("c\n");
  log.line("d\n");
  await settle();
  assert.deepEqual(written, ["a\nb\n"]);
  answer().resolve(4);
  await settle();
  assert.deepEqual(written, ["a\nb\n", "c\nd\n"]);
  answer().resolve(4);
  await log.flushed(1000);
  assert.equal(log.queuedBytes, 0);
});

test("what a write leaves is written next", async () => {
  const { writer: log, written, answer } = writer();
  log.line("abcdef\n");
  await settle();
  answer().resolve(3);
  await settle();
  answer().resolve(4);
  await log.flushed(1000);
  assert.deepEqual(written, ["abcdef\n", "def\n"]);
});

test("while nobody reads, lines over the bound are lost and counted, and memory stays", async () => {
  const { writer: log, lost, answer } = writer(100);
  for (let index = 0; index < 50; index++) log.line("123456789\n");
  await settle();
  assert.equal(lost.length, 40);
  assert.equal(log.queuedBytes, 100);
  await log.flushed(1);
  answer().resolve(100);
  await log.flushed(1000);
  log.line("123456789\n");
  assert.equal(lost.length, 40);
});

test("lines that a full disk or a closed pipe refuses are counted, and the next are tried", async () => {
  const { writer: log, written, lost, answer } = writer();
  log.line("a\n");
  log.line("b\n");
  await settle();
  answer().reject(new Error("ENOSPC"));
  await settle();
  log.line("c\n");
  await settle();
  answer().resolve(0);
  await settle();
  assert.deepEqual([written, lost], [["a\nb\n", "c\n"], [2, 1]]);
  assert.equal(log.queuedBytes, 0);
});
