/**
 * Mends a fault of mpegts.js 1.8.2 in its text, as it is served: of a key frame of AV1 it takes 8 numbers for
 * read that only other frames have (AV1 specification 5.9.2, `ref_order_hint`), so that what follows is not in its
 * place. With every other key frame of encoders such as SVT-AV1 it then throws, and the picture stands still.
 *
 * @module
 */

/** What the library asks before it reads the numbers, and what it should; `_` is that the frame is an intra frame. */
const [WRONG, RIGHT] = ["(_||255!==g)&&u&&", "(!_||255!==g)&&u&&"] as const;

/** The text with the fault mended; one in which it does not stand is left as it is. */
export function withMends(text: string): string {
  return text.replace(WRONG, RIGHT);
}
