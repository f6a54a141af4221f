/**
 * Width and height of a picture.
 *
 * @module
 */
import { plausibleDimension } from "./plausible.ts";

/** Width and height of a picture, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A size, `undefined` when one of its sides cannot be. */
export function pictureSize(codedWidth: unknown, codedHeight: unknown): PictureSize | undefined {
  const width = plausibleDimension(codedWidth);
  const height = plausibleDimension(codedHeight);
  return width === undefined || height === undefined ? undefined : { width, height };
}
