/**
 * Who makes room where anybody may take places, and there is none left.
 *
 * @module
 */

/**
 * Of `places` the first one of who has most of them, with the one that `address` wants counted as his: so who takes
 * many places loses them to others, and no others theirs to him.
 *
 * @param places with the address of who has each, the oldest first
 * @returns none where everybody has but one
 */
export function placeToGiveUp<Place>(
  places: Iterable<readonly [place: Place, address: string]>,
  address: string,
): Place | undefined {
  const counts = new Map<string, number>([[address, 1]]);
  const firsts = new Map<string, Place>();
  let most = 1;
  let found: Place | undefined;
  for (const [place, owner] of places) {
    const count = (counts.get(owner) ?? 0) + 1;
    counts.set(owner, count);
    if (!firsts.has(owner)) firsts.set(owner, place);
    if (count <= most) continue;
    most = count;
    found = firsts.get(owner);
  }
  return found;
}
