import { importCodes } from '../../diagnostics/codes/import.js';
import { fail } from '../../diagnostics/result.js';

/**
 * Structural check of the protobuf bytes before they are decoded: the generated decoder trusts wire types and lengths.
 * Field numbers and types are those of onnx.proto; unknown fields are skipped, as protobuf asks.
 */
type Field =
  'varint' | 'fixed32' | 'fixed64' | 'bytes' | 'varints' | 'fixed32s' | 'fixed64s' | { readonly message: string };
type MessageTable = ReadonlyMap<number, Field>;

const message = (name: string): Field => ({ message: name });
const table = (fields: Readonly<Record<number, Field>>): MessageTable =>
  new Map(Object.entries(fields).map(([number, field]) => [Number(number), field]));

const tensorType = table({ 1: 'varint', 2: message('shape') });
const wrapperType = table({ 1: message('type') });
const messages: ReadonlyMap<string, MessageTable> = new Map([
  [
    'model',
    table({
      1: 'varint',
      2: 'bytes',
      3: 'bytes',
      4: 'bytes',
      5: 'varint',
      6: 'bytes',
      7: message('graph'),
      8: message('opset'),
      14: message('entry'),
      20: message('training'),
      25: message('function'),
    }),
  ],
  ['opset', table({ 1: 'bytes', 2: 'varint' })],
  ['entry', table({ 1: 'bytes', 2: 'bytes' })],
  ['training', table({ 1: message('graph'), 2: message('graph'), 3: message('entry'), 4: message('entry') })],
  [
    'function',
    table({
      1: 'bytes',
      2: 'varint',
      3: 'varint',
      4: 'bytes',
      5: 'bytes',
      6: 'bytes',
      7: message('node'),
      8: 'bytes',
      9: message('opset'),
      10: 'bytes',
    }),
  ],
  [
    'graph',
    table({
      1: message('node'),
      2: 'bytes',
      5: message('tensor'),
      10: 'bytes',
      11: message('value'),
      12: message('value'),
      13: message('value'),
      14: message('annotation'),
      15: message('sparse'),
    }),
  ],
  ['node', table({ 1: 'bytes', 2: 'bytes', 3: 'bytes', 4: 'bytes', 5: message('attribute'), 6: 'bytes', 7: 'bytes' })],
  [
    'attribute',
    table({
      1: 'bytes',
      2: 'fixed32',
      3: 'varint',
      4: 'bytes',
      5: message('tensor'),
      6: message('graph'),
      7: 'fixed32s',
      8: 'varints',
      9: 'bytes',
      10: message('tensor'),
      11: message('graph'),
      13: 'bytes',
      14: message('type'),
      15: message('type'),
      20: 'varint',
      21: 'bytes',
      22: message('sparse'),
      23: message('sparse'),
    }),
  ],
  [
    'tensor',
    table({
      1: 'varints',
      2: 'varint',
      3: message('segment'),
      4: 'fixed32s',
      5: 'varints',
      6: 'bytes',
      7: 'varints',
      8: 'bytes',
      9: 'bytes',
      10: 'fixed64s',
      11: 'varints',
      12: 'bytes',
      13: message('entry'),
      14: 'varint',
    }),
  ],
  ['segment', table({ 1: 'varint', 2: 'varint' })],
  ['sparse', table({ 1: message('tensor'), 2: message('tensor'), 3: 'varints' })],
  ['value', table({ 1: 'bytes', 2: message('type'), 3: 'bytes' })],
  ['annotation', table({ 1: 'bytes', 2: message('entry') })],
  [
    'type',
    table({
      1: message('tensor type'),
      4: message('sequence type'),
      5: message('map type'),
      6: 'bytes',
      8: message('tensor type'),
      9: message('sequence type'),
    }),
  ],
  ['tensor type', tensorType],
  ['sequence type', wrapperType],
  ['map type', table({ 1: 'varint', 2: message('type') })],
  ['shape', table({ 1: message('dimension') })],
  ['dimension', table({ 1: 'varint', 2: 'bytes', 3: 'bytes' })],
]);

const MAXIMUM_DEPTH = 60;
const MAXIMUM_MESSAGES = 16_000_000;
const MAXIMUM_FIELD = 100;

interface Frame {
  readonly name: string;
  readonly fields: MessageTable;
  readonly end: number;
}

/** Throws DiagnosticError (notOnnx, truncated, malformed, modelTooLarge) unless the bytes are a well-formed ModelProto. */
export function checkWire(bytes: Uint8Array, model: string): void {
  const location = { model };
  const truncated = (position: number): never =>
    fail(importCodes.truncated, `the file ends inside a field that begins before byte ${position}`, location);
  const malformed = (position: number, what: string): never =>
    position < 8
      ? fail(importCodes.notOnnx, `the file does not start like an ONNX model (${what})`, location)
      : fail(importCodes.malformed, `${what} at byte ${position}`, location);

  let position = 0;
  let count = 0;
  let graphs = 0;
  const stack: Frame[] = [{ name: 'model', fields: tableOf('model'), end: bytes.length }];

  const varint = (end: number): number => {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length++) {
      if (position >= end) {
        if (end === bytes.length) truncated(position);
        malformed(position, 'a number that runs past the end of its message');
      }
      const byte = bytes[position++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return malformed(position, 'a number of more than ten bytes');
  };

  for (;;) {
    const frame = stack[stack.length - 1];
    if (frame === undefined) return;
    if (position >= frame.end) {
      stack.pop();
      continue;
    }
    const start = position;
    const tag = varint(frame.end);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    const field = frame.fields.get(number);
    if (number === 0 || (frame.name === 'model' && field === undefined && number > MAXIMUM_FIELD)) {
      malformed(start, `a field number of ${number}`);
    }
    if (field !== undefined && !allows(field, wire))
      malformed(start, `field ${number} of a ${frame.name} has the wrong type`);
    if (wire === 0) {
      varint(frame.end);
    } else if (wire === 2) {
      const length = varint(frame.end);
      const end = position + length;
      if (end > bytes.length) truncated(start);
      if (end > frame.end) malformed(start, `field ${number} of a ${frame.name} is longer than its message`);
      if (typeof field === 'object') {
        if (++count > MAXIMUM_MESSAGES) {
          fail(importCodes.modelTooLarge, `the model has more than ${MAXIMUM_MESSAGES} parts`, location);
        }
        if (stack.length > MAXIMUM_DEPTH) {
          fail(importCodes.modelTooLarge, `the model is nested more than ${MAXIMUM_DEPTH} levels deep`, location);
        }
        if (frame.name === 'model' && field.message === 'graph' && ++graphs > 1) malformed(start, 'a second graph');
        stack.push({ name: field.message, fields: tableOf(field.message), end });
      } else if (field !== undefined) {
        checkPacked(field, bytes, position, end, (what) => malformed(start, what));
        position = end;
      } else {
        position = end;
      }
    } else if (wire === 5 || wire === 1) {
      position += wire === 5 ? 4 : 8;
      if (position > bytes.length) truncated(start);
      if (position > frame.end) malformed(start, `field ${number} of a ${frame.name} is longer than its message`);
    } else {
      malformed(start, `wire type ${wire}`);
    }
  }
}

function tableOf(name: string): MessageTable {
  return messages.get(name) ?? new Map();
}

function allows(field: Field, wire: number): boolean {
  switch (field) {
    case 'varint':
      return wire === 0;
    case 'fixed32':
      return wire === 5;
    case 'fixed64':
      return wire === 1;
    case 'varints':
      return wire === 0 || wire === 2;
    case 'fixed32s':
      return wire === 5 || wire === 2;
    case 'fixed64s':
      return wire === 1 || wire === 2;
    default:
      return wire === 2;
  }
}

function checkPacked(
  field: Field,
  bytes: Uint8Array,
  from: number,
  to: number,
  malformed: (what: string) => never,
): void {
  if (field === 'fixed32s' && (to - from) % 4 !== 0) malformed('packed floats of a broken length');
  if (field === 'fixed64s' && (to - from) % 8 !== 0) malformed('packed doubles of a broken length');
  if (field !== 'varints') return;
  let run = 0;
  for (let position = from; position < to; position++) {
    if (++run > 10) malformed('a packed number of more than ten bytes');
    if ((bytes[position] ?? 0) < 0x80) run = 0;
  }
  if (run !== 0) malformed('a packed number that runs past the end of its field');
}
