import type { DeclaredReuse, Form } from '../../../design/sequencing.js';
import type { DataflowNode, Kernel, NodeId } from '../../../dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../../dataflow/program.js';
import { success } from '../../../diagnostics/result.js';
import type { Interval } from '../../../numeric/interval.js';
import { contains, isPoint, union } from '../../../numeric/interval.js';
import { at, invariant } from '../../../support/invariant.js';
import type { Pass } from '../../pass.js';
import { inputPlace } from '../../../design/input-place.js';
import type { AlikeGroup } from './alike.js';
import { alikeGroups } from './alike.js';
import type { NodeClass } from './classify.js';
import { classify, stageClasses } from './classify.js';
import type { LaneOrder, Turn } from './lanes.js';
import { laneOrder } from './lanes.js';
import { productKernel, stageKernel } from './stage-kernel.js';
import { leavingOf, stagesOf, wholeIsCheaper } from './stages.js';

export interface SplitOptions {
  /** Clocks from one event to the next. */
  readonly interval: number;
  /** Part of the tables of whole words that digits may take at most. */
  readonly worth?: number;
  /** By layer, what is declared instead of chosen by cost. */
  readonly declared?: ReadonlyMap<string, DeclaredReuse>;
  /** Multiplier blocks that matrices may be given; none where absent. */
  readonly blocks?: number;
  /** By input, the clocks in which it comes; all at once where absent. */
  readonly inputClocks?: readonly number[];
}

/**
 * Kernels split where their hardware changes form when an event comes every `interval` clocks only: sums that are
 * cheaper digit by digit, products that one multiplier can do in turn, and what needs whole words. Kernels whose
 * positions are better walked over as they are stay whole. What is declared `parallel` stays whole too, sums that are
 * declared `serial` are always split off, and never those that are declared `shared`. Positions that may read what comes in
 * turn, behind an input in parts, are put in the order of their lanes.
 */
export function splitKernels(options: SplitOptions): Pass<Program> {
  return {
    name: 'split-kernels',
    summary: 'separate sums, products and operations on whole words, which are reused in different ways',
    preserves: 'values',
    run: (program) => success(new Split(program, options).run()),
  };
}

/** Results of one function that are worth the clocks of taking turns where no chain gives them in turn. */
const MANY_ALIKE = 64;

/** Below it, what the formulas leave out is made up for. */
const WORTH = 0.8;

/** By position and result of an instance, where the value is now. */
type Placing = (position: number, output: number) => ValueReference;

class Split {
  private readonly kernels: Kernel[] = [];
  private readonly instances: Instance[] = [];
  /** By instance of the old program and result of one position: where it is now, for each position. */
  private readonly moved: Placing[] = [];
  /** By instance of the old program, the results that ports hand on: what those hold is declared. */
  private readonly ported = new Map<number, Set<number>>();
  /** By instance of the new program, how its positions follow one another where they are in lanes. */
  private readonly lanes = new Map<number, LaneOrder>();

  public constructor(
    private readonly program: Program,
    private readonly options: SplitOptions,
  ) {
    for (const { instance, index } of program.outputs.flatMap(({ elements }) => elements)) {
      if (instance === PROGRAM_INPUT) continue;
      const count = kernelOf(program, at(program.instances, instance)).outputs.length;
      const found = this.ported.get(instance) ?? new Set();
      this.ported.set(instance, found.add(index % count));
    }
  }

  public run(): Program {
    for (const [index, instance] of this.program.instances.entries()) {
      const kernel = kernelOf(this.program, instance);
      const ported = this.ported.get(index) ?? new Set();
      this.moved.push(this.inLanes(instance, kernel, ported) ?? this.place(instance, kernel, ported));
    }
    const outputs = this.program.outputs.map((output) => ({
      ...output,
      elements: output.elements.map((reference) => this.follow(reference)),
    }));
    return { ...this.program, kernels: this.kernels, instances: this.instances, outputs };
  }

  /** An instance in the new program, whole or in pieces: where each of its results is. */
  private place(instance: Instance, given: Kernel, ported: ReadonlySet<number>): Placing {
    const kernel = this.reading(instance, given);
    const { interval, worth = WORTH } = this.options;
    const form = this.formOf(instance);
    // Sums are worth splitting off whatever their digits take where that is declared, or where multipliers may take them.
    const always = form === 'serial' || form === 'folded' || (form === undefined && this.options.blocks !== undefined);
    const classes = classify(kernel, interval, always ? Infinity : form === 'shared' ? 0 : worth);
    const stays =
      form === 'parallel' ||
      (form !== 'serial' &&
        form !== 'folded' &&
        instance.positions.length > 1 &&
        wholeIsCheaper(kernel, classes, instance, interval));
    return stays ? this.keep(instance, kernel) : this.split(instance, kernel, classes, ported);
  }

  /**
   * Of an instance that reads values which come in turn, and does the same with each: a position for each result instead of
   * one for all, so that results can be made as values come. Undefined for any other.
   */
  private inLanes(instance: Instance, kernel: Kernel, ported: ReadonlySet<number>): Placing | undefined {
    const [references = []] = instance.positions;
    const varies = kernel.outputs.every((id) => !isPoint(at(kernel.nodes, id).range));
    if (instance.positions.length !== 1 || !varies || !this.readsInTurn(instance)) return undefined;
    const results = [...new Set(kernel.outputs)];
    const fixed = (id: NodeId): boolean => ported.has(kernel.outputs.indexOf(id));
    const rangeOf = (id: NodeId): Interval => at(kernel.nodes, id).range;
    const groups = alikeGroups(kernel, results, ({ kind }) => kind !== 'input', rangeOf, fixed);
    const found = groups.reduce((sum, group) => sum + group.results.length, 0);
    if (found < results.length) return undefined;
    const places = new Map<NodeId, ValueReference>();
    groups.forEach((group, index) => {
      const name = groups.length === 1 ? instance.name : `${instance.name}_alike${index}`;
      const positions = group.reads.map((ids) => ids.map((id) => at(references, kernel.inputs.indexOf(id))));
      const kept = new Set(group.results.some(fixed) ? [0] : []);
      const placed = this.place({ ...instance, name, positions }, group.kernel, kept);
      group.results.forEach((id, position) => places.set(id, placed(position, 0)));
    });
    return (_, output) => {
      const place = places.get(at(kernel.outputs, output));
      invariant(place !== undefined, `${kernel.name}: result ${output} is in no lane`);
      return place;
    };
  }

  /** Whether all that an instance reads comes in turn. */
  private readsInTurn({ positions }: Instance): boolean {
    return positions.every((references) =>
      references.every((reference) => this.turnOf(this.follow(reference)) !== undefined),
    );
  }

  /** The form that a declaration asks for; undefined where cost decides. */
  private formOf({ origin, positions }: Instance): Form | undefined {
    const { form, factor } = this.options.declared?.get(origin.name) ?? {};
    // A single position has only its products to share: its sums are free.
    if (form === 'shared' && positions.length === 1) return undefined;
    if (form !== undefined || factor === undefined) return form;
    if (factor === 1) return 'parallel';
    // A single position is at work for more than a clock in digits, where chains of multipliers are not asked for.
    return positions.length === 1 ? 'serial' : undefined;
  }

  private follow({ instance, index }: ValueReference): ValueReference {
    if (instance === PROGRAM_INPUT) return { instance, index };
    const count = kernelOf(this.program, at(this.program.instances, instance)).outputs.length;
    return at(this.moved, instance)(Math.floor(index / count), index % count);
  }

  /** The kernel, told that operands may be more where functions were joined; what follows from the operands is as proven as before. */
  private reading({ positions }: Instance, kernel: Kernel): Kernel {
    const wider = new Map<NodeId, Interval>();
    kernel.inputs.forEach((id, operand) => {
      const { range } = at(kernel.nodes, id);
      for (const references of positions) {
        const given = this.rangeOf(this.follow(at(references, operand)));
        const known = wider.get(id) ?? range;
        if (given !== undefined && !contains(known, given)) wider.set(id, union(known, given));
      }
    });
    if (wider.size === 0) return kernel;
    const nodes = kernel.nodes.map((node): DataflowNode => {
      const range = wider.get(node.id);
      return range === undefined || node.kind !== 'input' ? node : { ...node, bounds: range, range };
    });
    return { ...kernel, nodes };
  }

  /** Of a value of the new program; undefined for what comes from a port. */
  private rangeOf({ instance, index }: ValueReference): Interval | undefined {
    if (instance === PROGRAM_INPUT) return undefined;
    const { outputs, nodes } = at(this.kernels, at(this.instances, instance).kernel);
    return at(nodes, at(outputs, index % outputs.length)).range;
  }

  /** Where each result of each position of a new instance is. */
  private add(kernel: Kernel, { origin }: Instance, name: string, positions: Instance['positions']): Placing {
    const lanes = laneOrder(positions, (reference) => this.turnOf(reference));
    this.kernels.push(kernel);
    const ordered = lanes === undefined ? positions : lanes.order.map((position) => at(positions, position));
    const instance = this.instances.push({ name, kernel: this.kernels.length - 1, positions: ordered, origin }) - 1;
    const count = kernel.outputs.length;
    if (lanes === undefined) return (position, output) => ({ instance, index: position * count + output });
    this.lanes.set(instance, lanes);
    const places = new Map(lanes.order.map((position, place) => [position, place]));
    return (position, output) => ({ instance, index: (places.get(position) ?? 0) * count + output });
  }

  /** Of a value of the new program; undefined for what comes all at once. */
  private turnOf({ instance, index }: ValueReference): Turn | undefined {
    const { inputClocks } = this.options;
    if (instance === PROGRAM_INPUT) {
      if (inputClocks === undefined) return undefined;
      const { input, lane, clock } = inputPlace(this.program, inputClocks, index);
      return at(inputClocks, input) === 1 ? undefined : { lane: `input ${input} ${lane}`, clock };
    }
    const lanes = this.lanes.get(instance);
    if (lanes === undefined) return undefined;
    const count = at(this.kernels, at(this.instances, instance).kernel).outputs.length;
    const [position, output] = [Math.floor(index / count), index % count];
    const lane = `${instance} ${output} ${Math.floor(position / lanes.turns)}`;
    return { lane, clock: (position % lanes.turns) * lanes.step };
  }

  private keep(instance: Instance, kernel: Kernel): Placing {
    const positions = instance.positions.map((references) => references.map((reference) => this.follow(reference)));
    return this.add(kernel, instance, instance.name, positions);
  }

  private split(
    instance: Instance,
    kernel: Kernel,
    classes: readonly NodeClass[],
    ported: ReadonlySet<number>,
  ): Placing {
    const stages = stagesOf(kernel, classes);
    const used = new Set(stages.filter((stage) => stage >= 0));
    // One stage of words is the kernel as it is.
    if (used.size <= 1 && kernel.outputs.every((id) => at(stages, id) >= 0)) return this.keep(instance, kernel);

    const places = new Map<NodeId, (position: number) => ValueReference>();
    kernel.inputs.forEach((id, operand) => {
      places.set(id, (position) => this.follow(at(at(instance.positions, position), operand)));
    });
    const ranges = new Map<NodeId, Interval>();
    const rangeOf = (id: NodeId): Interval => ranges.get(id) ?? at(kernel.nodes, id).range;
    const positionsFor = (reads: readonly NodeId[], position: number): readonly ValueReference[] =>
      reads.map((id) => {
        const place = places.get(id);
        invariant(place !== undefined, `${kernel.name}: value ${id} is read before its stage`);
        return place(position);
      });
    const leaving = leavingOf(kernel, stages);
    const shares = this.options.blocks !== undefined || this.formOf(instance) === 'folded';
    const alike = (stage: number, gives: readonly NodeId[], range: (id: NodeId) => Interval): readonly AlikeGroup[] => {
      const inside = ({ id, kind }: DataflowNode): boolean =>
        stages[id] === stage || (stages[id] === -1 && kind === 'shiftLeft');
      const fixed = (id: NodeId): boolean => kernel.outputs.some((other, index) => other === id && ported.has(index));
      const groups = alikeGroups(kernel, gives, inside, range, fixed);
      return shares ? groups : groups.filter(({ results }) => results.length >= MANY_ALIKE);
    };
    const givesOf = (stage: number): readonly NodeId[] => [...leaving].filter((id) => stages[id] === stage);
    for (const stage of [...used].sort((left, right) => left - right)) {
      const members = kernel.nodes.filter(({ id }) => stages[id] === stage);
      const kind = at(stageClasses, stage % stageClasses.length);
      const name = `${instance.name}_${kind}${Math.floor(stage / stageClasses.length)}`;
      if (kind === 'product') {
        for (const group of ['square', 'multiply'] as const) {
          const products = members.filter((node) => node.kind === group);
          if (products.length === 0) continue;
          const { kernel: made, reads } = productKernel(`${kernel.name}_${group}`, kernel, products, rangeOf);
          const positions = instance.positions.flatMap((_, position) =>
            reads.map((ids) => positionsFor(ids, position)),
          );
          const placeOf = this.add(made, instance, `${name}_${group}`, positions);
          products.forEach(({ id }, product) => {
            ranges.set(id, at(made.nodes, at(made.outputs, 0)).range);
            places.set(id, (position) => placeOf(position * products.length + product, 0));
          });
        }
        continue;
      }
      let gives = givesOf(stage);
      const groups = kind === 'word' ? alike(stage, gives, rangeOf) : [];
      groups.forEach(({ kernel: made, results, reads }, group) => {
        const positions = instance.positions.flatMap((_, position) => reads.map((ids) => positionsFor(ids, position)));
        const placeOf = this.add(made, instance, `${name}_alike${group}`, positions);
        results.forEach((id, result) => {
          ranges.set(id, at(made.nodes, at(made.outputs, 0)).range);
          places.set(id, (position) => placeOf(position * results.length + result, 0));
        });
      });
      gives = gives.filter((id) => !groups.some(({ results }) => results.includes(id)));
      if (gives.length === 0) continue;
      if (kind === 'sum') gives = inOrderOf(gives, alike(stage + wordStage, givesOf(stage + wordStage), rangeOf));
      const rest = members.filter(({ id }) => !groups.some((group) => group.members.has(id)));
      const piece = stageKernel(`${kernel.name}_${kind}`, kernel, rest, gives, rangeOf);
      const positions = instance.positions.map((_, position) => positionsFor(piece.reads, position));
      const placeOf = this.add(piece.kernel, instance, name, positions);
      gives.forEach((id, output) => {
        ranges.set(id, at(piece.kernel.nodes, at(piece.kernel.outputs, output)).range);
        places.set(id, (position) => placeOf(position, output));
      });
    }
    return (position, output) => {
      const place = places.get(at(kernel.outputs, output));
      invariant(place !== undefined, `${kernel.name}: result ${output} is in no stage`);
      return place(position);
    };
  }
}

/** From sums to the whole words that follow them. */
const wordStage = stageClasses.indexOf('word') - stageClasses.indexOf('sum');

/** Values that alike functions read, in the order of those; the others follow. */
function inOrderOf(ids: readonly NodeId[], groups: readonly AlikeGroup[]): readonly NodeId[] {
  const wanted = new Set(
    groups.flatMap(({ reads }) => at(reads, 0).flatMap((_, read) => reads.map((each) => at(each, read)))),
  );
  return [...new Set([...[...wanted].filter((id) => ids.includes(id)), ...ids])];
}
