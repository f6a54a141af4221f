/**
 * Recordings as the control API shows them.
 *
 * @module
 */
import type { List, Page, RecordingView } from "../http/mod.ts";
import type { Recordings } from "../service/record/mod.ts";

/** A page of the recordings that there are, those under way first. */
export function recordingList(
  { underWay, finished }: Recordings,
  { limit, offset }: Page,
): List<RecordingView> {
  const total = underWay.length + finished.length;
  return { items: page(), total };

  function* page(): Iterable<RecordingView> {
    for (let index = offset; index < Math.min(total, offset + limit); index++) {
      const one = underWay[index];
      if (one !== undefined) {
        const { file = null, format, bytes, durationMs, app, name, source, omitted } = one;
        yield {
          ...{ file, format, state: "recording", bytes, durationMs, changedAt: null },
          ...{ app, name, source, omittedFrames: omitted },
        };
        continue;
      }
      const { path, format, size, modified } = finished[index - underWay.length]!;
      yield {
        ...{ file: path, format, state: "finished", bytes: size, durationMs: null },
        changedAt: new Date(modified).toISOString(),
        ...{ app: null, name: null, source: null, omittedFrames: null },
      };
    }
  }
}
