import { invariant } from '../../support/invariant.js';
import type { NameTable } from '../../support/legal-names.js';
import { intervalWidth, isPoint } from '../../numeric/interval.js';
import type { Interval } from '../../numeric/interval.js';
import type { FixedPointType } from '../../numeric/fixed-point.js';
import { codeRange, printType } from '../../numeric/fixed-point.js';
import type { Instance, ValueReference } from '../../dataflow/program.js';
import { kernelOf, PROGRAM_INPUT } from '../../dataflow/program.js';
import type { Design } from '../../design/design.js';
import type { RtlExpression, RtlSignal } from '../../rtl/expression.js';
import { literal, resize, signalOf } from '../../rtl/expression.js';
import type { RtlItem, RtlModule, RtlParameter, RtlPort } from '../../rtl/module.js';
import { CLOCK, cycleSignature, inputPort, kernelModule, nodeSignalName, outputPort } from './kernel-module.js';

export const RESET = 'rst';
export const VALID_IN = 'valid_in';
export const VALID_OUT = 'valid_out';
/** Names that every top module may use itself. */
export const reservedPortNames = [
  CLOCK,
  RESET,
  VALID_IN,
  VALID_OUT,
  'LATENCY',
  'II',
  'MODEL_SHA256',
  'CONFIG_SHA256',
  'TRIGC_VERSION',
];

/** Where an element of a port lies on the wire. */
export interface PortElement {
  /** Verilog port that carries it. */
  readonly port: string;
  readonly low: number;
  readonly type: FixedPointType;
}

export interface RtlPortMap {
  /** Graph tensor name. */
  readonly name: string;
  readonly elements: readonly PortElement[];
}

/** A signal inside the hierarchy that holds a result of an instance. */
export interface ObservedSignal {
  readonly reference: ValueReference;
  /** `u_layer.gemm_12`: hierarchical below the top module. */
  readonly path: string;
  readonly width: number;
  readonly signed: boolean;
  /** Cycles after its input in which the value stands there. */
  readonly cycle: number;
}

export interface DesignModules {
  /** The top module first. */
  readonly modules: readonly RtlModule[];
  readonly inputs: readonly RtlPortMap[];
  readonly outputs: readonly RtlPortMap[];
  readonly observed: readonly ObservedSignal[];
  /** Foreign names of ports and kernels, and the identifiers that stand for them. */
  readonly names: readonly (readonly [original: string, identifier: string])[];
}

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
  return new TopModule(design, names, comments, parameters).run();
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
  private readonly identifiers: (readonly [string, string])[] = [];
  private readonly ports: RtlPort[] = [];
  private readonly head: RtlItem[] = [];
  private readonly body: RtlItem[] = [];

  public constructor(
    private readonly design: Design,
    private readonly names: NameTable,
    private readonly comments: readonly string[],
    private readonly parameters: readonly RtlParameter[],
  ) {}

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
        ...this.widthParameters([...inputs, ...outputs]),
        ...this.parameters,
      ],
      ...(latency > 0 || valid ? { clock: CLOCK } : {}),
      ports: this.ports,
      items: [...this.head, ...this.registers(), ...this.body],
    };
    return {
      modules: [top, ...this.modules.values()],
      inputs,
      outputs,
      observed: this.observed,
      names: this.identifiers,
    };
  }

  private validPorts(latency: number): void {
    const bit = { width: 1, signed: false };
    this.ports.push({ name: RESET, direction: 'input', ...bit });
    this.ports.push({ name: VALID_IN, direction: 'input', ...bit });
    this.ports.push({ name: VALID_OUT, direction: 'output', ...bit });
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
    return this.design.program.inputs.map((input) => {
      const layout = this.layOut(input.name, input.types, 'input');
      layout.elements.forEach(({ port, low, type }, index) => {
        const signal = { name: `w_${layout.stem}_e${index}`, width: type.width, signed: type.signed };
        const value: RtlExpression = {
          kind: 'bits',
          name: port,
          high: low + type.width - 1,
          low,
          width: type.width,
          signed: type.signed,
        };
        this.head.push({ kind: 'wire', signal, value });
        this.define({ instance: PROGRAM_INPUT, index: flat++ }, signal, 0, codeRange(type));
      });
      return { name: input.name, elements: layout.elements };
    });
  }

  private outputPorts(latency: number): RtlPortMap[] {
    return this.design.program.outputs.map((output) => {
      const layout = this.layOut(output.name, output.types, 'output');
      const parts = output.elements.map((reference, index) => {
        const type = output.types[index];
        invariant(type !== undefined, 'an output element has a type');
        return resize(this.read(reference, latency), type.width);
      });
      if (this.design.interface.ports === 'elements') {
        layout.elements.forEach(({ port }, index) => {
          const value = parts[index];
          if (value !== undefined) this.body.push({ kind: 'assign', target: port, value });
        });
      } else {
        // Element 0 lies in the least significant bits, so it is the last part. Each part needs its exact width there.
        const wires = parts.map((value, index) => {
          const signal = { name: `w_${layout.stem}_e${index}`, width: value.width, signed: value.signed };
          this.body.push({ kind: 'wire', signal, value });
          return signalOf(signal);
        });
        const width = wires.reduce((sum, wire) => sum + wire.width, 0);
        const value: RtlExpression = { kind: 'concat', parts: wires.reverse(), width, signed: false };
        this.body.push({ kind: 'assign', target: layout.port, value });
      }
      return { name: output.name, elements: layout.elements };
    });
  }

  /** Ports for a tensor: one packed port, element 0 lowest and without padding, or one port per element. */
  private layOut(
    name: string,
    types: readonly FixedPointType[],
    direction: 'input' | 'output',
  ): { port: string; stem: string; elements: PortElement[] } {
    // Wires begin with w_ and instances with u_, ports with neither: a foreign name cannot meet one of ours.
    const own = /^[uw]_/iu.test(name) ? `port_${name}` : name;
    const port = this.names.fresh(own);
    this.identifiers.push([name, port]);
    const elements: PortElement[] = [];
    let low = 0;
    const packed = this.design.interface.ports === 'packed';
    types.forEach((type, index) => {
      if (packed) {
        elements.push({ port, low, type });
        low += type.width;
        return;
      }
      const single = this.names.fresh(`${own}_${index}`);
      this.ports.push({ name: single, direction, width: type.width, signed: false, comment: printType(type) });
      elements.push({ port: single, low: 0, type });
    });
    if (packed) {
      const [first] = types;
      const uniform = first !== undefined && types.every((type) => printType(type) === printType(first));
      const comment = uniform ? `${types.length} x ${printType(first)}` : `${types.length} elements`;
      this.ports.push({ name: port, direction, width: low, signed: false, comment });
    }
    return { port, stem: port, elements };
  }

  private widthParameters(ports: readonly RtlPortMap[]): RtlParameter[] {
    return ports.map((port) => ({
      name: this.names.fresh(`WIDTH_${(port.elements[0]?.port ?? port.name).toUpperCase()}`),
      value:
        this.design.interface.ports === 'packed'
          ? port.elements.reduce((sum, e) => sum + e.type.width, 0)
          : (port.elements[0]?.type.width ?? 0),
    }));
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
      if (kernel.name !== '') this.identifiers.push([kernel.name, name]);
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
