/** Value change dump: the text format of waveforms that every viewer reads (IEEE 1364-2005, clause 18). */

export interface VcdSignal {
  /** Names of the scopes from the root, then the name of the signal: plain identifiers. */
  readonly path: readonly string[];
  /** Bits. */
  readonly width: number;
  /** From 0. Signals of one code are one value under several names. */
  readonly code: number;
}

export interface VcdHeader {
  readonly version: string;
  /** For people, in lines. */
  readonly comment: readonly string[];
  /** A number of 1, 10 or 100 and a unit: `1ps`. */
  readonly timescale: string;
}

/** A dump that would not fit into a string. */
export class VcdTooLongError extends Error {
  public constructor() {
    super(`the waveform would be longer than ${MAXIMUM_LENGTH} characters`);
    this.name = 'VcdTooLongError';
  }
}

/** Characters, well below the longest string that Node can hold. */
const MAXIMUM_LENGTH = 400_000_000;
/** Codes are numbers in printable ASCII without the blank. */
const FIRST_CHARACTER = 33;
const CHARACTERS = 94;

interface Scope {
  readonly scopes: Map<string, Scope>;
  readonly signals: VcdSignal[];
}

/** Writes a dump from its start to its end; times must rise. Throws `VcdTooLongError`. */
export class VcdWriter {
  private readonly pieces: string[] = [];
  private length = 0;

  public constructor(header: VcdHeader, signals: readonly VcdSignal[]) {
    const comment = header.comment.map((line) => `  ${withoutEnd(line)}\n`).join('');
    this.add(`$version ${withoutEnd(header.version)} $end\n`);
    if (comment !== '') this.add(`$comment\n${comment}$end\n`);
    this.add(`$timescale ${header.timescale} $end\n`);
    this.addScopes(scopeTree(signals));
    this.add('$enddefinitions $end\n');
  }

  /** Units of the timescale; changes that follow happen then. */
  public time(units: number): void {
    this.add(`#${units}\n`);
  }

  /** Must follow the first time and hold a change of every code: the values at the start. */
  public initial(changes: () => void): void {
    this.add('$dumpvars\n');
    changes();
    this.add('$end\n');
  }

  /** `bits`: `0`, `1` and `x`, the most significant first, as many as the signal is wide. */
  public change(code: number, bits: string): void {
    // A shorter value is extended with 0 where it begins with 0 or 1, and with x where it begins with x (18.2.1).
    const value = bits.length === 1 ? bits : `b${bits.replace(/^0+(?=[01])/u, '').replace(/^x+(?=x)/u, '')} `;
    this.add(`${value}${identifier(code)}\n`);
  }

  public text(): string {
    return this.pieces.join('');
  }

  private add(piece: string): void {
    this.length += piece.length;
    if (this.length > MAXIMUM_LENGTH) throw new VcdTooLongError();
    this.pieces.push(piece);
  }

  private addScopes({ scopes, signals }: Scope): void {
    for (const { path, width, code } of signals) {
      const range = width === 1 ? '' : ` [${width - 1}:0]`;
      this.add(`$var wire ${width} ${identifier(code)} ${path.at(-1) ?? ''}${range} $end\n`);
    }
    for (const [name, scope] of scopes) {
      this.add(`$scope module ${name} $end\n`);
      this.addScopes(scope);
      this.add('$upscope $end\n');
    }
  }
}

function scopeTree(signals: readonly VcdSignal[]): Scope {
  const root: Scope = { scopes: new Map(), signals: [] };
  for (const signal of signals) {
    let scope = root;
    for (const name of signal.path.slice(0, -1)) {
      const inner: Scope = scope.scopes.get(name) ?? { scopes: new Map(), signals: [] };
      scope.scopes.set(name, inner);
      scope = inner;
    }
    scope.signals.push(signal);
  }
  return root;
}

function identifier(code: number): string {
  let rest = code;
  let name = '';
  do {
    name += String.fromCharCode(FIRST_CHARACTER + (rest % CHARACTERS));
    rest = Math.floor(rest / CHARACTERS);
  } while (rest > 0);
  return name;
}

/** Nothing but `$end` ends a text of the header. */
function withoutEnd(text: string): string {
  return text.replaceAll('$end', '$ end');
}
