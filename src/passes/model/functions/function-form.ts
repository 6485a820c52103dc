import type { FixedPointType, Quantizer } from '../../../numeric/fixed-point.js';
import { lsbExponent, printType } from '../../../numeric/fixed-point.js';
import type { ModelBuilder } from '../../../model/builder.js';
import type { ModelNodeId, Provenance } from '../../../model/kinds.js';
import type { FunctionFields } from '../../../model/real-functions.js';
import { realFunction } from '../../../model/real-functions.js';
import { emitLines } from './emit-lines.js';
import type { OperandRange } from './function-curve.js';
import type { FunctionTable } from './function-table.js';
import { tabulateFunction } from './function-table.js';
import type { LineOptions, Lines } from './lines.js';
import { fitLines } from './lines.js';

/** How a function is built. */
export type FunctionForm = { readonly undefinedReached: boolean } & (
  | { readonly kind: 'table'; readonly table: FunctionTable }
  /** `rectified`: below zero the function has its value at zero, and so has the operand. */
  | { readonly kind: 'lines'; readonly lines: Lines; readonly rectified: boolean }
  /** Lines for the magnitude of negative operands, and for the others. */
  | { readonly kind: 'halves'; readonly negative: Lines; readonly positive: Lines }
);

export interface FormOptions extends LineOptions {
  /** May the function be lines? Not where values that leave the type wrap. */
  readonly lines: boolean;
}

/**
 * A table where one is near enough; else straight pieces: of the whole operand, of its two signs where steps have to
 * become finer towards zero, or a table after all where nothing is better.
 */
export function chooseForm(
  node: FunctionFields,
  operand: OperandRange,
  result: Quantizer,
  options: FormOptions,
): FunctionForm {
  const { limits } = options;
  const table = tabulateFunction(node, operand, result, limits);
  const { undefinedReached } = table;
  const whole: FunctionForm = { kind: 'table', table, undefinedReached };
  const target = 1.0001 * limits.tolerance * 2 ** lsbExponent(result.type);
  if (!options.lines || table.lsb === operand.lsb || table.error <= target) return whole;

  const rectified = operand.codes.low < 0n && isConstantBelowZero(node);
  const lines = fitLines(node, rectified ? notNegative(operand) : operand, result, options);
  const single: FunctionForm = { kind: 'lines', lines, rectified, undefinedReached };
  if (lines.good) return single;
  const { low, high } = operand.codes;
  if (low < 0n && high > 0n && !rectified) {
    const mirrored = { ...node, scale: -node.scale };
    const negative = fitLines(mirrored, { lsb: operand.lsb, codes: { low: 1n, high: -low } }, result, options);
    const positive = fitLines(node, notNegative(operand), result, options);
    const halves: FunctionForm = { kind: 'halves', negative, positive, undefinedReached };
    const better = Math.max(negative.error, positive.error) < Math.min(lines.error, table.error);
    if (better || (negative.good && positive.good)) return halves;
  }
  return lines.error < table.error ? single : whole;
}

/** Is the end of the function's domain at zero, so that negative operands take the value there? */
function isConstantBelowZero({ function: name, parameters, scale, offset }: FunctionFields): boolean {
  return realFunction(name).domain?.(parameters).low === 0 && scale > 0 && offset === 0;
}

function notNegative({ lsb, codes }: OperandRange): OperandRange {
  return { lsb, codes: { low: 0n, high: codes.high } };
}

export function emitForm(
  builder: ModelBuilder,
  operand: ModelNodeId,
  range: OperandRange,
  form: FunctionForm,
  result: Quantizer,
  provenance: Provenance,
): ModelNodeId {
  switch (form.kind) {
    case 'table': {
      const { lsb, first, codes } = form.table;
      return builder.add('table', { operand, lsb, first, type: result.type, codes }, provenance);
    }
    case 'lines': {
      if (!form.rectified) return emitLines(builder, operand, range, form.lines, result, provenance);
      const rectified = builder.add('relu', { operand }, provenance);
      return emitLines(builder, rectified, notNegative(range), form.lines, result, provenance);
    }
    case 'halves': {
      const opposite = builder.add('negate', { operand }, provenance);
      const half = (of: ModelNodeId, high: bigint, lines: Lines): ModelNodeId => {
        const rectified = builder.add('relu', { operand: of }, provenance);
        return emitLines(builder, rectified, { lsb: range.lsb, codes: { low: 0n, high } }, lines, result, provenance);
      };
      const zero = builder.constant({ lsb: range.lsb, codes: [0n], float: false }, [], provenance);
      return builder.add(
        'select',
        {
          condition: builder.add('lessThan', { left: operand, right: zero }, provenance),
          whenTrue: half(opposite, -range.codes.low, form.negative),
          whenFalse: half(operand, range.codes.high, form.positive),
        },
        provenance,
      );
    }
  }
}

/** A sentence on the size of a form, and on how far it is from the function. */
export function describeForm(
  node: FunctionFields,
  type: FixedPointType,
  range: OperandRange,
  form: FunctionForm,
): string {
  const unit = 2 ** lsbExponent(type);
  const off = (error: number, relative?: number): string => {
    const share = relative === undefined ? '' : `, or ${shortNumber(relative)} of the value where that is more,`;
    const bound = relative === undefined ? error : unit;
    return `at most ${shortNumber(bound)} (${shortNumber(bound / unit)} LSB)${share} from the function`;
  };
  if (form.kind === 'table') {
    const { lsb, first, codes, error } = form.table;
    const from = Number(first) * 2 ** lsb;
    const to = (Number(first) + codes.length - 1) * 2 ** lsb;
    const shared = lsb > range.lsb ? `, one for ${2 ** (lsb - range.lsb)} values` : '';
    const entries = `${codes.length} ${codes.length === 1 ? 'entry' : 'entries'}`;
    return `${node.function}: ${entries} of ${printType(type)} from ${shortNumber(from)} to ${shortNumber(to)}${shared}; ${off(error)}`;
  }
  const parts = form.kind === 'lines' ? [form.lines] : [form.negative, form.positive];
  const count = parts.reduce((sum, { bases }) => sum + bases.length, 0);
  const octaves = parts.some(({ map }) => map.kind === 'octaves') ? ', the same number in each octave' : '';
  const shares = parts.flatMap(({ relativeError }) => (relativeError === undefined ? [] : [relativeError]));
  const worst = Math.max(...parts.map(({ error }) => error));
  const bound = shares.length === 0 ? off(worst) : off(worst, Math.max(...shares));
  return `${node.function}: ${count} straight pieces${octaves}, in ${printType(type)}; ${bound}`;
}

export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}
