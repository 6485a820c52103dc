import { success } from '../../diagnostics/result.js';
import { KernelBuilder } from '../../dataflow/builder.js';
import type { DataflowNode, Kernel, NodeId } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';
import { operands } from '../../dataflow/semantics.js';
import type { Interval } from '../../numeric/interval.js';
import { intersect } from '../../numeric/interval.js';
import { at, invariant } from '../../support/invariant.js';
import type { Pass } from '../pass.js';
import { adderStatistics, valueFacts } from './distributed-arithmetic/cost.js';
import { canonicalSignedDigits } from './distributed-arithmetic/csd.js';
import { emitAdderGraph } from './distributed-arithmetic/emit.js';
import type { AdderGraph, Problem } from './distributed-arithmetic/problem.js';
import type { SolveOptions } from './distributed-arithmetic/options.js';
import { defaultSolveOptions } from './distributed-arithmetic/options.js';
import type { LinearForm } from './linear-forms.js';
import { linearForms, liveNodes } from './linear-forms.js';
import { mapKernels } from './map-kernels.js';
import { refineRanges } from './refine-ranges.js';
import { SolutionSource } from './solution-source.js';

/**
 * Turns constant matrix products into shifted additions that share common parts. In each kernel the maximal linear
 * parts are found; results that can be computed at the same time from common leaves are solved as one matrix.
 */
export function distributeArithmetic(options: SolveOptions = defaultSolveOptions): Pass<Program> {
  return {
    name: 'distribute-arithmetic',
    summary: 'constant matrix products as shared shifted additions',
    preserves: 'values',
    run(program, context) {
      const parts = program.kernels.map((kernel) => new Distribution(kernel));
      // Only an effort in seconds asks how much there is in all.
      const digits = typeof options.effort === 'string' ? [] : parts.map((part) => part.countDigits());
      const total = digits.reduce((sum, each) => sum + each, 0);
      const kernels = runTogether(parts, new SolutionSource(options, context, total));
      for (const part of parts) {
        if (part.totals.matrices === 0) continue;
        context.report?.({ pass: this.name, subject: part.kernel.name, values: { ...part.totals } });
      }
      const changed = new Map(program.kernels.map((kernel, index) => [kernel, at(kernels, index)]));
      return success(mapKernels(program, (kernel) => changed.get(kernel) ?? kernel));
    },
  };
}

/**
 * The kernels know nothing of each other, while the problems of one kernel build on earlier ones: round by round, what
 * all of them wait for is solved at once.
 */
function runTogether(parts: readonly Distribution[], source: SolutionSource): readonly Kernel[] {
  const kernels = parts.map((part) => part.kernel);
  let open = parts.map((part, index) => {
    const steps = part.run();
    return { index, steps, step: steps.next() };
  });
  for (;;) {
    const waiting: (Omit<(typeof open)[number], 'step'> & { readonly problems: readonly Problem[] })[] = [];
    for (const { index, steps, step } of open) {
      if (step.done === true) kernels[index] = step.value;
      else waiting.push({ index, steps, problems: step.value });
    }
    if (waiting.length === 0) return kernels;
    const solutions = source.solveAll(waiting.flatMap(({ problems }) => problems));
    let first = 0;
    open = waiting.map(({ index, steps, problems }) => {
      const own = solutions.slice(first, (first += problems.length));
      return { index, steps, step: steps.next(own) };
    });
  }
}

/** Results over common leaves, all leaves ready before any of the results. */
interface Component {
  readonly roots: readonly NodeId[];
  readonly leaves: readonly NodeId[];
}

interface PosedComponent extends Component {
  readonly problem: Problem;
  /** Depth from which those of the problem count. */
  readonly base: number;
}

class Distribution {
  private readonly builder: KernelBuilder;
  private readonly moved: NodeId[] = [];
  /** Levels of adders before a node of the old kernel, a comparison or selection counted as one. */
  private readonly depth: Float64Array;
  /** What is known of the nodes of the new kernel beyond the builder's intervals. */
  private readonly proven: Interval[] = [];
  private readonly forms: ReadonlyMap<NodeId, LinearForm>;
  public readonly totals = { adders: 0, cost: 0, depth: 0, results: 0, matrices: 0 };

  public constructor(public readonly kernel: Kernel) {
    this.builder = new KernelBuilder(kernel.name);
    this.depth = new Float64Array(kernel.nodes.length);
    this.forms = linearForms(kernel);
  }

  /** Signed digits of all problems. */
  public countDigits(): number {
    let digits = 0;
    for (const { terms } of this.forms.values()) {
      for (const coefficient of terms.values()) digits += canonicalSignedDigits(coefficient).length;
    }
    return digits;
  }

  /** Yields problems, takes their solutions, and returns the new kernel. */
  public *run(): Generator<readonly Problem[], Kernel, readonly AdderGraph[]> {
    if (this.forms.size === 0) return this.kernel;
    for (const id of this.kernel.inputs) this.copy(at(this.kernel.nodes, id));
    for (const stage of this.stages()) {
      const posed = components(stage.roots, this.forms).map((component) => this.pose(component));
      const solutions = posed.length === 0 ? [] : yield posed.map(({ problem }) => problem);
      posed.forEach((part, index) => {
        this.build(part, at(solutions, index));
      });
      for (const node of stage.others) this.copy(node);
    }
    for (const id of this.kernel.outputs) this.builder.output(at(this.moved, id));
    return refineRanges(this.builder.finish(), this.proven);
  }

  /** Roots, then the nodes that need no later root, by the number of roots on the longest path to them. */
  private stages(): readonly { readonly roots: readonly NodeId[]; readonly others: readonly DataflowNode[] }[] {
    const live = liveNodes(this.kernel);
    const level = new Int32Array(this.kernel.nodes.length);
    const stages: { roots: NodeId[]; others: DataflowNode[] }[] = [];
    const stage = (index: number): { roots: NodeId[]; others: DataflowNode[] } =>
      (stages[index] ??= { roots: [], others: [] });
    stage(0);
    // Linear nodes inside a cluster are part of the forms of its roots and have no place of their own.
    const needed = this.neededNodes(live);
    for (const node of this.kernel.nodes) {
      if (node.kind === 'input' || needed[node.id] !== 1) continue;
      const form = this.forms.get(node.id);
      let highest = 0;
      for (const id of form === undefined ? operands(node) : form.terms.keys()) {
        highest = Math.max(highest, level[id] ?? 0);
      }
      level[node.id] = form === undefined ? highest : highest + 1;
      if (form === undefined) stage(highest).others.push(node);
      else stage(highest + 1).roots.push(node.id);
    }
    return stages;
  }

  private neededNodes(live: Uint8Array): Uint8Array {
    const needed = new Uint8Array(live.length);
    for (const id of this.kernel.outputs) needed[id] = 1;
    for (let id = live.length - 1; id >= 0; id--) {
      if (needed[id] !== 1) continue;
      const form = this.forms.get(id as NodeId);
      for (const operand of form === undefined ? operands(at(this.kernel.nodes, id)) : form.terms.keys()) {
        needed[operand] = 1;
      }
    }
    return needed;
  }

  /**
   * The origin under which the additions of a cluster are shown: that of its first operation. The root often belongs to
   * the quantiser, whose rounding constant is its last term, while the work is the product's.
   */
  private originOf(root: NodeId): number {
    const leaves = this.forms.get(root)?.terms;
    let earliest = root;
    const seen = new Set<NodeId>();
    const open = [root];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const node = at(this.kernel.nodes, id);
      if (seen.has(id) || node.kind === 'constant' || (id !== root && leaves?.has(id) === true)) continue;
      seen.add(id);
      if (id < earliest) earliest = id;
      for (const operand of operands(node)) open.push(operand);
    }
    return at(this.kernel.nodes, earliest).origin;
  }

  private copy(node: DataflowNode): void {
    this.builder.from(at(this.kernel.origins, node.origin));
    this.place(
      node.id,
      this.builder.copy(node, (id) => at(this.moved, id)),
    );
    let deepest = 0;
    for (const operand of operands(node)) deepest = Math.max(deepest, this.depth[operand] ?? 0);
    this.depth[node.id] = deepest + (isWiring(node) ? 0 : 1);
  }

  private place(from: NodeId, to: NodeId): void {
    this.moved[from] = to;
    this.prove(to, at(this.kernel.nodes, from).range);
  }

  private prove(id: NodeId, range: Interval): void {
    const known = this.proven[id];
    const met = known === undefined ? range : intersect(known, range);
    invariant(met !== undefined, `${this.kernel.name}: node ${id} has contradictory ranges`);
    this.proven[id] = met;
  }

  private pose({ roots, leaves }: Component): PosedComponent {
    const offset = leaves.reduce((least, id) => Math.min(least, this.depth[id] ?? 0), Infinity);
    const base = Number.isFinite(offset) ? offset : 0;
    const position = new Map(leaves.map((id, index) => [id, index]));
    const problem: Problem = {
      inputs: leaves.map((id) => ({
        range: at(this.kernel.nodes, id).range,
        depth: (this.depth[id] ?? 0) - base,
      })),
      columns: roots.map((id) => {
        const form = this.forms.get(id) ?? { terms: new Map<NodeId, bigint>(), constant: 0n };
        const terms = [...form.terms].map(([leaf, coefficient]) => ({ input: position.get(leaf) ?? -1, coefficient }));
        return { terms: terms.sort((a, b) => a.input - b.input), constant: form.constant };
      }),
    };
    return { roots, leaves, problem, base };
  }

  private build({ roots, leaves, problem, base }: PosedComponent, graph: AdderGraph): void {
    const [first] = roots;
    if (first !== undefined) this.builder.from(at(this.kernel.origins, this.originOf(first)));
    const emitted = emitAdderGraph(
      this.builder,
      graph,
      leaves.map((id) => at(this.moved, id)),
    );
    const facts = valueFacts(problem, graph, 'exact');
    // Shared parts of one variable hide from interval arithmetic how far a sum reaches: 3x as 4x - x.
    emitted.values.forEach((id, value) => {
      this.prove(id, at(facts, value).range);
    });
    roots.forEach((id, index) => {
      this.place(id, at(emitted.outputs, index));
      this.depth[id] = base + at(facts, at(graph.outputs, index).value).depth;
    });
    const { adders, cost, depth } = adderStatistics(problem, graph);
    this.totals.adders += adders;
    this.totals.cost += cost;
    this.totals.depth = Math.max(this.totals.depth, base + depth);
    this.totals.results += roots.length;
    this.totals.matrices++;
  }
}

function isWiring(node: DataflowNode): boolean {
  switch (node.kind) {
    case 'input':
    case 'constant':
    case 'shiftLeft':
    case 'floorShiftRight':
    case 'wrap':
    case 'slice':
    case 'concat':
    case 'not':
    case 'assume':
      return true;
    default:
      return false;
  }
}

/** Roots that share leaves, directly or through others, in order of their first root. */
function components(roots: readonly NodeId[], forms: ReadonlyMap<NodeId, LinearForm>): readonly Component[] {
  const parent = roots.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (at(parent, root) !== root) {
      parent[root] = at(parent, at(parent, root));
      root = at(parent, root);
    }
    return root;
  };
  const firstUser = new Map<NodeId, number>();
  roots.forEach((id, index) => {
    for (const leaf of forms.get(id)?.terms.keys() ?? []) {
      const user = firstUser.get(leaf);
      if (user === undefined) firstUser.set(leaf, index);
      else {
        const [a, b] = [find(user), find(index)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
  });
  const groups = new Map<number, { roots: NodeId[]; leaves: Set<NodeId> }>();
  roots.forEach((id, index) => {
    const key = find(index);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { roots: [], leaves: new Set() }));
    group.roots.push(id);
    for (const leaf of forms.get(id)?.terms.keys() ?? []) group.leaves.add(leaf);
  });
  return [...groups.values()].map((group) => ({
    roots: group.roots,
    leaves: [...group.leaves].sort((a, b) => a - b),
  }));
}
