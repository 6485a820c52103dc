import { at, invariant } from '../../../support/invariant.js';
import type { Branch, Ensemble } from './ensemble.js';

/** left < right or left = right, where one side is a feature and the other a constant. */
export interface Comparison {
  readonly relation: 'featureBelow' | 'featureAbove' | 'featureEqual';
  readonly feature: number;
  readonly threshold: number;
}

/** Number of a value: first the constants, then the choices in their order. */
export type ValueNumber = number;

export interface Choice {
  readonly comparison: number;
  readonly whenTrue: ValueNumber;
  readonly whenFalse: ValueNumber;
}

/**
 * Decision trees as choices between numbers. Equal comparisons, equal leaves and equal subtrees are made once, and a
 * comparison between equal values is no choice.
 */
export interface TreePlan {
  readonly comparisons: readonly Comparison[];
  readonly constants: readonly number[];
  /** Choices whose operands are constants and choices of earlier levels. */
  readonly levels: readonly (readonly Choice[])[];
  /** For each target: the value of each tree that has leaves for it. */
  readonly targets: ReadonlyMap<number, readonly ValueNumber[]>;
}

/** Undefined when nodes form a cycle, or no root leads to them. */
export function planTrees(ensemble: Ensemble): TreePlan | undefined {
  const order = childrenFirst(ensemble);
  return order === undefined ? undefined : new Planner(ensemble, order).run();
}

/** All nodes below the roots, each after its children. */
function childrenFirst({ nodes, roots }: Ensemble): readonly number[] | undefined {
  const order: number[] = [];
  // 0: not met, 1: its children are being visited, 2: done.
  const state = new Uint8Array(nodes.length);
  const stack = [...roots].reverse();
  for (let index = stack.at(-1); index !== undefined; index = stack.at(-1)) {
    const node = at(nodes, index);
    if (state[index] === 2 || state[index] === 1 || node.kind === 'leaf') {
      stack.pop();
      if (state[index] === 2) continue;
      state[index] = 2;
      order.push(index);
      continue;
    }
    state[index] = 1;
    for (const child of [node.whenFalse, node.whenTrue]) {
      if (state[child] === 1) return undefined;
      if (state[child] === 0) stack.push(child);
    }
  }
  return order.length === nodes.length ? order : undefined;
}

interface KnownChoice extends Choice {
  readonly level: number;
}

class Planner {
  private readonly comparisons: Comparison[] = [];
  private readonly comparisonOf = new Map<string, number>();
  private readonly constants: number[] = [];
  private readonly constantOf = new Map<number, number>();
  private readonly choices: KnownChoice[] = [];
  private readonly choiceOf = new Map<string, number>();

  public constructor(
    private readonly ensemble: Ensemble,
    private readonly order: readonly number[],
  ) {}

  public run(): TreePlan {
    const { nodes, roots } = this.ensemble;
    const all = new Set<number>();
    for (const node of nodes) if (node.kind === 'leaf') for (const target of node.weights.keys()) all.add(target);
    // Which targets a tree has leaves for, by node: so that a tree is walked for those only.
    const below: ReadonlySet<number>[] = [];
    for (const index of this.order) {
      const node = at(nodes, index);
      below[index] =
        node.kind === 'leaf'
          ? new Set(node.weights.keys())
          : union(at(below, node.whenTrue), at(below, node.whenFalse));
    }
    const targets = new Map<number, ValueNumber[]>();
    // Constants are ≥ 0 and choices < 0 until the number of constants is known.
    for (const target of [...all].sort((a, b) => a - b)) {
      const values: number[] = [];
      for (const index of this.order) {
        const node = at(nodes, index);
        if (node.kind === 'leaf') values[index] = this.constant(node.weights.get(target) ?? 0);
        else if (at(below, index).has(target)) {
          values[index] = this.choice(node, at(values, node.whenTrue), at(values, node.whenFalse));
        } else values[index] = this.constant(0);
      }
      targets.set(
        target,
        roots.filter((root) => at(below, root).has(target)).map((root) => at(values, root)),
      );
    }
    return this.numbered(targets);
  }

  private constant(value: number): number {
    const known = this.constantOf.get(value);
    if (known !== undefined) return known;
    const made = this.constants.push(value) - 1;
    this.constantOf.set(value, made);
    return made;
  }

  private choice(branch: Branch, onTrue: number, onFalse: number): number {
    if (onTrue === onFalse) return onTrue;
    const { relation, negated } = relations[branch.mode];
    const comparison = this.comparison({ relation, feature: branch.feature, threshold: branch.threshold });
    const [whenTrue, whenFalse] = negated ? [onFalse, onTrue] : [onTrue, onFalse];
    const key = `${comparison},${whenTrue},${whenFalse}`;
    const known = this.choiceOf.get(key);
    if (known !== undefined) return known;
    const level = 1 + Math.max(this.levelOf(whenTrue), this.levelOf(whenFalse));
    const made = -this.choices.push({ comparison, whenTrue, whenFalse, level });
    this.choiceOf.set(key, made);
    return made;
  }

  private comparison(comparison: Comparison): number {
    const key = `${comparison.relation},${comparison.feature},${comparison.threshold}`;
    const known = this.comparisonOf.get(key);
    if (known !== undefined) return known;
    const made = this.comparisons.push(comparison) - 1;
    this.comparisonOf.set(key, made);
    return made;
  }

  private levelOf(value: number): number {
    return value >= 0 ? 0 : at(this.choices, -value - 1).level;
  }

  /** Choices in the order of their levels, and values numbered accordingly. */
  private numbered(targets: ReadonlyMap<number, readonly number[]>): TreePlan {
    const byLevel: number[][] = [];
    this.choices.forEach(({ level }, index) => (byLevel[level - 1] ??= []).push(index));
    const position = new Int32Array(this.choices.length);
    let next = this.constants.length;
    for (const level of byLevel) for (const index of level) position[index] = next++;
    const number = (value: number): ValueNumber => (value >= 0 ? value : at(position, -value - 1));
    const levels = byLevel.map((level) =>
      level.map((index) => {
        const { comparison, whenTrue, whenFalse } = at(this.choices, index);
        return { comparison, whenTrue: number(whenTrue), whenFalse: number(whenFalse) };
      }),
    );
    invariant(next === this.constants.length + this.choices.length, 'every choice has a level');
    return {
      comparisons: this.comparisons,
      constants: this.constants,
      levels,
      targets: new Map([...targets].map(([target, values]) => [target, values.map(number)] as const)),
    };
  }
}

/** Every mode as one of three relations or its negation. */
const relations: Readonly<
  Record<Branch['mode'], { readonly relation: Comparison['relation']; readonly negated: boolean }>
> = {
  LEQ: { relation: 'featureAbove', negated: true },
  LT: { relation: 'featureBelow', negated: false },
  GTE: { relation: 'featureBelow', negated: true },
  GT: { relation: 'featureAbove', negated: false },
  EQ: { relation: 'featureEqual', negated: false },
  NEQ: { relation: 'featureEqual', negated: true },
};

function union(left: ReadonlySet<number>, right: ReadonlySet<number>): ReadonlySet<number> {
  if (left.size === right.size && [...left].every((each) => right.has(each))) return left;
  return new Set([...left, ...right]);
}
