/**
 * A reader of media playlists of its own, and what has to hold of one playlist after another: the rules
 * of RFC 8216bis, read for servers. It shares no code with what writes the playlists.
 *
 * @module
 */
import assert from "node:assert/strict";

/** A part as it is listed. */
export interface ListedPart {
  readonly uri: string;
  readonly duration: number;
  readonly independent: boolean;
}

/** A segment as it is listed; without a name, it is not whole. */
export interface ListedSegment {
  readonly msn: number;
  readonly uri: string | undefined;
  readonly duration: number;
  readonly discontinuity: boolean;
  readonly discontinuitySequence: number;
  readonly map: string | undefined;
  readonly programTime: number | undefined;
  readonly parts: readonly ListedPart[];
}

/** A media playlist. */
export interface Playlist {
  readonly version: number;
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly partTarget: number | undefined;
  readonly control: ReadonlyMap<string, string>;
  readonly type: string | undefined;
  readonly independent: boolean;
  readonly ended: boolean;
  readonly skipped: number;
  readonly hint: string | undefined;
  readonly reports: readonly ReadonlyMap<string, string>[];
  /** Whole ones, those that a delta update skips left out. */
  readonly segments: readonly ListedSegment[];
  /** Parts of the segment that is not whole. */
  readonly open: ListedSegment | undefined;
}

/** Texts whose attributes are known: most lines of a playlist are those of the one before. */
const known = new Map<string, ReadonlyMap<string, string>>();

/** Attributes of a tag [RFC 8216bis §4.2]. */
export function attributes(text: string): ReadonlyMap<string, string> {
  const before = known.get(text);
  if (before !== undefined) return before;
  const read = readAttributes(text);
  if (known.size > 10_000) known.clear();
  known.set(text, read);
  return read;
}

function readAttributes(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^,]*)(?:,|$)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    assert.ok(match !== null, `attributes of "${text}"`);
    assert.ok(!found.has(match[1]!), `${match[1]} is there once`);
    found.set(match[1]!, match[2]!.replace(/^"|"$/g, ""));
  }
  return found;
}

/** Tags that stand once for the whole playlist. */
const ONCE = new Set([
  ...["#EXT-X-VERSION", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-ENDLIST"],
  ...["#EXT-X-DISCONTINUITY-SEQUENCE", "#EXT-X-PART-INF", "#EXT-X-SERVER-CONTROL"],
  ...["#EXT-X-PLAYLIST-TYPE", "#EXT-X-SKIP", "#EXT-X-INDEPENDENT-SEGMENTS"],
]);

interface Building {
  uri: string | undefined;
  duration: number;
  discontinuity: boolean;
  map: string | undefined;
  programTime: number | undefined;
  parts: ListedPart[];
}

/** Reads a playlist. @throws {AssertionError} where it is none */
export function readPlaylist(text: string): Playlist {
  assert.ok(text.endsWith("\n"), "the last line ends");
  const lines = text.split("\n").slice(0, -1);
  assert.equal(lines[0], "#EXTM3U");
  const single = new Map<string, string>();
  const segments: ListedSegment[] = [];
  const reports: ReadonlyMap<string, string>[] = [];
  const hints: string[] = [];
  let map: string | undefined;
  const fresh = (): Building => ({
    ...{ uri: undefined, duration: 0, discontinuity: false, map },
    ...{ programTime: undefined, parts: [] },
  });
  let next = fresh();
  let begun = false;
  let skipped = 0;
  let first = 0;
  let discontinuities = 0;
  const finish = (): ListedSegment => ({
    ...next,
    msn: first + skipped + segments.length,
    discontinuitySequence: discontinuities + (next.discontinuity ? 1 : 0),
  });
  for (const line of lines.slice(1)) {
    assert.notEqual(line, "");
    const colon = line.startsWith("#EXT") ? line.indexOf(":") : 0;
    const tag = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1);
    if (ONCE.has(tag)) {
      assert.ok(!single.has(tag), `${tag} is there once`);
      single.set(tag, value);
    }
    if (tag === "#EXT-X-MEDIA-SEQUENCE") first = Number(value);
    else if (tag === "#EXT-X-DISCONTINUITY-SEQUENCE") discontinuities = Number(value);
    else if (tag === "#EXT-X-SKIP") skipped = Number(attributes(value).get("SKIPPED-SEGMENTS"));
    else if (tag === "#EXT-X-DISCONTINUITY") next.discontinuity = begun = true;
    else if (tag === "#EXT-X-MAP") next.map = map = attributes(value).get("URI");
    else if (tag === "#EXT-X-PROGRAM-DATE-TIME") next.programTime = Date.parse(value);
    else if (tag === "#EXT-X-PART") {
      const part = attributes(value);
      begun = true;
      next.parts.push({
        uri: part.get("URI")!,
        duration: Number(part.get("DURATION")),
        independent: part.get("INDEPENDENT") === "YES",
      });
    } else if (tag === "#EXTINF") {
      next.duration = Number(/^(\d+(?:\.\d+)?),$/.exec(value)![1]);
      begun = true;
    } else if (tag === "#EXT-X-RENDITION-REPORT") reports.push(attributes(value));
    else if (tag === "#EXT-X-PRELOAD-HINT") {
      const hint = attributes(value);
      assert.equal(hint.get("TYPE"), "PART");
      hints.push(hint.get("URI")!);
    } else if (!line.startsWith("#")) {
      next.uri = line;
      const segment = finish();
      segments.push(segment);
      discontinuities = segment.discontinuitySequence;
      next = fresh();
      begun = false;
    } else assert.ok(ONCE.has(tag), `${line} is a tag that is known`);
  }
  assert.ok(hints.length <= 1, "there is one hint of a part");
  const inf = single.get("#EXT-X-PART-INF");
  return {
    version: Number(single.get("#EXT-X-VERSION") ?? 1),
    targetDuration: Number(single.get("#EXT-X-TARGETDURATION")),
    mediaSequence: first,
    discontinuitySequence: Number(single.get("#EXT-X-DISCONTINUITY-SEQUENCE") ?? 0),
    partTarget: inf === undefined ? undefined : Number(attributes(inf).get("PART-TARGET")),
    control: attributes(single.get("#EXT-X-SERVER-CONTROL") ?? ""),
    type: single.get("#EXT-X-PLAYLIST-TYPE"),
    independent: single.has("#EXT-X-INDEPENDENT-SEGMENTS"),
    ended: single.has("#EXT-X-ENDLIST"),
    skipped,
    hint: hints[0],
    reports,
    segments,
    open: begun ? finish() : undefined,
  };
}

/** Times are written with five digits behind the point. */
const EXACT = 0.000_02;

/** What one playlist has to be. @throws {AssertionError} */
export function validatePlaylist(list: Playlist): void {
  const { targetDuration, partTarget, control } = list;
  assert.ok(Number.isInteger(targetDuration) && targetDuration > 0, "there is a Target Duration");
  const usesMap = list.segments.some(({ map }) => map !== undefined);
  assert.ok(list.version >= (list.skipped > 0 ? 9 : usesMap ? 6 : 3), `version ${list.version}`);
  for (const { duration, uri, msn } of list.segments) {
    assert.ok(
      Math.round(duration) <= targetDuration,
      `segment ${msn} of ${duration} s is too long`,
    );
    assert.match(uri!, /^[\w.-]+$/);
  }
  if (partTarget === undefined) {
    assert.equal(list.hint, undefined);
    assert.equal(list.open, undefined);
  } else {
    const holdBack = Number(control.get("PART-HOLD-BACK"));
    assert.ok(holdBack >= 2 * partTarget, `PART-HOLD-BACK ${holdBack} of ${partTarget}`);
    validateParts(list, partTarget);
    if (!list.ended) assert.ok(list.hint !== undefined, "the next part is hinted at");
  }
  const skipUntil = control.get("CAN-SKIP-UNTIL");
  if (skipUntil !== undefined) assert.ok(Number(skipUntil) >= 6 * targetDuration);
  if (list.skipped > 0) {
    const rest = list.segments.reduce((sum, { duration }) => sum + duration, 0);
    assert.ok(
      rest + EXACT >= Number(skipUntil) - targetDuration - 1,
      "only what is old is skipped",
    );
  }
  validateTimes(list);
}

function validateParts({ segments, open, targetDuration }: Playlist, partTarget: number): void {
  let behind = open === undefined ? 0 : sum(open.parts);
  for (const segment of [...segments].reverse()) {
    const { parts, duration, msn } = segment;
    if (parts.length > 0) {
      assert.ok(
        Math.abs(sum(parts) - duration) < EXACT * parts.length,
        `parts of ${msn} make it up`,
      );
    }
    behind += duration;
    // Removed when further than three Target Durations from the end.
    if (behind - duration > 3 * targetDuration + EXACT) {
      assert.equal(parts.length, 0, `parts of ${msn}`);
    }
  }
  for (const segment of [...segments, ...(open === undefined ? [] : [open])]) {
    for (const [index, { duration, uri, independent }] of segment.parts.entries()) {
      assert.ok(
        duration <= partTarget + EXACT,
        `${uri} of ${duration} s is longer than PART-TARGET`,
      );
      const last = segment !== open && index === segment.parts.length - 1;
      if (last || independent) continue;
      if (duration < 0.85 * partTarget - EXACT) assert.fail(`${uri} of ${duration} s is too short`);
    }
  }
}

function validateTimes({ segments, open }: Playlist): void {
  const all = open === undefined ? segments : [...segments, open];
  for (const [index, { programTime, discontinuity, msn }] of all.entries()) {
    assert.ok(programTime !== undefined, `segment ${msn} has a date`);
    const before = all[index - 1];
    if (before === undefined) continue;
    const due = before.programTime! + 1000 * before.duration;
    if (discontinuity) assert.ok(programTime > due - 1000, "dates do not go back");
    else {assert.ok(
        Math.abs(programTime - due) <= 2,
        `the date of ${msn} follows from the one before`,
      );}
  }
}

function sum(parts: readonly ListedPart[]): number {
  return parts.reduce((all, { duration }) => all + duration, 0);
}

/** What holds from one version of a playlist to the next. */
export class PlaylistWatch {
  #last: Playlist | undefined;
  /** All that was ever listed, by name. */
  readonly #parts = new Map<string, string>();
  readonly #segments = new Map<number, ListedSegment>();
  readonly #hints: string[] = [];
  /** The newest part that was listed, in order. */
  #order: string[] = [];
  polls = 0;

  /** The newest version that was seen in full. */
  get last(): Playlist | undefined {
    return this.#last;
  }

  /** Looks at the next version; a delta update is held against what is known. */
  see(text: string): Playlist {
    const list = readPlaylist(text);
    this.polls++;
    validatePlaylist(list);
    const last = this.#last;
    if (last !== undefined) this.#compare(last, list);
    this.#remember(list);
    if (list.skipped === 0) this.#last = list;
    return list;
  }

  #compare(last: Playlist, list: Playlist): void {
    assert.equal(list.targetDuration, last.targetDuration, "the Target Duration never changes");
    assert.equal(list.partTarget, last.partTarget, "PART-TARGET never changes");
    assert.deepEqual([...list.control], [...last.control], "nor does what the server can do");
    assert.ok(list.mediaSequence >= last.mediaSequence, "numbers only rise");
    assert.ok(list.discontinuitySequence >= last.discontinuitySequence);
    assert.ok(!last.ended || list.ended, "what has ended goes on no more");
    const removed = last.segments.filter(({ msn }) => msn < list.mediaSequence);
    if (removed.length > 0 && !list.ended) {
      for (const { msn } of removed) this.#segments.delete(msn);
      const kept = [...this.#segments.values()].filter(({ msn }) => msn >= list.mediaSequence);
      const rest = kept.reduce((all, { duration }) => all + duration, 0) +
        list.segments.reduce(
          (all, one) => all + (this.#segments.has(one.msn) ? 0 : one.duration),
          0,
        );
      assert.ok(rest + EXACT >= 3 * list.targetDuration, `only ${rest} s are left`);
    }
  }

  #remember(list: Playlist): void {
    for (const segment of list.segments) this.#rememberSegment(segment);
    for (
      const { parts, msn } of [...list.segments, ...(list.open === undefined ? [] : [list.open])]
    ) {
      for (const { uri, duration, independent } of parts) {
        const said = `${msn} ${duration} ${independent}`;
        const before = this.#parts.get(uri);
        if (before === undefined) {
          this.#parts.set(uri, said);
          this.#order.push(uri);
        } else if (said !== before) assert.equal(said, before, `${uri} is what it was`);
      }
    }
    if (list.hint !== undefined && this.#hints.at(-1) !== list.hint) this.#hints.push(list.hint);
  }

  #rememberSegment(segment: ListedSegment): void {
    const { parts: _, ...said } = segment;
    const earlier = this.#segments.get(segment.msn);
    if (earlier === undefined) {
      return void this.#segments.set(segment.msn, { ...segment, parts: [] });
    }
    const { parts: __, ...before } = earlier;
    // A delta update may leave out the tag that a map was named with.
    for (const key of Object.keys(said) as (keyof typeof said)[]) {
      if (key !== "map") assert.equal(said[key], before[key], `${key} of ${segment.msn} stays`);
    }
  }

  /** Every hint came true, the last one excepted; no part came that was not hinted at, but the first. */
  assertHintsCameTrue(): void {
    for (const hint of this.#hints.slice(0, -1)) {
      assert.ok(this.#parts.has(hint), `${hint} was promised and did not come`);
    }
  }

  /** Parts that were listed, in order. */
  get parts(): readonly string[] {
    return this.#order;
  }

  /** A delta update and the whole playlist of the same moment say the same. */
  assertDelta(delta: string, whole: string): void {
    const [few, all] = [readPlaylist(delta), readPlaylist(whole)];
    assert.equal(few.mediaSequence, all.mediaSequence);
    assert.equal(few.skipped + few.segments.length, all.segments.length);
    const rest = all.segments.slice(few.skipped);
    const bare = (segments: readonly ListedSegment[]) =>
      segments.map((one) => ({ ...one, map: 0 }));
    const shift =
      all.segments.slice(0, few.skipped).filter(({ discontinuity }) => discontinuity).length;
    assert.deepEqual(
      bare(few.segments).map((one) => ({
        ...one,
        discontinuitySequence: one.discontinuitySequence + shift,
      })),
      bare(rest),
    );
    assert.deepEqual(few.open?.parts, all.open?.parts);
    assert.deepEqual([few.hint, few.ended], [all.hint, all.ended]);
  }
}
