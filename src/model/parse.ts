import { InvariantError } from '../support/invariant.js';
import type { Codec } from '../support/codec.js';
import { TextCursor, TextSyntaxError } from '../support/text-tree.js';
import { typesCodec } from '../numeric/codecs.js';
import type { ModelGraph, ModelKind, ModelNode, ModelNodeId, ModelOutput } from './kinds.js';
import { isOperandField, MODEL_TEXT_VERSION } from './print.js';
import { fieldsOf, modelSchema, operandCodec, shapeCodec } from './schema.js';
import { verifyNode, verifyOutput } from './verify.js';

/**
 * Read the text form that `printModel` writes. Every node is checked as it is read, so that a graph which comes back
 * keeps the rules of `verifyModel` (untyped). Throws TextSyntaxError with the line.
 */
export function parseModel(text: string): ModelGraph {
  const cursor = new TextCursor(text);
  cursor.expect('model');
  const version = cursor.integer();
  if (version !== MODEL_TEXT_VERSION) {
    cursor.fail(`the text has version ${version}; this compiler reads version ${MODEL_TEXT_VERSION}`);
  }
  const name = cursor.string();
  const nodes: ModelNode[] = [];
  const outputs: ModelOutput[] = [];
  while (cursor.peek('%')) nodes.push(parseNode(cursor, nodes));
  while (cursor.accept('output')) outputs.push(parseOutput(cursor, nodes));
  if (!cursor.atEnd) cursor.fail(`'${cursor.word()}' is neither a node nor an output`);
  return { name, nodes, outputs };
}

function parseNode(cursor: TextCursor, earlier: readonly ModelNode[]): ModelNode {
  const id = parseReference(cursor);
  if (id !== earlier.length) cursor.fail(`%${id} where %${earlier.length} is due`);
  cursor.expect('=');
  const kind = parseKind(cursor);
  const operands = cursor.accept('(') ? parseOperands(cursor) : [];
  const fields = parseFields(cursor, kind, operands);
  cursor.expect(':');
  const shape = decodeWith(cursor, shapeCodec);
  cursor.expect('@');
  const provenance = { name: cursor.string(), operator: cursor.string() };
  const declared = fields['shape'];
  if (Array.isArray(declared) && declared.join() !== shape.join()) cursor.fail(`the two shapes of %${id} differ`);
  const node = { id, kind, shape, provenance, ...fields } as unknown as ModelNode;
  checked(cursor, () => verifyNode(node, earlier));
  return node;
}

function parseKind(cursor: TextCursor): ModelKind {
  const word = cursor.word();
  const kind = (Object.keys(modelSchema) as ModelKind[]).find((candidate) => candidate === word);
  return kind ?? cursor.fail(`'${word}' is not a kind of node`);
}

function parseReference(cursor: TextCursor): ModelNodeId {
  cursor.expect('%');
  return cursor.integer() as ModelNodeId;
}

function parseOperands(cursor: TextCursor): ModelNodeId[] {
  const operands: ModelNodeId[] = [];
  while (!cursor.accept(')')) {
    operands.push(parseReference(cursor));
    if (!cursor.peek(')')) cursor.expect(',');
  }
  return operands;
}

function parseFields(cursor: TextCursor, kind: ModelKind, operands: readonly ModelNodeId[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const rows = fieldsOf(kind);
  const single = rows.filter(([, codec]) => codec === (operandCodec as Codec<unknown>)).length;
  const variadic = rows.some(([, codec]) => isOperandField(codec)) && single === 0;
  if (!variadic && operands.length !== single) cursor.fail(`${kind} takes ${single} operands, not ${operands.length}`);
  let next = 0;
  for (const [name, codec] of rows) {
    if (isOperandField(codec)) fields[name] = variadic ? operands : operands[next++];
  }
  const written = rows.filter(([, codec]) => !isOperandField(codec));
  if (written.length === 0) return fields;
  cursor.expect('{');
  written.forEach(([name, codec], index) => {
    if (index > 0) cursor.expect(',');
    cursor.expect(name);
    cursor.expect(':');
    fields[name] = decodeWith(cursor, codec);
  });
  cursor.expect('}');
  return fields;
}

function parseOutput(cursor: TextCursor, nodes: readonly ModelNode[]): ModelOutput {
  const name = cursor.string();
  cursor.expect('=');
  const node = parseReference(cursor);
  cursor.expect(':');
  const output = { name, node, types: decodeWith(cursor, typesCodec) };
  checked(cursor, () => verifyOutput(output, nodes));
  return output;
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

function checked(cursor: TextCursor, check: () => void): void {
  try {
    check();
  } catch (error) {
    // In a text, a broken rule is the text's fault.
    if (error instanceof InvariantError) cursor.fail(error.message);
    throw error;
  }
}
