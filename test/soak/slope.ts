/**
 * A line through points.
 *
 * @module
 */

/** The line of least squares through points. */
export interface Line {
  readonly slope: number;
  /** Share of the variance that the line explains, 0 to 1. */
  readonly r2: number;
}

/** @param points at least two, with different `x` */
export function leastSquares(points: readonly (readonly [x: number, y: number])[]): Line {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([x]) => x), mean(([, y]) => y)];
  const xx = mean(([px]) => (px - x) ** 2);
  const yy = mean(([, py]) => (py - y) ** 2);
  const xy = mean(([px, py]) => (px - x) * (py - y));
  return { slope: xy / xx, r2: yy === 0 ? 1 : xy * xy / (xx * yy) };
}
