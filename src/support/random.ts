/** Seeded generator (xoshiro128**, Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021). */
export class Random {
  private readonly state: Uint32Array;

  public constructor(seed: number) {
    // SplitMix32 spreads the seed over the state, so that seeds 0, 1, 2 … give unrelated streams.
    this.state = new Uint32Array(4);
    let mix = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      mix = (mix + 0x9e3779b9) >>> 0;
      let word = mix;
      word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.state[index] = (word ^ (word >>> 15)) >>> 0;
    }
  }

  /** Uniform unsigned 32-bit integer. */
  public next(): number {
    const state = this.state;
    const [first, second, third, fourth] = [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 0];
    const product = Math.imul(second, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const third2 = third ^ first;
    const fourth2 = fourth ^ second;
    state[1] = second ^ third2;
    state[0] = first ^ fourth2;
    state[2] = third2 ^ (second << 9);
    state[3] = (fourth2 << 11) | (fourth2 >>> 21);
    return result;
  }

  /** Uniform in [0, 1) with 32 bits. */
  public uniform(): number {
    return this.next() / 4294967296;
  }

  /** Uniform integer in [low, high], both included; the bias of the modulo is below 2^-20 for spans under 4096. */
  public integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** Uniform big integer in [low, high], both included, by rejection. */
  public bigint(low: bigint, high: bigint): bigint {
    const span = high - low;
    const words = Math.max(1, Math.ceil(span.toString(2).length / 32));
    const mask = (1n << BigInt(span.toString(2).length)) - 1n;
    for (;;) {
      let value = 0n;
      for (let word = 0; word < words; word++) value = (value << 32n) | BigInt(this.next());
      value &= mask;
      if (value <= span) return low + value;
    }
  }

  /** The integer that `bigint` would give, for a span below 2^53, without big integers. */
  public safeInteger(low: number, high: number): number {
    const span = high - low;
    if (span < 4294967296) {
      const mask = span === 0 ? 1 : 0xffffffff >>> Math.clz32(span);
      for (;;) {
        const value = (this.next() & mask) >>> 0;
        if (value <= span) return low + value;
      }
    }
    const mask = 0xffffffff >>> Math.clz32(Math.floor(span / 4294967296));
    for (;;) {
      const upper = (this.next() & mask) >>> 0;
      const value = upper * 4294967296 + this.next();
      if (value <= span) return low + value;
    }
  }

  public pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.integer(0, choices.length - 1)] ?? choices[0];
  }
}
