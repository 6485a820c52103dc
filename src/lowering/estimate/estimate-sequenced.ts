import { digitAdderLuts, WIDEST_LOGIC_DIGIT } from '../../design/digits.js';
import type { Design } from '../../design/design.js';
import type { Sequencing, Unit } from '../../design/sequencing.js';
import { standsAtOnce } from '../../design/sequencing.js';
import type { Kernel, Origin } from '../../dataflow/kinds.js';
import type { Program } from '../../dataflow/program.js';
import { kernelOf } from '../../dataflow/program.js';
import type { RtlModule } from '../../rtl/module.js';
import { at, invariant } from '../../support/invariant.js';
import { buildNetlist } from '../rtl/netlist.js';
import { addersIn, choosingLuts, cutsOf, operandBits, serialisedBits, wireOf } from '../sequence/choose-form.js';
import { gathering, gatheringLuts } from '../sequence/gathering.js';
import { fold, foldable, foldingCost } from '../sequence/folding.js';
import type { LayerResources, ResourceEstimate } from './estimate-design.js';
import type { EstimateOptions } from './estimate-kernel.js';
import { estimateKernel } from './estimate-kernel.js';
import { ResourceSum } from './resources.js';

/** Registers of chains that a multiplier block has: behind the weight, the product and the sum. */
const inBlock = /^(?:weight|product|constant|sum)_/u;

/**
 * Tables, carry and registers of a design that reuses hardware. Kernels on words are estimated as those of other
 * designs; sums of digits, and what leads operands to their slots, are counted by the formulas that chose them;
 * registers are those of the netlist, of which synthesis removes what nobody reads.
 */
export function estimateSequenced(design: Design, options: EstimateOptions): ResourceEstimate {
  const { sequencing, program } = design;
  invariant(sequencing !== undefined, `${design.name} takes an event each clock`);
  const { modules } = buildNetlist(design, { model: '', modelHash: '', configHash: '', version: '' });
  const total = new ResourceSum();
  const segments = Array.from({ length: design.schedule.latency + 1 }, () => new ResourceSum());
  const layers = new Map<string, { readonly origin: Origin; readonly sum: ResourceSum }>();
  const charge = (origin: Origin, clock: number, sum: ResourceSum): void => {
    const key = `${origin.operator}\u0000${origin.name}`;
    let layer = layers.get(key);
    if (layer === undefined) layers.set(key, (layer = { origin, sum: new ResourceSum() }));
    for (const each of [total, layer.sum, at(segments, Math.min(clock, segments.length - 1))]) each.add(sum, 1);
  };
  const wires = wireOf(program, sequencing);
  const units = program.instances.map((instance, index) => {
    const kernel = kernelOf(program, instance);
    const unit = at(sequencing.units, index);
    const sum = new ResourceSum();
    // Of digits and chains, the clocks say nothing about words: those are taken as one clock's.
    const serial = unit.form === 'serial';
    const folded = unit.form === 'folded';
    const word = wordLane(kernel, standsAtOnce(unit) ? new Int32Array(unit.cycles.length) : unit.cycles, options);
    const gathered = unit.form === 'gathered';
    const lane = serial ? serialLane(kernel, unit) : folded ? foldedLane(kernel, unit, options) : word;
    if (gathered) sum.add(gatheredLane(program, sequencing, index), 1);
    else sum.add(lane, unit.lanes);
    // The top module comes first; the kernels follow in the order of their instances.
    const module = at(modules, index + 1);
    sum.flipFlops = unit.lanes * registerBits(module, folded ? inBlock : undefined);
    const bits = operandBits(kernel);
    const turns = { ...unit, wires };
    addLuts(sum, 6, choosingLuts(instance, bits, turns));
    if (serial) addLuts(sum, 3, serialisedBits(instance, bits, turns));
    charge(instance.origin, unit.start, sum);
    return { ...sum.finish(), parallelLut: instance.positions.length * word.finish().lut };
  });
  const top = new ResourceSum();
  top.flipFlops = registerBits(at(modules, 0));
  charge({ name: 'control and words held', operator: '' }, 0, top);
  return {
    total: total.finish(),
    layers: [...layers.values()].map(({ origin, sum }): LayerResources => ({ ...origin, ...sum.finish() })),
    units,
    segments: segments.map((sum) => sum.finish()),
  };
}

function addLuts(sum: ResourceSum, inputs: number, count: number): void {
  const sizes = new Int32Array(7);
  sizes[inputs] = count;
  sum.addLuts({ sizes, onCarry: new Int32Array(7) }, 1);
}

/** Bits of the registers of a module, but for those whose names tell that they are elsewhere. */
function registerBits(module: RtlModule, elsewhere?: RegExp): number {
  return module.items.reduce((sum, item) => {
    const counts = item.kind === 'register' && elsewhere?.test(item.signal.name) !== true;
    return sum + (counts ? item.signal.width : 0);
  }, 0);
}

function wordLane(kernel: Kernel, cycles: Int32Array, options: EstimateOptions): ResourceSum {
  const sum = new ResourceSum();
  for (const byCycle of estimateKernel(kernel, cycles, options).resources.values()) {
    for (const each of byCycle.values()) sum.add(each, 1);
  }
  return sum;
}

function foldedLane(kernel: Kernel, { digits }: Unit, { family }: EstimateOptions): ResourceSum {
  const sum = new ResourceSum();
  const matrix = foldable(kernel);
  invariant(matrix !== undefined, `${kernel.name} is no matrix`);
  const cost = foldingCost(kernel, fold(kernel, matrix, digits, matrix.operands), family);
  invariant(cost !== undefined, `${kernel.name} does not fit multiplier blocks`);
  addLuts(sum, Math.min(6, Math.max(2, Math.ceil(Math.log2(digits)))), cost.luts);
  sum.dsp = cost.blocks;
  return sum;
}

function gatheredLane(program: Program, { units, inputClocks, interval }: Sequencing, index: number): ResourceSum {
  const sum = new ResourceSum();
  const instance = at(program.instances, index);
  const found = gathering(program, { units: units.slice(0, index), inputClocks }, instance, interval);
  invariant(found !== undefined, `${instance.name} does not gather what comes in turn`);
  const sizes = new Int32Array(7);
  sizes[3] = gatheringLuts(found);
  sum.addLuts({ sizes, onCarry: sizes }, 1);
  for (const { width, wires } of found.sums) {
    sum.carryBits += width * wires.length;
    sum.carryBlocks += Math.ceil(width / 4) * wires.length;
  }
  return sum;
}

function serialLane(kernel: Kernel, { digitBits }: Unit): ResourceSum {
  const sum = new ResourceSum();
  const adders = addersIn(kernel);
  const luts = adders * digitAdderLuts(digitBits);
  addLuts(sum, 3, cutsOf(kernel).length * digitBits);
  if (digitBits <= WIDEST_LOGIC_DIGIT) {
    addLuts(sum, 3, luts);
    return sum;
  }
  const sizes = new Int32Array(7);
  sizes[2] = luts;
  sum.addLuts({ sizes, onCarry: sizes }, 1);
  sum.carryBits = adders * (digitBits + 2);
  sum.carryBlocks = adders * Math.ceil((digitBits + 2) / 4);
  return sum;
}
