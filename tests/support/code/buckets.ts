/**
 * How full buckets get when credentials are spread over them at random: the
 * arithmetic behind the tables of `wasm/SPEC.md`.
 *
 * @module
 */

/**
 * The median size of the fullest of `buckets` buckets among which `seeds`
 * seeds were spread at random: the largest m with
 * `buckets · P(X ≥ m) ≥ ln 2`, X being Poisson with mean seeds/buckets. For
 * independent buckets P(all < m) = (1 − P(X ≥ m))^buckets, so the fullest
 * reaches m with probability one half exactly there.
 */
export function fullestBucket(seeds: number, buckets: number): number {
  const mean = seeds / buckets;
  const reached = (m: number) =>
    Math.log(buckets) + logPoissonTail(m, mean) >= Math.log(Math.LN2);
  let low = Math.floor(mean);
  let high = low + 10 + Math.ceil(20 * Math.sqrt(mean));
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (reached(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** ln P(X ≥ m) for a Poisson X and m at or above its mean. */
function logPoissonTail(m: number, mean: number): number {
  const first = m * Math.log(mean) - mean - logFactorial(m);
  let sum = 0;
  for (let term = 1, k = m; term > sum * 1e-16; k++) {
    sum += term;
    term *= mean / (k + 1);
  }
  return first + Math.log(sum);
}

/** ln n!, summed up to 100, by Stirling's series above (error < 1e-13). */
function logFactorial(n: number): number {
  if (n > 100) {
    return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) -
      1 / (360 * n ** 3);
  }
  let sum = 0;
  for (let k = 2; k <= n; k++) sum += Math.log(k);
  return sum;
}

/** One row of the page's table of sizes, every cell as it is printed there. */
export function sizesRow(customers: number, bucketDigits: number): string[] {
  const tagDigits = 15 - bucketDigits;
  const mean = customers / 10 ** bucketDigits;
  const fullest = fullestBucket(customers, 10 ** bucketDigits);
  return [
    grouped(customers),
    String(bucketDigits),
    String(tagDigits),
    grouped(mean),
    grouped(fullest),
    odds(customers * 3 / 1e15),
    duration(mean * 3 / 6e6),
    duration(fullest * 3 / 6e6),
  ];
}

function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Two significant digits: 3.0e-9 is written 3.0 × 10⁻⁹. */
function odds(p: number): string {
  if (p === 0) return "0";
  const [mantissa, exponent] = p.toExponential(1).split("e-");
  const superscript = [...exponent!].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]).join(
    "",
  );
  return `${mantissa} × 10⁻${superscript}`;
}

function duration(seconds: number): string {
  const digits = (n: number) => n < 10 ? n.toFixed(1) : n.toFixed(0);
  return seconds < 1e-3
    ? `${digits(seconds * 1e6)} µs`
    : `${digits(seconds * 1e3)} ms`;
}
