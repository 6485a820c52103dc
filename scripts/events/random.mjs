// Seeded random numbers for the event generator. Every event has generators of its own, made from the seed, the process
// and its number, so that event 1,000,000 does not depend on how the 999,999 before it were made or which were asked for.

/** One round of SplitMix32's finaliser. */
function scramble(word) {
  let mixed = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), with distributions. */
export class Random {
  /** @param {...number} words integers that name the stream: any change of any of them gives an unrelated one. */
  constructor(...words) {
    let mix = 0;
    for (const word of words) mix = scramble((mix + 0x9e3779b9 + scramble(word >>> 0)) >>> 0);
    const next = () => scramble((mix = (mix + 0x9e3779b9) >>> 0));
    this.first = next();
    this.second = next();
    this.third = next();
    this.fourth = next();
    this.spare = NaN;
  }

  /** Uniform unsigned 32-bit integer. */
  next() {
    const product = Math.imul(this.second, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const third = this.third ^ this.first;
    const fourth = this.fourth ^ this.second;
    const shifted = this.second << 9;
    this.second ^= third;
    this.first ^= fourth;
    this.third = third ^ shifted;
    this.fourth = (fourth << 11) | (fourth >>> 21);
    return result;
  }

  /** Uniform in (0, 1): never the ends, so that logarithms are finite. */
  uniform() {
    return (this.next() + 0.5) / 4294967296;
  }

  between(low, high) {
    return low + (high - low) * this.uniform();
  }

  chance(probability) {
    return this.uniform() < probability;
  }

  sign() {
    return this.uniform() < 0.5 ? -1 : 1;
  }

  /** An azimuth in (-π, π). */
  azimuth() {
    return this.between(-Math.PI, Math.PI);
  }

  /** Marsaglia's polar method. */
  normal(mean = 0, deviation = 1) {
    let value = this.spare;
    this.spare = NaN;
    while (Number.isNaN(value)) {
      const horizontal = 2 * this.uniform() - 1;
      const vertical = 2 * this.uniform() - 1;
      const square = horizontal * horizontal + vertical * vertical;
      if (square >= 1) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = vertical * factor;
      value = horizontal * factor;
    }
    return mean + deviation * value;
  }

  exponential(mean) {
    return -mean * Math.log(this.uniform());
  }

  /** Knuth's product of uniforms: for means below some hundreds. */
  poisson(mean) {
    if (mean <= 0) return 0;
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }

  /** dN/dx ∝ x^-(index+1) above the minimum. */
  powerLaw(minimum, index) {
    return minimum * Math.exp(-Math.log(this.uniform()) / index);
  }

  /** Momentum of a recoiling system: dN/dp ∝ p/(p² + scale²)^power, by inversion; peaks near scale/√(2 power - 1). */
  recoil(scale, power) {
    return scale * Math.sqrt(Math.exp(-Math.log(this.uniform()) / (power - 1)) - 1);
  }

  /** A mass from a Breit-Wigner (Cauchy) shape between two limits. */
  breitWigner(mass, width, low, high) {
    const from = Math.atan((2 * (low - mass)) / width);
    const to = Math.atan((2 * (high - mass)) / width);
    return mass + 0.5 * width * Math.tan(this.between(from, to));
  }
}
