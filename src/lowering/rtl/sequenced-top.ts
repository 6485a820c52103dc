import { at, invariant } from '../../support/invariant.js';
import type { NameTable } from '../../support/legal-names.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import { codeRange } from '../../numeric/fixed-point.js';
import type { Kernel } from '../../dataflow/kinds.js';
import type { Instance } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import type { Design } from '../../design/design.js';
import type { Sequencing, Unit } from '../../design/sequencing.js';
import { outputClock, positionsOf } from '../../design/sequencing.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { choose, literal, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlParameter } from '../../rtl/module.js';
import type { Folding } from '../sequence/folding.js';
import { fold, foldable } from '../sequence/folding.js';
import type { Gathering } from '../sequence/gathering.js';
import { gathering } from '../sequence/gathering.js';
import { Control } from './control.js';
import { chainPort, chainSignal, FOLD_BEGIN, foldedModule } from './folded-module.js';
import { GATHER_FIRST, gatheringModule, wirePort } from './gathering-module.js';
import { inputPort, kernelModule, nodeSignalName, outputPort } from './kernel-module.js';
import type { DesignModules, ObservedSignal } from './modules.js';
import { PortLayout } from './port-layout.js';
import { CLOCK, II_VIOLATION, RESET, VALID_IN, VALID_OUT } from './port-names.js';
import { beginPort, serialModule } from './serial-module.js';
import type { SerialModule } from './serial-module.js';
import { TopValues } from './top-values.js';

/**
 * The top module of a design that takes an event every few clocks: lanes, what leads operands to their slots, registers
 * that hold words until they are read, and the tokens that control it all.
 */
export class SequencedTop {
  private readonly values: TopValues;
  private readonly modules: RtlModule[] = [];
  private readonly observed: ObservedSignal[] = [];
  private readonly layout: PortLayout;
  private readonly sequencing: Sequencing;
  private readonly control: Control;
  private readonly head: RtlItem[] = [];

  public constructor(
    private readonly design: Design,
    private readonly names: NameTable,
    private readonly comments: readonly string[],
    private readonly parameters: readonly RtlParameter[],
  ) {
    invariant(design.sequencing !== undefined, `${design.name} takes an event each clock`);
    this.sequencing = design.sequencing;
    this.layout = new PortLayout(design.interface.ports, names);
    this.control = new Control(design.sequencing.interval);
    this.values = new TopValues(this.control, design.sequencing.interval);
  }

  public run(): DesignModules {
    const { latency } = this.design.schedule;
    const bit = { width: 1, signed: false };
    for (const name of [RESET, VALID_IN]) this.layout.ports.push({ name, direction: 'input', ...bit });
    for (const name of [VALID_OUT, II_VIOLATION]) this.layout.ports.push({ name, direction: 'output', ...bit });
    let flat = 0;
    const inputs = this.design.program.inputs.map(({ name, types }, input) =>
      this.layout.input(
        name,
        types,
        this.head,
        (signal, type, clock) => {
          this.values.define({ instance: PROGRAM_INPUT, index: flat++ }, signal, clock, codeRange(type));
        },
        at(this.sequencing.inputClocks, input),
      ),
    );
    this.design.program.instances.forEach((instance, index) => {
      this.instantiate(instance, index);
    });
    const outputs = this.design.program.outputs.map((output) => {
      const values = output.elements.map((reference) => this.values.read(reference, latency));
      return this.layout.output(output, values, this.values.items);
    });
    const control = this.control.finish({ name: VALID_OUT, ...bit }, { name: II_VIOLATION, ...bit }, latency);
    const top: RtlModule = {
      name: this.design.name,
      comments: this.comments,
      parameters: [
        { name: 'LATENCY', value: latency },
        { name: 'II', value: this.design.initiationInterval },
        ...this.layout.widths([...inputs, ...outputs]),
        ...this.parameters,
      ],
      clock: CLOCK,
      ports: this.layout.ports,
      items: declaredFirst([...control, ...this.head, ...this.values.registers, ...this.values.items]),
    };
    const names = this.layout.identifiers;
    return { modules: [top, ...this.modules], inputs, outputs, observed: this.observed, names };
  }

  private instantiate(instance: Instance, index: number): void {
    const { program } = this.design;
    const kernel = kernelOf(program, instance);
    const unit = at(this.sequencing.units, index);
    const called = [instance.name, instance.origin.operator].find((text) => /[a-z0-9]/iu.test(text)) ?? 'instance';
    const { operator, name: origin } = instance.origin;
    const comments = [`${operator} '${origin}' and the operations that follow it`];
    const moduleName = this.names.fresh(`${this.design.name}_${called}`);
    const serial =
      unit.form === 'serial'
        ? serialModule(moduleName, kernel, unit.cycles, unit.digitBits, unit.digits, comments)
        : undefined;
    if (unit.form === 'gathered') {
      this.gather(instance, index, moduleName, called, comments);
      return;
    }
    const folding = unit.form === 'folded' ? foldingOf(kernel, unit) : undefined;
    const module =
      serial?.module ??
      (folding === undefined
        ? kernelModule(moduleName, kernel, unit.cycles, comments)
        : foldedModule(moduleName, kernel, folding, comments));
    this.modules.push(module);
    const operands = folding?.stages ?? [...kernel.inputs.keys()];
    for (let lane = 0; lane < unit.lanes; lane++) {
      const name = this.names.fresh(`u_${called}${unit.lanes > 1 ? `_${lane}` : ''}`);
      const positions = positionsOf(unit, lane, instance.positions.length);
      const connections: { port: string; value: RtlExpression }[] = [];
      if (module.clock !== undefined) connections.push({ port: module.clock, value: signalOf(clockSignal) });
      if (serial !== undefined) connections.push(...this.beginsOf(serial, unit));
      if (folding !== undefined)
        connections.push({ port: FOLD_BEGIN, value: this.values.tokensOfSlots(unit, unit.start - 2) });
      for (const operand of operands) {
        const id = at(kernel.inputs, operand);
        const node = at(kernel.nodes, id);
        if (isPoint(node.range)) continue;
        const references = positions.map((position) => at(at(instance.positions, position), operand));
        const clock = unit.start + at(unit.cycles, id);
        const value =
          folding !== undefined
            ? this.values.standing(references, unit, clock, node.range)
            : serial === undefined
              ? this.values.operand(references, unit, clock, node.range, `${name}_${operand}`)
              : this.values.digits(references, unit, node.range);
        connections.push({ port: inputPort(operand), value });
      }
      connections.push(
        ...(folding === undefined
          ? this.results(kernel, unit, index, positions, name)
          : this.chainResults(kernel, unit, folding, index, positions, name)),
      );
      this.values.items.push({
        kind: 'instance',
        module: module.name,
        name,
        comment: `${operator} '${origin}'`,
        connections,
      });
    }
  }

  /** Sums of values that come in turn: each wire to its port, silenced where it carries anything else. */
  private gather(
    instance: Instance,
    index: number,
    moduleName: string,
    called: string,
    comments: readonly string[],
  ): void {
    const { program } = this.design;
    const kernel = kernelOf(program, instance);
    const unit = at(this.sequencing.units, index);
    const { units, inputClocks, interval } = this.sequencing;
    const found = gathering(program, { units: units.slice(0, index), inputClocks }, instance, interval);
    invariant(found?.start === unit.start, `${instance.name} does not gather what comes in turn`);
    const { sums, turns, levels, start }: Gathering = found;
    const name = this.names.fresh(`u_${called}`);
    const signals = sums.map(({ wires }) =>
      wires.map(({ reference, referenceClock }) => {
        const value = this.values.valueOf(reference);
        return this.values.delayed(value.signal, referenceClock - value.clock);
      }),
    );
    const module = gatheringModule(
      moduleName,
      found,
      (sum, wire) => {
        const { width, signed } = at(at(signals, sums.indexOf(sum)), wire);
        return { width, signed };
      },
      comments,
    );
    this.modules.push(module);
    const connections: { port: string; value: RtlExpression }[] = [
      { port: CLOCK, value: signalOf(clockSignal) },
      { port: GATHER_FIRST, value: signalOf(this.control.token(start + levels)) },
    ];
    sums.forEach(({ wires, output }, sum) => {
      wires.forEach((wire, number) => {
        const signal = at(at(signals, sum), number);
        const clocks = [...wire.turns].sort((left, right) => left - right).map((turn) => start + turn);
        const always = wire.turns.size === turns;
        const silenced = { ...signal, name: `w_${name.slice(2)}_${output}_${number}` };
        if (!always) {
          const value = choose(this.control.tokens(clocks), signalOf(signal), literal(0n), signal.width, signal.signed);
          this.values.items.push({ kind: 'wire', signal: silenced, value });
        }
        connections.push({ port: wirePort(output, number), value: signalOf(always ? signal : silenced) });
      });
    });
    connections.push(...this.results(kernel, unit, index, [0], name));
    const { operator, name: origin } = instance.origin;
    this.values.items.push({
      kind: 'instance',
      module: module.name,
      name,
      comment: `${operator} '${origin}'`,
      connections,
    });
  }

  /** The clock before each word's lowest digits, for what keeps state from digit to digit. */
  private beginsOf({ begins }: SerialModule, unit: Unit): { port: string; value: RtlExpression }[] {
    return begins.map((clock) => ({
      port: beginPort(clock),
      value: this.values.tokensOfSlots(unit, unit.start + clock - 1),
    }));
  }

  private results(
    kernel: Kernel,
    unit: Unit,
    index: number,
    positions: readonly number[],
    name: string,
  ): { port: string; value: RtlExpression }[] {
    const count = kernel.outputs.length;
    return kernel.outputs.flatMap((id, output) => {
      const node = at(kernel.nodes, id);
      const signal = {
        name: `w_${name.slice(2)}_out_${output}`,
        width: intervalWidth(node.range),
        signed: node.range.low < 0n,
      };
      for (const position of positions) {
        const reference = { instance: index, index: position * count + output };
        const clock = outputClock(unit, position, output);
        this.values.define(reference, signal, clock, node.range);
        if (isPoint(node.range)) continue;
        const inside =
          unit.form === 'serial' || unit.form === 'gathered' ? outputPort(output) : nodeSignalName(kernel, node);
        const { width, signed } = signal;
        this.observed.push({ reference, path: `${name}.${inside}`, width, signed, cycle: clock });
      }
      if (isPoint(node.range)) return [];
      this.head.push({ kind: 'declare', signal });
      return [{ port: outputPort(output), value: signalOf(signal) }];
    });
  }

  /** Results that come one after another on the wires of their chains. */
  private chainResults(
    kernel: Kernel,
    unit: Unit,
    { chains }: Folding,
    index: number,
    positions: readonly number[],
    name: string,
  ): { port: string; value: RtlExpression }[] {
    const count = kernel.outputs.length;
    for (const position of positions) {
      kernel.outputs.forEach((id, output) => {
        const { range } = at(kernel.nodes, id);
        // What does not vary is in no chain.
        if (isPoint(range))
          this.values.define({ instance: index, index: position * count + output }, noSignal, 0, range);
      });
    }
    const parts = chains.flatMap((chain) => chain.parts);
    return parts.map((part, number) => {
      const signal = chainSignal(part, `w_${name.slice(2)}_chain_${number}`);
      for (const position of positions) {
        for (const output of part.outputs) {
          const reference = { instance: index, index: position * count + output };
          const clock = outputClock(unit, position, output);
          this.values.define(reference, signal, clock, at(kernel.nodes, at(kernel.outputs, output)).range);
          const { width, signed } = signal;
          this.observed.push({ reference, path: `${name}.${chainPort(number)}`, width, signed, cycle: clock });
        }
      }
      this.head.push({ kind: 'declare', signal });
      return { port: chainPort(number), value: signalOf(signal) };
    });
  }
}

function foldingOf(kernel: Kernel, unit: Unit): Folding {
  const matrix = foldable(kernel);
  invariant(matrix !== undefined, `${kernel.name} is no matrix`);
  const clockOf = (operand: number): number => at(unit.cycles, at(kernel.inputs, operand));
  const stages = [...matrix.operands].sort((left, right) => clockOf(left) - clockOf(right));
  return fold(kernel, matrix, unit.digits, stages);
}

/** Of values that do not vary: they are literals wherever they are read. */
const noSignal: RtlSignal = { name: '', width: 1, signed: false };
const clockSignal: RtlSignal = { name: CLOCK, width: 1, signed: false };

/** Registers and signals of instances before everything that reads them. */
function declaredFirst(items: readonly RtlItem[]): readonly RtlItem[] {
  const first = items.filter(({ kind }) => kind === 'register' || kind === 'declare');
  return [...first, ...items.filter(({ kind }) => kind !== 'register' && kind !== 'declare')];
}
