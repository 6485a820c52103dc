/**
 * The error function to about one unit in the last place: the everywhere convergent series
 * 2/√π · e^(-x²) · Σ 2^n x^(2n+1) / (1·3·…·(2n+1)) up to 3, the continued fraction of its complement beyond
 * (Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.6 and 7.1.14).
 */
export function errorFunction(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || magnitude > 6) return x > 0 ? 1 : x < 0 ? -1 : x;
  const value = magnitude < 3 ? series(magnitude) : 1 - complement(magnitude);
  return x < 0 ? -value : value;
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function complement(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
