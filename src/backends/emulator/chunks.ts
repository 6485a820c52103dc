import { at } from '../../support/invariant.js';
import type { BranchProbe } from './branch-probes.js';
import type { FlatModel, PromiseCheck } from './flatten.js';
import { overflowCheckText } from './overflow-check.js';
import type { Expression } from './quantize-text.js';
import { convert } from './quantize-text.js';
import type { Representation } from './representation.js';
import { BIGINT, DOUBLE, INT32, literal, representationOf } from './representation.js';
import type { Scalar } from './scalars.js';
import { operandsOfScalar } from './scalars.js';
import { scalarText } from './statements.js';

/** The text of one function of the generated program, and the memory that all of them share. */
export interface GeneratedProgram {
  readonly bodies: readonly string[];
  /** Values that one chunk leaves for another, by representation (int32, double, bigint). */
  readonly slots: readonly [number, number, number];
  /** Events that one call takes; slot s of event e is at s × block + e. */
  readonly block: number;
}

/** Parameters of every generated function. */
export const chunkParameters = [
  'input',
  'output',
  'I',
  'D',
  'B',
  'T',
  'base',
  'count',
  'violate',
  'overflow',
  'C',
] as const;
const memories = ['I', 'D', 'B'] as const;

/**
 * Terms in one function. V8 gives up optimising a function of 60 kB bytecode, and its register allocator slows down
 * well before that; a short function costs more exchange through memory.
 */
const CHUNK_COST = 600;
/** A probe, in such terms. */
const PROBE_COST = 12;
const LARGEST_BLOCK = 128;
const SCRATCH_EVENTS = 1 << 21;

/** Do the input and output matrices hold big integers instead of numbers? */
export interface MatrixStorage {
  readonly inputBigint: boolean;
  readonly outputBigint: boolean;
}

/** Write a flat model as functions, each a loop over a block of events. Nothing but numbers and own names is emitted. */
export function generateChunks(
  model: FlatModel,
  storage: MatrixStorage,
  probes: readonly BranchProbe[] = [],
): GeneratedProgram {
  const { scalars } = model;
  const probesOf = probesByScalar(probes);
  const chunkOf = assignChunks(model, probesOf);
  const slotOf = new Int32Array(scalars.length).fill(-1);
  const slots: [number, number, number] = [0, 0, 0];
  scalars.forEach((scalar, user) => {
    const chunk = at(chunkOf, user);
    if (chunk < 0) return;
    const probed = probesOf.get(user)?.flatMap(({ reads }) => reads) ?? [];
    for (const operand of [...operandsOfScalar(scalar), ...probed]) {
      if (at(chunkOf, operand) === chunk || at(scalars, operand).kind === 'constant' || slotOf[operand] !== -1)
        continue;
      slotOf[operand] = slots[representationOf(at(scalars, operand).range)]++;
    }
  });
  const crossing = slots[0] + slots[1] + slots[2];
  const block = Math.max(8, Math.min(LARGEST_BLOCK, Math.floor(SCRATCH_EVENTS / Math.max(1, crossing))));
  const columns = groupBy(model.outputs, (_, column) => column);
  const checks = groupBy(
    model.checks.map((check) => check.scalar),
    (_, index) => index,
  );
  const overflows = new Map(model.overflows.map(({ scalar }, index) => [scalar, index]));
  const bodies: string[] = [];
  for (let start = 0; start < scalars.length;) {
    const chunk = at(chunkOf, start);
    const members: number[] = [];
    while (start < scalars.length && (at(chunkOf, start) === chunk || at(chunkOf, start) < 0)) {
      if (at(chunkOf, start) >= 0) members.push(start);
      start++;
    }
    const writer = new ChunkWriter(model, storage, slotOf, block);
    for (const id of members) {
      writer.define(id, columns.get(id) ?? [], { promises: checks.get(id) ?? [], overflow: overflows.get(id) });
      for (const probe of probesOf.get(id) ?? []) writer.probe(probe);
    }
    if (members.length > 0) bodies.push(writer.finish());
  }
  return { bodies, slots, block };
}

/** Chunk of every scalar that something needs, else -1; chunks follow the order of the scalars. */
function assignChunks(model: FlatModel, probesOf: ReadonlyMap<number, readonly BranchProbe[]>): Int32Array {
  const { scalars } = model;
  const chunkOf = new Int32Array(scalars.length).fill(-1);
  for (const id of model.outputs) chunkOf[id] = 0;
  for (const { scalar } of [...model.checks, ...model.overflows]) chunkOf[scalar] = 0;
  for (const probes of probesOf.values()) for (const { reads } of probes) for (const read of reads) chunkOf[read] = 0;
  for (let id = scalars.length - 1; id >= 0; id--) {
    if (at(chunkOf, id) < 0) continue;
    for (const operand of operandsOfScalar(at(scalars, id))) chunkOf[operand] = 0;
  }
  let chunk = 0;
  let cost = 0;
  scalars.forEach((scalar, id) => {
    if (at(chunkOf, id) < 0) return;
    const probed = probesOf.get(id)?.length ?? 0;
    const own = (scalar.kind === 'linear' ? scalar.terms.length + 2 : 4) + PROBE_COST * probed;
    if (cost > 0 && cost + own > CHUNK_COST) {
      chunk++;
      cost = 0;
    }
    chunkOf[id] = chunk;
    cost += own;
  });
  return chunkOf;
}

/** A probe comes behind the last of the scalars that it reads. */
function probesByScalar(probes: readonly BranchProbe[]): ReadonlyMap<number, readonly BranchProbe[]> {
  const order = groupBy(
    probes.map(({ reads }) => Math.max(...reads)),
    (_, index) => index,
  );
  return new Map([...order].map(([scalar, indices]) => [scalar, indices.map((index) => at(probes, index))]));
}

function groupBy(keys: readonly number[], value: (key: number, index: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  keys.forEach((key, index) => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value(key, index)]);
    else group.push(value(key, index));
  });
  return groups;
}

class ChunkWriter {
  private readonly lines: string[] = [];
  private readonly known = new Map<number, Expression>();
  private readonly bigints = new Map<number, Expression>();
  private readonly counters = new Set<number>();
  private temporaries = 0;

  public constructor(
    private readonly model: FlatModel,
    private readonly storage: MatrixStorage,
    private readonly slotOf: Int32Array,
    private readonly block: number,
  ) {}

  /** `checks`: indices of the promises about the scalar, and of its overflow check. */
  public define(
    id: number,
    columns: readonly number[],
    checks: { readonly promises: readonly number[]; readonly overflow: number | undefined },
  ): void {
    const scalar = at(this.model.scalars, id);
    const expression = scalarText(scalar, {
      operand: (operand) => this.operand(operand),
      operandAs: (operand, representation) => this.operandAs(operand, representation),
      readInput: (column, input) => this.readInput(column, input),
      emit: (line) => this.lines.push(line),
      temporary: () => `t${this.temporaries++}`,
      rounded: (code) => {
        if (checks.overflow === undefined) return;
        this.lines.push(overflowCheckText(code, at(this.model.overflows, checks.overflow), checks.overflow));
      },
    });
    const value = scalar.kind === 'constant' ? expression : this.name(`v${id}`, expression);
    this.known.set(id, value);
    const slot = at(this.slotOf, id);
    if (slot >= 0) this.lines.push(`${this.memory(value.representation, slot)} = ${value.text};`);
    for (const column of columns) this.writeOutput(column, value);
    for (const check of checks.promises) this.writeCheck(at(this.model.checks, check), check, value);
  }

  /** After all scalars that it reads are defined. */
  public probe({ write }: BranchProbe): void {
    write({
      operand: (id) => this.operand(id),
      name: (expression) => this.name(`t${this.temporaries++}`, expression).text,
      emit: (line) => this.lines.push(line),
      counter: (index) => {
        this.counters.add(index);
        return `c${index}`;
      },
    });
  }

  public finish(): string {
    return [
      '"use strict";',
      ...[...this.counters].map((index) => `let c${index} = 0;`),
      `let p = base * ${this.model.inputTypes.length}, q = base * ${this.model.outputTypes.length};`,
      'for (let e = 0; e < count; e++) {',
      ...this.lines,
      `p += ${this.model.inputTypes.length}; q += ${this.model.outputTypes.length};`,
      '}',
      ...[...this.counters].map((index) => `C[${index}] += c${index};`),
    ].join('\n');
  }

  private name(name: string, expression: Expression): Expression {
    this.lines.push(`const ${name} = ${expression.text};`);
    return { ...expression, text: name };
  }

  private memory(representation: Representation, slot: number): string {
    return `${memories[representation]}[${slot * this.block} + e]`;
  }

  private operand(id: number): Expression {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const scalar = at(this.model.scalars, id);
    const { range } = scalar;
    const representation = representationOf(range);
    const value =
      scalar.kind === 'constant'
        ? { text: literal(scalar.value, representation), representation, range }
        : this.name(`v${id}`, { text: this.memory(representation, at(this.slotOf, id)), representation, range });
    this.known.set(id, value);
    return value;
  }

  /** A value is made a big integer once in a chunk, however often it is used. */
  private operandAs(id: number, representation: Representation): Expression {
    const value = this.operand(id);
    if (representation !== BIGINT || value.representation === BIGINT) return convert(value, representation);
    let converted = this.bigints.get(id);
    if (converted === undefined) {
      const constant = this.model.scalars[id];
      converted =
        constant?.kind === 'constant'
          ? { ...value, text: literal(constant.value, BIGINT), representation }
          : this.name(`b${id}`, convert(value, BIGINT));
      this.bigints.set(id, converted);
    }
    return converted;
  }

  private readInput(column: number, { range }: Scalar): Expression {
    const text = `input[p + ${column}]`;
    const stored = { text, representation: this.storage.inputBigint ? BIGINT : DOUBLE, range } as const;
    return convert(stored, representationOf(range));
  }

  private writeOutput(column: number, value: Expression): void {
    // Adding zero makes the negative zero that double arithmetic can leave an ordinary one.
    const number = value.representation === INT32 ? value.text : `${value.text} + 0`;
    const text = this.storage.outputBigint ? convert(value, BIGINT).text : number;
    this.lines.push(`output[q + ${column}] = ${text};`);
  }

  private writeCheck({ bounds, element }: PromiseCheck, index: number, value: Expression): void {
    const low = literal(bounds.low, value.representation);
    const high = literal(bounds.high, value.representation);
    this.lines.push(`if (${value.text} < ${low} || ${value.text} > ${high}) violate(${index}, base + e, ${element});`);
  }
}
