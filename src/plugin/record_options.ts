/**
 * Reads how somebody wants a stream recorded: a plugin in its answer, an operator in a request.
 *
 * @module
 */
import * as v from "valibot";
import { fileNameMistake } from "../recordings/file_name.ts";
import {
  MAX_SEGMENT_BYTES,
  MAX_SEGMENT_MS,
  RECORD_FORMATS,
  type RecordWish,
} from "../recordings/record_wish.ts";

const format = v.picklist(RECORD_FORMATS);

const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));

/** `RecordOptions`, and nothing else. */
export const RecordOptionsShape = v.strictObject({
  format: v.optional(v.union([format, v.pipe(v.array(format), v.minLength(1), v.maxLength(2))])),
  file: v.optional(v.pipe(
    v.string(),
    v.check(
      (template) => fileNameMistake(template) === undefined,
      "must be a template of file names",
    ),
  )),
  segmentMs: v.optional(upTo(MAX_SEGMENT_MS)),
  segmentBytes: v.optional(upTo(MAX_SEGMENT_BYTES)),
});

/** Whether and how to record; `undefined` when the value says nothing that can be meant. */
export function readRecordWish(value: unknown): RecordWish | undefined {
  if (typeof value === "boolean" || value === "asked") return value;
  if (Array.isArray(value)) return undefined;
  const result = v.safeParse(RecordOptionsShape, value);
  return result.success ? result.output : undefined;
}
