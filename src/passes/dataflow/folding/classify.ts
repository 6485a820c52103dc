import { digitAdderLuts, digitBits } from '../../../design/digits.js';
import type { DataflowNode, Kernel, NodeId } from '../../../dataflow/kinds.js';
import { operands } from '../../../dataflow/semantics.js';
import { intervalWidth, isPoint } from '../../../numeric/interval.js';
import { at } from '../../../support/invariant.js';

/**
 * What a node becomes part of: sums that may be carried out digit by digit, products of variables, everything else, or
 * nothing of its own (operands, constants and shifts, which belong to whoever reads them).
 */
export type NodeClass = 'sum' | 'product' | 'word' | 'wiring';

/** The order in which classes follow one another within a layer. */
export const stageClasses = ['sum', 'product', 'word'] as const;

function isSum({ kind }: DataflowNode): boolean {
  return kind === 'add' || kind === 'subtract' || kind === 'addThree' || kind === 'negate';
}

/**
 * Bits cut off between sums belong to them: digit by digit it is a delay. At the edge of sums it is a delay, too, but of
 * whole words it is nothing at all.
 */
function isCutBetweenSums(kernel: Kernel, node: DataflowNode, readBySum: ReadonlySet<NodeId>): boolean {
  return node.kind === 'floorShiftRight' && readBySum.has(node.id) && isSum(sourceOf(kernel, node.operand));
}

function isWiring(node: DataflowNode): boolean {
  return node.kind === 'input' || node.kind === 'shiftLeft' || isPoint(node.range);
}

/** A product of two values as they are, so that all such products are one function of their widths. */
function isProduct(kernel: Kernel, node: DataflowNode): boolean {
  if (node.kind !== 'square' && node.kind !== 'multiply') return false;
  return operands(node).every((id) => sourceOf(kernel, id).id === id && !isPoint(at(kernel.nodes, id).range));
}

/** The value that wiring leads back to. */
export function sourceOf(kernel: Kernel, id: NodeId): DataflowNode {
  const node = at(kernel.nodes, id);
  return node.kind === 'shiftLeft' && !isPoint(node.range) ? sourceOf(kernel, node.operand) : node;
}

/** A sum that is connected, and what it would take to carry it out digit by digit. */
interface Component {
  readonly members: NodeId[];
  /** Words that it reads. */
  readonly sources: Set<NodeId>;
  /** What others read of it. */
  readonly results: Set<NodeId>;
  /** Bits of its widest result, and of what bits are cut off from. */
  width: number;
}

/**
 * The class of every node. Sums go digit by digit where turning their operands into digits, and adding those, takes
 * at most `worth` times the tables of adding whole words.
 */
export function classify(kernel: Kernel, interval: number, worth: number): readonly NodeClass[] {
  const readBySum = new Set<NodeId>();
  for (const node of kernel.nodes) {
    if (!isSum(node) || isWiring(node)) continue;
    for (const id of operands(node)) readBySum.add(sourceOf(kernel, id).id);
  }
  const classes = kernel.nodes.map((node): NodeClass => {
    if (isWiring(node)) return 'wiring';
    if (isSum(node) || isCutBetweenSums(kernel, node, readBySum)) return 'sum';
    return isProduct(kernel, node) ? 'product' : 'word';
  });
  for (const component of components(kernel, classes)) {
    if (worth > 0 && gathers(kernel, component)) continue;
    if (serialLuts(kernel, component, interval) < worth * parallelLuts(kernel, component)) continue;
    for (const id of component.members) classes[id] = 'word';
  }
  return classes;
}

function adders({ kind }: DataflowNode): number {
  return kind === 'addThree' ? 2 : kind === 'floorShiftRight' ? 0 : 1;
}

/** Sums of so many values each may take them as they come, with an adder for each wire. */
const MANY_VALUES = 8;

/** Whether a component is nothing but sums of many values, each added once. */
function gathers(kernel: Kernel, { members, sources, results }: Component): boolean {
  const additions = members.reduce((sum, id) => sum + adders(at(kernel.nodes, id)), 0);
  return sources.size >= MANY_VALUES * results.size && additions <= sources.size;
}

function parallelLuts(kernel: Kernel, { members }: Component): number {
  return members.reduce((sum, id) => sum + adders(at(kernel.nodes, id)) * intervalWidth(at(kernel.nodes, id).range), 0);
}

function serialLuts(kernel: Kernel, { members, sources, width }: Component, interval: number): number {
  const bits = digitBits(width, interval);
  let luts = members.reduce((sum, id) => {
    const node = at(kernel.nodes, id);
    return sum + (node.kind === 'floorShiftRight' ? bits : adders(node) * digitAdderLuts(bits));
  }, 0);
  for (const id of sources) luts += intervalWidth(at(kernel.nodes, id).range);
  return luts;
}

function components(kernel: Kernel, classes: readonly NodeClass[]): readonly Component[] {
  const parent = kernel.nodes.map((_, index) => index);
  const root = (id: number): number => {
    let top = id;
    while (parent[top] !== undefined && parent[top] !== top) top = parent[top] ?? top;
    parent[id] = top;
    return top;
  };
  const sums = kernel.nodes.filter(({ id }) => classes[id] === 'sum');
  for (const node of sums) {
    for (const id of operands(node)) {
      const source = sourceOf(kernel, id);
      if (classes[source.id] === 'sum') parent[root(source.id)] = root(node.id);
    }
  }
  const found = new Map<number, Component>();
  const componentOf = (id: number): Component => {
    const top = root(id);
    let component = found.get(top);
    if (component === undefined)
      found.set(top, (component = { members: [], sources: new Set(), results: new Set(), width: 1 }));
    return component;
  };
  for (const node of sums) {
    const component = componentOf(node.id);
    component.members.push(node.id);
    for (const id of operands(node)) {
      const source = sourceOf(kernel, id);
      if (!isPoint(source.range) && classes[source.id] !== 'sum') component.sources.add(source.id);
      if (node.kind === 'floorShiftRight') {
        component.width = Math.max(component.width, intervalWidth(at(kernel.nodes, id).range));
      }
    }
  }
  // Sums wrap without harm on their way: only what leaves them must fit, and what is cut.
  const leaves = (id: NodeId): void => {
    const source = sourceOf(kernel, id);
    if (classes[source.id] !== 'sum') return;
    const component = componentOf(source.id);
    component.results.add(source.id);
    component.width = Math.max(component.width, intervalWidth(source.range));
  };
  for (const node of kernel.nodes) {
    if (node.kind !== 'shiftLeft' && classes[node.id] !== 'sum') operands(node).forEach(leaves);
  }
  kernel.outputs.forEach(leaves);
  return [...found.values()];
}
