import { createHash } from 'node:crypto';
import { checkSolution } from './check.js';
import { printEffort, SOLVER_VERSION } from './options.js';
import type { AdderGraph, AdderOperation, AdderOutput, AdderSummand, Problem } from './problem.js';
import type { SolveJob } from './restarts.js';

/** Beyond any shift that a matrix calls for: no stored number may make us allocate without end. */
const maximumShift = 100_000;

/**
 * The key of a solution, SHA-256 in hexadecimal: over the matrix, the ranges and depths of its inputs, the options, the
 * number of restarts and the version of the search. Depths count from the earliest input.
 */
export function solutionKey({ problem, options }: SolveJob, restarts: number): string {
  const { depthSlack, mostDepthSlack, effort, seed, threeOperand } = options;
  const earliest = problem.inputs.reduce((least, { depth }) => Math.min(least, depth), Infinity);
  const hash = createHash('sha256');
  const levels = `${depthSlack},${mostDepthSlack}`;
  hash.update(`${SOLVER_VERSION};${levels},${printEffort(effort)},${restarts},${seed},${threeOperand}`);
  for (const { range, depth } of problem.inputs) hash.update(`;${range.low},${range.high},${depth - earliest}`);
  for (const { terms, constant } of problem.columns) {
    hash.update(`\n${constant}:${terms.map(({ input, coefficient }) => `${input},${coefficient}`).join(' ')}`);
  }
  return hash.digest('hex');
}

/** A solution as text: its checksum and JSON, each on a line. */
export function encodeSolution(graph: AdderGraph): Uint8Array {
  const body = JSON.stringify({
    inputs: graph.inputs,
    operations: graph.operations.map(encodeOperation),
    outputs: graph.outputs.map(({ value, shift, negated }) => [value, shift, negated ? 1 : 0]),
  });
  return Buffer.from(`${checksum(body)}\n${body}\n`, 'utf8');
}

/** The stored solution if it is whole and solves the problem exactly; else undefined. */
export function decodeSolution(problem: Problem, content: Uint8Array): AdderGraph | undefined {
  const [sum, body, rest] = Buffer.from(content).toString('utf8').split('\n');
  if (sum === undefined || body === undefined || rest !== '' || checksum(body) !== sum) return undefined;
  try {
    const graph = decodeGraph(JSON.parse(body));
    checkSolution(problem, graph);
    return graph;
  } catch {
    // Whatever is wrong with it, it is no solution: a new search gives one.
    return undefined;
  }
}

type Encoded = readonly (string | number)[];

function encodeOperation(operation: AdderOperation): Encoded {
  switch (operation.kind) {
    case 'constant':
      return ['=', operation.value.toString()];
    case 'add':
    case 'subtract':
      return [
        operation.kind === 'add' ? '+' : '-',
        ...[operation.left, operation.leftShift, operation.right, operation.rightShift],
      ];
    case 'sum':
      return ['3', ...operation.summands.flatMap(({ value, shift, negative }) => [value, shift, negative ? 1 : 0])];
  }
}

function decodeGraph(json: unknown): AdderGraph {
  if (typeof json !== 'object' || json === null) throw new RangeError('no object');
  const { inputs, operations, outputs } = json as Readonly<Record<string, unknown>>;
  return {
    inputs: natural(inputs),
    operations: list(operations).map(decodeOperation),
    outputs: list(outputs).map(decodeOutput),
  };
}

function decodeOperation(json: unknown): AdderOperation {
  const [kind, ...fields] = list(json);
  if (kind === '=') {
    const [value] = fields;
    if (fields.length !== 1 || typeof value !== 'string' || !/^-?\d+$/u.test(value))
      throw new RangeError('no constant');
    return { kind: 'constant', value: BigInt(value) };
  }
  if (kind === '+' || kind === '-') {
    if (fields.length !== 4) throw new RangeError('no addition');
    return {
      kind: kind === '+' ? 'add' : 'subtract',
      left: natural(fields[0]),
      leftShift: shift(fields[1]),
      right: natural(fields[2]),
      rightShift: shift(fields[3]),
    };
  }
  if (kind === '3' && fields.length === 9) {
    return { kind: 'sum', summands: [decodeSummand(fields, 0), decodeSummand(fields, 3), decodeSummand(fields, 6)] };
  }
  throw new RangeError('no operation');
}

function decodeSummand(fields: readonly unknown[], from: number): AdderSummand {
  return { value: natural(fields[from]), shift: shift(fields[from + 1]), negative: natural(fields[from + 2]) === 1 };
}

function decodeOutput(json: unknown): AdderOutput {
  const fields = list(json);
  if (fields.length !== 3) throw new RangeError('no output');
  return { value: natural(fields[0]), shift: shift(fields[1]), negated: natural(fields[2]) === 1 };
}

function list(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new RangeError('no list');
  return json;
}

function natural(json: unknown): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json) || json < 0) throw new RangeError('no natural number');
  return json;
}

function shift(json: unknown): number {
  const value = natural(json);
  if (value > maximumShift) throw new RangeError('no shift of a solution');
  return value;
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
