import { printable } from '../../../diagnostics/diagnostic.js';
import { elementCount } from '../../../model/kinds.js';
import { rowMajorStrides, ShapeError, walk } from '../../../model/shapes.js';
import { at } from '../../../support/invariant.js';
import type { NodeContext } from '../node-context.js';
import type { OperatorEntry } from '../operator.js';
import { ANY_NUMBER, operator } from '../operator.js';
import type { Value } from '../session.js';

/** A tensor whose axes have names. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/**
 * A sum of products over named axes: operand by operand, each pair as one (batched) matrix product after transposing
 * and joining axes. Axes that only one operand has and nothing later needs are summed first.
 */
function einsum(context: NodeContext): Value {
  const equation = context.string('equation').replace(/\s/gu, '');
  const [inputs = '', output, ...more] = equation.split('->');
  const terms = inputs.split(',');
  if (more.length > 0 || terms.length !== context.inputCount || !/^[a-zA-Z.,]*$/u.test(`${inputs}${output ?? ''}`)) {
    return context.refuse(`the equation '${printable(equation)}' for ${context.inputCount} operands`);
  }
  const ranks = terms.map((term, index) => context.input(index).shape.length - term.replace('...', '').length);
  const hidden = Math.max(...terms.map((term, index) => (term.includes('...') ? at(ranks, index) : 0)));
  const operands = terms.map((term, index) => {
    const labels = axesOf(term, at(ranks, index), hidden);
    const value = context.input(index);
    if (labels?.length !== value.shape.length) {
      throw new ShapeError(`'${printable(term)}' does not name the axes of a tensor of [${value.shape.join(', ')}]`);
    }
    return diagonal(context, { value, labels });
  });
  const wanted = output === undefined ? implicitOutput(operands, hidden) : (axesOf(output, hidden, hidden) ?? []);
  checkSizes(operands);
  const known = new Set(operands.flatMap(({ labels }) => labels));
  const unknown = wanted.find((label) => !known.has(label));
  if (unknown !== undefined || new Set(wanted).size !== wanted.length) {
    return context.refuse(`the equation '${printable(equation)}'`);
  }
  const [first, ...rest] = operands;
  if (first === undefined) return context.refuse('an einsum without operands');
  let result = first;
  rest.forEach((operand, index) => {
    const later = new Set([...wanted, ...rest.slice(index + 1).flatMap(({ labels }) => labels)]);
    result = contract(context, result, operand, later);
  });
  return ordered(context, summed(context, result, new Set(wanted)), wanted);
}

/** One label per axis; the axes behind an ellipsis are numbered from the last. Undefined where there are too few axes. */
function axesOf(term: string, behind: number, hidden: number): readonly string[] | undefined {
  const [before = '', after] = term.split('...');
  if (after === undefined) return Array.from(before);
  if (behind < 0) return undefined;
  return [
    ...Array.from(before),
    ...Array.from({ length: behind }, (_, axis) => `.${hidden - behind + axis}`),
    ...Array.from(after),
  ];
}

/** Without an arrow: the axes behind ellipses, then the labels that occur once, in alphabetical order. */
function implicitOutput(operands: readonly Labelled[], hidden: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const { labels } of operands) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const once = [...counts].filter(([label, count]) => count === 1 && !label.startsWith('.')).map(([label]) => label);
  return [...Array.from({ length: hidden }, (_, axis) => `.${axis}`), ...once.sort()];
}

function checkSizes(operands: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  for (const { value, labels } of operands) {
    labels.forEach((label, axis) => {
      const size = at(value.shape, axis);
      if ((sizes.get(label) ?? size) !== size)
        throw new ShapeError(`axis '${label}' has sizes ${sizes.get(label)} and ${size}`);
      sizes.set(label, size);
    });
  }
}

/** An axis that is named twice is a diagonal. */
function diagonal(context: NodeContext, { value, labels }: Labelled): Labelled {
  const unique = [...new Set(labels)];
  if (unique.length === labels.length) return { value, labels };
  const strides = rowMajorStrides(value.shape);
  const steps = unique.map((label) =>
    labels.reduce((sum, other, axis) => (other === label ? sum + at(strides, axis) : sum), 0),
  );
  const shape = unique.map((label) => at(value.shape, labels.indexOf(label)));
  labels.forEach((label, axis) => {
    if (at(value.shape, axis) !== at(shape, unique.indexOf(label))) {
      throw new ShapeError(
        `axis '${label}' has sizes ${at(shape, unique.indexOf(label))} and ${at(value.shape, axis)}`,
      );
    }
  });
  const flat = context.tensors.reshape(value, [elementCount(value.shape)]);
  const picked = context.tensors.gather(flat, 0, Array.from(walk(shape, steps)));
  return { value: context.tensors.reshape(picked, shape), labels: unique };
}

/** Sum over the axes that are not wanted. */
function summed(context: NodeContext, { value, labels }: Labelled, wanted: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]));
  if (axes.length === 0) return { value, labels };
  return {
    value: context.tensors.reduce('sum', value, axes, false),
    labels: labels.filter((label) => wanted.has(label)),
  };
}

function ordered(context: NodeContext, { value, labels }: Labelled, wanted: readonly string[]): Value {
  return context.tensors.transpose(
    value,
    wanted.map((label) => labels.indexOf(label)),
  );
}

function contract(context: NodeContext, first: Labelled, second: Labelled, later: ReadonlySet<string>): Labelled {
  const left = summed(context, first, new Set([...later, ...second.labels]));
  const right = summed(context, second, new Set([...later, ...first.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const inner = shared.filter((label) => !later.has(label));
  const rows = left.labels.filter((label) => !right.labels.includes(label));
  const columns = right.labels.filter((label) => !left.labels.includes(label));
  const size = (labels: readonly string[]): number =>
    labels.reduce((product, label) => {
      const own = left.labels.indexOf(label);
      const length = own >= 0 ? at(left.value.shape, own) : at(right.value.shape, right.labels.indexOf(label));
      return product * length;
    }, 1);
  const sizes = (labels: readonly string[]): readonly number[] => labels.map((label) => size([label]));
  const { tensors } = context;
  // A single matrix stays one, so that a constant meets all rows as one kernel.
  const stack = batch.length === 0 ? [] : [size(batch)];
  const a = tensors.reshape(ordered(context, left, [...batch, ...rows, ...inner]), [...stack, size(rows), size(inner)]);
  const b = tensors.reshape(ordered(context, right, [...batch, ...inner, ...columns]), [
    ...stack,
    size(inner),
    size(columns),
  ]);
  const labels = [...batch, ...rows, ...columns];
  return { value: tensors.reshape(tensors.matmul(a, b), sizes(labels)), labels };
}

export const einsumOperators: readonly OperatorEntry[] = [
  operator('Einsum', [1, ANY_NUMBER], ['equation'], einsum, 12),
];
