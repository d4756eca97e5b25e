// The constants of SHA-2 (FIPS 180-4 sections 4.2.2, 4.2.3, 5.3): calculated, so that nobody must trust a table.

const PRIMES = primes(80);

/** Return the first 64 bits of the fractional part of the square roots (degree 2) or cube roots (3) of primes. */
export function fractions(degree, count) {
  const power = BigInt(degree);
  return PRIMES.slice(0, count).map((prime) => root(prime << (64n * power), power) & 0xffffffffffffffffn);
}

/** Return the first 32 bits of the same. */
export function shortFractions(degree, count) {
  return fractions(degree, count).map((bits) => Number(bits >> 32n));
}

function primes(count) {
  const found = [];
  for (let n = 2n; found.length < count; n++) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

// The whole part of a root, by halving the interval in which it lies.
function root(value, power) {
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
}
