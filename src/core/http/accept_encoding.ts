/**
 * What a client says of compressed answers [RFC 9110 §12.5.3].
 *
 * @module
 */

/** Weights that mean "not at all". */
const NEVER = /^q=0(?:\.0*)?$/i;

/** Whether a client reads gzip. `accept`: the header of its request. Who says nothing of it is not asked to. */
export function acceptsGzip(accept: string | null | undefined): boolean {
  return (accept ?? "").split(",").some((one) => {
    const [name = "", ...parameters] = one.split(";").map((part) => part.trim());
    return /^(?:x-)?gzip$/i.test(name) && !parameters.some((parameter) => NEVER.test(parameter));
  });
}
