/**
 * Points in time, as people write them for commands.
 *
 * @module
 */

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `90s`, `30m`, `12h`, `90d` from `now` (ms since 1970) on, or a date, as ms since 1970.
 *
 * @throws {Error} for what is no time to come
 */
export function timeToCome(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const at = count === undefined ? Date.parse(text) : now + Number(count) * UNITS[unit!]!;
  if (at > now && at < 8.64e15) return at;
  throw new Error("--expires: expected 30m, 12h, 90d, or a date that is to come");
}
