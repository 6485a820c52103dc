import { limbMask, type NetTable, type Word } from './nets.js';
import { operandLimbs } from './operands.js';

/** Source length at which a function is closed: V8 never optimises one above 60 kB of bytecode. */
const CHUNK_LENGTH = 24_000;

interface Statement {
  readonly text: string;
  /** Run after the statement only if another chunk reads this limb. */
  readonly limb?: { readonly key: string; readonly store: string };
}

interface Chunk {
  readonly statements: Statement[];
  readonly locals: Set<string>;
  length: number;
}

/**
 * Collects straight-line code over the simulation memory `M`. Values are `const` locals inside one chunk; a limb that
 * a later chunk needs is stored to its address in memory as well, all others never leave registers.
 */
export class Emitter {
  readonly nets: NetTable;
  private readonly chunks: Chunk[] = [];
  private readonly storedLimbs = new Set<string>();
  private chunk: Chunk;
  private temporaries = 0;

  constructor(nets: NetTable) {
    this.nets = nets;
    this.chunk = this.openChunk();
  }

  /** Ends the chunk if it is long enough; called between nodes, so that no temporary crosses a boundary. */
  endNode(): void {
    if (this.chunk.length > CHUNK_LENGTH) this.chunk = this.openChunk();
  }

  /** Text for one limb of a word. */
  readonly read = (word: Word, limb: number): string => {
    const name = `w${String(word.index)}_${String(limb)}`;
    if (!this.chunk.locals.has(name)) {
      this.chunk.locals.add(name);
      this.storedLimbs.add(name);
      this.append({ text: `const ${name}=M[${String(word.base + limb)}];` });
    }
    return name;
  };

  /** Text for `count` limbs of a vector of nets, extended with zeros or with its top bit. */
  operand(bits: readonly number[], count: number, signed: boolean): readonly string[] {
    return operandLimbs(this.nets, this.read, bits, count, signed);
  }

  /** A local that holds the value of an expression, for one used more than once. */
  temporary(expression: string): string {
    if (/^(?:[a-z]\w*|\(?-?\d+\)?)$/.test(expression)) return expression;
    const name = `t${String(this.temporaries)}`;
    this.temporaries += 1;
    this.append({ text: `const ${name}=${expression};` });
    return name;
  }

  /** Gives a word its value. With `exact`, the expressions are int32 already and zero above the word's width. */
  define(word: Word, limbs: readonly string[], exact: boolean): void {
    for (let limb = 0; limb < word.limbs; limb += 1) {
      const name = `w${String(word.index)}_${String(limb)}`;
      const value = exact ? (limbs[limb] ?? '0') : masked(limbs[limb] ?? '0', limbMask(word.width, limb));
      this.chunk.locals.add(name);
      this.append({
        text: `const ${name}=${value};`,
        limb: { key: name, store: `M[${String(word.base + limb)}]=${name};` },
      });
    }
  }

  /** Writes limbs to memory; above `width` bits they are zero. */
  store(address: number, width: number, limbs: readonly string[]): void {
    limbs.forEach((text, limb) => {
      this.append({ text: `M[${String(address + limb)}]=${masked(text, limbMask(width, limb))};` });
    });
  }

  statement(text: string): void {
    this.append({ text });
  }

  /** The bodies of the functions, to be run in order. */
  bodies(): readonly string[] {
    return this.chunks.map((chunk) =>
      chunk.statements
        .map(({ text, limb }) => (limb !== undefined && this.storedLimbs.has(limb.key) ? text + limb.store : text))
        .join('\n'),
    );
  }

  private openChunk(): Chunk {
    const chunk: Chunk = { statements: [], locals: new Set(), length: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  private append(statement: Statement): void {
    this.chunk.statements.push(statement);
    this.chunk.length += statement.text.length;
  }
}

function masked(text: string, mask: number): string {
  return mask === -1 ? `(${text})|0` : `(${text})&${String(mask)}`;
}
