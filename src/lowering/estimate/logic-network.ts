declare const brand: unique symbol;
/** A bit: twice the number of a net, plus one where it is inverted. Net 0 is the constant, so 0 is false and 1 is true. */
export type Bit = number & { readonly [brand]: 'Bit' };

export const FALSE = 0 as Bit;
export const TRUE = 1 as Bit;

/** Two bits as one number: no network has 2^26 of them. */
const PAIR = 2 ** 26;

export function inverse(bit: Bit): Bit {
  return (bit ^ 1) as Bit;
}

export function isConstantBit(bit: Bit): boolean {
  return bit < 2;
}

/** A bit that a cell other than a look-up table reads, so that it has to stand on a wire in this polarity. */
export interface Demand {
  readonly bit: Bit;
  readonly owner: number;
  /** The propagate input of a carry cell: its table takes no site of its own. */
  readonly onCarry: boolean;
}

/** What else than tables the network holds, by owner. */
export interface CarryCount {
  /** Positions of carry chains that are used. */
  bits: number;
  /** Blocks of four positions. */
  blocks: number;
}

/**
 * Logic as bits, small gates and carry chains. Of a gate only its inputs matter: a look-up table holds any function of
 * six bits, so that counting tables needs no truth tables. Whoever makes gates names their owner first, which is what
 * the tables are charged to.
 */
export class LogicNetwork {
  /** Inputs of gate n: gateInputs[firstInput[n]] … gateInputs[firstInput[n + 1] - 1], as nets; none for sources. */
  public readonly firstInput: number[] = [0, 0];
  public readonly gateInputs: number[] = [];
  public readonly ownerOf: number[] = [0];
  public readonly demands: Demand[] = [];
  public readonly carries: CarryCount[] = [];
  private readonly knownChoice = new Map<number, Bit>();
  private readonly knownParity = new Map<number, Bit>();
  private readonly knownMajority = new Map<number, Bit>();
  /** Numbers of the pairs that gates of three inputs begin with. */
  private readonly pairs = new Map<number, number>();
  private readonly knownAnd = new Map<number, Bit>();
  private readonly knownXor = new Map<number, Bit>();
  private owner = 0;

  public get size(): number {
    return this.ownerOf.length;
  }

  public chargeTo(owner: number): void {
    this.owner = owner;
  }

  /** A bit that comes from a port, a register or a carry chain. */
  public source(): Bit {
    return this.net([]);
  }

  public sources(count: number): Bit[] {
    const bits: Bit[] = [];
    while (bits.length < count) bits.push(this.source());
    return bits;
  }

  /** The bit is read by something that is not a look-up table. */
  public demand(bit: Bit, onCarry = false, owner = this.owner): void {
    if (!isConstantBit(bit)) this.demands.push({ bit, owner, onCarry });
  }

  public and(left: Bit, right: Bit): Bit {
    if (left === FALSE || right === FALSE || left === inverse(right)) return FALSE;
    if (left === TRUE || left === right) return right;
    if (right === TRUE) return left;
    return this.sharedPair(this.knownAnd, left, right);
  }

  public or(left: Bit, right: Bit): Bit {
    return inverse(this.and(inverse(left), inverse(right)));
  }

  public xor(left: Bit, right: Bit): Bit {
    const inverted = (left ^ right) & 1;
    const [a, b] = [(left & ~1) as Bit, (right & ~1) as Bit];
    if (a === b) return inverted as Bit;
    if (a === 0) return (b | inverted) as Bit;
    if (b === 0) return (a | inverted) as Bit;
    return (this.sharedPair(this.knownXor, a, b) ^ inverted) as Bit;
  }

  public choose(condition: Bit, whenTrue: Bit, whenFalse: Bit): Bit {
    if (condition === TRUE || whenTrue === whenFalse) return whenTrue;
    if (condition === FALSE) return whenFalse;
    if (whenTrue === FALSE) return this.and(inverse(condition), whenFalse);
    if (whenTrue === TRUE) return this.or(condition, whenFalse);
    if (whenFalse === FALSE) return this.and(condition, whenTrue);
    if (whenFalse === TRUE) return this.or(inverse(condition), whenTrue);
    if (whenTrue === inverse(whenFalse)) return this.xor(condition, whenFalse);
    if (condition & 1) return this.choose(inverse(condition), whenFalse, whenTrue);
    return this.sharedTriple(this.knownChoice, condition, whenTrue, whenFalse);
  }

  public parity(a: Bit, b: Bit, c: Bit): Bit {
    const inverted = (a ^ b ^ c) & 1;
    const [x, y, z] = [(a & ~1) as Bit, (b & ~1) as Bit, (c & ~1) as Bit];
    const few = x === 0 || y === 0 || z === 0 || x === y || y === z || x === z;
    const sum = few ? this.xor(this.xor(x, y), z) : this.sharedSorted(this.knownParity, x, y, z);
    return (sum ^ inverted) as Bit;
  }

  public majority(a: Bit, b: Bit, c: Bit): Bit {
    return (
      this.plainMajority(a, b, c) ??
      this.plainMajority(b, c, a) ??
      this.plainMajority(c, a, b) ??
      this.sharedSorted(this.knownMajority, a, b, c)
    );
  }

  /** The majority where the first bit is constant, or the second one or its inverse. */
  private plainMajority(a: Bit, b: Bit, c: Bit): Bit | undefined {
    if (a === b) return a;
    if (a === inverse(b)) return c;
    if (a === FALSE) return this.and(b, c);
    if (a === TRUE) return this.or(b, c);
    return undefined;
  }

  /** Any function of up to six bits; constants are left out. */
  public table(inputs: readonly Bit[]): Bit {
    return this.net([...new Set(inputs.filter((bit) => !isConstantBit(bit)).map((bit) => bit >> 1))]);
  }

  /**
   * A chain of carry cells, least significant first: at each position the carry goes on where `propagate`, and is
   * `generate` where not. Returns the sums, and the carry beyond the last.
   */
  public carryChain(propagate: readonly Bit[], generate: readonly Bit[]): { sums: Bit[]; carry: Bit } {
    for (const bit of propagate) this.demand(bit, true);
    for (const bit of generate) this.demand(bit);
    const count = (this.carries[this.owner] ??= { bits: 0, blocks: 0 });
    count.bits += propagate.length;
    count.blocks += Math.ceil(propagate.length / 4);
    return { sums: this.sources(propagate.length), carry: this.source() };
  }

  /** Equal gates are one gate. */
  private sharedPair(known: Map<number, Bit>, left: Bit, right: Bit): Bit {
    const [low, high] = left < right ? [left, right] : [right, left];
    const key = low * PAIR + high;
    let bit = known.get(key);
    if (bit === undefined) known.set(key, (bit = this.net([low >> 1, high >> 1])));
    return bit;
  }

  private sharedSorted(known: Map<number, Bit>, a: Bit, b: Bit, c: Bit): Bit {
    const low = Math.min(a, b, c) as Bit;
    const high = Math.max(a, b, c) as Bit;
    return this.sharedTriple(known, low, (a + b + c - low - high) as Bit, high);
  }

  private sharedTriple(known: Map<number, Bit>, a: Bit, b: Bit, c: Bit): Bit {
    const first = a * PAIR + b;
    let pair = this.pairs.get(first);
    if (pair === undefined) this.pairs.set(first, (pair = this.pairs.size));
    const key = pair * PAIR + c;
    let bit = known.get(key);
    if (bit === undefined) known.set(key, (bit = this.net([a >> 1, b >> 1, c >> 1])));
    return bit;
  }

  private net(inputs: readonly number[]): Bit {
    const number = this.ownerOf.length;
    this.ownerOf.push(this.owner);
    for (const input of inputs) this.gateInputs.push(input);
    this.firstInput.push(this.gateInputs.length);
    return (number << 1) as Bit;
  }
}
