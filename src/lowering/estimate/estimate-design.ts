import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Origin } from '../../dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import type { Design } from '../../design/design.js';
import type { EstimateOptions } from './estimate-kernel.js';
import { estimateKernel } from './estimate-kernel.js';
import { canReset, countChain } from './register-chains.js';
import type { Resources } from './resources.js';
import { ResourceSum } from './resources.js';

export interface LayerResources extends Resources {
  /** ONNX node, or port for the registers that hold its elements. */
  readonly name: string;
  /** ONNX operator; empty for what belongs to none. */
  readonly operator: string;
}

/** What a unit of reused hardware takes. */
export interface UnitResources extends Resources {
  /** LUTs of a kernel on whole words for each position. */
  readonly parallelLut: number;
}

/** Resources of a design before synthesis. `calibration.ts` says how far they were found from it. */
export interface ResourceEstimate {
  readonly total: Resources;
  /** By the ONNX node that the logic was made for, in the order of the program. */
  readonly layers: readonly LayerResources[];
  /** By unit, where hardware is reused. */
  readonly units?: readonly UnitResources[];
  /** By segment: its logic, and the registers at its head. */
  readonly segments: readonly Resources[];
}

/** Tables, carry, registers and multiplier blocks of a scheduled design. */
export function estimateDesign(design: Design, options: EstimateOptions): ResourceEstimate {
  return new DesignEstimator(design, options).run();
}

/** The delays after which a value is read as a whole, and its bits for themselves. */
interface HeldValue {
  readonly reference: ValueReference;
  readonly whole: Set<number>;
  readonly bits: Map<number, Set<number>>;
}

class DesignEstimator {
  private readonly total = new ResourceSum();
  private readonly layers = new Map<string, { readonly origin: Origin; readonly sum: ResourceSum }>();
  private readonly segments: readonly ResourceSum[];
  private readonly program: Program;
  private readonly heldValues = new Map<string, HeldValue>();

  public constructor(
    private readonly design: Design,
    private readonly options: EstimateOptions,
  ) {
    this.program = design.program;
    this.segments = Array.from({ length: design.schedule.latency + 1 }, () => new ResourceSum());
  }

  public run(): ResourceEstimate {
    this.program.instances.forEach((instance, index) => {
      this.addInstance(instance, index);
    });
    this.addRegistersBetween();
    if (this.design.interface.valid) {
      for (let rank = 1; rank < this.segments.length; rank++) {
        this.charge({ name: 'valid', operator: '' }, rank, (sum) => sum.flipFlops++);
      }
    }
    return {
      total: this.total.finish(),
      layers: [...this.layers.values()].map(({ origin, sum }) => ({ ...origin, ...sum.finish() })),
      segments: this.segments.map((sum) => sum.finish()),
    };
  }

  private charge(origin: Origin, cycle: number, add: (sum: ResourceSum) => void): void {
    const key = `${origin.operator}\u0000${origin.name}`;
    let layer = this.layers.get(key);
    if (layer === undefined) this.layers.set(key, (layer = { origin, sum: new ResourceSum() }));
    add(this.total);
    add(layer.sum);
    add(at(this.segments, Math.min(cycle, this.segments.length - 1)));
  }

  /** Positions with the same cycles are equal. */
  private addInstance(instance: Instance, index: number): void {
    const kernel = kernelOf(this.program, instance);
    const groups = new Map<string, { readonly cycles: Int32Array; readonly positions: number[] }>();
    this.design.schedule.cycles[index]?.forEach((cycles, position) => {
      const key = instance.positions.length > 1 ? cycles.join() : '';
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { cycles, positions: [position] });
      else group.positions.push(position);
    });
    for (const { cycles, positions } of groups.values()) {
      const { resources, held } = estimateKernel(kernel, cycles, this.options);
      const times = positions.length;
      for (const position of positions) {
        for (const { operand, bit, cycle } of held) this.read(instance.positions[position]?.[operand], cycle, bit);
      }
      for (const [origin, byCycle] of resources) {
        // Kernels have an origin without a name for what nothing was told about: that is the instance's.
        const own = at(kernel.origins, origin);
        const named = own.name === '' && own.operator === '' ? instance.origin : own;
        for (const [cycle, sum] of byCycle) this.charge(named, cycle, (to) => to.add(sum, times));
      }
    }
  }

  /** A value, or one bit of it, is read in a cycle: all readers, wherever they stand, share its registers. */
  private read(reference: ValueReference | undefined, cycle: number, bit?: number): void {
    if (reference === undefined) return;
    const delay = cycle - this.cycleOf(reference);
    if (delay <= 0) return;
    const key = `${reference.instance},${reference.index}`;
    let value = this.heldValues.get(key);
    if (value === undefined) this.heldValues.set(key, (value = { reference, whole: new Set(), bits: new Map() }));
    if (bit === undefined) {
      value.whole.add(delay);
      return;
    }
    const taps = value.bits.get(bit) ?? new Set();
    value.bits.set(bit, taps.add(delay));
  }

  /** Registers of what is read in a later cycle than it is made: by another kernel, by a port, or inside a kernel. */
  private addRegistersBetween(): void {
    this.program.instances.forEach((instance, index) => {
      const kernel = kernelOf(this.program, instance);
      instance.positions.forEach((references, position) => {
        const cycles = this.design.schedule.cycles[index]?.[position];
        kernel.inputs.forEach((id, operand) => {
          if (!isPoint(at(kernel.nodes, id).range)) this.read(references[operand], cycles?.[id] ?? 0);
        });
      });
    });
    for (const { elements } of this.program.outputs) {
      for (const reference of elements) this.read(reference, this.design.schedule.latency);
    }
    const inputs = this.program.inputs.flatMap(({ name, types }) => types.map(({ width }) => ({ name, width })));
    for (const { reference, whole, bits } of this.heldValues.values()) {
      const { origin, width, reset } = this.producerOf(reference, inputs);
      const from = this.cycleOf(reference);
      const count = (taps: ReadonlySet<number>, times: number): void => {
        countChain(
          taps,
          reset,
          (delay) => {
            this.charge(origin, from + delay, (sum) => (sum.flipFlops += times));
          },
          (delay) => {
            this.charge(origin, from + delay, (sum) => (sum.shiftRegisters += times));
          },
        );
      };
      for (const taps of bits.values()) count(new Set([...whole, ...taps]), 1);
      if (whole.size > 0) count(whole, width - bits.size);
    }
  }

  private producerOf(
    { instance, index }: ValueReference,
    inputs: readonly { readonly name: string; readonly width: number }[],
  ): { origin: Origin; width: number; reset: boolean } {
    if (instance === PROGRAM_INPUT) {
      const { name, width } = at(inputs, index);
      return { origin: { name, operator: 'input' }, width, reset: false };
    }
    const made = at(this.program.instances, instance);
    const kernel = kernelOf(this.program, made);
    const node = at(kernel.nodes, at(kernel.outputs, index % kernel.outputs.length));
    const width = isPoint(node.range) ? 0 : intervalWidth(node.range);
    return { origin: made.origin, width, reset: canReset(node, kernel) };
  }

  /** The cycle in which a value appears between the kernels. */
  private cycleOf({ instance, index }: ValueReference): number {
    if (instance === PROGRAM_INPUT) return 0;
    const { outputs } = kernelOf(this.program, at(this.program.instances, instance));
    const cycles = this.design.schedule.cycles[instance]?.[Math.floor(index / outputs.length)];
    return cycles?.[at(outputs, index % outputs.length)] ?? 0;
  }
}
