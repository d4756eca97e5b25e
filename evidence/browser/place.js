// Where a leaf stands over all epochs of a log: those of a later epoch stand behind.

const BITS = 40n; // of a place below its epoch: no log holds 2^40 leaves

export const UNPLACED = -1n;

/** Return the place of a leaf. */
export function of(origin, index) {
  const most = (1n << BITS) - 1n;
  return (BigInt(epoch(origin)) << BITS) + (BigInt(index) < most ? BigInt(index) : most);
}

/** Return the index in its own log of what stands at this place. */
export function indexOf(place) {
  return place & ((1n << BITS) - 1n);
}

/** Return the epoch of what stands at this place. */
export function epochOf(place) {
  return place >> BITS;
}

/** Return the epoch of a log. */
export function epoch(origin) {
  return Number(origin.slice(origin.lastIndexOf("/") + 1));
}
