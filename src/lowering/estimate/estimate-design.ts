import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { at } from '../../support/invariant.js';
import type { Kernel, NodeId, Origin } from '../../dataflow/kinds.js';
import type { Instance, Program, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import { operands } from '../../dataflow/semantics.js';
import type { Design } from '../../design/design.js';
import type { EstimateOptions, KernelEstimate } from './estimate-kernel.js';
import { estimateKernel } from './estimate-kernel.js';
import { neededBits } from './needed-bits.js';
import { canReset, countChain } from './register-chains.js';
import type { Resources } from './resources.js';
import { ResourceSum } from './resources.js';

export interface LayerResources extends Resources {
  /** ONNX node, or port for the registers that hold its elements. */
  readonly name: string;
  /** ONNX operator; empty for what belongs to none. */
  readonly operator: string;
}

/** Resources of a design before synthesis. `calibration.ts` says how far they were found from it. */
export interface ResourceEstimate {
  readonly total: Resources;
  /** By the ONNX node that the logic was made for, in the order of the program. */
  readonly layers: readonly LayerResources[];
  /** By segment: its logic, and the registers at its head. */
  readonly segments: readonly Resources[];
}

/** Tables, carry, registers and multiplier blocks of a scheduled design. */
export function estimateDesign(design: Design, options: EstimateOptions): ResourceEstimate {
  return new DesignEstimator(design, options).run();
}

class DesignEstimator {
  private readonly total = new ResourceSum();
  private readonly layers = new Map<string, { readonly origin: Origin; readonly sum: ResourceSum }>();
  private readonly segments: readonly ResourceSum[];
  private readonly program: Program;

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
    const groups = new Map<string, { readonly cycles: Int32Array; times: number }>();
    for (const cycles of this.design.schedule.cycles[index] ?? []) {
      const key = instance.positions.length > 1 ? cycles.join() : '';
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { cycles, times: 1 });
      else group.times++;
    }
    for (const { cycles, times } of groups.values()) {
      const estimate: KernelEstimate = estimateKernel(kernel, cycles, this.options);
      for (const [origin, byCycle] of estimate) {
        // Kernels have an origin without a name for what nothing was told about: that is the instance's.
        const own = at(kernel.origins, origin);
        const named = own.name === '' && own.operator === '' ? instance.origin : own;
        for (const [cycle, sum] of byCycle) this.charge(named, cycle, (to) => to.add(sum, times));
      }
    }
  }

  /**
   * Values that are read by another kernel, or a port, in a later cycle than they are made. All readers share one chain,
   * wherever they stand: synthesis makes equal registers one.
   */
  private addRegistersBetween(): void {
    const delays = new Map<string, { readonly reference: ValueReference; readonly taps: Set<number> }>();
    const read = (reference: ValueReference, cycle: number): void => {
      const delay = cycle - this.cycleOf(reference);
      if (delay <= 0) return;
      const key = `${reference.instance},${reference.index}`;
      const entry = delays.get(key) ?? { reference, taps: new Set() };
      delays.set(key, entry);
      entry.taps.add(delay);
    };
    this.program.instances.forEach((instance, index) => {
      const kernel = kernelOf(this.program, instance);
      const readers = inputReaders(kernel);
      instance.positions.forEach((references, position) => {
        const cycles = this.design.schedule.cycles[index]?.[position];
        for (const { operand, reader } of readers) {
          const reference = references[operand];
          if (reference !== undefined) read(reference, cycles?.[reader] ?? 0);
        }
      });
    });
    for (const { elements } of this.program.outputs) {
      for (const reference of elements) read(reference, this.design.schedule.latency);
    }
    const inputs = this.program.inputs.flatMap(({ name, types }) => types.map(({ width }) => ({ name, width })));
    for (const { reference, taps } of delays.values()) {
      const { origin, width, reset } = this.producerOf(reference, inputs);
      const from = this.cycleOf(reference);
      countChain(
        taps,
        reset,
        (delay) => {
          this.charge(origin, from + delay, (sum) => (sum.flipFlops += width));
        },
        (delay) => {
          this.charge(origin, from + delay, (sum) => (sum.shiftRegisters += width));
        },
      );
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

/** Which nodes read which operand of a kernel, the operand's own node among them. */
function inputReaders(kernel: Kernel): readonly { readonly operand: number; readonly reader: NodeId }[] {
  const operandOf = new Map<NodeId, number>();
  kernel.inputs.forEach((id, operand) => {
    if (!isPoint(at(kernel.nodes, id).range)) operandOf.set(id, operand);
  });
  const needed = neededBits(kernel);
  const readers = [...operandOf].map(([reader, operand]) => ({ operand, reader }));
  for (const node of kernel.nodes) {
    if ((needed[node.id] ?? 0) === 0 || isPoint(node.range)) continue;
    for (const id of operands(node)) {
      const operand = operandOf.get(id);
      if (operand !== undefined) readers.push({ operand, reader: node.id });
    }
  }
  return readers;
}
