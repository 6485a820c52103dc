import { at, invariant } from '../../support/invariant.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import type { ModelGraph, ModelNodeId } from '../../model/kinds.js';
import type { BranchCount } from '../../model/coverage.js';
import { branchProbes, noBranchProbes } from './branch-probes.js';
import { chunkParameters, generateChunks } from './chunks.js';
import type { CodeMatrix } from './code-matrix.js';
import { needsBigint } from './code-matrix.js';
import { flattenModel } from './flatten.js';
import type { RunOverflow } from './overflow-check.js';
import { OverflowTally } from './overflow-check.js';
import { BIGINT, INT32, representationOf } from './representation.js';
import { tableRepresentation } from './statements.js';

/** The broken promises of one `assume` node over a whole run. */
export interface RunViolation {
  readonly node: ModelNodeId;
  /** Elements that broke it, summed over all events. */
  readonly count: number;
  /** The first event that broke it, from 0, and in it the first element (flat index). */
  readonly firstEvent: number;
  readonly firstElement: number;
}

export interface EmulatorRun {
  /** Codes of all output ports, as numbers when no output type is wider than 53 bits. */
  readonly output: CodeMatrix;
  /** In node order; empty when all promises were kept. */
  readonly violations: readonly RunViolation[];
  /** By quantiser whose type values left, in node order; empty where they are not counted. */
  readonly overflows: readonly RunOverflow[];
  /** By node and open branch, how often elements of events took it; empty where branches are not counted. */
  readonly branches: readonly BranchCount[];
}

export interface EmulatorOptions {
  /** Count the values that leave the types of quantisers: costs a comparison for each element that can. */
  readonly countOverflows?: boolean;
  /** Count the branches that elements of quantisers, maxima, ReLUs and tables take. */
  readonly countBranches?: boolean;
}

/** A typed graph compiled for many events: bit for bit what `evaluateModel` gives. */
export interface Emulator {
  /** Types of the columns of the input and of the output matrix. */
  readonly inputTypes: readonly FixedPointType[];
  readonly outputTypes: readonly FixedPointType[];
  /** Does some value on the way need more than a double holds exactly? */
  readonly needsBigint: boolean;
  /**
   * Evaluate all rows, columns being the elements of all input ports, flattened in graph order. Numbers are read
   * as they are where `needsBigint(inputTypes)` is false, big integers where it is true; else the matrix is converted
   * first. Every code must lie within the type of its column: that is for the caller to check, here it
   * would cost more than the network, and such a code gives a wrong result without notice. Not re-entrant.
   */
  readonly run: (input: CodeMatrix) => EmulatorRun;
}

type Codes = Float64Array | bigint[];
type TableEntries = Int32Array | Float64Array | readonly bigint[];
type ChunkFunction = (
  input: CodeMatrix['data'],
  output: Codes,
  int32: Int32Array,
  double: Float64Array,
  bigint: bigint[],
  tables: readonly TableEntries[],
  base: number,
  count: number,
  violate: (check: number, event: number, element: number) => void,
  overflow: (check: number, event: number, excess: number) => void,
  counters: Float64Array,
) => void;

function tableEntries(codes: readonly bigint[]): TableEntries {
  const representation = tableRepresentation(codes);
  if (representation === BIGINT) return codes;
  return representation === INT32 ? Int32Array.from(codes, Number) : Float64Array.from(codes, Number);
}

/** Compile a typed graph to JavaScript. Names of the graph never reach the generated text. */
export function compileEmulator(
  graph: ModelGraph,
  { countOverflows = false, countBranches = false }: EmulatorOptions = {},
): Emulator {
  const model = flattenModel(graph, countOverflows);
  const { inputTypes, outputTypes } = model;
  const storage = { inputBigint: needsBigint(inputTypes), outputBigint: needsBigint(outputTypes) };
  const branches = countBranches ? branchProbes(graph, (node) => at(model.tensors, node)) : noBranchProbes;
  const { bodies, slots, block } = generateChunks(model, storage, branches.probes);
  const chunks = bodies.map(compileChunk);
  const int32 = new Int32Array(slots[0] * block);
  const double = new Float64Array(slots[1] * block);
  const bigint = new Array<bigint>(slots[2] * block).fill(0n);
  const tables = model.tables.map(tableEntries);

  const run = (input: CodeMatrix): EmulatorRun => {
    const { rows, columns } = input;
    invariant(columns === inputTypes.length, `${columns} input columns given for ${inputTypes.length}`);
    invariant(input.data.length === rows * columns, `${input.data.length} codes given for ${rows} rows`);
    const codes = convertCodes(input.data, storage.inputBigint);
    const size = rows * outputTypes.length;
    const output: Codes = storage.outputBigint ? new Array<bigint>(size).fill(0n) : new Float64Array(size);
    const violations = new Map<ModelNodeId, RunViolation>();
    const violate = (check: number, event: number, element: number): void => {
      const { node } = at(model.checks, check);
      const known = violations.get(node);
      const first =
        known === undefined || event < known.firstEvent || (event === known.firstEvent && element < known.firstElement);
      violations.set(node, {
        node,
        count: (known?.count ?? 0) + 1,
        firstEvent: first ? event : known.firstEvent,
        firstElement: first ? element : known.firstElement,
      });
    };
    const tally = new OverflowTally(model.overflows);
    const overflow = (check: number, event: number, excess: number): void => {
      tally.add(check, event, excess);
    };
    const counters = new Float64Array(branches.counters);
    for (let base = 0; base < rows; base += block) {
      const count = Math.min(block, rows - base);
      for (const chunk of chunks)
        chunk(codes, output, int32, double, bigint, tables, base, count, violate, overflow, counters);
    }
    return {
      output: { rows, columns: outputTypes.length, data: output },
      violations: [...violations.values()].sort((left, right) => left.node - right.node),
      overflows: tally.result(),
      branches: branches.result(counters),
    };
  };
  const wide = model.scalars.some(({ range }) => representationOf(range) === BIGINT);
  return { inputTypes, outputTypes, needsBigint: wide, run };
}

function compileChunk(body: string): ChunkFunction {
  // The text holds numbers and names made here, nothing of the model's own.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- generated code is the purpose of this backend
  return new Function(...chunkParameters, body) as ChunkFunction;
}

/** Codes as the generated code reads them. */
function convertCodes(data: CodeMatrix['data'], bigint: boolean): CodeMatrix['data'] {
  if (bigint) return data instanceof Float64Array ? Array.from(data, BigInt) : data;
  return data instanceof Float64Array ? data : Float64Array.from(data, Number);
}
