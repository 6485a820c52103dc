import { invariant } from '../../support/invariant.js';
import type { NameTable } from '../../support/legal-names.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { Interval } from '../../numeric/interval.js';
import { codeRange } from '../../numeric/fixed-point.js';
import type { Instance, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import type { Design } from '../../design/design.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlParameter } from '../../rtl/module.js';
import type { DesignModules, ObservedSignal } from './modules.js';
import type { RtlPortMap } from './port-layout.js';
import { PortLayout } from './port-layout.js';
import { cycleSignature, inputPort, kernelModule, nodeSignalName, outputPort } from './kernel-module.js';
import { CLOCK, II_VIOLATION, RESET, VALID_IN, VALID_OUT } from './port-names.js';
import { SequencedTop } from './sequenced-top.js';

/** Names that every top module may use itself. */
export const reservedPortNames = [
  CLOCK,
  RESET,
  VALID_IN,
  VALID_OUT,
  'LATENCY',
  'II',
  II_VIOLATION,
  'MODEL_SHA256',
  'CONFIG_SHA256',
  'TRIGC_VERSION',
];

/**
 * Design to netlist: a module per kernel and schedule, and a top module with the ports, the wiring, and the registers
 * that hold values between kernels. `names` maps foreign names to legal ones and already holds the top module's name.
 */
export function designModules(
  design: Design,
  names: NameTable,
  comments: readonly string[],
  parameters: readonly RtlParameter[],
): DesignModules {
  const top = design.sequencing === undefined ? TopModule : SequencedTop;
  return new top(design, names, comments, parameters).run();
}

interface TopValue {
  /** The signal in the cycle in which the value appears at the top. */
  readonly signal: RtlSignal;
  readonly cycle: number;
  readonly range: Interval;
  lastUse: number;
}

class TopModule {
  private readonly values = new Map<string, TopValue>();
  private readonly modules = new Map<string, RtlModule>();
  private readonly observed: ObservedSignal[] = [];
  private readonly layout: PortLayout;
  private readonly head: RtlItem[] = [];
  private readonly body: RtlItem[] = [];

  public constructor(
    private readonly design: Design,
    private readonly names: NameTable,
    private readonly comments: readonly string[],
    private readonly parameters: readonly RtlParameter[],
  ) {
    this.layout = new PortLayout(design.interface.ports, names);
  }

  public run(): DesignModules {
    const { latency } = this.design.schedule;
    const { valid } = this.design.interface;
    if (valid) this.validPorts(latency);
    const inputs = this.inputPorts();
    this.design.program.instances.forEach((instance, index) => {
      this.instantiate(instance, index);
    });
    const outputs = this.outputPorts(latency);
    const top: RtlModule = {
      name: this.design.name,
      comments: this.comments,
      parameters: [
        { name: 'LATENCY', value: latency },
        { name: 'II', value: this.design.initiationInterval },
        ...this.layout.widths([...inputs, ...outputs]),
        ...this.parameters,
      ],
      ...(latency > 0 || valid ? { clock: CLOCK } : {}),
      ports: this.layout.ports,
      items: [...this.head, ...this.registers(), ...this.body],
    };
    return {
      modules: [top, ...this.modules.values()],
      inputs,
      outputs,
      observed: this.observed,
      names: this.layout.identifiers,
    };
  }

  private validPorts(latency: number): void {
    const bit = { width: 1, signed: false };
    this.layout.ports.push({ name: RESET, direction: 'input', ...bit });
    this.layout.ports.push({ name: VALID_IN, direction: 'input', ...bit });
    this.layout.ports.push({ name: VALID_OUT, direction: 'output', ...bit });
    let previous = VALID_IN;
    this.body.push({
      kind: 'comment',
      text: 'only the valid bits are reset: data registers hold no state of their own',
    });
    for (let rank = 1; rank <= latency; rank++) {
      const name = `w_valid_d${rank}`;
      this.body.push({ kind: 'register', signal: { name, ...bit }, next: previous, reset: RESET });
      previous = name;
    }
    this.body.push({ kind: 'assign', target: VALID_OUT, value: signalOf({ name: previous, ...bit }) });
  }

  private inputPorts(): RtlPortMap[] {
    let flat = 0;
    return this.design.program.inputs.map(({ name, types }) =>
      this.layout.input(name, types, this.head, (signal, type) => {
        this.define({ instance: PROGRAM_INPUT, index: flat++ }, signal, 0, codeRange(type));
      }),
    );
  }

  private outputPorts(latency: number): RtlPortMap[] {
    return this.design.program.outputs.map((output) => {
      const values = output.elements.map((reference) => this.read(reference, latency));
      return this.layout.output(output, values, this.body);
    });
  }

  private instantiate(instance: Instance, index: number): void {
    const kernel = kernelOf(this.design.program, instance);
    instance.positions.forEach((references, position) => {
      const cycles = this.design.schedule.cycles[index]?.[position];
      invariant(cycles !== undefined, `instance ${instance.name} is not scheduled`);
      const module = this.moduleOf(instance, cycles);
      const suffix = instance.positions.length > 1 ? `_p${position}` : '';
      // Something legal must be left of it: wires are called after the instance, without its u_.
      const called = [instance.name, instance.origin.operator].find((text) => /[a-z0-9]/iu.test(text)) ?? 'instance';
      const name = this.names.fresh(`u_${called}${suffix}`);
      const connections: { port: string; value: RtlExpression }[] = [];
      if (module.clock !== undefined) {
        connections.push({ port: module.clock, value: signalOf({ name: CLOCK, width: 1, signed: false }) });
      }
      kernel.inputs.forEach((id, operand) => {
        const node = kernel.nodes[id];
        const reference = references[operand];
        invariant(node !== undefined && reference !== undefined, 'an instance has all operands');
        if (isPoint(node.range)) return;
        const value = this.read(reference, cycles[id] ?? 0);
        connections.push({ port: inputPort(operand), value: resize(value, intervalWidth(node.range)) });
      });
      kernel.outputs.forEach((id, output) => {
        const node = kernel.nodes[id];
        invariant(node !== undefined, 'an output exists');
        const reference = { instance: index, index: position * kernel.outputs.length + output };
        const signal = {
          name: `w_${name.slice(2)}_out_${output}`,
          width: intervalWidth(node.range),
          signed: node.range.low < 0n,
        };
        const cycle = cycles[id] ?? 0;
        this.define(reference, signal, cycle, node.range);
        if (isPoint(node.range)) return;
        this.body.push({ kind: 'declare', signal });
        connections.push({ port: outputPort(output), value: signalOf(signal) });
        const path = `${name}.${nodeSignalName(kernel, node)}`;
        this.observed.push({ reference, path, width: signal.width, signed: signal.signed, cycle });
      });
      const { operator, name: origin } = instance.origin;
      this.body.push({ kind: 'instance', module: module.name, name, comment: `${operator} '${origin}'`, connections });
    });
  }

  private moduleOf(instance: Instance, cycles: Int32Array): RtlModule {
    const kernel = kernelOf(this.design.program, instance);
    const key = `${instance.kernel}:${cycleSignature(kernel, cycles)}`;
    let module = this.modules.get(key);
    if (module === undefined) {
      const name = this.names.fresh(`${this.design.name}_${kernel.name === '' ? 'kernel' : kernel.name}`);
      const { operator, name: origin } = instance.origin;
      module = kernelModule(name, kernel, cycles, [`${operator} '${origin}' and the operations that follow it`]);
      this.modules.set(key, module);
      if (kernel.name !== '') this.layout.identifiers.push([kernel.name, name]);
    }
    return module;
  }

  private define(reference: ValueReference, signal: RtlSignal, cycle: number, range: Interval): void {
    this.values.set(keyOf(reference), { signal, cycle, range, lastUse: cycle });
  }

  /** The value in a given cycle, through as many registers as it takes. */
  private read(reference: ValueReference, cycle: number): RtlExpression {
    const value = this.values.get(keyOf(reference));
    invariant(value !== undefined, `value ${keyOf(reference)} is read before it is defined`);
    if (isPoint(value.range)) return literal(value.range.low);
    invariant(cycle >= value.cycle, `value ${keyOf(reference)} of cycle ${value.cycle} is read in cycle ${cycle}`);
    value.lastUse = Math.max(value.lastUse, cycle);
    return signalOf(delayed(value.signal, cycle - value.cycle));
  }

  private registers(): RtlItem[] {
    const items: RtlItem[] = [];
    for (const { signal, cycle, lastUse } of this.values.values()) {
      for (let delay = 1; delay <= lastUse - cycle; delay++) {
        items.push({ kind: 'register', signal: delayed(signal, delay), next: delayed(signal, delay - 1).name });
      }
    }
    return items;
  }
}

function delayed(signal: RtlSignal, delay: number): RtlSignal {
  return delay === 0 ? signal : { ...signal, name: `${signal.name}_d${delay}` };
}

function keyOf(reference: ValueReference): string {
  return `${reference.instance},${reference.index}`;
}
