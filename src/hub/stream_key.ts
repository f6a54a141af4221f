/**
 * What streams are known by.
 *
 * @module
 */
/** The path of a stream, as the registry keys it. */
export interface StreamKey {
  /** Application; `""` of a name without one. */
  readonly app: string;
  /** Name in the application. */
  readonly name: string;
}

/** The same as text. */
export function keyOf(path: StreamKey): string {
  return `${path.app}/${path.name}`;
}
