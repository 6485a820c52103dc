import type { Codec } from '../support/codec.js';
import { InvariantError } from '../support/invariant.js';
import { TextCursor, TextSyntaxError } from '../support/text-tree.js';
import { intervalCodec, typesCodec } from '../numeric/codecs.js';
import { codeRange } from '../numeric/fixed-point.js';
import type { Interval } from '../numeric/interval.js';
import { sameInterval } from '../numeric/interval.js';
import type { DataflowNode, Kernel, NodeId, Origin } from './kinds.js';
import type { Instance, Program, ProgramInput, ProgramOutput, ValueReference } from './program.js';
import { inputTypes } from './program.js';
import { DATAFLOW_TEXT_VERSION } from './print.js';
import type { KindLayout } from './schema.js';
import { layoutOf, referencesCodec } from './schema.js';
import { inferRange, inputsOf, isSoundRange, verifyFields, verifyOutput, verifyPosition } from './verify.js';

/**
 * Read the text form that `printKernel` writes. Nodes come back as they are written, without simplification; each is
 * checked as it is read, its range against the semantics table. Throws TextSyntaxError with the line.
 */
export function parseKernel(text: string): Kernel {
  const cursor = new TextCursor(text);
  const kernel = readKernel(cursor);
  readEnd(cursor);
  return kernel;
}

/**
 * Read the text form that `printProgram` writes. The program that comes back keeps the rules of `verifyProgram`.
 * Throws TextSyntaxError with the line.
 */
export function parseProgram(text: string): Program {
  const cursor = new TextCursor(text);
  cursor.expect('dataflow');
  const version = cursor.integer();
  if (version !== DATAFLOW_TEXT_VERSION) {
    cursor.fail(`the text has version ${version}; this compiler reads version ${DATAFLOW_TEXT_VERSION}`);
  }
  const name = cursor.string();
  const inputs: ProgramInput[] = [];
  const kernels: Kernel[] = [];
  const instances: Instance[] = [];
  const outputs: ProgramOutput[] = [];
  const program: Program = { name, inputs, kernels, instances, outputs };
  while (cursor.accept('input')) inputs.push(readInput(cursor));
  while (cursor.peek('k')) {
    readLabel(cursor, 'k', kernels.length);
    kernels.push(readKernel(cursor));
  }
  const ranges = inputTypes(program).map(codeRange);
  while (cursor.peek('i')) {
    readLabel(cursor, 'i', instances.length);
    instances.push(readInstance(cursor, program, ranges));
  }
  while (cursor.accept('output')) {
    const output = readOutput(cursor);
    checked(cursor, () => {
      verifyOutput(program, output, ranges);
    });
    outputs.push(output);
  }
  readEnd(cursor);
  return program;
}

function readEnd(cursor: TextCursor): void {
  if (!cursor.atEnd) cursor.fail('the text goes on where it should end');
}

function readKernel(cursor: TextCursor): Kernel {
  cursor.expect('kernel');
  const name = cursor.string();
  const origins: Origin[] = [];
  while (cursor.accept('origin')) origins.push(readOrigin(cursor));
  const nodes: DataflowNode[] = [];
  while (cursor.peek('%')) nodes.push(readNode(cursor, nodes, origins));
  cursor.expect('return');
  cursor.expect('(');
  const outputs = readOperands(cursor);
  const missing = outputs.find((id) => !(id in nodes));
  if (missing !== undefined) cursor.fail(`there is no %${missing} to return`);
  const inputs = checked(cursor, () => inputsOf(name, nodes));
  return { name, nodes, inputs, outputs, origins };
}

function readNode(cursor: TextCursor, earlier: readonly DataflowNode[], origins: readonly Origin[]): DataflowNode {
  const id = readId(cursor);
  if (id !== earlier.length) cursor.fail(`%${id} where %${earlier.length} is due`);
  cursor.expect('=');
  const word = cursor.word();
  const layout = layoutOf(word) ?? cursor.fail(`'${word}' is not a kind of node`);
  const { kind } = layout;
  const fields = readFields(cursor, layout);
  cursor.expect(':');
  const refined = cursor.accept('refined');
  const range = decodeWith(cursor, intervalCodec);
  cursor.expect('@');
  const origin = cursor.integer();
  const node = { id, kind, range, origin, ...fields } as unknown as DataflowNode;
  const inferred = checked(cursor, () => {
    verifyFields(node, earlier, origins);
    return inferRange(node, earlier);
  });
  if (refined ? !isSoundRange(node, inferred) : !sameInterval(range, inferred)) {
    const rule = refined ? 'lies within' : 'is';
    cursor.fail(
      `the range of %${id} ${rule} [${inferred.low}, ${inferred.high}], which [${range.low}, ${range.high}] is not`,
    );
  }
  return node;
}

function readFields(cursor: TextCursor, { kind, operands: names, attributes }: KindLayout): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const operands = cursor.accept('(') ? readOperands(cursor) : [];
  if (operands.length !== names.length) {
    cursor.fail(`${kind} takes ${names.length} operands, not ${operands.length}`);
  }
  names.forEach((name, index) => (fields[name] = operands[index]));
  if (attributes.length === 0) return fields;
  cursor.expect('{');
  attributes.forEach(([name, codec], index) => {
    if (index > 0) cursor.expect(',');
    cursor.expect(name);
    cursor.expect(':');
    fields[name] = decodeWith(cursor, codec);
  });
  cursor.expect('}');
  return fields;
}

function readId(cursor: TextCursor): NodeId {
  cursor.expect('%');
  return cursor.integer() as NodeId;
}

/** The rest of a list of nodes whose parenthesis is open. */
function readOperands(cursor: TextCursor): NodeId[] {
  const operands: NodeId[] = [];
  while (!cursor.accept(')')) {
    operands.push(readId(cursor));
    if (!cursor.peek(')')) cursor.expect(',');
  }
  return operands;
}

function readOrigin(cursor: TextCursor): Origin {
  return { name: cursor.string(), operator: cursor.string() };
}

/** `k0 =`, `i7 =`: the number is the place in the list. */
function readLabel(cursor: TextCursor, letter: string, due: number): void {
  const label = cursor.word();
  if (label !== `${letter}${due}`) cursor.fail(`'${label}' where ${letter}${due} is due`);
  cursor.expect('=');
}

function readInput(cursor: TextCursor): ProgramInput {
  const name = cursor.string();
  cursor.expect(':');
  return { name, types: decodeWith(cursor, typesCodec) };
}

/** `ranges` holds the intervals of the elements of the input ports. */
function readInstance(cursor: TextCursor, program: Program, ranges: readonly Interval[]): Instance {
  cursor.expect('instance');
  cursor.expect('k');
  const kernel = cursor.integer();
  const called = program.kernels[kernel] ?? cursor.fail(`there is no kernel ${kernel}`);
  const name = cursor.string();
  cursor.expect('@');
  const origin = readOrigin(cursor);
  const positions: (readonly ValueReference[])[] = [];
  while (cursor.peek('[')) {
    const position = decodeWith(cursor, referencesCodec);
    checked(cursor, () => {
      verifyPosition(program, called, position, program.instances.length, ranges);
    });
    positions.push(position);
  }
  if (positions.length === 0) cursor.fail(`instance ${program.instances.length} has no positions`);
  return { name, kernel, positions, origin };
}

function readOutput(cursor: TextCursor): ProgramOutput {
  const name = cursor.string();
  cursor.expect('=');
  const elements = decodeWith(cursor, referencesCodec);
  cursor.expect(':');
  return { name, types: decodeWith(cursor, typesCodec), elements };
}

/** Codecs do not know where they are: add the line. */
function decodeWith<T>(cursor: TextCursor, codec: Codec<T>): T {
  const tree = cursor.tree();
  try {
    return codec.decode(tree);
  } catch (error) {
    if (error instanceof TextSyntaxError) return cursor.fail(error.message);
    throw error;
  }
}

/** In a text, a broken rule is the text's fault. */
function checked<T>(cursor: TextCursor, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvariantError) return cursor.fail(error.message);
    throw error;
  }
}
