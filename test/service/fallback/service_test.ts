/** Slates and backup streams, on a clock that stands still. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Faults } from "../../../src/faults.ts";
import { FrameFlag, FrameKind, type Hub, type LiveStream } from "../../../src/hub/mod.ts";
import { FallbackService, readFallbackRule } from "../../../src/service/fallback/mod.ts";
import { FakeClock } from "../../support/clock.ts";
import { interFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { settle } from "../../support/rtmp_service.ts";
import { CAM, FILE, type Message, SPARE, Stage } from "./stage.ts";

const { Data, Video } = FrameKind;

test("a file is shown at its pace, again and again, in time that goes on without a seam", async () => {
  const stage = new Stage("live/* file=live/slate.flv");
  const publisher = stage.publish();
  stage.watch();
  stage.key(publisher, 1);
  await stage.pass(1000);
  stage.leave(publisher);
  await stage.pass(3000);
  assert.equal(stage.label, "file live/slate.flv");
  const pictures = stage.seen.filter(({ kind, flags }) =>
    kind === Video && (flags & FrameFlag.Header) === 0
  );
  assert.equal(pictures[0]!.mark, 1);
  const shown = pictures.slice(1);
  assert.ok(Math.abs(shown.length - 75) <= 2, `${shown.length} pictures`);
  shown.forEach(({ mark, time, at, flags }, index) => {
    assert.equal(mark, 100 + index % 25);
    assert.equal((flags & FrameFlag.Key) !== 0, index % 25 === 0);
    assert.equal(time - shown[0]!.time, index * 40, "no hole where it begins again");
    const late = (at - shown[0]!.at) - index * 40;
    assert.ok(late >= -80 && late <= 80, `picture ${index} came ${late} ms late`);
  });
  assert.ok(shown[0]!.time >= 1000 && shown[0]!.time < 1100, `${shown[0]!.time}`);
  const metadata = stage.seen.find(({ kind }) => kind === Data);
  assert.ok(metadata !== undefined && (metadata.flags & FrameFlag.Header) !== 0);
});

test("viewers go back to the publisher at its key frame, and the file is closed", async () => {
  const stage = new Stage("live/* file=live/slate.flv");
  const publisher = stage.publish();
  stage.watch();
  stage.key(publisher, 1);
  stage.leave(publisher);
  await stage.pass(500);
  assert.equal(stage.open, 1);
  const back = stage.publish();
  await stage.pass(500);
  assert.equal(stage.label, "file live/slate.flv");
  stage.marks();
  stage.key(back, 2);
  await stage.pass(1000);
  assert.deepEqual(stage.marks(), [2]);
  assert.equal(stage.label, undefined);
  assert.equal(stage.open, 0);
});

test("a backup stream is shown from its cached key frame at once, and the file behind it when it leaves", async () => {
  const stage = new Stage("live/* stream=live/{name}-b file=live/slate.flv");
  const [publisher, backup] = [stage.publish(), stage.publish(SPARE)];
  stage.watch();
  stage.key(publisher, 1);
  stage.key(backup, 10);
  backup.push(Video, 40, interFrame(60, 11), stage.clock.now());
  stage.leave(publisher);
  await stage.pass(20);
  assert.deepEqual(stage.marks(), [1, 10, 11]);
  assert.equal(stage.label, "stream live/cam-b");
  backup.push(Video, 80, interFrame(60, 12), stage.clock.now());
  assert.deepEqual(stage.marks(), [12]);
  stage.leave(backup);
  await stage.pass(100);
  assert.equal(stage.label, "file live/slate.flv");
  assert.deepEqual(stage.marks().slice(0, 2), [100, 101]);
});

test("a backup stream that comes while a file is shown takes over at its next key frame", async () => {
  const stage = new Stage("live/* stream=live/{name}-b file=live/slate.flv");
  const publisher = stage.publish();
  stage.watch();
  stage.key(publisher, 1);
  stage.leave(publisher);
  await stage.pass(200);
  assert.equal(stage.label, "file live/slate.flv");
  const backup = stage.publish(SPARE);
  backup.push(Video, 0, interFrame(60, 9), stage.clock.now());
  await stage.pass(200);
  assert.equal(stage.label, "file live/slate.flv");
  stage.marks();
  stage.key(backup, 10);
  await stage.pass(200);
  assert.equal(stage.label, "stream live/cam-b");
  assert.deepEqual(stage.marks(), [10]);
  assert.equal(stage.open, 0);
  stage.key(stage.publish(), 2);
  assert.deepEqual(stage.marks(), [2]);
});

test("a file that is missing, empty or damaged gives way to the next, and viewers wait if there is none", async () => {
  const stage = new Stage("live/* file=live/none.flv file=live/empty.flv file=live/bad.mp4");
  stage.files.set("live/empty.flv", []);
  stage.files.set("live/bad.mp4", new Error("no disk"));
  const publisher = stage.publish();
  stage.watch();
  stage.key(publisher, 1);
  stage.leave(publisher);
  await stage.pass(2000);
  assert.equal(stage.open, 0);
  const stream = stage.hub.registry.get(CAM);
  assert.equal(stream?.live, true);
  await stage.pass(10_000);
  assert.equal(stage.hub.registry.get(CAM)?.live ?? false, false, "they are told in the end");
  assert.deepEqual(stage.faults.list(), []);
});

test("nothing is shown to nobody, to who watches what has no rule, or for who left on purpose", async () => {
  for (
    const [rule, watched, lost] of [
      ["live/* file=live/slate.flv", false, true],
      ["other/* file=live/slate.flv", true, true],
      ["live/* file=live/slate.flv lost", true, false],
    ] as const
  ) {
    const stage = new Stage(rule);
    const publisher = stage.publish();
    if (watched) stage.watch();
    stage.leave(publisher, lost);
    await stage.pass(100);
    assert.equal(stage.label, undefined, rule);
    assert.equal(stage.open, 0);
  }
});

test("it ends once nobody has watched for a while, and with the server", async () => {
  const stage = new Stage("live/* file=live/slate.flv");
  const publisher = stage.publish();
  const leave = stage.watch();
  stage.leave(publisher);
  await stage.pass(500);
  leave();
  await stage.pass(1500);
  assert.equal(stage.open, 1, "who comes back in time sees it on");
  stage.watch()();
  await stage.pass(5000);
  assert.equal(stage.open, 0);
  assert.equal(stage.hub.registry.get(CAM), undefined);
  const again = stage.publish();
  stage.watch();
  stage.leave(again);
  await stage.pass(500);
  assert.equal(stage.open, 1);
  stage.hub.shutdown();
  stage.service.stop();
  assert.equal(stage.open, 0);
});

test("streams that stand for each other, or a stream for itself, end in nothing worse than waiting", async () => {
  const stage = new Stage(
    "live/cam stream=live/cam-b",
    "live/cam-b stream=live/cam",
    "a/b stream=a/b",
  );
  const [one, two] = [stage.publish(), stage.publish(SPARE)];
  stage.watch();
  stage.key(one, 1);
  stage.key(two, 2);
  stage.leave(one);
  await stage.pass(100);
  assert.equal(stage.label, "stream live/cam-b");
  stage.leave(two);
  await stage.pass(10_000);
  assert.equal(stage.hub.registry.get(CAM)?.live ?? false, false);
  assert.deepEqual(stage.faults.list(), []);
});

test("a name that another server may have is asked for while something is shown", async () => {
  const stage = new Stage("live/* file=live/slate.flv");
  const asked: string[] = [];
  stage.hub.observe({ onWanted: ({ path }) => void asked.push(path.name) });
  const publisher = stage.publish();
  stage.watch();
  stage.leave(publisher);
  await stage.pass(8000);
  assert.deepEqual(asked, ["cam", "cam", "cam"], "every three seconds");
});

test("one timer looks after all streams, and none when there are none", async () => {
  const stage = new Stage("live/* stream=live/none");
  const [one, two] = [stage.publish(), stage.publish(SPARE)];
  const { pending } = stage.clock;
  stage.watch();
  stage.hub.registry.get(SPARE)!.tap({ stays: true, onFrame() {} }, 0);
  stage.leave(one);
  await stage.pass(100);
  assert.equal(stage.clock.pending, pending + 1);
  stage.leave(two);
  await stage.pass(100);
  assert.equal(stage.clock.pending, pending + 1);
  await stage.pass(10_000);
  assert.equal(stage.clock.pending, pending);
});

test("a file that cannot be closed is a fault of its own, and the publisher goes on", async () => {
  const stage = new Stage("live/* file=live/slate.flv");
  const publisher = stage.publish();
  stage.watch();
  stage.leave(publisher);
  await stage.pass(500);
  stage.closeFails = true;
  const back = stage.publish();
  stage.marks();
  stage.key(back, 2);
  assert.deepEqual(stage.marks(), [2]);
  back.push(Video, 40, interFrame(60, 3), stage.clock.now());
  assert.deepEqual(stage.marks(), [3]);
  assert.equal(stage.faults.list()[0]?.subsystem, "relay");
});

test("a publisher that comes and goes all the time opens no file that it does not close", async () => {
  const stage = new Stage("live/* stream=live/{name}-b file=live/slate.flv");
  let publisher = stage.publish();
  stage.watch();
  for (let round = 0; round < 200; round++) {
    stage.leave(publisher);
    if (round % 3 > 0) await stage.pass(round % 3 * 20);
    publisher = stage.publish();
    if (round % 2 === 0) stage.key(publisher, 1);
  }
  stage.key(publisher, 2);
  await stage.pass(1000);
  assert.equal(stage.open, 0);
  assert.equal(stage.label, undefined);
  assert.deepEqual(stage.faults.list(), []);
});

test("a file with a hole of an hour, times that go back, or everything at once is shown on", async () => {
  const picture = (time: number, mark: number): Message => [Video, time, keyFrame(60, mark)];
  const files: readonly (readonly Message[])[] = [
    [[Video, 0, VIDEO_HEADER], picture(0, 1), picture(3_600_000, 2), picture(3_600_040, 3)],
    [[Video, 0, VIDEO_HEADER], picture(5000, 1), picture(0, 2), picture(5040, 3)],
    [[Video, 0, VIDEO_HEADER], ...Array.from({ length: 5000 }, () => picture(0, 1))],
  ];
  for (const file of files) {
    const stage = new Stage("live/* file=live/odd.flv");
    stage.files.set("live/odd.flv", file);
    const publisher = stage.publish();
    stage.watch();
    stage.leave(publisher);
    await stage.pass(8000);
    const seen = stage.marks().length;
    assert.ok(seen > 3 && seen < 200_000, `${seen} pictures`);
    assert.deepEqual(stage.faults.list(), []);
    stage.key(stage.publish(), 9);
    assert.equal(stage.open, 0);
  }
});

test("so many streams have something shown at once, and for the others the publishers are waited for", () => {
  const stage = new Stage("live/* file=live/slate.flv");
  let stood = 0;
  const stream = (name: string) =>
    ({
      ...{ app: "live", name, watched: true },
      standFor: () => {
        stood++;
        return { end() {} };
      },
    }) as unknown as LiveStream;
  for (let index = 0; index < 1001; index++) stage.service.onLeft(stream(`s${index}`), "lost");
  assert.equal(stood, 1000);
  stage.service.stop();
  stage.service.onLeft(stream("late"), "lost");
  assert.equal(stood, 1000, "nor is anything shown once the server stops");
});

test("viewers are sent away when nothing could be shown for as long as a publisher is waited for", async () => {
  const stage = new Stage("live/* file=live/none.flv");
  const publisher = stage.publish();
  stage.watch();
  stage.key(publisher, 1);
  stage.leave(publisher);
  await stage.pass(4980);
  assert.equal(stage.hub.registry.get(CAM)?.live, true);
  await stage.pass(1040);
  assert.equal(stage.hub.registry.get(CAM)?.live ?? false, false);
});

test("it is shown to nobody for three seconds, and then ends", async () => {
  const stage = new Stage("live/* file=live/slate.flv");
  const publisher = stage.publish();
  const leave = stage.watch();
  stage.leave(publisher);
  leave();
  await stage.pass(2980);
  assert.equal(stage.open, 1);
  await stage.pass(40);
  assert.equal(stage.open, 0);
});

test("files are opened by their names, those of FLV and of MP4", async () => {
  for (
    const [path, key, container] of [
      ["a/b/slate.mp4", { app: "a/b", name: "slate" }, "mp4"],
      ["slate.flv", { app: "", name: "slate" }, "flv"],
    ] as const
  ) {
    const hub = { observe() {} } as unknown as Hub;
    const asked: unknown[] = [];
    const clock = new FakeClock();
    const service = new FallbackService({
      ...{ hub, runtime: { clock }, faults: new Faults(() => 0) },
      config: {
        rules: [readFallbackRule(`live/* file=${path}`) as Exclude<
          ReturnType<typeof readFallbackRule>,
          string
        >],
        ...{ windowMs: 5000, idleMs: 3000 },
      },
      recordings: {
        open: (file) => {
          asked.push(file);
          return Promise.resolve("missing");
        },
      },
    });
    const stream = { ...CAM, watched: true, standFor: () => ({ end() {} }) };
    service.onLeft(stream as unknown as LiveStream, "lost");
    clock.advance(0);
    await settle();
    assert.deepEqual(asked, [{ ...key, container }]);
    service.stop();
  }
});

test("a file that cannot be opened in time gives way to the next, and is closed when it is after all", async () => {
  const stage = new Stage("live/cam file=live/stuck.flv file=live/slate.flv");
  const answer = Promise.withResolvers<void>();
  stage.opening = (path) => path === "live/stuck.flv" ? answer.promise : Promise.resolve();
  stage.files.set("live/stuck.flv", FILE);
  const publisher = stage.publish();
  stage.watch();
  stage.key(publisher, 1);
  stage.leave(publisher);
  await stage.pass(4000);
  assert.equal(stage.label, undefined);
  await stage.pass(2000);
  assert.equal(stage.label, "file live/slate.flv");
  answer.resolve();
  await stage.pass(200);
  assert.equal(stage.label, "file live/slate.flv");
  assert.equal(stage.open, 1, "the one that is shown");
  assert.deepEqual(stage.faults.list(), []);
});

test("where no file can be opened in time viewers wait as without one, and no longer", async () => {
  const stage = new Stage("live/cam file=live/slate.flv");
  stage.opening = () => new Promise(() => {});
  const publisher = stage.publish();
  stage.watch();
  stage.leave(publisher);
  await stage.pass(9000);
  assert.ok(stage.hub.registry.get(CAM));
  await stage.pass(3000);
  assert.equal(stage.hub.registry.get(CAM), undefined);
  stage.service.stop();
  stage.hub.close();
  assert.equal(stage.clock.pending, 0);
});
